//! What stands around the text of a post?
//!
//! In: a page and its main region. Out: the block that is the post's home, and its short lines, made when they are
//! first asked for.

use std::cell::OnceCell;

use super::{is_comments, is_sidebar};
use crate::extract::body::Main;
use crate::text::lines;
use crate::text::page::{NodeId, Page};

/// The surroundings of a post's text.
pub(super) struct Around<'a> {
    page: &'a Page,
    /// The outermost of the few blocks around the text; `None` where the page has no text.
    home: Option<NodeId>,
    lines: OnceCell<Vec<String>>,
}

impl<'a> Around<'a> {
    pub(super) fn new(page: &'a Page, main: &Main) -> Self {
        let home = main.tops.first().map(|first| {
            page.ancestors(*first)
                .take(4)
                .filter(|a| !matches!(page.tag(*a), "body" | "html" | ""))
                .last()
                .unwrap_or(*first)
        });
        Self {
            page,
            home,
            lines: OnceCell::new(),
        }
    }

    pub(super) fn home(&self) -> Option<NodeId> {
        self.home
    }

    /// The short lines of the post and of the blocks around it, without sidebars and comments.
    pub(super) fn lines(&self) -> &[String] {
        self.lines.get_or_init(|| {
            let Some(home) = self.home else {
                return Vec::new();
            };
            let skip = |n: NodeId| is_sidebar(self.page, n) || is_comments(self.page, n);
            lines::of_page(self.page, home, &skip)
                .into_iter()
                .map(|line| line.text)
                .filter(|text| !text.is_empty() && text.len() <= 400)
                .take(200)
                .collect()
        })
    }
}
