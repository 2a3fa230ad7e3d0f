//! What has words in a row, and then one of which only the beginning is known?
//!
//! In: the words, and the beginning. Out: the posts or rows. tantivy's own query holds the postings of every word that
//! begins so at once and asks each of them at each place of the words: seconds where ten thousand words begin with a
//! letter. Here the places are found first, and the words then come one after the other.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, Term};

use super::chosen::Chosen;
use super::compile;
use super::order::{self, Docs};
use crate::error::Result;

/// Where documents are so many times fewer than those that have a word, they are sought among these.
const MUCH_SHORTER: usize = 16;

/// Documents that are kept in lists of earlier queries, four bytes each.
const MOST_KNOWN: usize = 4 << 20;

/// Stems whose words are kept.
const MOST_STEMS: usize = 256;

const PLACED: IndexRecordOption = IndexRecordOption::WithFreqsAndPositions;

/// What was found for the queries before: one is compiled for each of its readings.
#[derive(Default)]
pub(super) struct Openings {
    chosen: Mutex<HashMap<Key, Chosen>>,
    starting: Mutex<HashMap<(TantivyField, String), Starting>>,
}

/// Words that start with a stem, as [`compile::starting`] gives them.
type Starting = Arc<(Vec<String>, u64, bool)>;

/// Segment, field, words and stem.
type Key = (Option<SegmentId>, TantivyField, Vec<String>);

impl Openings {
    /// What has `words` in a row, of which there is one at least, and a word that starts with `stem` after them.
    pub fn then(
        &self,
        searcher: &Searcher,
        field: TantivyField,
        words: &[String],
        stem: &str,
    ) -> Result<Box<dyn TantivyQuery>> {
        let known = || self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        let first = searcher.segment_readers().first();
        let mut asked = words.to_vec();
        asked.push(stem.to_owned());
        let key = (first.map(SegmentReader::segment_id), field, asked);
        if let Some(chosen) = known().get(&key) {
            return Ok(Box::new(chosen.clone()));
        }
        let chosen = then(searcher, field, words, stem)?;
        let mut known = known();
        let held: usize = known.values().map(Chosen::len).sum();
        if held + chosen.len() > MOST_KNOWN {
            known.clear();
        }
        known.insert(key, chosen.clone());
        Ok(Box::new(chosen))
    }

    /// The words of posts that start with `stem`.
    pub fn starting(&self, posts: &Searcher, field: TantivyField, stem: &str) -> Result<Starting> {
        let known = || self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (field, stem.to_owned());
        if let Some(starting) = known().get(&key) {
            return Ok(Arc::clone(starting));
        }
        let starting = Arc::new(compile::starting(posts, field, stem)?);
        let mut known = known();
        if known.len() >= MOST_STEMS {
            known.clear();
        }
        known.insert(key, Arc::clone(&starting));
        Ok(starting)
    }
}

fn then(searcher: &Searcher, field: TantivyField, words: &[String], stem: &str) -> Result<Chosen> {
    let mut starting: Vec<Vec<TermInfo>> = Vec::new();
    for segment in searcher.segment_readers() {
        let mut infos = Vec::new();
        compile::each_starting(&*segment.inverted_index(field)?, stem, |_, info| {
            infos.push(info.clone());
            Ok(())
        })?;
        starting.push(infos);
    }
    let mut clauses = vec![(Occur::Must, compile::in_a_row(field, words, 0))];
    // Few words of any frequency that start so: documents without them need not be looked at.
    let infos = starting.iter().flatten();
    let with_stem: u64 = infos.map(|info| u64::from(info.doc_freq)).sum();
    let mut with_words = u64::MAX;
    for word in words {
        with_words = with_words.min(searcher.doc_freq(&Term::from_field_text(field, word))?);
    }
    if with_stem < with_words {
        clauses.push((Occur::Must, compile::prefix(field, stem)));
    }
    let mut chosen = Chosen::default();
    for (ord, docs) in searcher.search(&BooleanQuery::new(clauses), &Docs)? {
        let infos = starting.get_mut(ord as usize).map_or(&mut [][..], |i| i);
        if docs.is_empty() || infos.is_empty() {
            continue;
        }
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
        // What is frequent follows most often, and where something does, nothing else is looked at.
        infos.sort_by_key(|info| Reverse(info.doc_freq));
        for info in infos {
            let mut postings = inverted
                .read_postings_from_terminfo(info, PLACED)
                .map_err(tantivy::TantivyError::from)?;
            let mut look = |at: usize, postings: &mut SegmentPostings| {
                if !found[at] {
                    postings.positions(&mut here);
                    found[at] = meet(&places[at], &here);
                }
            };
            if docs.len() < info.doc_freq as usize / MUCH_SHORTER {
                order::each_of(&docs, &mut postings, look);
                continue;
            }
            while let Some(at) = listed.get(postings.doc() as usize) {
                if *at > 0 {
                    look(*at as usize - 1, &mut postings);
                }
                postings.advance();
            }
        }
        let docs = docs.into_iter().zip(found);
        let docs = docs.filter_map(|(doc, is)| is.then_some(doc));
        chosen.add(segment, docs.collect());
    }
    Ok(chosen)
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
