//! What did readers write under the post?
//!
//! In: a page, or the lines of a capture. Out: comments with author, date, likes and thread, and which
//! nodes or lines they took. A new thread shape is one file and one line in [`SHAPES`]. Must not know
//! the main text.

mod byline;
mod calendar;
mod entry;
mod marked;
mod notes;
mod plain;
mod repeated;
mod roles;
mod scan;
mod settle;
mod whole;
mod words;

use crate::text::hash::HashSet;

use crate::model::{Comment, Ping};
use crate::text::lines::Line;
use crate::text::page::{NodeId, Page};
use scan::Scan;

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

/// What a shape made of a page.
enum Found {
    Nothing,
    /// A thread, by the rule of this name.
    Thread(&'static str),
}

type Shape = fn(&Page, &mut Scan, Option<&str>, &mut Thread) -> Found;

/// Every thread shape, the surest first; the first that finds a thread has the page.
static SHAPES: &[Shape] = &[marked::find, notes::find, repeated::find];

/// Finds the thread of a page. `language` (ISO 639-1) helps with dates.
pub fn of_page(page: &Page, language: Option<&str>) -> Thread {
    let mut thread = Thread::default();
    let mut scan = scan::of_page(page, None);
    thread.stated = scan.stated;
    for shape in SHAPES {
        if let Found::Thread(rule) = shape(page, &mut scan, language, &mut thread) {
            thread.rule = Some(rule);
            break;
        }
    }
    areas(page, &scan, &mut thread);
    thread
}

/// Finds the thread of a capture, and the index of the first line that belongs to it (or to what stands
/// below it): lines from there on are not prose.
pub fn of_lines(lines: &[Line], language: Option<&str>) -> (Thread, Option<usize>) {
    plain::of_lines(lines, language)
}

const AREA_IDS: &[&str] = &[
    "comments",
    "respond",
    "commentform",
    "comment-form",
    "disqus_thread",
    "comments-block",
    "comment-wrap",
    "responses",
    "comment-section",
    "reply-title",
    "trackbacks",
    "pings",
    "comment-holder",
    "comments-section",
];

const AREA_CLASSES: &[&str] = &[
    "comments-area",
    "comment-respond",
    "commentlist",
    "comment-list",
    "comments",
    "comment-form",
    "comment-navigation",
    "wp-block-comments",
    "comments-section",
    "comment-thread",
    "comments-title",
    "u-comments",
];

/// Marks what belongs to the thread besides its entries: lists, headings, forms.
fn areas(page: &Page, scan: &Scan, thread: &mut Thread) {
    for area in &scan.areas {
        let id = page.id(area.node).unwrap_or_default().to_ascii_lowercase();
        let named = AREA_IDS.contains(&id.as_str())
            || page
                .classes(area.node)
                .any(|c| AREA_CLASSES.iter().any(|n| c.eq_ignore_ascii_case(n)));
        let post = scan.posts.partition_point(|p| *p < area.start);
        if named && scan.posts.get(post).is_none_or(|p| *p > area.end) {
            thread.nodes.insert(area.node);
        }
    }
}
