//! What matches is known.
//!
//! In: lists of posts or of rows, one for each segment. Out: a query that matches these and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{
    ConstScorer, EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight,
};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError};

/// Posts or rows chosen beforehand, segment by segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen(HashMap<SegmentId, Arc<Vec<DocId>>>);

impl Chosen {
    /// Adds those of a segment, which are sorted.
    pub fn add(&mut self, segment: &SegmentReader, docs: Vec<DocId>) {
        self.0.insert(segment.segment_id(), Arc::new(docs));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.values().map(|docs| docs.len()).sum()
    }
}

impl TantivyQuery for Chosen {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Chosen {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let docs = self.0.get(&segment.segment_id()).cloned();
        let docs = Sorted {
            docs: docs.unwrap_or_default(),
            at: 0,
        };
        Ok(Box::new(ConstScorer::new(docs, boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let docs = self.0.get(&segment.segment_id());
        if docs.is_some_and(|docs| docs.binary_search(&doc).is_ok()) {
            return Ok(Explanation::new("chosen", 1.0));
        }
        Err(TantivyError::InvalidArgument(format!(
            "document {doc} does not match"
        )))
    }
}

/// A sorted list.
struct Sorted {
    docs: Arc<Vec<DocId>>,
    at: usize,
}

impl DocSet for Sorted {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.docs.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}
