//! What has to be read, and what is gone?
//!
//! In: one root and what the ledger knows of it. Out: files to read, files unchanged, files vanished, and
//! what could not be listed. Reads no file: size and modification time tell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Failure;
use super::ledger::{File, Root};
use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::source::Beside;

/// A file that is new or looks changed.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub path: PathBuf,
    /// Relative to its root, `/` between parts.
    pub name: String,
    pub size: u64,
    pub modified: i64,
    /// The ledger's entry, where the file is known.
    pub known: Option<File>,
}

/// What a run has to do for one root.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub jobs: Vec<Job>,
    /// Files as they stay.
    pub unchanged: BTreeMap<String, File>,
    pub vanished: BTreeMap<String, File>,
    /// Folders and links that could not be followed.
    pub failed: Vec<Failure>,
}

/// The path of a file of a root.
pub(super) fn locate(root: &Path, name: &str) -> PathBuf {
    if root.is_file() {
        root.to_path_buf()
    } else {
        root.join(name)
    }
}

/// Walks a root. `index`, and the folder that it lies in, are left out where they lie within it.
///
/// # Errors
/// Where the root itself cannot be reached.
pub(super) fn plan(root: &Path, known: &Root, index: &Path) -> Result<Plan> {
    let meta = std::fs::metadata(root).map_err(|e| Error::io("reading", root, e))?;
    let mut plan = Plan::default();
    let mut known = known.files.clone();
    if meta.is_file() {
        let name = root
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let beside = Beside::default().size_and_time(root);
        place(
            &mut plan,
            &mut known,
            root.to_path_buf(),
            name,
            &meta,
            beside,
        );
        plan.vanished = known;
        return Ok(plan);
    }
    // Where a root lies in the folder of the index, only the index itself is left out.
    let folder = index.parent().unwrap_or(index);
    let skip = if root.starts_with(folder) {
        index.to_path_buf()
    } else {
        folder.to_path_buf()
    };
    let walk = ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .filter_entry(move |entry| entry.path() != skip)
        .build();
    let mut unreachable: Vec<String> = Vec::new();
    let mut beside = Beside::default();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, reason) = explain(&error);
                let name = path
                    .as_deref()
                    .map(|p| relative(root, p))
                    .unwrap_or_default();
                plan.failed.push(Failure {
                    path: path.as_deref().unwrap_or(root).display().to_string(),
                    entry: String::new(),
                    reason,
                });
                unreachable.push(name);
                continue;
            }
        };
        if !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let name = relative(root, entry.path());
        match entry.metadata() {
            Ok(meta) => {
                let near = beside.size_and_time(entry.path());
                place(&mut plan, &mut known, entry.into_path(), name, &meta, near);
            }
            Err(error) => {
                plan.failed.push(Failure {
                    path: entry.path().display().to_string(),
                    entry: String::new(),
                    reason: error.to_string(),
                });
                unreachable.push(name);
            }
        }
    }
    // What stands below a folder that could not be listed is not gone.
    for (name, file) in known {
        let hidden = unreachable.iter().any(|folder| {
            folder.is_empty() || name == *folder || name.starts_with(&format!("{folder}/"))
        });
        if hidden {
            plan.unchanged.insert(name, file);
        } else {
            plan.vanished.insert(name, file);
        }
    }
    plan.jobs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(plan)
}

/// Places a file; `beside` are bytes and time of what is read with it from other files.
fn place(
    plan: &mut Plan,
    known: &mut BTreeMap<String, File>,
    path: PathBuf,
    name: String,
    meta: &std::fs::Metadata,
    beside: (u64, i64),
) {
    let modified = meta
        .modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .and_then(|d| i64::try_from(d.as_nanos()).ok())
        .unwrap_or(0)
        .max(beside.1);
    let size = meta.len() + beside.0;
    let file = known.remove(&name);
    match file {
        Some(file)
            if file.size == size
                && file.modified == modified
                && file.extractor == EXTRACTOR_VERSION =>
        {
            plan.unchanged.insert(name, file);
        }
        known => plan.jobs.push(Job {
            path,
            name,
            size,
            modified,
            known,
        }),
    }
}

/// A path relative to its root with `/` between parts. Bytes that are no Unicode are written as `\xff`, so
/// that two names never become one.
fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut name = String::new();
    for part in below {
        if !name.is_empty() {
            name.push('/');
        }
        for chunk in part.as_encoded_bytes().utf8_chunks() {
            name.push_str(chunk.valid());
            for byte in chunk.invalid() {
                name.push_str(&format!("\\x{byte:02x}"));
            }
        }
    }
    name
}

fn explain(error: &ignore::Error) -> (Option<PathBuf>, String) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (inner, reason) = explain(err);
            (inner.or_else(|| Some(path.clone())), reason)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            explain(err)
        }
        ignore::Error::Loop { ancestor, child } => (
            Some(child.clone()),
            format!("a link back to {}: followed once", ancestor.display()),
        ),
        ignore::Error::Io(e) if e.kind() == std::io::ErrorKind::NotFound => {
            (None, "a link that leads nowhere".into())
        }
        ignore::Error::Io(e) => (None, e.to_string()),
        other => (None, other.to_string()),
    }
}
