//! What does the user mean?
//!
//! In: what was typed. Out: a [`Query`] and notes on how it was read. Never fails: anything typed is a
//! query. Must not know the engine.

mod explain;
mod parse;
mod value;
mod widen;

pub use parse::{MAX_BYTES, MAX_CLAUSES, MAX_DEPTH, parse};
pub use value::sort;
pub use widen::widen;

use crate::artist::Aliases;
use crate::model::Note;

/// A query understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What must match.
    pub root: Node,
    /// From `sort:`.
    pub sort: Option<Sort>,
    /// From `in:`: which kind must match; hits are posts all the same.
    pub kind: Option<Kind>,
    /// How odd input was read.
    pub notes: Vec<Note>,
    /// Where the query is an artist that the user has joined with others: these stand in `root` as alternatives.
    pub joined: Option<Joined>,
    /// What the user has joined: facets count it as one.
    pub aliases: Aliases,
}

/// An artist with other names.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The query as typed.
    pub typed: Node,
    pub names: Vec<String>,
}

/// A node of the query tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Every post.
    Everything,
    /// All of them.
    And(Vec<Node>),
    /// One of them at least.
    Or(Vec<Node>),
    /// Posts without it.
    Not(Box<Node>),
    Leaf(Leaf),
}

impl Node {
    /// How many conditions it has.
    pub fn leaves(&self) -> usize {
        match self {
            Self::Everything => 0,
            Self::Leaf(_) => 1,
            Self::Not(inner) => inner.leaves(),
            Self::And(several) | Self::Or(several) => several.iter().map(Self::leaves).sum(),
        }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// `None` searches everything.
    pub field: Option<Field>,
    pub test: Test,
}

/// Where a condition looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Title,
    Body,
    Artist,
    Track,
    Comment,
    /// Author of a comment.
    By,
    /// Author of the post.
    Author,
    Tag,
    Site,
    Lang,
    Date,
    Likes,
    Has,
}

/// Most words between those of a phrase; with more of them it is none.
pub const MOST_SLOP: u32 = 30;

/// Slips in a word of so many letters that a search for words near it allows: one from three letters on, two from
/// eight on; shorter words stand for themselves.
pub fn slips(letters: usize) -> u8 {
    match letters {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    }
}

/// What a condition asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A word as typed (folding and splitting at punctuation are the engine's).
    Word(String),
    /// Words in a row, with at most `slop` other words between them in all.
    Phrase { words: String, slop: u32 },
    /// Words that start so.
    Prefix(String),
    /// A word or one near it in spelling.
    Fuzzy(String),
    /// One of these folded words. Never typed: an engine puts it in place of a word that has other forms.
    OneOf(Vec<String>),
    /// Inclusive; open where `None`. Dates as `Published::key`, likes as counts.
    Range { from: Option<i64>, to: Option<i64> },
}

/// The order of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Relevance,
    Newest,
    Oldest,
    Comments,
}

/// What must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Posts,
    Tracks,
    Comments,
}

#[cfg(test)]
mod tests;
