//! What is this file, and which documents are in it?
//!
//! In: paths under the roots that the user named. Out: [`RawDocument`]s, streamed: a file never sits
//! in memory because it is an archive of many posts. A new reader is one file and one line in
//! [`READERS`]. Must not know how posts are understood or indexed.

use std::borrow::Cow;
use std::path::Path;

use crate::error::Result;
use crate::model::{Comment, Ping, Published, Text, TrackList};

mod atom;
mod beside;
mod disqus;
mod feed;
mod fields;
mod front_matter;
mod ghost;
mod html;
pub(crate) mod http;
pub(crate) mod items;
mod json;
mod json_feed;
mod jsonl;
mod markdown;
mod markup;
mod medium;
mod open;
mod package;
mod packed;
mod plain;
mod rest;
mod rss;
mod spool;
mod static_comments;
mod steady;
mod thread;
mod tumblr;
mod value;
mod warc;
mod wxr;
pub(crate) mod xml;

pub use beside::Beside;
pub use open::{MAX_DOCUMENT_BYTES, Outcome, read_file};

/// Every reader, in the order in which they are asked.
pub static READERS: &[&dyn Reader] = &[
    &warc::Warc,
    &jsonl::JsonLines,
    &markdown::Markdown,
    &wxr::Wxr,
    &rss::Rss,
    &atom::Blogger,
    &atom::Atom,
    &json_feed::JsonFeed,
    &disqus::Disqus,
    &tumblr::Tumblr,
    &ghost::Ghost,
    &medium::Medium,
    &tumblr::TumblrPage,
    &html::Html,
    &plain::Plain,
];

/// Turns one kind of file into raw documents.
pub trait Reader: Sync {
    /// The word by which reports and `inspect` name it.
    fn name(&self) -> &'static str;

    /// What it knows its files by, for people: `inspect --why` says so.
    fn sign(&self) -> &'static str;

    /// True where the file looks like this reader's, from its name (any compression suffix already
    /// removed) and its first bytes. No I/O.
    fn sniff(&self, name: &Path, head: &Head<'_>) -> bool;

    /// Reads the documents one by one and hands them on; stops early where `sink` says so. A document
    /// that cannot be read goes to the sink as an error, and the rest goes on.
    ///
    /// # Errors
    /// Only where the file itself cannot be read on.
    fn read(
        &self,
        input: &mut dyn std::io::BufRead,
        file: &FileName,
        sink: &mut Sink<'_>,
    ) -> Result<()>;
}

/// What the reader of a name knows its files by.
pub fn sign(reader: &str) -> Option<&'static str> {
    READERS
        .iter()
        .find(|r| r.name() == reader)
        .map(|r| r.sign())
}

/// How many bytes of a file a reader may look at before it says "mine".
pub const SNIFF_BYTES: usize = 4096;

/// The first bytes of a file, at most [`SNIFF_BYTES`], decompressed: read as text once, for all readers.
#[derive(Debug)]
pub struct Head<'a> {
    pub bytes: &'a [u8],
    /// The same; what is no UTF-8 is U+FFFD.
    pub text: Cow<'a, str>,
}

impl<'a> Head<'a> {
    /// The first bytes of what begins with `bytes`.
    pub fn of(bytes: &'a [u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(SNIFF_BYTES)];
        Self {
            bytes,
            text: String::from_utf8_lossy(bytes),
        }
    }
}

/// The name of a file being read.
#[derive(Clone, Debug, Default)]
pub struct FileName {
    /// Relative to its root, `/` between parts, compression suffix kept.
    pub path: String,
    /// Path within that file where it packs others, `/` between nested ones; "" where it packs none.
    pub inner: String,
}

impl FileName {
    /// The path that says most about what is being read: the one within the packed file, if any.
    pub fn name(&self) -> &str {
        if self.inner.is_empty() {
            &self.path
        } else {
            &self.inner
        }
    }

    /// A document found in this file.
    fn document(&self, reader: &'static str, entry: String, content: Content) -> RawDocument {
        RawDocument {
            reader,
            path: self.path.clone(),
            inner: self.inner.clone(),
            entry,
            content,
        }
    }
}

/// Where a reader puts what it read.
pub type Sink<'a> = dyn FnMut(Result<RawDocument, BadDocument>) -> std::ops::ControlFlow<()> + 'a;

/// A document that was recognised and could not be read.
#[derive(Clone, Debug)]
pub struct BadDocument {
    /// Entry within the file, "" for the file itself.
    pub entry: String,
    /// Byte offset in the file, where known.
    pub offset: Option<u64>,
    pub reason: String,
}

impl BadDocument {
    /// Damage of the file itself, at a byte of it where known.
    pub(crate) fn of_file(offset: Option<u64>, reason: String) -> Self {
        Self {
            entry: String::new(),
            offset,
            reason,
        }
    }
}

/// One post as found.
#[derive(Clone, Debug)]
pub struct RawDocument {
    /// Name of the reader.
    pub reader: &'static str,
    /// Path relative to the root.
    pub path: String,
    /// Path within that file, where it packs others; else "".
    pub inner: String,
    /// What names the post within its file: an id or ordinal; "" for the only one.
    pub entry: String,
    pub content: Content,
}

impl RawDocument {
    /// The path that says most about the document: the one within the packed file, if any.
    pub fn name(&self) -> &str {
        if self.inner.is_empty() {
            &self.path
        } else {
            &self.inner
        }
    }

    /// What names the post within the file that lies on disk; "" where the file is the post.
    pub fn place(&self) -> Cow<'_, str> {
        match (self.inner.as_str(), self.entry.as_str()) {
            (inner, "") => Cow::Borrowed(inner),
            ("", entry) => Cow::Borrowed(entry),
            (inner, entry) => Cow::Owned(format!("{inner}#{entry}")),
        }
    }
}

/// When a crawler saw a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Seconds since 1970, where the capture says so.
    pub at: Option<i64>,
}

/// What a reader found.
#[derive(Clone, Debug)]
pub enum Content {
    /// A whole page, decoded.
    Html {
        html: String,
        /// The address it was fetched from, where the source says so.
        url: Option<String>,
        /// Where it was captured with the whole site: lists of posts and other pages lie beside it.
        captured: Option<Captured>,
    },
    /// A capture of a page's visible text, decoded.
    Text(String),
    /// A post whose parts the source names.
    Entry(Box<Entry>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// A post whose parts the source names: front matter, an export, a feed, JSON Lines.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// True where it only brings comments to the post of this address, which another source holds.
    pub joins: bool,
    /// When the feed that holds it was captured, in seconds since 1970, where it was.
    pub captured: Option<i64>,
    /// The post's own id, where the source gives one in deepcut's form.
    pub url: Option<String>,
    pub site: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub published: Option<Published>,
    /// The date as the source writes it, where it is not in `published`: extraction reads it.
    pub date_text: Option<String>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub platform: Option<Cow<'static, str>>,
    pub body: EntryBody,
    /// Listings that the source itself keeps as data; the body is read for more only where empty.
    pub tracklists: Vec<TrackList>,
    pub comments: Vec<Comment>,
    pub comments_stated: Option<u32>,
    pub pings: Vec<Ping>,
    /// What the reader had to leave out, for people.
    pub warnings: Vec<Text>,
}

/// The body of an [`Entry`].
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum EntryBody {
    Html(String),
    Markdown(String),
    Text(String),
}

impl EntryBody {
    /// The body as written, whatever its form.
    pub fn text(&self) -> &str {
        match self {
            Self::Html(text) | Self::Markdown(text) | Self::Text(text) => text,
        }
    }
}

impl Default for EntryBody {
    fn default() -> Self {
        Self::Text(String::new())
    }
}
