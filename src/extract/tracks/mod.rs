//! Which lines are a track listing, and what does each row say?
//!
//! In: lines with hints, from any form of document. Out: lists with rows, order and confidence, and the
//! lines they took. Decides per list, not per line. A new list shape is one file and one line in
//! its registry. Must not know HTML, other documents, or the archive's artists.

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

/// Finds the track lists in `lines`.
pub fn find(lines: &[Line], context: &Context<'_>) -> Vec<Found> {
    let _ = (lines, context);
    Vec::new()
}
