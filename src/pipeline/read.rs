//! Reading and understanding files, on all cores.
//!
//! In: jobs of a plan. Out: new ledger entries, posts put into the engine or kept as copies. A file with
//! many posts is read in batches whose documents are understood in parallel, while the next ones are read; memory holds
//! a few batches a worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::Scope;
use rayon::prelude::*;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::ahead;
use super::copies::Copies;
use super::ledger::{Document, File};
use super::plan::Job;
use super::{Failure, Observer, Step};
use crate::engine::WriteEngine;
use crate::error::{Error, Result};
use crate::extract::{self, EXTRACTOR_VERSION};
use crate::model::{OriginKey, Version};
use crate::source::{self, BadDocument, Content, Outcome, RawDocument};

/// Documents of one batch, at most.
const BATCH: usize = 128;
/// Bytes of one batch, about: a batch that holds more is understood at once.
const BATCH_BYTES: usize = 4 << 20;

/// Batches of one file that wait for others to understand them, at most: whoever reads then helps. Helping may take as long
/// as putting the words of a segment aside does, and the others need work meanwhile: with three they had none for 5 % of a run.
const AHEAD: usize = 8;

/// Documents of a batch that one worker takes on at a time.
const PART: usize = 8;

/// Entries of one file that are named where they cannot be read; of the others the number is told.
const MOST_NAMED: usize = 1_000;

/// Documents of one file, at most: each takes some 400 bytes of bookkeeping until the run is published, and a file that is
/// made of nothing but entries held all memory. A million posts in a file fit.
const MOST_DOCUMENTS: usize = 1_000_000;

/// What reading needs to know.
pub(super) struct Reading<'a> {
    pub engine: &'a dyn WriteEngine,
    pub copies: &'a Copies<'a>,
    pub root: &'a Path,
    pub observer: &'a dyn Observer,
    pub cancel: &'a AtomicBool,
    pub counts: Counts,
}

/// Documents by what became of them.
#[derive(Default)]
pub(super) struct Counts {
    pub new: AtomicU64,
    pub changed: AtomicU64,
    pub unchanged: AtomicU64,
    pub removed: AtomicU64,
    pub bytes: AtomicU64,
}

/// What became of a file: its new ledger entry; `None` where it was not reached.
pub(super) struct Done {
    pub name: String,
    pub file: Option<File>,
    pub failures: Vec<Failure>,
}

/// The batches of one file, in their order.
#[derive(Default)]
struct Batches {
    understood: Mutex<Vec<Result<Vec<Document>>>>,
    /// How many wait for others.
    waiting: AtomicUsize,
    /// Whether one of them failed.
    trouble: AtomicBool,
}

impl Batches {
    /// Has one more understood: by others, or where enough wait for these, here and now. Returns the time that it took
    /// here.
    fn add<'s>(
        &'s self,
        scope: &Scope<'s>,
        understand: impl FnOnce() -> Result<Vec<Document>> + Send + 's,
    ) -> Duration {
        let place = {
            let mut understood = lock(&self.understood);
            understood.push(Ok(Vec::new()));
            understood.len() - 1
        };
        let work = move || {
            let documents = understand();
            self.trouble.fetch_or(documents.is_err(), Ordering::Relaxed);
            if let Some(place) = lock(&self.understood).get_mut(place) {
                *place = documents;
            }
        };
        if self.waiting.load(Ordering::Acquire) >= AHEAD {
            let begun = Instant::now();
            work();
            return begun.elapsed();
        }
        self.waiting.fetch_add(1, Ordering::Release);
        let left = Left(&self.waiting);
        scope.spawn(move |_| {
            let _left = left;
            work();
        });
        Duration::ZERO
    }

    fn documents(self) -> Result<Vec<Document>> {
        let all = self.understood.into_inner();
        let mut documents = Vec::new();
        for batch in all.unwrap_or_else(PoisonError::into_inner) {
            documents.extend(batch?);
        }
        Ok(documents)
    }
}

/// One of those that wait, until it is dropped: also where it panics.
struct Left<'w>(&'w AtomicUsize);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

impl Reading<'_> {
    /// Reads all jobs.
    ///
    /// # Errors
    /// Where the engine fails; documents that cannot be read are reported, not errors.
    pub fn all(&self, jobs: Vec<Job>) -> Result<Vec<Done>> {
        ahead::in_order(jobs, |job| self.one(job))
    }

    fn one(&self, job: Job) -> Result<Done> {
        if self.cancel.load(Ordering::Relaxed) {
            return Ok(Done {
                name: job.name,
                file: job.known,
                failures: Vec::new(),
            });
        }
        let shown = job.path.display().to_string();
        let mut file = File {
            size: job.size,
            modified: job.modified,
            extractor: EXTRACTOR_VERSION,
            ..File::default()
        };
        let known: HashMap<u64, &Document> = job
            .known
            .iter()
            .filter(|k| k.extractor == EXTRACTOR_VERSION)
            .flat_map(|k| &k.documents)
            .map(|d| (d.key, d))
            .collect();
        let origins: HashMap<u64, u64> = job
            .known
            .iter()
            .flat_map(|k| k.posts())
            .map(|(post, origin)| (origin, post))
            .collect();
        let mut batch: Vec<(u64, RawDocument)> = Vec::new();
        let mut batch_bytes = 0;
        let mut seen_bytes = 0u64;
        let mut names: HashMap<u64, u64> = HashMap::new();
        let mut bad: Vec<BadDocument> = Vec::new();
        let mut unnamed = 0u64;
        let mut beyond = 0u64;
        let failed: Mutex<Vec<(String, String)>> = Mutex::default();
        let begun = Instant::now();
        let mut inside = Duration::ZERO;
        let mut taken = 0;
        let batches = Batches::default();
        let understand = |batch| self.understand(batch, &known, &origins, &failed);
        // A file that a reader fails on is one file: the others are read all the same.
        let reading = || {
            rayon::in_place_scope(|scope| {
                let mut sink = |document: Result<RawDocument, BadDocument>| {
                    match document {
                        Err(b) if bad.len() < MOST_NAMED => bad.push(b),
                        Err(_) => unnamed += 1,
                        Ok(_) if taken >= MOST_DOCUMENTS => beyond += 1,
                        Ok(document) => {
                            taken += 1;
                            // The same entry name twice in a file makes two documents.
                            let name = xxh3_64(document.place().as_bytes());
                            let nth = names.entry(name).or_insert(0);
                            let key = name.wrapping_add(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                            *nth += 1;
                            let bytes = weight(&document);
                            batch_bytes += bytes;
                            seen_bytes += bytes as u64;
                            batch.push((key, document));
                        }
                    }
                    if batch.len() >= BATCH || batch_bytes >= BATCH_BYTES {
                        batch_bytes = 0;
                        let batch = std::mem::take(&mut batch);
                        inside += batches.add(scope, || understand(batch));
                    }
                    if self.cancel.load(Ordering::Relaxed)
                        || batches.trouble.load(Ordering::Relaxed)
                    {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                };
                source::read_file(&job.path, &job.name, &mut sink)
            })
        };
        let outcome = catch_unwind(AssertUnwindSafe(reading));
        self.observer
            .step(Step::Parse, begun.elapsed().saturating_sub(inside));
        file.documents = batches.documents()?;
        file.documents.extend(understand(batch)?);
        let mut failures: Vec<Failure> = Vec::new();
        for b in &bad {
            let entry = match b.offset {
                Some(at) if !b.entry.is_empty() => format!("{} (byte {at})", b.entry),
                Some(at) => format!("byte {at}"),
                None => b.entry.clone(),
            };
            file.failed.push((entry, b.reason.clone()));
        }
        if beyond > 0 {
            let told = format!("only its first {MOST_DOCUMENTS} documents were read: split it");
            file.failed.push((String::new(), told));
        }
        unnamed += beyond;
        if unnamed > 0 {
            file.failed.push((String::new(), Failure::unnamed(unnamed)));
        }
        file.failed
            .extend(failed.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut partial = self.cancel.load(Ordering::Relaxed);
        let outcome = outcome.unwrap_or_else(|panic| {
            let told = Error::of_panic(&*panic).to_string();
            file.failed.push((String::new(), told));
            Ok(Outcome::Skipped(""))
        });
        match outcome {
            Ok(Outcome::Skipped("")) => {}
            Ok(Outcome::Read(_)) => {}
            Ok(Outcome::Skipped(why)) => file.skipped = Some(why.to_owned()),
            // What the file holds is broken, and will be next time: it is read again when it changes.
            Err(Error::Io { cause, .. }) if is_of_content(&cause) => {
                file.failed.push((String::new(), cause.to_string()));
            }
            Err(error) => {
                failures.push(Failure {
                    path: shown.clone(),
                    entry: String::new(),
                    reason: match &error {
                        Error::Io { cause, .. } => cause.to_string(),
                        other => other.to_string(),
                    },
                });
                partial = true;
            }
        }
        failures.extend(failures_of(&shown, &file));
        if partial {
            // What was not reached stays as it was, and the file is read again next time.
            file.modified = i64::MIN;
            let seen: std::collections::HashSet<u64> =
                file.documents.iter().map(|d| d.key).collect();
            if let Some(known) = &job.known {
                // Kept documents are as an older extractor may have left them: the next run must see that.
                file.extractor = known.extractor;
                file.documents.extend(
                    known
                        .documents
                        .iter()
                        .filter(|d| !seen.contains(&d.key))
                        .cloned(),
                );
            }
        }
        self.retire(job.known.as_ref(), &file)?;
        // Of a file that was not read to its end, what its documents weigh.
        let bytes = if partial {
            seen_bytes.min(job.size)
        } else {
            job.size
        };
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        let posts = file.posts().count() as u64;
        self.observer.file(job.size, posts);
        Ok(Done {
            name: job.name,
            file: Some(file),
            failures,
        })
    }

    /// Understands a batch; documents whose content is known are kept as they are.
    fn understand(
        &self,
        batch: Vec<(u64, RawDocument)>,
        known: &HashMap<u64, &Document>,
        origins: &HashMap<u64, u64>,
        failed: &Mutex<Vec<(String, String)>>,
    ) -> Result<Vec<Document>> {
        batch
            .into_par_iter()
            .with_min_len(PART / 2)
            .with_max_len(PART)
            .map(|(key, raw)| {
                let content = fingerprint(&raw);
                let before = known.get(&key).copied();
                if let Some(same) = before.filter(|d| d.content == content) {
                    self.counts.unchanged.fetch_add(1, Ordering::Relaxed);
                    return Ok(same.clone());
                }
                let path = raw.path.clone();
                let counter =
                    if before.is_some() || origins.contains_key(&self.origin(&path, key, 0).0) {
                        &self.counts.changed
                    } else {
                        &self.counts.new
                    };
                counter.fetch_add(1, Ordering::Relaxed);
                let whole = !matches!(&raw.content, Content::Entry(entry) if entry.joins);
                let captured = match &raw.content {
                    Content::Html { captured, .. } => captured.and_then(|c| c.at),
                    Content::Entry(entry) => entry.captured,
                    Content::Text(_) => None,
                };
                let begun = Instant::now();
                // A mistake in extraction costs the document that shows it, and nothing else.
                let entry = raw.entry.clone();
                let extracted = catch_unwind(AssertUnwindSafe(|| extract::extract(raw).posts))
                    .unwrap_or_else(|panic| {
                        let told = Error::of_panic(&*panic).to_string();
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.push((entry, told));
                        Vec::new()
                    });
                self.observer.step(Step::Extract, begun.elapsed());
                let begun = Instant::now();
                // Of a million documents, each byte counts.
                let mut posts = Vec::with_capacity(extracted.len());
                for (at, post) in extracted.into_iter().enumerate() {
                    let origin = self.origin(&path, key, at);
                    posts.push((post.id.0, origin.0));
                    self.put(Version {
                        origin,
                        whole,
                        captured,
                        post: Arc::new(post),
                    })?;
                }
                self.observer.step(Step::Store, begun.elapsed());
                Ok(Document {
                    key,
                    content,
                    posts,
                })
            })
            .collect()
    }

    /// The place of a post: by the document's key, as a file may name two entries alike.
    fn origin(&self, path: &str, key: u64, at: usize) -> OriginKey {
        let text = format!("{}\0{}\0{key:016x}\0{at}", self.root.display(), path);
        OriginKey(xxh3_64(text.as_bytes()))
    }

    fn put(&self, version: Version) -> Result<()> {
        if let Some(archived) = self.copies.first(version)? {
            self.engine.put(&archived)?;
        }
        Ok(())
    }

    /// Takes back what the file no longer holds.
    fn retire(&self, before: Option<&File>, now: &File) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        let kept: std::collections::HashSet<(u64, u64)> = now.posts().collect();
        let keys: std::collections::HashSet<u64> = now.documents.iter().map(|d| d.key).collect();
        for document in &before.documents {
            if !keys.contains(&document.key) {
                self.counts.removed.fetch_add(1, Ordering::Relaxed);
            }
            for (post, origin) in &document.posts {
                if !kept.contains(&(*post, *origin)) {
                    self.copies.gone(*post, OriginKey(*origin))?;
                }
            }
        }
        Ok(())
    }
}

/// True for what is wrong with a file's bytes (compression that is cut short, damaged or a bomb), not with
/// the way to them (permission, a disk that is not there).
fn is_of_content(cause: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, UnexpectedEof};
    cause.raw_os_error().is_none()
        && matches!(
            cause.kind(),
            FileTooLarge | InvalidData | InvalidInput | UnexpectedEof
        )
}

/// What the ledger says could not be read of a file.
pub(super) fn failures_of(shown: &str, file: &File) -> Vec<Failure> {
    file.failed
        .iter()
        .map(|(entry, reason)| Failure {
            path: shown.to_owned(),
            entry: entry.clone(),
            reason: reason.clone(),
        })
        .collect()
}

/// Bytes that a document holds, about.
fn weight(document: &RawDocument) -> usize {
    match &document.content {
        Content::Html { html, .. } => html.len(),
        Content::Text(text) => text.len(),
        Content::Entry(entry) => {
            let body = match &entry.body {
                source::EntryBody::Html(s)
                | source::EntryBody::Markdown(s)
                | source::EntryBody::Text(s) => s.len(),
            };
            let rows: usize = entry.tracklists.iter().map(|l| l.tracks.len()).sum();
            let comments: usize = entry.comments.iter().map(|c| c.text.len() + 100).sum();
            body + 200 * rows + comments + 500
        }
    }
}

/// XXH3-64 of a document's content: equal where extraction would see the same.
fn fingerprint(document: &RawDocument) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(document.reader.as_bytes());
    match &document.content {
        Content::Html {
            html,
            url,
            captured,
        } => {
            hasher.update(html.as_bytes());
            hasher.update(&[0, u8::from(url.is_some()), u8::from(captured.is_some())]);
            if let Some(at) = captured.and_then(|c| c.at) {
                hasher.update(&at.to_le_bytes());
            }
            hasher.update(url.as_deref().unwrap_or_default().as_bytes());
        }
        Content::Text(text) => hasher.update(text.as_bytes()),
        Content::Entry(entry) => {
            // Every field, each with its length: nothing can be moved from one to the next unseen.
            let mut into = ENCODED.take();
            into.clear();
            // Only an entry that cannot be encoded fails, and there is none.
            if let Ok(mut encoded) = postcard::to_extend(entry, into) {
                hasher.update(&encoded);
                encoded.shrink_to(ENCODED_KEPT);
                ENCODED.set(encoded);
            }
        }
    }
    hasher.digest()
}

/// What of [`ENCODED`] is kept for the next entry, in bytes: most need a hundredth of it.
const ENCODED_KEPT: usize = 1 << 20;

thread_local! {
    /// An entry as it is hashed: in one piece, as hashing each field by itself took 2 % of the time of a run.
    static ENCODED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Locks even where another worker panicked: the data are plain maps, whole after every call.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
