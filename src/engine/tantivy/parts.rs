//! How is the work of one query divided?
//!
//! In: something to be done with every post, and how many posts that takes. Out: what was found, part by part, in the order
//! of the posts. Few posts are looked at where they are asked for; many on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};
use tantivy::query::{EnableScoring, Query as TantivyQuery};
use tantivy::{DocId, DocSet, Searcher, SegmentOrdinal, SegmentReader};

use crate::error::Result;

/// So many posts whose positions are read are worth waking other threads: half a millisecond of work.
const WORTH: u64 = 2_000;

/// Parts are no smaller: each opens its lists anew.
const SMALLEST: DocId = 16_384;

/// Parts in all, about.
const PARTS: DocId = 16;

/// Posts `from..to` of a segment.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub segment: SegmentOrdinal,
    pub from: DocId,
    pub to: DocId,
}

/// Calls `read` for all parts of a searcher; `work` is of how many posts positions have to be read, about, or what takes as
/// long.
///
/// # Errors
/// Those of `read`.
pub(super) fn each<T: Send>(
    searcher: &Searcher,
    work: u64,
    read: impl Fn(&SegmentReader, Part) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let segments = searcher.segment_readers().iter();
    let sizes: Vec<DocId> = segments.map(SegmentReader::max_doc).collect();
    let most = match work < WORTH {
        true => DocId::MAX,
        false => (sizes.iter().sum::<DocId>() / PARTS).max(SMALLEST),
    };
    let parts = divided(&sizes, most);
    let read = |part: &Part| read(searcher.segment_reader(part.segment), *part);
    // No thread is made for little work.
    match work < WORTH {
        true => parts.iter().map(read).collect(),
        false => on_all_cores(&parts, read),
    }
}

/// Calls `read` for each of some things, on all cores; what it returns, in their order.
///
/// # Errors
/// Those of `read`.
pub(super) fn on_all_cores<P: Sync, T: Send>(
    parts: &[P],
    read: impl Fn(&P) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let Some(helpers) = helpers() else {
        return parts.iter().map(read).collect();
    };
    // This thread begins at once; others join as they wake.
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::with_capacity(parts.len()));
    let some = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(at) else { break };
            let result = read(part);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((at, result));
        }
    };
    helpers.in_place_scope(|scope| {
        for _ in 0..helpers.current_num_threads() {
            scope.spawn(|_| some());
        }
        some();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, result)| result).collect()
}

/// Threads that help the one that asks; `None` where there is but one core, or no thread can be had.
fn helpers() -> Option<&'static ThreadPool> {
    static HELPERS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let made = HELPERS.get_or_init(|| {
        let others = std::thread::available_parallelism().ok()?.get() - 1;
        if others == 0 {
            return None;
        }
        ThreadPoolBuilder::new().num_threads(others).build().ok()
    });
    made.as_ref()
}

/// Segments of these sizes in parts of so many posts at most.
fn divided(sizes: &[DocId], most: DocId) -> Vec<Part> {
    let mut parts = Vec::new();
    for (segment, size) in (0..).zip(sizes) {
        let mut from = 0;
        while from < *size {
            let to = from.saturating_add(most).min(*size);
            parts.push(Part { segment, from, to });
            from = to;
        }
    }
    parts
}

/// All living posts that match, sorted, segment by segment.
///
/// # Errors
/// Those of tantivy.
pub(super) fn matching(
    searcher: &Searcher,
    query: &dyn TantivyQuery,
    work: u64,
) -> Result<Vec<(SegmentOrdinal, Vec<DocId>)>> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let found = each(searcher, work, |segment, part| {
        let mut scorer = weight.scorer(segment, 1.0)?;
        let mut doc = scorer.doc();
        if doc < part.from {
            doc = scorer.seek(part.from);
        }
        let mut docs = Vec::new();
        while doc < part.to {
            if !segment.is_deleted(doc) {
                docs.push(doc);
            }
            doc = scorer.advance();
        }
        Ok((part.segment, docs))
    })?;
    let mut out: Vec<(SegmentOrdinal, Vec<DocId>)> = Vec::new();
    for (segment, docs) in found {
        match out.last_mut() {
            Some((last, all)) if *last == segment => all.extend(docs),
            _ => out.push((segment, docs)),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::divided;

    #[test]
    fn parts_meet_and_none_is_empty() {
        let told = |sizes: &[u32], most| -> Vec<(u32, u32, u32)> {
            let parts = divided(sizes, most).into_iter();
            parts
                .map(|part| (part.segment, part.from, part.to))
                .collect()
        };
        assert_eq!(
            told(&[10, 0, 3], 4),
            [(0, 0, 4), (0, 4, 8), (0, 8, 10), (2, 0, 3)]
        );
        assert_eq!(told(&[10, 3], u32::MAX), [(0, 0, 10), (1, 0, 3)]);
        assert_eq!(told(&[], 4), []);
    }
}
