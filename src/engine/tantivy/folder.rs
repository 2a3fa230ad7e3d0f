//! What lies in the folder of an index?
//!
//! In: the folder, and what tantivy's `meta.json` names. Out: the lock of whoever writes; names of files that belong to
//! segments; the removal of those that belong to none.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::manifest::sync_dir;
use crate::error::{Error, Result};

const LOCK_FILE: &str = "deepcut.lock";

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
pub(super) fn lock(dir: &Path) -> Result<File> {
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
pub(super) fn deletions(meta: &str) -> HashSet<String> {
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
