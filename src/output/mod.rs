//! How is an answer written down?
//!
//! In: answers as data. Out: bytes in one of the [`FORMATS`]. A new format is one file and one line
//! there. Must not search, read files, or decide what is shown: only how.

use std::io::{self, Write};

use crate::extract::Extracted;
use crate::model::{Archived, Response};
use crate::pipeline::Report;

mod aliases;
mod artists;
mod bench;
mod checkup;
mod crawl;
mod csv;
mod json;
mod json_lines;
mod markdown;
mod overview;
mod paint;
mod playlist;
mod rows;
mod settings;
mod sheet;
mod sources;
mod text;
mod view;

pub use aliases::{AliasList, Suggestions};
pub use artists::Unknown;
pub use bench::BenchTable;
pub use crawl::{CrawlStatus, Crawled};
pub use json::{error as error_json, text as json_text};
pub use overview::Overview;
pub use paint::{Screen, safe};
pub use playlist::{PLAYLISTS, Playlist, playlist};
pub use rows::RelatedPosts;
pub use settings::SettingsTable;
pub use sheet::{Sheet, date};

/// Every format, by the name that `--format` takes.
pub static FORMATS: &[&dyn Format] = &[
    &text::PlainText,
    &json::Json,
    &json_lines::JsonLines,
    &csv::Csv,
    &markdown::Markdown,
];

/// The version of the JSON contracts in `docs/json.md`.
pub const SCHEMA: u32 = 1;

/// Writes answers in one form.
pub trait Format: Sync {
    /// The word after `--format`.
    fn name(&self) -> &'static str;

    /// Writes a whole answer.
    ///
    /// # Errors
    /// Those of `out`; a broken pipe among them.
    fn write(&self, answer: &Answer<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()>;
}

/// Documents as understood, one after another: a file may hold more of them than memory does.
pub trait Documents {
    /// Hands on each document until one is refused.
    ///
    /// # Errors
    /// The refusal; and those of reading.
    fn each(&self, visit: &mut dyn FnMut(&Extracted) -> io::Result<()>) -> io::Result<()>;
}

/// What a command has to say on stdout.
pub enum Answer<'a> {
    Search(&'a Response),
    /// Files as understood; the flag asks for the reasons too.
    Inspection(&'a dyn Documents, bool),
    Post(&'a Archived),
    Run(&'a Report),
    /// A table of its own making.
    Sheet(&'a dyn Sheet),
}

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.name() == name)
}
