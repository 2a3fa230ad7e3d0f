//! The library's errors: what went wrong, where, and what to do next.
//!
//! In: failures of I/O, sources, the engine and user input. Out: one typed [`Error`] whose
//! `hint` names the next thing to try. Knows nothing of exit codes or terminals.

use std::path::{Path, PathBuf};

/// The result of every fallible library call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can stop a command. A single bad document is never an `Error`: it is a
/// [`crate::pipeline::Failure`] in the report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{action} {path}: {cause}")]
    Io {
        /// What was tried, as a gerund: "reading", "writing", "listing".
        action: &'static str,
        path: PathBuf,
        cause: std::io::Error,
    },
    /// What the user asked for cannot be done as asked.
    #[error("{message}")]
    Usage { message: String, hint: String },
    /// There is no index, and nothing to build one from.
    #[error("no index at {path}, and no archive to build one from")]
    NoIndex { path: PathBuf },
    /// The index cannot be used as it is.
    #[error("the index at {path} is damaged: {what}")]
    Damaged { path: PathBuf, what: String },
    /// The index was written by a version with another format.
    #[error("the index at {path} has format {found}; this deepcut writes format {expected}")]
    OtherVersion {
        path: PathBuf,
        found: u32,
        expected: u32,
    },
    /// The index cannot be used, and nobody knows what to build it from.
    #[error("the index at {path} cannot be used ({why}), and what it was built from is not known")]
    SourcesUnknown { path: PathBuf, why: String },
    /// Another process is writing the index.
    #[error("the index at {path} is being written by {holder}")]
    Locked { path: PathBuf, holder: String },
    /// Too much of a root vanished at once.
    #[error("{vanished} of {known} documents of {root} have vanished")]
    Shrunk {
        root: String,
        vanished: usize,
        known: usize,
    },
    /// A site cannot be crawled.
    #[error("{url}: {why}")]
    Site {
        url: String,
        why: String,
        hint: String,
    },
    /// What is known of a site cannot be read or written.
    #[error("the state of the crawl at {path}: {what}")]
    CrawlState { path: PathBuf, what: String },
    /// Something happened that cannot happen.
    #[error("deepcut failed: {what}")]
    Internal { what: String },
    /// The search engine failed.
    #[error("search engine: {0}")]
    Engine(#[from] tantivy::TantivyError),
}

impl Error {
    /// An I/O error with what was being done to which path.
    pub fn io(action: &'static str, path: impl AsRef<Path>, cause: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.as_ref().to_path_buf(),
            cause,
        }
    }

    /// A usage error with the next thing to try.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The error that a caught panic is.
    pub fn of_panic(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let what = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Self::Internal {
            what: what.unwrap_or("no reason given").replace('\n', " "),
        }
    }

    /// What the user can do about it; empty where nothing useful can be said.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { cause, .. } => match cause.kind() {
                std::io::ErrorKind::NotFound => "check the spelling of the path".into(),
                std::io::ErrorKind::PermissionDenied => {
                    "check the permissions, or run as the owner of the file".into()
                }
                std::io::ErrorKind::StorageFull => {
                    "make space on that disk and run the command again: nothing was lost".into()
                }
                _ => String::new(),
            },
            Self::Usage { hint, .. } => hint.clone(),
            Self::NoIndex { .. } => {
                "run `deepcut index PATH` on the folder that holds the posts; or name an index with --index, or \
                 both in a deepcut.toml (`deepcut help config`)"
                    .into()
            }
            Self::Damaged { .. } => {
                "`deepcut doctor` says all that is wrong; `deepcut repair` builds the index again from its sources"
                    .into()
            }
            Self::OtherVersion { .. } => {
                "run `deepcut repair` to build it again from the sources".into()
            }
            Self::SourcesUnknown { .. } => {
                "run `deepcut repair PATH` on the folder that holds the posts to build it again".into()
            }
            Self::Locked { .. } => "wait for it to finish, then run the command again".into(),
            Self::Shrunk { .. } => {
                "if they were meant to go, run it again with --allow-shrink; if a disk is not mounted, mount it"
                    .into()
            }
            Self::Site { hint, .. } => hint.clone(),
            Self::CrawlState { .. } => {
                "if it happens again, remove that file: the next crawl asks for every page anew".into()
            }
            Self::Internal { .. } | Self::Engine(_) => {
                "`deepcut doctor` says whether the index is sound; if it is, this is a mistake in deepcut that its \
                 makers would like to know of"
                    .into()
            }
        }
    }

    /// A stable word for machines: the `code` of a JSON error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Usage { .. } => "usage",
            Self::NoIndex { .. } => "no-index",
            Self::Damaged { .. } | Self::SourcesUnknown { .. } => "damaged",
            Self::OtherVersion { .. } => "other-version",
            Self::Locked { .. } => "locked",
            Self::Shrunk { .. } => "shrunk",
            Self::Site { .. } => "site",
            Self::CrawlState { .. } => "crawl-state",
            Self::Internal { .. } => "internal",
            Self::Engine(_) => "engine",
        }
    }
}
