//! Reading one publication.
//!
//! In: an index folder. Out: posts, answers, counts. Writes nothing and takes no lock, so read-only media do.
//! The rows are opened only when a query needs them.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tantivy::collector::DocSetCollector;
use tantivy::query::{AllQuery, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::store::StoreReader;
use tantivy::{DocAddress, Index, ReloadPolicy, Searcher, SegmentOrdinal, TantivyDocument, Term};

use super::artists;
use super::blob;
use super::guard;
use super::manifest::Manifest;
use super::near::Dictionaries;
use super::opening::Openings;
use super::order::Columns;
use super::seal;
use super::store::{Access, Store};
use super::stored;
use super::works;
use crate::artist::Credits;
use crate::engine::{CreditedPost, MentioningPost, ReadEngine, SearchOptions, Statistics, Works};
use crate::error::{Error, Result};
use crate::model::{Archived, Listed, Post, PostId, Related, Response, TextRef};
use crate::query::Query;
use crate::record::{self, ANY_AMBIGUOUS, PostFields, RowFields};

/// How often an open is tried again when a writer's sweep overtakes it.
const TRIES: usize = 5;

/// Blocks of packed posts that are kept, a segment.
const CACHED: usize = 64;

/// Reads the index of a folder.
pub struct TantivyReader {
    pub(super) dir: PathBuf,
    access: Access,
    manifest: Manifest,
    pub(super) posts: Searcher,
    pub(super) fields: PostFields,
    rows: OnceLock<Searcher>,
    /// Some files are not as they were when they were written; their content is.
    moved: AtomicBool,
    /// Stored posts of each segment.
    stores: OnceLock<Vec<StoreReader>>,
    /// What tells posts of each segment apart.
    columns: Vec<OnceLock<Columns>>,
    pub(super) openings: Openings,
    pub(super) dictionaries: Dictionaries,
}

/// Drops what has many files mapped, elsewhere: unmapping them takes as long as mapping them, and nobody needs to wait.
pub fn let_go(mapped: impl Send + 'static) {
    // Where no thread can be had it is dropped here.
    let _ = std::thread::Builder::new().spawn(move || drop(mapped));
}

impl TantivyReader {
    /// True where a publication stands in `dir`.
    pub fn exists(dir: &Path) -> bool {
        Manifest::exists(dir)
    }

    /// Attachments of this name that lie in a folder, newest first, whether or not a publication names
    /// them: what is left to learn from an index that cannot be opened. Nothing is verified.
    pub fn attachments_left(dir: &Path, name: &str) -> Vec<Vec<u8>> {
        let mut found = super::manifest::numbered(dir, name);
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
            .into_iter()
            .filter_map(|(_, path)| fs::read(path).ok())
            .collect()
    }

    /// Opens the last publication and makes sure of every part of it, the rows too.
    ///
    /// # Errors
    /// As [`TantivyReader::open`].
    pub fn open_whole(dir: &Path) -> Result<Self> {
        let reader = Self::open(dir)?;
        match reader.guarded(|| reader.verify_rows()) {
            // Published and swept between our two looks.
            Err(_) if reader.is_outdated() => Self::open_whole(dir),
            Err(error) => Err(unusable(dir, error)),
            Ok(_) => Ok(reader),
        }
    }

    /// True where files that were opened lie there otherwise than they were written (a copy of the folder), so
    /// that every reader has to verify them until the index is published again.
    pub fn is_moved(&self) -> bool {
        self.moved.load(Ordering::Relaxed)
    }

    /// Runs what reads the files of this index.
    ///
    /// # Errors
    /// Those of `read`, in the terms of this index.
    pub(super) fn guarded<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        guard::guarded(
            &self.dir,
            self.manifest.generation,
            &self.manifest.files,
            read,
        )
    }

    /// Counts publications.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Opens the last publication.
    ///
    /// # Errors
    /// Where there is none, it is damaged, or of another version.
    pub fn open(dir: &Path) -> Result<Self> {
        Self::open_for(dir, Access::Whole)
    }

    /// As [`TantivyReader::open`], for what reads so much of it.
    ///
    /// # Errors
    /// The same.
    pub fn open_for(dir: &Path, access: Access) -> Result<Self> {
        if !Self::exists(dir) {
            return Err(Error::NoIndex {
                path: dir.to_path_buf(),
            });
        }
        let mut tries = 0;
        loop {
            let manifest = Manifest::read(dir)?;
            super::check_fingerprint(dir, &manifest)?;
            let generation = manifest.generation;
            let files = manifest.files.clone();
            let open = || {
                let moved = seal::verify_changed(dir, "posts/", &manifest.files)? > 0;
                let reader = Self::of_state(dir, manifest, access)?;
                reader.moved.store(moved, Ordering::Relaxed);
                Ok(reader)
            };
            match guard::guarded(dir, generation, &files, open) {
                // A writer published and swept between our two looks: look again.
                Err(_) if tries < TRIES && Manifest::read(dir)?.generation != generation => {
                    tries += 1
                }
                other => return other.map_err(|error| unusable(dir, error)),
            }
        }
    }

    /// Opens a state that need not be published.
    pub(super) fn of_state(dir: &Path, manifest: Manifest, access: Access) -> Result<Self> {
        let (_, fields) = record::posts_schema();
        let posts = searcher(&dir.join("posts"), &manifest.posts, access)?;
        let columns = posts
            .segment_readers()
            .iter()
            .map(|_| OnceLock::new())
            .collect();
        Ok(Self {
            dir: dir.to_path_buf(),
            access,
            manifest,
            posts,
            fields,
            rows: OnceLock::new(),
            moved: AtomicBool::new(false),
            stores: OnceLock::new(),
            columns,
            openings: Openings::default(),
            dictionaries: Dictionaries::default(),
        })
    }

    /// Fields of the rows, which few searches ask for.
    pub(super) fn row_fields(&self) -> RowFields {
        record::rows_schema().1
    }

    /// The publication that took the place of this one.
    fn again(&self) -> Result<Self> {
        Self::open_for(&self.dir, self.access)
    }

    fn verify_rows(&self) -> Result<()> {
        if seal::verify_changed(&self.dir, "rows/", &self.manifest.files)? > 0 {
            self.moved.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The index of rows.
    pub(super) fn rows(&self) -> Result<&Searcher> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows);
        }
        self.verify_rows()?;
        let rows = searcher(&self.dir.join("rows"), &self.manifest.rows, self.access)?;
        Ok(self.rows.get_or_init(|| rows))
    }

    /// The columns of a segment of posts.
    pub(super) fn columns(&self, segment: SegmentOrdinal) -> Result<&Columns> {
        let missing = || Error::Damaged {
            path: self.dir.clone(),
            what: "a segment is missing".into(),
        };
        let known = self.columns.get(segment as usize).ok_or_else(missing)?;
        if let Some(columns) = known.get() {
            return Ok(columns);
        }
        let columns = Columns::new(self.posts.segment_reader(segment))?;
        Ok(known.get_or_init(|| columns))
    }

    /// The stored post at an address, with its versions.
    pub(super) fn archived(&self, address: DocAddress) -> Result<Archived> {
        self.blob(address, record::decode)
    }

    /// Calls `look` with the stored post at an address, and with the bytes in which its texts lie.
    pub(super) fn stored<T>(
        &self,
        address: DocAddress,
        look: impl Fn(&Post<TextRef<'_>>, &[u8]) -> T,
    ) -> Result<T> {
        self.blob(address, |bytes| {
            let (post, own) = record::decode_post(bytes)?;
            Ok(look(&post, own))
        })
    }

    /// The rows of the stored post at an address.
    pub(super) fn stored_rows(&self, address: DocAddress) -> Result<Listed> {
        self.blob(address, record::decode_listed)
    }

    /// What is made of the encoded post at an address.
    pub(super) fn blob<T>(
        &self,
        address: DocAddress,
        decode: impl Fn(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let stores = match self.stores.get() {
            Some(stores) => stores,
            None => {
                let open = |segment: &tantivy::SegmentReader| segment.get_store_reader(CACHED);
                let segments = self.posts.segment_readers().iter();
                let stores: std::io::Result<Vec<_>> = segments.map(open).collect();
                let stores = stores.map_err(tantivy::TantivyError::from)?;
                self.stores.get_or_init(|| stores)
            }
        };
        let missing = || Error::Damaged {
            path: self.dir.clone(),
            what: "a post has no stored content".into(),
        };
        let store = stores
            .get(address.segment_ord as usize)
            .ok_or_else(missing)?;
        let bytes = store.get_document_bytes(address.doc_id)?;
        if let Some(blob) = stored::only(&bytes, self.fields.blob) {
            return blob::unpack(blob, decode);
        }
        let document: TantivyDocument = store.get(address.doc_id)?;
        let blob = document
            .get_first(self.fields.blob)
            .and_then(|value| value.as_bytes())
            .ok_or_else(missing)?;
        blob::unpack(blob, decode)
    }

    pub(super) fn addresses(&self, query: &dyn tantivy::query::Query) -> Result<Vec<DocAddress>> {
        let mut all: Vec<DocAddress> = self
            .posts
            .search(query, &DocSetCollector)?
            .into_iter()
            .collect();
        all.sort();
        Ok(all)
    }

    /// True where another publication has taken the place of this one.
    fn is_outdated(&self) -> bool {
        Manifest::read(&self.dir).is_ok_and(|now| now.generation != self.manifest.generation)
    }

    /// True where a writer has published and swept the rows before this reader first needed them.
    fn is_swept(&self) -> bool {
        self.rows.get().is_none() && self.is_outdated()
    }

    fn term(&self, term: Term) -> TermQuery {
        TermQuery::new(term, IndexRecordOption::Basic)
    }
}

/// What tantivy says of an index that it cannot open: what the system refused (too many open files, no
/// permission) stays that, the rest is damage.
fn unusable(dir: &Path, error: Error) -> Error {
    use tantivy::TantivyError;
    use tantivy::directory::error::OpenReadError;
    let refused = |cause: &std::io::Error| {
        let code = cause.raw_os_error()?;
        Some(Error::io(
            "opening",
            dir,
            std::io::Error::from_raw_os_error(code),
        ))
    };
    let damaged = |what: &TantivyError| Error::Damaged {
        path: dir.to_path_buf(),
        what: what.to_string(),
    };
    match error {
        Error::Engine(error) => match &error {
            TantivyError::OpenReadError(OpenReadError::IoError { io_error: c, .. })
            | TantivyError::IoError(c) => refused(c).unwrap_or_else(|| damaged(&error)),
            _ => damaged(&error),
        },
        other => other,
    }
}

fn searcher(dir: &Path, meta: &str, access: Access) -> Result<Searcher> {
    let store = Store::open(dir, Some(meta)).and_then(|store| store.read(access));
    let store = store.map_err(Error::Engine)?;
    let index = Index::open(store.clone())?;
    store.without_schema();
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?;
    Ok(reader.searcher())
}

impl ReadEngine for TantivyReader {
    fn get(&self, id: PostId) -> Result<Option<Archived>> {
        self.guarded(|| {
            let query = self.term(Term::from_field_u64(self.fields.id, id.0));
            match self.addresses(&query)?.first() {
                Some(address) => self.archived(*address).map(Some),
                None => Ok(None),
            }
        })
    }

    fn search(&self, query: &Query, options: &SearchOptions) -> Result<Response> {
        self.guarded(|| {
            let started = Instant::now();
            let mut response = match super::rank::answer(self, query, options) {
                Err(Error::Engine(_) | Error::Damaged { .. }) if self.is_swept() => {
                    super::rank::answer(&self.again()?, query, options)?
                }
                other => other?,
            };
            response.took_ms = started.elapsed().as_secs_f64() * 1000.0;
            Ok(response)
        })
    }

    fn answers(
        &self,
        query: &Query,
        options: &SearchOptions,
        visit: &mut dyn FnMut(Listed),
    ) -> Result<Response> {
        self.guarded(|| {
            let any = Cell::new(false);
            let mut visit = |listed: Listed| {
                any.set(true);
                visit(listed);
            };
            match super::rank::listed(self, query, options, &mut visit) {
                Err(Error::Engine(_) | Error::Damaged { .. }) if !any.get() && self.is_swept() => {
                    super::rank::listed(&self.again()?, query, options, &mut visit)
                }
                other => other,
            }
        })
    }

    fn ambiguous(&self, keys: Option<&[String]>) -> Result<Vec<PostId>> {
        self.guarded(|| {
            let any = [ANY_AMBIGUOUS.to_owned()];
            let mut ids = Vec::new();
            for key in keys.unwrap_or(&any) {
                let query = self.term(Term::from_field_text(self.fields.ambiguous, key));
                for address in self.addresses(&query)? {
                    let column = self
                        .posts
                        .segment_reader(address.segment_ord)
                        .fast_fields()
                        .u64("id")?;
                    ids.extend(column.first(address.doc_id).map(PostId));
                }
            }
            ids.sort();
            ids.dedup();
            Ok(ids)
        })
    }

    fn artist_posts(&self, key: &str) -> Result<u64> {
        self.guarded(|| {
            let query = self.term(Term::from_field_text(self.fields.clear_artist, key));
            Ok(self.posts.search(&query, &tantivy::collector::Count)? as u64)
        })
    }

    fn credits(&self) -> Result<Credits> {
        self.guarded(|| artists::credits(self))
    }

    fn credited_tracks(&self, keys: &[String]) -> Result<u64> {
        self.guarded(|| artists::tracks(self, keys))
    }

    fn credited_together(&self, keys: &[String], others: &[String]) -> Result<u64> {
        self.guarded(|| artists::together(self, keys, others))
    }

    fn works(&self, artists: &[Vec<String>]) -> Result<Works> {
        self.guarded(|| works::works(self, artists))
    }

    fn titles(&self, numbers: &[u64]) -> Result<HashMap<u64, String>> {
        self.guarded(|| works::titles(self, numbers))
    }

    fn credited_posts(&self, keys: &[String]) -> Result<Vec<CreditedPost>> {
        self.guarded(|| artists::posts(self, keys))
    }

    fn mentions(&self, names: &[String]) -> Result<u64> {
        self.guarded(|| artists::mentions(self, names))
    }

    fn mentioned_in(&self, names: &[String]) -> Result<Vec<MentioningPost>> {
        self.guarded(|| artists::mentioned_in(self, names))
    }

    fn related(
        &self,
        archived: &Archived,
        same: &dyn Fn(&str) -> Vec<String>,
        limit: usize,
    ) -> Result<Vec<Related>> {
        self.guarded(|| artists::related(self, archived, same, limit))
    }

    fn attachment(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(attachment) = self.manifest.attachments.get(name) else {
            return Ok(None);
        };
        let path = self.dir.join(&attachment.file);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("reading", &path, e));
            }
            // Published and swept since this reader opened: the one that took its place is as good.
            Err(_) if self.is_outdated() => return self.again()?.attachment(name),
            Err(_) => {
                return Err(Error::Damaged {
                    path,
                    what: "it is missing".into(),
                });
            }
        };
        if bytes.len() as u64 != attachment.bytes
            || xxhash_rust::xxh3::xxh3_64(&bytes) != attachment.checksum
        {
            return Err(Error::Damaged {
                path,
                what: "its checksum is wrong".into(),
            });
        }
        Ok(Some(bytes))
    }

    fn noted(&self, name: &str) -> Option<&str> {
        self.manifest.notes.get(name).map(String::as_str)
    }

    fn statistics(&self) -> Result<Statistics> {
        self.guarded(|| {
            let mut s = Statistics {
                posts: self.posts.num_docs(),
                segments: self.posts.segment_readers().len() as u64,
                ..Statistics::default()
            };
            for segment in self.posts.segment_readers() {
                let tracks = segment.fast_fields().u64("tracks")?;
                let comments = segment.fast_fields().u64("comments")?;
                for doc in segment.doc_ids_alive() {
                    s.tracks += tracks.first(doc).unwrap_or(0);
                    s.comments += comments.first(doc).unwrap_or(0);
                }
            }
            for part in ["posts", "rows", ""] {
                let name = if part.is_empty() { "manifest" } else { part };
                s.bytes.insert(name.to_owned(), size(&self.dir.join(part)));
            }
            Ok(s)
        })
    }

    fn for_each(&self, visit: &mut dyn FnMut(Archived) -> bool) -> Result<()> {
        self.guarded(|| {
            for address in self.addresses(&AllQuery)? {
                if !visit(self.archived(address)?) {
                    break;
                }
            }
            Ok(())
        })
    }
}

/// Bytes of the files directly in a folder.
fn size(dir: &Path) -> u64 {
    fs::read_dir(dir)
        .map(|entries| {
            entries
                .flatten()
                .filter_map(|e| e.metadata().ok())
                .filter(fs::Metadata::is_file)
                .map(|m| m.len())
                .sum()
        })
        .unwrap_or(0)
}
