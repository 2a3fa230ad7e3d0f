//! Which lines are a track listing, and what does each row say?
//!
//! In: lines with hints, from any form of document. Out: lists with rows, order and confidence, and the
//! lines they took. Decides per list, not per line. A new list shape is one file and one line in
//! [`SHAPES`]. Must not know HTML, other documents, or the archive's artists.

mod columns;
mod cues;
mod evidence;
mod lexicon;
mod list;
mod order;
mod players;
mod row;
mod runs;
mod tables;

pub(super) use players::{file_name, is_audio};

use crate::model::TrackList;
use crate::text::lines::Line;

/// What else of the document helps to read its lists.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    pub title: &'a str,
    pub tags: &'a [String],
}

/// A list and the lines it took.
#[derive(Clone, Debug)]
pub struct Found {
    pub list: TrackList,
    /// Indexes of its rows.
    pub rows: Vec<usize>,
    /// Indexes of its heading, captions and section headings: not prose either.
    pub around: Vec<usize>,
    /// How it came about, for `inspect --why`.
    pub why: Vec<String>,
}

/// Lines that may be a list: what a shape hands on.
pub(crate) struct Run<'a> {
    pub shape: &'static str,
    pub rows: Vec<Raw<'a>>,
    /// Lines between the rows: captions, section headings.
    pub between: Vec<usize>,
}

/// A row before its sides are known.
#[derive(Clone)]
pub(crate) struct Raw<'a> {
    pub line: usize,
    pub number: Option<&'a str>,
    pub text: &'a str,
    /// Sides that the markup itself parts (table cells), artist first where a header says so.
    pub sides: Option<(String, String)>,
    pub section: Option<&'a str>,
    pub start_s: Option<u32>,
    /// From a column of its own.
    pub duration_s: Option<u32>,
    /// From a column of its own.
    pub year: Option<u16>,
    /// The list numbers its items itself.
    pub ordered: bool,
}

/// A way in which lines make a list.
type Shape = for<'a> fn(&'a [Line], &[bool]) -> Vec<Run<'a>>;

/// Every shape, the most telling first: lines that one has taken are not seen by the next.
static SHAPES: &[Shape] = &[
    tables::marked,
    tables::drawn,
    runs::one_line,
    runs::numbered,
    runs::items,
    runs::parted,
    runs::marked,
    runs::singles,
];

/// Finds the track lists in `lines`.
pub fn find(lines: &[Line], context: &Context<'_>) -> Vec<Found> {
    let mut taken = vec![false; lines.len()];
    let mut found: Vec<Found> = Vec::new();
    for shape in SHAPES {
        for run in shape(lines, &taken) {
            if run.rows.iter().any(|r| taken[r.line]) {
                continue;
            }
            if let Some(one) = list::read(lines, &run, context) {
                for at in one.rows.iter().chain(&one.around) {
                    taken[*at] = true;
                }
                found.push(one);
            }
        }
    }
    found.extend(players::linked(lines, &taken, context));
    found.sort_by_key(|f| f.rows.first().copied());
    found
}
