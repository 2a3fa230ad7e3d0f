//! What does this document say: its title, prose, listings, comments?
//!
//! In: one [`RawDocument`]. Out: the posts in it, with candidate readings where one document cannot
//! decide. A pure function of that document: must not know other documents, files, clocks or the index.
//!
//! Order of work on a page: platform → comments → main region → lines → track lists → prose → meta.
//! Comments and track lists are taken from the tree before anything is dropped as boilerplate.

pub mod body;
mod bounds;
mod byline;
pub mod comments;
pub mod date;
mod document;
pub mod embeds;
mod kind;
pub mod meta;
pub mod platform;
pub mod tracks;

pub use document::extract;
pub use kind::is_list;

use crate::model::{Post, Text};

/// Raised whenever the same document may give another post: the next run re-extracts everything.
pub const EXTRACTOR_VERSION: u32 = 7;

/// What one document gave.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    pub posts: Vec<Post>,
    /// What was odd about the document as a whole.
    pub warnings: Vec<Text>,
    /// Which rule found what: what `inspect --why` prints.
    pub why: Vec<Reason>,
}

/// Why something was understood as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `title`, `date`, `body`, `tracks`, `comments`.
    pub what: &'static str,
    pub rule: String,
    /// Line numbers it rests on.
    pub lines: Vec<u32>,
}

impl Reason {
    fn new(what: &'static str, rule: &str) -> Self {
        Self {
            what,
            rule: rule.to_owned(),
            lines: Vec::new(),
        }
    }
}
