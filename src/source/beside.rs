//! What lies beside a file and belongs to its posts.
//!
//! In: the path of a file. Out: the comments that a static site keeps as data for it, or what the table of an
//! unpacked newsletter export says of it; and how large and how new those files are. Must not walk folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::package::Package;
use super::static_comments::CommentFolders;
use super::{Content, MAX_DOCUMENT_BYTES, RawDocument};
use crate::model::{Comment, Text};

/// Looks beside files; remembers folders.
#[derive(Default)]
pub struct Beside {
    comments: CommentFolders,
}

/// What was found beside one file.
pub(super) struct Found {
    name: String,
    comments: Vec<Comment>,
    warnings: Vec<Text>,
    package: Option<Arc<Package>>,
}

impl Beside {
    /// Bytes of what lies beside a file and the newest modification, in nanoseconds since 1970; zeros where there
    /// is nothing.
    pub fn size_and_time(&mut self, path: &Path) -> (u64, i64) {
        let (mut size, mut newest) = (0, 0);
        for file in self.comments.files(path).into_iter().chain(table(path)) {
            let Ok(meta) = fs::metadata(&file) else {
                continue;
            };
            size += meta.len();
            let time = meta
                .modified()
                .ok()
                .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
                .and_then(|d| i64::try_from(d.as_nanos()).ok());
            newest = newest.max(time.unwrap_or(0));
        }
        (size, newest)
    }

    pub(super) fn find(&mut self, path: &Path) -> Found {
        let (comments, warnings) = self.comments.read(path);
        Found {
            name: path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
            comments,
            warnings,
            package: table(path).and_then(|table| package(&table)),
        }
    }
}

impl Found {
    /// The document with what lies beside it; `None` where that says that it was never published.
    pub fn complete(&self, mut document: RawDocument) -> Option<RawDocument> {
        if let Some(package) = &self.package {
            document = package.complete(document, &self.name)?;
        }
        if let Content::Entry(entry) = &mut document.content {
            entry.comments.extend(self.comments.iter().cloned());
            entry.warnings.extend(self.warnings.iter().cloned());
        }
        Some(document)
    }
}

/// The table of an unpacked newsletter export that a page in its `posts` belongs to.
fn table(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    if folder.file_name()? != "posts" || path.extension()? != "html" {
        return None;
    }
    let table = folder.parent()?.join("posts.csv");
    table.is_file().then_some(table)
}

/// A table as it was when it was read.
struct Read {
    path: PathBuf,
    size: u64,
    time: Option<SystemTime>,
    package: Arc<Package>,
}

/// The table read last: its posts come one after another, and it names all of them.
static LAST: Mutex<Option<Read>> = Mutex::new(None);

fn package(table: &Path) -> Option<Arc<Package>> {
    let meta = fs::metadata(table).ok()?;
    let (size, time) = (meta.len(), meta.modified().ok());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(read) = &*last
        && read.path == table
        && (read.size, read.time) == (size, time)
    {
        return Some(read.package.clone());
    }
    if size > MAX_DOCUMENT_BYTES {
        return None;
    }
    let package = Arc::new(Package::of_table(&fs::read(table).ok()?)?);
    *last = Some(Read {
        path: table.to_path_buf(),
        size,
        time,
        package: package.clone(),
    });
    Some(package)
}
