//! From a path to the reader that understands it.
//!
//! In: a file on disk. Out: its documents through the sink, or why there are none. Compression and packing
//! are undone in `packed`; readers never see them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::Path;

use super::beside::Beside;
use super::packed::{self, Budget};
use super::steady::Steady;
use super::{BadDocument, FileName, Head, READERS, SNIFF_BYTES, Sink};
use crate::error::{Error, Result};

/// The largest single page or capture that is read, in bytes after decompression. No post that a person
/// wrote comes near it.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Read by the reader of this name.
    Read(&'static str),
    /// Not a document; why.
    Skipped(&'static str),
}

/// Reads the documents of one file; `name` is its path relative to its root, with `/` between parts.
///
/// # Errors
/// Where the file cannot be opened or read on. What was read before stays with the sink.
pub fn read_file(path: &Path, name: &str, sink: &mut Sink<'_>) -> Result<Outcome> {
    if let Some(why) = not_a_document(name) {
        return Ok(Outcome::Skipped(why));
    }
    let io_error = |e| Error::io("reading", path, e);
    let file = File::open(path).map_err(io_error)?;
    let size = file.metadata().map_err(io_error)?.len();
    if size == 0 {
        return Ok(Outcome::Skipped("empty"));
    }
    let file_name = FileName {
        path: name.to_owned(),
        inner: String::new(),
    };
    let beside = Beside::default().find(path);
    let sink: &mut Sink<'_> = &mut |document| match document.map(|d| beside.complete(d)) {
        Ok(Some(document)) => sink(Ok(document)),
        Ok(None) => ControlFlow::Continue(()),
        Err(bad) => sink(Err(bad)),
    };
    let budget = Budget::of(size);
    let mut input = BufReader::with_capacity(64 << 10, Steady(file));
    let head = input.fill_buf().map_err(io_error)?;
    let outcome = if packed::is_zip(head) {
        packed::read_zip(input.into_inner().0, &file_name, &budget, 0, sink)
    } else {
        read_stream(&mut input, &file_name, &budget, 0, sink)
    };
    // Readers know no path; an error of theirs is about this one.
    outcome.map_err(|e| match e {
        Error::Io { action, cause, .. } => Error::io(action, path, cause),
        other => other,
    })
}

/// Reads what a stream holds, packed or not; `depth` is how many packed forms it lies in.
pub(super) fn read_stream(
    input: &mut dyn BufRead,
    file: &FileName,
    budget: &Budget,
    depth: usize,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    // Where a file consists of many compressed members, the first ones may be short.
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    let fault = (&mut *input)
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)
        .err();
    let mut input = Again {
        head: &head,
        fault,
        rest: input,
    };
    if let Some(form) = packed::form_of(&head) {
        return packed::read(form, &mut input, file, budget, depth, sink);
    }
    dispatch(&mut input, &head, file, sink)
}

/// First bytes that are read once more, the fault that ended them, and what follows.
struct Again<'a> {
    head: &'a [u8],
    fault: Option<io::Error>,
    rest: &'a mut dyn BufRead,
}

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Again<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.head.is_empty() {
            return Ok(self.head);
        }
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.rest.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self.head.get(count..) {
            Some(head) if !self.head.is_empty() => self.head = head,
            _ => self.rest.consume(count),
        }
    }
}

fn dispatch(
    input: &mut dyn BufRead,
    head: &[u8],
    file: &FileName,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(Outcome::Skipped("empty"));
    }
    if let Some(mut input) = packed::from_utf16(head, input) {
        let mut start = Vec::new();
        (&mut input)
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut start)
            .map_err(|e| Error::io("reading", "", e))?;
        let mut input = BufReader::new(Cursor::new(start.clone()).chain(input));
        return hand_over(&mut input, &start, file, sink);
    }
    hand_over(input, head, file, sink)
}

fn hand_over(
    input: &mut dyn BufRead,
    head: &[u8],
    file: &FileName,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    let bare = packed::bare(file.name());
    let head = Head::of(head);
    let Some(reader) = READERS
        .iter()
        .copied()
        .find(|r| r.sniff(Path::new(bare), &head))
    else {
        return Ok(Outcome::Skipped("not a form that deepcut reads"));
    };
    if file.inner.is_empty() {
        reader.read(input, file, sink)?;
    } else {
        reader.read(input, file, &mut |document| {
            sink(document.map_err(|bad| {
                let entry = match bad.entry.as_str() {
                    "" => file.inner.clone(),
                    entry => format!("{}#{entry}", file.inner),
                };
                BadDocument { entry, ..bad }
            }))
        })?;
    }
    Ok(Outcome::Read(reader.name()))
}

/// Why a file is no document, by its name alone.
pub(super) fn not_a_document(name: &str) -> Option<&'static str> {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let name = packed::bare(&name);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if matches!(
        stem,
        "readme" | "license" | "licence" | "changelog" | "contributing"
    ) {
        return Some("about the folder, not a post");
    }
    // What Blogger's Takeout lays beside the feed.
    if matches!(stem, "theme-classic" | "theme-layouts") {
        return Some("a template");
    }
    match extension {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "svg" | "ico" | "bmp" | "tif" | "tiff"
        | "avif" => Some("an image"),
        "mp3" | "m4a" | "ogg" | "oga" | "flac" | "wav" | "aac" | "mp4" | "webm" | "mov" | "avi" => {
            Some("audio or video")
        }
        "css" | "js" | "mjs" | "map" | "woff" | "woff2" | "ttf" | "otf" | "eot" | "swf" => {
            Some("a part of a page")
        }
        "cdx" | "cdxj" | "idx" => Some("an index of captures"),
        "toml" | "yml" | "yaml" | "lock" | "py" | "rb" | "rs" | "sh" | "php" | "exe" | "db"
        | "sqlite" | "csv" | "epub" | "docx" | "xlsx" | "odt" | "jar" | "apk" | "pdf" => {
            Some("not a form that deepcut reads")
        }
        _ => None,
    }
}

/// Reads a whole document, up to the limit; hands a failure to the sink and returns `None` where it is
/// too large or binary.
pub(super) fn whole(input: &mut dyn BufRead, sink: &mut Sink<'_>) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input
        .take(MAX_DOCUMENT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::io("reading", "", e))?;
    let reason = if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        format!("larger than {} MiB: not one post", MAX_DOCUMENT_BYTES >> 20)
    } else if is_binary(&bytes) {
        "binary: not text".to_owned()
    } else {
        return Ok(Some(bytes));
    };
    let _ = sink(Err(BadDocument::of_file(None, reason)));
    Ok(None)
}

/// True for bytes that no charset of text gives: NULs outside UTF-16, or many control characters.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8192)];
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return false;
    }
    let is_control = |b: &u8| u8::from(matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f));
    // Counted in bytes, many at a time.
    let controls: usize = head
        .chunks(128)
        .map(|part| usize::from(part.iter().map(is_control).sum::<u8>()))
        .sum();
    head.contains(&0) && controls > 1 || controls * 20 > head.len()
}

/// The error of an input that cannot be read on; the path is added where it is known.
pub(super) fn unreadable(cause: io::Error) -> Error {
    Error::io("reading", "", cause)
}
