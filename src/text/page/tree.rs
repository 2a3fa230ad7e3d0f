//! The arena that html5ever's tree builder fills.
//!
//! In: what the tree builder says while it reads. Out: a [`Page`], its nodes in document order. Text of
//! scripts (but data) and styles is dropped. Must not know how markup is read.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ops::Range;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, LocalName, Namespace, QualName, local_name};
use memchr::memchr_iter;

use super::attributes::bit;
use super::{Kind, MOST_NODES, MOST_TEXT, NONE, Node, Page};

/// An attribute of an element.
pub(super) struct Attr {
    pub(super) name: LocalName,
    pub(super) value: StrTendril,
}

/// An element of a page.
pub(super) struct Element {
    pub(super) name: QualName,
    /// Where its attributes stand among those of the page: a list of its own for each element was a
    /// fifth of parsing, most of it in the allocator.
    attrs: Range<u32>,
    /// 1-based line of the source on which its start tag ends. While our tokenizer reads, the offset of
    /// that end: lines are counted once, by [`Page::count_lines`].
    pub(super) line: u32,
    /// The [`bit`]s of its attributes' names: most questions for an attribute are answered by no.
    held: u64,
    /// An HTML integration point (`annotation-xml` with an HTML encoding).
    integrates_html: bool,
}

impl Element {
    #[inline(always)]
    pub(super) fn attr<'a>(&self, all: &'a [Attr], name: &str) -> Option<&'a str> {
        if self.held & bit(name) == 0 {
            return None;
        }
        self.find(all, name)
    }

    #[inline(never)]
    fn find<'a>(&self, all: &'a [Attr], name: &str) -> Option<&'a str> {
        self.attrs(all)
            .iter()
            .find(|a| &*a.name == name)
            .map(|a| &*a.value)
    }

    pub(super) fn attrs<'a>(&self, all: &'a [Attr]) -> &'a [Attr] {
        &all[self.attrs.start as usize..self.attrs.end as usize]
    }

    pub(super) fn class<'a>(&self, all: &'a [Attr]) -> Option<&'a str> {
        if self.held & bit("class") == 0 {
            return None;
        }
        self.attrs(all)
            .iter()
            .find(|a| a.name == local_name!("class"))
            .map(|a| &*a.value)
    }

    /// A script that is data and no program.
    pub(super) fn is_data(&self, all: &[Attr]) -> bool {
        self.name.local == local_name!("script")
            && self.attr(all, "type").is_some_and(|t| {
                let t = t.trim();
                t.eq_ignore_ascii_case("application/ld+json")
                    || t.eq_ignore_ascii_case("application/json")
            })
    }

    pub(super) fn is_json_ld(&self, all: &[Attr]) -> bool {
        self.name.local == local_name!("script")
            && self
                .attr(all, "type")
                .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/ld+json"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Document,
    Element(u32),
    Text(u32),
    /// Comments and processing instructions: the tree builder wants a handle for them.
    Nothing,
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

/// The one node that stands for everything that is not kept.
const NOTHING: u32 = 1;

/// A node as the tree builder holds it. It asks for names more than for anything else (looked up in the
/// arena each time, they were 8 % of parsing), so a handle brings its own.
#[derive(Clone)]
pub(super) struct Handle {
    at: u32,
    ns: Namespace,
    local: LocalName,
}

impl Handle {
    fn nameless(at: u32) -> Self {
        Self {
            at,
            ns: Namespace::default(),
            local: LocalName::default(),
        }
    }
}

/// Builds the arena from what html5ever's tree builder says.
pub(super) struct Builder {
    places: RefCell<Vec<Place>>,
    /// The first is a stand-in for nodes that are no elements.
    elements: RefCell<Vec<Element>>,
    attrs: RefCell<Vec<Attr>>,
    texts: RefCell<Vec<StrTendril>>,
    line: Cell<u32>,
    deepest: Cell<u32>,
    /// Bytes of text that may still come.
    left: Cell<usize>,
    /// There was more.
    cut: Cell<bool>,
}

impl Builder {
    /// An empty tree for a page of `bytes` bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let guess = bytes / 48 + 16;
        let nameless = QualName::new(None, Namespace::default(), LocalName::default());
        let mut elements = Vec::with_capacity(guess / 2);
        elements.push(Element {
            name: nameless,
            attrs: 0..0,
            line: 0,
            held: 0,
            integrates_html: false,
        });
        let builder = Self {
            places: RefCell::new(Vec::with_capacity(guess)),
            elements: RefCell::new(elements),
            attrs: RefCell::new(Vec::with_capacity(guess)),
            texts: RefCell::new(Vec::with_capacity(guess / 2)),
            line: Cell::new(1),
            deepest: Cell::new(0),
            left: Cell::new(MOST_TEXT),
            cut: Cell::new(false),
        };
        builder.push(Slot::Document, false);
        builder.push(Slot::Nothing, false);
        builder
    }

    /// The depth of the deepest element put in since this was last asked.
    pub(super) fn take_deepest(&self) -> u32 {
        self.deepest.replace(0)
    }

    /// True once the page has more than is read.
    pub(super) fn is_full(&self) -> bool {
        if self.size() > MOST_NODES {
            self.cut.set(true);
        }
        self.cut.get()
    }

    /// As much of a text as may still come.
    fn take_text(&self, text: StrTendril) -> StrTendril {
        let left = self.left.get();
        if text.len() <= left {
            self.left.set(left - text.len());
            return text;
        }
        self.left.set(0);
        self.cut.set(true);
        let kept = text.floor_char_boundary(left);
        text.subtendril(0, kept as u32)
    }

    /// Nodes and attributes made so far.
    pub(super) fn size(&self) -> usize {
        self.places.borrow().len() + self.attrs.borrow().len()
    }

    fn push(&self, slot: Slot, mute: bool) -> u32 {
        let mut places = self.places.borrow_mut();
        let id = places.len() as u32;
        places.push(Place {
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

    fn push_text(&self, text: StrTendril) -> u32 {
        let mut texts = self.texts.borrow_mut();
        texts.push(text);
        self.push(Slot::Text(texts.len() as u32 - 1), false)
    }

    fn element_at(&self, node: u32) -> u32 {
        match self.places.borrow()[node as usize].slot {
            Slot::Element(at) => at,
            _ => 0,
        }
    }

    fn detach(&self, node: u32) {
        let mut places = self.places.borrow_mut();
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
    fn insert(&self, parent: u32, next: u32, node: u32) {
        let mut places = self.places.borrow_mut();
        let prev = if next == NONE {
            places[parent as usize].last
        } else {
            places[next as usize].prev
        };
        let depth = places[parent as usize].depth + 1;
        {
            let n = &mut places[node as usize];
            (n.parent, n.prev, n.next) = (parent, prev, next);
            n.depth = depth;
            if matches!(n.slot, Slot::Element(_)) && depth > self.deepest.get() {
                self.deepest.set(depth);
            }
        }
        if prev == NONE {
            places[parent as usize].first = node;
        } else {
            places[prev as usize].next = node;
        }
        if next == NONE {
            places[parent as usize].last = node;
        } else {
            places[next as usize].prev = node;
        }
    }

    /// Moves a node, if it is one that is kept, before `next` (or last) among the children of `parent`.
    fn place(&self, parent: u32, next: u32, node: u32) {
        if node != NOTHING {
            self.detach(node);
            self.insert(parent, next, node);
        }
    }

    fn parent(&self, node: &Handle) -> u32 {
        self.places.borrow()[node.at as usize].parent
    }

    /// Puts text before `next` (or last) among the children of `parent`, joined to text before it.
    fn insert_text(&self, parent: u32, next: u32, text: StrTendril) {
        let prev = {
            let places = self.places.borrow();
            if places[parent as usize].mute || self.cut.get() {
                return;
            }
            let prev = match next {
                NONE => places[parent as usize].last,
                _ => places[next as usize].prev,
            };
            match prev {
                NONE => None,
                _ => Some(places[prev as usize].slot),
            }
        };
        let text = self.take_text(text);
        if let Some(Slot::Text(at)) = prev {
            self.texts.borrow_mut()[at as usize].push_tendril(&text);
        } else {
            let node = self.push_text(text);
            self.insert(parent, next, node);
        }
    }
}

impl TreeSink for Builder {
    type Handle = Handle;
    type Output = Page;
    type ElemName<'a> = ExpandedName<'a>;

    /// Lines the nodes up in document order; what is no longer in the tree goes.
    fn finish(self) -> Page {
        let places = self.places.into_inner();
        let mut nodes: Vec<Node> = Vec::with_capacity(places.len());
        // Where each open ancestor went, with its old name.
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut prev = NONE;
        let mut at = 0u32;
        loop {
            let id = nodes.len() as u32;
            let place = &places[at as usize];
            nodes.push(Node {
                parent: open.last().map_or(NONE, |o| o.1),
                prev,
                end: id + 1,
                kind: match place.slot {
                    Slot::Element(e) => Kind::Element(e),
                    Slot::Text(t) => Kind::Text(t),
                    Slot::Document | Slot::Nothing => Kind::Document,
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
                    return Page {
                        nodes,
                        elements: self.elements.into_inner(),
                        attrs: self.attrs.into_inner(),
                        texts: self.texts.into_inner(),
                        cut: self.cut.get(),
                    };
                };
                nodes[up.1 as usize].end = nodes.len() as u32;
                done = up;
            }
        }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle::nameless(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        ExpandedName {
            ns: &target.ns,
            local: &target.local,
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let (ns, local) = (name.ns.clone(), name.local.clone());
        let mut all = self.attrs.borrow_mut();
        let start = all.len() as u32;
        let mut held = 0;
        for attr in attrs {
            held |= bit(&attr.name.local);
            all.push(Attr {
                name: attr.name.local,
                value: attr.value,
            });
        }
        let element = Element {
            name,
            attrs: start..all.len() as u32,
            line: self.line.get(),
            held,
            integrates_html: flags.mathml_annotation_xml_integration_point,
        };
        let mute = match local {
            local_name!("style") => true,
            local_name!("script") => !element.is_data(&all),
            _ => false,
        };
        let mut elements = self.elements.borrow_mut();
        elements.push(element);
        let at = self.push(Slot::Element(elements.len() as u32 - 1), mute);
        Handle { at, ns, local }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Handle::nameless(NOTHING)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        Handle::nameless(NOTHING)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendNode(node) => self.place(parent.at, NONE, node.at),
            NodeOrText::AppendText(text) => self.insert_text(parent.at, NONE, text),
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        prev_element: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.parent(element) == NONE {
            self.append(prev_element, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What stands in a template stays in the template.
    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.at == y.at
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        let parent = self.parent(sibling);
        if parent == NONE {
            return;
        }
        match new_node {
            NodeOrText::AppendNode(node) => self.place(parent, sibling.at, node.at),
            NodeOrText::AppendText(text) => self.insert_text(parent, sibling.at, text),
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        let at = self.element_at(target.at) as usize;
        let element = &mut self.elements.borrow_mut()[at];
        let mut all = self.attrs.borrow_mut();
        for attr in attrs {
            let name = attr.name.local;
            if element.attrs(&all).iter().any(|a| a.name == name) {
                continue;
            }
            // Its attributes move to the end, where there is room for more.
            let start = all.len() as u32;
            for at in element.attrs.clone() {
                let Attr { name, value } = &all[at as usize];
                let (name, value) = (name.clone(), value.clone());
                all.push(Attr { name, value });
            }
            element.held |= bit(&name);
            let value = attr.value;
            all.push(Attr { name, value });
            element.attrs = start..all.len() as u32;
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.at);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let first = self.places.borrow()[node.at as usize].first;
            if first == NONE {
                break;
            }
            self.place(new_parent.at, NONE, first);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        self.elements.borrow()[self.element_at(handle.at) as usize].integrates_html
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(u32::try_from(line).unwrap_or(u32::MAX));
    }
}

impl Page {
    /// Makes line numbers of the offsets into `source` that elements hold: they were made in order.
    pub(super) fn count_lines(mut self, source: &[u8]) -> Self {
        let mut breaks = memchr_iter(b'\n', source);
        let mut next = breaks.next();
        let mut line = 1;
        for element in &mut self.elements {
            while next.is_some_and(|at| at < element.line as usize) {
                line += 1;
                next = breaks.next();
            }
            element.line = line;
        }
        self
    }
}
