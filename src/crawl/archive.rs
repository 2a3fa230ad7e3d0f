//! The web archive that a run writes.
//!
//! In: requests with their answers. Out: a WARC 1.1 file, one gzip member for each record, that tools of others
//! read. What the state does not know of is cut off before the run goes on, so both always tell the same.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use url::Url;

use super::fetch::Answer;
use crate::error::{Error, Result};

/// A file ends when it is longer: bytes.
const FULL: u64 = 1 << 30;

/// Names and values at the head of a record.
type Fields<'a> = &'a [(&'a str, String)];

/// What an answer is, beside the one that it repeats.
pub(super) enum Record<'a> {
    Response,
    /// The server said that nothing changed since this `WARC-Date`.
    NotModified(&'a str),
    /// It sent again what it had sent at this `WARC-Date`.
    SameBody(&'a str),
}

/// An open web archive.
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    length: u64,
    seed: u64,
}

impl Archive {
    /// A name for a new file, and its number among those of this stem, above `part`. No file has it yet: what was
    /// captured is never written over.
    pub fn choose(folder: &Path, stem: &str, part: u32) -> (String, u32) {
        let mut part = part + 1;
        loop {
            let name = format!("{stem}-{part:05}.warc.gz");
            if !folder.join(&name).exists() {
                return (name, part);
            }
            part += 1;
        }
    }

    /// Begins a file, or goes on with the one of a run that was broken off; `length` is how much of it counts.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(path: &Path, length: u64, about: &str) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| Error::io("writing", folder, e))?;
        }
        let io = |e| Error::io("writing", path, e);
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        // Bytes behind were written in the moment of a crash: their pages are asked for again.
        file.set_len(length).map_err(io)?;
        file.seek(SeekFrom::Start(length)).map_err(io)?;
        let mut archive = Self {
            path: path.to_path_buf(),
            file,
            length,
            seed: seed(),
        };
        if length == 0 {
            archive.describe(about)?;
        }
        Ok(archive)
    }

    /// How much of the file counts.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn is_full(&self) -> bool {
        self.length > FULL
    }

    fn describe(&mut self, about: &str) -> Result<()> {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let head = [
            ("WARC-Type", "warcinfo".to_owned()),
            ("WARC-Record-ID", self.id()),
            ("WARC-Date", now()),
            ("WARC-Filename", name),
            ("Content-Type", "application/warc-fields".to_owned()),
        ];
        self.append(&[(&head, about.as_bytes())])
    }

    /// Writes a request and its answer, whole, to the disk; the `WARC-Date`.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn write(&mut self, url: &Url, answer: &Answer, record: &Record<'_>) -> Result<String> {
        let date = now();
        let (response_id, request_id) = (self.id(), self.id());
        let payload_digest = digest(&answer.raw);
        let whole = matches!(record, Record::Response);
        let mut block =
            format!("{} {} {}\r\n", answer.version, answer.status, answer.reason).into_bytes();
        let mut length_told = false;
        for (name, value) in &answer.headers {
            let value = if name == "content-length" && whole {
                length_told = true;
                answer.raw.len().to_string()
            } else {
                value.clone()
            };
            block.extend(name.bytes());
            block.extend(b": ");
            // Back to the bytes that came.
            block.extend(value.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
            block.extend(b"\r\n");
        }
        if whole && !length_told {
            block.extend(format!("content-length: {}\r\n", answer.raw.len()).bytes());
        }
        block.extend(b"\r\n");
        if whole {
            block.extend(&answer.raw);
        }
        let mut head = vec![
            (
                "WARC-Type",
                if whole { "response" } else { "revisit" }.to_owned(),
            ),
            ("WARC-Record-ID", response_id.clone()),
            ("WARC-Date", date.clone()),
            ("WARC-Target-URI", url.to_string()),
            (
                "Content-Type",
                "application/http; msgtype=response".to_owned(),
            ),
            ("WARC-Block-Digest", digest(&block)),
        ];
        let (profile, refers) = match record {
            Record::Response => ("", ""),
            Record::NotModified(date) => ("server-not-modified", *date),
            Record::SameBody(date) => ("identical-payload-digest", *date),
        };
        if !matches!(record, Record::NotModified(_)) {
            head.push(("WARC-Payload-Digest", payload_digest));
        }
        if !whole {
            head.push((
                "WARC-Profile",
                format!("http://netpreserve.org/warc/1.1/revisit/{profile}"),
            ));
            if !refers.is_empty() {
                head.push(("WARC-Refers-To-Target-URI", url.to_string()));
                head.push(("WARC-Refers-To-Date", refers.to_owned()));
            }
        }
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
        let mut asked = format!("GET {target} HTTP/1.1\r\nHost: {host}{port}\r\n");
        for (name, value) in &answer.sent {
            asked.push_str(&format!("{name}: {value}\r\n"));
        }
        asked.push_str("\r\n");
        let request = [
            ("WARC-Type", "request".to_owned()),
            ("WARC-Record-ID", request_id),
            ("WARC-Date", date.clone()),
            ("WARC-Target-URI", url.to_string()),
            ("WARC-Concurrent-To", response_id),
            (
                "Content-Type",
                "application/http; msgtype=request".to_owned(),
            ),
            ("WARC-Block-Digest", digest(asked.as_bytes())),
        ];
        self.append(&[(&head, &block), (&request, asked.as_bytes())])?;
        Ok(date)
    }

    /// Appends records, each a gzip member of its own, and waits for the disk.
    fn append(&mut self, records: &[(Fields<'_>, &[u8])]) -> Result<()> {
        let mut bytes = Vec::new();
        for (head, block) in records {
            let mut member = GzEncoder::new(&mut bytes, Compression::default());
            let mut text = String::from("WARC/1.1\r\n");
            for (name, value) in *head {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str(&format!("Content-Length: {}\r\n\r\n", block.len()));
            member
                .write_all(text.as_bytes())
                .and_then(|()| member.write_all(block))
                .and_then(|()| member.write_all(b"\r\n\r\n"))
                .and_then(|()| member.finish().map(|_| ()))
                .map_err(|e| Error::io("writing", &self.path, e))?;
        }
        self.file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data())
            .map_err(|e| Error::io("writing", &self.path, e))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// A name for a record that no other has: a UUID of version 4, from the clock, the process and a count.
    fn id(&mut self) -> String {
        let mut half = || {
            self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            xxhash_rust::xxh3::xxh3_64_with_seed(&self.length.to_le_bytes(), self.seed)
        };
        let (a, b) = (half(), half());
        format!(
            "<urn:uuid:{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}>",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0x3fff | 0x8000,
            b & 0xffff_ffff_ffff
        )
    }
}

fn seed() -> u64 {
    let now = Timestamp::now().as_nanosecond() as u64;
    xxhash_rust::xxh3::xxh3_64_with_seed(&std::process::id().to_le_bytes(), now)
}

/// The time as WARC writes it, to the microsecond.
fn now() -> String {
    Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S.%6fZ")
        .to_string()
}

/// `sha1:` and Base32, as every tool writes it; it tells copies apart, it guards nothing.
fn digest(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let mut out = String::from("sha1:");
    // Twenty bytes are thirty-two letters of five bits.
    for five in digest.as_ref().chunks(5) {
        let bits = five
            .iter()
            .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        for at in (0..8).rev() {
            let letter = LETTERS.get((bits >> (5 * at)) as usize & 31);
            out.extend(letter.map(|l| char::from(*l)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_as_other_tools_write_them() {
        assert_eq!(digest(b""), "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
    }
}
