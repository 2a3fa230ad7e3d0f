//! HTML to tokens, over bytes.
//!
//! In: a page as text. Out: a [`Page`], made by html5ever's tree builder from these tokens. Follows the
//! tokenization rules of the HTML standard; text and attribute values are slices of one shared copy of
//! the page, and attributes that nobody asks for never become values. Must not know what tags mean.

use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::attributes::Names;
use super::charref;
use super::doctype;
use super::tree::{Builder, Handle};
use super::{LONGEST_VALUE, MAX_BYTES, MAX_DEPTH, Page};

/// Attributes that one element keeps at most: each new one is compared with those before it.
const MAX_ATTRIBUTES: usize = 256;

/// Nodes and attributes that a page may have beyond one a byte; as written, none takes less than two.
const FREE: usize = 1 << 16;

/// Parses a page.
pub(super) fn parse(html: &str) -> Page {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let html = &html[..html.floor_char_boundary(MAX_BYTES)];
    let page = if memchr(b'\r', html.as_bytes()).is_some() {
        StrTendril::from(html.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        StrTendril::from_slice(html)
    };
    let mut tokenizer = Tokenizer::new(&page);
    tokenizer.run();
    tokenizer.tree.sink.finish().count_lines(page.as_bytes())
}

struct Tokenizer<'p> {
    page: &'p StrTendril,
    bytes: &'p [u8],
    at: usize,
    tree: TreeBuilder<Handle, Builder>,
    names: Names,
    has_null: bool,
    has_reference: bool,
    /// Elements that were closed at once because they stood too deep: their end tags are ignored.
    shut: Vec<LocalName>,
    /// Formatting elements are ignored: copying them into block after block outgrew the page.
    plain: bool,
    /// Nodes and attributes at which that happens.
    most: usize,
    scratch: String,
}

/// How reading goes on after a tag.
enum Content {
    Markup,
    Raw(RawKind, LocalName),
    Plain,
}

/// A tag as far as it was read.
struct Open {
    attrs: Vec<Attribute>,
    self_closing: bool,
    duplicate: bool,
}

impl<'p> Tokenizer<'p> {
    fn new(page: &'p StrTendril) -> Self {
        let bytes = page.as_bytes();
        Self {
            page,
            bytes,
            at: 0,
            tree: TreeBuilder::new(Builder::new(bytes.len()), TreeBuilderOpts::default()),
            names: Names::new(),
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
            if self.tree.sink.is_full() {
                self.at = self.bytes.len();
                break;
            }
            content = match content {
                Content::Markup => self.markup(),
                Content::Raw(kind, name) => self.raw(kind, &name),
                Content::Plain => {
                    let from = self.at;
                    self.at = self.bytes.len();
                    self.replaced_text(from, self.at);
                    Content::Plain
                }
            };
        }
        self.send(Token::EOFToken, self.bytes.len());
        self.tree.end();
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
            self.send(Token::NullCharacterToken, from);
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
            StrTendril::from_slice(&self.scratch)
        } else {
            self.slice(from, to)
        };
        self.send(Token::CharacterTokens(text), from);
    }

    /// Sends text in which NUL is replaced and references are left alone.
    fn replaced_text(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        let mut text = self.slice(from, to);
        if self.has_null && memchr(0, text.as_bytes()).is_some() {
            text = StrTendril::from(text.replace('\0', "\u{fffd}"));
        }
        self.send(Token::CharacterTokens(text), from);
    }

    fn slice(&self, from: usize, to: usize) -> StrTendril {
        // Offsets fit: a page has at most `MAX_BYTES`. They stand at ASCII bytes, so on boundaries.
        self.page
            .try_subtendril(from as u32, (to - from) as u32)
            .unwrap_or_default()
    }

    /// Sends a token that ends at `at`.
    fn send(&mut self, token: Token, at: usize) {
        // Only start tags are answered with anything that reading must heed.
        let _ = self.ask(token, at);
    }

    /// Sends a token that ends at `at`; says how to read on.
    fn ask(&mut self, token: Token, at: usize) -> TokenSinkResult<Handle> {
        // The offset goes where the line belongs: the tree builder only hands it on.
        self.tree.process_token(token, at as u64)
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
            let token = doctype::read(&self.page[from..to], end.is_some());
            self.at = (to + 1).min(self.bytes.len());
            self.send(Token::DoctypeToken(token), self.at);
            return Content::Markup;
        }
        if rest.starts_with(b"[CDATA[")
            && self
                .tree
                .adjusted_current_node_present_but_not_in_html_namespace()
        {
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
        self.send(Token::CommentToken(StrTendril::new()), self.at);
        Content::Markup
    }

    fn end_tag(&mut self) -> Content {
        self.at += 1;
        match self.bytes[self.at] {
            b'>' => {
                self.at += 1;
                self.send(Token::ParseError("no name".into()), self.at);
                Content::Markup
            }
            b if b.is_ascii_alphabetic() => {
                let name = self.tag_name();
                let Some(open) = self.attributes(false) else {
                    return Content::Markup;
                };
                if self.shut.last() == Some(&name) {
                    self.shut.pop();
                    return Content::Markup;
                }
                if self.plain && is_formatting(&name) {
                    return Content::Markup;
                }
                self.send_end(name, open.self_closing);
                Content::Markup
            }
            _ => self.bogus_comment(),
        }
    }

    fn send_end(&mut self, name: LocalName, self_closing: bool) {
        let tag = Tag {
            kind: TagKind::EndTag,
            name,
            self_closing,
            // The tree builder does not look at attributes of end tags.
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        self.send(Token::TagToken(tag), self.at);
    }

    fn start_tag(&mut self) -> Content {
        let name = self.tag_name();
        // Formatting elements are told apart by all their attributes when they are opened again. An `a`
        // never is beside another one.
        let formatting = is_formatting(&name);
        let Some(open) = self.attributes(formatting && name != local_name!("a")) else {
            return Content::Markup;
        };
        if self.plain && formatting {
            return Content::Markup;
        }
        let tag = Tag {
            kind: TagKind::StartTag,
            name: name.clone(),
            self_closing: open.self_closing,
            attrs: open.attrs,
            had_duplicate_attributes: open.duplicate,
        };
        self.tree.sink.take_deepest();
        match self.ask(Token::TagToken(tag), self.at) {
            TokenSinkResult::RawData(kind) => return Content::Raw(kind, name),
            TokenSinkResult::Plaintext => return Content::Plain,
            TokenSinkResult::Continue
            | TokenSinkResult::Script(_)
            | TokenSinkResult::EncodingIndicator(_) => {}
        }
        if self.tree.sink.take_deepest() > MAX_DEPTH {
            self.send_end(name.clone(), false);
            if !is_void(&name) {
                self.shut.push(name);
            }
        }
        if self.tree.sink.size() > self.most {
            self.give_up_formatting();
        }
        Content::Markup
    }

    /// `<p><b><p><i><p>…`: every paragraph opens all formatting elements left open before it, so a page
    /// can grow with the square of its length. No page that is meant to be read comes near the bound.
    fn give_up_formatting(&mut self) {
        for name in formatting_names() {
            for _ in 0..MAX_DEPTH {
                self.send_end(name.clone(), false);
            }
        }
        self.plain = true;
        self.most = self.tree.sink.size() + FREE;
    }

    fn tag_name(&mut self) -> LocalName {
        let start = self.at;
        let length = self.bytes[start..]
            .iter()
            .position(|b| is_space(*b) || matches!(b, b'/' | b'>'))
            .unwrap_or(self.bytes.len() - start);
        self.at = start + length;
        self.names.get(self.page, start, self.at).atom.clone()
    }

    /// Reads up to and over `>`. `None` where the page ends before: such a tag is none.
    fn attributes(&mut self, all: bool) -> Option<Open> {
        let mut open = Open {
            attrs: Vec::new(),
            self_closing: false,
            duplicate: false,
        };
        loop {
            match *self.bytes.get(self.at)? {
                b'>' => {
                    self.at += 1;
                    return Some(open);
                }
                b'/' => {
                    self.at += 1;
                    open.self_closing = self.bytes.get(self.at) == Some(&b'>');
                }
                b if is_space(b) => self.at += 1,
                _ => {
                    if let Err(End) = self.attribute(all, &mut open) {
                        self.at = self.bytes.len();
                        return None;
                    }
                }
            }
        }
    }

    fn attribute(&mut self, all: bool, open: &mut Open) -> Result<(), End> {
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
        let name = self.names.get(self.page, start, end);
        let long = value.1 - value.0 > LONGEST_VALUE;
        if !(all || name.kept) || long || open.attrs.len() >= MAX_ATTRIBUTES {
            return Ok(());
        }
        if open.attrs.iter().any(|a| a.name.local == name.atom) {
            open.duplicate = true;
            return Ok(());
        }
        let name = QualName::new(None, ns!(), name.atom.clone());
        let value = self.value(value.0, value.1);
        open.attrs.push(Attribute { name, value });
        Ok(())
    }

    fn value(&mut self, from: usize, to: usize) -> StrTendril {
        let raw = &self.bytes[from..to];
        let null = self.has_null && memchr(0, raw).is_some();
        if !null && memchr(b'&', raw).is_none() {
            return self.slice(from, to);
        }
        self.scratch.clear();
        charref::decode(&self.page[from..to], true, &mut self.scratch);
        if null {
            return StrTendril::from(self.scratch.replace('\0', "\u{fffd}"));
        }
        StrTendril::from_slice(&self.scratch)
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| is_space(*b)) {
            self.at += 1;
        }
    }

    /// Reads the text of an element in which there is no markup, and its end tag.
    fn raw(&mut self, kind: RawKind, name: &LocalName) -> Content {
        let from = self.at;
        let rest = &self.bytes[from..];
        let length = match kind {
            RawKind::ScriptData | RawKind::ScriptDataEscaped(_) => script_end(rest),
            RawKind::Rcdata | RawKind::Rawtext => end_of(rest, name.as_bytes()),
        };
        let to = from + length;
        if kind == RawKind::Rcdata && self.has_reference {
            self.scratch.clear();
            charref::decode(&self.page[from..to], false, &mut self.scratch);
            let text = self.scratch.replace('\0', "\u{fffd}");
            if !text.is_empty() {
                self.send(Token::CharacterTokens(StrTendril::from(text)), from);
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

fn formatting_names() -> [LocalName; 14] {
    [
        local_name!("a"),
        local_name!("b"),
        local_name!("big"),
        local_name!("code"),
        local_name!("em"),
        local_name!("font"),
        local_name!("i"),
        local_name!("nobr"),
        local_name!("s"),
        local_name!("small"),
        local_name!("strike"),
        local_name!("strong"),
        local_name!("tt"),
        local_name!("u"),
    ]
}

/// Elements that the standard opens again where they were closed out of order.
pub(super) fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

/// Elements without end tag.
fn is_void(name: &LocalName) -> bool {
    matches!(
        &**name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}
