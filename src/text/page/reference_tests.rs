//! The tree as html5ever builds it, with its own tokenizer and its own rules.
//!
//! In: HTML. Out: a [`Page`] to compare with. No limits of ours are applied.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, LocalName, Namespace, QualName, ns};

use super::arena::{Arena, Space};
use super::attributes::{KEPT, kept};
use super::{NONE, Page};

/// Stands for every node that is not kept.
const NOTHING: u32 = NONE - 1;

pub(super) fn parse(html: &str) -> Page {
    let sink = Sink {
        arena: RefCell::new(Arena::new("")),
        integrating: RefCell::default(),
        line: Cell::new(1),
    };
    html5ever::parse_document(sink, html5ever::ParseOpts::default())
        .one(StrTendril::from_slice(html))
}

#[derive(Clone)]
struct Handle {
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

struct Sink {
    arena: RefCell<Arena<'static>>,
    /// Elements of MathML that hold HTML.
    integrating: RefCell<Vec<u32>>,
    line: Cell<u64>,
}

impl Sink {
    fn attributes(&self, attrs: Vec<Attribute>) -> std::ops::Range<u32> {
        let mut arena = self.arena.borrow_mut();
        let first = arena.next_attr();
        for attr in attrs {
            let name = match kept(&attr.name.local) {
                Some(place) => place as u32,
                // All that is not kept is one name: it is not compared.
                None => KEPT.len() as u32,
            };
            let value = arena.make(&attr.value);
            arena.push_attr(name, value);
        }
        first..arena.next_attr()
    }

    fn put(&self, parent: u32, next: u32, child: NodeOrText<Handle>) {
        let mut arena = self.arena.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) if node.at == NOTHING => {}
            NodeOrText::AppendNode(node) => arena.place(parent, next, node.at),
            NodeOrText::AppendText(text) => {
                let text = arena.make(&text);
                arena.insert_text(parent, next, text);
            }
        }
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Page;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Page {
        self.arena.into_inner().finish()
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
        let attrs = self.attributes(attrs);
        let mut arena = self.arena.borrow_mut();
        arena.at = self.line.get() as u32;
        let space = match name.ns {
            ns!(svg) => Space::Svg,
            ns!(mathml) => Space::MathMl,
            _ => Space::Html,
        };
        let own = arena.names.name(&name.local);
        let at = arena.element(own, space, attrs);
        if flags.mathml_annotation_xml_integration_point {
            self.integrating.borrow_mut().push(at);
        }
        let (ns, local) = (name.ns, name.local);
        Handle { at, ns, local }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Handle::nameless(NOTHING)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        Handle::nameless(NOTHING)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.at, NONE, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        prev_element: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let parent = self.arena.borrow().parent(element.at);
        match parent {
            NONE => self.put(prev_element.at, NONE, child),
            parent => self.put(parent, element.at, child),
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
        let parent = self.arena.borrow().parent(sibling.at);
        if parent != NONE {
            self.put(parent, sibling.at, new_node);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        let more = self.attributes(attrs);
        self.arena.borrow_mut().add_missing(target.at, &more);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.arena.borrow_mut().detach(target.at);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.arena
            .borrow_mut()
            .move_children(node.at, new_parent.at);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        self.integrating.borrow().contains(&handle.at)
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(line);
    }
}
