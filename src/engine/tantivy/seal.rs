//! Is a file still what was written?
//!
//! In: files of the index. Out: a seal for each: size, checksum, and the
//! time and inode under which the system keeps it. A file whose size, time and inode are those of its seal is
//! taken to be what was written; any other is read whole before it is trusted.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
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
