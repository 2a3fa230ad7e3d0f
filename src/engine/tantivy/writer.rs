//! Writing both indexes as one.
//!
//! In: posts, ids to delete, attachments. Out: publications. Holds the lock of the index folder while it
//! lives. Nothing that the manifest names is ever deleted.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use tantivy::index::{IndexBuilder, IndexSettings};
use tantivy::indexer::{LogMergePolicy, MergePolicy, NoMergePolicy, UserOperation};
use tantivy::schema::Schema;
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher, Term};

use super::analyzer::analyzers;
use super::aside;
use super::guard;
use super::manifest::{Attachment, Manifest, sync_dir, write_synced};
use super::queue::{Queue, Queued};
use super::reader::TantivyReader;
use super::seal::{self, Seal};
use super::store::Store;
use crate::engine::{ReadEngine, WriteEngine};
use crate::error::{Error, Result};
use crate::model::{Archived, PostId};
use crate::record::{self, ANALYZER_VERSION, PostFields, RowFields};

/// Memory that each of tantivy's threads fills before it writes a segment, in bytes. Below about 100 MB
/// a thread the many small segments cost more than they save.
const HEAP_PER_THREAD: usize = 120 << 20;

const LOCK_FILE: &str = "deepcut.lock";

/// Writes an index in a folder.
pub struct TantivyWriter {
    dir: PathBuf,
    pub(super) posts: RwLock<IndexWriter<Queued>>,
    rows: RwLock<IndexWriter<Queued>>,
    post_fields: PostFields,
    row_fields: RowFields,
    post_store: Store,
    row_store: Store,
    manifest: Mutex<Manifest>,
    queue: Queue,
    /// The posts as they were when the writer opened, and the ids put since: only a post that may be there
    /// costs a deletion, which tantivy looks up in every segment.
    before: Searcher,
    put: Mutex<HashSet<u64>>,
    /// Held over whatever deletes. tantivy numbers operations, then queues deletions: two workers may queue
    /// theirs in the wrong order, and the later one then takes the new post with the old.
    deleting: Mutex<()>,
    /// Held until the writer goes; names its process.
    lock: File,
}

impl TantivyWriter {
    /// Opens the index of a folder for writing, or starts one; `threads` is how many threads tantivy may
    /// use.
    ///
    /// # Errors
    /// Where another process writes it, the folder cannot be written, or the index is damaged or of
    /// another version.
    pub fn create_or_open(dir: &Path, threads: usize) -> Result<Self> {
        let lock = lock(dir)?;
        let mut manifest = Manifest::default();
        if Manifest::exists(dir) {
            manifest = Manifest::read(dir)?;
            super::check_fingerprint(dir, &manifest)?;
            seal::renew(dir, &mut manifest.files)?;
        }
        let writer = Self::start(dir, lock, manifest, threads)?;
        aside::forget(dir);
        // What a killed run left behind.
        writer.sweep(&BTreeMap::new())?;
        Ok(writer)
    }

    /// Starts an empty index beside what stands in the folder, be it damaged or of another version. What
    /// stands there is neither read nor touched until the new index is published in its place.
    ///
    /// # Errors
    /// Where another process writes it, or the folder cannot be written.
    pub fn rebuild(dir: &Path, threads: usize) -> Result<Self> {
        let lock = lock(dir)?;
        aside::begin(dir)?;
        let manifest = Manifest {
            generation: aside::highest(dir),
            ..Manifest::default()
        };
        Self::start(dir, lock, manifest, threads)
    }

    /// True where nobody writes the index of a folder, and the system lets us.
    pub fn may_write(dir: &Path) -> bool {
        lock(dir).is_ok()
    }

    /// Counts publications: that of the last one.
    pub fn generation(&self) -> u64 {
        let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        manifest.generation
    }

    fn start(dir: &Path, lock: File, mut manifest: Manifest, threads: usize) -> Result<Self> {
        let meta = |meta: &str| (!meta.is_empty()).then(|| meta.to_owned());
        let (post_schema, post_fields) = record::posts_schema();
        let (row_schema, row_fields) = record::rows_schema();
        let threads = threads.clamp(1, 8);
        let (post_store, posts) = open(
            &dir.join("posts"),
            meta(&manifest.posts).as_deref(),
            post_schema,
            threads,
            HEAP_PER_THREAD,
        )?;
        // Rows are small: one thread with a third of the memory keeps up with two of posts.
        let (row_store, rows) = open(
            &dir.join("rows"),
            meta(&manifest.rows).as_deref(),
            row_schema,
            1,
            HEAP_PER_THREAD / 2,
        )?;
        manifest.fingerprint = super::fingerprint();
        let before = posts
            .index()
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?
            .searcher();
        Ok(Self {
            dir: dir.to_path_buf(),
            posts: RwLock::new(posts),
            rows: RwLock::new(rows),
            post_fields,
            row_fields,
            post_store,
            row_store,
            manifest: Mutex::new(manifest),
            queue: Queue::default(),
            before,
            put: Mutex::default(),
            deleting: Mutex::default(),
            lock,
        })
    }

    /// Deletes files that the publication does not name. Only names that this engine gives are touched:
    /// whoever points an index at a folder of their own loses nothing. `before` are the attachments of the
    /// publication before this one.
    fn sweep(&self, before: &BTreeMap<String, Attachment>) -> Result<()> {
        let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        for (sub, meta) in [("posts", &manifest.posts), ("rows", &manifest.rows)] {
            let keep = segment_ids(meta);
            let deletions = deletions(meta);
            remove(&self.dir.join(sub), &|name| {
                segment_of(name).is_some_and(|id| {
                    !keep.contains(id) || name.ends_with(".del") && !deletions.contains(name)
                })
            })?;
        }
        let current = |name: &str| manifest.attachments.values().any(|a| a.file == name);
        remove(&self.dir, &|name| {
            name.rsplit_once('.').is_some_and(|(stem, number)| {
                (manifest.attachments.contains_key(stem) || before.contains_key(stem))
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && !current(name)
            })
        })
    }

    /// Seals the files that the next publication names.
    fn seal(&self, next: &mut Manifest) -> Result<()> {
        let mut seals = std::mem::take(&mut next.files);
        for (sub, store) in [("posts", &self.post_store), ("rows", &self.row_store)] {
            for (name, content) in store.written().all() {
                let file = format!("{sub}/{name}");
                // One that a merge or a later commit made useless is gone with the next sweep, or is so already.
                if let Ok(meta) = fs::metadata(self.dir.join(&file)) {
                    seals.insert(file, Seal::new(content, &meta));
                }
            }
        }
        for (sub, meta) in [("posts", &next.posts), ("rows", &next.rows)] {
            let keep = segment_ids(meta);
            let deletions = deletions(meta);
            let prefix = format!("{sub}/");
            seals.retain(|file, _| {
                file.strip_prefix(&prefix).is_none_or(|name| {
                    segment_of(name).is_some_and(|id| keep.contains(id))
                        && (!name.ends_with(".del") || deletions.contains(name))
                })
            });
        }
        next.files = seals;
        Ok(())
    }

    /// Before segments are merged: what is copied from them gets new checksums, so it has to be right.
    fn verify_segments(&self, sub: &str, ids: &[tantivy::index::SegmentId]) -> Result<()> {
        let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        let ids: HashSet<String> = ids.iter().map(|id| id.uuid_string()).collect();
        for (file, seal) in &manifest.files {
            let name = file.strip_prefix(sub).and_then(|n| n.strip_prefix('/'));
            if name.and_then(segment_of).is_some_and(|id| ids.contains(id)) {
                seal.verify(&self.dir.join(file))?;
            }
        }
        Ok(())
    }

    /// True where a post of this id may be in the index already; notes it as put.
    fn may_replace(&self, id: PostId) -> Result<bool> {
        let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        let again = !put.insert(id.0);
        drop(put);
        let term = Term::from_field_u64(self.post_fields.id, id.0);
        Ok(again || self.before.doc_freq(&term)? > 0)
    }

    /// Runs what reads the files of the last publication.
    fn guarded<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let (generation, files) = {
            let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
            (manifest.generation, manifest.files.clone())
        };
        guard::guarded(&self.dir, generation, &files, read).map_err(|error| self.cause(error))
    }

    /// The reason behind an error of tantivy, where the system gave one.
    fn cause(&self, error: Error) -> Error {
        if !matches!(error, Error::Engine(_) | Error::Internal { .. }) {
            return error;
        }
        let stores = [("posts", &self.post_store), ("rows", &self.row_store)];
        let mut refused = stores
            .iter()
            .filter_map(|(sub, store)| store.written().failure(&self.dir.join(sub)));
        refused.next().unwrap_or(error)
    }

    fn commit(&self) -> Result<()> {
        let mut posts = self.posts.write().unwrap_or_else(PoisonError::into_inner);
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        posts.commit()?;
        rows.commit()?;
        Ok(())
    }

    /// Merges small segments, by tantivy's own policy, here and now: a merge in the background would be
    /// lost when the process ends, and its half-written files could not be told from rubbish.
    fn merge(&self) -> Result<()> {
        for (sub, writer) in [("posts", &self.posts), ("rows", &self.rows)] {
            let mut writer = writer.write().unwrap_or_else(PoisonError::into_inner);
            loop {
                let metas = writer.index().searchable_segment_metas()?;
                let candidates = LogMergePolicy::default().compute_merge_candidates(&metas);
                let Some(candidate) = candidates.into_iter().next() else {
                    break;
                };
                self.verify_segments(sub, &candidate.0)?;
                writer.merge(&candidate.0).wait()?;
            }
        }
        Ok(())
    }
}

impl Drop for TantivyWriter {
    fn drop(&mut self) {
        // Nobody holds it any more.
        let _ = self.lock.set_len(0);
    }
}

impl WriteEngine for TantivyWriter {
    fn put(&self, archived: &Archived) -> Result<()> {
        let post = &archived.post;
        let document = record::post_document(archived, &self.post_fields)?;
        let rows = record::row_documents(post, &self.row_fields);
        let place = self.queue.wait(weight(archived));
        let replaces = self.may_replace(post.id)?;
        // Both locks are held over both batches: a commit has all of a post or nothing of it.
        let post_writer = self.posts.read().unwrap_or_else(PoisonError::into_inner);
        let row_writer = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let _in_order =
            replaces.then(|| self.deleting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut batch = Vec::with_capacity(2);
        if replaces {
            let term = Term::from_field_u64(self.post_fields.id, post.id.0);
            batch.push(UserOperation::Delete(term));
        }
        batch.push(UserOperation::Add(Queued::new(document, &place)));
        let refused = |error| self.cause(Error::Engine(error));
        post_writer.run(batch).map_err(refused)?;
        let mut batch = Vec::with_capacity(rows.len() + 1);
        if replaces {
            let term = Term::from_field_u64(self.row_fields.post_id, post.id.0);
            batch.push(UserOperation::Delete(term));
        }
        batch.extend(
            rows.into_iter()
                .map(|row| UserOperation::Add(Queued::new(row, &place))),
        );
        if !batch.is_empty() {
            row_writer.run(batch).map_err(refused)?;
        }
        Ok(())
    }

    fn delete(&self, id: PostId) -> Result<()> {
        let posts = self.posts.read().unwrap_or_else(PoisonError::into_inner);
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let _in_order = self.deleting.lock().unwrap_or_else(PoisonError::into_inner);
        posts.delete_term(Term::from_field_u64(self.post_fields.id, id.0));
        rows.delete_term(Term::from_field_u64(self.row_fields.post_id, id.0));
        Ok(())
    }

    fn settle(&self) -> Result<Box<dyn ReadEngine>> {
        self.guarded(|| self.commit())?;
        let manifest = self
            .manifest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let state = Manifest {
            posts: self.post_store.meta().unwrap_or_default(),
            rows: self.row_store.meta().unwrap_or_default(),
            // What is not published is not sealed.
            files: seal::Seals::new(),
            ..manifest
        };
        Ok(Box::new(TantivyReader::of_state(&self.dir, state)?))
    }

    fn publish(&self, attachments: &BTreeMap<String, Option<Vec<u8>>>) -> Result<()> {
        self.guarded(|| {
            self.commit()?;
            self.merge()
        })?;
        let before = {
            let mut current = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
            let mut next = current.clone();
            next.generation += 1;
            for (name, content) in attachments {
                match content {
                    Some(bytes) => {
                        let file = format!("{name}.{}", next.generation);
                        write_synced(&self.dir.join(&file), bytes)?;
                        let attachment = Attachment {
                            file,
                            bytes: bytes.len() as u64,
                            checksum: xxhash_rust::xxh3::xxh3_64(bytes),
                        };
                        next.attachments.insert(name.clone(), attachment);
                    }
                    None => {
                        next.attachments.remove(name);
                    }
                }
            }
            next.posts = self.post_store.meta().unwrap_or_default();
            next.rows = self.row_store.meta().unwrap_or_default();
            self.seal(&mut next)?;
            sync_dir(&self.dir.join("posts"))?;
            sync_dir(&self.dir.join("rows"))?;
            sync_dir(&self.dir)?;
            next.write(&self.dir)?;
            std::mem::replace(&mut *current, next).attachments
        };
        self.sweep(&before)?;
        aside::forget(&self.dir);
        Ok(())
    }
}

/// Bytes that a post's documents take in a queue, about.
fn weight(archived: &Archived) -> usize {
    let post = &archived.post;
    let comments: usize = post.comments.iter().map(|c| c.text.len() * 2 + 200).sum();
    let rows: usize = post.tracklists.iter().map(|l| l.tracks.len() * 400).sum();
    (post.body.len() * 3 + comments * 2 + rows + 1_000) * archived.versions.len().max(1)
}

fn open(
    dir: &Path,
    meta: Option<&str>,
    schema: Schema,
    threads: usize,
    heap: usize,
) -> Result<(Store, IndexWriter<Queued>)> {
    let store = Store::open(dir, meta).map_err(Error::Engine)?;
    let mut index = if meta.is_some() {
        Index::open(store.clone())?
    } else {
        let settings = IndexSettings {
            docstore_compression: Compressor::Zstd(ZstdCompressor {
                compression_level: Some(1),
            }),
            ..IndexSettings::default()
        };
        IndexBuilder::new()
            .schema(schema)
            .settings(settings)
            .open_or_create(store.clone())?
    };
    index.set_tokenizers(analyzers());
    let options = tantivy::indexer::IndexWriterOptions::builder()
        .num_worker_threads(threads)
        .num_merge_threads(1)
        .memory_budget_per_thread(heap)
        .build();
    let writer: IndexWriter<Queued> = index.writer_with_options(options)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok((store, writer))
}

/// Makes a folder, and those above it, so that they survive a power cut.
fn make(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = match dir.parent() {
        Some(above) if above != Path::new("") => above,
        _ => Path::new("."),
    };
    make(above)?;
    match fs::create_dir(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::io("creating", dir, e))
        }
        _ => sync_dir(above),
    }
}

/// Takes the lock of an index folder, or says who has it. Makes the folder where there is none.
fn lock(dir: &Path) -> Result<File> {
    for sub in [dir, &dir.join("posts"), &dir.join("rows")] {
        make(sub)?;
    }
    let path = dir.join(LOCK_FILE);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| Error::io("opening", &path, e))?;
    match file.try_lock() {
        Ok(()) => {
            let _ = file.set_len(0);
            let _ = file.rewind();
            let _ = write!(file, "{}", std::process::id());
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "another process".to_owned(),
                pid => format!("process {pid}"),
            };
            Err(Error::Locked {
                path: dir.to_path_buf(),
                holder,
            })
        }
        Err(TryLockError::Error(e)) => Err(Error::io("locking", &path, e)),
    }
}

/// Ids of the segments that a `meta.json` names, as their files begin (32 hexadecimal digits).
pub(super) fn segment_ids(meta: &str) -> HashSet<String> {
    let value: serde_json::Value = serde_json::from_str(meta).unwrap_or_default();
    value["segments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s["segment_id"].as_str())
        .map(|id| id.replace('-', ""))
        .collect()
}

/// Files of deletions that a `meta.json` names: a segment has one, and that of another commit is in the way of
/// the next one, which may bear its name.
fn deletions(meta: &str) -> HashSet<String> {
    let value: serde_json::Value = serde_json::from_str(meta).unwrap_or_default();
    value["segments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| {
            let id = s["segment_id"].as_str()?.replace('-', "");
            let opstamp = s["deletes"]["opstamp"].as_u64()?;
            Some(format!("{id}.{opstamp}.del"))
        })
        .collect()
}

/// The segment that a file of tantivy belongs to: its name starts with 32 hexadecimal digits and a dot.
pub(super) fn segment_of(name: &str) -> Option<&str> {
    let (id, _) = name.split_once('.')?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

pub(super) fn remove(dir: &Path, rubbish: &dyn Fn(&str) -> bool) -> Result<()> {
    let entries = fs::read_dir(dir).map_err(|e| Error::io("listing", dir, e))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|t| t.is_file());
        if is_file && name.to_str().is_some_and(rubbish) {
            // A file that stays behind costs space only; the next sweep tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Fingerprint of schemas and analyzer.
pub(super) fn schema_fingerprint() -> u64 {
    let (posts, _) = record::posts_schema();
    let (rows, _) = record::rows_schema();
    // Serialised, a schema is its fields in order; its debug form is not the same twice.
    let schema = |s: &Schema| serde_json::to_string(s).unwrap_or_default();
    let text = format!("{ANALYZER_VERSION} {} {}", schema(&posts), schema(&rows));
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}
