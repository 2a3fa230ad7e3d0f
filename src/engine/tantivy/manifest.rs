//! The one file that says what the index is.
//!
//! In: metas of both tantivy indexes, attachments. Out: a file that is renamed into place: the only commit
//! point. First line: magic, format version and XXH3-64 of the rest; then JSON.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::seal::Seals;
use crate::error::{Error, Result};

/// Raised whenever an older deepcut could misread what this one writes, or the reverse.
pub const FORMAT_VERSION: u32 = 5;

const MAGIC: &str = "deepcut-index";
const NAME: &str = "manifest";

/// What a publication consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Counts publications.
    pub generation: u64,
    /// XXH3-64 of schemas and analyzer: an index of another one is rebuilt.
    pub fingerprint: u64,
    /// Content of each tantivy index's `meta.json`.
    pub posts: String,
    pub rows: String,
    /// By name.
    pub attachments: BTreeMap<String, Attachment>,
    /// Lines that belong to this publication alone. A deepcut that does not know them leaves them out.
    #[serde(default)]
    pub notes: BTreeMap<String, String>,
    /// Every file of the two tantivy indexes.
    pub files: Seals,
}

/// A file that belongs to a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attachment {
    pub file: String,
    pub bytes: u64,
    /// XXH3-64.
    pub checksum: u64,
}

impl Manifest {
    /// True where a publication stands in `dir`.
    pub fn exists(dir: &Path) -> bool {
        dir.join(NAME).is_file()
    }

    /// Reads and verifies the manifest.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(NAME);
        let text = fs::read(&path).map_err(|e| Error::io("reading", &path, e))?;
        let damaged = |what: &str| Error::Damaged {
            path: path.clone(),
            what: what.to_owned(),
        };
        let end = text
            .iter()
            .position(|b| *b == b'\n')
            .ok_or_else(|| damaged("it has no first line"))?;
        let first =
            std::str::from_utf8(&text[..end]).map_err(|_| damaged("its first line is not text"))?;
        let mut words = first.split(' ');
        if words.next() != Some(MAGIC) {
            return Err(damaged("it is not a manifest of deepcut"));
        }
        let found = words
            .next()
            .and_then(|v| v.parse().ok())
            .ok_or_else(|| damaged("it names no format"))?;
        if found != FORMAT_VERSION {
            return Err(Error::OtherVersion {
                path: dir.to_path_buf(),
                found,
                expected: FORMAT_VERSION,
            });
        }
        let body = &text[end + 1..];
        let sum = words.next().and_then(|v| u64::from_str_radix(v, 16).ok());
        if sum != Some(xxh3_64(body)) {
            return Err(damaged("its checksum is wrong"));
        }
        serde_json::from_slice(body).map_err(|e| damaged(&e.to_string()))
    }

    /// Writes the manifest: to a file beside it, synced, renamed, folder synced.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let body = serde_json::to_vec(self).map_err(|e| Error::Damaged {
            path: dir.join(NAME),
            what: e.to_string(),
        })?;
        let mut bytes = format!("{MAGIC} {FORMAT_VERSION} {:016x}\n", xxh3_64(&body)).into_bytes();
        bytes.extend_from_slice(&body);
        let temporary = dir.join("manifest.new");
        write_synced(&temporary, &bytes)?;
        let path = dir.join(NAME);
        fs::rename(&temporary, &path).map_err(|e| Error::io("writing", &path, e))?;
        sync_dir(dir)
    }
}

/// Attachments of this name in a folder, with their numbers.
pub(super) fn numbered(dir: &Path, name: &str) -> Vec<(u64, PathBuf)> {
    fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name();
            let (stem, number) = file.to_str()?.rsplit_once('.')?;
            let number = (stem == name).then(|| number.parse().ok())??;
            Some((number, entry.path()))
        })
        .collect()
}

/// Writes a file and syncs its data.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|e| Error::io("writing", path, e))
}

/// Makes renames and new files in a folder survive a power cut.
pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir)
        .and_then(|d| d.sync_all())
        .map_err(|e| Error::io("syncing", dir, e))
}
