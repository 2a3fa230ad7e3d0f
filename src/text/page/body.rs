//! The mode "in body", by which most of a page is read.
//!
//! In: tokens. Out: elements of the body. HTML standard, section 13.2.6.4.7.

use super::arena::Space;
use super::builder::{Builder, Start};
use super::names::{Name, Tag, is};
use super::rules::Step::{Again, Done};
use super::rules::{Mode, Next, Raw, Step, Token};

impl Builder<'_> {
    pub(super) fn in_body(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Null => Done,
            Token::Text(text, _) => {
                self.reconstruct_formats();
                self.frameset_ok &= self.is_white(text);
                self.append(text)
            }
            Token::Start(start) => self.start_in_body(start),
            Token::End(name) => self.end_in_body(name),
            Token::Eof if self.template_modes.is_empty() => Done,
            Token::Eof => self.in_template(token),
        }
    }

    fn start_in_body(&mut self, start: &Start) -> Step {
        let tag = start.name.tag;
        if tag.is(is::BLOCK) {
            self.close_p_in_button_scope();
            self.open(start);
            return Done;
        }
        match tag {
            Tag::Html => {
                if !self.has_open(Tag::Template)
                    && let Some(html) = self.open.first()
                {
                    self.arena.add_missing(html.node, &start.attrs);
                }
                Done
            }
            _ if tag.is(is::OF_HEAD) => self.in_head(Token::Start(start)),
            Tag::Body => {
                if let Some(body) = self.body()
                    && !self.has_open(Tag::Template)
                {
                    self.frameset_ok = false;
                    self.arena.add_missing(body.node, &start.attrs);
                }
                Done
            }
            Tag::Frameset => {
                if self.frameset_ok
                    && let Some(body) = self.body()
                {
                    self.arena.detach(body.node);
                    self.open.truncate(1);
                    self.open(start);
                    self.mode = Mode::InFrameset;
                }
                Done
            }
            Tag::Menu => {
                self.close_p_in_button_scope();
                self.open(start);
                Done
            }
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => {
                self.close_p_in_button_scope();
                if self.open.last().is_some_and(|o| o.is(is::HEADING)) {
                    self.pop();
                }
                self.open(start);
                Done
            }
            Tag::Pre | Tag::Listing => {
                self.close_p_in_button_scope();
                self.open(start);
                self.ignore_break = true;
                self.frameset_ok = false;
                Done
            }
            Tag::Form => {
                let in_template = self.has_open(Tag::Template);
                if self.form.is_none() || in_template {
                    self.close_p_in_button_scope();
                    let form = self.open(start).node;
                    if !in_template {
                        self.form = Some(form);
                    }
                }
                Done
            }
            Tag::Li => self.open_item(start, &[Tag::Li]),
            Tag::Dd | Tag::Dt => self.open_item(start, &[Tag::Dd, Tag::Dt]),
            Tag::Plaintext => {
                self.close_p_in_button_scope();
                self.open(start);
                Step::Next(Next::Plain)
            }
            Tag::Button => {
                if self.has_in(is::SCOPE, Tag::Button) {
                    self.imply_ends(is::IMPLIED, None);
                    self.close(Tag::Button);
                }
                self.open_in_line(start);
                self.frameset_ok = false;
                Done
            }
            Tag::A => {
                self.close_open_a();
                self.reconstruct_formats();
                self.open_format(start);
                Done
            }
            Tag::Nobr => {
                self.reconstruct_formats();
                if self.has_in(is::SCOPE, Tag::Nobr) {
                    self.adopt(Tag::Nobr);
                    self.reconstruct_formats();
                }
                self.open_format(start);
                Done
            }
            _ if tag.is(is::FORMATTING) => {
                self.reconstruct_formats();
                self.open_format(start);
                Done
            }
            Tag::Applet | Tag::Marquee | Tag::Object => {
                self.open_in_line(start);
                self.push_marker();
                self.frameset_ok = false;
                Done
            }
            Tag::Table => {
                if !self.quirks {
                    self.close_p_in_button_scope();
                }
                self.open(start);
                self.frameset_ok = false;
                self.mode = Mode::InTable;
                Done
            }
            Tag::Area | Tag::Br | Tag::Embed | Tag::Img | Tag::Keygen | Tag::Wbr => {
                self.reconstruct_formats();
                self.frameset_ok = false;
                self.insert_alone(start)
            }
            Tag::Input => {
                if self.has_in(is::SCOPE, Tag::Select) {
                    self.close(Tag::Select);
                }
                self.reconstruct_formats();
                self.frameset_ok &= self.is_hidden(start);
                self.insert_alone(start)
            }
            Tag::Param | Tag::Source | Tag::Track => self.insert_alone(start),
            Tag::Hr => {
                self.close_p_in_button_scope();
                if self.has_in(is::SCOPE, Tag::Select) {
                    self.imply_ends(is::IMPLIED, None);
                }
                self.frameset_ok = false;
                self.insert_alone(start)
            }
            Tag::Image => self.start_in_body(&Start {
                name: Tag::Img.into(),
                ..start.clone()
            }),
            Tag::Textarea => {
                self.ignore_break = true;
                self.frameset_ok = false;
                self.raw(start, Raw::Rcdata)
            }
            Tag::Xmp => {
                self.close_p_in_button_scope();
                self.reconstruct_formats();
                self.frameset_ok = false;
                self.raw(start, Raw::Rawtext)
            }
            Tag::Iframe => {
                self.frameset_ok = false;
                self.raw(start, Raw::Rawtext)
            }
            Tag::Noembed | Tag::Noscript => self.raw(start, Raw::Rawtext),
            Tag::Select => {
                if self.has_in(is::SCOPE, Tag::Select) {
                    self.close(Tag::Select);
                } else {
                    self.open_in_line(start);
                    self.frameset_ok = false;
                }
                Done
            }
            Tag::Option | Tag::Optgroup => {
                if self.has_in(is::SCOPE, Tag::Select) {
                    let except = (tag == Tag::Option).then_some(Tag::Optgroup.into());
                    self.imply_ends(is::IMPLIED, except);
                } else if self.is_current(Tag::Option) {
                    self.pop();
                }
                self.open_in_line(start);
                Done
            }
            Tag::Rb | Tag::Rtc | Tag::Rp | Tag::Rt => {
                if self.has_in(is::SCOPE, Tag::Ruby) {
                    let except = matches!(tag, Tag::Rp | Tag::Rt).then_some(Tag::Rtc.into());
                    self.imply_ends(is::IMPLIED, except);
                }
                self.open(start);
                Done
            }
            Tag::Math | Tag::Svg => {
                self.reconstruct_formats();
                let space = match tag {
                    Tag::Svg => Space::Svg,
                    _ => Space::MathMl,
                };
                self.foreign(start, space);
                Done
            }
            Tag::Frame | Tag::Head => Done,
            _ if tag.is(is::TABLE_PART) => Done,
            _ => {
                self.open_in_line(start);
                Done
            }
        }
    }

    /// Opens an item of a list, and closes the one before.
    fn open_item(&mut self, start: &Start, closed: &[Tag]) -> Step {
        self.frameset_ok = false;
        let mut open = None;
        for one in self.open.iter().rev() {
            if closed.iter().any(|tag| one.is_tag(*tag)) {
                open = Some(one.name);
                break;
            }
            let passed = [Tag::Address, Tag::Div, Tag::P];
            if one.is(is::SPECIAL) && !passed.contains(&one.name.tag) {
                break;
            }
        }
        if let Some(name) = open {
            self.imply_ends(is::IMPLIED, Some(name));
            self.close(name.tag);
        }
        self.close_p_in_button_scope();
        self.open(start);
        Done
    }

    fn end_in_body(&mut self, name: Name) -> Step {
        let tag = name.tag;
        match tag {
            Tag::Template => return self.in_head(Token::End(name)),
            Tag::Body => {
                if self.has_in(is::SCOPE, Tag::Body) {
                    self.mode = Mode::AfterBody;
                }
            }
            Tag::Html => {
                if self.has_in(is::SCOPE, Tag::Body) {
                    return Again(Mode::AfterBody);
                }
            }
            Tag::P => {
                if !self.has_in(is::SCOPE | is::BUTTON_SCOPE, Tag::P) {
                    self.open_implied(Tag::P);
                }
                self.close_p();
            }
            Tag::Form => self.end_form(),
            Tag::Li | Tag::Dd | Tag::Dt => {
                let scope = match tag {
                    Tag::Li => is::SCOPE | is::LIST_SCOPE,
                    _ => is::SCOPE,
                };
                if self.has_in(scope, tag) {
                    self.imply_ends(is::IMPLIED, Some(name));
                    self.close(tag);
                }
            }
            Tag::Button | Tag::Listing | Tag::Menu | Tag::Pre | Tag::Select => self.end_block(tag),
            Tag::Applet | Tag::Marquee | Tag::Object => {
                if self.has_in(is::SCOPE, tag) {
                    self.close_marked(tag);
                }
            }
            Tag::Br => {
                let br = Start {
                    name,
                    svg: name,
                    attrs: 0..0,
                    self_closing: false,
                };
                return self.start_in_body(&br);
            }
            _ if tag.is(is::BLOCK) => self.end_block(tag),
            _ if tag.is(is::HEADING) => {
                if self.has_flag_in(is::SCOPE, is::HEADING) {
                    self.imply_ends(is::IMPLIED, None);
                    self.close_flag(is::HEADING);
                }
            }
            _ if tag.is(is::FORMATTING) => self.adopt(tag),
            _ => self.end_any(name),
        }
        Done
    }

    fn end_block(&mut self, tag: Tag) {
        if self.has_in(is::SCOPE, tag) {
            self.imply_ends(is::IMPLIED, None);
            self.close(tag);
        }
    }

    fn end_form(&mut self) {
        if self.has_open(Tag::Template) {
            return self.end_block(Tag::Form);
        }
        let Some(form) = self.form.take() else {
            return;
        };
        if self.has_node_in(is::SCOPE, form) {
            self.imply_ends(is::IMPLIED, None);
            self.take_out(form);
        }
    }
}
