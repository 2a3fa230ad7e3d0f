//! Which posts meet any of several conditions best?
//!
//! In: conditions, of which one is enough. Out: the best posts by their words, and how many there are. Weights are added up
//! in a row of numbers, a list after the other: where lists are long, nothing is gained by skipping, since thousands of
//! posts weigh nearly as much as the best ones. Where one list alone is long, or none, `top` skips.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader};

use super::order::{self, Addresses, Condition, Group, Place, Weighed};
use super::parts::{self, Part};
use super::reader::TantivyReader;
use super::together::{self, Having};
use crate::error::Result;

/// Entries of lists that take as long as the positions of one post.
const ENTRIES: u64 = 32;

/// Posts whose weights lie in the cache next to the processor.
const BLOCK: usize = 4_096;

/// Weights that are looked at together.
const LANE: usize = 32;

/// A list of so many entries is long.
const LONG: u64 = 50_000;

/// True where conditions are worth adding up: two of them have long lists.
pub(super) fn are_long(conditions: &[Condition]) -> bool {
    conditions.iter().filter(|c| c.most >= LONG).count() > 1
}

/// True for a condition of one word that nearly every one of so many posts has: it weighs next to nothing, and date and id decide.
pub(super) fn is_everywhere(condition: &Condition, posts: u64) -> bool {
    match condition.words.as_slice() {
        [word] => !condition.open && word.posts >= LONG && word.posts >= posts - posts / 100,
        _ => false,
    }
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
    let mut lists = Lists::new(reader, segment, part, conditions)?;
    let mut best = Vec::new();
    let mut total = 0;
    if lists.are_empty() {
        return Ok((best, total));
    }
    let mut heap: BinaryHeap<Reverse<u32>> = BinaryHeap::with_capacity(most + 1);
    let mut least = 1;
    let all_count = segment.num_deleted_docs() == 0 && skip.is_empty();
    for from in (part.from..part.to).step_by(BLOCK) {
        let weights = lists.weights(from, part.to.min(from + BLOCK as DocId));
        for (from, weights) in (from..).step_by(LANE).zip(weights.chunks(LANE)) {
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
                if *weight == 0
                    || !all_count && (segment.is_deleted(doc) || skip.contains(&address))
                {
                    continue;
                }
                total += u64::from(!all_count);
                // What is noted is one more than the weight.
                if *weight < least {
                    continue;
                }
                best.push(Having::new(address, weight - 1));
                // One more of the least changes nothing.
                if *weight > least || heap.len() < most {
                    heap.push(Reverse(*weight));
                    if heap.len() > most {
                        heap.pop();
                        least = heap.peek().map_or(least, |least| least.0);
                    }
                }
            }
        }
    }
    best.retain(|having: &Having| having.words + 1 >= least);
    Ok((best, total))
}

/// The lists of conditions in a part of a segment.
struct Lists<'a> {
    conditions: Vec<Vec<(&'a Weighed, SegmentPostings)>>,
    norms: FieldNormReader,
    weights: Vec<u32>,
    /// Of one condition, where that has several words.
    heaviest: Vec<u32>,
}

impl<'a> Lists<'a> {
    fn new(
        reader: &TantivyReader,
        segment: &SegmentReader,
        part: Part,
        conditions: &'a [Condition],
    ) -> Result<Self> {
        let mut all = order::lists(segment, conditions, IndexRecordOption::WithFreqs)?;
        for (_, list) in all.iter_mut().flatten() {
            order::reach(list, part.from);
        }
        Ok(Self {
            conditions: all,
            norms: segment.get_fieldnorms_reader(reader.fields.everything)?,
            weights: vec![0; BLOCK],
            heaviest: vec![0; BLOCK],
        })
    }

    fn are_empty(&self) -> bool {
        self.conditions.iter().all(Vec::is_empty)
    }

    /// One more than what the words weigh in each of some posts, of each condition the word that weighs most there; nothing
    /// where a post meets no condition. Blocks are asked in order.
    fn weights(&mut self, from: DocId, to: DocId) -> &[u32] {
        let lengths = order::lengths();
        let many = (to - from) as usize;
        let weights = &mut self.weights[..many];
        weights.fill(0);
        for lists in &mut self.conditions {
            let several = lists.len() > 1;
            for (word, list) in lists {
                let mut doc = list.doc();
                while doc < to {
                    let at = (doc - from) as usize;
                    let length = lengths[usize::from(self.norms.fieldnorm_id(doc))];
                    let weight = word.weight(list.term_freq(), length);
                    if several {
                        self.heaviest[at] = self.heaviest[at].max(weight + 1);
                    } else {
                        weights[at] = weights[at].max(1).saturating_add(weight);
                    }
                    doc = list.advance();
                }
            }
            if several {
                for (sum, heaviest) in weights.iter_mut().zip(&mut self.heaviest) {
                    if *heaviest > 0 {
                        *sum = (*sum).max(1).saturating_add(*heaviest - 1);
                        *heaviest = 0;
                    }
                }
            }
        }
        weights
    }
}
