//! From a path to the reader that understands it.
//!
//! In: a file on disk. Out: its documents through the sink, or why there are none. Compression is undone
//! here, within limits; readers never see it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{BadDocument, FileName, READERS, SNIFF_BYTES, Sink};
use crate::error::{Error, Result};

/// The largest single page or capture that is read, in bytes after decompression. No post that a person
/// wrote comes near it.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// How many times its size a compressed file may expand to once it is past [`MAX_DOCUMENT_BYTES`].
/// Text compresses 3 to 20 times; a bomb about 1,000 times.
const MAX_RATIO: u64 = 200;

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
    let mut plain = BufReader::with_capacity(64 << 10, file);
    let head = plain.fill_buf().map_err(io_error)?;
    let file_name = FileName {
        path: name.to_owned(),
    };
    if head.starts_with(&[0x1f, 0x8b]) {
        let limit = MAX_DOCUMENT_BYTES.max(size.saturating_mul(MAX_RATIO));
        let expanded = Limited {
            inner: MultiGzDecoder::new(plain),
            left: limit,
        };
        let mut input = BufReader::with_capacity(64 << 10, expanded);
        dispatch(&mut input, path, &file_name, sink)
    } else {
        dispatch(&mut plain, path, &file_name, sink)
    }
}

fn dispatch(
    input: &mut dyn BufRead,
    path: &Path,
    file: &FileName,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    let bare = file.path.strip_suffix(".gz").unwrap_or(&file.path);
    let head = input
        .fill_buf()
        .map_err(|e| Error::io("reading", path, e))?;
    let head = &head[..head.len().min(SNIFF_BYTES)];
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(Outcome::Skipped("empty"));
    }
    let Some(reader) = READERS
        .iter()
        .copied()
        .find(|r| r.sniff(Path::new(bare), head))
    else {
        return Ok(Outcome::Skipped("not a form that deepcut reads"));
    };
    // Readers know no path; an error of theirs is about this one.
    reader.read(input, file, sink).map_err(|e| match e {
        Error::Io { action, cause, .. } => Error::io(action, path, cause),
        other => other,
    })?;
    Ok(Outcome::Read(reader.name()))
}

/// Why a file is no document, by its name alone.
fn not_a_document(name: &str) -> Option<&'static str> {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if matches!(
        stem,
        "readme" | "license" | "licence" | "changelog" | "contributing"
    ) {
        return Some("about the folder, not a post");
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
        "toml" | "yml" | "yaml" | "lock" | "py" | "rb" | "rs" | "sh" | "php" | "exe" | "db"
        | "sqlite" => Some("not a form that deepcut reads"),
        _ => None,
    }
}

/// Ends with an error where more comes out than any honest file holds.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                "it expands to far more than text does: a compression bomb?",
            )
        })?;
        Ok(count)
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
    let _ = sink(Err(BadDocument {
        entry: String::new(),
        offset: None,
        reason,
    }));
    Ok(None)
}

/// True for bytes that no charset of text gives: NULs outside UTF-16, or many control characters.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8192)];
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return false;
    }
    let controls = head
        .iter()
        .filter(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f))
        .count();
    head.contains(&0) && controls > 1 || controls * 20 > head.len()
}
