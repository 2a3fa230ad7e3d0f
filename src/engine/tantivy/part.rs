//! One of the two indexes, while it is written.
//!
//! In: segments, ids of documents to delete. Out: the state of the index that the next publication may name. tantivy's own
//! writer keeps threads, a queue of ten thousand places and an order of operations for documents that it is never given;
//! here a commit is a list of segments. tantivy still merges, and reads.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::write_alive_bitset;
use tantivy::index::{
    IndexBuilder, IndexMeta, IndexSettings, SegmentComponent, SegmentId, SegmentMeta, SegmentReader,
};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, MergePolicy, NoMergePolicy};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{BitSet, Directory, DocSet, Index, IndexWriter, TERMINATED, Term};

use super::reader::let_go;
use super::store::{META, Store};
use crate::error::{Error, Result};

/// So many segments of about one size are merged, and so many of them at a time. A search opens each: 16 of them cost it
/// less than a merge of all that was indexed costs every build.
const MANY: usize = 16;
const TOGETHER: usize = 8;

/// The least that tantivy takes for a thread of its own, in bytes. None of them is given a document.
const IDLE_HEAP: usize = 15 << 20;

/// An index that segments are added to and deleted from.
pub(super) struct Part {
    pub index: Index,
    pub store: Store,
    /// The field of numbers by which documents are deleted.
    id: Field,
    /// What the next commit deletes from the segments of those before it.
    deleted: Mutex<Vec<u64>>,
}

impl Part {
    /// Opens an index as `meta` describes it, or starts one with `settings`.
    pub fn open(
        dir: &Path,
        meta: &str,
        schema: Schema,
        id: Field,
        settings: IndexSettings,
    ) -> Result<Self> {
        let meta = (!meta.is_empty()).then_some(meta);
        let store = Store::open(dir, meta).map_err(Error::Engine)?;
        let index = if meta.is_some() {
            Index::open(store.clone())?
        } else {
            IndexBuilder::new()
                .schema(schema)
                .settings(settings)
                .open_or_create(store.clone())?
        };
        Ok(Self {
            index,
            store,
            id,
            deleted: Mutex::default(),
        })
    }

    /// Has the next commit delete what the segments of earlier ones hold of an id.
    pub fn delete(&self, id: u64) {
        let mut deleted = self.deleted.lock().unwrap_or_else(PoisonError::into_inner);
        deleted.push(id);
    }

    /// Takes segments in. What was deleted before was not meant for them. `open` are segments of earlier commits that are open
    /// already.
    pub fn commit(&self, segments: Vec<SegmentMeta>, open: &[SegmentReader]) -> Result<()> {
        let mut deleted = {
            let mut deleted = self.deleted.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *deleted)
        };
        if segments.is_empty() && deleted.is_empty() {
            return Ok(());
        }
        let mut meta = self.index.load_metas()?;
        meta.opstamp += 1;
        if !deleted.is_empty() {
            deleted.sort_unstable();
            deleted.dedup();
            let before = std::mem::take(&mut meta.segments);
            let mut opened = Vec::new();
            for segment in before {
                let is_same = |s: &&SegmentReader| {
                    s.segment_id() == segment.id() && s.num_docs() == segment.num_docs()
                };
                let left = match open.iter().find(is_same) {
                    Some(open) => self.without(segment, open, &deleted, meta.opstamp)?,
                    None => {
                        let open = SegmentReader::open(&self.index.segment(segment.clone()))?;
                        let left = self.without(segment, &open, &deleted, meta.opstamp)?;
                        opened.push(open);
                        left
                    }
                };
                meta.segments.extend(left);
            }
            let_go(opened);
        }
        meta.segments.extend(segments);
        self.save(&meta)
    }

    fn save(&self, meta: &IndexMeta) -> Result<()> {
        let text = serde_json::to_vec_pretty(meta).map_err(|e| Error::Internal {
            what: format!("the list of segments cannot be written: {e}"),
        })?;
        let saved = self.store.atomic_write(Path::new(META), &text);
        saved.map_err(|e| Error::Engine(e.into()))
    }

    /// A segment without documents of these ids; `None` where nothing is left of it.
    fn without(
        &self,
        meta: SegmentMeta,
        segment: &SegmentReader,
        ids: &[u64],
        opstamp: u64,
    ) -> Result<Option<SegmentMeta>> {
        let inverted = segment.inverted_index(self.id)?;
        let mut alive: Option<BitSet> = None;
        for id in ids {
            let term = Term::from_field_u64(self.id, *id);
            let found = inverted.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut found) = found.map_err(tantivy::TantivyError::from)? else {
                continue;
            };
            while found.doc() != TERMINATED {
                if !segment.is_deleted(found.doc()) {
                    let alive = alive.get_or_insert_with(|| {
                        let mut alive = BitSet::with_max_value(segment.max_doc());
                        for doc in segment.doc_ids_alive() {
                            alive.insert(doc);
                        }
                        alive
                    });
                    alive.remove(found.doc());
                }
                found.advance();
            }
        }
        let Some(alive) = alive else {
            return Ok(Some(meta));
        };
        let left = u32::try_from(alive.len()).unwrap_or(u32::MAX);
        if left == 0 {
            return Ok(None);
        }
        let meta = meta.with_delete_meta(segment.max_doc().saturating_sub(left), opstamp);
        let segment = self.index.segment(meta.clone());
        let mut file = segment
            .open_write(SegmentComponent::Delete)
            .map_err(tantivy::TantivyError::from)?;
        write_alive_bitset(&alive, &mut file)
            .and_then(|()| file.terminate())
            .map_err(tantivy::TantivyError::from)?;
        Ok(Some(meta))
    }

    /// Merges segments, by tantivy's own policy, here and now: a merge in the background would be lost when the process
    /// ends, and its half-written files could not be told from rubbish. `verify` looks at those that are about to be copied.
    pub fn merge(&self, verify: &dyn Fn(&[SegmentId]) -> Result<()>) -> Result<()> {
        let mut writer: Option<IndexWriter> = None;
        loop {
            let metas = self.index.searchable_segment_metas()?;
            let mut policy = LogMergePolicy::default();
            policy.set_min_num_segments(MANY);
            let candidates = policy.compute_merge_candidates(&metas);
            let groups = candidates.iter().flat_map(|all| all.0.chunks(TOGETHER));
            let groups: Vec<_> = groups.filter(|group| group.len() > 1).collect();
            if groups.is_empty() {
                break;
            }
            let writer = match &mut writer {
                Some(writer) => writer,
                None => {
                    let options = IndexWriterOptions::builder()
                        .num_worker_threads(1)
                        .num_merge_threads(2)
                        .memory_budget_per_thread(IDLE_HEAP)
                        .build();
                    let new: IndexWriter = self.index.writer_with_options(options)?;
                    new.set_merge_policy(Box::new(NoMergePolicy));
                    writer.insert(new)
                }
            };
            let mut merging = Vec::new();
            for group in groups {
                verify(group)?;
                merging.push(writer.merge(group));
            }
            for merge in merging {
                merge.wait()?;
            }
        }
        Ok(())
    }
}
