//! `--format jsonl`: one JSON object a line, for streams.
//!
//! In: an answer. Out: a line per hit or post, then (for a search) one line `"type": "summary"`.

use std::io::{self, Write};

use serde::Serialize;

use super::json::line;
use super::{Answer, Format, Screen, sheet, view};

/// One JSON object a line.
pub(super) struct JsonLines;

#[derive(Serialize)]
struct Typed<T: Serialize> {
    r#type: &'static str,
    #[serde(flatten)]
    value: T,
}

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn write(&self, answer: &Answer<'_>, _: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match answer {
            Answer::Search(response) => {
                for hit in &response.hits {
                    let value = view::hit(hit);
                    line(
                        out,
                        &Typed {
                            r#type: "hit",
                            value,
                        },
                    )?;
                }
                let value = view::search(response, false);
                line(
                    out,
                    &Typed {
                        r#type: "summary",
                        value,
                    },
                )
            }
            // Posts alone, in deepcut's own form: `deepcut index` reads them back.
            Answer::Inspection(documents, why) => documents.each(&mut |one| {
                for post in &one.posts {
                    line(out, &view::post(post, why.then_some(&one.why[..])))?;
                }
                Ok(())
            }),
            Answer::Post(archived) => line(out, &view::post(&archived.post, None)),
            Answer::Run(report) => line(out, &view::run(report)),
            Answer::Sheet(sheet) => sheet::write_lines(*sheet, out),
        }
    }
}
