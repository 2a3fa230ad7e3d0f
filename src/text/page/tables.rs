//! The modes within tables.
//!
//! In: tokens. Out: rows and cells; what may not stand in a table, before it. HTML standard, sections 13.2.6.4.9 to 15.

use super::builder::Builder;
use super::names::{Tag, is};
use super::rules::Step::{Again, Done};
use super::rules::{Mode, Step, Token};

impl Builder<'_> {
    pub(super) fn in_table(&mut self, token: Token<'_>) -> Step {
        const ROOTS: &[Tag] = &[Tag::Html, Tag::Table, Tag::Template];
        match token {
            Token::Null | Token::Text(..) => {
                if self.open.last().is_some_and(|o| o.is(is::FOSTERED)) {
                    self.before_text = self.mode;
                    return Again(Mode::InTableText);
                }
                self.foster(token)
            }
            Token::Start(start) => match start.name.tag {
                Tag::Caption => {
                    self.pop_down_to(ROOTS);
                    self.push_marker();
                    self.open(start);
                    self.mode = Mode::InCaption;
                    Done
                }
                Tag::Colgroup => {
                    self.pop_down_to(ROOTS);
                    self.open(start);
                    self.mode = Mode::InColumnGroup;
                    Done
                }
                Tag::Col => {
                    self.pop_down_to(ROOTS);
                    self.open_implied(Tag::Colgroup);
                    Again(Mode::InColumnGroup)
                }
                Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    self.pop_down_to(ROOTS);
                    self.open(start);
                    self.mode = Mode::InTableBody;
                    Done
                }
                Tag::Td | Tag::Th | Tag::Tr => {
                    self.pop_down_to(ROOTS);
                    self.open_implied(Tag::Tbody);
                    Again(Mode::InTableBody)
                }
                Tag::Table => {
                    if self.has_in(is::TABLE_SCOPE, Tag::Table) {
                        self.close(Tag::Table);
                        return Again(self.fitting_mode());
                    }
                    Done
                }
                Tag::Style | Tag::Script | Tag::Template => self.in_head(token),
                Tag::Input if self.is_hidden(start) => self.insert_alone(start),
                Tag::Form => {
                    if !self.has_open(Tag::Template) && self.form.is_none() {
                        self.form = Some(self.insert(start.name, start.attrs.clone()).node);
                    }
                    Done
                }
                _ => self.foster(token),
            },
            Token::End(name) => match name.tag {
                Tag::Table => {
                    if self.has_in(is::TABLE_SCOPE, Tag::Table) {
                        self.close(Tag::Table);
                        self.mode = self.fitting_mode();
                    }
                    Done
                }
                Tag::Body | Tag::Html => Done,
                tag if tag.is(is::TABLE_PART) => Done,
                Tag::Template => self.in_head(token),
                _ => self.foster(token),
            },
            Token::Eof => self.in_body(token),
        }
    }

    /// Puts before the table what may not stand in it.
    fn foster(&mut self, token: Token<'_>) -> Step {
        self.fostering = true;
        let step = self.in_body(token);
        self.fostering = false;
        step
    }

    pub(super) fn in_table_text(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Null => Done,
            Token::Text(text, _) => {
                self.table_text.push(text);
                Done
            }
            _ => {
                self.end_table_text();
                Again(self.before_text)
            }
        }
    }

    pub(super) fn end_table_text(&mut self) {
        let pending = std::mem::take(&mut self.table_text);
        let white = pending.iter().all(|text| self.is_white(*text));
        for text in pending {
            if white {
                self.append_text(text);
            } else {
                self.foster(Token::Text(text, false));
            }
        }
        self.mode = self.before_text;
    }

    pub(super) fn in_caption(&mut self, token: Token<'_>) -> Step {
        let ends = match token {
            Token::Start(start) => start.name.tag.is(is::TABLE_PART),
            Token::End(name) => match name.tag {
                Tag::Table | Tag::Caption => true,
                tag if tag.is(is::TABLE_PART) || matches!(tag, Tag::Body | Tag::Html) => {
                    return Done;
                }
                _ => false,
            },
            _ => false,
        };
        if !ends {
            return self.in_body(token);
        }
        if !self.has_in(is::TABLE_SCOPE, Tag::Caption) {
            return Done;
        }
        self.close_marked(Tag::Caption);
        match token {
            Token::End(name) if name.tag == Tag::Caption => {
                self.mode = Mode::InTable;
                Done
            }
            _ => Again(Mode::InTable),
        }
    }

    pub(super) fn in_column_group(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Text(text, true) => return self.append(text),
            Token::Start(start) => match start.name.tag {
                Tag::Html => return self.in_body(token),
                Tag::Col => return self.insert_alone(start),
                Tag::Template => return self.in_head(token),
                _ => {}
            },
            Token::End(name) => match name.tag {
                Tag::Colgroup => {
                    if self.is_current(Tag::Colgroup) {
                        self.pop();
                        self.mode = Mode::InTable;
                    }
                    return Done;
                }
                Tag::Col => return Done,
                Tag::Template => return self.in_head(token),
                _ => {}
            },
            Token::Eof => return self.in_body(token),
            _ => {}
        }
        if !self.is_current(Tag::Colgroup) {
            return Done;
        }
        self.pop();
        Again(Mode::InTable)
    }

    pub(super) fn in_table_body(&mut self, token: Token<'_>) -> Step {
        const BODIES: &[Tag] = &[Tag::Tbody, Tag::Tfoot, Tag::Thead, Tag::Template, Tag::Html];
        let ends = match token {
            Token::Start(start) => match start.name.tag {
                Tag::Tr => {
                    self.pop_down_to(BODIES);
                    self.open(start);
                    self.mode = Mode::InRow;
                    return Done;
                }
                Tag::Th | Tag::Td => {
                    self.pop_down_to(BODIES);
                    self.open_implied(Tag::Tr);
                    return Again(Mode::InRow);
                }
                tag => tag.is(is::TABLE_PART),
            },
            Token::End(name) => match name.tag {
                Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    if self.has_in(is::TABLE_SCOPE, name.tag) {
                        self.pop_down_to(BODIES);
                        self.pop();
                        self.mode = Mode::InTable;
                    }
                    return Done;
                }
                Tag::Table => true,
                tag if tag.is(is::TABLE_PART) || matches!(tag, Tag::Body | Tag::Html) => {
                    return Done;
                }
                _ => false,
            },
            _ => false,
        };
        if !ends {
            return self.in_table(token);
        }
        if self.has_one_in(is::TABLE_SCOPE, &[Tag::Table, Tag::Tbody, Tag::Tfoot]) {
            self.pop_down_to(BODIES);
            self.pop();
            return Again(Mode::InTable);
        }
        Done
    }

    pub(super) fn in_row(&mut self, token: Token<'_>) -> Step {
        const ROWS: &[Tag] = &[Tag::Tr, Tag::Template, Tag::Html];
        let ends = match token {
            Token::Start(start) => match start.name.tag {
                Tag::Th | Tag::Td => {
                    self.pop_down_to(ROWS);
                    self.open(start);
                    self.mode = Mode::InCell;
                    self.push_marker();
                    return Done;
                }
                tag => tag.is(is::TABLE_PART),
            },
            Token::End(name) => match name.tag {
                Tag::Tr | Tag::Table => true,
                Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    if !self.has_in(is::TABLE_SCOPE, name.tag) {
                        return Done;
                    }
                    true
                }
                tag if tag.is(is::TABLE_PART) || matches!(tag, Tag::Body | Tag::Html) => {
                    return Done;
                }
                _ => false,
            },
            _ => false,
        };
        if !ends {
            return self.in_table(token);
        }
        if !self.has_in(is::TABLE_SCOPE, Tag::Tr) {
            return Done;
        }
        self.pop_down_to(ROWS);
        self.pop();
        match token {
            Token::End(name) if name.tag == Tag::Tr => {
                self.mode = Mode::InTableBody;
                Done
            }
            _ => Again(Mode::InTableBody),
        }
    }

    pub(super) fn in_cell(&mut self, token: Token<'_>) -> Step {
        match token {
            Token::Start(start) if start.name.tag.is(is::TABLE_PART) => {
                if !self.has_one_in(is::TABLE_SCOPE, &[Tag::Td, Tag::Th]) {
                    return Done;
                }
                self.close_cell();
                Again(Mode::InRow)
            }
            Token::End(name) => match name.tag {
                Tag::Td | Tag::Th => {
                    if self.has_in(is::TABLE_SCOPE, name.tag) {
                        self.close_marked(name.tag);
                        self.mode = Mode::InRow;
                    }
                    Done
                }
                Tag::Body | Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Html => Done,
                Tag::Table | Tag::Tbody | Tag::Tfoot | Tag::Thead | Tag::Tr => {
                    if !self.has_in(is::TABLE_SCOPE, name.tag) {
                        return Done;
                    }
                    self.close_cell();
                    Again(Mode::InRow)
                }
                _ => self.in_body(token),
            },
            _ => self.in_body(token),
        }
    }
}
