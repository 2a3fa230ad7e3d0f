//! Which posts meet any of several conditions best?
//!
//! In: conditions, of which one is enough. Out: the best posts by their words, and how many there are. Weights are added up
//! in a row of numbers, a list after the other: where lists are long, nothing is gained by skipping, since thousands of
//! posts weigh nearly as much as the best ones. Where one list alone is long, or none, `top` skips.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, SegmentReader};

use super::order::{self, Addresses, Condition, Group, Place};
use super::parts::{self, Part};
use super::reader::TantivyReader;
use super::together::{self, Having};
use crate::error::Result;

/// Entries of lists that take as long as the positions of one post.
const ENTRIES: u64 = 32;

/// Weights that are looked at together.
const LANE: usize = 32;

/// A list of so many entries is long.
const LONG: u64 = 50_000;

/// True where conditions are worth adding up: two of them have long lists.
pub(super) fn are_long(conditions: &[Condition]) -> bool {
    conditions.iter().filter(|c| c.most >= LONG).count() > 1
}

/// The first `most` posts that meet any condition but for those to skip, in order; and how many there are.
pub(super) fn all(
    reader: &TantivyReader,
    conditions: &[Condition],
    most: usize,
    skip: &Addresses,
) -> Result<(Vec<Place>, u64)> {
    let entries: u64 = conditions.iter().map(|c| c.most).sum();
    let found = parts::each(&reader.posts, entries / ENTRIES, |segment, part| {
        best_of_part(reader, segment, part, conditions, most, skip)
    })?;
    let total = found.iter().map(|(_, total)| total).sum();
    let best = found.into_iter().flat_map(|(best, _)| best).collect();
    let places = together::first(reader, best, most, Group::Words)?;
    Ok((places, total))
}

/// The best posts of a part, in the order of addresses, equal ones all; and how many posts of it meet a condition.
fn best_of_part(
    reader: &TantivyReader,
    segment: &SegmentReader,
    part: Part,
    conditions: &[Condition],
    most: usize,
    skip: &Addresses,
) -> Result<(Vec<Having>, u64)> {
    let to = part.to.min(segment.max_doc());
    let mut weights = vec![0u32; (to - part.from) as usize];
    let mut any = false;
    for condition in conditions {
        any |= add(reader, segment, part, condition, &mut weights)?;
    }
    let mut best = Vec::new();
    let mut total = 0;
    if !any {
        return Ok((best, total));
    }
    let mut heap: BinaryHeap<Reverse<u32>> = BinaryHeap::with_capacity(most + 1);
    let mut least = 1;
    let all_count = segment.num_deleted_docs() == 0 && skip.is_empty();
    for (from, weights) in (part.from..to).step_by(LANE).zip(weights.chunks(LANE)) {
        // What a processor does for many numbers at once.
        let heaviest = weights.iter().copied().max().unwrap_or(0);
        if all_count {
            total += weights.iter().filter(|weight| **weight > 0).count() as u64;
        }
        if heaviest == 0 || all_count && heaviest < least {
            continue;
        }
        for (doc, weight) in (from..).zip(weights) {
            let address = DocAddress::new(part.segment, doc);
            if *weight == 0 || !all_count && (segment.is_deleted(doc) || skip.contains(&address)) {
                continue;
            }
            total += u64::from(!all_count);
            // What is noted is one more than the weight.
            if *weight >= least {
                best.push(Having::new(address, weight - 1));
                heap.push(Reverse(*weight));
                if heap.len() > most {
                    heap.pop();
                    least = heap.peek().map_or(least, |least| least.0);
                }
            }
        }
    }
    best.retain(|having: &Having| having.words + 1 >= least);
    Ok((best, total))
}

/// Adds what the words of a condition weigh in the posts of a part, of each post the word that weighs most there; a post
/// that has any has one more than its weight. False where none has.
fn add(
    reader: &TantivyReader,
    segment: &SegmentReader,
    part: Part,
    condition: &Condition,
    weights: &mut [u32],
) -> Result<bool> {
    let norms = segment.get_fieldnorms_reader(reader.fields.everything)?;
    let lengths = order::lengths();
    let mut any = false;
    let several = condition.words.len() > 1;
    let mut heaviest = vec![0u32; if several { weights.len() } else { 0 }];
    for word in &condition.words {
        let option = IndexRecordOption::WithFreqs;
        let Some(mut list) = order::postings(segment, &word.term, option)? else {
            continue;
        };
        let mut doc = list.doc();
        if doc < part.from {
            doc = list.seek(part.from);
        }
        while doc < part.to {
            let at = (doc - part.from) as usize;
            let length = lengths[usize::from(norms.fieldnorm_id(doc))];
            let weight = word.weight(list.term_freq(), length);
            if several {
                heaviest[at] = heaviest[at].max(weight + 1);
            } else {
                weights[at] = weights[at].max(1).saturating_add(weight);
            }
            any = true;
            doc = list.advance();
        }
    }
    for (sum, heaviest) in weights.iter_mut().zip(heaviest) {
        if heaviest > 0 {
            *sum = (*sum).max(1).saturating_add(heaviest - 1);
        }
    }
    Ok(any)
}
