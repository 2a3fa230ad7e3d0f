//! Building an index beside one that cannot be used.
//!
//! In: an index folder whose manifest is damaged or of another version. Out: a note of the files that stand
//! there, so that a build that was killed half-way leaves nothing for ever: the manifest, which otherwise
//! tells what is current, cannot be asked.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::folder::{remove, segment_of};
use super::manifest::{Manifest, sync_dir, write_synced};
use crate::error::{Error, Result};

/// Names what stood in the folder before the build began.
const NOTE: &str = "rebuilding";

const PARTS: [&str; 2] = ["posts", "rows"];

/// Clears what an unfinished build left, and notes what stands.
pub(super) fn begin(dir: &Path) -> Result<()> {
    let manifest = fs::read(dir.join("manifest")).unwrap_or_default();
    let head = format!("{:016x}", xxh3_64(&manifest));
    let note = fs::read_to_string(dir.join(NOTE)).unwrap_or_default();
    let mut lines = note.lines();
    // A note about another manifest says nothing of this one.
    if lines.next() == Some(&head) && lines.next_back() == Some(".") {
        let standing: HashSet<&str> = note.lines().collect();
        for part in PARTS {
            remove(&dir.join(part), &|name| {
                segment_of(name).is_some() && !standing.contains(format!("{part}/{name}").as_str())
            })?;
        }
        return Ok(());
    }
    let mut note = format!("{head}\n");
    for part in PARTS {
        let sub = dir.join(part);
        let entries = fs::read_dir(&sub).map_err(|e| Error::io("listing", &sub, e))?;
        for entry in entries.flatten() {
            note.push_str(&format!("{part}/{}\n", entry.file_name().to_string_lossy()));
        }
    }
    note.push_str(".\n");
    let temporary = dir.join(format!("{NOTE}.new"));
    write_synced(&temporary, note.as_bytes())?;
    let path = dir.join(NOTE);
    fs::rename(&temporary, &path).map_err(|e| Error::io("writing", &path, e))?;
    sync_dir(dir)
}

/// The build is done, or was none.
pub(super) fn forget(dir: &Path) {
    // A note that stays behind is about a manifest that is no more.
    let _ = fs::remove_file(dir.join(NOTE));
}

/// A generation that no file in the folder bears yet.
pub(super) fn highest(dir: &Path) -> u64 {
    fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.rsplit_once('.')?.1.parse::<u64>().ok()
        })
        .filter(|n| *n < u64::MAX / 2)
        .chain(Manifest::read(dir).map(|m| m.generation))
        .max()
        .unwrap_or(0)
}
