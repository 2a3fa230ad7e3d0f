//! One page: asked for, with patience; archived; read for further addresses.
//!
//! In: an address that is due. Out: the state knows what became of it, and what it names. The run decides before
//! whether it is asked for at all.

use std::time::Duration;

use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use super::archive::Record;
use super::discover::{self, Reading};
use super::fetch::{Answer, Fault, Known};
use super::pace::retry_after;
use super::place;
use super::session::{Session, is_page, seconds};
use super::state::{Found, Kind, Standing};
use crate::error::Result;

/// Tries of one page in one run.
const TRIES: u32 = 3;

/// So many answers in a row that turn us away end the run.
const TURNED_AWAY: u32 = 6;

/// Why no answer came.
pub(super) enum End {
    Fault(Fault),
    /// The server's own fault, again and again.
    Failed(String),
    /// The run ends: by the user, or because the site wants to be left alone.
    Stopped,
}

impl Session<'_> {
    /// Asks for an address until there is an answer that says something of the page.
    pub fn ask(&mut self, url: &Url, known: &Known) -> Result<Answer, End> {
        let mut tries = 0;
        loop {
            self.observer.step(&self.progress(), url.as_str());
            if !self.pace.wait(self.cancel) {
                return Err(End::Stopped);
            }
            tries += 1;
            self.state.site.requests += 1;
            let answer = match self.client.get(url, known, self.cancel) {
                Ok(answer) => answer,
                Err(Fault::Cancelled) => return Err(End::Stopped),
                Err(fault) if fault.may_pass() && tries < TRIES => {
                    self.pace.backoff(tries, None);
                    continue;
                }
                Err(fault) => {
                    self.pace.backoff(0, None);
                    return Err(End::Fault(fault));
                }
            };
            self.pace.answered(answer.took);
            self.state.site.bytes += answer.raw.len() as u64;
            let wanted = answer.header("retry-after").and_then(retry_after);
            let tired = answer.status == 429 || (answer.status == 503 && wanted.is_some());
            if !tired {
                self.turned_away = 0;
                if answer.status < 500 {
                    return Ok(answer);
                }
                if tries >= TRIES {
                    return Err(End::Failed(format!("{} {}", answer.status, answer.reason)));
                }
                self.pace.backoff(tries, wanted);
                continue;
            }
            self.turned_away += 1;
            let wait = self.pace.backoff(self.turned_away, wanted);
            if wait > self.request.patience || self.turned_away >= TURNED_AWAY {
                self.leave_alone(wait);
                return Err(End::Stopped);
            }
            if wait > Duration::from_secs(5) {
                let text = format!("the site asks us to wait {} s", wait.as_secs());
                self.observer.notice(&text);
            }
        }
    }

    fn leave_alone(&mut self, wait: Duration) {
        let wait = wait.as_secs().max(1);
        self.state.site.not_before = seconds() + i64::try_from(wait).unwrap_or(i64::MAX / 2);
        self.stopped = Some(format!(
            "the site wants to be left alone for {wait} s; the next run goes on"
        ));
    }

    /// Asks for a page, follows where it leads, and keeps what comes.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn visit(&mut self, first: &Url) -> Result<()> {
        let mut chain = vec![first.clone()];
        loop {
            let Some(url) = chain.last().cloned() else {
                return Ok(());
            };
            let known = self.known(&url);
            let answer = match self.ask(&url, &known) {
                Ok(answer) => answer,
                // It stays due: the next run asks again.
                Err(End::Stopped) => return Ok(()),
                Err(End::Fault(fault)) => {
                    self.fail(&url, fault.to_string());
                    return Ok(());
                }
                Err(End::Failed(reason)) => {
                    self.fail(&url, reason);
                    return Ok(());
                }
            };
            let moved = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
            if !moved {
                return self.keep(&url, &answer);
            }
            self.archive(&url, &answer, &Record::Response)?;
            let Some(target) = self.target(&url, &answer) else {
                return Ok(());
            };
            if chain.contains(&target) {
                self.fail(first, "it redirects in a circle".into());
                return Ok(());
            }
            if chain.len() > self.request.limits.redirects {
                let reason = format!("more than {} redirects", self.request.limits.redirects);
                self.fail(first, reason);
                return Ok(());
            }
            let due = self.state.page(target.as_str()).map(|page| page.standing);
            if due.is_some_and(|standing| standing != Standing::Due) {
                return Ok(());
            }
            let (kind, found) = self
                .state
                .page(url.as_str())
                .map_or((Kind::Page, Found::Redirect), |page| {
                    (page.kind, page.found)
                });
            let found = if found == Found::Guess {
                found
            } else {
                Found::Redirect
            };
            self.state.add(target.as_str(), kind, found);
            if !self.allows(&target) {
                return Ok(());
            }
            chain.push(target);
        }
    }

    /// Where a redirect leads, if that is a page of the site; the page that led there is done.
    fn target(&mut self, url: &Url, answer: &Answer) -> Option<Url> {
        let written = answer.header("location").unwrap_or_default();
        let target = self.scope.join(url, written);
        let kind = self.state.page(url.as_str()).map(|page| page.kind);
        let inside = target.filter(|target| {
            !kind.is_some_and(is_page)
                || self.scope.holds(target)
                    && !place::is_asset(target)
                    && place::refused(target).is_none()
        });
        let reason = match &inside {
            Some(target) => format!("moved to {target}"),
            None => format!("leads off the site, to {written}"),
        };
        if kind == Some(Kind::Seed) && inside.is_none() {
            let text =
                format!("{url} leads to {written} now: crawl that address, if it is the same blog");
            self.observer.notice(&text);
        }
        let run = self.state.site.run;
        self.state.change(url.as_str(), |page| {
            page.standing = Standing::Moved;
            page.reason = reason;
            page.run = run;
        });
        inside
    }

    fn known(&self, url: &Url) -> Known {
        let Some(page) = self.state.page(url.as_str()) else {
            return Known::default();
        };
        if !page.is_archived() {
            return Known::default();
        }
        Known {
            etag: page.etag.clone(),
            // Who gives no time of change may still compare with the time of the answer.
            modified: page.last_modified.clone().or_else(|| match page.etag {
                Some(_) => None,
                None => page.date.clone(),
            }),
        }
    }

    fn fail(&mut self, url: &Url, reason: String) {
        let run = self.state.site.run;
        self.state.change(url.as_str(), |page| {
            page.run = run;
            // A place that nobody named is no loss.
            page.standing = match page.found {
                Found::Guess => Standing::Gone,
                _ => Standing::Failed,
            };
            page.reason = reason;
        });
    }

    /// Keeps an answer that leads nowhere else: archives it, and reads what it names.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn keep(&mut self, url: &Url, answer: &Answer) -> Result<()> {
        let Some(page) = self.state.page(url.as_str()).cloned() else {
            return Ok(());
        };
        let run = self.state.site.run;
        let counts = u64::from(is_page(page.kind));
        let status = format!("{} {}", answer.status, answer.reason);
        match answer.status {
            304 if page.is_archived() => {
                self.archive(url, answer, &Record::NotModified(&page.archived))?;
                self.state.site.unchanged += counts;
                self.state.change(url.as_str(), |page| {
                    page.standing = Standing::Held;
                    page.run = run;
                    page.same = true;
                });
                return Ok(());
            }
            200 => {}
            404 | 410 => {
                let named = page.kind == Kind::Post && page.found != Found::Redirect
                    || page.kind == Kind::Sitemap;
                if named && answer.status == 404 && !page.is_archived() {
                    self.fail(url, status);
                } else {
                    self.state.change(url.as_str(), |page| {
                        page.standing = Standing::Gone;
                        page.reason = status;
                        page.run = run;
                    });
                }
                return Ok(());
            }
            // An interface that is closed is no loss.
            400..=499 if matches!(page.kind, Kind::Rest | Kind::Changes | Kind::Thread) => {
                self.state.change(url.as_str(), |page| {
                    page.standing = Standing::Gone;
                    page.reason = status;
                });
                return Ok(());
            }
            _ => {
                self.fail(url, status);
                return Ok(());
            }
        }
        if !answer.read {
            let kind = answer.header("content-type").unwrap_or_default().to_owned();
            self.state.change(url.as_str(), |page| {
                page.standing = Standing::Other;
                page.reason = format!("no page: {kind}");
                page.run = run;
            });
            return Ok(());
        }
        let digest = xxh3_64(&answer.body);
        let same = page.is_archived() && page.digest == digest;
        let archived = if same {
            self.archive(url, answer, &Record::SameBody(&page.archived))?;
            self.state.site.unchanged += counts;
            page.archived.clone()
        } else {
            self.state.site.fetched += counts;
            self.archive(url, answer, &Record::Response)?
        };
        let file = self.state.site.warc.clone();
        let header = |name: &str| answer.header(name).map(str::to_owned);
        self.state.change(url.as_str(), |page| {
            page.standing = Standing::Held;
            page.etag = header("etag");
            page.last_modified = header("last-modified");
            page.date = header("date");
            page.digest = digest;
            if !same {
                page.file = file;
            }
            page.archived = archived;
            page.run = run;
            page.same = same;
            page.stale = false;
            page.reason.clear();
        });
        self.read(url, page.kind, answer);
        Ok(())
    }

    /// Takes from an answer what it names.
    fn read(&mut self, url: &Url, kind: Kind, answer: &Answer) {
        let reading = match kind {
            Kind::Sitemap => discover::sitemap(&self.scope, url, answer),
            Kind::Feed | Kind::CommentFeed | Kind::Thread => {
                discover::feed(&self.scope, url, answer)
            }
            Kind::Rest | Kind::Changes => discover::rest(&self.scope, url, answer),
            Kind::Seed | Kind::Post | Kind::Comments | Kind::Page | Kind::List => {
                let seed = kind == Kind::Seed;
                Some(discover::page(&self.scope, url, answer, seed))
            }
        };
        match reading {
            Some(reading) => self.learn(url, kind, reading),
            // Many a site answers any address with a page.
            None => self.state.change(url.as_str(), |page| {
                page.standing = Standing::Other;
                page.reason = "not what its address promises".into();
                page.archived.clear();
            }),
        }
    }

    fn learn(&mut self, url: &Url, kind: Kind, mut reading: Reading) {
        self.state.site.wordpress |= reading.wordpress;
        if let Some(api) = reading.api.take()
            && self.state.site.api.is_none()
        {
            for list in discover::rest_lists(&api, None) {
                self.state.add(list.as_str(), Kind::Rest, Found::Link);
            }
            self.state.site.api = Some(api);
        }
        if is_page(kind) {
            if kind == Kind::Page {
                self.count_folder(url, reading.post);
            }
            let (post, date) = (reading.post, reading.date.take());
            self.state.change(url.as_str(), |page| {
                // Further pages of comments show their post once more.
                page.post = post && page.kind != Kind::Comments;
                page.changed = page.changed.take().or(date);
            });
            if let Some(canonical) = reading.canonical.take()
                && place::refused(&canonical).is_none()
                && self.scope.holds(&canonical)
            {
                self.canonical(url, kind, &canonical);
            }
        }
        let new = self.adopt(url, reading.finds);
        let goes_on = match kind {
            Kind::Rest | Kind::Changes => true,
            Kind::Feed | Kind::CommentFeed | Kind::Sitemap | Kind::Thread => new > 0,
            _ => false,
        };
        if let Some(next) = reading.next.filter(|_| goes_on) {
            let found = match kind {
                Kind::Rest | Kind::Changes => Found::Rest,
                _ => Found::Feed,
            };
            self.state.add(next.as_str(), kind, found);
        }
    }

    /// A page that says it is another one is another one; that is asked for, unless it is known.
    fn canonical(&mut self, url: &Url, kind: Kind, canonical: &Url) {
        if kind == Kind::Seed || kind == Kind::List || kind == Kind::Comments {
            return;
        }
        let known = self.state.page(canonical.as_str());
        let is_post = known.is_some_and(|page| page.post);
        self.state.add(canonical.as_str(), kind, Found::Redirect);
        if is_post {
            // The same post under a second address does not count twice.
            self.state.change(url.as_str(), |page| page.post = false);
        }
    }
}
