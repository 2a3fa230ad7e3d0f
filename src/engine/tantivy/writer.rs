//! Writing both indexes as one.
//!
//! In: posts, ids to delete, attachments. Out: publications. Holds the lock of the index folder while it
//! lives. Nothing that the manifest names is ever deleted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tantivy::{ReloadPolicy, Searcher, Term};

use super::aside;
use super::blob;
use super::build::{Builder, Built, Plan};
use super::folder::{deletions, lock, remove, segment_ids, segment_of};
use super::guard;
use super::manifest::{Attachment, Manifest, sync_dir, write_synced};
use super::part::Part;
use super::reader::TantivyReader;
use super::seal::{self, Seal};
use super::store::{Access, Store};
use crate::engine::{Change, ReadEngine, WriteEngine};
use crate::error::{Error, Result};
use crate::model::{Archived, PostId};
use crate::record;

struct Writers {
    posts: Part,
    rows: Part,
}

/// The posts that were put.
#[derive(Default)]
struct Put {
    /// The turn of each, by id.
    turns: HashMap<u64, u32>,
    /// Counts how often all builders were emptied: a post of an earlier turn is in a segment.
    turn: u32,
}

/// Where a post may be already.
enum Known {
    Nowhere,
    /// In a segment, where it can be deleted.
    Written,
    /// With a builder.
    Held,
}

/// Writes an index in a folder.
pub struct TantivyWriter {
    dir: PathBuf,
    /// Shared by whoever puts, taken alone by whoever commits: a post is deleted and put in one turn.
    writers: RwLock<Writers>,
    plan: Plan,
    /// Builders that nobody is putting into.
    builders: Mutex<Vec<Builder>>,
    /// How many others there are; one that never comes back has lost its posts.
    out: AtomicUsize,
    /// Segments that wait for the next commit.
    built: Mutex<Built>,
    post_store: Store,
    row_store: Store,
    manifest: Mutex<Manifest>,
    /// Lines for the next publication.
    notes: Mutex<BTreeMap<String, String>>,
    /// The posts as they were when the writer opened: only a post that may be there costs a deletion, which is
    /// looked up in every segment.
    before: Searcher,
    /// The posts as they were last settled.
    settled: Mutex<Option<Searcher>>,
    put: Mutex<Put>,
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
        let (post_schema, post_fields) = record::posts_schema();
        let (row_schema, row_fields) = record::rows_schema();
        let (of_posts, of_rows) = blob::settings();
        let posts = dir.join("posts");
        let (meta, id) = (&manifest.posts, post_fields.id);
        let posts = Part::open(&posts, meta, post_schema, id, of_posts)?;
        let rows = dir.join("rows");
        let (meta, id) = (&manifest.rows, row_fields.post_id);
        let rows = Part::open(&rows, meta, row_schema, id, of_rows)?;
        manifest.fingerprint = super::FINGERPRINT;
        let before = posts
            .index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?
            .searcher();
        Ok(Self {
            dir: dir.to_path_buf(),
            plan: Plan::new(
                posts.index.clone(),
                rows.index.clone(),
                post_fields,
                row_fields,
                dir,
                threads,
            ),
            post_store: posts.store.clone(),
            row_store: rows.store.clone(),
            writers: RwLock::new(Writers { posts, rows }),
            builders: Mutex::default(),
            out: AtomicUsize::new(0),
            built: Mutex::default(),
            manifest: Mutex::new(manifest),
            notes: Mutex::default(),
            before,
            settled: Mutex::default(),
            put: Mutex::default(),
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

    /// Where a post of this id may be already; notes it as put in this turn.
    fn known(&self, id: PostId) -> Result<Known> {
        let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = put.turn;
        let earlier = put.turns.insert(id.0, turn);
        drop(put);
        match earlier {
            Some(earlier) if earlier == turn => return Ok(Known::Held),
            Some(_) => return Ok(Known::Written),
            None => {}
        }
        let term = Term::from_field_u64(self.plan.post_fields.id, id.0);
        Ok(match self.before.doc_freq(&term)? {
            0 => Known::Nowhere,
            _ => Known::Written,
        })
    }

    fn shared(&self) -> RwLockReadGuard<'_, Writers> {
        self.writers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn alone(&self) -> RwLockWriteGuard<'_, Writers> {
        self.writers.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a post to a builder that nobody else has.
    fn build(&self, archived: &Archived) -> Result<()> {
        let free = || self.builders.lock().unwrap_or_else(PoisonError::into_inner);
        self.out.fetch_add(1, Ordering::SeqCst);
        let mut builder = free().pop().unwrap_or_default();
        builder.add(archived, &self.plan)?;
        self.keep(builder.write_full(&self.plan)?);
        free().push(builder);
        self.out.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    fn keep(&self, built: Built) {
        let mut all = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        all.posts.extend(built.posts);
        all.rows.extend(built.rows);
    }

    /// Makes segments of all that was put.
    fn written_out(&self) -> Result<Built> {
        if self.out.load(Ordering::SeqCst) > 0 {
            return Err(Error::Internal {
                what: "a post was lost on its way into the index".into(),
            });
        }
        let builders = {
            let mut free = self.builders.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *free)
        };
        let built: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = builders
                .into_iter()
                .map(|builder| scope.spawn(|| builder.finish(&self.plan)))
                .collect();
            running.into_iter().map(|one| one.join()).collect()
        });
        for one in built {
            let one = one.map_err(|_| Error::Internal {
                what: "a segment could not be made".into(),
            })?;
            self.keep(one?);
        }
        let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        put.turn += 1;
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *built))
    }

    /// Commits all that was put and deleted.
    fn commit_to(&self, writers: &Writers) -> Result<()> {
        let done = self.written_out().and_then(|built| {
            let open = self.before.segment_readers();
            writers.posts.commit(built.posts, open)?;
            writers.rows.commit(built.rows, &[])
        });
        // Whoever asks: a full disk is told as such.
        done.map_err(|error| self.cause(error))
    }

    /// Deletes what segments have of a post.
    fn delete_written(&self, writers: &Writers, id: PostId) {
        writers.posts.delete(id.0);
        writers.rows.delete(id.0);
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
        self.commit_to(&self.alone())
    }

    /// With so much memory for the words of posts and for the columns of a segment, in bytes.
    #[cfg(test)]
    pub(super) fn with_memory(mut self, heap: usize, kept: usize) -> Self {
        self.plan.heap = heap;
        self.plan.kept = kept;
        self
    }

    /// Half a commit, as a kill between its halves leaves it.
    #[cfg(test)]
    pub(super) fn commit_posts_alone(&self) {
        let built = self.written_out().unwrap();
        self.alone().posts.commit(built.posts, &[]).unwrap();
    }

    fn merge(&self) -> Result<()> {
        let writers = self.alone();
        for (sub, part) in [("posts", &writers.posts), ("rows", &writers.rows)] {
            part.merge(&|ids| self.verify_segments(sub, ids))?;
        }
        Ok(())
    }
}

impl Drop for TantivyWriter {
    fn drop(&mut self) {
        // Nobody holds it any more.
        let _ = self.lock.set_len(0);
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        super::reader::let_go((self.before.clone(), settled.take()));
    }
}

impl WriteEngine for TantivyWriter {
    fn put(&self, archived: &Archived) -> Result<()> {
        let id = archived.post.id;
        let writers = self.shared();
        let done = match self.known(id)? {
            Known::Nowhere => self.build(archived),
            Known::Written => {
                self.delete_written(&writers, id);
                self.build(archived)
            }
            Known::Held => {
                drop(writers);
                // Nobody else puts anything meanwhile: the builder that has it is among the free ones.
                let writers = self.alone();
                self.commit_to(&writers)?;
                self.known(id)?;
                self.delete_written(&writers, id);
                self.build(archived)
            }
        };
        done.map_err(|error| self.cause(error))
    }

    fn delete(&self, id: PostId) -> Result<()> {
        let writers = self.alone();
        let held = {
            let put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
            put.turns.get(&id.0) == Some(&put.turn)
        };
        if held {
            self.commit_to(&writers)?;
        }
        self.delete_written(&writers, id);
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
        let reader = TantivyReader::of_state(&self.dir, state, Access::Whole)?;
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        *settled = Some(reader.posts.clone());
        Ok(Box::new(reader))
    }

    fn change(&self) -> Result<Option<Change>> {
        self.guarded(|| {
            let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
            let after = settled.as_ref().unwrap_or(&self.before);
            super::change::between(&self.before, after)
        })
    }

    fn note(&self, name: &str, text: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(name.to_owned(), text);
    }

    fn publish(&self, attachments: &BTreeMap<String, Option<Vec<u8>>>) -> Result<()> {
        self.guarded(|| {
            self.commit()?;
            self.merge()?;
            for (sub, store) in [("posts", &self.post_store), ("rows", &self.row_store)] {
                store.written().synced(&self.dir.join(sub))?;
            }
            Ok(())
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
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            next.notes = std::mem::take(&mut *notes);
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
