//! Where does a token belong?
//!
//! In: tokens. Out: a tree, by the insertion modes of the HTML standard, section 13.2.6
//! (<https://html.spec.whatwg.org/multipage/parsing.html#tree-construction>), scripting enabled. html5ever is the oracle
//! that `oracle_tests` hold this against.

use super::arena::{Space, Span};
use super::builder::{Builder, Start};
use super::names::{Name, Tag, is};

/// An insertion mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
    Text,
    InTable,
    InTableText,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    InFrameset,
    AfterFrameset,
    AfterAfterBody,
    AfterAfterFrameset,
}

/// What is read.
#[derive(Clone, Copy)]
pub(super) enum Token<'t> {
    Start(&'t Start),
    End(Name),
    /// Text, and whether it is white space; both in one only where the mode does not mind.
    Text(Span, bool),
    Null,
    Eof,
}

/// How the text of an element without markup is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Raw {
    /// References are resolved.
    Rcdata,
    Rawtext,
    Script,
}

/// How reading goes on after a start tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    Markup,
    Raw(Raw),
    Plain,
}

/// What became of a token.
pub(super) enum Step {
    Done,
    /// It is to be read again in another mode.
    Again(Mode),
    Next(Next),
}

use Step::{Again, Done};

impl Builder<'_> {
    /// Takes a start tag.
    pub fn start(&mut self, start: &Start) -> Next {
        self.ignore_break = false;
        self.token(Token::Start(start))
    }

    /// Takes an end tag.
    pub fn end(&mut self, name: Name) {
        self.ignore_break = false;
        self.token(Token::End(name));
    }

    pub fn null(&mut self) {
        self.ignore_break = false;
        self.token(Token::Null);
    }

    /// Takes a comment, or an error that stands for nothing.
    pub fn nothing(&mut self, is_comment: bool) {
        self.ignore_break = false;
        if is_comment && self.mode == Mode::InTableText {
            self.end_table_text();
        }
    }

    /// Takes a doctype.
    pub fn doctype(&mut self, quirks: bool) {
        self.ignore_break = false;
        if self.mode == Mode::Initial {
            self.quirks = quirks;
            self.mode = Mode::BeforeHtml;
        }
    }

    pub fn eof(&mut self) {
        self.token(Token::Eof);
    }

    /// Takes text.
    pub fn text(&mut self, mut text: Span) {
        if std::mem::take(&mut self.ignore_break) && self.arena.text(text).starts_with('\n') {
            text = text.split(1).1;
        }
        while !text.is_empty() {
            let minds = !self.is_foreign(Token::Text(text, false))
                && matches!(
                    self.mode,
                    Mode::Initial
                        | Mode::BeforeHtml
                        | Mode::BeforeHead
                        | Mode::InHead
                        | Mode::AfterHead
                        | Mode::InColumnGroup
                        | Mode::AfterBody
                        | Mode::InFrameset
                        | Mode::AfterFrameset
                        | Mode::AfterAfterBody
                        | Mode::AfterAfterFrameset
                );
            if !minds {
                self.token(Token::Text(text, false));
                return;
            }
            let bytes = self.arena.text(text).as_bytes();
            let space = bytes[0].is_ascii_whitespace();
            let end = bytes.iter().position(|b| b.is_ascii_whitespace() != space);
            let (piece, rest) = text.split(end.unwrap_or(bytes.len()));
            self.token(Token::Text(piece, space));
            text = rest;
        }
    }

    fn token(&mut self, token: Token<'_>) -> Next {
        loop {
            let step = if self.is_foreign(token) {
                self.foreign_content(token)
            } else {
                self.step(self.mode, token)
            };
            match step {
                Done => return Next::Markup,
                Again(mode) => self.mode = mode,
                Step::Next(next) => return next,
            }
        }
    }

    /// True where the rules for foreign content hold.
    fn is_foreign(&self, token: Token<'_>) -> bool {
        let Some(current) = self.open.last().filter(|o| o.space != Space::Html) else {
            return false;
        };
        match token {
            Token::Eof => false,
            Token::Text(..) | Token::Null => !current.is(is::TEXT_POINT | is::HTML_POINT),
            Token::Start(start) => {
                let tag = start.name.tag;
                let text =
                    current.is(is::TEXT_POINT) && !matches!(tag, Tag::Mglyph | Tag::Malignmark);
                let svg = current.is(is::ANNOTATION) && tag == Tag::Svg;
                !(text || svg || current.is(is::HTML_POINT))
            }
            Token::End(_) => true,
        }
    }

    fn step(&mut self, mode: Mode, token: Token<'_>) -> Step {
        match mode {
            Mode::Initial => self.initial(token),
            Mode::BeforeHtml => self.before_html(token),
            Mode::BeforeHead => self.before_head(token),
            Mode::InHead => self.in_head(token),
            Mode::AfterHead => self.after_head(token),
            Mode::InBody => self.in_body(token),
            Mode::Text => self.raw_text(token),
            Mode::InTable => self.in_table(token),
            Mode::InTableText => self.in_table_text(token),
            Mode::InCaption => self.in_caption(token),
            Mode::InColumnGroup => self.in_column_group(token),
            Mode::InTableBody => self.in_table_body(token),
            Mode::InRow => self.in_row(token),
            Mode::InCell => self.in_cell(token),
            Mode::InTemplate => self.in_template(token),
            Mode::AfterBody => self.after_body(token),
            Mode::InFrameset => self.in_frameset(token),
            Mode::AfterFrameset => self.after_frameset(token),
            Mode::AfterAfterBody => self.after_after_body(token),
            Mode::AfterAfterFrameset => self.after_after_frameset(token),
        }
    }

    fn initial(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(_, true) => Done,
            _ => {
                self.quirks = true;
                Again(Mode::BeforeHtml)
            }
        }
    }

    fn before_html(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(_, true) => Done,
            Token::Start(start) if start.name.tag == Tag::Html => {
                self.open(start);
                self.mode = Mode::BeforeHead;
                Done
            }
            Token::End(name) if !may_imply(name) => Done,
            _ => {
                self.open_implied(Tag::Html);
                Again(Mode::BeforeHead)
            }
        }
    }

    fn before_head(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(_, true) => Done,
            Token::Start(start) if start.name.tag == Tag::Html => self.in_body(token),
            Token::Start(start) if start.name.tag == Tag::Head => {
                self.head = Some(self.open(start));
                self.mode = Mode::InHead;
                Done
            }
            Token::End(name) if !may_imply(name) => Done,
            _ => {
                self.head = Some(self.open_implied(Tag::Head));
                Again(Mode::InHead)
            }
        }
    }

    pub(super) fn in_head(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, true) => self.append(text),
            Token::Start(start) => match start.name.tag {
                Tag::Html => self.in_body(token),
                Tag::Base | Tag::Basefont | Tag::Bgsound | Tag::Link | Tag::Meta => {
                    self.insert_alone(start)
                }
                Tag::Title => self.raw(start, Raw::Rcdata),
                Tag::Noframes | Tag::Style | Tag::Noscript => self.raw(start, Raw::Rawtext),
                Tag::Script => self.raw(start, Raw::Script),
                Tag::Template => {
                    self.push_marker();
                    self.frameset_ok = false;
                    self.mode = Mode::InTemplate;
                    self.template_modes.push(Mode::InTemplate);
                    self.open(start);
                    Done
                }
                Tag::Head => Done,
                _ => self.leave_head(),
            },
            Token::End(name) => match name.tag {
                Tag::Head => {
                    self.pop();
                    self.mode = Mode::AfterHead;
                    Done
                }
                Tag::Body | Tag::Html | Tag::Br => self.leave_head(),
                Tag::Template => {
                    if self.has_open(Tag::Template) {
                        self.imply_ends(is::IMPLIED | is::THOROUGH, None);
                        self.close_template();
                    }
                    Done
                }
                _ => Done,
            },
            _ => self.leave_head(),
        }
    }

    fn leave_head(&mut self) -> Step {
        self.pop();
        Again(Mode::AfterHead)
    }

    fn close_template(&mut self) {
        self.close(Tag::Template);
        self.clear_formats();
        self.template_modes.pop();
        self.mode = self.fitting_mode();
    }

    fn after_head(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, true) => self.append(text),
            Token::Start(start) => match start.name.tag {
                Tag::Html => self.in_body(token),
                Tag::Body => {
                    self.open(start);
                    self.frameset_ok = false;
                    self.mode = Mode::InBody;
                    Done
                }
                Tag::Frameset => {
                    self.open(start);
                    self.mode = Mode::InFrameset;
                    Done
                }
                tag if tag.is(is::OF_HEAD) => {
                    let head = self.head;
                    self.open.extend(head);
                    let step = self.in_head(token);
                    if let Some(head) = head {
                        self.take_out(head.node);
                    }
                    step
                }
                Tag::Head => Done,
                _ => self.enter_body(),
            },
            Token::End(name) => match name.tag {
                Tag::Template => self.in_head(token),
                Tag::Body | Tag::Html | Tag::Br => self.enter_body(),
                _ => Done,
            },
            _ => self.enter_body(),
        }
    }

    fn enter_body(&mut self) -> Step {
        self.open_implied(Tag::Body);
        Again(Mode::InBody)
    }

    fn raw_text(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, _) => self.append(text),
            Token::Eof => {
                self.pop();
                Again(self.before_text)
            }
            Token::End(_) => {
                self.pop();
                self.mode = self.before_text;
                Done
            }
            // No such token comes between the start tag of a raw element and its end.
            Token::Start(_) | Token::Null => Done,
        }
    }

    pub(super) fn in_template(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(..) => self.in_body(token),
            Token::Start(start) => {
                let mode = match start.name.tag {
                    tag if tag.is(is::OF_HEAD) => return self.in_head(token),
                    Tag::Caption | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                        Mode::InTable
                    }
                    Tag::Col => Mode::InColumnGroup,
                    Tag::Tr => Mode::InTableBody,
                    Tag::Td | Tag::Th => Mode::InRow,
                    _ => Mode::InBody,
                };
                self.template_modes.pop();
                self.template_modes.push(mode);
                Again(mode)
            }
            Token::End(name) if name.tag == Tag::Template => self.in_head(token),
            Token::Eof if self.has_open(Tag::Template) => {
                self.close_template();
                Again(self.mode)
            }
            _ => Done,
        }
    }

    fn after_body(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(_, true) => self.in_body(token),
            Token::Start(start) if start.name.tag == Tag::Html => self.in_body(token),
            Token::End(name) if name.tag == Tag::Html => {
                self.mode = Mode::AfterAfterBody;
                Done
            }
            Token::Eof => Done,
            _ => Again(Mode::InBody),
        }
    }

    fn in_frameset(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, true) => self.append(text),
            Token::Start(start) => match start.name.tag {
                Tag::Html => self.in_body(token),
                Tag::Frameset => {
                    self.open(start);
                    Done
                }
                Tag::Frame => self.insert_alone(start),
                Tag::Noframes => self.in_head(token),
                _ => Done,
            },
            Token::End(name) if name.tag == Tag::Frameset => {
                if self.open.len() > 1 {
                    self.pop();
                    if !self.is_current(Tag::Frameset) {
                        self.mode = Mode::AfterFrameset;
                    }
                }
                Done
            }
            _ => Done,
        }
    }

    fn after_frameset(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, true) => self.append(text),
            Token::Start(start) => match start.name.tag {
                Tag::Html => self.in_body(token),
                Tag::Noframes => self.in_head(token),
                _ => Done,
            },
            Token::End(name) if name.tag == Tag::Html => {
                self.mode = Mode::AfterAfterFrameset;
                Done
            }
            _ => Done,
        }
    }

    fn after_after_body(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::End(_) => Again(Mode::InBody),
            _ => self.after_body(token),
        }
    }

    fn after_after_frameset(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(_, true) => self.in_body(token),
            Token::Start(_) => self.after_frameset(token),
            _ => Done,
        }
    }

    fn foreign_content(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Null => {
                let replaced = self.arena.make("\u{fffd}");
                self.append(replaced)
            }
            Token::Text(text, _) => {
                self.frameset_ok &= self.is_white(text);
                self.append(text)
            }
            Token::Start(start) => {
                let tag = start.name.tag;
                let font = tag == Tag::Font
                    && ["color", "face", "size"]
                        .iter()
                        .any(|name| self.arena.value(&start.attrs, name).is_some());
                if font || tag.is(is::BREAKS_OUT) {
                    return self.break_out(token);
                }
                let space = self.open.last().map_or(Space::Html, |o| o.space);
                self.foreign(start, space);
                Done
            }
            Token::End(name) if matches!(name.tag, Tag::Br | Tag::P) => self.break_out(token),
            Token::End(name) => self.end_foreign(name),
            Token::Eof => Done,
        }
    }

    /// A tag of HTML ends what is foreign.
    fn break_out(&mut self, token: Token<'_>) -> Step {
        while self.open.last().is_some_and(|o| {
            let annotation = o.is(is::ANNOTATION);
            o.space != Space::Html && (annotation || !o.is(is::TEXT_POINT | is::HTML_POINT))
        }) {
            self.pop();
        }
        self.step(self.mode, token)
    }

    fn end_foreign(&mut self, name: Name) -> Step {
        let wanted = self.arena.names.text(name);
        for at in (1..self.open.len()).rev() {
            let open = self.open[at];
            if open.space == Space::Html && at + 1 < self.open.len() {
                return self.step(self.mode, Token::End(name));
            }
            if self
                .arena
                .names
                .text(open.name)
                .eq_ignore_ascii_case(wanted)
            {
                self.open.truncate(at);
                return Done;
            }
        }
        Done
    }

    pub(super) fn append(&mut self, text: Span) -> Step {
        self.append_text(text);
        Done
    }

    pub(super) fn insert_alone(&mut self, start: &Start) -> Step {
        self.insert(start.name, start.attrs.clone());
        Done
    }

    /// Opens an element among words.
    pub(super) fn open_in_line(&mut self, start: &Start) {
        self.reconstruct_formats();
        self.open(start);
    }

    /// Opens an element whose text holds no markup.
    pub(super) fn raw(&mut self, start: &Start, raw: Raw) -> Step {
        self.open(start);
        self.before_text = self.mode;
        self.mode = Mode::Text;
        Step::Next(Next::Raw(raw))
    }

    pub(super) fn is_white(&self, text: Span) -> bool {
        self.arena
            .text(text)
            .bytes()
            .all(|b| b.is_ascii_whitespace())
    }

    pub(super) fn is_hidden(&self, start: &Start) -> bool {
        let kind = self.arena.value(&start.attrs, "type");
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
    }
}

/// End tags that imply what is missing before them.
fn may_imply(name: Name) -> bool {
    matches!(name.tag, Tag::Head | Tag::Body | Tag::Html | Tag::Br)
}
