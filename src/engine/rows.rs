//! Which rows are the answer to a query?
//!
//! In: a query and an engine. Out: rows of the posts that match: those that have the query's words
//! themselves; where no row has them all, those that have most of them; where none has any, every row of
//! the posts. Conditions on a post (date, tag, title, comment …) choose posts, not rows.

use std::collections::HashSet;

use super::{ReadEngine, SearchOptions};
use crate::artist;
use crate::error::Result;
use crate::model::{Note, Row, Track};
use crate::query::{Field, Leaf, Node, Query, Sort, Test};
use crate::text::tokens;

/// Posts that are looked through at most.
const MOST_POSTS: usize = 10_000;

/// Rows that answer a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    pub query: String,
    /// Rows in all, and posts that hold them.
    pub total: u64,
    pub posts: u64,
    pub offset: usize,
    pub limit: usize,
    pub notes: Vec<Note>,
    pub rows: Vec<Row>,
}

/// How rows are asked for.
#[derive(Clone, Debug)]
pub struct RowOptions {
    /// The text as typed.
    pub text: String,
    pub offset: usize,
    pub limit: usize,
    pub sort: Option<Sort>,
    /// Every row of the posts that match.
    pub whole: bool,
    pub exact: bool,
}

/// Finds the rows that answer a query, post by post in the order of the search, each post's in its own.
///
/// # Errors
/// Those of the engine.
pub fn rows(engine: &dyn ReadEngine, query: &Query, options: &RowOptions) -> Result<Rows> {
    let response = engine.search(
        query,
        &SearchOptions {
            sort: options.sort,
            exact: options.exact,
            ..SearchOptions::new(&options.text, MOST_POSTS)
        },
    )?;
    let mut all: Vec<(Fit, Row)> = Vec::new();
    for hit in &response.hits {
        let Some(archived) = engine.get(hit.id)? else {
            continue;
        };
        for row in Row::all(&archived) {
            let fit = if options.whole {
                Fit::All
            } else {
                fit(&query.root, &Words::of(&row))
            };
            all.push((fit, row));
        }
    }
    let mut notes = response.notes;
    if response.total > response.hits.len() as u64 {
        notes.push(note(
            "too-many",
            &format!(
                "only the first {MOST_POSTS} of the posts that match were looked through; ask for less \
                 (a year with date:, one field) to see the others"
            ),
        ));
    }
    let wanted = if all.iter().any(|(fit, _)| *fit == Fit::All) {
        Fit::All
    } else if let Some(most) = all
        .iter()
        .map(|(fit, _)| *fit)
        .max()
        .filter(|f| *f > Fit::Some(0))
    {
        notes.push(note(
            "some-words",
            "no row has all of these words; showing those that have most",
        ));
        most
    } else {
        let open = Fit::Some(0);
        if all.iter().any(|(fit, _)| *fit == open) {
            notes.push(note(
                "whole-posts",
                "no row has these words, but posts have; showing all rows of those posts",
            ));
        }
        open
    };
    all.retain(|(fit, _)| *fit >= wanted);
    let posts: HashSet<u64> = all.iter().map(|(_, row)| row.post.id.0).collect();
    Ok(Rows {
        query: options.text.clone(),
        total: all.len() as u64,
        posts: posts.len() as u64,
        offset: options.offset,
        limit: options.limit,
        notes,
        rows: all
            .into_iter()
            .map(|(_, row)| row)
            .skip(options.offset)
            .take(options.limit)
            .collect(),
    })
}

fn note(code: &'static str, text: &str) -> Note {
    Note {
        code,
        text: text.to_owned(),
    }
}

/// How well a row fits, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// A condition on rows is not met.
    None,
    /// So many of the words.
    Some(usize),
    All,
}

/// The folded words of a row.
struct Words {
    artist: Vec<String>,
    title: Vec<String>,
    /// Artist, title, album and label, as the index has them.
    all: Vec<String>,
    /// Keys of artist and title, for names without letters and digits ("!!!").
    artist_key: String,
    title_key: String,
}

impl Words {
    fn of(row: &Row) -> Self {
        let words = |text: &str| -> Vec<String> {
            tokens::tokens(text).into_iter().map(|t| t.text).collect()
        };
        let Track { album, label, .. } = &row.track;
        let artist = words(row.artist.as_deref().unwrap_or_default());
        let title = words(&row.track.title);
        let tails = album.iter().chain(label).flat_map(|tail| words(tail));
        let all = artist.iter().chain(&title).cloned().chain(tails).collect();
        Self {
            artist_key: artist::key(row.artist.as_deref().unwrap_or_default()),
            title_key: artist::key(&row.track.title),
            artist,
            title,
            all,
        }
    }
}

/// How well a row fits a query.
fn fit(root: &Node, words: &Words) -> Fit {
    let leaves = std::slice::from_ref(root);
    let all = match root {
        Node::And(all) => all.as_slice(),
        _ => leaves,
    };
    let mut of_rows = 0;
    let mut met = 0;
    for node in all {
        match meets(node, words) {
            None => {}
            Some(true) => {
                of_rows += 1;
                met += 1;
            }
            Some(false) if is_demand(node) => return Fit::None,
            Some(false) => of_rows += 1,
        }
    }
    match (met, of_rows) {
        (met, of_rows) if met == of_rows && of_rows > 0 => Fit::All,
        // Nothing was asked of rows: every row of the posts.
        (_, 0) => Fit::All,
        (met, _) => Fit::Some(met),
    }
}

/// True where a node speaks of rows by name (`artist:`, `track:`) or forbids: a row meets it or is none.
fn is_demand(node: &Node) -> bool {
    match node {
        Node::Leaf(leaf) => leaf.field.is_some(),
        Node::And(all) | Node::Or(all) => all.iter().all(is_demand),
        Node::Not(_) => true,
        Node::Everything => false,
    }
}

/// Whether a row meets a node; `None` where the node asks nothing of rows.
fn meets(node: &Node, words: &Words) -> Option<bool> {
    match node {
        Node::Everything => None,
        Node::And(all) => {
            let said: Vec<bool> = all.iter().filter_map(|n| meets(n, words)).collect();
            (!said.is_empty()).then(|| said.iter().all(|met| *met))
        }
        Node::Or(any) => {
            let said: Vec<bool> = any.iter().filter_map(|n| meets(n, words)).collect();
            (!said.is_empty()).then(|| said.iter().any(|met| *met))
        }
        Node::Not(inner) => meets(inner, words).map(|met| !met),
        Node::Leaf(leaf) => {
            let within = match leaf.field {
                None => &words.all,
                Some(Field::Artist) => &words.artist,
                Some(Field::Track) => &words.title,
                Some(_) => return None,
            };
            Some(is_named(words, leaf) || has(within, leaf))
        }
    }
}

/// True where a row's artist or title is a name without words, and the one that is wanted.
fn is_named(words: &Words, leaf: &Leaf) -> bool {
    let (Test::Word(name) | Test::Phrase { words: name, .. }) = &leaf.test else {
        return false;
    };
    if !tokens::tokens(name).is_empty() {
        return false;
    }
    let key = artist::key(name);
    let is_artist = words.artist_key == key && leaf.field != Some(Field::Track);
    is_artist || (words.title_key == key && leaf.field != Some(Field::Artist))
}

fn has(words: &[String], leaf: &Leaf) -> bool {
    let wanted =
        |text: &str| -> Vec<String> { tokens::tokens(text).into_iter().map(|t| t.text).collect() };
    match &leaf.test {
        Test::Word(text) => in_a_row(words, &wanted(text), 0),
        Test::Phrase { words: text, slop } => in_a_row(words, &wanted(text), *slop as usize),
        Test::Prefix(stem) => {
            let mut stems = wanted(stem);
            let Some(last) = stems.pop() else {
                return false;
            };
            stems.iter().all(|stem| words.contains(stem))
                && words.iter().any(|word| word.starts_with(&last))
        }
        Test::Fuzzy(text) => wanted(text).iter().all(|near| {
            let most = match near.chars().count() {
                0..=2 => 0,
                3..=7 => 1,
                _ => 2,
            };
            words
                .iter()
                .any(|word| strsim::osa_distance(word, near) <= most)
        }),
        Test::OneOf(forms) => forms.iter().any(|form| words.contains(form)),
        Test::Range { .. } => false,
    }
}

/// True where the wanted words follow each other, with at most `slop` others between them in all.
fn in_a_row(words: &[String], wanted: &[String], slop: usize) -> bool {
    let Some((first, rest)) = wanted.split_first() else {
        return false;
    };
    words.iter().enumerate().any(|(start, word)| {
        if word != first {
            return false;
        }
        let mut at = start;
        let mut left = slop;
        rest.iter().all(|next| {
            let found = words
                .iter()
                .skip(at + 1)
                .take(left + 1)
                .position(|w| w == next);
            if let Some(gap) = found {
                at += gap + 1;
                left -= gap;
            }
            found.is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query;

    fn fits(text: &str, artist: &str, title: &str) -> Fit {
        let words = |text: &str| -> Vec<String> {
            tokens::tokens(text).into_iter().map(|t| t.text).collect()
        };
        let row = Words {
            artist: words(artist),
            title: words(title),
            all: words(&format!("{artist} {title}")),
            artist_key: artist::key(artist),
            title_key: artist::key(title),
        };
        fit(&query::parse(text).root, &row)
    }

    #[test]
    fn rows_meet_what_is_asked_of_rows() {
        for (text, expected) in [
            ("tepper", Fit::All),
            ("tepper easy", Fit::All),
            ("tepper supernatural", Fit::Some(1)),
            ("tepper -live", Fit::All),
            ("tepper -easy", Fit::None),
            ("artist:tepper track:easy", Fit::All),
            ("artist:easy", Fit::None),
            ("\"easy way\"", Fit::All),
            ("\"easy out\"", Fit::Some(0)),
            ("\"easy out\"~1", Fit::All),
            ("tep*", Fit::All),
            ("teppr~", Fit::All),
            ("date:1985", Fit::All),
            ("tag:soundtrack tepper", Fit::All),
            ("survivor OR tepper", Fit::All),
            ("survivor", Fit::Some(0)),
        ] {
            assert_eq!(
                fits(text, "Robert Tepper", "No Easy Way Out"),
                expected,
                "{text}"
            );
        }
    }
}
