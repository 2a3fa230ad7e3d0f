//! The nodes of a page while it is read.
//!
//! In: elements and text, and where they belong. Out: the parts of a [`Page`], its nodes in document order. Text of
//! scripts (but data) and styles is dropped. Must not know how markup is read, nor the rules of where things belong.

use std::ops::Range;

use memchr::memchr_iter;

use super::attributes::{KEPT, bit, kept};
use super::names::{Name, Names, Tag, text};
use super::{Kind, MOST_NODES, MOST_TEXT, NONE, Node, NodeId, Page};

/// A piece of the page's source, or of what was made of it (references resolved).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    /// [`MADE`] apart.
    from: u32,
    length: u32,
}

/// Tells what was made from the source: pages are shorter.
const MADE: u32 = 1 << 31;

impl Span {
    /// A piece of the source.
    pub fn of(from: usize, to: usize) -> Self {
        Self {
            from: from as u32,
            length: (to - from) as u32,
        }
    }

    pub fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The first bytes, and the rest.
    pub fn split(self, at: usize) -> (Self, Self) {
        let at = (at as u32).min(self.length);
        let (from, length) = (self.from, self.length - at);
        let rest = Self {
            from: from + at,
            length,
        };
        (Self { from, length: at }, rest)
    }

    #[inline]
    pub fn get<'t>(self, source: &'t str, made: &'t str) -> &'t str {
        let text = if self.from & MADE == 0 { source } else { made };
        let from = (self.from & !MADE) as usize;
        text.get(from..from + self.length as usize)
            .unwrap_or_default()
    }
}

/// An attribute of an element.
pub(super) struct Attr {
    /// Its place among [`KEPT`]; behind those, among the page's own names.
    pub name: u32,
    pub value: Span,
}

/// What an element belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Space {
    Html,
    Svg,
    MathMl,
}

/// An element of a page.
pub(super) struct Element {
    pub name: Name,
    #[cfg_attr(not(test), expect(dead_code, reason = "the oracle compares it"))]
    pub space: Space,
    /// Where its attributes stand among those of the page: a list of its own for each element was a
    /// fifth of parsing, most of it in the allocator. An element that is opened again shares them.
    pub attrs: Range<u32>,
    /// 1-based line of the source on which its start tag ends. While the page is read, the offset of
    /// that end: lines are counted once, by [`count_lines`].
    pub line: u32,
    /// The [`bit`]s of its attributes' names: most questions for an attribute are answered by no.
    pub held: u64,
}

impl Element {
    #[inline(always)]
    pub fn attr(&self, all: &[Attr], name: &str) -> Option<Span> {
        if self.held & bit(name) == 0 {
            return None;
        }
        self.find(all, name)
    }

    #[inline(never)]
    fn find(&self, all: &[Attr], name: &str) -> Option<Span> {
        self.attrs(all)
            .iter()
            .find(|a| KEPT.get(a.name as usize) == Some(&name))
            .map(|a| a.value)
    }

    pub fn attrs<'a>(&self, all: &'a [Attr]) -> &'a [Attr] {
        all.get(self.attrs.start as usize..self.attrs.end as usize)
            .unwrap_or_default()
    }
}

/// The text of a node.
pub(super) enum Content {
    Piece(Span),
    /// Of several pieces that do not lie side by side: among the page's joined texts.
    Joined(u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Document,
    Element(u32),
    Text(u32),
}

struct Place {
    parent: u32,
    prev: u32,
    next: u32,
    first: u32,
    last: u32,
    /// Distance from the document when it was put in.
    depth: u32,
    slot: Slot,
    /// Its text is not kept.
    mute: bool,
}

/// The nodes of a page while it is read.
pub(super) struct Arena<'p> {
    source: &'p str,
    made: String,
    pub names: Names,
    places: Vec<Place>,
    elements: Vec<Element>,
    attrs: Vec<Attr>,
    texts: Vec<Content>,
    joined: Vec<String>,
    /// The offset where the tag ends that is being read.
    pub at: u32,
    deepest: u32,
    /// Bytes of text that may still come.
    left: usize,
    /// There was more.
    cut: bool,
}

impl<'p> Arena<'p> {
    /// An empty tree for a page.
    pub fn new(source: &'p str) -> Self {
        let guess = source.len() / 48 + 16;
        let mut arena = Self {
            source,
            made: String::new(),
            names: Names::new(),
            places: Vec::with_capacity(guess),
            elements: Vec::with_capacity(guess / 2),
            attrs: Vec::with_capacity(guess),
            texts: Vec::with_capacity(guess / 2),
            joined: Vec::new(),
            at: 0,
            deepest: 0,
            left: MOST_TEXT,
            cut: false,
        };
        arena.push(Slot::Document, false);
        arena
    }

    /// Text as it is.
    #[inline]
    pub fn text(&self, span: Span) -> &str {
        span.get(self.source, &self.made)
    }

    /// Keeps a text that the source does not have.
    pub fn make(&mut self, text: &str) -> Span {
        let from = self.made.len();
        if from + text.len() >= MADE as usize {
            self.cut = true;
            return Span::default();
        }
        self.made.push_str(text);
        Span {
            from: from as u32 | MADE,
            length: text.len() as u32,
        }
    }

    /// The depth of the deepest element put in since this was last asked.
    pub fn take_deepest(&mut self) -> u32 {
        std::mem::take(&mut self.deepest)
    }

    /// True once the page has more than is read.
    pub fn is_full(&mut self) -> bool {
        self.cut |= self.size() > MOST_NODES;
        self.cut
    }

    /// Nodes and attributes made so far.
    pub fn size(&self) -> usize {
        self.places.len() + self.attrs.len()
    }

    /// Where the next attribute will stand.
    pub fn next_attr(&self) -> u32 {
        self.attrs.len() as u32
    }

    pub fn push_attr(&mut self, name: u32, value: Span) {
        self.attrs.push(Attr { name, value });
    }

    pub fn attrs(&self, range: &Range<u32>) -> &[Attr] {
        self.attrs
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    pub fn attrs_mut(&mut self, range: &Range<u32>) -> &mut [Attr] {
        self.attrs
            .get_mut(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    /// The value of an attribute among some.
    pub fn value(&self, range: &Range<u32>, name: &str) -> Option<&str> {
        let place = kept(name)? as u32;
        let attr = self.attrs(range).iter().find(|a| a.name == place)?;
        Some(self.text(attr.value))
    }

    fn push(&mut self, slot: Slot, mute: bool) -> u32 {
        let id = self.places.len() as u32;
        self.places.push(Place {
            parent: NONE,
            prev: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            depth: 0,
            slot,
            mute,
        });
        id
    }

    /// An element that is nowhere yet.
    pub fn element(&mut self, name: Name, space: Space, attrs: Range<u32>) -> u32 {
        let held = self.attrs(&attrs).iter().fold(0, |held, attr| {
            held | KEPT.get(attr.name as usize).map_or(0, |name| bit(name))
        });
        let mute = match name.tag {
            Tag::Style => true,
            Tag::Script => !self.value(&attrs, "type").is_some_and(is_data),
            _ => false,
        };
        let line = self.at;
        let element = Element {
            name,
            space,
            attrs,
            line,
            held,
        };
        self.push_element(element, mute)
    }

    fn push_element(&mut self, element: Element, mute: bool) -> u32 {
        self.elements.push(element);
        self.push(Slot::Element(self.elements.len() as u32 - 1), mute)
    }

    /// The same element again.
    pub fn copy(&mut self, node: u32) -> Option<(u32, Name)> {
        let Slot::Element(at) = self.places[node as usize].slot else {
            return None;
        };
        let original = &self.elements[at as usize];
        let name = original.name;
        let element = Element {
            line: self.at,
            attrs: original.attrs.clone(),
            ..*original
        };
        let copy = self.push_element(element, false);
        Some((copy, name))
    }

    /// The attributes of an element.
    pub fn attrs_of(&self, node: u32) -> Range<u32> {
        match self.places[node as usize].slot {
            Slot::Element(at) => self.elements[at as usize].attrs.clone(),
            _ => 0..0,
        }
    }

    /// Gives an element the attributes that it has not.
    pub fn add_missing(&mut self, node: u32, more: &Range<u32>) {
        let Slot::Element(at) = self.places[node as usize].slot else {
            return;
        };
        for n in more.clone() {
            let Attr { name, value } = self.attrs[n as usize];
            let range = self.elements[at as usize].attrs.clone();
            if self.attrs(&range).iter().any(|a| a.name == name) {
                continue;
            }
            // Its attributes move to the end, where there is room for more.
            let start = self.next_attr();
            for n in range {
                let Attr { name, value } = self.attrs[n as usize];
                self.push_attr(name, value);
            }
            self.push_attr(name, value);
            let element = &mut self.elements[at as usize];
            element.attrs = start..self.attrs.len() as u32;
            element.held |= KEPT.get(name as usize).map_or(0, |name| bit(name));
        }
    }

    pub fn parent(&self, node: u32) -> u32 {
        self.places[node as usize].parent
    }

    pub fn detach(&mut self, node: u32) {
        let places = &mut self.places;
        let (parent, prev, next) = {
            let n = &mut places[node as usize];
            let links = (n.parent, n.prev, n.next);
            (n.parent, n.prev, n.next) = (NONE, NONE, NONE);
            links
        };
        if prev != NONE {
            places[prev as usize].next = next;
        } else if parent != NONE {
            places[parent as usize].first = next;
        }
        if next != NONE {
            places[next as usize].prev = prev;
        } else if parent != NONE {
            places[parent as usize].last = prev;
        }
    }

    /// Puts a detached `node` before `next` (or last, where `next` is `NONE`) among the children of
    /// `parent`.
    fn insert(&mut self, parent: u32, next: u32, node: u32) {
        let places = &mut self.places;
        let prev = match next {
            NONE => places[parent as usize].last,
            _ => places[next as usize].prev,
        };
        let depth = places[parent as usize].depth + 1;
        {
            let n = &mut places[node as usize];
            (n.parent, n.prev, n.next) = (parent, prev, next);
            n.depth = depth;
            if matches!(n.slot, Slot::Element(_)) {
                self.deepest = self.deepest.max(depth);
            }
        }
        match prev {
            NONE => places[parent as usize].first = node,
            _ => places[prev as usize].next = node,
        }
        match next {
            NONE => places[parent as usize].last = node,
            _ => places[next as usize].prev = node,
        }
    }

    /// Moves a node before `next` (or last, where that is `NONE`) among the children of `parent`.
    pub fn place(&mut self, parent: u32, next: u32, node: u32) {
        if self.places[node as usize].parent != NONE {
            self.detach(node);
        }
        self.insert(parent, next, node);
    }

    /// Moves all children of a node to the end of another's.
    pub fn move_children(&mut self, node: u32, to: u32) {
        loop {
            match self.places[node as usize].first {
                NONE => return,
                first => self.place(to, NONE, first),
            }
        }
    }

    /// Puts text before `next` (or last) among the children of `parent`, joined to text before it.
    pub fn insert_text(&mut self, parent: u32, next: u32, span: Span) {
        if self.places[parent as usize].mute || self.cut {
            return;
        }
        let span = self.take_text(span);
        let prev = match next {
            NONE => self.places[parent as usize].last,
            _ => self.places[next as usize].prev,
        };
        if prev != NONE
            && let Slot::Text(at) = self.places[prev as usize].slot
        {
            return self.join(at as usize, span);
        }
        self.texts.push(Content::Piece(span));
        let node = self.push(Slot::Text(self.texts.len() as u32 - 1), false);
        self.insert(parent, next, node);
    }

    /// As much of a text as may still come.
    fn take_text(&mut self, span: Span) -> Span {
        let length = span.length as usize;
        if length <= self.left {
            self.left -= length;
            return span;
        }
        let kept = self.text(span).floor_char_boundary(self.left);
        self.left = 0;
        self.cut = true;
        span.split(kept).0
    }

    fn join(&mut self, at: usize, more: Span) {
        let text = more.get(self.source, &self.made);
        match &mut self.texts[at] {
            Content::Piece(span) if span.from + span.length == more.from => {
                span.length += more.length;
            }
            Content::Piece(span) => {
                let joined = [span.get(self.source, &self.made), text].concat();
                self.texts[at] = Content::Joined(self.joined.len() as u32);
                self.joined.push(joined);
            }
            Content::Joined(n) => self.joined[*n as usize].push_str(text),
        }
    }

    /// Lines the nodes up in document order; what is no longer in the tree goes. The page's source is to be given to it.
    pub fn finish(self) -> Page {
        let places = self.places;
        let mut nodes: Vec<Node> = Vec::with_capacity(places.len());
        // Where each open ancestor went, with its old name.
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut prev = NONE;
        let mut at = 0u32;
        let mut told = Vec::new();
        'nodes: loop {
            let id = nodes.len() as u32;
            let place = &places[at as usize];
            if let Slot::Element(e) = place.slot
                && matches!(
                    self.elements[e as usize].name.tag,
                    Tag::Script | Tag::Meta | Tag::Link
                )
            {
                told.push(NodeId(id));
            }
            nodes.push(Node {
                parent: open.last().map_or(NONE, |o| o.1),
                prev,
                end: id + 1,
                kind: match place.slot {
                    Slot::Element(e) => Kind::Element(e),
                    Slot::Text(t) => Kind::Text(t),
                    Slot::Document => Kind::Document,
                },
            });
            if place.first != NONE {
                open.push((at, id));
                prev = NONE;
                at = place.first;
                continue;
            }
            let mut done = (at, id);
            loop {
                let next = places[done.0 as usize].next;
                if next != NONE {
                    prev = done.1;
                    at = next;
                    break;
                }
                let Some(up) = open.pop() else {
                    break 'nodes;
                };
                nodes[up.1 as usize].end = nodes.len() as u32;
                done = up;
            }
        }
        Page {
            nodes,
            elements: self.elements,
            attrs: self.attrs,
            texts: self.texts,
            joined: self.joined,
            told,
            source: String::new(),
            made: self.made,
            names: self.names.into_others(),
            cut: self.cut,
        }
    }
}

/// True for the type of a script that is data and no program.
pub(super) fn is_data(kind: &str) -> bool {
    is_json_ld(kind) || kind.trim().eq_ignore_ascii_case("application/json")
}

pub(super) fn is_json_ld(kind: &str) -> bool {
    kind.trim().eq_ignore_ascii_case("application/ld+json")
}

/// Makes line numbers of the offsets into `source` that elements hold: they were made in order.
pub(super) fn count_lines(elements: &mut [Element], source: &[u8]) {
    let mut breaks = memchr_iter(b'\n', source);
    let mut next = breaks.next();
    let mut line = 1;
    for element in elements {
        while next.is_some_and(|at| at < element.line as usize) {
            line += 1;
            next = breaks.next();
        }
        element.line = line;
    }
}

impl Page {
    /// The text of a node's piece.
    pub(super) fn content(&self, at: u32) -> &str {
        match self.texts[at as usize] {
            Content::Piece(span) => self.span(span),
            Content::Joined(n) => &self.joined[n as usize],
        }
    }

    #[inline]
    pub(super) fn span(&self, span: Span) -> &str {
        span.get(&self.source, &self.made)
    }

    #[inline]
    pub(super) fn name(&self, name: Name) -> &str {
        text(&self.names, name)
    }
}
