//! Which rows are the answer to a query?
//!
//! In: a query and an engine. Out: rows of the posts that match: those that have the query's words
//! themselves; where no row has them all, those that have most of them; where none has any, every row of
//! the posts. Conditions on a post (date, tag, title, comment …) choose posts, not rows.

use super::asked::{Asked, Fit};
use super::{ReadEngine, SearchOptions};
use crate::error::Result;
use crate::model::{Note, Row};
use crate::query::{Query, Sort};

/// Posts that are looked through at most.
const MOST_POSTS: usize = 10_000;
/// Conditions with which each of so many posts may be asked. With 256 of them, rows of ten thousand posts took two
/// seconds, and what stands far down has few of the words.
const MOST_CONDITIONS: usize = 16;

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
    let conditions = query.root.leaves().max(1);
    let most = (MOST_POSTS * MOST_CONDITIONS / conditions).min(MOST_POSTS);
    let search = SearchOptions {
        sort: options.sort,
        exact: options.exact,
        ..SearchOptions::new(&options.text, most)
    };
    let asked = Asked::new(&query.root);
    let needed = options.offset.saturating_add(options.limit);
    let mut best = Fit::None;
    let mut looked = 0;
    let (mut total, mut posts) = (0, 0);
    let mut found: Vec<Row> = Vec::new();
    let response = engine.answers(query, &search, &mut |listed| {
        looked += 1;
        let mut counted = false;
        for (number, list) in (0u32..).zip(&listed.tracklists) {
            for track in &list.tracks {
                let fit = if options.whole {
                    Fit::All
                } else {
                    asked.fit(list.artist_of(track).map(|a| a.as_str()), track)
                };
                if fit == Fit::None || fit < best {
                    continue;
                }
                if fit > best {
                    best = fit;
                    (total, posts, counted) = (0, 0, false);
                    found.clear();
                }
                total += 1;
                posts += u64::from(!counted);
                counted = true;
                if found.len() < needed {
                    found.push(Row::new(listed.post.clone(), number, list, track));
                }
            }
        }
    })?;
    let mut notes = response.notes;
    if response.total > looked {
        notes.push(note(
            "too-many",
            &format!(
                "only the first {most} of the posts that match were looked through; ask for less \
                 (fewer words, a year with date:, one field) to see the others"
            ),
        ));
    }
    match best {
        Fit::None | Fit::All => {}
        Fit::Some(0) => notes.push(note(
            "whole-posts",
            "no row has these words, but posts have; showing all rows of those posts",
        )),
        Fit::Some(_) => notes.push(note(
            "some-words",
            "no row has all of these words; showing those that have most",
        )),
    }
    Ok(Rows {
        query: options.text.clone(),
        total,
        posts,
        offset: options.offset,
        limit: options.limit,
        notes,
        rows: found.into_iter().skip(options.offset).collect(),
    })
}

fn note(code: &'static str, text: &str) -> Note {
    Note {
        code,
        text: text.to_owned(),
    }
}
