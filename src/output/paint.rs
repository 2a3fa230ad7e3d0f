//! Colours, marks, links and widths of a terminal.
//!
//! In: text with marks. Out: text with escape sequences, where the screen wants them, and lines that fit.
//! Every string that reaches a terminal passes [`safe`].

use std::borrow::Cow;
use std::iter::Peekable;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::{Mark, hidden, written_out};

/// What the output is shown on.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns; text is wrapped to it.
    pub width: usize,
    pub color: bool,
    /// Titles become OSC-8 links.
    pub links: bool,
}

impl Screen {
    /// A file or a pipe: no colours, no links, no wrapping.
    pub const PLAIN: Self = Self {
        width: usize::MAX,
        color: false,
        links: false,
    };

    pub(super) fn bold(&self, text: &str) -> String {
        self.wrap_in("\x1b[1m", text)
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.wrap_in("\x1b[2m", text)
    }

    pub(super) fn lead(&self, text: &str) -> String {
        self.wrap_in("\x1b[35m", text)
    }

    fn wrap_in(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{code}{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// A text that leads to `url` when clicked. Only web addresses become links.
    pub(super) fn link(&self, text: &str, url: Option<&str>) -> String {
        match url {
            Some(url)
                if self.links
                    && (url.starts_with("http://") || url.starts_with("https://"))
                    && url.bytes().all(|b| (0x21..0x7f).contains(&b)) =>
            {
                // A link ends with its line, as styles do.
                let lines = text.split('\n').map(|line| {
                    let inner = line.trim_start_matches(' ');
                    let (pad, _) = line.split_at(line.len() - inner.len());
                    format!("{pad}\x1b]8;;{url}\x1b\\{inner}\x1b]8;;\x1b\\")
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            _ => text.to_owned(),
        }
    }

    /// Wraps `text` into lines that fit behind `indent` blanks, with its marks shown: in colour, or
    /// between asterisks where there is none. `base` is the style code of what is not marked.
    pub(super) fn paragraph(
        &self,
        text: &str,
        marks: &[Mark],
        indent: usize,
        base: &str,
    ) -> String {
        let marked = self.marked(text, marks, base);
        let room = self.width.saturating_sub(indent).max(20);
        // No character takes more columns than bytes.
        if !self.color && marked.len() <= room {
            return marked.trim_start_matches(' ').to_owned();
        }
        let mut lines = Lines {
            out: String::with_capacity(marked.len() + 32),
            pad: " ".repeat(indent),
            used: 0,
            style: String::new(),
        };
        for word in marked.split(' ') {
            let wide = width(word);
            if wide > room && word.chars().any(is_wide) {
                // A script that has no blanks is broken where the line is full; an address stays whole, so
                // that it can be copied.
                if lines.used + 1 < room {
                    lines.blank();
                } else {
                    lines.end();
                }
                for piece in pieces(word) {
                    let wide = width(piece);
                    if lines.used + wide > room {
                        lines.end();
                    }
                    lines.push(piece, wide);
                }
                continue;
            }
            if lines.used > 0 && lines.used + 1 + wide > room {
                lines.end();
            } else {
                lines.blank();
            }
            lines.push(word, wide);
        }
        lines.out
    }

    /// `text` in one line with its marks shown.
    pub(super) fn marked(&self, text: &str, marks: &[Mark], base: &str) -> String {
        let (open, close) = if self.color {
            ("\x1b[1;31m", "\x1b[0m")
        } else {
            ("*", "*")
        };
        let (start, end) = if self.color && !base.is_empty() {
            (base, "\x1b[0m")
        } else {
            ("", "")
        };
        let mut out = String::with_capacity(text.len() + 32);
        out.push_str(start);
        let mut chars = text.chars();
        let mut before = 0;
        // Where in the text a character stands; marks come in order.
        let mut place = |at: u32| {
            if let Some(ahead) = (at - before).checked_sub(1) {
                chars.nth(ahead as usize);
            }
            before = at;
            text.len() - chars.as_str().len()
        };
        let mut shown = Shown {
            text,
            hidden: hidden(text).peekable(),
            done: 0,
        };
        for (from, to) in join(text, marks) {
            let (from, to) = (place(from), place(to));
            if from == text.len() {
                break;
            }
            shown.until(from, &mut out);
            out.push_str(open);
            shown.until(to, &mut out);
            out.push_str(close);
            if to < text.len() {
                out.push_str(start);
            }
        }
        shown.until(text.len(), &mut out);
        out.push_str(end);
        out
    }
}

/// A text while it is copied without what hides in it.
struct Shown<'t, I: Iterator<Item = (usize, char)>> {
    text: &'t str,
    hidden: Peekable<I>,
    done: usize,
}

impl<I: Iterator<Item = (usize, char)>> Shown<'_, I> {
    /// Appends what comes before `end`.
    fn until(&mut self, end: usize, out: &mut String) {
        while let Some((at, c)) = self.hidden.next_if(|(at, _)| *at < end) {
            out.push_str(self.text.get(self.done..at).unwrap_or_default());
            self.done = at + c.len_utf8();
        }
        out.push_str(self.text.get(self.done..end).unwrap_or_default());
        self.done = end;
    }
}

/// A paragraph while it is filled. Styles end with a line and begin again on the next: pagers show each line
/// by itself.
struct Lines {
    out: String,
    pad: String,
    /// Columns of the last line behind the pad.
    used: usize,
    /// The escape sequence that holds, if any.
    style: String,
}

impl Lines {
    fn push(&mut self, text: &str, wide: usize) {
        self.out.push_str(text);
        self.used += wide;
        if let Some(at) = text.rfind('\x1b') {
            let code = &text[at..];
            let code = &code[..code.find('m').map_or(code.len(), |end| end + 1)];
            if code == "\x1b[0m" {
                self.style.clear();
            } else {
                code.clone_into(&mut self.style);
            }
        }
    }

    /// Parts two words of a line.
    fn blank(&mut self) {
        if self.used > 0 {
            self.out.push(' ');
            self.used += 1;
        }
    }

    fn end(&mut self) {
        if !self.style.is_empty() {
            self.out.push_str("\x1b[0m");
        }
        self.out.push('\n');
        self.out.push_str(&self.pad);
        self.out.push_str(&self.style);
        self.used = 0;
    }
}

/// True for what takes two columns.
fn is_wide(c: char) -> bool {
    UnicodeWidthChar::width(c) == Some(2)
}

/// A text as escape sequences and graphemes.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = if rest.starts_with('\x1b') {
            rest.find('m').map_or(rest.len(), |at| at + 1)
        } else {
            rest.graphemes(true).next().map_or(rest.len(), str::len)
        };
        let (piece, behind) = rest.split_at(end);
        out.push(piece);
        rest = behind;
    }
    out
}

/// Marks with only a blank between them become one.
fn join(text: &str, marks: &[Mark]) -> Vec<Mark> {
    let mut sorted: Vec<Mark> = marks.iter().copied().filter(|m| m.0 < m.1).collect();
    sorted.sort_unstable();
    let mut chars: Option<Vec<char>> = None;
    let mut out: Vec<Mark> = Vec::new();
    for mark in sorted {
        if let Some(last) = out.last_mut() {
            let blank = last.1.checked_add(1) == Some(mark.0)
                && chars
                    .get_or_insert_with(|| text.chars().collect())
                    .get(last.1 as usize)
                    .is_some_and(|gap| *gap == ' ');
            if mark.0 <= last.1 || blank {
                last.1 = last.1.max(mark.1);
                continue;
            }
        }
        out.push(mark);
    }
    out
}

/// Columns that a text takes, escape sequences left out.
pub(super) fn width(text: &str) -> usize {
    if !text.contains('\x1b') {
        return text.width();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() || c == '\\' {
                    break;
                }
            }
        } else {
            plain.push(c);
        }
    }
    plain.width()
}

/// Cuts a text to `columns`, between graphemes, with an ellipsis where something went.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > columns {
            break;
        }
        out.push_str(grapheme);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    Cow::Owned(out)
}

/// A text in one line, with what a terminal would obey or be fooled by written out: escape and other control
/// characters, direction overrides, what has no width. Strings of the model hold none; file names and errors may.
pub fn safe(text: &str) -> Cow<'_, str> {
    written_out(text)
}

/// As [`safe`], for text of several lines: its line breaks stay.
pub(super) fn safe_lines(text: &str) -> Cow<'_, str> {
    if hidden(text).all(|(_, c)| c == '\n') {
        return Cow::Borrowed(text);
    }
    let lines: Vec<_> = text.split('\n').map(written_out).collect();
    Cow::Owned(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_shown_and_joined() {
        let screen = Screen::PLAIN;
        assert_eq!(
            screen.marked("by Robert Tepper.", &[(3, 9), (10, 16)], ""),
            "by *Robert Tepper*."
        );
        assert_eq!(screen.marked("Tepper", &[(0, 6)], ""), "*Tepper*");
        assert_eq!(screen.marked("MØ x", &[(0, 2)], ""), "*MØ* x");
    }

    #[test]
    fn text_without_blanks_is_broken_where_the_line_is_full() {
        let screen = Screen {
            width: 24,
            ..Screen::PLAIN
        };
        assert_eq!(
            screen.paragraph("東京の夜に流れるカセットテープの音", &[(3, 4)], 2, ""),
            "東京の*夜*に流れるカセ\n  ットテープの音"
        );
        let colored = Screen {
            color: true,
            ..screen
        };
        assert_eq!(
            colored.paragraph("see 東京の夜に流れるカセットテープ", &[(7, 8)], 2, ""),
            "see 東京の\x1b[1;31m夜\x1b[0mに流れるカ\n  セットテープ"
        );
    }

    #[test]
    fn styles_and_links_end_with_their_line() {
        let screen = Screen {
            width: 22,
            color: true,
            links: true,
        };
        let title = screen.paragraph(
            "Nobody has heard Robert Tepper live",
            &[(17, 30)],
            2,
            "\x1b[1m",
        );
        assert_eq!(
            title,
            "\x1b[1mNobody has heard\x1b[0m\n  \x1b[1m\x1b[1;31mRobert Tepper\x1b[0m\x1b[1m live\x1b[0m"
        );
        assert_eq!(
            screen.link("a\n  b", Some("https://x.example/")),
            "\x1b]8;;https://x.example/\x1b\\a\x1b]8;;\x1b\\\n  \x1b]8;;https://x.example/\x1b\\b\x1b]8;;\x1b\\"
        );
    }

    #[test]
    fn wide_text_is_cut_between_graphemes() {
        assert_eq!(cut("日本語テスト", 7), "日本語…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(width("\x1b[1mab\x1b[0m"), 2);
    }

    /// What [`Screen::marked`] says, told slowly.
    fn by_character(color: bool, text: &str, marks: &[Mark]) -> String {
        let (start, open, close) = match color {
            true => ("\x1b[1m", "\x1b[1;31m", "\x1b[0m"),
            false => ("", "*", "*"),
        };
        let hides: Vec<usize> = hidden(text).map(|(at, _)| at).collect();
        let marks = join(text, marks);
        let mut out = start.to_owned();
        let mut inside = None;
        for (at, (byte, c)) in (0u32..).zip(text.char_indices()) {
            if inside == Some(at) {
                inside = None;
                out = out + close + start;
            }
            if let Some(mark) = marks.iter().find(|mark| mark.0 == at) {
                inside = Some(mark.1);
                out += open;
            }
            if !hides.contains(&byte) {
                out.push(c);
            }
        }
        if inside.is_some() {
            out += close;
        }
        out + if color { "\x1b[0m" } else { "" }
    }

    proptest::proptest! {
        #[test]
        fn text_is_painted_as_character_by_character(
            text in "([ -~]{0,8}[éß東\u{1f469}\u{200d}\u{202e}\u{7}ك]{0,2}){0,4}",
            marks in proptest::collection::vec((0u32..40, 0u32..40), 0..5),
            color in proptest::bool::ANY,
        ) {
            let screen = Screen { color, ..Screen::PLAIN };
            proptest::prop_assert_eq!(screen.marked(&text, &marks, "\x1b[1m"), by_character(color, &text, &marks));
        }

        #[test]
        fn short_text_is_one_line(
            text in "[ -~]{0,18}",
            marks in proptest::collection::vec((0u32..18, 0u32..18), 0..5),
            color in proptest::bool::ANY,
            width in 20usize..60,
        ) {
            let screen = Screen { width, color, links: false };
            let wide = Screen { width: usize::MAX, ..screen };
            let one_line = wide.paragraph(&text, &marks, 2, "");
            if one_line.len() <= 18 {
                proptest::prop_assert_eq!(screen.paragraph(&text, &marks, 2, ""), one_line);
            }
        }
    }
}
