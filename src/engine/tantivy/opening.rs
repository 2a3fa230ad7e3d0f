//! What has words in a row, and then one of which only the beginning is known?
//!
//! In: the words, and the beginning. Out: the posts or rows. tantivy's own query holds the postings of every word that
//! begins so at once and asks each of them at each place of the words: seconds where ten thousand words begin with a
//! letter. Here the places are found first, and the words then come one after the other.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, Term};

use super::chosen::Chosen;
use super::compile;
use super::order::{self, Docs};
use crate::error::Result;

/// Where documents are so many times fewer than those that have a word, they are sought among these.
const MUCH_SHORTER: usize = 16;

const PLACED: IndexRecordOption = IndexRecordOption::WithFreqsAndPositions;

/// What has `words` in a row, of which there is one at least, and a word that starts with `stem` after them.
pub(super) fn then(
    searcher: &Searcher,
    field: TantivyField,
    words: &[String],
    stem: &str,
) -> Result<Box<dyn TantivyQuery>> {
    let both = BooleanQuery::new(vec![
        (Occur::Must, compile::in_a_row(field, words, 0)),
        (Occur::Must, compile::prefix(field, stem)),
    ]);
    let mut chosen = Chosen::default();
    for (ord, docs) in searcher.search(&both, &Docs)? {
        let segment = searcher.segment_reader(ord);
        let places = after(segment, field, words, &docs)?;
        let mut found = vec![false; docs.len()];
        let mut here = Vec::new();
        // Where each document stands in the list, counted from 1: most words are in few documents, and each of these is
        // looked up.
        let mut listed = vec![0u32; segment.max_doc() as usize];
        for (at, doc) in (1u32..).zip(&docs) {
            listed[*doc as usize] = at;
        }
        let inverted = segment.inverted_index(field)?;
        compile::each_starting(&inverted, stem, |_, info| {
            let mut postings = inverted
                .read_postings_from_terminfo(info, PLACED)
                .map_err(tantivy::TantivyError::from)?;
            let mut look = |at: usize, postings: &mut SegmentPostings| {
                if !found[at] {
                    postings.positions(&mut here);
                    found[at] = meet(&places[at], &here);
                }
            };
            if docs.len() < postings.size_hint() as usize / MUCH_SHORTER {
                order::each_of(&docs, &mut postings, look);
                return Ok(());
            }
            while let Some(at) = listed.get(postings.doc() as usize) {
                if *at > 0 {
                    look(*at as usize - 1, &mut postings);
                }
                postings.advance();
            }
            Ok(())
        })?;
        let docs = docs.into_iter().zip(found);
        chosen.add(
            segment,
            docs.filter_map(|(doc, is)| is.then_some(doc)).collect(),
        );
    }
    Ok(Box::new(chosen))
}

/// For each of `docs`, the places that come after the words, rising.
fn after(
    segment: &SegmentReader,
    field: TantivyField,
    words: &[String],
    docs: &[DocId],
) -> Result<Vec<Vec<u32>>> {
    let mut places: Vec<Vec<u32>> = vec![Vec::new(); docs.len()];
    let mut here = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let term = Term::from_field_text(field, word);
        let Some(mut postings) = order::postings(segment, &term, PLACED)? else {
            continue;
        };
        order::each_of(docs, &mut postings, |at, postings| {
            postings.positions(&mut here);
            let places = &mut places[at];
            if number == 0 {
                places.extend(here.iter().map(|place| place + 1));
            } else {
                places.retain_mut(|place| {
                    let stands = here.binary_search(place).is_ok();
                    *place += 1;
                    stands
                });
            }
        });
    }
    Ok(places)
}

/// True where two rising lists have a number in common.
fn meet(one: &[u32], other: &[u32]) -> bool {
    let (few, many) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    few.iter().any(|place| many.binary_search(place).is_ok())
}
