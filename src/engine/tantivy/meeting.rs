//! Which posts of a segment meet all conditions?
//!
//! In: conditions, each one word or several of which any will do. Out: the posts, in order, with what their words weigh. The
//! lists of the rarest condition lead; the others are asked where they stand.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::order::{self, Condition, Weighed};
use super::reader::TantivyReader;
use crate::error::Result;

/// A walk through the posts that meet all conditions.
pub(super) struct Meeting<'a> {
    /// Condition by condition.
    conditions: Vec<Vec<(&'a Weighed, SegmentPostings)>>,
    /// Which condition leads, and in what order the others are asked.
    rarest: Vec<usize>,
    norms: FieldNormReader,
}

impl<'a> Meeting<'a> {
    /// `None` where no post of the segment can meet all of them.
    pub fn new(
        reader: &TantivyReader,
        segment: &SegmentReader,
        conditions: &'a [Condition],
        option: IndexRecordOption,
    ) -> Result<Option<Self>> {
        let all = order::lists(segment, conditions, option)?;
        if all.iter().any(Vec::is_empty) {
            return Ok(None);
        }
        let size = |n: &usize| -> u32 { all[*n].iter().map(|(_, list)| list.size_hint()).sum() };
        let mut rarest: Vec<usize> = (0..all.len()).collect();
        rarest.sort_by_key(size);
        Ok(Some(Self {
            conditions: all,
            rarest,
            norms: segment.get_fieldnorms_reader(reader.fields.everything)?,
        }))
    }

    /// The first post from `doc` on, and before `end`, that meets all conditions.
    pub fn from(&mut self, mut doc: DocId, end: DocId) -> Option<DocId> {
        let (lead, others) = self.rarest.split_first()?;
        'posts: loop {
            doc = reach(&mut self.conditions[*lead], doc);
            if doc >= end {
                return None;
            }
            for other in others {
                let at = reach(&mut self.conditions[*other], doc);
                if at != doc {
                    doc = at;
                    continue 'posts;
                }
            }
            return Some(doc);
        }
    }

    /// What the words weigh in the post found last: of each condition the word that weighs most there.
    pub fn weight(&self, doc: DocId) -> u32 {
        let length = order::lengths()[usize::from(self.norms.fieldnorm_id(doc))];
        let of = |lists: &Vec<(&Weighed, SegmentPostings)>| {
            let here = lists.iter().filter(|(_, list)| list.doc() == doc);
            let weights = here.map(|(word, list)| word.weight(list.term_freq(), length));
            weights.max().unwrap_or(0)
        };
        self.conditions.iter().map(of).fold(0, u32::saturating_add)
    }

    /// Where the list of a word is: of which condition, and which of its words; `None` where no post of the segment has it.
    pub fn list_of(&self, term: &Term) -> Option<(usize, usize)> {
        let is = |(word, _): &(&Weighed, SegmentPostings)| word.term == *term;
        let lists = self.conditions.iter().enumerate();
        lists
            .filter_map(|(n, lists)| Some((n, lists.iter().position(is)?)))
            .next()
    }

    /// True where the post found last has the word of a list.
    pub fn has(&self, (condition, word): (usize, usize), doc: DocId) -> bool {
        let lists = self.conditions.get(condition);
        lists
            .and_then(|lists| lists.get(word))
            .is_some_and(|(_, list)| list.doc() == doc)
    }
}

/// The first post of any of some lists from `doc` on.
fn reach(lists: &mut [(&Weighed, SegmentPostings)], doc: DocId) -> DocId {
    let mut first = TERMINATED;
    for (_, list) in lists {
        first = first.min(order::reach(list, doc));
    }
    first
}
