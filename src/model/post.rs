//! One post understood.
//!
//! In: what extraction found. Out: the record that everything later reads. Must not know its source's
//! format beyond the names kept for the reader (`reader`, `platform`).

use serde::{Deserialize, Serialize};

use super::{Comment, Ping, PostId, Published, Text, TrackList};

/// A link that belongs to the post: its neighbours in the blog, or what it points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `next`, `prev`, `related`, `audio`, `player`.
    pub rel: Text,
    pub title: Option<Text>,
    pub url: Option<Text>,
}

/// One post: title, people, date, prose, track lists and comments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    pub id: PostId,
    /// The post's own address, as the source gives it.
    pub url: Option<Text>,
    /// Host or title of the blog.
    pub site: Option<Text>,
    /// Path relative to the root, with `#entry` where the file holds several posts.
    pub source: Text,
    /// The reader that produced it: `text`, `html`, `markdown`, `jsonl`.
    pub reader: Text,
    /// What made the page: `wordpress`, `blogger`, `jekyll`.
    pub platform: Option<Text>,
    /// The file name's stem where the document has no title.
    pub title: Text,
    pub author: Option<Text>,
    pub published: Option<Published>,
    /// ISO 639-1.
    pub language: Option<Text>,
    pub tags: Vec<Text>,
    /// Prose in paragraphs, with lists that are not track lists; no rows, chrome or comments.
    pub body: Text,
    pub links: Vec<Link>,
    pub tracklists: Vec<TrackList>,
    pub comments: Vec<Comment>,
    /// The number the page states ("18 Responses"), whatever was captured.
    pub comments_stated: Option<u32>,
    pub pings: Vec<Ping>,
    /// What could not be understood, for people.
    pub warnings: Vec<Text>,
}
