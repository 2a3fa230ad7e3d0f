//! Whose rows are these?
//!
//! In: a query over rows. Out: the posts that own the rows that match, as ids and as a query over posts.

use foldhash::{HashSet, HashSetExt};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Query as TantivyQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentOrdinal, SegmentReader, TERMINATED, Term};

use super::chosen::Chosen;
use super::order;
use super::reader::TantivyReader;
use crate::error::Result;

/// Looking one id up in a dictionary takes about as long as going through so many posts (12 ns each in a million).
const POSTS_A_LOOK: usize = 100;

/// Ids that are read together.
const BLOCK: usize = 256;

/// The posts with a row that matches.
pub(super) fn owners(reader: &TantivyReader, rows: &dyn TantivyQuery) -> Result<Chosen> {
    of(reader, &ids(reader, rows)?, POSTS_A_LOOK)
}

/// The ids of the posts with a row that matches.
pub(super) fn ids(reader: &TantivyReader, rows: &dyn TantivyQuery) -> Result<HashSet<u64>> {
    Ok(reader.rows()?.search(rows, &Ids)?)
}

/// The posts that have these ids, some of which may be gone; looked up one by one where a segment has more than `a_look` times as many.
pub(super) fn of(reader: &TantivyReader, ids: &HashSet<u64>, a_look: usize) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    let mut sorted: Option<Vec<u64>> = None;
    for (ord, segment) in (0..).zip(reader.posts.segment_readers()) {
        let many = ids.len().saturating_mul(a_look) > segment.max_doc() as usize;
        let mut docs = Vec::new();
        if many {
            each_id(&reader.columns(ord)?.ids, segment.max_doc(), |doc, id| {
                if ids.contains(&id) {
                    docs.push(doc);
                }
            });
        } else {
            let sorted = sorted.get_or_insert_with(|| {
                let mut all: Vec<u64> = ids.iter().copied().collect();
                all.sort_unstable();
                all
            });
            for id in sorted {
                let term = Term::from_field_u64(reader.fields.id, *id);
                let found = order::postings(segment, &term, IndexRecordOption::Basic)?;
                if let Some(mut found) = found {
                    while found.doc() != TERMINATED {
                        docs.push(found.doc());
                        found.advance();
                    }
                }
            }
            docs.sort_unstable();
        }
        chosen.add(segment, docs);
    }
    Ok(chosen)
}

/// Calls `visit` with every post of a segment and its id.
fn each_id(column: &Column<u64>, posts: DocId, mut visit: impl FnMut(DocId, u64)) {
    let mut docs = [0; BLOCK];
    let mut found = [None; BLOCK];
    for start in (0..posts).step_by(BLOCK) {
        let here = BLOCK.min((posts - start) as usize);
        for (doc, number) in docs.iter_mut().zip(start..) {
            *doc = number;
        }
        found.fill(None);
        column.first_vals(&docs[..here], &mut found[..here]);
        for (doc, id) in docs.iter().zip(&found[..here]) {
            if let Some(id) = id {
                visit(*doc, *id);
            }
        }
    }
}

/// Collects the ids of the posts that own rows.
struct Ids;

struct SegmentIds {
    column: Column<u64>,
    /// Rows of one post follow each other.
    last: Option<u64>,
    ids: HashSet<u64>,
}

impl Collector for Ids {
    type Fruit = HashSet<u64>;
    type Child = SegmentIds;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentIds> {
        Ok(SegmentIds {
            column: segment.fast_fields().u64("post_id")?,
            last: None,
            ids: HashSet::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<HashSet<u64>>) -> tantivy::Result<HashSet<u64>> {
        let mut fruits = fruits.into_iter();
        let mut all = fruits.next().unwrap_or_default();
        fruits.for_each(|ids| all.extend(ids));
        Ok(all)
    }
}

impl SegmentCollector for SegmentIds {
    type Fruit = HashSet<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let id = self.column.first(doc);
        if id != self.last {
            self.ids.extend(id);
            self.last = id;
        }
    }

    fn harvest(self) -> HashSet<u64> {
        self.ids
    }
}
