//! How does an archive become an index, quickly and without losing anything?
//!
//! In: roots, the ledger of the last run, a cancel flag. Out: a published index and a [`Report`]. The only
//! place that knows threads. Sources are never modified. Must not know formats of documents, or output.
//!
//! A run: *plan* (walk the roots, compare with the ledger: nothing unchanged is read), *read* (files in
//! parallel, each document hashed, extracted and put), *settle* (copies merged, ambiguous lists decided
//! by the archive's artists), *publish* (posts, rows and ledger become visible at once).

mod ahead;
mod checkup;
mod copies;
mod ledger;
mod plan;
mod read;
mod run;
mod sources;
mod standing;
mod totals;

use std::path::PathBuf;
use std::time::Duration;

pub use checkup::{Check, Checkup, Verdict, checkup};
pub use run::{failures, forget, roots, run};
pub use sources::{Named, Origins, Share, origins};

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and folders to bring up to date; every known root where empty.
    pub paths: Vec<PathBuf>,
    /// Go on although more than a fifth of a root vanished.
    pub allow_shrink: bool,
    /// Say what would happen; write nothing.
    pub dry_run: bool,
    /// Build the index anew even where it is sound.
    pub rebuild: bool,
    /// Worker threads; all cores where 0.
    pub threads: usize,
}

/// What a run did. Totals are those of the whole index after it; the rest counts documents of this run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    pub artists: u64,
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// Files that are no documents.
    pub skipped: Vec<Failure>,
    /// Documents that could not be read.
    pub failed: Vec<Failure>,
    /// Bytes of the files that were read, as they lie on disk.
    pub bytes: u64,
    pub seconds: f64,
    pub interrupted: bool,
    pub dry_run: bool,
    /// Why the index was built anew from all its sources, where it was.
    pub rebuilt: Option<String>,
}

/// A file or document, and why it is not in the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// Root and path.
    pub path: String,
    /// Entry within the file, with its byte offset where known; "" for the file itself.
    pub entry: String,
    pub reason: String,
}

/// How the failures of a file end that are not named each.
const MORE: &str = " more entries could not be read";

impl Failure {
    /// What stands for so many failures that are not named.
    pub(crate) fn unnamed(count: u64) -> String {
        format!("{count}{MORE}")
    }

    /// How many documents it stands for.
    pub fn documents(&self) -> u64 {
        documents(&self.entry, &self.reason)
    }

    /// As a reader looks for it: by file, its entries by their numbers, what stands for the file or for the others last.
    pub(crate) fn key(&self) -> (&str, u64, &str, &str) {
        let digits = self.entry.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.entry[..digits].parse().unwrap_or(u64::MAX);
        (&self.path, number, &self.entry, &self.reason)
    }
}

/// How many documents the failure of an entry stands for.
fn documents(entry: &str, reason: &str) -> u64 {
    let unnamed = entry.is_empty().then(|| reason.strip_suffix(MORE));
    let count = unnamed.flatten().and_then(|count| count.parse().ok());
    count.unwrap_or(1)
}

/// Watches a run. Called from all workers: must be quick.
pub trait Observer: Sync {
    /// A new stage begins; `files` and `bytes` are what it has to do, where known.
    fn stage(&self, stage: Stage, files: u64, bytes: u64);
    /// The index that stands there is of no use and is built anew; it stays until the new one is whole.
    fn anew(&self, why: &str);
    /// A root that the old index was built from is not there; the new one goes without it.
    fn left_out(&self, root: &str);
    /// A file was done: its bytes, and the posts it gave.
    fn file(&self, bytes: u64, posts: u64);
    /// A worker spent so much time on a step. Only those who measure listen.
    fn step(&self, _: Step, _: Duration) {}
}

/// What a worker does while files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Bytes to raw documents.
    Parse,
    /// Raw documents to posts.
    Extract,
    /// Posts to records that the engine has taken; waiting for it counts.
    Store,
}

/// An observer that looks away.
pub struct Unobserved;

impl Observer for Unobserved {
    fn stage(&self, _: Stage, _: u64, _: u64) {}
    fn anew(&self, _: &str) {}
    fn left_out(&self, _: &str) {}
    fn file(&self, _: u64, _: u64) {}
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Plan,
    Read,
    Settle,
    Publish,
}
