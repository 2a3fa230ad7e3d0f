//! What did readers write under the post?
//!
//! In: a page, or the lines of a capture. Out: comments with author, date, likes and thread, and which
//! nodes or lines they took. A new thread shape is one file and one line in `SHAPES`. Must not know
//! the main text.

mod html;
mod plain;
mod roles;

use std::collections::HashSet;

use crate::model::{Comment, Ping};
use crate::text::lines::Line;
use crate::text::page::{NodeId, Page};

/// The thread of a post.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    pub comments: Vec<Comment>,
    /// What the page states: "18 Responses".
    pub stated: Option<u32>,
    pub pings: Vec<Ping>,
    /// Subtrees that hold the thread, its heading, its form and its navigation.
    pub nodes: HashSet<NodeId>,
    /// Which shape matched, for `inspect --why`.
    pub rule: Option<&'static str>,
    /// The platform that the thread's wording gives away, in captures: "Liked by 2 people" is
    /// WordPress.
    pub platform: Option<&'static str>,
}

/// Finds the thread of a page. `language` (ISO 639-1) helps with dates.
pub fn of_page(page: &Page, language: Option<&str>) -> Thread {
    html::of_page(page, language)
}

/// Finds the thread of a capture, and the index of the first line that belongs to it (or to what stands
/// below it): lines from there on are not prose.
pub fn of_lines(lines: &[Line], language: Option<&str>) -> (Thread, Option<usize>) {
    plain::of_lines(lines, language)
}
