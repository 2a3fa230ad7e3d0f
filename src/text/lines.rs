//! Lines with hints: the one form in which text captures, pages, Markdown and exports are read.
//!
//! In: a page subtree, or plain text. Out: the lines a reader would see, each with what the markup says
//! about it. Must not know what a track or a comment is.

use super::page::{NodeId, Page};
use crate::model::Text;

/// One visible line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Trimmed, white space folded (except in `pre` and plain text, where inner runs are kept).
    /// Empty lines occur in plain text only.
    pub text: String,
    /// 1-based: the line of the source for plain text, the ordinal of the line for pages.
    pub number: u32,
    pub hints: Hints,
    /// The block element that holds the line; `None` in plain text.
    pub node: Option<NodeId>,
}

/// What the markup around a line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// Ordinal of the block the line stands in: lines of one paragraph share it.
    pub block: u32,
    /// Set for every line within a list item; `first` on the item's first line.
    pub item: Option<Item>,
    /// Set for a table cell: one line per cell line.
    pub cell: Option<Cell>,
    /// 1..=6 within `h1`–`h6`; 0 elsewhere.
    pub heading: u8,
    /// Within a block quotation.
    pub quote: bool,
    /// Within `pre`.
    pub pre: bool,
    /// Within `figcaption`, `caption`, or a block whose class says caption.
    pub caption: bool,
    /// The line ended with `<br>` rather than with its block.
    pub br: bool,
    /// Blank lines before it (plain text), 0 on pages.
    pub blanks: u8,
    /// Leading white space in columns (plain text).
    pub indent: u16,
    /// Byte ranges of `text` that are bold, italic or linked.
    pub spans: Vec<Span>,
}

impl Hints {
    /// True where bold covers every letter of the line.
    pub fn all_bold(&self, text: &str) -> bool {
        covers(&self.spans, text, |s| s.bold)
    }

    /// The target of the first link in the line.
    pub fn link(&self) -> Option<&str> {
        self.spans.iter().find_map(|s| s.href.as_deref())
    }
}

fn covers(spans: &[Span], text: &str, want: impl Fn(&Span) -> bool) -> bool {
    let mut any = false;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            if !spans.iter().any(|s| want(s) && s.start <= at && at < s.end) {
                return false;
            }
            any = true;
        }
    }
    any
}

/// A stretch of a line with inline markup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// Byte offsets into the line's text.
    pub start: usize,
    pub end: usize,
    pub bold: bool,
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// Link target.
    pub href: Option<String>,
}

/// Where a line stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Ordinal of the list in the document.
    pub list: u32,
    /// 1-based, or from the `start` and `value` attributes.
    pub ordinal: u32,
    pub ordered: bool,
    /// 1 for an outermost list.
    pub depth: u8,
    /// The item's first line.
    pub first: bool,
}

/// Where a line stands in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Ordinal of the table in the document.
    pub table: u32,
    /// 0-based.
    pub row: u32,
    /// 0-based, spans counted.
    pub column: u32,
    /// In `th` or `thead`.
    pub header: bool,
}

/// Lines of a document that are read. No post has so many; a file that was made to take all memory does.
pub const MOST_LINES: usize = 50_000;

/// The lines of plain text: every line of the source, empty ones included; one more than [`MOST_LINES`] at most.
pub fn of_text(text: &str) -> Vec<Line> {
    let mut blanks = 0u8;
    let mut block = 0;
    let mut out = Vec::new();
    for (index, raw) in text.lines().take(MOST_LINES + 1).enumerate() {
        let mut indent = 0u16;
        for c in raw.chars() {
            match c {
                '\t' => indent = indent.saturating_add(8 - indent % 8),
                c if c.is_whitespace() => indent = indent.saturating_add(1),
                _ => break,
            }
        }
        let trimmed = raw.trim();
        let hints = Hints {
            block,
            blanks,
            indent,
            ..Hints::default()
        };
        if trimmed.is_empty() {
            blanks = blanks.saturating_add(1);
            block += u32::from(blanks == 1);
        } else {
            blanks = 0;
        }
        // Patterns are written with plain blanks; saved pages hold no-break ones.
        let text = match trimmed.is_ascii() {
            true => trimmed.to_owned(),
            false => trimmed.replace(['\u{a0}', '\u{202f}', '\u{2007}'], " "),
        };
        out.push(Line {
            text,
            number: index as u32 + 1,
            hints,
            node: None,
        });
    }
    out
}

/// Running text: lines of one block stay together, a blank line stands between blocks.
pub fn joined<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Text {
    let mut out = String::new();
    let mut block = None;
    for line in lines {
        if line.text.is_empty() {
            continue;
        }
        if let Some(previous) = block.replace(line.hints.block) {
            let apart = previous != line.hints.block;
            out.push_str(if apart { "\n\n" } else { "\n" });
        }
        out.push_str(&line.text);
    }
    Text::block(&out)
}

/// The lines below `top`, without the subtrees that `skip` accepts. Scripts, styles, forms' controls
/// and hidden elements never give lines. A table row gives one line per cell.
pub fn of_page(page: &Page, top: NodeId, skip: &dyn Fn(NodeId) -> bool) -> Vec<Line> {
    let mut walk = Walk {
        page,
        skip,
        out: Vec::new(),
        text: String::new(),
        spans: Vec::new(),
        inline: Inline::default(),
        state: Hints::default(),
        blocks: 0,
        lists: 0,
        tables: 0,
        fresh_item: false,
        block_node: top,
        gap: false,
    };
    walk.children(top, 0);
    walk.end_line(false);
    walk.out
}

#[derive(Clone, Default)]
struct Inline {
    bold: bool,
    italic: bool,
    strike: bool,
    href: Option<String>,
}

struct Walk<'a> {
    page: &'a Page,
    skip: &'a dyn Fn(NodeId) -> bool,
    out: Vec<Line>,
    text: String,
    spans: Vec<Span>,
    inline: Inline,
    state: Hints,
    blocks: u32,
    lists: u32,
    tables: u32,
    fresh_item: bool,
    block_node: NodeId,
    gap: bool,
}

/// Deeper elements are read as if they were at this depth: the walk is recursive, and no page that a
/// person wrote nests deeper.
const DEEPEST: usize = 400;

impl Walk<'_> {
    fn children(&mut self, node: NodeId, depth: usize) {
        let mut at = self.page.first_child(node);
        while let Some(child) = at {
            self.node(child, depth + 1);
            at = self.page.next_sibling(child);
        }
    }

    fn node(&mut self, node: NodeId, depth: usize) {
        let page = self.page;
        if let Some(text) = page.text_of(node) {
            self.push_text(text);
            return;
        }
        if !page.is_element(node) || (self.skip)(node) || is_invisible(page, node) {
            return;
        }
        if depth > DEEPEST {
            let text = page.text(node);
            self.push_text(&text);
            return;
        }
        let tag = page.tag(node);
        match tag {
            "br" => self.end_line(true),
            "hr" => self.end_line(false),
            "audio" | "embed" => self.player(node, depth),
            "img" | "input" | "select" | "button" | "textarea" | "option" => {}
            "b" | "strong" => self.inline(node, depth, |i| i.bold = true),
            "i" | "em" | "cite" => self.inline(node, depth, |i| i.italic = true),
            "s" | "del" | "strike" => self.inline(node, depth, |i| i.strike = true),
            "a" => {
                let href = page.attr(node, "href").map(str::to_owned);
                self.inline(node, depth, |i| i.href = href);
            }
            "table" => {
                self.tables += 1;
                self.table(node, depth);
            }
            _ if is_block(tag) => self.block(node, tag, depth),
            _ => self.children(node, depth),
        }
    }

    /// A player behind a text is to that text what a link on its last letter is: it says what is played. A
    /// blog that lists its songs as lines with players has no other links.
    fn player(&mut self, node: NodeId, depth: usize) {
        let page = self.page;
        let source = page.attr(node, "src").or_else(|| {
            let source = page.children(node).find(|n| page.tag(*n) == "source")?;
            page.attr(source, "src")
        });
        // What stands within is for browsers that cannot play.
        let Some(source) = source else {
            if page.tag(node) == "audio" {
                self.block(node, "audio", depth);
            }
            return;
        };
        let here = !self.text.trim().is_empty();
        let (end, spans) = match self.out.last_mut() {
            _ if here => (self.text.len(), &mut self.spans),
            Some(line) => (line.text.len(), &mut line.hints.spans),
            None => return,
        };
        let linked = spans.iter().any(|s| s.href.is_some());
        if !linked {
            spans.push(Span {
                start: end,
                end,
                href: Some(source.to_owned()),
                ..Span::default()
            });
        }
    }

    fn inline(&mut self, node: NodeId, depth: usize, set: impl FnOnce(&mut Inline)) {
        let saved = self.inline.clone();
        set(&mut self.inline);
        self.children(node, depth);
        self.inline = saved;
    }

    fn block(&mut self, node: NodeId, tag: &str, depth: usize) {
        self.end_line(false);
        let saved = self.state.clone();
        let saved_node = std::mem::replace(&mut self.block_node, node);
        self.blocks += 1;
        self.state.block = self.blocks;
        match tag {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.state.heading = tag.as_bytes()[1] - b'0'
            }
            "blockquote" => self.state.quote = true,
            "pre" => self.state.pre = true,
            "figcaption" => self.state.caption = true,
            "ul" | "ol" => {
                self.list(node, tag == "ol", depth);
                self.end_line(false);
                self.state = saved;
                self.block_node = saved_node;
                return;
            }
            _ => {}
        }
        if self.page.classes(node).any(|c| c.contains("caption")) {
            self.state.caption = true;
        }
        self.children(node, depth);
        self.end_line(false);
        self.state = saved;
        self.block_node = saved_node;
        // Text that follows a block inside the same parent is a paragraph of its own.
        self.blocks += 1;
        self.state.block = self.blocks;
    }

    fn list(&mut self, node: NodeId, ordered: bool, depth: usize) {
        self.lists += 1;
        let list = self.lists;
        let nesting = self.state.item.map_or(1, |i| i.depth.saturating_add(1));
        let mut ordinal = number(self.page.attr(node, "start")).unwrap_or(1);
        let mut at = self.page.first_child(node);
        while let Some(child) = at {
            at = self.page.next_sibling(child);
            if self.page.tag(child) != "li" {
                self.node(child, depth + 1);
                continue;
            }
            if (self.skip)(child) || is_invisible(self.page, child) {
                continue;
            }
            ordinal = number(self.page.attr(child, "value")).unwrap_or(ordinal);
            self.end_line(false);
            let saved = self.state.clone();
            let saved_node = std::mem::replace(&mut self.block_node, child);
            self.blocks += 1;
            self.state.block = self.blocks;
            self.state.item = Some(Item {
                list,
                ordinal,
                ordered,
                depth: nesting,
                first: true,
            });
            self.fresh_item = true;
            self.children(child, depth + 1);
            self.end_line(false);
            self.state = saved;
            self.block_node = saved_node;
            ordinal = ordinal.saturating_add(1);
        }
    }

    fn table(&mut self, node: NodeId, depth: usize) {
        self.end_line(false);
        let table = self.tables;
        let saved = self.state.clone();
        let mut row = 0;
        // A table inside a cell is walked by its own call: rows are those of this table only.
        let mut at = self.page.first_child(node);
        while let Some(n) = at {
            match self.page.tag(n) {
                "thead" | "tbody" | "tfoot" if !(self.skip)(n) => {
                    at = self
                        .page
                        .first_child(n)
                        .or_else(|| self.page.after(n, node));
                    continue;
                }
                "tr" if !(self.skip)(n) && !is_invisible(self.page, n) => {
                    self.row(n, table, row, depth);
                    row += 1;
                }
                "" => {}
                _ => {
                    self.node(n, depth + 1);
                    self.end_line(false);
                }
            }
            at = self.page.after(n, node);
        }
        self.state = saved;
        self.blocks += 1;
        self.state.block = self.blocks;
    }

    fn row(&mut self, tr: NodeId, table: u32, row: u32, depth: usize) {
        let in_head = self
            .page
            .parent(tr)
            .is_some_and(|p| self.page.tag(p) == "thead");
        self.blocks += 1;
        let mut column = 0;
        let cells: Vec<NodeId> = self.page.children(tr).collect();
        for cell in cells {
            let tag = self.page.tag(cell);
            if !matches!(tag, "td" | "th") || (self.skip)(cell) || is_invisible(self.page, cell) {
                continue;
            }
            self.end_line(false);
            let saved = self.state.clone();
            let saved_node = std::mem::replace(&mut self.block_node, cell);
            self.state.block = self.blocks;
            self.state.cell = Some(Cell {
                table,
                row,
                column,
                header: in_head || tag == "th",
            });
            self.children(cell, depth + 2);
            self.end_line(false);
            self.state = saved;
            self.block_node = saved_node;
            column += number(self.page.attr(cell, "colspan"))
                .unwrap_or(1)
                .clamp(1, 100);
        }
    }

    fn push_text(&mut self, raw: &str) {
        if self.state.pre {
            let mut first = true;
            for part in raw.split('\n') {
                if !first {
                    self.end_line(true);
                }
                first = false;
                let start = self.text.len();
                self.text.push_str(part.trim_end_matches('\r'));
                self.mark(start);
            }
            return;
        }
        let mut start = self.text.len();
        let mut rest = raw;
        while !rest.is_empty() {
            // What is clean, most of any text, goes over as it is.
            let mut word = Text::clean(rest);
            if word == 0 {
                let c = rest.chars().next().unwrap_or_default();
                word = c.len_utf8();
                if c.is_whitespace() {
                    self.gap = true;
                    rest = &rest[word..];
                    continue;
                }
            }
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
                if self.text.len() == start + 1 {
                    start += 1;
                }
            }
            self.gap = false;
            self.text.push_str(&rest[..word]);
            rest = &rest[word..];
        }
        self.mark(start);
    }

    /// Records the inline markup of what was pushed since `start`.
    fn mark(&mut self, start: usize) {
        let end = self.text.len();
        let i = &self.inline;
        if end <= start || !(i.bold || i.italic || i.strike || i.href.is_some()) {
            return;
        }
        if let Some(last) = self.spans.last_mut()
            && (last.bold, last.italic, last.strike, &last.href)
                == (i.bold, i.italic, i.strike, &i.href)
            && self.text[last.end..start].trim().is_empty()
        {
            last.end = end;
            return;
        }
        self.spans.push(Span {
            start,
            end,
            bold: i.bold,
            italic: i.italic,
            strike: i.strike,
            href: i.href.clone(),
        });
    }

    fn end_line(&mut self, br: bool) {
        self.gap = false;
        let mut spans = std::mem::take(&mut self.spans);
        let trimmed = self.text.trim_end();
        if trimmed.trim_start().is_empty() {
            self.text.clear();
            if br
                && let Some(last) = self.out.last_mut()
                && last.hints.block == self.state.block
            {
                last.hints.br = true;
            }
            return;
        }
        let cut = if self.state.pre {
            trimmed.len() - trimmed.trim_start().len()
        } else {
            0
        };
        let indent = u16::try_from(cut).unwrap_or(u16::MAX);
        // The buffer stays for the next line: a line costs one string of its own length.
        let text = trimmed[cut..].to_owned();
        self.text.clear();
        for span in &mut spans {
            span.start = span.start.saturating_sub(cut).min(text.len());
            span.end = span.end.saturating_sub(cut).min(text.len());
        }
        let mut hints = self.state.clone();
        if let Some(item) = &mut hints.item {
            item.first = self.fresh_item;
            self.fresh_item = false;
        }
        hints.br = br;
        hints.indent = indent;
        hints.spans = spans;
        self.out.push(Line {
            text,
            number: self.out.len() as u32 + 1,
            hints,
            node: Some(self.block_node),
        });
    }
}

fn number(attr: Option<&str>) -> Option<u32> {
    attr?.trim().parse().ok()
}

/// Elements that start and end a line.
pub fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "ul"
            | "td"
            | "th"
            | "tr"
            | "caption"
            | "iframe"
            | "video"
            | "audio"
    )
}

fn hides(style: &str) -> bool {
    let has = |word: &[u8]| {
        style
            .as_bytes()
            .windows(word.len())
            .any(|w| w.eq_ignore_ascii_case(word))
    };
    if !has(b"none") && !has(b"hidden") {
        return false;
    }
    let style = style.to_ascii_lowercase().replace(' ', "");
    style.contains("display:none") || style.contains("visibility:hidden")
}

/// Elements whose text no reader sees.
pub fn is_invisible(page: &Page, node: NodeId) -> bool {
    match page.tag(node) {
        "script" | "style" | "noscript" | "template" | "head" | "iframe" | "object" | "svg" => true,
        _ => page.attr(node, "hidden").is_some() || page.attr(node, "style").is_some_and(hides),
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, of_page};

    #[test]
    fn blanks_part_words_however_many_and_whichever() {
        const LETTERS: [char; 5] = ['a', ' ', '\t', '\u{a0}', 'é'];
        for code in 0..5_usize.pow(7) {
            // Every string of up to seven of them, behind what is looked at together.
            let end = (0..code % 8).map(|at| LETTERS[code / 5_usize.pow(at as u32) % 5]);
            let raw: String = "all that is written before".chars().chain(end).collect();
            let lines = of_page(&Page::parse(&raw), Page::parse(&raw).root(), &|_| false);
            let words: Vec<&str> = raw.split_whitespace().collect();
            assert_eq!(lines[0].text.as_str(), words.join(" "), "{raw:?}");
        }
    }
}
