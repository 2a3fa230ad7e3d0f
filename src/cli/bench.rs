//! `deepcut bench`: how fast is my search?
//!
//! In: the index and queries, or an archive to index. Out: figures with their noise, and what changed since an
//! earlier run.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use deepcut::bench::{self, BuildOptions, Report, SearchOptions};
use deepcut::error::Error;
use deepcut::output::{Answer, BenchTable, SCHEMA};
use indicatif::ProgressBar;

use super::{FOUND, INTERRUPTED, Session, complete, index, interrupt};

/// Measure how fast queries are answered, or an index is built.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut bench                                 queries drawn from the index, by class
  deepcut bench --queries mine.txt              a query a line; a class may stand before a tab
  deepcut bench --json > before.json
  deepcut bench --compare before.json           what changed beyond the noise
  deepcut bench --build posts/                  indexing, stage by stage, into a temporary folder

Queries are drawn from posts of the index, in three bands by how many posts have a word, each band a third of
all occurrences: one word, two words of one post, OR, phrases, prefixes, words with a slip that are corrected, and
a mix of names, fields, dates and negations. Each is answered whole: read, matched, ranked, with evidence and
snippets. After a warm-up all are asked in shuffled rounds on one thread, then on all.

The range behind a figure is what five parts of the samples say each: that is the noise. --compare tells a change
only where two such ranges, each widened by half, do not meet; time that other programs took from a run widens them
further, and where the machine itself was quicker or slower, which a fixed piece of work tells, that is allowed for. A
cold process is one whole `deepcut search` after the system was told to drop the index from its file cache (Linux). Memory is the process's own; mapped files are the system's cache.")]
pub(super) struct Bench {
    /// Ask the queries of this file, instead of drawing some
    #[arg(long, value_name = "FILE", conflicts_with = "build", add = complete::files())]
    queries: Option<PathBuf>,
    /// Queries to draw of each class
    #[arg(long, value_name = "N", default_value_t = 30, conflicts_with_all = ["build", "queries"])]
    each: usize,
    /// The same seed draws the same queries
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How long to ask on one thread, and again on all
    #[arg(long, value_name = "S", default_value_t = 5.0, conflicts_with = "build", value_parser = seconds)]
    seconds: f64,
    /// Posts of each answer [default: 10]
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "build")]
    limit: Option<usize>,
    /// Threads of the second half, or that index [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Measure indexing this folder or file instead
    #[arg(long, value_name = "PATH", add = complete::paths())]
    build: Option<PathBuf>,
    /// How often to build, at most; no new round begins after a minute
    #[arg(long, value_name = "N", default_value_t = 3, requires = "build")]
    rounds: usize,
    /// Say what changed since a run whose --json is in this file
    #[arg(long, value_name = "FILE", add = complete::files())]
    compare: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if (0.0..=3600.0).contains(&n) => Ok(n),
        _ => Err("seconds are a number from 0 to 3600".to_owned()),
    }
}

pub(super) fn run(session: &Session, args: &Bench) -> anyhow::Result<u8> {
    // Read first: a mistyped name is told before the measuring, not after.
    let before = args.compare.as_deref().map(read).transpose()?;
    let spinner = session.animated().then(|| {
        let spinner = ProgressBar::new_spinner();
        spinner.enable_steady_tick(Duration::from_millis(250));
        spinner
    });
    let stage = |what: &str| {
        if let Some(spinner) = &spinner {
            spinner.set_message(what.to_owned());
        }
    };
    let threads = args.threads.unwrap_or(session.config.threads);
    let report = match &args.build {
        Some(path) => {
            let cancel = interrupt::watch();
            let options = BuildOptions {
                path,
                threads,
                rounds: args.rounds,
                schema: SCHEMA,
            };
            super::memory::for_writing();
            let report = bench::build(&options, cancel, &stage);
            interrupt::unwatch();
            let Some(report) = report? else {
                return Ok(INTERRUPTED);
            };
            report
        }
        None => {
            // Opened once to say what is wrong with it, if anything is.
            drop(index::open(session)?);
            let queries = args.queries.as_deref().map(bench::from_file).transpose()?;
            let program = std::env::current_exe()?;
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            bench::search(
                &SearchOptions {
                    folder: &session.config.index,
                    index: &session.config.index_dir(),
                    program: &program,
                    queries: queries.unwrap_or_default(),
                    each: args.each.max(1),
                    seed: args.seed,
                    limit: args.limit.unwrap_or(session.config.limit),
                    time: Duration::from_secs_f64(args.seconds),
                    threads: if threads == 0 { cores } else { threads },
                    schema: SCHEMA,
                },
                &stage,
            )?
        }
    };
    if let Some(spinner) = &spinner {
        spinner.finish_and_clear();
    }
    let comparison = before.map(|(before, file)| bench::compare(&before, &report, &file));
    session.write(&Answer::Sheet(&BenchTable {
        report: &report,
        comparison: comparison.as_ref(),
    }))?;
    Ok(FOUND)
}

/// An earlier report, and the name of its file.
fn read(path: &std::path::Path) -> Result<(Report, String), Error> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading", path, e))?;
    let report = serde_json::from_str(&text).map_err(|e| {
        Error::usage(
            format!("{} is no result of a bench: {e}", path.display()),
            "make one with `deepcut bench --json > FILE`",
        )
    })?;
    Ok((report, path.display().to_string()))
}
