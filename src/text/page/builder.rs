//! What is open while a page is read.
//!
//! In: what the rules of `rules` do. Out: elements and text in the arena, at the place where they belong. The stack of
//! open elements, the list of formatting elements that are opened again, foster parents of what stands in tables
//! and may not, and the adoption agency that mends overlapping tags. Terms and steps are those of the HTML standard,
//! section 13.2 (<https://html.spec.whatwg.org/multipage/parsing.html>).

use std::ops::Range;

use super::NONE;
use super::arena::{Arena, Space, Span};
use super::names::{Name, Tag, is};
use super::rules::Mode;

/// The document's node.
const DOCUMENT: u32 = 0;

/// An element on the stack.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub node: u32,
    pub name: Name,
    pub space: Space,
    /// [`is`].
    pub flags: u32,
}

impl Open {
    pub fn is(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// True for an element of HTML of that tag.
    pub fn is_tag(&self, tag: Tag) -> bool {
        self.name.tag == tag && self.space == Space::Html
    }

    fn is_named(&self, name: Name) -> bool {
        self.name == name && self.space == Space::Html
    }
}

/// An entry of the list of active formatting elements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Marker,
    Element { node: u32, tag: Tag },
}

impl Format {
    fn is_node(&self, wanted: u32) -> bool {
        matches!(self, Self::Element { node, .. } if *node == wanted)
    }
}

/// A start tag.
#[derive(Clone)]
pub(super) struct Start {
    pub name: Name,
    /// Its name as an element of SVG.
    pub svg: Name,
    pub attrs: Range<u32>,
    pub self_closing: bool,
}

/// Builds the tree of a page.
pub(super) struct Builder<'p> {
    pub arena: Arena<'p>,
    pub mode: Mode,
    /// The mode to go back to from text.
    pub before_text: Mode,
    pub template_modes: Vec<Mode>,
    pub open: Vec<Open>,
    formats: Vec<Format>,
    pub head: Option<Open>,
    pub form: Option<u32>,
    /// What may not stand in a table goes before it.
    pub fostering: bool,
    pub frameset_ok: bool,
    pub quirks: bool,
    /// A line break that follows at once is left out.
    pub ignore_break: bool,
    /// Text that stands directly in a table.
    pub table_text: Vec<Span>,
}

impl<'p> Builder<'p> {
    pub fn new(source: &'p str) -> Self {
        Self {
            arena: Arena::new(source),
            mode: Mode::Initial,
            before_text: Mode::Initial,
            template_modes: Vec::new(),
            open: Vec::with_capacity(64),
            formats: Vec::new(),
            head: None,
            form: None,
            fostering: false,
            frameset_ok: true,
            quirks: false,
            ignore_break: false,
            table_text: Vec::new(),
        }
    }

    /// True in SVG and MathML.
    pub fn is_in_foreign(&self) -> bool {
        self.open.last().is_some_and(|o| o.space != Space::Html)
    }

    pub fn is_current(&self, tag: Tag) -> bool {
        self.open.last().is_some_and(|o| o.is_tag(tag))
    }

    /// True where such an element of HTML is open.
    pub fn has_open(&self, tag: Tag) -> bool {
        self.open.iter().any(|o| o.is_tag(tag))
    }

    /// The body, where it is open.
    pub fn body(&self) -> Option<Open> {
        self.open.get(1).filter(|o| o.is_tag(Tag::Body)).copied()
    }

    /// True where `wanted` comes before anything that bounds the scope.
    fn has(&self, scope: u32, wanted: impl Fn(&Open) -> bool) -> bool {
        for open in self.open.iter().rev() {
            if wanted(open) {
                return true;
            }
            if open.is(scope) {
                return false;
            }
        }
        false
    }

    pub fn has_in(&self, scope: u32, tag: Tag) -> bool {
        self.has(scope, |o| o.is_tag(tag))
    }

    pub fn has_flag_in(&self, scope: u32, flag: u32) -> bool {
        self.has(scope, |o| o.is(flag))
    }

    pub fn has_one_in(&self, scope: u32, tags: &[Tag]) -> bool {
        self.has(scope, |o| tags.iter().any(|tag| o.is_tag(*tag)))
    }

    pub fn has_node_in(&self, scope: u32, node: u32) -> bool {
        self.has(scope, |o| o.node == node)
    }

    pub fn pop(&mut self) {
        self.open.pop();
    }

    /// Pops elements whose end tags may be implied, but one.
    pub fn imply_ends(&mut self, flags: u32, except: Option<Name>) {
        while let Some(open) = self.open.last()
            && open.is(flags)
            && except.is_none_or(|name| !open.is_named(name))
        {
            self.open.pop();
        }
    }

    /// Pops up to and with the first that is wanted.
    fn pop_to(&mut self, wanted: impl Fn(&Open) -> bool) {
        while let Some(open) = self.open.pop()
            && !wanted(&open)
        {}
    }

    pub fn close(&mut self, tag: Tag) {
        self.pop_to(|o| o.is_tag(tag));
    }

    pub fn close_flag(&mut self, flag: u32) {
        self.pop_to(|o| o.is(flag));
    }

    /// Pops down to one of these, which stays.
    pub fn pop_down_to(&mut self, tags: &[Tag]) {
        while self
            .open
            .last()
            .is_some_and(|o| !tags.iter().any(|tag| o.is_tag(*tag)))
        {
            self.open.pop();
        }
    }

    pub fn close_p(&mut self) {
        self.imply_ends(is::IMPLIED, Some(Tag::P.into()));
        self.close(Tag::P);
    }

    pub fn close_p_in_button_scope(&mut self) {
        if self.has_in(is::SCOPE | is::BUTTON_SCOPE, Tag::P) {
            self.close_p();
        }
    }

    /// Closes an element that has a marker among the formatting elements.
    pub fn close_marked(&mut self, tag: Tag) {
        self.imply_ends(is::IMPLIED, None);
        self.close(tag);
        self.clear_formats();
    }

    pub fn close_cell(&mut self) {
        self.imply_ends(is::IMPLIED, None);
        self.pop_to(|o| o.is_tag(Tag::Td) || o.is_tag(Tag::Th));
        self.clear_formats();
    }

    pub fn take_out(&mut self, node: u32) {
        if let Some(at) = self.open.iter().rposition(|o| o.node == node) {
            self.open.remove(at);
        }
    }

    /// The appropriate place for inserting a node: the parent, and the child to insert before.
    fn place_in(&self, target: Open) -> (u32, u32) {
        if !self.fostering || !target.is(is::FOSTERED) {
            return (target.node, NONE);
        }
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.is_tag(Tag::Template) {
                return (open.node, NONE);
            }
            if open.is_tag(Tag::Table) {
                let parent = self.arena.parent(open.node);
                if parent != NONE {
                    return (parent, open.node);
                }
                let before = self.open.get(at.wrapping_sub(1));
                return (before.map_or(DOCUMENT, |o| o.node), NONE);
            }
        }
        (self.open.first().map_or(DOCUMENT, |o| o.node), NONE)
    }

    fn current_place(&self) -> (u32, u32) {
        self.open
            .last()
            .map_or((DOCUMENT, NONE), |current| self.place_in(*current))
    }

    pub fn append_text(&mut self, text: Span) {
        let (parent, next) = self.current_place();
        self.arena.insert_text(parent, next, text);
    }

    /// Makes an element of HTML where it belongs, without opening it.
    pub fn insert(&mut self, name: Name, attrs: Range<u32>) -> Open {
        let (parent, next) = self.current_place();
        let node = self.arena.element(name, Space::Html, attrs);
        self.arena.place(parent, next, node);
        Open {
            node,
            name,
            space: Space::Html,
            flags: name.tag.flags(),
        }
    }

    /// The same, and opens it.
    pub fn open(&mut self, start: &Start) -> Open {
        let open = self.insert(start.name, start.attrs.clone());
        self.open.push(open);
        open
    }

    /// Opens an element that the page does not have.
    pub fn open_implied(&mut self, tag: Tag) -> Open {
        let open = self.insert(tag.into(), 0..0);
        self.open.push(open);
        open
    }

    /// Makes an element of SVG or MathML, and opens it where it does not close itself.
    pub fn foreign(&mut self, start: &Start, space: Space) {
        let svg = space == Space::Svg && self.is_in_foreign();
        let name = if svg { start.svg } else { start.name };
        for attr in self.arena.attrs_mut(&start.attrs) {
            attr.name = super::attributes::without_prefix(attr.name);
        }
        let (parent, next) = self.current_place();
        let node = self.arena.element(name, space, start.attrs.clone());
        self.arena.place(parent, next, node);
        let flags = match (space, name.tag) {
            (Space::MathMl, Tag::Mi | Tag::Mo | Tag::Mn | Tag::Ms | Tag::Mtext) => {
                is::SCOPE | is::TEXT_POINT
            }
            (Space::MathMl, Tag::AnnotationXml) => {
                let encoding = self.arena.value(&start.attrs, "encoding");
                let html = encoding.is_some_and(|e| {
                    e.eq_ignore_ascii_case("text/html")
                        || e.eq_ignore_ascii_case("application/xhtml+xml")
                });
                // Unlike those of SVG, such a point bounds no scope: so does html5ever, the oracle.
                is::ANNOTATION | if html { is::HTML_POINT } else { 0 }
            }
            (Space::Svg, Tag::Desc | Tag::Title) => is::SCOPE | is::HTML_POINT,
            (Space::Svg, Tag::Other) if self.arena.names.text(name) == "foreignObject" => {
                is::SCOPE | is::HTML_POINT
            }
            _ => 0,
        };
        if !start.self_closing {
            self.open.push(Open {
                node,
                name,
                space,
                flags,
            });
        }
    }

    pub fn push_marker(&mut self) {
        self.formats.push(Format::Marker);
    }

    /// Clears the list of active formatting elements up to the last marker.
    pub fn clear_formats(&mut self) {
        while self.formats.pop().is_some_and(|f| f != Format::Marker) {}
    }

    fn is_marker_or_open(&self, format: Format) -> bool {
        match format {
            Format::Marker => true,
            Format::Element { node, .. } => self.open.iter().rev().any(|o| o.node == node),
        }
    }

    /// Opens the formatting elements again that were closed out of order.
    pub fn reconstruct_formats(&mut self) {
        let closed = self
            .formats
            .iter()
            .rev()
            .take_while(|f| !self.is_marker_or_open(**f))
            .count();
        for at in self.formats.len() - closed..self.formats.len() {
            if let Format::Element { node, tag } = self.formats[at]
                && let Some((node, name)) = self.arena.copy(node)
            {
                let (parent, next) = self.current_place();
                self.arena.place(parent, next, node);
                self.open.push(formatting(node, name));
                self.formats[at] = Format::Element { node, tag };
            }
        }
    }

    /// The formatting elements since the last marker, the last first, with their places in the list.
    fn formats(&self) -> impl Iterator<Item = (usize, u32, Tag)> {
        self.formats
            .iter()
            .enumerate()
            .rev()
            .map_while(|(at, f)| match f {
                Format::Marker => None,
                Format::Element { node, tag } => Some((at, *node, *tag)),
            })
    }

    fn format_of(&self, node: u32) -> Option<usize> {
        self.formats.iter().position(|f| f.is_node(node))
    }

    /// Opens a formatting element. Of three that are alike the earliest is forgotten.
    pub fn open_format(&mut self, start: &Start) {
        let tag = start.name.tag;
        let mut alike = 0;
        let mut earliest = None;
        for (at, node, of) in self.formats() {
            if of == tag && self.are_alike(&start.attrs, &self.arena.attrs_of(node)) {
                alike += 1;
                earliest = Some(at);
            }
        }
        if let Some(at) = earliest.filter(|_| alike >= 3) {
            self.formats.remove(at);
        }
        let node = self.open(start).node;
        self.formats.push(Format::Element { node, tag });
    }

    fn are_alike(&self, one: &Range<u32>, other: &Range<u32>) -> bool {
        let (one, other) = (self.arena.attrs(one), self.arena.attrs(other));
        one.len() == other.len()
            && one.iter().all(|a| {
                let same = other.iter().find(|b| a.name == b.name);
                same.is_some_and(|b| self.arena.text(a.value) == self.arena.text(b.value))
            })
    }

    /// Closes an `a` that another one finds open.
    pub fn close_open_a(&mut self) {
        let Some((_, node, _)) = self.formats().find(|(_, _, tag)| *tag == Tag::A) else {
            return;
        };
        self.adopt(Tag::A);
        if let Some(at) = self.format_of(node) {
            self.formats.remove(at);
        }
        self.take_out(node);
    }

    /// Closes what a tag names that no rule knows, if nothing special stands between.
    pub fn end_any(&mut self, name: Name) {
        let mut found = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.is_named(name) {
                found = Some(at);
                break;
            }
            if open.is(is::SPECIAL) {
                return;
            }
        }
        if let Some(at) = found {
            self.open.truncate(at);
        }
    }

    /// The adoption agency algorithm: closes a formatting element, also where others are open within.
    pub fn adopt(&mut self, tag: Tag) {
        if let Some(current) = self.open.last()
            && current.is_tag(tag)
            && self.format_of(current.node).is_none()
        {
            self.open.pop();
            return;
        }
        for _ in 0..8 {
            let Some((in_formats, element, _)) = self.formats().find(|(_, _, of)| *of == tag)
            else {
                return self.end_any(tag.into());
            };
            let Some(in_open) = self.open.iter().rposition(|o| o.node == element) else {
                self.formats.remove(in_formats);
                return;
            };
            if !self.has_node_in(is::SCOPE, element) {
                return;
            }
            let special = |open: &Open| open.is(is::SPECIAL);
            let Some(within) = self.open[in_open..].iter().position(special) else {
                self.open.truncate(in_open);
                self.formats.remove(in_formats);
                return;
            };
            self.adopt_block(in_open, in_open + within, element);
        }
    }

    /// One round of it: the furthest block leaves the formatting element, which is opened again within it.
    fn adopt_block(&mut self, in_open: usize, block_at: usize, element: u32) {
        let block = self.open[block_at];
        // Below a formatting element there is at least `html`.
        let ancestor = self.open[in_open.saturating_sub(1)];
        let mut bookmark = None;
        let mut last = block.node;
        let mut at = block_at;
        let mut inner = 0;
        loop {
            inner += 1;
            at -= 1;
            let node = self.open[at].node;
            if node == element {
                break;
            }
            let format = self.format_of(node);
            if inner > 3
                && let Some(format) = format
            {
                self.formats.remove(format);
            }
            let copied = match format {
                Some(format) if inner <= 3 => self.arena.copy(node).map(|copy| (format, copy)),
                _ => None,
            };
            let Some((format, (copy, name))) = copied else {
                self.open.remove(at);
                continue;
            };
            self.open[at] = formatting(copy, name);
            self.formats[format] = Format::Element {
                node: copy,
                tag: name.tag,
            };
            if last == block.node {
                bookmark = Some(copy);
            }
            self.arena.place(copy, NONE, last);
            last = copy;
        }
        let (parent, next) = self.place_in(ancestor);
        self.arena.detach(last);
        self.arena.place(parent, next, last);
        let Some((copy, name)) = self.arena.copy(element) else {
            return;
        };
        self.arena.move_children(block.node, copy);
        self.arena.place(block.node, NONE, copy);
        let entry = Format::Element {
            node: copy,
            tag: name.tag,
        };
        match bookmark {
            None => {
                if let Some(old) = self.format_of(element) {
                    self.formats[old] = entry;
                }
            }
            Some(after) => {
                let after = self.format_of(after).map_or(self.formats.len(), |a| a + 1);
                self.formats.insert(after, entry);
                if let Some(old) = self.format_of(element) {
                    self.formats.remove(old);
                }
            }
        }
        self.take_out(element);
        if let Some(block) = self.open.iter().position(|o| o.node == block.node) {
            self.open.insert(block + 1, formatting(copy, name));
        }
    }

    /// The mode that fits what is open.
    pub fn fitting_mode(&self) -> Mode {
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.space != Space::Html {
                continue;
            }
            return match open.name.tag {
                Tag::Td | Tag::Th if at > 0 => Mode::InCell,
                Tag::Tr => Mode::InRow,
                Tag::Tbody | Tag::Thead | Tag::Tfoot => Mode::InTableBody,
                Tag::Caption => Mode::InCaption,
                Tag::Colgroup => Mode::InColumnGroup,
                Tag::Table => Mode::InTable,
                Tag::Template => self.template_modes.last().copied().unwrap_or(Mode::InBody),
                Tag::Head if at > 0 => Mode::InHead,
                Tag::Body => Mode::InBody,
                Tag::Frameset => Mode::InFrameset,
                Tag::Html if self.head.is_none() => Mode::BeforeHead,
                Tag::Html => Mode::AfterHead,
                _ => continue,
            };
        }
        Mode::InBody
    }
}

/// A formatting element on the stack.
fn formatting(node: u32, name: Name) -> Open {
    Open {
        node,
        name,
        space: Space::Html,
        flags: name.tag.flags(),
    }
}
