//! One post understood.
//!
//! In: what extraction found. Out: the record that everything later reads. Must not know its source's
//! format beyond the names kept for the reader (`reader`, `platform`).

use serde::{Deserialize, Serialize};

use super::{Comment, Figures, Ping, PostId, Published, Text, TrackList};

/// A link that belongs to the post: its neighbours in the blog, or what it points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link<T = Text> {
    /// `next`, `prev`, `related`, `audio`, `player`.
    pub rel: T,
    pub title: Option<T>,
    pub url: Option<T>,
}

/// One post: title, people, date, prose, track lists and comments. Its texts are its own, or lie in a stored post ([`TextRef`](super::TextRef)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post<T = Text> {
    pub id: PostId,
    /// The post's own address, as the source gives it.
    pub url: Option<T>,
    /// Host or title of the blog.
    pub site: Option<T>,
    /// Path relative to the root, with `#entry` where the file holds several posts.
    pub source: T,
    /// The reader that produced it: `text`, `html`, `markdown`, `jsonl`.
    pub reader: T,
    /// What made the page: `wordpress`, `blogger`, `jekyll`.
    pub platform: Option<T>,
    /// The file name's stem where the document has no title.
    pub title: T,
    pub author: Option<T>,
    pub published: Option<Published<T>>,
    /// ISO 639-1.
    pub language: Option<T>,
    pub tags: Vec<T>,
    /// Prose in paragraphs, with lists that are not track lists; no rows, chrome or comments.
    pub body: T,
    pub links: Vec<Link<T>>,
    pub tracklists: Vec<TrackList<T>>,
    pub comments: Vec<Comment<T>>,
    /// The number the page states ("18 Responses"), whatever was captured.
    pub comments_stated: Option<u32>,
    pub pings: Vec<Ping<T>>,
    /// What could not be understood, for people.
    pub warnings: Vec<T>,
}

impl Post {
    /// The dates of the post and of its comments.
    pub fn dates(&self) -> impl Iterator<Item = &Published> {
        let comments = self.comments.iter().filter_map(|c| c.published.as_ref());
        self.published.iter().chain(comments)
    }

    /// The same, to be changed.
    pub fn dates_mut(&mut self) -> impl Iterator<Item = &mut Published> {
        let comments = self
            .comments
            .iter_mut()
            .filter_map(|c| c.published.as_mut());
        self.published.iter_mut().chain(comments)
    }

    /// Whether its dates in figures stand day first; `None` where none tells, or where they disagree.
    pub fn day_first(&self) -> Option<bool> {
        let mut told = None;
        for date in self.dates() {
            if let Some(Figures::Told { day_first }) = date.figures
                && told
                    .replace(day_first)
                    .is_some_and(|before| before != day_first)
            {
                return None;
            }
        }
        told
    }

    /// True where the order of day and month in one of its dates was guessed.
    pub fn has_guessed_date(&self) -> bool {
        self.dates()
            .any(|d| matches!(d.figures, Some(Figures::Guessed { .. })))
    }

    /// Key of the fact that the dates of this post's site stand day first, or month first: posts of one site
    /// share it. A site without a name is the folder it lies in.
    pub fn order_key(&self, day_first: bool) -> String {
        let site = self.site.as_deref().unwrap_or_else(|| {
            let path = self.source.as_str();
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        });
        let order = if day_first { "day" } else { "month" };
        // No artist key holds a control character.
        format!("\u{1}{order}\u{1}{site}")
    }
}
