//! What must not match.
//!
//! In: a query. Out: the same query, fit to be excluded. tantivy's exclusion asks a list of posts for any post, also for one
//! before that at which the list stands, and again after a miss; phrases bear neither.

use tantivy::query::{EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, Term};

/// A query to exclude.
#[derive(Debug)]
pub(super) struct Without(pub Box<dyn TantivyQuery>);

impl Clone for Without {
    fn clone(&self) -> Self {
        Self(self.0.box_clone())
    }
}

impl TantivyQuery for Without {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(Excluding(self.0.weight(scoring)?)))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.query_terms(visitor);
    }
}

struct Excluding(Box<dyn Weight>);

impl Weight for Excluding {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(Forward(self.0.scorer(segment, boost)?)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(segment, doc)
    }
}

/// Posts in rising order. The default of `seek_danger`, which is left as it is, looks where the list stands before it moves
/// it, and never leaves it between two posts.
struct Forward(Box<dyn Scorer>);

impl DocSet for Forward {
    fn advance(&mut self) -> DocId {
        self.0.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.0.seek(target)
    }

    fn doc(&self) -> DocId {
        self.0.doc()
    }

    fn size_hint(&self) -> u32 {
        self.0.size_hint()
    }
}

impl Scorer for Forward {
    fn score(&mut self) -> Score {
        self.0.score()
    }
}
