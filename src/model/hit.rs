//! The answer to a query: ranked posts, and what in them made them match.
//!
//! In: what the engine found. Out: the data of the search contract in `docs/json.md`. Must not know
//! how it is printed.

use super::{PostId, Published, Text};

/// Why a hit stands where it stands, best first. A hit never ranks above one of a better tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The whole query is an artist, a track or a title.
    Exact,
    /// The words stand together.
    Phrase,
    /// All words, close to each other.
    Near,
    All,
    Some,
    Corrected,
}

impl Tier {
    /// The word used in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Phrase => "phrase",
            Self::Near => "near",
            Self::All => "all",
            Self::Some => "some",
            Self::Corrected => "corrected",
        }
    }
}

/// A half-open range in Unicode scalar values of the string it stands with.
pub type Mark = (u32, u32);

/// How a match in a post came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// As typed, case apart.
    Exact,
    /// Several words in a row, as typed.
    Phrase,
    /// The same letters with other accents, signs or width.
    Folded,
    /// Another form of a word.
    Stemmed,
    /// A word near the one typed.
    Corrected,
}

impl How {
    /// The word used in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Phrase => "phrase",
            Self::Folded => "folded",
            Self::Stemmed => "stemmed",
            Self::Corrected => "corrected",
        }
    }
}

/// Words of a post that matched, as the post has them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matched {
    pub how: How,
    pub text: String,
}

/// The best sentence of a post with its matches.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Snippet {
    pub text: String,
    pub marks: Vec<Mark>,
}

/// Matches within a row.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TrackMarks {
    pub artist: Vec<Mark>,
    pub title: Vec<Mark>,
}

/// A row that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackEvidence {
    /// 0-based list in the post.
    pub list: u32,
    /// 1-based ordinal in its list.
    pub position: u32,
    pub number: Option<Text>,
    /// The row's artist, else the list's.
    pub artist: Option<Text>,
    pub title: Text,
    pub raw: Text,
    pub marks: TrackMarks,
}

/// A comment that matched. `text` may be an extract around the matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEvidence {
    pub id: Text,
    pub parent: Option<Text>,
    pub author: Option<Text>,
    pub published: Option<Published>,
    pub likes: Option<u32>,
    pub text: String,
    pub marks: Vec<Mark>,
    /// Where it is an answer: the beginning of what it answers.
    pub context: Option<Context>,
}

/// The comment that another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub author: Option<Text>,
    /// Its beginning.
    pub text: String,
}

/// What in a post matched: the best rows and comments, and how many there are in all.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Evidence {
    pub snippet: Option<Snippet>,
    pub tracks: Vec<TrackEvidence>,
    pub comments: Vec<CommentEvidence>,
    pub tracks_total: u32,
    pub comments_total: u32,
    pub sentences_total: u32,
    /// The different words that matched and how, without repeats.
    pub matched: Vec<Matched>,
}

/// A ranked post.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// 1-based over the whole result.
    pub rank: u32,
    /// Never rises down the list.
    pub score: f32,
    pub tier: Tier,
    pub id: PostId,
    pub title: Text,
    /// Matches within the title.
    pub title_marks: Vec<Mark>,
    pub url: Option<Text>,
    pub site: Option<Text>,
    pub source: Text,
    pub author: Option<Text>,
    pub published: Option<Published>,
    pub evidence: Evidence,
    /// How the score came about, where it was asked for.
    pub explanation: Option<String>,
}

/// Something the user should know about how the query was read or answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A stable word: `relaxed`, `corrected`, `did-you-mean`, `unclosed-quote` and others; see docs/json.md.
    pub code: &'static str,
    pub text: String,
}

/// One value of a facet and the number of matching posts that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCount {
    pub value: String,
    pub count: u64,
}

/// Facets by name (`year`, `artist`, `tag`, `author`, `site`, `kind`), in that order.
pub type Facets = Vec<(&'static str, Vec<FacetCount>)>;

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// As typed.
    pub query: String,
    /// Posts that match.
    pub total: u64,
    pub total_exact: bool,
    pub offset: usize,
    pub limit: usize,
    pub took_ms: f64,
    pub notes: Vec<Note>,
    pub hits: Vec<Hit>,
    pub facets: Facets,
}
