//! Reader of web archives (WARC 1.0 and 1.1), also those packed in a WACZ.
//!
//! In: records as a crawler wrote them. Out: one page for each HTML response, under the address it was captured
//! from; extraction tells posts from lists. Feeds and lists of WordPress' REST interface give their posts and
//! comments. Revisits repeat a response, and redirects lead to one: neither is a page. A record that is damaged
//! is named, and reading goes on at the next.

use std::collections::HashSet;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::open::unreadable;
use super::{
    BadDocument, Captured, Content, FileName, Head, MAX_DOCUMENT_BYTES, Reader, Sink, atom, http,
    json_feed, rest, rss,
};
use crate::error::Result;
use crate::text::charset;

/// Who reads what is no page.
static LISTS: &[&dyn Reader] = &[
    &rss::Rss,
    &atom::Blogger,
    &atom::Atom,
    &json_feed::JsonFeed,
    &rest::Rest,
];

/// Web archives.
pub(super) struct Warc;

impl Reader for Warc {
    fn name(&self) -> &'static str {
        "warc"
    }

    fn sign(&self) -> &'static str {
        "the file opens with `WARC/1.`"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"WARC/1.") || head.bytes.starts_with(b"WARC/0.1")
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut records = Records {
            input,
            offset: 0,
            left: 0,
            pending: None,
        };
        let mut seen = HashSet::new();
        loop {
            let flow = match records.next() {
                Ok(None) => return Ok(()),
                Ok(Some(Found::Damage { offset, reason })) => {
                    sink(Err(BadDocument::of_file(Some(offset), reason)))
                }
                Ok(Some(Found::Record(record))) => {
                    let url = record.url().unwrap_or_default();
                    let place = record.offset;
                    match records.held(&record) {
                        Ok(None) => ControlFlow::Continue(()),
                        Ok(Some(Ok(Held::List(body)))) => {
                            let mut hasher = Xxh3::new();
                            hasher.update(&body);
                            if !seen.insert(hasher.digest()) {
                                continue;
                            }
                            list(&url, record.date(), &body, file, sink)?
                        }
                        Ok(Some(Ok(Held::Page(html)))) => {
                            let mut hasher = Xxh3::new();
                            hasher.update(url.as_bytes());
                            hasher.update(&[0]);
                            hasher.update(html.as_bytes());
                            // The same page captured twice says nothing new.
                            if !seen.insert(hasher.digest()) {
                                continue;
                            }
                            let content = Content::Html {
                                html,
                                url: Some(url.clone()),
                                captured: Some(Captured { at: record.date() }),
                            };
                            sink(Ok(file.document(self.name(), url, content)))
                        }
                        Ok(Some(Err(reason))) => sink(Err(BadDocument {
                            entry: url,
                            offset: Some(place),
                            reason,
                        })),
                        Err(error) => return ended(error, url, place, sink),
                    }
                }
                Err(error) => {
                    let place = records.offset;
                    return ended(error, String::new(), place, sink);
                }
            };
            if flow.is_break() {
                return Ok(());
            }
        }
    }
}

/// Reports an end that comes too early; what stands before it has been read.
fn ended(error: io::Error, entry: String, offset: u64, sink: &mut Sink<'_>) -> Result<()> {
    if error.raw_os_error().is_some() {
        return Err(unreadable(error));
    }
    let reason = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut off: the file ends within a record".to_owned(),
        _ => error.to_string(),
    };
    let _ = sink(Err(BadDocument {
        entry,
        offset: Some(offset),
        reason,
    }));
    Ok(())
}

/// Reads the entries of a feed or a list; each is named by where it stood and what it is called there.
fn list(
    url: &str,
    date: Option<i64>,
    body: &[u8],
    file: &FileName,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>> {
    let head = Head::of(body);
    let Some(reader) = LISTS.iter().find(|r| r.sniff(Path::new(""), &head)) else {
        return Ok(ControlFlow::Continue(()));
    };
    let mut flow = ControlFlow::Continue(());
    let mut input = body;
    reader.read(&mut input, file, &mut |found| {
        let named = |entry: &str| match entry {
            "" => url.to_owned(),
            entry => format!("{url}#{entry}"),
        };
        flow = match found {
            Ok(mut document) => {
                document.entry = named(&document.entry);
                if let Content::Entry(entry) = &mut document.content {
                    let told = entry.joins || !entry.body.text().trim().is_empty();
                    if entry.url.is_none() || !told {
                        // A headline, or what no page can be told to be the same as.
                        return ControlFlow::Continue(());
                    }
                    entry.captured = date;
                }
                sink(Ok(document))
            }
            Err(mut bad) => {
                bad.entry = named(&bad.entry);
                // Its place is one in the feed, not in the archive.
                bad.offset = None;
                sink(Err(bad))
            }
        };
        flow
    })?;
    Ok(flow)
}

/// A record whose headers have been read.
struct Record {
    /// Where it starts, in the expanded file.
    offset: u64,
    headers: Vec<(String, String)>,
}

impl Record {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// When it was captured, in seconds since 1970.
    fn date(&self) -> Option<i64> {
        let date: jiff::Timestamp = self.header("WARC-Date")?.parse().ok()?;
        Some(date.as_second())
    }

    /// The address of a page on the web.
    fn url(&self) -> Option<String> {
        let uri = self.header("WARC-Target-URI")?;
        let uri = uri.trim_start_matches('<').trim_end_matches('>');
        let web = uri.starts_with("http://") || uri.starts_with("https://");
        web.then(|| uri.to_owned())
    }
}

enum Found {
    Record(Record),
    Damage { offset: u64, reason: String },
}

struct Records<'a> {
    input: &'a mut dyn BufRead,
    /// Of the next byte.
    offset: u64,
    /// Bytes of the last record's block that have not been read.
    left: u64,
    /// A record found behind damage.
    pending: Option<Record>,
}

impl Records<'_> {
    /// The headers of the next record; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Found>> {
        if let Some(record) = self.pending.take() {
            return Ok(Some(Found::Record(record)));
        }
        self.skip()?;
        let mut damaged: Option<u64> = None;
        let damage = |offset| Found::Damage {
            offset,
            reason: "what stands here is no record: reading goes on at the next".to_owned(),
        };
        let mut line = Vec::new();
        loop {
            line.clear();
            let offset = self.offset;
            let read = (&mut *self.input)
                .take(64 << 10)
                .read_until(b'\n', &mut line)?;
            self.offset += read as u64;
            if read == 0 {
                return Ok(damaged.map(damage));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if !line.starts_with(b"WARC/") {
                // The length of the record before was wrong, or bytes were lost.
                damaged.get_or_insert(offset);
                continue;
            }
            let mut head = (&mut *self.input).take(1 << 20);
            let headers = http::headers(&mut head);
            self.offset += (1 << 20) - head.limit();
            let headers = headers?;
            let length = headers
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.parse().ok());
            let Some(length) = length else {
                damaged.get_or_insert(offset);
                continue;
            };
            self.left = length;
            let record = Record { offset, headers };
            return Ok(Some(match damaged {
                Some(place) => {
                    self.pending = Some(record);
                    damage(place)
                }
                None => Found::Record(record),
            }));
        }
    }

    /// Passes over the rest of a block.
    fn skip(&mut self) -> io::Result<()> {
        let passed = io::copy(&mut (&mut *self.input).take(self.left), &mut io::sink())?;
        self.offset += passed;
        self.left -= passed;
        if self.left > 0 {
            self.left = 0;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// What a record holds; `None` where that is no document.
    fn held(&mut self, record: &Record) -> HeldIn {
        if record.url().is_none() {
            return Ok(None);
        }
        let mut block = (&mut *self.input).take(self.left);
        let found = match record.header("WARC-Type").unwrap_or_default() {
            "response" => response(&mut block),
            "resource" => resource(record, &mut block),
            _ => Ok(None),
        };
        let rest = block.limit();
        self.offset += self.left - rest;
        self.left = rest;
        match found {
            // A block without whole headers is no page.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && rest == 0 => Ok(None),
            found => found,
        }
    }
}

/// What a record holds.
enum Held {
    /// A page, decoded.
    Page(String),
    /// What may be a feed or a list, as its author wrote it.
    List(Vec<u8>),
}

type HeldIn = io::Result<Option<Result<Held, String>>>;

fn response<R: BufRead>(block: &mut io::Take<R>) -> HeldIn {
    let Some(head) = http::head(block)? else {
        return Ok(None);
    };
    if head.status != 200 || !(head.is_page() || head.is_list()) {
        return Ok(None);
    }
    let raw = match whole(block)? {
        Ok(raw) => raw,
        Err(reason) => return Ok(Some(Err(reason))),
    };
    Ok(Some(http::body(&head, raw).map(|body| {
        if head.is_page() {
            Held::Page(charset::decode(&body, head.charset(), true).0)
        } else {
            Held::List(body)
        }
    })))
}

/// A page without the response that brought it.
fn resource<R: BufRead>(record: &Record, block: &mut io::Take<R>) -> HeldIn {
    let head = http::Head::of(record.header("Content-Type").unwrap_or_default());
    if !head.is_page() {
        return Ok(None);
    }
    let raw = whole(block)?;
    Ok(Some(raw.map(|raw| {
        Held::Page(charset::decode(&raw, head.charset(), true).0)
    })))
}

/// The rest of a block, where it is no larger than a page can be.
fn whole<R: BufRead>(block: &mut io::Take<R>) -> io::Result<Result<Vec<u8>, String>> {
    let length = block.limit();
    if length > MAX_DOCUMENT_BYTES {
        return Ok(Err(format!(
            "larger than {} MiB: not one page",
            MAX_DOCUMENT_BYTES >> 20
        )));
    }
    let mut raw = Vec::new();
    block.read_to_end(&mut raw)?;
    if (raw.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Ok(raw))
}
