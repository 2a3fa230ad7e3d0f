//! What readers wrote under a post.
//!
//! In: what `extract::comments` or an export gives. Out: the same. Never holds an e-mail or IP
//! address: there is no field for one.

use serde::{Deserialize, Serialize};

use super::{Published, Text};

/// A reader's comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment<T = Text> {
    /// Unique within its post: the page's own id ("comment-5334" gives "5334"), else the ordinal.
    pub id: T,
    /// What the page prints before it in a numbered list.
    pub number: Option<u32>,
    /// `id` of the comment it answers.
    pub parent: Option<T>,
    pub author: Option<T>,
    /// Permalink of the comment.
    pub url: Option<T>,
    pub published: Option<Published<T>>,
    /// Null where the page says nothing of likes.
    pub likes: Option<u32>,
    /// Paragraphs, without widgets ("Reply", "Liked by 2 people").
    pub text: T,
}

/// A pingback or trackback: another site's mention of the post. Kept apart from comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping<T = Text> {
    pub title: T,
    pub url: Option<T>,
}
