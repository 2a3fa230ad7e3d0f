//! `deepcut index`: an archive becomes an index; later runs do only what changed.
//!
//! In: paths, or none for every known source. Out: a report; exit 4 where documents could not be read, 130
//! where it was interrupted.

use std::path::PathBuf;

use clap::Args;
use deepcut::engine::tantivy::{Access, TantivyReader};
use deepcut::error::Error;
use deepcut::output::Answer;
use deepcut::pipeline::{self, Failure, Observer, Report, Request, Stage};

use super::progress::Bar;
use super::{FOUND, INTERRUPTED, Session, WITH_FAILURES, complete, interrupt, memory};

/// How many failures are named without `--verbose`.
const NAMED: usize = 20;

/// Index folders and files, or bring the index up to date.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut index posts/               index a folder of saved posts
  deepcut index                      bring every known source up to date
  deepcut index posts/ --dry-run     say what would happen
  deepcut index --forget posts/      take a source out again
  deepcut index --rebuild            build the index anew from everything in it

Run again it does only what changed: files of the same size and time are not read, documents of the same
content are not indexed again, changed ones are replaced, vanished ones removed. An index that is damaged or
of another version is built anew, beside the old one, which stays until the new one is whole.")]
pub(super) struct Index {
    /// Folders and files; every known source where none is named
    #[arg(value_name = "PATH", add = complete::paths())]
    paths: Vec<PathBuf>,
    /// Say what would happen, without reading files or writing anything
    #[arg(long)]
    dry_run: bool,
    /// Go on although more than a fifth of a source has vanished
    #[arg(long)]
    allow_shrink: bool,
    /// Build the index anew from all its sources, even where it is sound
    #[arg(long)]
    rebuild: bool,
    /// Take a source and its posts out of the index
    #[arg(long, value_name = "ROOT", conflicts_with_all = ["paths", "dry_run", "rebuild"], add = complete::roots())]
    forget: Option<String>,
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

pub(super) fn run(session: &Session, args: &Index) -> anyhow::Result<u8> {
    let dir = session.config.index_dir();
    if let Some(root) = &args.forget {
        let report = pipeline::forget(&dir, root)?;
        session.report(&Answer::Run(&report))?;
        return Ok(FOUND);
    }
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        paths.clone_from(&session.config.sources);
    }
    if paths.is_empty() && !TantivyReader::exists(&dir) {
        return Err(Error::NoIndex { path: dir }.into());
    }
    let request = Request {
        paths,
        allow_shrink: args.allow_shrink,
        dry_run: args.dry_run,
        rebuild: args.rebuild,
        threads: args.threads.unwrap_or(session.config.threads),
    };
    let first = !TantivyReader::exists(&dir);
    let report = go(session, &request)?;
    name(session, &report);
    session.report(&Answer::Run(&report))?;
    if first && report.posts > 0 && !report.dry_run && !report.interrupted && !session.json() {
        session.say("try: deepcut search WORDS, deepcut artists, deepcut stats");
    }
    Ok(if report.interrupted {
        session.say(if report.rebuilt.is_some() {
            "interrupted: the new index is not whole; the old one stays as it was"
        } else {
            "interrupted: what was read is in the index; the next run goes on"
        });
        INTERRUPTED
    } else if report.failed.is_empty() {
        FOUND
    } else {
        WITH_FAILURES
    })
}

/// Brings sources up to date before a search; says on stderr what it did.
pub(super) fn refresh(session: &Session, paths: &[PathBuf]) -> anyhow::Result<()> {
    let report = go(
        session,
        &Request {
            paths: paths.to_vec(),
            threads: session.config.threads,
            ..Request::default()
        },
    )?;
    name(session, &report);
    session.say(&format!(
        "indexed {} posts, {} tracks, {} comments in {:.1} s",
        report.posts, report.tracks, report.comments, report.seconds
    ));
    if report.interrupted {
        std::process::exit(i32::from(INTERRUPTED));
    }
    Ok(())
}

/// Brings one root up to date after something was added to it.
pub(super) fn bring_in(session: &Session, root: &std::path::Path) -> anyhow::Result<Report> {
    let report = go(
        session,
        &Request {
            paths: vec![root.to_path_buf()],
            threads: session.config.threads,
            ..Request::default()
        },
    )?;
    name(session, &report);
    Ok(report)
}

/// Builds the first index from the configured sources, else from `./corpus`.
pub(super) fn first(session: &Session) -> anyhow::Result<()> {
    let mut sources = session.config.sources.clone();
    if sources.is_empty() {
        let corpus = PathBuf::from("corpus");
        if !corpus.is_dir() {
            return Err(Error::NoIndex {
                path: session.config.index_dir(),
            }
            .into());
        }
        sources.push(corpus);
    }
    let names: Vec<String> = sources.iter().map(|s| s.display().to_string()).collect();
    session.say(&format!("no index yet: indexing {}", names.join(", ")));
    refresh(session, &sources)
}

/// Opens the index for reading. One that an earlier version wrote is first built anew from its sources; where
/// that cannot be done, the error tells about the index.
pub(super) fn open(session: &Session) -> anyhow::Result<TantivyReader> {
    open_for(session, Access::Whole)
}

/// As [`open`], for what reads so much of it.
pub(super) fn open_for(session: &Session, access: Access) -> anyhow::Result<TantivyReader> {
    let dir = session.config.index_dir();
    if !TantivyReader::exists(&dir) {
        return Err(Error::NoIndex { path: dir }.into());
    }
    match TantivyReader::open_for(&dir, access) {
        Err(old @ Error::OtherVersion { .. }) if is_earlier(&old) => {
            if let Err(why) = refresh(session, &[]) {
                session.say(&format!("it could not be built anew: {why}"));
                return Err(old.into());
            }
            Ok(TantivyReader::open_for(&dir, access)?)
        }
        opened => Ok(opened?),
    }
}

fn is_earlier(error: &Error) -> bool {
    matches!(error, Error::OtherVersion { found, expected, .. } if found < expected)
}

pub(super) fn go(session: &Session, request: &Request) -> anyhow::Result<Report> {
    memory::for_writing();
    let cancel = interrupt::watch();
    let observer = Watch {
        session,
        bar: session.animated().then(Bar::new),
    };
    let report = pipeline::run(&session.config.index_dir(), request, &observer, cancel);
    interrupt::unwatch();
    Ok(report?)
}

/// Moves the bar, where there is one, and says what must be said.
struct Watch<'a> {
    session: &'a Session,
    bar: Option<Bar>,
}

impl Watch<'_> {
    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.aside(|| self.session.say(text)),
            None => self.session.say(text),
        }
    }
}

impl Observer for Watch<'_> {
    fn stage(&self, stage: Stage, files: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.stage(stage, files, bytes);
        }
    }

    fn anew(&self, why: &str) {
        self.say(why);
        self.say("building it anew from its sources; the old one stays until the new one is whole");
    }

    fn left_out(&self, root: &str) {
        self.say(&format!(
            "{root} is not there: the index is built without it"
        ));
    }

    fn file(&self, bytes: u64, posts: u64) {
        if let Some(bar) = &self.bar {
            bar.file(bytes, posts);
        }
    }
}

/// Names on stderr what could not be read, however quiet, and with `--verbose` what was skipped.
pub(super) fn name(session: &Session, report: &Report) {
    let most = if session.global.verbose {
        usize::MAX
    } else {
        NAMED
    };
    let line = |what: &str, failure: &Failure| {
        let entry = if failure.entry.is_empty() {
            String::new()
        } else {
            format!(", {}", failure.entry)
        };
        format!("{what}: {}{entry}: {}", failure.path, failure.reason)
    };
    for failure in report.failed.iter().take(most) {
        session.warn(&line("failed", failure));
    }
    if report.failed.len() > most {
        session.warn(&format!(
            "… and {} more; --verbose names them all",
            report.failed.len() - most
        ));
    }
    if session.global.verbose {
        for failure in &report.skipped {
            session.say(&line("skipped", failure));
        }
    }
}
