//! An HTML page as a small tree in one arena.
//!
//! In: HTML text. Out: [`Page`]: elements with the attributes that extraction asks for, text, and the
//! JSON-LD blocks. Scripts, styles and markup comments are not in the tree. Must not know what a post
//! is: that is `extract`.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};

/// A node of a [`Page`]; valid for the page that gave it only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

const NONE: u32 = u32::MAX;

enum Kind {
    Document,
    Element(Box<Element>),
    Text(StrTendril),
    /// Comments, doctypes, processing instructions: they hold their place while parsing only.
    Nothing,
}

struct Element {
    name: QualName,
    attrs: Vec<Attribute>,
    /// 1-based line of the source on which its start tag ends.
    line: u32,
}

struct Node {
    parent: u32,
    prev: u32,
    next: u32,
    first: u32,
    last: u32,
    kind: Kind,
}

/// A parsed page.
pub struct Page {
    nodes: Vec<Node>,
}

impl Page {
    /// Parses a whole page by the rules of the HTML standard; never fails.
    pub fn parse(html: &str) -> Self {
        parse_document(Sink::new(), ParseOpts::default()).one(StrTendril::from_slice(html))
    }

    /// The document node.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The parent; `None` for the document and for detached nodes.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.link(self.nodes[node.0 as usize].parent)
    }

    /// The first child.
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        self.link(self.nodes[node.0 as usize].first)
    }

    /// The sibling that follows.
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        self.link(self.nodes[node.0 as usize].next)
    }

    /// The sibling before.
    pub fn prev_sibling(&self, node: NodeId) -> Option<NodeId> {
        self.link(self.nodes[node.0 as usize].prev)
    }

    fn link(&self, id: u32) -> Option<NodeId> {
        (id != NONE).then_some(NodeId(id))
    }

    /// Children in order.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(node), |n| self.next_sibling(*n))
    }

    /// The parents, nearest first, without the node itself.
    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(node), |n| self.parent(*n))
    }

    /// Every node below `top` in document order, without `top` itself.
    pub fn descendants(&self, top: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(top), move |n| {
            self.first_child(*n).or_else(|| self.after(*n, top))
        })
    }

    /// The next node in document order that is not below `node`, within `top`: what a walk goes on
    /// with when it skips a subtree.
    pub fn after(&self, node: NodeId, top: NodeId) -> Option<NodeId> {
        let mut at = node;
        loop {
            if at == top {
                return None;
            }
            if let Some(next) = self.next_sibling(at) {
                return Some(next);
            }
            at = self.parent(at)?;
        }
    }

    /// The element's name in lower case; "" for anything but elements.
    pub fn tag(&self, node: NodeId) -> &str {
        self.element(node).map_or("", |e| &e.name.local)
    }

    /// True for elements.
    pub fn is_element(&self, node: NodeId) -> bool {
        self.element(node).is_some()
    }

    /// The text of a text node.
    pub fn text_of(&self, node: NodeId) -> Option<&str> {
        match &self.nodes[node.0 as usize].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an attribute.
    pub fn attr(&self, node: NodeId, name: &str) -> Option<&str> {
        self.element(node)?
            .attrs
            .iter()
            .find(|a| &*a.name.local == name)
            .map(|a| &*a.value)
    }

    /// True where the class attribute holds the word `class` (ASCII case ignored).
    pub fn has_class(&self, node: NodeId, class: &str) -> bool {
        self.classes(node).any(|c| c.eq_ignore_ascii_case(class))
    }

    /// The words of the class attribute.
    pub fn classes(&self, node: NodeId) -> impl Iterator<Item = &str> {
        self.attr(node, "class")
            .unwrap_or_default()
            .split_ascii_whitespace()
    }

    /// The id attribute.
    pub fn id(&self, node: NodeId) -> Option<&str> {
        self.attr(node, "id")
    }

    /// 1-based line of the source at which an element starts; 0 for other nodes.
    pub fn line(&self, node: NodeId) -> u32 {
        self.element(node).map_or(0, |e| e.line)
    }

    /// All text below a node, as it stands in the source, scripts and styles left out.
    pub fn text(&self, node: NodeId) -> String {
        let mut out = String::new();
        if let Some(text) = self.text_of(node) {
            out.push_str(text);
        }
        let mut at = self.first_child(node);
        while let Some(n) = at {
            if matches!(self.tag(n), "script" | "style" | "noscript" | "template") {
                at = self.after(n, node);
                continue;
            }
            if let Some(text) = self.text_of(n) {
                out.push_str(text);
            } else if self.tag(n) == "br" {
                out.push('\n');
            }
            at = self.first_child(n).or_else(|| self.after(n, node));
        }
        out
    }

    /// The first element below `top`, in document order, that `accept` accepts.
    pub fn find(&self, top: NodeId, accept: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        self.descendants(top)
            .find(|n| self.is_element(*n) && accept(*n))
    }

    /// The contents of `<script type="application/ld+json">`, in order.
    pub fn json_ld(&self) -> Vec<&str> {
        self.descendants(self.root())
            .filter(|n| self.tag(*n) == "script")
            .filter(|n| {
                self.attr(*n, "type")
                    .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/ld+json"))
            })
            .filter_map(|n| self.first_child(n).and_then(|c| self.text_of(c)))
            .collect()
    }

    fn element(&self, node: NodeId) -> Option<&Element> {
        match &self.nodes[node.0 as usize].kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }
}

/// Builds the arena from what html5ever's tree builder says.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    line: Cell<u32>,
}

impl Sink {
    fn new() -> Self {
        let sink = Self {
            nodes: RefCell::new(Vec::with_capacity(1024)),
            line: Cell::new(1),
        };
        sink.push(Kind::Document);
        sink
    }

    fn push(&self, kind: Kind) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        let id = nodes.len() as u32;
        nodes.push(Node {
            parent: NONE,
            prev: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            kind,
        });
        NodeId(id)
    }

    fn detach(&self, node: NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let (parent, prev, next) = {
            let n = &mut nodes[node.0 as usize];
            let links = (n.parent, n.prev, n.next);
            (n.parent, n.prev, n.next) = (NONE, NONE, NONE);
            links
        };
        if prev != NONE {
            nodes[prev as usize].next = next;
        } else if parent != NONE {
            nodes[parent as usize].first = next;
        }
        if next != NONE {
            nodes[next as usize].prev = prev;
        } else if parent != NONE {
            nodes[parent as usize].last = prev;
        }
    }

    /// Puts a detached `node` before `next` (or last, where `next` is `NONE`) among the children of
    /// `parent`.
    fn insert(&self, parent: u32, next: u32, node: NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let prev = if next == NONE {
            nodes[parent as usize].last
        } else {
            nodes[next as usize].prev
        };
        {
            let n = &mut nodes[node.0 as usize];
            (n.parent, n.prev, n.next) = (parent, prev, next);
        }
        if prev == NONE {
            nodes[parent as usize].first = node.0;
        } else {
            nodes[prev as usize].next = node.0;
        }
        if next == NONE {
            nodes[parent as usize].last = node.0;
        } else {
            nodes[next as usize].prev = node.0;
        }
    }

    /// Adds text to the text node at `at`, where there is one.
    fn joined(&self, at: u32, text: &StrTendril) -> bool {
        if at == NONE {
            return false;
        }
        match &mut self.nodes.borrow_mut()[at as usize].kind {
            Kind::Text(existing) => {
                existing.push_tendril(text);
                true
            }
            _ => false,
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Page;
    type ElemName<'a> = Name;

    fn finish(self) -> Page {
        Page {
            nodes: self.nodes.into_inner(),
        }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        NodeId(0)
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Name {
        match &self.nodes.borrow()[target.0 as usize].kind {
            Kind::Element(element) => Name(element.name.clone()),
            _ => Name(QualName::new(
                None,
                Namespace::default(),
                LocalName::default(),
            )),
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> NodeId {
        self.push(Kind::Element(Box::new(Element {
            name,
            attrs,
            line: self.line.get(),
        })))
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.push(Kind::Nothing)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.push(Kind::Nothing)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        match child {
            NodeOrText::AppendNode(node) => {
                if !matches!(self.nodes.borrow()[node.0 as usize].kind, Kind::Nothing) {
                    self.insert(parent.0, NONE, node);
                }
            }
            NodeOrText::AppendText(text) => {
                let last = self.nodes.borrow()[parent.0 as usize].last;
                if !self.joined(last, &text) {
                    let node = self.push(Kind::Text(text));
                    self.insert(parent.0, NONE, node);
                }
            }
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        prev_element: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.nodes.borrow()[element.0 as usize].parent == NONE {
            self.append(prev_element, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, new_node: NodeOrText<NodeId>) {
        let (parent, prev) = {
            let nodes = self.nodes.borrow();
            let n = &nodes[sibling.0 as usize];
            (n.parent, n.prev)
        };
        if parent == NONE {
            return;
        }
        match new_node {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                self.insert(parent, sibling.0, node);
            }
            NodeOrText::AppendText(text) => {
                if !self.joined(prev, &text) {
                    let node = self.push(Kind::Text(text));
                    self.insert(parent, sibling.0, node);
                }
            }
        }
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        if let Kind::Element(element) = &mut self.nodes.borrow_mut()[target.0 as usize].kind {
            for attr in attrs {
                if !element.attrs.iter().any(|a| a.name == attr.name) {
                    element.attrs.push(attr);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        loop {
            let first = self.nodes.borrow()[node.0 as usize].first;
            if first == NONE {
                break;
            }
            self.detach(NodeId(first));
            self.insert(new_parent.0, NONE, NodeId(first));
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(u32::try_from(line).unwrap_or(u32::MAX));
    }
}

/// An element's name as the tree builder asks for it.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }
    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}
