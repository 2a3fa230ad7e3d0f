//! One run over a site: what is asked for, in which order, and what need not be asked at all.
//!
//! In: a request, and the state that earlier runs left. Out: the report. Every page is archived and its state
//! written before the next is asked for.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use url::Url;

use super::archive::{Archive, Record};
use super::arrive::seed;
use super::discover::{self, Find};
use super::fetch::{Answer, Client};
use super::pace::Pace;
use super::place::{self, Scope};
use super::robots::Robots;
use super::state::{Found, Kind, Page, Standing, State};
use super::{Failed, Observer, Planned, Progress, Report, Request, state_of};
use crate::error::{Error, Result};
use crate::model::canonical_url;

/// In seconds; so long robots.txt holds, as its RFC wants.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// Where feeds usually are, where nothing names them.
const USUAL_FEEDS: &[&str] = &[
    "feed/",
    "feed.xml",
    "atom.xml",
    "rss.xml",
    "index.xml",
    "feed.json",
];

/// So many lists in a row without a post that was not known are the end of it.
pub(super) const MAX_DRY: u8 = 3;

/// So many pages of one folder without one post are a trap.
const MAX_BARREN: u32 = 50;

/// A clock may go wrong by this: seconds.
const SLACK: i64 = 600;

/// A run.
pub(super) struct Session<'a> {
    pub request: &'a Request,
    pub observer: &'a dyn Observer,
    pub cancel: &'a AtomicBool,
    pub client: Client,
    pub pace: Pace,
    pub state: State,
    pub scope: Scope,
    pub robots: Robots,
    archive: Option<Archive>,
    /// By folder: pages that were merely linked, and posts among them.
    folders: HashMap<String, (u32, u32)>,
    /// Answers in a row that turned us away.
    pub turned_away: u32,
    pub traps: HashSet<String>,
    pub stopped: Option<String>,
    /// Every feed says that nothing changed; unknown before they were asked.
    quiet: Option<bool>,
    /// The site told what changed since the last run.
    told: Option<bool>,
    /// Pages asked for since the program began.
    asked: u64,
    begun: Instant,
    plan: Vec<Planned>,
}

pub(super) fn seconds() -> i64 {
    Timestamp::now().as_second()
}

/// What to do with the next page.
enum Need {
    Ask,
    /// It is as it was, by the word of the site.
    Unchanged,
    Drop(Standing, String),
}

impl<'a> Session<'a> {
    /// Opens the state, reads robots.txt and finds where the site is. A site that cannot be had at all leaves
    /// nothing behind.
    pub fn begin(
        request: &'a Request,
        observer: &'a dyn Observer,
        cancel: &'a AtomicBool,
    ) -> Result<Self> {
        let path = state_of(&request.into, &seed(&request.url)?);
        let fresh = !path.exists();
        Self::open_site(request, observer, cancel, &path).inspect_err(|_| {
            if fresh && !request.dry_run {
                let _ = std::fs::remove_file(&path);
                // Folders that hold anything stay.
                for folder in path.ancestors().skip(1).take(2) {
                    let _ = std::fs::remove_dir(folder);
                }
            }
        })
    }

    fn open_site(
        request: &'a Request,
        observer: &'a dyn Observer,
        cancel: &'a AtomicBool,
        path: &Path,
    ) -> Result<Self> {
        let seed = seed(&request.url)?;
        let state = if request.dry_run {
            State::passing(path)?
        } else {
            State::open(path)?
        };
        let home = Url::parse(&state.site.home).unwrap_or_else(|_| seed.clone());
        let mut session = Self {
            request,
            observer,
            cancel,
            client: Client::new(&request.user_agent(), request.limits, request.allow_private),
            pace: Pace::new(request.delay),
            state,
            scope: Scope::of(&home),
            robots: Robots::default(),
            archive: None,
            folders: HashMap::new(),
            turned_away: 0,
            traps: HashSet::new(),
            stopped: None,
            quiet: None,
            told: None,
            asked: 0,
            begun: Instant::now(),
            plan: Vec::new(),
        };
        session.be_patient()?;
        session.number();
        if session.state.site.home.is_empty() {
            if let Err(error) = session.settle(seed) {
                let name = session.state.site.warc.as_str();
                if session.state.site.home.is_empty() && !name.is_empty() {
                    // It holds rules and redirects, and no page.
                    let _ = std::fs::remove_file(request.into.join(name));
                }
                return Err(error);
            }
        } else {
            session.rules(&home)?;
            session.maps();
        }
        session.count_folders();
        Ok(session)
    }

    /// A server that wanted to be left alone until later is.
    fn be_patient(&self) -> Result<()> {
        let left = self.state.site.not_before - seconds();
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
        if left <= self.request.patience {
            if !left.is_zero() {
                let text = format!("the site asked us to wait {} s more", left.as_secs());
                self.observer.notice(&text);
                let end = Instant::now() + left;
                while Instant::now() < end && !self.cancel.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(40));
                }
            }
            return Ok(());
        }
        Err(Error::Site {
            url: self.request.url.clone(),
            why: format!("it asked not to be asked for {} s more", left.as_secs()),
            hint: "run the command again then; nothing is lost".into(),
        })
    }

    /// Begins a run, or goes on with the one that was broken off.
    fn number(&mut self) {
        let site = &mut self.state.site;
        let goes_on = site.run > 0 && site.ended == 0;
        if !goes_on {
            site.url.clone_from(&self.request.url);
            site.before = site.began;
            site.began = seconds();
            site.ended = 0;
            site.run += 1;
            site.warc.clear();
            (site.length, site.part) = (0, 0);
            (site.requests, site.fetched, site.unchanged, site.bytes) = (0, 0, 0, 0);
        }
        let mut there: HashMap<String, bool> = HashMap::new();
        for url in self.state.addresses() {
            let Some(page) = self.state.page(&url) else {
                continue;
            };
            // What was captured and is not there any more is asked for like what never was.
            let file = page.file.clone();
            let is_there = *there
                .entry(file)
                .or_insert_with_key(|file| self.request.into.join(file).is_file());
            if page.is_archived() && !is_there {
                self.state.change(&url, |page| {
                    page.archived.clear();
                    (page.etag, page.last_modified, page.digest) = (None, None, 0);
                });
            }
            let Some(page) = self.state.page(&url) else {
                continue;
            };
            let again = match page.standing {
                Standing::Older => true,
                _ if goes_on => false,
                Standing::Held | Standing::Failed | Standing::Forbidden | Standing::Trap => true,
                Standing::Other => page.kind == Kind::List,
                Standing::Gone => self.request.recheck && page.found == Found::Guess,
                Standing::Due | Standing::Moved => false,
            };
            // Further pages of a feed are found anew where it holds posts that are not known.
            let derived = matches!(page.kind, Kind::Feed | Kind::CommentFeed)
                && page.found == Found::Feed
                || page.kind == Kind::Changes;
            if derived && !goes_on {
                self.state.remove(&url);
            } else if again {
                self.state.change(&url, |page| {
                    page.standing = Standing::Due;
                    page.same = false;
                    page.reason.clear();
                    if !goes_on {
                        page.stale = false;
                        page.dry = 0;
                    }
                });
            }
        }
    }

    fn count_folders(&mut self) {
        let known: Vec<(String, bool)> = self
            .state
            .pages()
            .filter(|(_, page)| page.kind == Kind::Page && page.is_archived())
            .map(|(url, page)| (url.to_owned(), page.post))
            .collect();
        for (url, post) in known {
            if let Ok(url) = Url::parse(&url) {
                self.count_folder(&url, post);
            }
        }
    }

    pub fn count_folder(&mut self, url: &Url, post: bool) {
        let (pages, posts) = self.folders.entry(place::folder(url)).or_default();
        *pages += 1;
        *posts += u32::from(post);
    }

    /// Asks for everything that is due.
    pub fn run(mut self) -> Result<Report> {
        loop {
            if self.cancel.load(Ordering::SeqCst) || self.stopped.is_some() {
                break;
            }
            let Some((kind, written)) = self.state.next() else {
                if self.guess_feeds() {
                    continue;
                }
                self.state.site.ended = seconds();
                break;
            };
            if kind > Kind::CommentFeed && self.quiet.is_none() {
                self.hear();
                continue;
            }
            if kind > Kind::Changes && self.told.is_none() {
                self.told = Some(self.was_told());
            }
            let Ok(url) = Url::parse(&written) else {
                self.state.remove(&written);
                continue;
            };
            match self.need(&url, kind) {
                Need::Drop(standing, reason) => self.state.change(&written, |page| {
                    page.standing = standing;
                    page.reason = reason;
                }),
                Need::Unchanged => {
                    let run = self.state.site.run;
                    self.state.site.unchanged += u64::from(is_page(kind));
                    self.state.change(&written, |page| {
                        page.standing = Standing::Held;
                        page.run = run;
                        page.same = true;
                    });
                }
                Need::Ask if self.request.dry_run && is_page(kind) && kind != Kind::Seed => {
                    self.put_down(&written);
                }
                Need::Ask => {
                    if is_page(kind) {
                        if self.request.limit.is_some_and(|limit| self.asked >= limit) {
                            self.stopped =
                                Some(format!("--limit: {} pages were asked for", self.asked));
                            break;
                        }
                        self.asked += 1;
                    }
                    self.visit(&url)?;
                    self.commit()?;
                }
            }
        }
        self.commit()?;
        Ok(self.report())
    }

    /// Says what a dry run would ask for.
    fn put_down(&mut self, url: &str) {
        if let Some(page) = self.state.page(url) {
            self.plan.push(Planned {
                url: url.to_owned(),
                found: page.found.word(),
                conditional: page.is_archived(),
                date: page.changed.clone(),
            });
        }
        self.state
            .change(url, |page| page.standing = Standing::Held);
    }

    /// After the feeds: is there anything new at all, and can the site say what?
    fn hear(&mut self) {
        let heard = |kind: Kind| {
            let mut all = self
                .state
                .pages()
                .filter(|(_, page)| page.kind == kind && page.standing == Standing::Held)
                .peekable();
            all.peek().is_some() && all.all(|(_, page)| page.same && page.has_validators())
        };
        // WordPress dates both feeds by the last change to any post or comment.
        let quiet = !self.request.recheck
            && self.state.site.wordpress
            && heard(Kind::Feed)
            && heard(Kind::CommentFeed);
        self.quiet = Some(quiet);
        let site = &self.state.site;
        let Some(api) = site
            .api
            .clone()
            .filter(|_| !quiet && !self.request.recheck && site.wordpress && site.before > 0)
        else {
            return;
        };
        let Ok(since) = Timestamp::from_second(site.before - SLACK) else {
            return;
        };
        for url in discover::rest_lists(&api, Some(&since.to_string())) {
            self.state.add(url.as_str(), Kind::Changes, Found::Rest);
        }
    }

    /// True where the REST interface told everything that changed since the last run.
    fn was_told(&self) -> bool {
        let mut changes = self
            .state
            .pages()
            .filter(|(_, page)| page.kind == Kind::Changes)
            .peekable();
        changes.peek().is_some() && changes.all(|(_, page)| page.standing == Standing::Held)
    }

    /// Where neither a feed nor a list of posts was named, feeds are looked for at the usual places, once.
    fn guess_feeds(&mut self) -> bool {
        let known = self.state.pages().any(|(_, page)| {
            page.kind == Kind::Feed || (page.kind == Kind::Post && page.standing != Standing::Gone)
        });
        let Ok(home) = Url::parse(&self.state.site.home) else {
            return false;
        };
        if known {
            return false;
        }
        let mut any = false;
        for usual in USUAL_FEEDS {
            if let Some(url) = self.scope.join(&home, usual)
                && self.state.page(url.as_str()).is_none()
            {
                any = true;
                self.state.add(url.as_str(), Kind::Feed, Found::Guess);
            }
        }
        any
    }

    fn need(&mut self, url: &Url, kind: Kind) -> Need {
        let Some(page) = self.state.page(url.as_str()).cloned() else {
            return Need::Drop(Standing::Gone, String::new());
        };
        if is_page(kind) && kind != Kind::Seed {
            if let Some(since) = &self.request.since {
                let dated = page.changed.clone().or_else(|| place::date(url));
                if dated.is_some_and(|date| date.as_str() < since.as_str()) {
                    return Need::Drop(Standing::Older, format!("older than {since}"));
                }
            }
            if kind == Kind::List && self.is_listed() {
                let reason = "every post is listed elsewhere";
                return Need::Drop(Standing::Other, reason.into());
            }
            let barren = self.folders.get(&place::folder(url));
            if kind == Kind::Page
                && let Some((pages, 0)) = barren
                && *pages >= MAX_BARREN
                && !page.is_archived()
            {
                self.traps.insert(url.to_string());
                let reason = format!("{pages} pages of its folder hold no post");
                return Need::Drop(Standing::Trap, reason);
            }
        }
        if !self.robots.allows(&path_of(url)) {
            // A place that nobody named is not refused to anybody.
            let standing = match page.found {
                Found::Guess => Standing::Gone,
                _ => Standing::Forbidden,
            };
            return Need::Drop(standing, "robots.txt forbids it".into());
        }
        if kind == Kind::Sitemap && page.found == Found::Guess && self.has_map(url) {
            return Need::Drop(Standing::Gone, "another sitemap is there".into());
        }
        let asks_always = matches!(kind, Kind::Feed | Kind::CommentFeed | Kind::Changes);
        if page.is_archived() && !asks_always && !self.request.recheck {
            if self.quiet == Some(true) {
                return Need::Unchanged;
            }
            if self.told == Some(true) && !page.stale && !page.has_validators() {
                return Need::Unchanged;
            }
        }
        Need::Ask
    }

    /// True where another sitemap than this one is known.
    fn has_map(&self, url: &Url) -> bool {
        self.state.pages().any(|(other, page)| {
            page.kind == Kind::Sitemap && page.standing == Standing::Held && other != url.as_str()
        })
    }

    /// True where a sitemap or the REST interface names the site's posts.
    fn is_listed(&self) -> bool {
        self.state.pages().any(|(_, page)| {
            page.kind == Kind::Post
                && matches!(page.found, Found::Sitemap | Found::Rest)
                && page.post
        })
    }

    /// Adds what an answer names.
    pub fn adopt(&mut self, from: &Url, finds: Vec<Find>) -> usize {
        let own = self.state.page(from.as_str()).cloned();
        let (list, dry) = own.map_or((false, 0), |p| (p.kind == Kind::List, p.dry));
        let making = place::making(from);
        let mut seen = HashSet::new();
        let mut fresh = Vec::new();
        let mut commented = HashSet::new();
        let mut yields = 0;
        let before = Timestamp::from_second(self.state.site.before - DAY).unwrap_or_default();
        let before = before.strftime("%Y-%m-%d").to_string();
        for find in finds {
            // Feeds show old comments too.
            if find.commented && find.date.as_deref().is_none_or(|d| d >= before.as_str()) {
                commented.insert(canonical_url(find.url.as_str()));
            }
            let url = find.url.as_str();
            if !seen.insert(url.to_owned()) || url == from.as_str() {
                continue;
            }
            if let Some(page) = self.state.page(url) {
                let better = find.kind < page.kind && is_page(page.kind) && is_page(find.kind);
                let renamed = better && page.kind != Kind::Seed;
                let stale =
                    matches!(find.found, Found::Rest) && self.told.is_none() && !find.commented;
                if renamed || find.date.is_some() || stale {
                    self.state.change(url, |page| {
                        if renamed {
                            page.kind = find.kind;
                            page.found = find.found;
                        }
                        page.changed = find.date.clone().max(page.changed.take());
                        page.stale |= stale;
                    });
                }
                continue;
            }
            if is_page(find.kind) {
                if !self.scope.holds(&find.url) || place::is_asset(&find.url) {
                    continue;
                }
                if find.found == Found::Link {
                    if place::is_feed(&find.url) {
                        continue;
                    }
                    if place::refused(&find.url).is_some() {
                        self.traps.insert(url.to_owned());
                        continue;
                    }
                }
            }
            if find.kind != Kind::List && place::making(&find.url) != making {
                yields += 1;
            }
            fresh.push(find);
        }
        let dry = if list && yields == 0 { dry + 1 } else { 0 };
        let mut posts = 0;
        for find in fresh {
            if find.kind == Kind::List && dry >= MAX_DRY {
                self.traps.insert(find.url.to_string());
                continue;
            }
            posts += usize::from(find.kind == Kind::Post);
            self.state.add(find.url.as_str(), find.kind, find.found);
            self.state.change(find.url.as_str(), |page| {
                page.changed = find.date;
                page.dry = if page.kind == Kind::List { dry } else { 0 };
            });
        }
        self.refresh(&commented);
        posts
    }

    /// Pages of posts with new comments have changed, the further pages of their comments too.
    fn refresh(&mut self, posts: &HashSet<String>) {
        if posts.is_empty() {
            return;
        }
        let pages: Vec<String> = self
            .state
            .pages()
            .filter(|(url, page)| is_page(page.kind) && posts.contains(&canonical_url(url)))
            .map(|(url, _)| url.to_owned())
            .collect();
        for url in pages {
            self.state.change(&url, |page| page.stale = true);
        }
    }

    pub fn allows(&self, url: &Url) -> bool {
        self.robots.allows(&path_of(url))
    }

    /// Archives an answer; the `WARC-Date`.
    pub fn archive(&mut self, url: &Url, answer: &Answer, record: &Record<'_>) -> Result<String> {
        if self.request.dry_run {
            return Ok(Timestamp::now().to_string());
        }
        if self.archive.as_ref().is_some_and(Archive::is_full) {
            self.archive = None;
            self.state.site.warc.clear();
        }
        if self.archive.is_none() {
            self.archive = Some(self.open(url)?);
        }
        match &mut self.archive {
            Some(archive) => archive.write(url, answer, record),
            None => Ok(String::new()),
        }
    }

    fn open(&mut self, url: &Url) -> Result<Archive> {
        let folder = &self.request.into;
        let site = &mut self.state.site;
        let lost = site.length > 0 && !folder.join(&site.warc).is_file();
        if site.warc.is_empty() || lost {
            let began = Timestamp::from_second(site.began).unwrap_or_default();
            let host = url.host_str().unwrap_or_default();
            let host = host.replace([':', '[', ']'], "_");
            let stem = format!("{host}-{}", began.strftime("%Y%m%d%H%M%S"));
            (site.warc, site.part) = Archive::choose(folder, &stem, site.part);
            site.length = 0;
            // The state knows of the file before it is there: none is ever left that nobody knows.
            self.state.commit()?;
        }
        let about = format!(
            "software: {}\r\nformat: WARC File Format 1.1\r\n\
             conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
             robots: obey\r\nhttp-header-user-agent: {}\r\nisPartOf: {}\r\n",
            concat!("deepcut/", env!("CARGO_PKG_VERSION")),
            self.request.user_agent(),
            self.request.url
        );
        let site = &self.state.site;
        Archive::open(&folder.join(&site.warc), site.length, &about)
    }

    /// Writes the state, with how far the archive goes.
    pub fn commit(&mut self) -> Result<()> {
        if let Some(archive) = &self.archive {
            self.state.site.length = archive.length();
        }
        self.state.commit()
    }

    pub fn progress(&self) -> Progress {
        let mut progress = Progress {
            fetched: self.state.site.fetched,
            unchanged: self.state.site.unchanged,
            due: self.state.due() as u64,
            ..Progress::default()
        };
        super::overview::count(&self.state, &mut progress);
        progress.left = self.pace.time_of(progress.due);
        progress
    }

    fn report(self) -> Report {
        let site = &self.state.site;
        Report {
            site: site.home.clone(),
            run: site.run,
            progress: self.progress(),
            requests: site.requests,
            bytes: site.bytes,
            seconds: self.begun.elapsed().as_secs_f64(),
            warc: site.warc.clone(),
            failed: failures(&self.state),
            traps: self.traps.len() as u64,
            interrupted: self.cancel.load(Ordering::SeqCst) && site.ended == 0,
            stopped: self.stopped.clone(),
            plan: self.request.dry_run.then(|| self.plan.clone()),
        }
    }
}

/// Pages that could not be had, sorted.
pub(super) fn failures(state: &State) -> Vec<Failed> {
    let failed = |page: &Page| page.standing == Standing::Failed;
    let mut all: Vec<Failed> = state
        .pages()
        .filter(|(_, page)| failed(page))
        .map(|(url, page)| Failed {
            url: url.to_owned(),
            reason: page.reason.clone(),
        })
        .collect();
    all.sort();
    all
}

/// True for what people read.
pub(super) fn is_page(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Seed | Kind::Post | Kind::Comments | Kind::Page | Kind::List
    )
}

pub(super) fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
