//! Where is the post itself, and what around it is chrome?
//!
//! In: a page or the lines of a capture. Out: the region that holds the post, and what in it does not
//! belong. Must not know track lists or comments: their nodes and lines come in as already taken.

use std::collections::HashSet;

use crate::text::lines::Line;
use crate::text::page::{NodeId, Page};

/// The main region of a page.
#[derive(Clone, Debug)]
pub struct Main {
    /// The post stands below these nodes, in document order.
    pub tops: Vec<NodeId>,
    /// Subtrees within `tops` that are chrome (sharing buttons, related posts, bylines, the title).
    pub dropped: HashSet<NodeId>,
    /// Which rule found it, for `inspect --why`.
    pub rule: &'static str,
}

/// Finds the main region; `taken` are the subtrees that hold comments.
pub fn of_page(page: &Page, taken: &HashSet<NodeId>) -> Main {
    let _ = taken;
    Main {
        tops: vec![page.root()],
        dropped: HashSet::new(),
        rule: "whole page",
    }
}

/// What a capture's lines are: indexes into the lines given.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    pub title: Option<usize>,
    /// Lines of theme chrome, bylines and date lines, which are not prose.
    pub dropped: HashSet<usize>,
    pub author: Option<String>,
    /// The text of a date line.
    pub date: Option<String>,
    pub tags: Vec<String>,
    /// `next`/`prev` links: (rel, title).
    pub links: Vec<(&'static str, String)>,
}

/// Reads a plain-text capture: `lines` up to where its comments start.
pub fn of_lines(lines: &[Line]) -> Capture {
    Capture {
        title: lines.iter().position(|l| !l.text.is_empty()),
        ..Capture::default()
    }
}
