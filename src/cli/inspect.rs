//! `deepcut inspect`: what is understood of a file.
//!
//! In: a file. Out: its posts as understood, without any archive; with `--why`, the rules that found them.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use deepcut::error::Error;
use deepcut::extract;
use deepcut::output::Answer;
use deepcut::source;

use super::{FOUND, NOTHING, Session, WITH_FAILURES};

/// Show what deepcut understands of a file, without an index.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut inspect posts/rocky-iv.html
  deepcut inspect export.jsonl --post 3
  deepcut inspect posts/rocky-iv.txt --why
  deepcut inspect posts/rocky-iv.txt --format json")]
pub(super) struct Inspect {
    /// Files to read
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Only the Nth post of the file, from 1
    #[arg(long, value_name = "N")]
    post: Option<usize>,
    /// Say which rule found what, with the lines
    #[arg(long)]
    why: bool,
}

pub(super) fn run(session: &Session, args: &Inspect) -> anyhow::Result<u8> {
    let mut extracted = Vec::new();
    let mut seen = 0;
    let mut failed = false;
    for file in &args.files {
        if file.is_dir() {
            return Err(Error::usage(
                format!("{} is a folder", file.display()),
                "name a file in it; `deepcut index` reads folders",
            )
            .into());
        }
        let name = file
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let before = seen;
        source::read_file(file, &name, &mut |document| {
            match document {
                Ok(document) => {
                    let mut one = extract::extract(&document);
                    one.posts.retain(|_| {
                        seen += 1;
                        args.post.is_none_or(|n| n == seen)
                    });
                    if !one.posts.is_empty() {
                        extracted.push(one);
                    }
                }
                Err(bad) => {
                    failed = true;
                    let place = match (bad.entry.as_str(), bad.offset) {
                        ("", None) => String::new(),
                        ("", Some(at)) => format!(", byte {at}"),
                        (entry, None) => format!(", entry {entry}"),
                        (entry, Some(at)) => format!(", entry {entry}, byte {at}"),
                    };
                    session.say(&format!("{}{place}: {}", file.display(), bad.reason));
                }
            }
            ControlFlow::Continue(())
        })?;
        if seen == before && !failed {
            session.say(&format!(
                "{}: no document that deepcut reads\nhint: docs/formats.md lists what it reads: pages, captures, exports, feeds, web archives and packed forms of them",
                file.display()
            ));
        }
    }
    if extracted.is_empty() {
        return Ok(if failed { WITH_FAILURES } else { NOTHING });
    }
    session.write(&Answer::Inspection(&extracted, args.why))?;
    Ok(if failed { WITH_FAILURES } else { FOUND })
}
