//! `deepcut doctor`: is everything in order? `deepcut repair`: if not, build the index again.
//!
//! In: the index and its sources. Out: a line for each thing that was checked; exit 1 where one is wrong. The
//! doctor writes nothing; a repair only ever builds anew, beside what stands there.

use std::path::PathBuf;

use clap::Args;
use deepcut::engine::tantivy::TantivyReader;
use deepcut::error::Error;
use deepcut::output::Answer;
use deepcut::pipeline::{self, Checkup, Request, Verdict};

use super::{FOUND, INTERRUPTED, NOTHING, Session, WITH_FAILURES, complete, index};

/// Check the index, its files and its sources, and say what to do
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut doctor
  deepcut doctor --format json
  deepcut doctor --quiet && echo sound

Reads every file of the index and compares it with the checksum it was written with; looks at the records,
the sources, the disk, and asks one query whose answer is known. Writes nothing and takes no lock. Exit code 1
where something is wrong; notes are no faults.")]
pub(super) struct Doctor {}

/// Build a damaged index again from its sources
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut repair
  deepcut repair posts/       where the index no longer says what it was built from

Checks the index as `deepcut doctor` does. Where something in it is wrong, it is built again from everything it
was built from; what stands there stays until the new index is whole. Sources are never touched. An index
without faults is left alone (`deepcut index --rebuild` builds it again all the same).")]
pub(super) struct Repair {
    /// Folders and files to build it from too; everything it was built from is taken anyway
    #[arg(value_name = "PATH", add = complete::paths())]
    paths: Vec<PathBuf>,
    /// Go on although a source is not there, or more than a fifth of one has vanished
    #[arg(long)]
    allow_shrink: bool,
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

pub(super) fn run(session: &Session, _: &Doctor) -> anyhow::Result<u8> {
    let found = check(session)?;
    session.report(&Answer::Sheet(&found))?;
    Ok(if found.is_sound() { FOUND } else { NOTHING })
}

pub(super) fn repair(session: &Session, args: &Repair) -> anyhow::Result<u8> {
    let dir = session.config.index_dir();
    if !TantivyReader::exists(&dir) {
        return Err(Error::NoIndex { path: dir }.into());
    }
    let before = check(session)?;
    // What no new index can mend is none of its business.
    let mends = |name: &str| !matches!(name, "space" | "aliases" | "sources");
    let mut wrong = before.checks.iter().filter(|c| c.verdict == Verdict::Wrong);
    if !wrong.any(|c| mends(c.name)) {
        session.say("the index is sound: there is nothing to repair");
        session.report(&Answer::Sheet(&before))?;
        return Ok(FOUND);
    }
    for check in before.checks.iter().filter(|c| c.verdict == Verdict::Wrong) {
        session.warn(&format!("{}: {}", check.name, check.found));
        for (file, what) in &check.files {
            session.detail(&format!("  {file}: {what}"));
        }
    }
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        paths.clone_from(&session.config.sources);
    }
    let report = index::go(
        session,
        &Request {
            paths,
            allow_shrink: args.allow_shrink,
            rebuild: true,
            threads: args.threads.unwrap_or(session.config.threads),
            ..Request::default()
        },
    )?;
    index::name(session, &report);
    if report.interrupted {
        session.say("interrupted: the new index is not whole; the old one stays as it was");
        return Ok(INTERRUPTED);
    }
    session.say(&format!(
        "built again: {} posts, {} tracks, {} comments in {:.1} s",
        report.posts, report.tracks, report.comments, report.seconds
    ));
    let after = check(session)?;
    session.report(&Answer::Sheet(&after))?;
    Ok(if !after.is_sound() {
        NOTHING
    } else if report.failed.is_empty() {
        FOUND
    } else {
        WITH_FAILURES
    })
}

fn check(session: &Session) -> anyhow::Result<Checkup> {
    let dir = session.config.index_dir();
    Ok(pipeline::checkup(&dir, &session.config.index)?)
}
