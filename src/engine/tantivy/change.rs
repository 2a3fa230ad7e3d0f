//! What did a run change?
//!
//! In: the posts before and after. Out: how many posts, tracks and comments came or went, and whether any post credits
//! others than before. Looks only at posts of segments that differ: an archive is not counted again for one of its posts.

use std::collections::{BTreeSet, HashMap};

use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::{DocId, Searcher, SegmentReader, TantivyError};

use crate::engine::Change;
use crate::error::Result;

/// Posts that are looked at, at most: more are counted as quickly all together.
const FEW: u64 = 4_096;

/// What differs; `None` where it is much.
pub(super) fn between(before: &Searcher, after: &Searcher) -> Result<Option<Change>> {
    let old: HashMap<SegmentId, &SegmentReader> = by_id(before);
    let new: HashMap<SegmentId, &SegmentReader> = by_id(after);
    let gone = before.segment_readers().iter().map(|segment| {
        let now = new.get(&segment.segment_id()).copied();
        (segment, now, -1)
    });
    let come = after
        .segment_readers()
        .iter()
        .filter(|segment| !old.contains_key(&segment.segment_id()))
        .map(|segment| (segment, None, 1));
    let differing: Vec<_> = gone
        .chain(come)
        .filter(|(segment, now, _)| {
            // Deletions are never taken back: as many are the same ones.
            now.is_none_or(|now| now.num_docs() != segment.num_docs())
        })
        .collect();
    let many = differing.iter().map(|(segment, now, _)| {
        u64::from(segment.num_docs() - now.map_or(0, SegmentReader::num_docs))
    });
    if many.sum::<u64>() > FEW {
        return Ok(None);
    }
    let mut change = Change::default();
    let mut credits: HashMap<Vec<u8>, i64> = HashMap::new();
    for (segment, now, sign) in differing {
        let fast = segment.fast_fields();
        let (tracks, comments) = (fast.u64("tracks")?, fast.u64("comments")?);
        let names = fast.str("credited")?;
        let counts = |doc: &DocId| {
            now.is_none_or(|now| now.alive_bitset().is_some_and(|b| b.is_deleted(*doc)))
        };
        for doc in segment.doc_ids_alive().filter(counts) {
            let number = |count: Option<u64>| count.and_then(|c| i64::try_from(c).ok());
            change.posts += sign;
            change.tracks += sign * number(tracks.first(doc)).unwrap_or(0);
            change.comments += sign * number(comments.first(doc)).unwrap_or(0);
            if let Some(names) = &names {
                *credits.entry(credited(names, doc)?).or_insert(0) += sign;
            }
        }
    }
    change.credits = credits
        .iter()
        .any(|(names, count)| !names.is_empty() && *count != 0);
    Ok(Some(change))
}

fn by_id(searcher: &Searcher) -> HashMap<SegmentId, &SegmentReader> {
    searcher
        .segment_readers()
        .iter()
        .map(|segment| (segment.segment_id(), segment))
        .collect()
}

/// The names that a post credits, as one value.
fn credited(names: &StrColumn, doc: DocId) -> Result<Vec<u8>> {
    let mut all = BTreeSet::new();
    for ord in names.term_ords(doc) {
        let mut name = Vec::new();
        names
            .dictionary()
            .ord_to_term(ord, &mut name)
            .map_err(TantivyError::from)?;
        all.insert(name);
    }
    let mut whole = Vec::new();
    for name in all {
        whole.extend(name);
        // No text holds control characters.
        whole.push(0);
    }
    Ok(whole)
}
