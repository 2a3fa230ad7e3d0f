//! Is a file still what was written?
//!
//! In: files of the index, while they are written and afterwards. Out: a seal for each: size, checksum, and the
//! time and inode under which the system keeps it. A file whose size, time and inode are those of its seal is
//! taken to be what was written; any other is read whole before it is trusted.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use tantivy::directory::{AntiCallToken, TerminatingWrite, WritePtr};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    pub bytes: u64,
    /// XXH3-64 of the content.
    pub checksum: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified: i64,
    /// 0 where the system has none.
    pub inode: u64,
}

/// Seals by path within the index folder (`posts/…`).
pub(super) type Seals = BTreeMap<String, Seal>;

impl Seal {
    /// The seal of a file with this content.
    pub fn new(content: Content, meta: &Metadata) -> Self {
        Self {
            bytes: content.bytes,
            checksum: content.checksum,
            modified: modified(meta),
            inode: inode(meta),
        }
    }

    /// True where nothing about the file says that it changed.
    pub fn is_on(&self, meta: &Metadata) -> bool {
        self.bytes == meta.len()
            && self.modified == modified(meta)
            && self.inode == inode(meta)
            && meta.is_file()
    }

    /// Reads the file and compares it.
    ///
    /// # Errors
    /// Where it is not what was written, or cannot be read.
    pub fn verify(&self, path: &Path) -> Result<()> {
        let damaged = |what: String| {
            Err(Error::Damaged {
                path: path.to_path_buf(),
                what,
            })
        };
        let found = match Content::of(path) {
            Ok(found) => found,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return damaged("it is missing".into());
            }
            Err(e) => return Err(Error::io("reading", path, e)),
        };
        if found.bytes != self.bytes {
            return damaged(format!(
                "it has {} bytes instead of {}",
                found.bytes, self.bytes
            ));
        }
        if found.checksum != self.checksum {
            return damaged("its checksum is wrong".into());
        }
        Ok(())
    }
}

/// Size and checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub bytes: u64,
    pub checksum: u64,
}

impl Content {
    fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hash = Xxh3::new();
        let mut bytes = 0;
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        Ok(Self {
            bytes,
            checksum: hash.digest(),
        })
    }
}

/// Verifies the files of a part (`posts/`, `rows/`, or "" for all) that are not as they were sealed. Returns how
/// many those are.
///
/// # Errors
/// Names the first that is damaged.
pub(super) fn verify_changed(dir: &Path, part: &str, seals: &Seals) -> Result<usize> {
    let mut changed = 0;
    for (name, seal) in seals.iter().filter(|(name, _)| name.starts_with(part)) {
        let path = dir.join(name);
        if !fs::metadata(&path).is_ok_and(|meta| seal.is_on(&meta)) {
            seal.verify(&path)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// The same for all files, which are sealed anew as they lie there now: a folder that was copied is then known.
///
/// # Errors
/// As [`verify_changed`].
pub(super) fn renew(dir: &Path, seals: &mut Seals) -> Result<()> {
    for (name, seal) in seals {
        let path = dir.join(name);
        match fs::metadata(&path) {
            Ok(meta) if seal.is_on(&meta) => {}
            Ok(meta) => {
                seal.verify(&path)?;
                (seal.modified, seal.inode) = (modified(&meta), inode(&meta));
            }
            Err(_) => seal.verify(&path)?,
        }
    }
    Ok(())
}

fn modified(meta: &Metadata) -> i64 {
    meta.modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .and_then(|d| i64::try_from(d.as_nanos()).ok())
        .unwrap_or(0)
}

#[cfg(unix)]
fn inode(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// What was written in this process.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    /// By file name.
    files: HashMap<String, Content>,
    /// The first file that could not be written, and the system's reason. tantivy loses it between its threads.
    failed: Option<(String, i32)>,
}

impl Written {
    /// Notes the content of what is written through it once it is complete.
    pub fn watch(&self, path: &Path, inner: WritePtr) -> io::Result<WritePtr> {
        let inner = inner.into_inner().map_err(|e| e.into_error())?;
        Ok(io::BufWriter::new(Box::new(Watched {
            name: path.to_string_lossy().into_owned(),
            inner,
            hash: Xxh3::new(),
            bytes: 0,
            written: self.clone(),
        })))
    }

    /// Everything so far.
    pub fn all(&self) -> HashMap<String, Content> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .files
            .clone()
    }

    /// What the system refused to write, as an error.
    pub fn failure(&self, dir: &Path) -> Option<Error> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, code) = log.failed.as_ref()?;
        let cause = io::Error::from_raw_os_error(*code);
        Some(Error::io("writing", dir.join(name), cause))
    }

    /// Notes why a file could not be written.
    pub fn refused(&self, name: &str, error: &io::Error) {
        if let Some(code) = error.raw_os_error() {
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.failed.get_or_insert_with(|| (name.to_owned(), code));
        }
    }
}

struct Watched {
    name: String,
    inner: Box<dyn TerminatingWrite + Send + Sync>,
    hash: Xxh3,
    bytes: u64,
    written: Written,
}

impl Watched {
    fn told<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| self.written.refused(&self.name, error))
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        let count = self.told(done)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.told(done)
    }
}

impl TerminatingWrite for Watched {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let done = self.inner.terminate_ref(token);
        self.told(done)?;
        let content = Content {
            bytes: self.bytes,
            checksum: self.hash.digest(),
        };
        let mut written = self
            .written
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        written
            .files
            .insert(std::mem::take(&mut self.name), content);
        Ok(())
    }
}
