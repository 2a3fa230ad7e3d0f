//! `deepcut inspect`: what is understood of a file.
//!
//! In: a file. Out: its posts as understood, without any archive; with `--why`, the rules that found them.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use deepcut::error::Error;
use deepcut::extract::{self, Extracted};
use deepcut::output::{Answer, Documents};
use deepcut::source::{self, BadDocument};

use super::{FOUND, NOTHING, Session, WITH_FAILURES, complete};

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
    #[arg(value_name = "FILE", required = true, add = complete::files())]
    files: Vec<PathBuf>,
    /// Only the Nth post of the file, from 1
    #[arg(long, value_name = "N")]
    post: Option<usize>,
    /// Say which rule found what, with the lines
    #[arg(long)]
    why: bool,
}

pub(super) fn run(session: &Session, args: &Inspect) -> anyhow::Result<u8> {
    for file in &args.files {
        let about = file.metadata().map_err(|e| Error::io("reading", file, e))?;
        if about.is_dir() {
            return Err(Error::usage(
                format!("{} is a folder", file.display()),
                "name a file in it; `deepcut index` reads folders",
            )
            .into());
        }
    }
    let reading = Reading {
        session,
        args,
        seen: Cell::default(),
        found: Cell::default(),
        failed: Cell::default(),
        trouble: RefCell::default(),
    };
    let written = session.write(&Answer::Inspection(&reading, args.why));
    if let Some(error) = reading.trouble.take() {
        return Err(error.into());
    }
    written?;
    Ok(match (reading.failed.get(), reading.found.get()) {
        (true, _) => WITH_FAILURES,
        (false, true) => FOUND,
        (false, false) => NOTHING,
    })
}

/// The files, read while their posts are written: the next one is read when the last has left.
struct Reading<'a> {
    session: &'a Session,
    args: &'a Inspect,
    /// Posts read, shown or not.
    seen: Cell<usize>,
    /// True once a post was shown.
    found: Cell<bool>,
    failed: Cell<bool>,
    /// Why a file could not be read.
    trouble: RefCell<Option<Error>>,
}

impl Documents for Reading<'_> {
    fn each(&self, visit: &mut dyn FnMut(&Extracted) -> io::Result<()>) -> io::Result<()> {
        for file in &self.args.files {
            let before = self.seen.get();
            let mut refused = None;
            let name = file
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let read = source::read_file(file, &name, &mut |document| {
                match document {
                    Ok(document) => {
                        let mut one = extract::extract(document);
                        one.posts.retain(|_| self.is_wanted());
                        if !one.posts.is_empty() {
                            self.found.set(true);
                            refused = visit(&one).err();
                        }
                    }
                    Err(bad) => self.fail(file, &bad),
                }
                let enough = self.args.post.is_some_and(|n| self.seen.get() >= n);
                match refused.is_some() || enough {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
            if let Some(error) = refused {
                return Err(error);
            }
            if let Err(error) = read {
                self.trouble.replace(Some(error));
                return Err(io::Error::other("a file cannot be read"));
            }
            if self.seen.get() == before && !self.failed.get() {
                self.session.say(&format!(
                    "{}: no document that deepcut reads",
                    file.display()
                ));
                self.session.say("hint: docs/formats.md lists what it reads: pages, captures, exports, feeds, web archives and packed forms of them");
            }
            if self.args.post.is_some_and(|n| self.seen.get() >= n) {
                break;
            }
        }
        Ok(())
    }
}

impl Reading<'_> {
    /// Counts a post; true where it is to be shown.
    fn is_wanted(&self) -> bool {
        self.seen.set(self.seen.get() + 1);
        self.args.post.is_none_or(|n| n == self.seen.get())
    }

    fn fail(&self, file: &Path, bad: &BadDocument) {
        self.failed.set(true);
        let place = match (bad.entry.as_str(), bad.offset) {
            ("", None) => String::new(),
            ("", Some(at)) => format!(", byte {at}"),
            (entry, None) => format!(", entry {entry}"),
            (entry, Some(at)) => format!(", entry {entry}, byte {at}"),
        };
        self.session
            .say(&format!("{}{place}: {}", file.display(), bad.reason));
    }
}
