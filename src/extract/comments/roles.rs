//! What classes say an element is to a comment: its text, its author's name, its date, a widget.
//!
//! In: an element. Out: its roles as bits. The names are those that platforms and families of themes
//! share; a new one is one line. Must not know how they are put together: that is `html`.

use std::sync::LazyLock;

use crate::text::page::{NodeId, Page};

/// What an element may be to a comment, told by its classes.
pub(super) const TEXT: u8 = 1;
pub(super) const NAME: u8 = 2;
pub(super) const TIME: u8 = 4;
pub(super) const FULL_NAME: u8 = 8;
pub(super) const WIDGET: u8 = 16;
pub(super) const LIKES: u8 = 32;
pub(super) const AREA: u8 = 64;
pub(super) const HEADING: u8 = 128;

/// Classes by length, each with its last byte and its role: an element is asked once for all roles, and a class is compared
/// with the few names that are as long.
static ROLES: LazyLock<Vec<Vec<(u8, u8, &str)>>> = LazyLock::new(|| {
    let mut table: Vec<Vec<(u8, u8, &str)>> = Vec::new();
    for (names, role) in [
        (TEXTS, TEXT),
        (NAMES, NAME),
        (TIMES, TIME),
        (FULL_NAMES, FULL_NAME),
        (WIDGETS, WIDGET),
        (COUNTS, LIKES),
        (AREAS, AREA),
        (HEADINGS, HEADING),
    ] {
        for name in names {
            if table.len() <= name.len() {
                table.resize(name.len() + 1, Vec::new());
            }
            table[name.len()].push((last(name), role, name));
        }
    }
    table
});

pub(super) fn roles(page: &Page, node: NodeId) -> u8 {
    let mut roles = 0;
    for class in page.classes(node) {
        let end = last(class);
        for (last, role, name) in ROLES.get(class.len()).into_iter().flatten() {
            if *last == end && name.eq_ignore_ascii_case(class) {
                roles |= role;
            }
        }
    }
    roles
}

/// The last byte in lower case. Names of one length often begin alike; they seldom end alike.
fn last(name: &str) -> u8 {
    name.bytes()
        .next_back()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

const TEXTS: &[&str] = &[
    "comment-content",
    "comment-text",
    "comment_text",
    "commenttext",
    "comment-entry",
    "e-content",
    "p-content",
    "post-message",
    "comment-body-text",
    "comment__content",
    "wp-block-comment-content",
    "comment-message",
    "comment-copy",
    "commentbody",
    "comment_body",
    "comment-main",
    "reply-text",
    "idc-c-t",
    "p-summary",
];
const NAMES: &[&str] = &[
    "fn",
    "p-author",
    "comment-author",
    "comment_author",
    "comment-author-name",
    "author",
    "user",
    "commentauthor",
    "comment__author",
    "wp-block-comment-author-name",
    "comment-name",
    "name",
    "username",
    "idc-i",
    "comment-user",
];
const TIMES: &[&str] = &[
    "comment-meta",
    "commentmetadata",
    "comment-date",
    "comment_date",
    "date",
    "datetime",
    "comment-metadata",
    "comment-time",
    "post-meta",
    "comment-timestamp",
    "dt-published",
    "wp-block-comment-date",
    "comment__date",
    "timestamp",
    "published",
    "time",
    "comment-footer",
    "posted",
];

/// Microformats of an author's name.
const FULL_NAMES: &[&str] = &["fn", "p-author"];
/// What a comment holds besides its text.
const WIDGETS: &[&str] = &[
    "reply",
    "comment-reply-link",
    "comment-author",
    "vcard",
    "comment-meta",
    "commentmetadata",
    "comment-metadata",
    "comment-awaiting-moderation",
    "comment-edit-link",
    "avatar",
    "says",
    "comment-likes",
    "likes",
    "comment-actions",
    "comment-footer",
    "post-meta",
    "comment-date",
    "comment-header",
    "children",
    "replies",
    "comment-like",
    "sharing",
    "comment-timestamp",
    "datetime",
    "comment-tools",
    "gravatar",
    "item-control",
    "comment-replybox-single",
];
/// Where likes are counted.
const COUNTS: &[&str] = &[
    "comment-likes",
    "likes",
    "comment-like-feedback",
    "vote-count",
];
/// Lists, forms and navigation of a thread.
const AREAS: &[&str] = &[
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
/// Where a page says how many there are.
const HEADINGS: &[&str] = &["comments-title", "comment-count", "comments-heading"];
