//! Compressed and packed files, read in place.
//!
//! In: a stream or file whose first bytes are those of gzip, Zstandard, tar or zip, or that is UTF-16. Out:
//! what lies in it, handed to `open` as if it lay on disk. Everything that comes out counts against one budget,
//! so a bomb ends soon however it is nested. An entry that cannot be read is named, and the rest goes on.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::markdown::Markdown;
use super::open::{not_a_document, read_stream, unreadable};
use super::package::Package;
use super::static_comments::{self, PackedComments};
use super::steady::Steady;
use super::{
    BadDocument, Content, Entry, FileName, MAX_DOCUMENT_BYTES, Outcome, RawDocument, Reader, Sink,
};
use crate::error::{Error, Result};

/// How many times its size a file may expand to once it is past [`MAX_DOCUMENT_BYTES`]. Text compresses 3 to
/// 20 times; a bomb about 1,000 times.
const MAX_RATIO: u64 = 200;

/// Packed forms within packed forms: an export in an archive in a compressed backup.
const MAX_DEPTH: usize = 4;

const BOMB: &str = "it expands to far more than text does: a compression bomb?";

/// How many bytes may still come out of a file.
pub(super) struct Budget(Cell<u64>);

impl Budget {
    /// The budget of a file of this size.
    pub fn of(size: u64) -> Self {
        Self(Cell::new(allowed(size).max(4 * MAX_DOCUMENT_BYTES)))
    }
}

fn allowed(size: u64) -> u64 {
    MAX_DOCUMENT_BYTES.max(size.saturating_mul(MAX_RATIO))
}

/// Ends with an error where more comes out than any honest file holds.
struct Limited<'a, R> {
    inner: R,
    own: u64,
    budget: &'a Budget,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.budget.0.get().checked_sub(count as u64);
        self.budget.0.set(left.unwrap_or(0));
        match (left, self.own.checked_sub(count as u64)) {
            (Some(_), Some(own)) => {
                self.own = own;
                Ok(count)
            }
            _ => Err(io::Error::new(io::ErrorKind::FileTooLarge, BOMB)),
        }
    }
}

/// A packed form that can be read as a stream.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Gzip,
    Zstandard,
    Tar,
    Zip,
}

/// The packed form that these first bytes open.
pub(super) fn form_of(head: &[u8]) -> Option<Form> {
    if head.starts_with(&[0x1f, 0x8b]) {
        Some(Form::Gzip)
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Some(Form::Zstandard)
    } else if is_zip(head) {
        Some(Form::Zip)
    } else if head.get(257..262) == Some(b"ustar") {
        Some(Form::Tar)
    } else {
        None
    }
}

/// True for the first bytes of a zip.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A name without the suffix of its compression.
pub(super) fn bare(name: &str) -> &str {
    [".gz", ".zst", ".zstd"]
        .iter()
        .find_map(|suffix| {
            let at = name.len().checked_sub(suffix.len())?;
            let found = name.get(at..)?;
            found.eq_ignore_ascii_case(suffix).then(|| &name[..at])
        })
        .unwrap_or(name)
}

/// Reads what a packed stream holds.
pub(super) fn read(
    form: Form,
    input: &mut dyn BufRead,
    file: &FileName,
    budget: &Budget,
    depth: usize,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    if depth >= MAX_DEPTH {
        return Err(unreadable(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("packed more than {MAX_DEPTH} times over"),
        )));
    }
    let depth = depth + 1;
    let limited = |inner| Limited {
        inner,
        own: u64::MAX,
        budget,
    };
    match form {
        Form::Gzip => {
            let inner: Box<dyn Read + '_> = Box::new(MultiGzDecoder::new(input));
            let mut input = BufReader::with_capacity(64 << 10, limited(inner));
            read_stream(&mut input, file, budget, depth, sink)
        }
        Form::Zstandard => {
            let decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(unreadable)?;
            let inner: Box<dyn Read + '_> = Box::new(decoder);
            let mut input = BufReader::with_capacity(64 << 10, limited(inner));
            read_stream(&mut input, file, budget, depth, sink)
        }
        Form::Tar => read_tar(input, file, budget, depth, sink),
        Form::Zip => {
            // A zip is read from its end: one within another form is laid aside first.
            let mut aside = tempfile::tempfile().map_err(unreadable)?;
            io::copy(input, &mut aside).map_err(unreadable)?;
            read_zip(aside, file, budget, depth, sink)
        }
    }
}

/// Reads the files of a zip.
pub(super) fn read_zip(
    input: File,
    file: &FileName,
    budget: &Budget,
    depth: usize,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    let mut again = input.try_clone().map_err(unreadable)?;
    let mut archive = match zip::ZipArchive::new(BufReader::new(Steady(input))) {
        Ok(archive) => archive,
        Err(error) => {
            // Its list of contents stands at the end: where that is cut off, what stands before can be read.
            again.seek(SeekFrom::Start(0)).map_err(unreadable)?;
            return read_torn_zip(again, &error.to_string(), file, budget, depth, sink);
        }
    };
    let names: Vec<Option<String>> = (0..archive.len())
        .map(|at| {
            let name = archive.name_for_index(at)?.ok()?;
            Some(name.into_owned())
        })
        .collect();
    let mut package = Package::of(names.iter().flatten().map(String::as_str));
    if let Some(table) = package.table().map(str::to_owned)
        && let Ok(entry) = archive.by_name(&table)
    {
        let mut bytes = Vec::new();
        let limited = limited_entry(entry, 0, budget);
        if limited
            .take(MAX_DOCUMENT_BYTES)
            .read_to_end(&mut bytes)
            .is_ok()
        {
            package.read_table(&bytes);
        }
    }
    let mut unpacking = Unpacking {
        file,
        budget,
        depth,
        package,
        comments: PackedComments::default(),
        posts: Vec::new(),
        stopped: false,
    };
    for (at, name) in names.iter().enumerate() {
        let Some(name) = name.as_deref().filter(|n| PackedComments::are_in(n)) else {
            continue;
        };
        match archive.by_index(at) {
            Ok(entry) if entry.is_dir() || entry.is_symlink() => {}
            Ok(entry) => {
                let size = entry.compressed_size();
                unpacking.comment(&mut limited_entry(entry, size, budget), name, sink);
            }
            Err(error) => unpacking.bad(name, &error.to_string(), sink),
        }
    }
    for at in 0..archive.len() {
        if unpacking.stopped {
            break;
        }
        let name = names.get(at).cloned().flatten();
        let shown = name.clone().unwrap_or_else(|| format!("entry {}", at + 1));
        let Some(name) = name else {
            unpacking.bad(&shown, "its name cannot be read", sink);
            continue;
        };
        if PackedComments::are_in(&name) || !unpacking.wants(&name, sink) {
            continue;
        }
        match archive.by_index(at) {
            Ok(entry) if entry.is_dir() || entry.is_symlink() => {}
            Ok(entry) => {
                let size = entry.compressed_size();
                let mut input = BufReader::new(limited_entry(entry, size, budget));
                unpacking.entry(&mut input, &name, sink);
            }
            Err(error) => unpacking.bad(&name, &error.to_string(), sink),
        }
    }
    unpacking.join(sink);
    Ok(Outcome::Read(unpacking.package.name()))
}

/// Reads the files of a zip whose end is missing.
fn read_torn_zip(
    input: File,
    reason: &str,
    file: &FileName,
    budget: &Budget,
    depth: usize,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    let mut unpacking = Unpacking {
        file,
        budget,
        depth,
        package: Package::of(std::iter::empty()),
        comments: PackedComments::default(),
        posts: Vec::new(),
        stopped: false,
    };
    let mut input = BufReader::new(Steady(input));
    while !unpacking.stopped {
        let Ok(Some(entry)) = zip::read::read_zipfile_from_stream(&mut input) else {
            break;
        };
        let Ok(name) = entry.name().map(|n| n.into_owned()) else {
            break;
        };
        if entry.is_dir() || entry.is_symlink() || !unpacking.wants(&name, sink) {
            continue;
        }
        let size = entry.compressed_size();
        let mut input = BufReader::new(limited_entry(entry, size, budget));
        unpacking.entry(&mut input, &name, sink);
    }
    let place = input.stream_position().ok();
    unpacking.join(sink);
    if !unpacking.stopped {
        let _ = sink(Err(BadDocument {
            entry: file.inner.clone(),
            offset: place,
            reason: format!("a zip that is damaged or cut off: {reason}"),
        }));
    }
    Ok(Outcome::Read("zip"))
}

fn read_tar(
    input: &mut dyn BufRead,
    file: &FileName,
    budget: &Budget,
    depth: usize,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    let mut archive = tar::Archive::new(input);
    let mut unpacking = Unpacking {
        file,
        budget,
        depth,
        package: Package::of(std::iter::empty()),
        comments: PackedComments::default(),
        posts: Vec::new(),
        stopped: false,
    };
    for entry in archive.entries().map_err(unreadable)? {
        // Behind a damaged header nothing can be found any more.
        let entry = entry.map_err(unreadable)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !unpacking.wants(&name, sink) {
            continue;
        }
        let mut input = BufReader::new(entry);
        unpacking.entry(&mut input, &name, sink);
        if unpacking.stopped {
            break;
        }
    }
    unpacking.join(sink);
    Ok(Outcome::Read("tar"))
}

fn limited_entry<R: Read>(inner: R, size: u64, budget: &Budget) -> Limited<'_, R> {
    Limited {
        inner,
        own: allowed(size),
        budget,
    }
}

/// An archive whose entries are being read.
struct Unpacking<'a> {
    file: &'a FileName,
    budget: &'a Budget,
    depth: usize,
    package: Package,
    /// Of a static site's data, as far as they have come by.
    comments: PackedComments,
    /// The Markdown posts that have come by.
    posts: Vec<Joinable>,
    stopped: bool,
}

/// A post whose comments may come after it.
struct Joinable {
    name: String,
    url: Option<String>,
    title: Option<String>,
    /// How many comments it already has.
    comments: usize,
}

impl Unpacking<'_> {
    /// True for an entry that is to be read; one whose path leads out of the archive is named.
    fn wants(&mut self, name: &str, sink: &mut Sink<'_>) -> bool {
        let name = name.replace('\\', "/");
        let drive = name.as_bytes().get(1) == Some(&b':');
        if name.starts_with('/') || drive || name.split('/').any(|part| part == "..") {
            self.bad(&name, "its path leads out of the archive: not read", sink);
            return false;
        }
        let hidden = |part: &str| part.starts_with('.') && part != "." || part == "__MACOSX";
        !name.ends_with('/')
            && !name.split('/').any(hidden)
            && (not_a_document(&name).is_none() || PackedComments::are_in(&name))
            && self.package.wants(&name)
    }

    fn within(&self, name: &str) -> String {
        let name = name.trim_start_matches("./");
        if self.file.inner.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.file.inner)
        }
    }

    fn bad(&mut self, name: &str, reason: &str, sink: &mut Sink<'_>) {
        let flow = sink(Err(BadDocument {
            entry: self.within(name),
            offset: None,
            reason: reason.to_owned(),
        }));
        self.stopped |= flow.is_break();
    }

    /// Keeps a file of comments for the posts of the archive.
    fn comment(&mut self, input: &mut dyn Read, name: &str, sink: &mut Sink<'_>) {
        if let Err(error) = self.comments.keep(name, input) {
            self.bad(name, &error.to_string(), sink);
        }
    }

    /// Hands on the comments of posts that came before them.
    fn join(&mut self, sink: &mut Sink<'_>) {
        for post in std::mem::take(&mut self.posts) {
            let (comments, warnings) = self.comments.of(&post.name);
            if self.stopped || comments.len() <= post.comments {
                continue;
            }
            let file = FileName {
                path: self.file.path.clone(),
                inner: self.within(&post.name),
            };
            let entry = Entry {
                joins: true,
                url: post.url,
                title: post.title,
                comments,
                warnings,
                ..Entry::default()
            };
            let content = Content::Entry(Box::new(entry));
            let document = file.document(Markdown.name(), String::new(), content);
            self.stopped |= sink(Ok(document)).is_break();
        }
    }

    fn entry(&mut self, input: &mut dyn BufRead, name: &str, sink: &mut Sink<'_>) {
        if PackedComments::are_in(name) {
            return self.comment(input, name, sink);
        }
        let file = FileName {
            path: self.file.path.clone(),
            inner: self.within(name),
        };
        let mut stopped = false;
        let (package, comments, posts) = (&self.package, &self.comments, &mut self.posts);
        let is_markdown = static_comments::is_markdown(Path::new(name));
        let mut watched = |document: Result<RawDocument, BadDocument>| {
            let flow = match document.map(|d| package.complete(d, name)) {
                Ok(Some(mut document)) => {
                    if let Content::Entry(entry) = &mut document.content
                        && is_markdown
                    {
                        let (own, warnings) = comments.of(name);
                        posts.push(Joinable {
                            name: name.to_owned(),
                            url: entry.url.clone(),
                            title: entry.title.clone(),
                            comments: own.len(),
                        });
                        entry.comments.extend(own);
                        entry.warnings.extend(warnings);
                    }
                    sink(Ok(document))
                }
                Ok(None) => ControlFlow::Continue(()),
                Err(bad) => sink(Err(bad)),
            };
            stopped |= flow.is_break();
            flow
        };
        let outcome = read_stream(input, &file, self.budget, self.depth, &mut watched);
        self.stopped |= stopped;
        if let Err(error) = outcome {
            let reason = match error {
                Error::Io { cause, .. } => cause.to_string(),
                other => other.to_string(),
            };
            self.bad(name, &reason, sink);
            // Once the whole file has given more than any honest one, the rest of it is left alone.
            self.stopped |= self.budget.0.get() == 0;
        }
    }
}

/// The same text in UTF-8, where these first bytes are UTF-16.
pub(super) fn from_utf16<'a>(head: &[u8], input: &'a mut dyn BufRead) -> Option<impl Read + 'a> {
    let encoding = match head {
        [0xff, 0xfe, ..] | [b'<', 0, _, 0, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] | [0, b'<', 0, _, ..] => encoding_rs::UTF_16BE,
        _ => return None,
    };
    Some(Transcoder {
        input,
        decoder: encoding.new_decoder_with_bom_removal(),
        ready: Vec::new(),
        at: 0,
        ended: false,
    })
}

struct Transcoder<'a> {
    input: &'a mut dyn BufRead,
    decoder: encoding_rs::Decoder,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Transcoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            self.ready.resize(32 << 10, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(bytes, &mut self.ready, last);
            self.ready.truncate(written);
            self.at = 0;
            self.input.consume(read);
            self.ended = last && result == encoding_rs::CoderResult::InputEmpty;
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
