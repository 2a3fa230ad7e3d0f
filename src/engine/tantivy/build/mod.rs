//! Segments out of posts.
//!
//! In: archived posts. Out: segments of both of tantivy's indexes, in tantivy's own format. tantivy's writer looks
//! every word up in 100 MB of memory and adds to a list there, word by word; here a word is a number in a log, and the
//! lists are made of the log at the end, in one sweep.

mod columns;
mod inverter;
#[cfg(test)]
mod oracle_tests;
mod postings;
mod spill;
mod terms;

use std::path::{Path, PathBuf};

use tantivy::Index;
use tantivy::index::SegmentMeta;

use self::inverter::Inverter;
use self::postings::Place;
use super::blob;
use crate::error::{Error, Result};
use crate::model::Archived;
use crate::record::{self, PostFields, RowFields};

/// Memory that the words of all builders together may fill, in bytes.
const ALL: usize = 960 << 20;
/// Memory that the words of one may fill before they are put aside. 24 to 112 MiB take the same time; with 36 MiB 100,000
/// posts take 270 MiB in all, with 48 some 50 more.
const MOST: usize = 36 << 20;
const LEAST: usize = 24 << 20;
/// Memory that the columns of a segment may fill before it is written: half a million posts, or six million rows.
const KEPT: usize = 96 << 20;

/// Memory for an encoded post, and a packed one, that is kept for the next; most need a hundredth of it.
const KEPT_BYTES: usize = 1 << 20;

/// What the builders share.
pub(super) struct Plan {
    pub posts: Index,
    pub rows: Index,
    pub post_fields: PostFields,
    pub row_fields: RowFields,
    /// Where words are put aside.
    dir: PathBuf,
    /// Bytes that the words of a segment of posts may take in memory; those of rows have half as many.
    pub(super) heap: usize,
    /// Bytes that the columns of a segment may take.
    pub(super) kept: usize,
}

impl Plan {
    /// For so many builders.
    pub fn new(
        posts: Index,
        rows: Index,
        post_fields: PostFields,
        row_fields: RowFields,
        dir: &Path,
        builders: usize,
    ) -> Self {
        Self {
            posts,
            rows,
            post_fields,
            row_fields,
            dir: dir.to_path_buf(),
            heap: (ALL / builders.max(1)).clamp(LEAST, MOST),
            kept: KEPT,
        }
    }
}

/// Segments that are complete and not yet part of an index.
#[derive(Default)]
pub(super) struct Built {
    pub posts: Vec<SegmentMeta>,
    pub rows: Vec<SegmentMeta>,
}

/// Collects posts and their rows.
#[derive(Default)]
pub(super) struct Builder {
    posts: Option<Inverter>,
    rows: Option<Inverter>,
    encoded: Vec<u8>,
    packed: Vec<u8>,
    /// Where words are sorted before they are put aside. It is kept: asked for anew, each page of it would be cleared again,
    /// which took 3 % of the time.
    places: Vec<Place>,
}

impl Builder {
    /// Takes a post and its rows.
    ///
    /// # Errors
    /// Where a post cannot be encoded, which leaves the builder as it was, or a file cannot be written, after which it
    /// is good for nothing.
    pub fn add(&mut self, archived: &Archived, plan: &Plan) -> Result<()> {
        self.encoded = record::encode(archived, std::mem::take(&mut self.encoded))?;
        blob::pack(&self.encoded, &mut self.packed)?;
        self.encoded.shrink_to(KEPT_BYTES);
        let post = &archived.post;
        let names = record::names(post);
        let posts = opened(&mut self.posts, &plan.posts)?;
        record::write_post(post, &names, &self.packed, &plan.post_fields, posts);
        self.packed.shrink_to(KEPT_BYTES);
        posts.end_document()?;
        if names.is_empty() && post.comments.is_empty() {
            return Ok(());
        }
        let rows = opened(&mut self.rows, &plan.rows)?;
        record::write_rows(post, &names, &plan.row_fields, rows, &mut |rows| {
            rows.end_document().map_err(Error::Engine)
        })
    }

    /// Writes what has become large.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write_full(&mut self, plan: &Plan) -> Result<Built> {
        let mut full = |part: &mut Option<Inverter>, heap: usize| {
            let Some(inverter) = part else {
                return Ok(Vec::new());
            };
            if inverter.loose_memory() >= heap {
                let spilt = inverter.spill(&plan.dir, &mut self.places);
                spilt.map_err(|e| Error::io("writing", &plan.dir, e))?;
            }
            written(
                part.take_if(|inverter| inverter.kept_memory() >= plan.kept),
                plan,
            )
        };
        Ok(Built {
            posts: full(&mut self.posts, plan.heap)?,
            rows: full(&mut self.rows, plan.heap / 2)?,
        })
    }

    /// Writes everything.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn finish(self, plan: &Plan) -> Result<Built> {
        let Self { posts, rows, .. } = self;
        let (posts, rows) = std::thread::scope(|scope| {
            let rows = scope.spawn(|| written(rows, plan));
            (written(posts, plan), rows.join())
        });
        let rows = rows.map_err(|_| Error::Internal {
            what: "a segment could not be made".into(),
        })?;
        Ok(Built {
            posts: posts?,
            rows: rows?,
        })
    }
}

fn opened<'b>(part: &'b mut Option<Inverter>, index: &Index) -> Result<&'b mut Inverter> {
    Ok(match part {
        Some(inverter) => inverter,
        None => part.insert(Inverter::new(index)?),
    })
}

fn written(part: Option<Inverter>, plan: &Plan) -> Result<Vec<SegmentMeta>> {
    let Some(mut part) = part else {
        return Ok(Vec::new());
    };
    let rest = part.spill_rest(&plan.dir);
    rest.map_err(|e| Error::io("writing", &plan.dir, e))?;
    Ok(vec![part.finish()?])
}
