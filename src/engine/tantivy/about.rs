//! How much of a post is about what was asked?
//!
//! In: conditions, and posts. Out: for each post a share from 0 to 1 by where the words stand in it and how often: the
//! title says more than a row, a row more than prose. Asks the index alone; no post is read.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Term};

use super::order::{self, Condition, Place};
use super::reader::TantivyReader;
use crate::error::Result;

/// What a word is worth in the title, in the names of a row, and elsewhere.
const TITLE: f32 = 3.0;
const NAMES: f32 = 2.0;
const ELSEWHERE: f32 = 0.85;
/// Words worth this much are half of all there can be.
const HALF: f32 = 3.0;

/// What a post is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    /// 0 to 1.
    pub share: f32,
    /// Conditions that the post meets.
    pub met: usize,
}

/// What each of the posts is about, in their order.
pub(super) fn about(
    reader: &TantivyReader,
    conditions: &[Condition],
    places: &[Place],
) -> Result<Vec<About>> {
    let mut out = vec![About::default(); places.len()];
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_unstable_by_key(|at| places[*at].address);
    for part in
        order.chunk_by(|a, b| places[*a].address.segment_ord == places[*b].address.segment_ord)
    {
        let Some(first) = part.first() else { continue };
        let segment = reader
            .posts
            .segment_reader(places[*first].address.segment_ord);
        let f = &reader.fields;
        for condition in conditions {
            let mut counts = vec![[0u32; 3]; part.len()];
            for word in &condition.words {
                for (n, field) in [f.everything, f.title, f.names].into_iter().enumerate() {
                    let term = Term::from_field_bytes(field, word.term.serialized_value_bytes());
                    let option = IndexRecordOption::WithFreqs;
                    let Some(mut postings) = order::postings(segment, &term, option)? else {
                        continue;
                    };
                    for (at, counts) in part.iter().zip(&mut counts) {
                        counts[n] += count(&mut postings, places[*at].address.doc_id);
                    }
                }
            }
            for (at, [all, title, names]) in part.iter().zip(counts) {
                let elsewhere = all.saturating_sub(title + names);
                let mass =
                    TITLE * title as f32 + NAMES * names as f32 + ELSEWHERE * elsewhere as f32;
                out[*at].share += mass / (mass + HALF) / conditions.len() as f32;
                out[*at].met += usize::from(mass > 0.0);
            }
        }
    }
    Ok(out)
}

/// How often a post has the word of the postings; posts are asked in rising order.
fn count(postings: &mut SegmentPostings, doc: DocId) -> u32 {
    if order::reach(postings, doc) == doc {
        postings.term_freq()
    } else {
        0
    }
}
