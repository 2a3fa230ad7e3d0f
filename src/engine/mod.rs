//! Where are posts kept, and who answers queries?
//!
//! In: [`Archived`] posts, parsed queries. Out: ranked answers. Two traits, one to write and one to
//! read; `tantivy/` is the embedded implementation. Must not know files of the archive, extraction or
//! output.

use std::collections::{BTreeMap, HashMap};

use crate::artist::Credits;
use crate::error::Result;
use crate::model::{Archived, Listed, PostId, Related, Response};
use crate::query::{Query, Sort};

pub mod artists;
mod asked;
mod joins;
pub mod rows;
pub mod tantivy;

/// Writes an index. Methods take `&self`: every worker may put posts at once.
pub trait WriteEngine: Send + Sync {
    /// Stores a post with its rows, in place of any post of the same id. Blocks while too many bytes
    /// wait for the engine's own threads: that is the back-pressure.
    fn put(&self, post: &Archived) -> Result<()>;

    /// Removes a post with its rows; nothing happens where there is none.
    fn delete(&self, id: PostId) -> Result<()>;

    /// Makes everything put so far readable by this process, without publishing it: other readers
    /// still see the last publication.
    fn settle(&self) -> Result<Box<dyn ReadEngine>>;

    /// What was changed since the writer opened, as it was last settled; `None` where it is so much that counting all posts
    /// takes no longer.
    fn change(&self) -> Result<Option<Change>>;

    /// Gives the next publication a line that belongs to it alone: the one after it has none of this name unless it is given
    /// again.
    fn note(&self, name: &str, text: String);

    /// Publishes everything put so far together with `attachments` (small named files that belong to
    /// the same moment, such as the pipeline's ledger; they replace those of the same name, and
    /// names mapped to `None` are removed). Atomic: readers see all of it or nothing, also after a
    /// kill or a power cut at any moment. Returns when it is on disk.
    fn publish(&self, attachments: &BTreeMap<String, Option<Vec<u8>>>) -> Result<()>;
}

/// Reads one published (or settled) state of an index.
pub trait ReadEngine: Send + Sync {
    /// The post with its versions.
    fn get(&self, id: PostId) -> Result<Option<Archived>>;

    /// Answers a query.
    fn search(&self, query: &Query, options: &SearchOptions) -> Result<Response>;

    /// Calls `visit` with the rows of the posts of that answer in their order, without looking for what made them
    /// match; the response comes without hits.
    fn answers(
        &self,
        query: &Query,
        options: &SearchOptions,
        visit: &mut dyn FnMut(Listed),
    ) -> Result<Response>;

    /// Ids of live posts that hold an ambiguous track list in which one of the artist keys (see
    /// `artist::key`) stands on either side. All such posts where `keys` is `None`.
    fn ambiguous(&self, keys: Option<&[String]>) -> Result<Vec<PostId>>;

    /// In how many live posts an unambiguous row credits this artist key.
    fn artist_posts(&self, key: &str) -> Result<u64>;

    /// The names that live posts file their rows under, post by post.
    fn credits(&self) -> Result<Credits>;

    /// How many live tracks are filed under one of these keys.
    fn credited_tracks(&self, keys: &[String]) -> Result<u64>;

    /// Live posts with a track that is filed under one of these keys, the newest first.
    fn credited_posts(&self, keys: &[String]) -> Result<Vec<CreditedPost>>;

    /// How many live posts have a track filed under one of the keys and a track filed under one of the others.
    fn credited_together(&self, keys: &[String], others: &[String]) -> Result<u64>;

    /// What each of some artists is credited with; an artist is given by its keys.
    fn works(&self, artists: &[Vec<String>]) -> Result<Works>;

    /// Titles as a post writes them, by their numbers in [`Works`].
    fn titles(&self, numbers: &[u64]) -> Result<HashMap<u64, String>>;

    /// How many live comments have one of these names, its words in a row.
    fn mentions(&self, names: &[String]) -> Result<u64>;

    /// Live posts with such a comment or such prose, the newest first.
    fn mentioned_in(&self, names: &[String]) -> Result<Vec<MentioningPost>>;

    /// Posts that list the same artists or have the same rare words as this one, best first, at most
    /// `limit`. `same` gives the other keys of the artist of a key.
    fn related(
        &self,
        archived: &Archived,
        same: &dyn Fn(&str) -> Vec<String>,
        limit: usize,
    ) -> Result<Vec<Related>>;

    /// The bytes of an attachment of the publication.
    fn attachment(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// The line of this name that was given to the publication.
    fn noted(&self, name: &str) -> Option<&str>;

    /// Sizes and counts, without reading posts.
    fn statistics(&self) -> Result<Statistics>;

    /// Calls `visit` for every live post, in no particular order; stops where it returns false.
    fn for_each(&self, visit: &mut dyn FnMut(Archived) -> bool) -> Result<()>;
}

/// How a query is to be answered.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// The text as typed, for the response.
    pub text: String,
    pub offset: usize,
    pub limit: usize,
    /// Overrides a `sort:` in the query.
    pub sort: Option<Sort>,
    pub facets: bool,
    /// No relaxing and no correcting.
    pub exact: bool,
    pub explain: bool,
}

impl SearchOptions {
    /// The first `limit` posts in the order that the query asks for, and nothing besides.
    pub fn new(text: &str, limit: usize) -> Self {
        Self {
            text: text.to_owned(),
            offset: 0,
            limit,
            sort: None,
            facets: false,
            exact: false,
            explain: false,
        }
    }

    /// The order of the answer.
    pub fn order(&self, query: &Query) -> Sort {
        self.sort.or(query.sort).unwrap_or(Sort::Relevance)
    }

    /// How many of the best posts the answer takes, with those before its page; `None` where it takes all that match.
    pub fn first(&self, query: &Query) -> Option<usize> {
        let ranked = self.order(query) == Sort::Relevance;
        (ranked && !self.facets).then_some(self.offset.saturating_add(self.limit))
    }
}

/// A post that credits an artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditedPost {
    pub id: PostId,
    /// `Published::key` of a dated post.
    pub date: Option<i64>,
    /// Tracks in it that do.
    pub tracks: u64,
}

/// A post in which an artist is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MentioningPost {
    pub id: PostId,
    /// `Published::key` of a dated post.
    pub date: Option<i64>,
    /// True where the prose has the name.
    pub in_prose: bool,
}

/// Titles, and in how many tracks each stands.
pub type Counts = foldhash::HashMap<u64, u64>;

/// What artists are credited with. Titles are numbered by their spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Works {
    /// For each artist, titles and in how many tracks.
    pub of: Vec<Counts>,
    /// The same for all tracks of the archive.
    pub all: Counts,
    /// Tracks of the archive.
    pub tracks: u64,
}

/// What a run changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// More posts, tracks and comments than before.
    pub posts: i64,
    pub tracks: i64,
    pub comments: i64,
    /// True where other names are credited, or the same ones by other posts.
    pub credits: bool,
}

/// What an index holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    /// Bytes on disk by part: `posts`, `rows`, `ledger`, `manifest`.
    pub bytes: BTreeMap<String, u64>,
    pub segments: u64,
}
