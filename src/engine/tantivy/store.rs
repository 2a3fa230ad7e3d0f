//! Where tantivy's files lie.
//!
//! In: tantivy's requests for files. Out: memory-mapped files, except `meta.json` and `.managed.json`,
//! which live in memory and in deepcut's manifest. Nothing is deleted through it and no lock is taken:
//! the manifest decides what is current, `super::writer` sweeps what it no longer names.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Advice, DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Directory, TantivyError};

use super::written::Written;

/// The file in which tantivy keeps the list of segments.
pub(super) const META: &str = "meta.json";

/// The file in which it keeps the names of all its files.
const MANAGED: &str = ".managed.json";

/// What the names of files of positions end in.
const POSITIONS: &str = "pos";

/// How much of an index will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whole files, or long stretches of them.
    Whole,
    /// A few places of each, as for the answer to one query. Where nothing of the index was in memory, and the system reads
    /// 8 MiB at a time, a search of 100,000 posts took 60 ms instead of 141, of a million 82 instead of 314.
    Places,
}

/// One tantivy index's folder.
#[derive(Clone)]
pub(super) struct Store {
    dir: PathBuf,
    files: MmapDirectory,
    /// The same, where few places of the files are read.
    places: Option<MmapDirectory>,
    memory: Arc<Mutex<HashMap<PathBuf, Vec<u8>>>>,
    written: Written,
}

impl Store {
    /// Opens a folder; `meta` is the content of its `meta.json` in the manifest.
    pub fn open(dir: &Path, meta: Option<&str>) -> Result<Self, TantivyError> {
        let memory = meta
            .map(|text| (PathBuf::from(META), text.as_bytes().to_vec()))
            .into_iter()
            .collect();
        Ok(Self {
            dir: dir.to_path_buf(),
            files: MmapDirectory::open(dir)?,
            places: None,
            memory: Arc::new(Mutex::new(memory)),
            written: Written::default(),
        })
    }

    /// Has the system read what is asked for, and not what lies around it. Positions are read in long stretches.
    pub fn read(mut self, access: Access) -> Result<Self, TantivyError> {
        self.places = match access {
            Access::Whole => None,
            Access::Places => Some(MmapDirectory::open_with_madvice(&self.dir, Advice::Random)?),
        };
        Ok(self)
    }

    /// Tells tantivy which files are its own: it verifies no others.
    pub fn managing(self, files: &[&str]) -> Self {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let names = serde_json::json!(files).to_string();
        memory.insert(PathBuf::from(MANAGED), names.into_bytes());
        drop(memory);
        self
    }

    /// Leaves the schema out of the list of segments, as tantivy reads it from here on: it does so twice for a reader, which
    /// knows the schema after the first time. To read it takes 3 % of the instructions of a whole search.
    pub fn without_schema(&self) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meta) = memory.get_mut(Path::new(META))
            && let Some(at) = memchr::memmem::find(meta, br#""schema""#)
        {
            meta.truncate(at);
            meta.extend_from_slice(br#""schema":[],"opstamp":0}"#);
        }
    }

    /// The files that were written through it.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// The `meta.json` that tantivy wrote last.
    pub fn meta(&self) -> Option<String> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = memory.get(Path::new(META))?;
        String::from_utf8(bytes.clone()).ok()
    }
}

fn in_memory(path: &Path) -> bool {
    path == Path::new(META) || path == Path::new(MANAGED)
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Directory for Store {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let stretches = path.extension().is_some_and(|kind| kind == POSITIONS);
        match &self.places {
            Some(places) if !stretches => places.get_file_handle(path),
            _ => self.files.get_file_handle(path),
        }
    }

    fn delete(&self, _: &Path) -> Result<(), DeleteError> {
        // An older publication may still name the file.
        Ok(())
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        if in_memory(path) {
            let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(memory.contains_key(path));
        }
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let mut new = File::options();
        match new.write(true).create_new(true).open(self.dir.join(path)) {
            Ok(file) => Ok(self.written.watch(path, file)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(path.to_path_buf()))
            }
            Err(e) => {
                self.written.refused(&path.to_string_lossy(), &e);
                Err(OpenWriteError::wrap_io_error(e, path.to_path_buf()))
            }
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if in_memory(path) {
            let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            return memory
                .get(path)
                .cloned()
                .ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_path_buf()));
        }
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        if in_memory(path) {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.insert(path.to_path_buf(), data.to_vec());
            return Ok(());
        }
        self.files.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        // Writers hold the lock of the whole index; readers need none, as nothing is deleted here.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
