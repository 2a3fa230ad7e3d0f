//! What is known of the sites of an archive.
//!
//! In: the states that crawls left. Out: counts, times and failures of each site; nothing is asked for.

use std::path::Path;

use super::session::failures;
use super::state::{Kind, Standing, State};
use super::{Failed, Progress, STATES};
use crate::error::{Error, Result};

/// How a site stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteStatus {
    pub site: String,
    /// How many runs there were.
    pub runs: u32,
    /// Seconds since 1970: when the last run began, and when it ended; `None` where it was broken off or has more
    /// to ask for.
    pub began: i64,
    pub ended: Option<i64>,
    /// Counts of the last run.
    pub progress: Progress,
    pub requests: u64,
    pub bytes: u64,
    pub warc: String,
    /// The platform, where it is known.
    pub platform: Option<&'static str>,
    pub failed: Vec<Failed>,
    /// Addresses that robots.txt forbids, sorted.
    pub forbidden: Vec<String>,
}

/// How the sites of an archive stand, by their address.
///
/// # Errors
/// Where a state cannot be read.
pub fn status(into: &Path) -> Result<Vec<SiteStatus>> {
    let folder = into.join(STATES);
    let mut all = Vec::new();
    if !folder.is_dir() {
        return Ok(all);
    }
    let entries = std::fs::read_dir(&folder).map_err(|e| Error::io("listing", &folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io("listing", &folder, e))?.path();
        if path.extension().is_none_or(|end| end != "redb") {
            continue;
        }
        let Some(state) = State::look(&path)? else {
            continue;
        };
        let site = &state.site;
        let mut progress = Progress {
            fetched: site.fetched,
            unchanged: site.unchanged,
            due: state.due() as u64,
            ..Progress::default()
        };
        count(&state, &mut progress);
        let mut forbidden: Vec<String> = state
            .pages()
            .filter(|(_, page)| page.standing == Standing::Forbidden)
            .map(|(url, _)| url.to_owned())
            .collect();
        forbidden.sort();
        all.push(SiteStatus {
            site: match site.home.as_str() {
                "" => site.url.clone(),
                home => home.to_owned(),
            },
            runs: site.run,
            began: site.began,
            ended: (site.ended > 0).then_some(site.ended),
            progress,
            requests: site.requests,
            bytes: site.bytes,
            warc: site.warc.clone(),
            platform: site.wordpress.then_some("wordpress"),
            failed: failures(&state),
            forbidden,
        });
    }
    all.sort_by(|a, b| a.site.cmp(&b.site));
    Ok(all)
}

/// Counts posts, failures and what is forbidden.
pub(super) fn count(state: &State, progress: &mut Progress) {
    for (_, page) in state.pages() {
        let waits =
            page.kind == Kind::Post && page.standing == Standing::Due && !page.is_archived();
        progress.posts += u64::from(page.post || waits);
        progress.forbidden += u64::from(page.standing == Standing::Forbidden);
        progress.failed += u64::from(page.standing == Standing::Failed);
    }
}
