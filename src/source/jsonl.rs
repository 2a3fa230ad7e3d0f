//! Reader of JSON Lines: deepcut's own form, and the escape hatch for anything else.
//!
//! In: one JSON object a line: a post as `inspect --format jsonl` writes it, or as simple as
//! `{"title": …, "text": …}`. Out: one entry a line. A line that cannot be read is named by its byte
//! offset, and the rest goes on.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use std::path::Path;

use super::fields;
use super::json;
use super::value::{Fields, Value};
use super::{
    BadDocument, Content, Entry, EntryBody, FileName, Head, MAX_DOCUMENT_BYTES, RawDocument,
    Reader, Sink,
};
use crate::error::{Error, Result};
use crate::model::{Ping, Text};

/// One JSON object a line.
pub(super) struct JsonLines;

impl Reader for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn sign(&self) -> &'static str {
        "the name ends in `.jsonl`, `.ndjson` or `.jl`"
    }

    fn sniff(&self, name: &Path, _: &Head<'_>) -> bool {
        name.extension().and_then(|e| e.to_str()).is_some_and(|e| {
            ["jsonl", "ndjson", "jl"]
                .iter()
                .any(|known| e.eq_ignore_ascii_case(known))
        })
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut offset = 0;
        let mut number = 0u64;
        let mut kept = Vec::new();
        loop {
            let ready = input.fill_buf().map_err(|e| Error::io("reading", "", e))?;
            // Nearly every line is read where it lies.
            let within = memchr::memchr(b'\n', ready).map(|end| &ready[..=end]);
            let used = within.map_or(0, <[u8]>::len);
            let line = match within {
                Some(line) => line,
                None => {
                    kept.clear();
                    (&mut *input)
                        .take(MAX_DOCUMENT_BYTES)
                        .read_until(b'\n', &mut kept)
                        .map_err(|e| Error::io("reading", "", e))?;
                    kept.as_slice()
                }
            };
            if line.is_empty() {
                return Ok(());
            }
            number += 1;
            let start = offset;
            offset += line.len() as u64;
            let whole = line.ends_with(b"\n") || (line.len() as u64) < MAX_DOCUMENT_BYTES;
            let document = if line.iter().all(u8::is_ascii_whitespace) {
                None
            } else if whole {
                Some(document(line, number, file))
            } else {
                Some(Err(format!(
                    "a line longer than {} MiB",
                    MAX_DOCUMENT_BYTES >> 20
                )))
            };
            input.consume(used);
            if !whole {
                offset += input
                    .skip_until(b'\n')
                    .map_err(|e| Error::io("reading", "", e))? as u64;
            }
            let Some(document) = document else {
                continue;
            };
            let document = document.map_err(|reason| BadDocument {
                entry: number.to_string(),
                offset: Some(start),
                reason,
            });
            if let ControlFlow::Break(()) = sink(document) {
                return Ok(());
            }
        }
    }
}

fn document(line: &[u8], number: u64, file: &FileName) -> Result<RawDocument, String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let value = json::parse(line)?;
    let Value::Object(f) = value else {
        return Err("not a JSON object".into());
    };
    let entry = entry(&f)?;
    let name = fields::text(&f, &["id", "url"]).unwrap_or_else(|| number.to_string());
    Ok(file.document("jsonl", name, Content::Entry(Box::new(entry))))
}

fn entry(f: &Fields<'_>) -> Result<Entry, String> {
    let body = if let Some(html) = fields::text(f, &["html", "content_html"]) {
        EntryBody::Html(html)
    } else if let Some(markdown) = fields::text(f, &["markdown"]) {
        EntryBody::Markdown(markdown)
    } else {
        let text =
            fields::text(f, &["body", "text", "content", "content_text"]).unwrap_or_default();
        let markup = [
            "<p", "<br", "<li", "<div", "<ul", "<ol", "<table", "<h2", "<h3",
        ];
        if text.contains('>') && markup.iter().any(|tag| text.contains(tag)) {
            EntryBody::Html(text)
        } else {
            EntryBody::Text(text)
        }
    };
    let tracklists = match f.find("tracklists") {
        Some(Value::Array(lists)) => lists
            .iter()
            .filter_map(|list| {
                let list = list.as_object()?;
                let rows = list.find("tracks")?.as_array()?;
                fields::rows_of(
                    rows,
                    fields::text(list, &["heading"]).as_deref(),
                    fields::text(list, &["album"]),
                    fields::text(list, &["album_artist"]),
                )
            })
            .collect(),
        _ => fields::track_lists(f),
    };
    let comments = fields::comments(f);
    let title = fields::text(f, &["title", "name"]);
    let empty = matches!(&body, EntryBody::Text(t) if t.is_empty());
    if title.is_none() && empty && tracklists.is_empty() && comments.is_empty() {
        return Err("it has neither title, text, tracks nor comments".into());
    }
    let pings = match f.find("pings") {
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(|p| {
                let p = p.as_object()?;
                Some(Ping {
                    title: Text::line(&fields::text(p, &["title"])?),
                    url: fields::text(p, &["url"])
                        .as_deref()
                        .and_then(Text::some_line),
                })
            })
            .collect(),
        _ => Vec::new(),
    };
    Ok(Entry {
        captured: None,
        joins: false,
        url: fields::text(f, &["url", "link", "permalink"]),
        site: fields::text(f, &["site", "blog"]),
        title,
        author: fields::text(f, &["author", "authors"]),
        published: fields::date_field(f, &["published", "date"]),
        date_text: fields::text(f, &["published", "date", "created_at", "pubdate"]),
        language: fields::text(f, &["language", "lang"]),
        tags: fields::list(f, &["tags", "categories", "labels"]),
        platform: None,
        body,
        tracklists,
        comments,
        comments_stated: fields::number(f, &["comments_stated"]),
        pings,
        warnings: Vec::new(),
    })
}
