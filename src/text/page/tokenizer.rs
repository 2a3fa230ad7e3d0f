//! HTML to tokens, over bytes.
//!
//! In: a page as text. Out: a [`Page`], made by the rules of tree construction from these tokens. Follows the
//! tokenization rules of the HTML standard; text and attribute values are pieces of the page, and attributes that
//! nobody asks for never become values. Must not know what tags mean.

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::arena::{Span, count_lines};
use super::builder::{Builder, Start};
use super::charref;
use super::doctype;
use super::names::{Met, Name, Tag, is};
use super::rules::{Next, Raw};
use super::{LONGEST_VALUE, MAX_BYTES, MAX_DEPTH, Page};

/// Attributes that one element keeps at most: each new one is compared with those before it.
const MAX_ATTRIBUTES: usize = 256;

/// Nodes and attributes that a page may have beyond one a byte; as written, none takes less than two.
const FREE: usize = 1 << 16;

/// Parses a page.
pub(super) fn parse(html: &str) -> Page {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let html = &html[..html.floor_char_boundary(MAX_BYTES)];
    let source = if memchr(b'\r', html.as_bytes()).is_some() {
        html.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        html.to_owned()
    };
    let mut tokenizer = Tokenizer::new(&source);
    tokenizer.run();
    let mut page = tokenizer.tree.arena.finish();
    count_lines(&mut page.elements, source.as_bytes());
    page.source = source;
    page
}

struct Tokenizer<'p> {
    page: &'p str,
    bytes: &'p [u8],
    at: usize,
    tree: Builder<'p>,
    has_null: bool,
    has_reference: bool,
    /// Elements that were closed at once because they stood too deep: their end tags are ignored.
    shut: Vec<Name>,
    /// Formatting elements are ignored: copying them into block after block outgrew the page.
    plain: bool,
    /// Nodes and attributes at which that happens.
    most: usize,
    scratch: String,
}

/// How reading goes on after a tag.
enum Content {
    Markup,
    Raw(Raw, Name),
    Plain,
}

impl<'p> Tokenizer<'p> {
    fn new(page: &'p str) -> Self {
        let bytes = page.as_bytes();
        Self {
            page,
            bytes,
            at: 0,
            tree: Builder::new(page),
            has_null: memchr(0, bytes).is_some(),
            has_reference: memchr(b'&', bytes).is_some(),
            shut: Vec::new(),
            plain: false,
            most: FREE + bytes.len(),
            scratch: String::new(),
        }
    }

    fn run(&mut self) {
        let mut content = Content::Markup;
        while self.at < self.bytes.len() {
            if self.tree.arena.is_full() {
                self.at = self.bytes.len();
                break;
            }
            content = match content {
                Content::Markup => self.markup(),
                Content::Raw(kind, name) => self.raw(kind, name),
                Content::Plain => {
                    let from = self.at;
                    self.at = self.bytes.len();
                    self.replaced_text(from, self.at);
                    Content::Plain
                }
            };
        }
        self.stand(self.bytes.len());
        self.tree.eof();
    }

    /// Reads text up to markup, and that markup.
    fn markup(&mut self) -> Content {
        let start = self.at;
        let mut from = start;
        loop {
            let Some(found) = memchr(b'<', &self.bytes[from..]) else {
                self.at = self.bytes.len();
                self.text(start, self.at);
                return Content::Markup;
            };
            let open = from + found;
            let begins = match self.bytes.get(open + 1) {
                Some(b'/') => open + 2 < self.bytes.len(),
                Some(b'!' | b'?') => true,
                Some(b) => b.is_ascii_alphabetic(),
                None => false,
            };
            if !begins {
                from = open + 1;
                continue;
            }
            self.text(start, open);
            self.at = open + 1;
            return match self.bytes[open + 1] {
                b'/' => self.end_tag(),
                b'!' => self.declaration(),
                b'?' => self.bogus_comment(),
                _ => self.start_tag(),
            };
        }
    }

    /// Sends the text between two offsets; NUL on its own, for the tree builder to judge.
    fn text(&mut self, from: usize, to: usize) {
        if !self.has_null {
            return self.run_of_text(from, to, self.has_reference);
        }
        self.text_with_null(from, to, true);
    }

    fn text_with_null(&mut self, mut from: usize, to: usize, references: bool) {
        while let Some(found) = memchr(0, &self.bytes[from..to]) {
            self.run_of_text(from, from + found, references);
            from += found + 1;
            self.stand(from);
            self.tree.null();
        }
        self.run_of_text(from, to, references);
    }

    fn run_of_text(&mut self, from: usize, to: usize, references: bool) {
        if from == to {
            return;
        }
        let text = if references && memchr(b'&', &self.bytes[from..to]).is_some() {
            self.scratch.clear();
            charref::decode(&self.page[from..to], false, &mut self.scratch);
            self.tree.arena.make(&self.scratch)
        } else {
            Span::of(from, to)
        };
        self.stand(from);
        self.tree.text(text);
    }

    /// Sends text in which NUL is replaced and references are left alone.
    fn replaced_text(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        let text = if self.has_null && memchr(0, &self.bytes[from..to]).is_some() {
            let replaced = self.page[from..to].replace('\0', "\u{fffd}");
            self.tree.arena.make(&replaced)
        } else {
            Span::of(from, to)
        };
        self.stand(from);
        self.tree.text(text);
    }

    /// Notes the offset that a token's elements are given for their line.
    fn stand(&mut self, at: usize) {
        self.tree.arena.at = at as u32;
    }

    /// Reads what follows `<!`.
    fn declaration(&mut self) -> Content {
        let rest = &self.bytes[self.at + 1..];
        if rest.starts_with(b"--") {
            self.at += 3;
            let end = comment_end(&self.bytes[self.at..]);
            self.at += end;
            return self.comment();
        }
        if rest.len() >= 7 && rest[..7].eq_ignore_ascii_case(b"doctype") {
            let from = self.at + 8;
            let end = memchr(b'>', &self.bytes[from..]);
            let to = end.map_or(self.bytes.len(), |e| from + e);
            let quirks = doctype::is_quirky(&self.page[from..to], end.is_some());
            self.at = (to + 1).min(self.bytes.len());
            self.tree.doctype(quirks);
            return Content::Markup;
        }
        if rest.starts_with(b"[CDATA[") && self.tree.is_in_foreign() {
            let from = self.at + 8;
            let end = memmem::find(&self.bytes[from..], b"]]>");
            let to = end.map_or(self.bytes.len(), |e| from + e);
            self.at = end.map_or(to, |_| to + 3);
            if self.has_null {
                self.text_with_null(from, to, false);
            } else {
                self.run_of_text(from, to, false);
            }
            return Content::Markup;
        }
        self.at += 1;
        self.bogus_comment()
    }

    fn bogus_comment(&mut self) -> Content {
        self.at = memchr(b'>', &self.bytes[self.at..])
            .map_or(self.bytes.len(), |found| self.at + found + 1);
        self.comment()
    }

    /// Tells the tree builder that there was a comment; what it said is of no use.
    fn comment(&mut self) -> Content {
        self.stand(self.at);
        self.tree.nothing(true);
        Content::Markup
    }

    fn end_tag(&mut self) -> Content {
        self.at += 1;
        match self.bytes[self.at] {
            b'>' => {
                self.at += 1;
                self.tree.nothing(false);
                Content::Markup
            }
            b if b.is_ascii_alphabetic() => {
                let name = self.tag_name().name;
                if self.attributes(Wanted::None).is_none() {
                    return Content::Markup;
                }
                if self.shut.last() == Some(&name) {
                    self.shut.pop();
                    return Content::Markup;
                }
                if self.plain && is_formatting(name) {
                    return Content::Markup;
                }
                self.send_end(name);
                Content::Markup
            }
            _ => self.bogus_comment(),
        }
    }

    fn send_end(&mut self, name: Name) {
        self.stand(self.at);
        self.tree.end(name);
    }

    fn start_tag(&mut self) -> Content {
        let Met { name, svg } = self.tag_name();
        // Formatting elements are told apart by all their attributes when they are opened again. An `a`
        // never is beside another one.
        let formatting = is_formatting(name);
        let wanted = match formatting && name.tag != Tag::A {
            true => Wanted::All,
            false => Wanted::Kept,
        };
        let first = self.tree.arena.next_attr();
        let Some(self_closing) = self.attributes(wanted) else {
            return Content::Markup;
        };
        if self.plain && formatting {
            return Content::Markup;
        }
        let start = Start {
            name,
            svg,
            attrs: first..self.tree.arena.next_attr(),
            self_closing,
        };
        self.tree.arena.take_deepest();
        self.stand(self.at);
        match self.tree.start(&start) {
            Next::Raw(raw) => return Content::Raw(raw, name),
            Next::Plain => return Content::Plain,
            Next::Markup => {}
        }
        if self.tree.arena.take_deepest() > MAX_DEPTH {
            self.send_end(name);
            if !name.tag.is(is::VOID) {
                self.shut.push(name);
            }
        }
        if self.tree.arena.size() > self.most {
            self.give_up_formatting();
        }
        Content::Markup
    }

    /// `<p><b><p><i><p>…`: every paragraph opens all formatting elements left open before it, so a page
    /// can grow with the square of its length. No page that is meant to be read comes near the bound.
    fn give_up_formatting(&mut self) {
        for tag in Tag::ALL.iter().filter(|tag| tag.is(is::FORMATTING)) {
            for _ in 0..MAX_DEPTH {
                self.send_end((*tag).into());
            }
        }
        self.plain = true;
        self.most = self.tree.arena.size() + FREE;
    }

    fn tag_name(&mut self) -> Met {
        let start = self.at;
        let length = self.bytes[start..]
            .iter()
            .position(|b| is_space(*b) || matches!(b, b'/' | b'>'))
            .unwrap_or(self.bytes.len() - start);
        self.at = start + length;
        self.tree.arena.names.tag(self.page, start, self.at)
    }

    /// Reads up to and over `>`, and says whether `/` stands before that. `None` where the page ends before: such a
    /// tag is none.
    fn attributes(&mut self, wanted: Wanted) -> Option<bool> {
        let first = self.tree.arena.next_attr();
        let mut self_closing = false;
        loop {
            match *self.bytes.get(self.at)? {
                b'>' => {
                    self.at += 1;
                    return Some(self_closing);
                }
                b'/' => {
                    self.at += 1;
                    self_closing = self.bytes.get(self.at) == Some(&b'>');
                }
                b if is_space(b) => self.at += 1,
                _ => {
                    if let Err(End) = self.attribute(wanted, first) {
                        self.at = self.bytes.len();
                        return None;
                    }
                }
            }
        }
    }

    /// Reads an attribute of the tag whose first one is `first`.
    fn attribute(&mut self, wanted: Wanted, first: u32) -> Result<(), End> {
        let start = self.at;
        // A name may begin with `=`.
        let length = self.bytes[start + 1..]
            .iter()
            .position(|b| is_space(*b) || matches!(b, b'/' | b'>' | b'='))
            .ok_or(End)?;
        let end = start + 1 + length;
        self.at = end;
        self.skip_space();
        let mut value = (end, end);
        if *self.bytes.get(self.at).ok_or(End)? == b'=' {
            self.at += 1;
            self.skip_space();
            value = match *self.bytes.get(self.at).ok_or(End)? {
                quote @ (b'"' | b'\'') => {
                    let from = self.at + 1;
                    let to = from + memchr(quote, &self.bytes[from..]).ok_or(End)?;
                    self.at = to + 1;
                    (from, to)
                }
                b'>' => (end, end),
                _ => {
                    let from = self.at;
                    let length = self.bytes[from..]
                        .iter()
                        .position(|b| is_space(*b) || *b == b'>')
                        .ok_or(End)?;
                    self.at = from + length;
                    (from, self.at)
                }
            };
        }
        if wanted == Wanted::None {
            return Ok(());
        }
        let names = &mut self.tree.arena.names;
        let attr = match wanted {
            Wanted::All => Some(names.attr(self.page, start, end)),
            _ => names.kept(self.page, start, end),
        };
        let long = value.1 - value.0 > LONGEST_VALUE;
        let before = first..self.tree.arena.next_attr();
        let Some(attr) = attr.filter(|_| !long && before.len() < MAX_ATTRIBUTES) else {
            return Ok(());
        };
        let others = self.tree.arena.attrs(&before);
        if others.iter().all(|other| other.name != attr) {
            let value = self.value(value.0, value.1);
            self.tree.arena.push_attr(attr, value);
        }
        Ok(())
    }

    fn value(&mut self, from: usize, to: usize) -> Span {
        let raw = &self.bytes[from..to];
        let null = self.has_null && memchr(0, raw).is_some();
        if !null && (!self.has_reference || memchr(b'&', raw).is_none()) {
            return Span::of(from, to);
        }
        self.scratch.clear();
        charref::decode(&self.page[from..to], true, &mut self.scratch);
        if null {
            return self
                .tree
                .arena
                .make(&self.scratch.replace('\0', "\u{fffd}"));
        }
        self.tree.arena.make(&self.scratch)
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| is_space(*b)) {
            self.at += 1;
        }
    }

    /// Reads the text of an element in which there is no markup, and its end tag.
    fn raw(&mut self, kind: Raw, name: Name) -> Content {
        let from = self.at;
        let rest = &self.bytes[from..];
        let length = match kind {
            Raw::Script => script_end(rest),
            Raw::Rcdata | Raw::Rawtext => end_of(rest, self.tree.arena.names.text(name).as_bytes()),
        };
        let to = from + length;
        if kind == Raw::Rcdata && self.has_reference {
            self.scratch.clear();
            charref::decode(&self.page[from..to], false, &mut self.scratch);
            if !self.scratch.is_empty() {
                let text = self
                    .tree
                    .arena
                    .make(&self.scratch.replace('\0', "\u{fffd}"));
                self.stand(from);
                self.tree.text(text);
            }
        } else {
            self.replaced_text(from, to);
        }
        self.at = to;
        if to < self.bytes.len() {
            self.at = to + 1;
            return self.end_tag();
        }
        Content::Markup
    }
}

/// Which attributes of a tag are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    None,
    Kept,
    All,
}

/// The page ended within a tag.
struct End;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0C')
}

/// Length of a comment with its end, from behind its `<!--`.
fn comment_end(bytes: &[u8]) -> usize {
    if bytes.starts_with(b">") {
        return 1;
    }
    if bytes.starts_with(b"->") {
        return 2;
    }
    memchr_iter(b'>', bytes)
        .find(|at| bytes[..*at].ends_with(b"--") || bytes[..*at].ends_with(b"--!"))
        .map_or(bytes.len(), |at| at + 1)
}

/// True where `bytes` begin with `</`, the name, and something that ends a name.
fn closes(bytes: &[u8], name: &[u8]) -> bool {
    bytes.starts_with(b"</")
        && bytes
            .get(2..2 + name.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
        && bytes.get(2 + name.len()).is_some_and(|b| ends_name(*b))
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

/// Where the end tag `name` begins.
fn end_of(bytes: &[u8], name: &[u8]) -> usize {
    memchr_iter(b'<', bytes)
        .find(|at| closes(&bytes[*at..], name))
        .unwrap_or(bytes.len())
}

/// Where the end tag of a script begins. Within `<!-- … -->`, a `<script>` hides the next `</script>`.
fn script_end(bytes: &[u8]) -> usize {
    enum State {
        Plain,
        Escaped,
        Doubly,
    }
    const NAME: &[u8] = b"script";
    let mut state = State::Plain;
    let mut at = 0;
    while let Some(found) = match state {
        State::Plain => memchr(b'<', &bytes[at..]),
        _ => memchr2(b'<', b'-', &bytes[at..]),
    } {
        at += found;
        let rest = &bytes[at..];
        if rest[0] == b'-' {
            let dashes = rest.iter().take_while(|b| **b == b'-').count();
            at += dashes;
            if dashes >= 2 && bytes.get(at) == Some(&b'>') {
                state = State::Plain;
            }
            continue;
        }
        at += 1;
        match state {
            State::Plain | State::Escaped if closes(rest, NAME) => return at - 1,
            State::Plain => {
                if rest.starts_with(b"<!--") {
                    state = State::Escaped;
                    // Its dashes may end it as well: `<!-->`.
                    at += 1;
                }
            }
            State::Escaped => {
                let opens = rest
                    .get(1..=NAME.len())
                    .is_some_and(|n| n.eq_ignore_ascii_case(NAME))
                    && rest.get(NAME.len() + 1).is_some_and(|b| ends_name(*b));
                if opens {
                    state = State::Doubly;
                    at += NAME.len() + 1;
                }
            }
            State::Doubly => {
                if closes(rest, NAME) {
                    state = State::Escaped;
                    at += NAME.len() + 2;
                }
            }
        }
    }
    bytes.len()
}

/// Elements that the standard opens again where they were closed out of order.
fn is_formatting(name: Name) -> bool {
    name.tag.is(is::FORMATTING)
}
