//! The one string type of the model.
//!
//! In: any text. Out: NFC without control characters, in one line or in paragraphs. The promise is
//! made here and never checked again. Must not know where the text came from.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::lanes;

/// Text in Unicode NFC that holds no control characters, no invisible direction overrides, and no
/// runs of white space. [`Text::line`] holds no line break; [`Text::block`] holds `\n` within and
/// `\n\n` between paragraphs.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// One line: every run of white space (no-break space and line breaks included) becomes one
    /// blank; ends are trimmed.
    pub fn line(raw: &str) -> Self {
        if is_clean_line(raw) {
            return Self(raw.to_owned());
        }
        let mut out = String::with_capacity(raw.len());
        push_line(&mut out, raw);
        Self(nfc(out))
    }

    /// Paragraphs: lines are cleaned as in [`Text::line`], one blank line at most stands between
    /// two of them, and ends are trimmed.
    pub fn block(raw: &str) -> Self {
        if is_clean_block(raw) {
            return Self(raw.to_owned());
        }
        Self::clean_block(raw)
    }

    fn clean_block(raw: &str) -> Self {
        let mut out = String::with_capacity(raw.len());
        let mut blank = false;
        let add = |line: &str| {
            let before = out.len();
            if before > 0 {
                out.push_str(if blank { "\n\n" } else { "\n" });
            }
            let start = out.len();
            push_line(&mut out, line);
            if out.len() == start {
                out.truncate(before);
                blank = before > 0;
            } else {
                blank = false;
            }
        };
        if raw.is_ascii() {
            raw.split('\n').for_each(add);
        } else {
            raw.split(['\n', '\u{85}', '\u{2028}', '\u{2029}'])
                .for_each(add);
        }
        Self(nfc(out))
    }

    /// As [`Text::line`], or `None` where nothing visible is left.
    pub fn some_line(raw: &str) -> Option<Self> {
        Some(Self::line(raw)).filter(|text| !text.is_empty())
    }

    /// How many bytes at the beginning of `raw` are clean: printable ASCII with single inner blanks.
    pub fn clean(raw: &str) -> usize {
        const BLANK: u8 = b' ';
        let is_graphic = |byte: u8| byte.wrapping_sub(BLANK + 1) < 0x7f - BLANK - 1;
        // Where it goes on otherwise; behind the last byte stands a blank, to find one at the end.
        let ends = |byte, next| !is_graphic(byte) & ((byte != BLANK) | !is_graphic(next));
        match raw.as_bytes() {
            // Of other scripts every character begins anew.
            [first, ..] if is_graphic(*first) => {
                lanes::first(raw.as_bytes(), BLANK, ends).unwrap_or(raw.len())
            }
            _ => 0,
        }
    }

    /// Cuts it to so many bytes, between characters; true where something went.
    pub fn shorten(&mut self, bytes: usize) -> bool {
        if self.0.len() <= bytes {
            return false;
        }
        self.0.truncate(self.0.floor_char_boundary(bytes));
        self.0.truncate(self.0.trim_end().len());
        true
    }

    /// The text as a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// True where `raw` already is what [`Text::line`] would make of it. Most names and rows are, and need no second look.
fn is_clean_line(raw: &str) -> bool {
    Text::clean(raw) == raw.len()
}

/// True where `raw` already is what [`Text::block`] would make of it: clean lines, with an empty one at
/// most between two of them and none at the ends.
fn is_clean_block(raw: &str) -> bool {
    let mut before = "";
    let mut clean = |line| {
        let before = std::mem::replace(&mut before, line);
        !(line.is_empty() && before.is_empty()) && is_clean_line(line)
    };
    raw.is_empty() || !raw.ends_with('\n') && raw.split('\n').all(&mut clean)
}

/// Appends `raw` with white space folded and invisible characters dropped.
fn push_line(out: &mut String, raw: &str) {
    let start = out.len();
    let mut gap = false;
    let mut rest = raw;
    loop {
        // What is clean goes over as it is.
        let word = Text::clean(rest);
        if word > 0 {
            if gap {
                out.push(' ');
                gap = false;
            }
            out.push_str(&rest[..word]);
        }
        let mut chars = rest[word..].chars();
        let Some(c) = chars.next() else { return };
        rest = chars.as_str();
        if c.is_whitespace() || c == '\u{180e}' {
            gap = out.len() > start;
        } else if is_hidden(c) || is_joiner(c) && (gap || !out[start..].ends_with(takes_joiner)) {
            continue;
        } else {
            if gap {
                out.push(' ');
                gap = false;
            }
            out.push(c);
        }
    }
}

/// Characters that carry no text and can lie to a reader or a terminal: C0 and C1 controls, line breaks among them,
/// zero-width space, soft hyphen, byte-order mark, fillers, direction marks, embeddings, overrides and isolates, tags.
/// The joiners U+200C and U+200D are not among them: see [`is_joiner`].
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// Zero-width joiner and non-joiner. Persian, Indic scripts and emoji need them; behind any other character they
/// only hide.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Letters that join, and emoji with what modifies them.
fn takes_joiner(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{10ff}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1cff}' | '\u{2190}'..='\u{2bff}'
        | '\u{a840}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe0f}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}' | '\u{1f000}'..='\u{1faff}')
}

/// What hides in a text, with its place in bytes: all that no [`Text`] holds.
pub fn hidden(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.as_bytes().get(from..)?;
            // Most of a text is plain, and is passed over many bytes at a time.
            let odd = |byte: u8, _| !(b' '..=b'~').contains(&byte);
            let at = from + lanes::first(rest, b' ', odd)?;
            let c = text.get(at..)?.chars().next()?;
            from = at + c.len_utf8();
            let before = || text.get(..at).and_then(|before| before.chars().next_back());
            if is_hidden(c) || is_joiner(c) && !takes_joiner(before().unwrap_or('\0')) {
                return Some((at, c));
            }
        }
    })
}

/// Text with what hides in it written out (`\u{202e}`, `\n`): for whatever is shown and is no [`Text`], as names of
/// files and what a program was given. It is one line.
pub fn written_out(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for (at, c) in hidden(text) {
        out.push_str(&text[from..at]);
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c => out.extend(c.escape_unicode()),
        }
        from = at + c.len_utf8();
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// A [`Text`] that lies in memory of another, as in a stored post: made only of what was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextRef<'a>(&'a str);

/// From bytes, as the stored form has no other strings; that they are UTF-8 is seen many at a time, in a fifth of the time.
impl<'de: 'a, 'a> Deserialize<'de> for TextRef<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Deserialize::deserialize(deserializer)?;
        let text = simdutf8::basic::from_utf8(bytes);
        text.map(Self).map_err(D::Error::custom)
    }
}

impl Deref for TextRef<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        self.0
    }
}

impl From<TextRef<'_>> for Text {
    fn from(text: TextRef<'_>) -> Self {
        Self(text.0.to_owned())
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_single_blanks_and_nothing_hidden() {
        for (raw, clean) in [
            ("Rocky\u{a0}IV", "Rocky IV"),
            ("  a \t\r\n b ", "a b"),
            ("\u{1b}[31mred\u{202e}", "[31mred"),
            ("a\u{200d}b\u{200c} \u{200d}c", "ab c"),
            ("\u{200d}", ""),
            ("\u{1f469}\u{200d}\u{1f680}", "\u{1f469}\u{200d}\u{1f680}"),
            ("می\u{200c}خواهم\u{200c}\u{200c}", "می\u{200c}خواهم\u{200c}"),
            ("x\u{3164}\u{34f}\u{e0041}", "x"),
            ("e\u{301}", "é"),
            ("", ""),
            ("MØ", "MØ"),
        ] {
            assert_eq!(Text::line(raw).as_str(), clean, "{raw:?}");
        }
    }

    #[test]
    fn what_hides_is_written_out() {
        for (raw, shown) in [
            ("plain", "plain"),
            ("a\nb\t\u{1b}[2J\u{9b}", "a\\nb\\t\\u{1b}[2J\\u{9b}"),
            ("txt\u{202e}gnp\u{200b}", "txt\\u{202e}gnp\\u{200b}"),
            ("a\u{200d}b", "a\\u{200d}b"),
            ("\u{1f469}\u{200d}\u{1f680}", "\u{1f469}\u{200d}\u{1f680}"),
        ] {
            assert_eq!(written_out(raw), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_hides_is_found_as_character_by_character(
            text in "([ -~]{0,40}[\u{0}-\u{1f}\u{7f}\u{200c}\u{200d}\u{202e}é東ك\u{1f469}]{0,3}){0,4}",
        ) {
            let mut before = '\0';
            let slowly: Vec<_> = text.char_indices().filter(|(_, c)| {
                let before = std::mem::replace(&mut before, *c);
                is_hidden(*c) || is_joiner(*c) && !takes_joiner(before)
            }).collect();
            proptest::prop_assert_eq!(hidden(&text).collect::<Vec<_>>(), slowly);
        }
    }

    #[test]
    fn what_passes_for_clean_is_clean() {
        const LETTERS: [char; 4] = ['a', ' ', '\n', 'é'];
        for code in 0..4_u32.pow(8) {
            // Every string of up to eight of them, also behind what is looked at together.
            let end = (0..code % 9).map(|at| LETTERS[(code >> (2 * at)) as usize % 4]);
            for before in ["", "all that is written before it"] {
                let raw: String = before.chars().chain(end.clone()).collect();
                assert_eq!(Text::block(&raw), Text::clean_block(&raw), "{raw:?}");
            }
        }
    }

    #[test]
    fn a_block_keeps_lines_and_paragraphs() {
        for (raw, clean) in [
            ("a\nb\n\n\n c\n", "a\nb\n\nc"),
            ("\n\na", "a"),
            ("a \u{a0}\n\u{a0}\nb", "a\n\nb"),
            ("a\r\nb\r\n\r\nc", "a\nb\n\nc"),
        ] {
            assert_eq!(Text::block(raw).as_str(), clean, "{raw:?}");
        }
    }
}
