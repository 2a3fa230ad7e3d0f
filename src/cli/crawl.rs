//! `deepcut crawl`: a living blog comes into the archive, and its posts into the index.
//!
//! In: the address of a site. Out: WARC files in the archive, an index that knows them, a report; exit 4 where
//! pages could not be had, 130 where it was interrupted.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use deepcut::crawl::{self, Limits, Observer, Progress, Report};
use deepcut::engine::tantivy::TantivyReader;
use deepcut::error::Error;
use deepcut::output::{Answer, CrawlStatus, Crawled};
use deepcut::pipeline;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::{FOUND, INTERRUPTED, NOTHING, Session, WITH_FAILURES, complete, index, interrupt};

/// How many failures are named without `--verbose`.
const NAMED: usize = 20;

/// Bring a living blog into the archive and into the index.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut crawl https://blog.example/ --into posts/    fetch the blog into posts/ and index it
  deepcut crawl https://blog.example/                  later: ask only for what changed
  deepcut crawl https://blog.example/ --dry-run        say what would be asked for
  deepcut crawl https://blog.example/ --since 2026-01-01 --limit 200
  deepcut crawl --status                               how every crawl stands, and what failed

Posts are found by sitemaps, feeds, the WordPress REST interface and links; comment pages are followed. What is
captured is written as WARC files, which other tools read too. robots.txt is obeyed; there is one request at a
time, at least a second after the last. An interrupted crawl goes on where it was. `docs/crawl.md` tells more.")]
pub(super) struct Crawl {
    /// An address of the site; its folder bounds what is fetched
    #[arg(value_name = "URL", required_unless_present = "status", value_hint = clap::ValueHint::Url)]
    url: Option<String>,
    /// Folder of the archive [default: first of `sources`]
    #[arg(long, value_name = "DIR", add = complete::folders())]
    into: Option<PathBuf>,
    /// Pages to ask for in this run; the next one goes on
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<u64>,
    /// Only posts published or changed since this day, where the site tells
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    since: Option<String>,
    /// Read robots.txt, sitemaps and feeds only, and say what would be asked for
    #[arg(long)]
    dry_run: bool,
    /// How the crawls of this archive stand; asks for nothing
    #[arg(long, conflicts_with_all = ["dry_run", "limit", "since"])]
    status: bool,
    /// Ask for every page again, also where the site says that nothing changed
    #[arg(long, hide_short_help = true)]
    recheck: bool,
    /// Let the address lead to your own machine or network
    #[arg(long, hide_short_help = true)]
    allow_private: bool,
    /// Least time between two requests, in seconds; below 1 with --allow-private only
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 1.0, value_parser = time)]
    delay: f64,
    /// Longest time for one answer, in seconds
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 60.0, value_parser = time)]
    timeout: f64,
    /// Largest answer, decompressed, in MiB
    #[arg(long, hide_short_help = true, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1024))]
    max_size: u64,
    /// Redirects in a row that are followed
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = 10)]
    max_redirects: u8,
    /// Wait so long where the site asks for time, in seconds; where it asks for more, end
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 300.0, value_parser = time)]
    patience: f64,
    /// How the site can reach you: an e-mail address or a page [default: setting `contact`]
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// Do not bring the index up to date afterwards
    #[arg(long)]
    no_index: bool,
}

fn day(text: &str) -> Result<String, String> {
    let day: Result<deepcut::model::Published, String> =
        deepcut::model::Published::from_iso(text, deepcut::model::DateSource::Entry)
            .filter(|d| d.precision >= deepcut::model::Precision::Day && text.len() == 10)
            .ok_or_else(|| "a day is written like 2026-01-31".to_owned());
    day.map(|_| text.to_owned())
}

fn time(text: &str) -> Result<f64, String> {
    let seconds: Result<f64, _> = text.parse();
    seconds
        .ok()
        .filter(|s| (0.0..1e7).contains(s))
        .ok_or_else(|| "a number of seconds".to_owned())
}

pub(super) fn run(session: &Session, args: &Crawl) -> anyhow::Result<u8> {
    let into = into(session, args)?;
    if args.status {
        return status(session, args, &into);
    }
    let Some(url) = &args.url else {
        return Ok(FOUND);
    };
    if args.delay < 1.0 && !args.allow_private {
        return Err(Error::usage(
            "--delay cannot be less than a second",
            "a blog of somebody else is asked once a second at most; for your own add --allow-private",
        )
        .into());
    }
    let contact = args.contact.as_deref();
    let contact = contact.unwrap_or(session.config.text("contact"));
    if contact.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(Error::usage(
            "the contact goes into a header: ASCII only",
            "give an e-mail address or the address of a page",
        )
        .into());
    }
    if contact.is_empty() && !args.allow_private {
        session.say(
            "no contact is set: the site cannot tell who asks. Give --contact you@mail.example, or set `contact`",
        );
    }
    let request = crawl::Request {
        url: url.clone(),
        into: into.clone(),
        limit: args.limit,
        since: args.since.clone(),
        dry_run: args.dry_run,
        recheck: args.recheck,
        allow_private: args.allow_private,
        delay: Duration::from_secs_f64(args.delay),
        patience: Duration::from_secs_f64(args.patience),
        limits: Limits {
            time: Duration::from_secs_f64(args.timeout.max(0.1)),
            bytes: args.max_size << 20,
            redirects: usize::from(args.max_redirects),
        },
        contact: contact.to_owned(),
    };
    let watch = Watch::new(session);
    let cancel = interrupt::watch();
    let report = crawl::run(&request, &watch, cancel);
    interrupt::unwatch();
    drop(watch);
    let report = match report {
        Err(_) if cancel.load(Ordering::SeqCst) => {
            session.say("interrupted");
            return Ok(INTERRUPTED);
        }
        report => report?,
    };
    name(session, &report);
    let indexed = if args.no_index || args.dry_run || report.interrupted || !into.is_dir() {
        None
    } else {
        Some(index::bring_in(session, &root(session, &into))?)
    };
    session.report(&Answer::Sheet(&Crawled {
        report: &report,
        index: indexed.as_ref(),
        all: session.global.verbose,
    }))?;
    let unread = indexed.as_ref().is_some_and(|r| !r.failed.is_empty());
    Ok(
        if report.interrupted || indexed.as_ref().is_some_and(|r| r.interrupted) {
            session.say("interrupted: what came is kept; the next crawl goes on, and indexes it");
            INTERRUPTED
        } else if !report.failed.is_empty() || unread {
            WITH_FAILURES
        } else {
            FOUND
        },
    )
}

/// The folder of the archive.
fn into(session: &Session, args: &Crawl) -> anyhow::Result<PathBuf> {
    let configured = || session.config.sources.iter().find(|s| s.is_dir()).cloned();
    let folder = args.into.clone().or_else(configured);
    folder.ok_or_else(|| {
        Error::usage(
            "where is the archive?",
            "give its folder with --into DIR, or name it in `sources` of a deepcut.toml",
        )
        .into()
    })
}

/// What the index is to read: the known root in which the folder lies, else the folder.
fn root(session: &Session, into: &Path) -> PathBuf {
    let Ok(own) = into.canonicalize() else {
        return into.to_path_buf();
    };
    let reader = TantivyReader::open(&session.config.index_dir());
    let roots = reader.and_then(|reader| pipeline::roots(&reader));
    let known = roots.unwrap_or_default().into_iter().map(PathBuf::from);
    known
        .chain(session.config.sources.clone())
        .find(|root| root.canonicalize().is_ok_and(|root| own.starts_with(root)))
        .unwrap_or_else(|| into.to_path_buf())
}

fn status(session: &Session, args: &Crawl, into: &Path) -> anyhow::Result<u8> {
    let mut sites = crawl::status(into)?;
    if let Some(url) = &args.url {
        let bare = |url: &str| {
            let url = url.split("://").last().unwrap_or(url);
            let url = url.strip_prefix("www.").unwrap_or(url);
            url.trim_end_matches('/').to_lowercase()
        };
        sites.retain(|s| bare(&s.site).starts_with(&bare(url)));
    }
    if sites.is_empty() && !session.json() {
        session.say(&format!("nothing was crawled into {}", into.display()));
    }
    session.write(&Answer::Sheet(&CrawlStatus {
        sites: &sites,
        all: session.global.verbose,
    }))?;
    Ok(if sites.is_empty() { NOTHING } else { FOUND })
}

/// Names on stderr what could not be had.
fn name(session: &Session, report: &Report) {
    if let Some(why) = &report.stopped {
        session.warn(&format!("stopped: {why}"));
    }
    let most = if session.global.verbose {
        usize::MAX
    } else {
        NAMED
    };
    for failed in report.failed.iter().take(most) {
        session.warn(&format!("failed: {}: {}", failed.url, failed.reason));
    }
    if report.failed.len() > most {
        session.warn(&format!(
            "… and {} more; `deepcut crawl --status --verbose` names them all",
            report.failed.len() - most
        ));
    }
}

/// Shows how the crawl stands.
struct Watch<'a> {
    session: &'a Session,
    bar: Option<ProgressBar>,
}

impl<'a> Watch<'a> {
    fn new(session: &'a Session) -> Self {
        let bar = session.animated().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { session, bar }
    }
}

impl Observer for Watch<'_> {
    fn step(&self, progress: &Progress, url: &str) {
        let Some(bar) = &self.bar else {
            return self.session.detail(url);
        };
        bar.suspend(|| self.session.detail(url));
        let columns = terminal_size::terminal_size().map_or(80, |(w, _)| usize::from(w.0));
        let mut line = format!(
            "{} posts · {} fetched · {} same · {} refused · {} failed · {} to go · {:#} left",
            progress.posts,
            progress.fetched,
            progress.unchanged,
            progress.forbidden,
            progress.failed,
            progress.due,
            HumanDuration(progress.left)
        );
        // The line never fills the terminal: what the terminal echoes of a Ctrl-C must not break it in two.
        if line.chars().count() + 4 > columns {
            line = format!(
                "{} posts · {} fetched · {} failed · {} to go",
                progress.posts, progress.fetched, progress.failed, progress.due
            );
        }
        bar.set_message(line);
    }

    fn notice(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.session.say(text)),
            None => self.session.say(text),
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
