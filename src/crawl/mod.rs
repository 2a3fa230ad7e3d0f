//! How does a living blog come into the archive, politely and completely?
//!
//! In: the address of a site and a folder. Out: WARC files in that folder that `source::warc` reads, and a report.
//! The only place that touches the network. Must not index: what was captured is read like any other source.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

mod archive;
mod arrive;
mod discover;
mod fetch;
mod overview;
mod pace;
mod place;
mod robots;
mod session;
mod state;
mod visit;

pub use overview::{SiteStatus, status};

use crate::error::Result;

/// Where the states of sites lie, within the folder of the archive; hidden, so that no run reads it.
const STATES: &str = ".crawl";

/// What one answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte sent to the last one received.
    pub time: Duration,
    /// Bytes of a body, as it comes and after decompression.
    pub bytes: u64,
    /// Redirects in a row.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            bytes: 16 << 20,
            redirects: 10,
        }
    }
}

/// What a crawl is asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// Any address of the site; its folder bounds the crawl.
    pub url: String,
    /// The folder of the archive.
    pub into: PathBuf,
    /// Pages to ask for in this run, at most.
    pub limit: Option<u64>,
    /// Leave out pages that did not change since this day, `YYYY-MM-DD`, as far as that is told.
    pub since: Option<String>,
    /// Ask for robots.txt, sitemaps, feeds and lists only, write nothing, and say what would be asked for.
    pub dry_run: bool,
    /// Ask for every page again, also where the site says that nothing changed.
    pub recheck: bool,
    /// Let names lead to private and loopback addresses.
    pub allow_private: bool,
    /// The least time between two requests.
    pub delay: Duration,
    /// How long a server that turns us away may make us wait; if longer, the run ends.
    pub patience: Duration,
    pub limits: Limits,
    /// How the user can be reached; "" where that is not known.
    pub contact: String,
}

impl Request {
    /// The name under which the site is asked.
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match self.contact.trim() {
            "" => format!("{}/{version} (blog archiver)", robots::AGENT),
            contact => format!("{}/{version} (blog archiver; +{contact})", robots::AGENT),
        }
    }
}

/// A page that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failed {
    pub url: String,
    pub reason: String,
}

/// A page that a dry run would have asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub url: String,
    /// What named it.
    pub found: &'static str,
    /// True where the server would only be asked whether it changed.
    pub conditional: bool,
    /// When it changed last, as the site says.
    pub date: Option<String>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Posts that are known.
    pub posts: u64,
    /// Pages that came whole in this run.
    pub fetched: u64,
    /// Pages that the site said, or showed, to be as they were.
    pub unchanged: u64,
    /// Addresses that robots.txt forbids.
    pub forbidden: u64,
    pub failed: u64,
    /// Pages still to be asked for, as far as known.
    pub due: u64,
    pub left: Duration,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Where the site is.
    pub site: String,
    /// The run's number, from 1.
    pub run: u32,
    pub progress: Progress,
    /// Requests sent, and bytes that came.
    pub requests: u64,
    pub bytes: u64,
    pub seconds: f64,
    /// The file that was written, "" where nothing came.
    pub warc: String,
    pub failed: Vec<Failed>,
    /// Addresses that were recognised as traps.
    pub traps: u64,
    pub interrupted: bool,
    /// Why the run ended before everything was asked for.
    pub stopped: Option<String>,
    /// What a dry run would ask for.
    pub plan: Option<Vec<Planned>>,
}

/// Watches a crawl.
pub trait Observer {
    /// A request is about to be sent, or a wait to begin.
    fn step(&self, progress: &Progress, url: &str);
    /// Something that the user should know while the crawl goes on.
    fn notice(&self, text: &str);
}

/// Crawls a site, or goes on where a crawl was broken off.
///
/// # Errors
/// Where the site cannot be reached at all, its robots.txt cannot be had, another process crawls it, or the disk
/// refuses. Pages that cannot be had are no errors: they are in the report.
pub fn run(request: &Request, observer: &dyn Observer, cancel: &AtomicBool) -> Result<Report> {
    session::Session::begin(request, observer, cancel)?.run()
}

/// The file of a site's state.
fn state_of(into: &Path, site: &url::Url) -> PathBuf {
    let host = site.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut name = host.replace([':', '[', ']'], "_");
    if let Some(port) = site.port() {
        name.push_str(&format!("-{port}"));
    }
    let folder = site.path().rfind('/').map_or("", |at| &site.path()[..at]);
    for c in folder.chars() {
        name.push(if c.is_alphanumeric() { c } else { '-' });
    }
    into.join(STATES).join(format!("{name}.redb"))
}
