//! Where is the post itself, and what around it is chrome?
//!
//! In: a page or the lines of a capture. Out: the region that holds the post, and what in it does not
//! belong. Must not know track lists or comments: their nodes and lines come in as already taken.

mod capture;
mod chrome;
mod cues;
mod names;
mod page;
mod stated;
#[cfg(test)]
mod tests;
mod weigh;

use crate::text::hash::HashSet;

use crate::text::page::NodeId;

pub use capture::{Capture, of_lines};
pub use cues::is_chrome_line;
pub use page::of_page;
pub use stated::stated_text;

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
