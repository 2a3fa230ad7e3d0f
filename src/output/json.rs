//! `--format json`: one document, as `docs/json.md` promises.
//!
//! In: an answer. Out: one JSON object and a line feed. Machines read it: nothing is wrapped, marked
//! or coloured.

use std::io::{self, Write};

use super::{Answer, Format, SCHEMA, Screen, sheet, view};
use crate::error::Error;
use crate::model::hidden;

/// One JSON document.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, answer: &Answer<'_>, _: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match answer {
            Answer::Search(response) => line(out, &view::search(response, true)),
            Answer::Inspection(documents, why) => {
                write!(out, "{{\"schema\":{SCHEMA},\"posts\":[")?;
                let mut first = true;
                documents.each(&mut |one| {
                    for post in &one.posts {
                        if !std::mem::take(&mut first) {
                            out.write_all(b",")?;
                        }
                        value(out, &view::post(post, why.then_some(&one.why[..])))?;
                    }
                    Ok(())
                })?;
                out.write_all(b"]}\n")
            }
            Answer::Post(archived) => line(out, &view::one_post(&archived.post)),
            Answer::Run(report) => line(out, &view::run(report)),
            Answer::Sheet(sheet) => sheet::write_json(*sheet, out),
        }
    }
}

/// Writes one value and a line feed.
pub(super) fn line(out: &mut dyn Write, one: &impl serde::Serialize) -> io::Result<()> {
    value(out, one)?;
    out.write_all(b"\n")
}

fn value(out: &mut dyn Write, one: &impl serde::Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, WrittenOut);
    one.serialize(&mut serializer).map_err(io::Error::from)
}

/// Writes what a terminal would obey, or what hides in it, as `\u` and four digits, as JSON does with C0 controls alone:
/// names of files and what a user typed may hold it.
struct WrittenOut;

impl serde_json::ser::Formatter for WrittenOut {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut from = 0;
        if !fragment.is_ascii() || fragment.contains('\u{7f}') {
            for (at, c) in hidden(fragment) {
                out.write_all(&fragment.as_bytes()[from..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                from = at + c.len_utf8();
            }
        }
        out.write_all(&fragment.as_bytes()[from..])
    }
}

/// One value on one line, without its line feed.
pub fn text(one: &impl serde::Serialize) -> String {
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = value(&mut out, one);
    String::from_utf8(out).unwrap_or_default()
}

/// An error for machines: what `--format json` puts on stderr.
pub fn error(error: &Error) -> String {
    text(&serde_json::json!({
        "schema": SCHEMA,
        "error": {"code": error.code(), "message": error.to_string(), "hint": error.hint()},
    }))
}
