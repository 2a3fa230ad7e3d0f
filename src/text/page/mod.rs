//! An HTML page as a small tree in one arena.
//!
//! In: HTML text. Out: [`Page`]: elements with the attributes that extraction asks for, text, and the
//! JSON-LD blocks. Scripts, styles and markup comments are not in the tree. Must not know what a post
//! is: that is `extract`.
//!
//! Both the tokenizer and the tree construction are our own, by the HTML standard, over bytes and numbers: html5ever's
//! take three times as long, half of it in names, counted strings and lists of attributes. html5ever and `scraper`
//! are the oracles that `oracle_tests` hold this against, page by page.

mod arena;
mod attributes;
mod body;
mod builder;
mod charref;
mod doctype;
mod names;
mod rules;
mod tables;
mod tokenizer;

use arena::{Attr, Content, Element};

/// Elements nest no deeper than this; what is deeper gives its content to the element at this depth.
/// Browsers have such a limit as well (Blink: 512), and the tree builder's work on one tag grows with the
/// depth it stands at.
pub const MAX_DEPTH: u32 = 512;

/// Pages are cut here, in bytes: offsets are 32 bits wide.
const MAX_BYTES: usize = 1 << 30;

/// Nodes and attributes of a page that are read. A thread of ten thousand comments has fewer; a page that was made to take
/// all memory is cut here.
pub const MOST_NODES: usize = 1 << 19;

/// Bytes of text of a page that are read.
pub const MOST_TEXT: usize = 8 << 20;

/// Bytes of a script that holds data: its values take many times as much.
const LONGEST_DATA: usize = 1 << 20;

/// Bytes of an attribute's value; a longer one is left out. Pictures that are written into a page are megabytes.
const LONGEST_VALUE: usize = 1 << 20;

/// A node of a [`Page`]; valid for the page that gave it only. Nodes compare in document order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

const NONE: u32 = u32::MAX;

/// What a node is, with its place in the list of its kind.
#[derive(Clone, Copy)]
enum Kind {
    Document,
    Element(u32),
    Text(u32),
}

/// Nodes stand in document order, so a subtree is the range from its top to `end`.
struct Node {
    parent: u32,
    prev: u32,
    /// One past the last node of its subtree.
    end: u32,
    kind: Kind,
}

/// A parsed page.
pub struct Page {
    nodes: Vec<Node>,
    elements: Vec<Element>,
    attrs: Vec<Attr>,
    texts: Vec<Content>,
    /// Texts of several pieces.
    joined: Vec<String>,
    /// Its `script`, `meta` and `link` elements: what says something of the page, wherever it stands.
    told: Vec<NodeId>,
    source: String,
    /// What was made of pieces of the source: references resolved.
    made: String,
    /// Names of tags and attributes that no table has.
    names: Vec<Box<str>>,
    /// Something stands behind [`MOST_NODES`] or [`MOST_TEXT`].
    cut: bool,
}

impl Page {
    /// Parses a whole page by the rules of the HTML standard; never fails. Nesting is bounded by
    /// [`MAX_DEPTH`].
    pub fn parse(html: &str) -> Self {
        tokenizer::parse(html)
    }

    /// The same by html5ever's own tokenizer, without bounds: what [`Page::parse`] must agree with.
    #[cfg(test)]
    pub(crate) fn parse_reference(html: &str) -> Self {
        reference_tests::parse(html)
    }

    /// True where only the first [`MOST_NODES`] or [`MOST_TEXT`] of a page were read.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The document node.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }

    /// The parent; `None` for the document.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        link(self.node(node).parent)
    }

    /// The first child.
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        (node.0 + 1 < self.node(node).end).then_some(NodeId(node.0 + 1))
    }

    /// The sibling that follows.
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        let Node { parent, end, .. } = *self.node(node);
        (parent != NONE && end < self.nodes[parent as usize].end).then_some(NodeId(end))
    }

    /// The sibling before.
    pub fn prev_sibling(&self, node: NodeId) -> Option<NodeId> {
        link(self.node(node).prev)
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
        (top.0 + 1..self.node(top).end).map(NodeId)
    }

    /// The next node in document order that is not below `node`, within `top`: what a walk goes on
    /// with when it skips a subtree.
    pub fn after(&self, node: NodeId, top: NodeId) -> Option<NodeId> {
        let next = self.node(node).end;
        (node != top && next < self.node(top).end).then_some(NodeId(next))
    }

    /// The element's name in lower case; "" for anything but elements.
    #[inline]
    pub fn tag(&self, node: NodeId) -> &str {
        self.element(node).map_or("", |e| self.name(e.name))
    }

    /// True for elements.
    #[inline]
    pub fn is_element(&self, node: NodeId) -> bool {
        matches!(self.node(node).kind, Kind::Element(_))
    }

    /// The text of a text node.
    #[inline]
    pub fn text_of(&self, node: NodeId) -> Option<&str> {
        match self.node(node).kind {
            Kind::Text(at) => Some(self.content(at)),
            _ => None,
        }
    }

    /// The value of an attribute. Only attributes that extraction asks for are kept: a new name must be
    /// added to `attributes`, which a debug build and the source-tree test insist on.
    // Where it is inlined the bit of the name is a constant, and most elements are passed over by one `and`.
    #[inline(always)]
    pub fn attr(&self, node: NodeId, name: &str) -> Option<&str> {
        debug_assert!(attributes::is_kept(name), "attribute {name} is not kept");
        let value = self.element(node)?.attr(&self.attrs, name)?;
        Some(self.span(value))
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

    /// 1-based line of the source on which an element's start tag ends; 0 for other nodes.
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
            at = match self.node(n).kind {
                Kind::Text(text) => {
                    out.push_str(self.content(text));
                    self.after(n, node)
                }
                _ => match self.tag(n) {
                    "script" | "style" | "noscript" | "template" => self.after(n, node),
                    tag => {
                        if tag == "br" {
                            out.push('\n');
                        }
                        self.first_child(n).or_else(|| self.after(n, node))
                    }
                },
            };
        }
        out
    }

    /// The first element below `top`, in document order, that `accept` accepts.
    pub fn find(&self, top: NodeId, accept: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        self.descendants(top)
            .find(|n| self.is_element(*n) && accept(*n))
    }

    /// True where `node` is `top` or stands below it.
    pub fn holds(&self, top: NodeId, node: NodeId) -> bool {
        top <= node && node.0 < self.node(top).end
    }

    /// The `script`, `meta` or `link` elements, in order.
    pub fn told(&self, tag: &'static str) -> impl Iterator<Item = NodeId> {
        self.told
            .iter()
            .copied()
            .filter(move |n| self.tag(*n) == tag)
    }

    /// The scripts that hold data (`application/json`, `application/ld+json`), with their contents, in order; those of no
    /// more than [`LONGEST_DATA`].
    pub fn data_scripts(&self) -> impl Iterator<Item = (NodeId, &str)> {
        self.told("script")
            .filter(|n| self.attr(*n, "type").is_some_and(arena::is_data))
            .filter_map(|n| Some((n, self.text_of(self.first_child(n)?)?)))
            .filter(|(_, text)| text.len() <= LONGEST_DATA)
    }

    /// True for `<script type="application/ld+json">`.
    pub fn is_json_ld(&self, node: NodeId) -> bool {
        self.element(node)
            .is_some_and(|e| e.name.tag == names::Tag::Script)
            && self.attr(node, "type").is_some_and(arena::is_json_ld)
    }

    /// The contents of `<script type="application/ld+json">`, in order; those of no more than [`LONGEST_DATA`].
    pub fn json_ld(&self) -> impl Iterator<Item = &str> {
        self.data_scripts()
            .filter(|(node, _)| self.is_json_ld(*node))
            .map(|(_, text)| text)
    }

    #[inline]
    fn element(&self, node: NodeId) -> Option<&Element> {
        match self.node(node).kind {
            Kind::Element(at) => Some(&self.elements[at as usize]),
            _ => None,
        }
    }
}

fn link(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(NodeId(id))
}

#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod reference_tests;
