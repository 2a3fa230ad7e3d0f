//! `--format json`: one document, as `docs/json.md` promises.
//!
//! In: an answer. Out: one JSON object and a line feed. Machines read it: nothing is wrapped, marked
//! or coloured.

use std::io::{self, Write};

use super::{Answer, Format, SCHEMA, Screen, sheet, view};
use crate::error::Error;

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
    serde_json::to_writer(out, one).map_err(io::Error::from)
}

/// An error for machines: what `--format json` puts on stderr.
pub fn error(error: &Error) -> String {
    serde_json::json!({
        "schema": SCHEMA,
        "error": {"code": error.code(), "message": error.to_string(), "hint": error.hint()},
    })
    .to_string()
}
