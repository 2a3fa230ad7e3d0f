//! What is known of a site between requests and between runs.
//!
//! In: pages as they become known and are asked for. Out: the same after a crash, exactly as far as the web
//! archive goes: both are written in one step. One embedded database for a site; must not know the network.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Raised whenever [`Site`] or [`Page`] change.
const VERSION: u32 = 1;

const SITE: TableDefinition<&str, &[u8]> = TableDefinition::new("site");
const PAGES: TableDefinition<&str, &[u8]> = TableDefinition::new("pages");

/// What an address leads to, in the order in which they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A feed of the site's posts.
    Feed,
    /// The feed of all its comments.
    CommentFeed,
    /// What the REST interface says of changes since the last run; asked once.
    Changes,
    /// The page that the user named.
    Seed,
    Sitemap,
    /// A list of posts or comments of the REST interface.
    Rest,
    /// A page that a sitemap, a feed or the REST interface names.
    Post,
    /// A further page of a post's comments.
    Comments,
    /// The feed of one post's comments.
    Thread,
    /// A page that was linked.
    Page,
    /// Posts by date, tag or author; further pages of such lists.
    List,
}

/// Who named an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    User,
    Robots,
    Sitemap,
    Feed,
    Rest,
    Link,
    Redirect,
    /// Nobody: it is where such things usually are.
    Guess,
}

impl Found {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "given",
            Self::Robots => "robots.txt",
            Self::Sitemap => "sitemap",
            Self::Feed => "feed",
            Self::Rest => "rest",
            Self::Link => "link",
            Self::Redirect => "redirect",
            Self::Guess => "usual place",
        }
    }
}

/// What became of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// To be asked for.
    Due,
    /// Fetched, or found unchanged.
    Held,
    /// It led to another address.
    Moved,
    /// Neither page nor feed.
    Other,
    /// 404 or 410 behind a mere link.
    Gone,
    Failed,
    /// By robots.txt.
    Forbidden,
    /// Not followed: a trap.
    Trap,
    /// Older than what was asked for.
    Older,
}

/// One address of the site.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page {
    pub kind: Kind,
    pub found: Found,
    pub standing: Standing,
    /// Place in the order of finding.
    pub order: u64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The server's clock at the last whole answer, as it wrote it.
    pub date: Option<String>,
    /// XXH3-64 of the last whole answer's body.
    pub digest: u64,
    /// `WARC-Date` of the last whole answer, and the file that holds it.
    pub archived: String,
    pub file: String,
    /// When it last changed, as a sitemap or the REST interface says.
    pub changed: Option<String>,
    /// The run that last asked for it, or decided that it need not.
    pub run: u32,
    /// Something says that it changed since it was fetched.
    pub stale: bool,
    /// When it was last asked for, it had not changed.
    pub same: bool,
    /// True where it was understood as a post.
    pub post: bool,
    /// Lists in a row that led here without a post that was not known.
    pub dry: u8,
    /// Why it failed.
    pub reason: String,
}

impl Page {
    pub fn new(kind: Kind, found: Found, order: u64) -> Self {
        Self {
            kind,
            found,
            standing: Standing::Due,
            order,
            etag: None,
            last_modified: None,
            date: None,
            digest: 0,
            archived: String::new(),
            file: String::new(),
            changed: None,
            run: 0,
            stale: false,
            same: false,
            post: false,
            dry: 0,
            reason: String::new(),
        }
    }

    /// True where the server can be asked whether it changed.
    pub fn has_validators(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// True where a whole answer is in the archive.
    pub fn is_archived(&self) -> bool {
        !self.archived.is_empty()
    }

    fn place(&self, url: &str) -> Place {
        // Feeds that are known say whether anything changed; on a first visit, lists of all posts come before.
        let rank = match self.kind {
            Kind::Feed | Kind::CommentFeed if !self.is_archived() => Kind::Rest as u8 * 2 + 1,
            kind => kind as u8 * 2,
        };
        (rank, self.kind, self.order, url.to_owned())
    }
}

type Place = (u8, Kind, u64, String);

/// The rules that a site's robots.txt gave.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rules {
    pub text: String,
    /// Seconds since 1970.
    pub asked: i64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// `WARC-Date` of the whole answer.
    pub archived: String,
    /// The address that answered.
    pub url: String,
}

/// What is known of the site as a whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Site {
    /// The address as the user gave it, and where it led.
    pub url: String,
    pub home: String,
    pub run: u32,
    /// Seconds since 1970: when this run began, the one before, and when this one ended, else 0.
    pub began: i64,
    pub before: i64,
    pub ended: i64,
    /// The web archive of this run, "" where nothing is written yet, and how much of it counts.
    pub warc: String,
    pub length: u64,
    pub part: u32,
    pub next: u64,
    pub rules: Option<Rules>,
    pub wordpress: bool,
    /// The root of the REST interface.
    pub api: Option<String>,
    /// Requests sent, pages fetched whole, found unchanged, and bytes that came, in this run.
    pub requests: u64,
    pub fetched: u64,
    pub unchanged: u64,
    pub bytes: u64,
    /// The server wants no request before: seconds since 1970.
    pub not_before: i64,
}

/// The database of a site, with all of it in memory.
pub struct State {
    base: Option<Database>,
    path: PathBuf,
    pub site: Site,
    pages: HashMap<String, Page>,
    due: BTreeSet<Place>,
    /// Addresses changed since the last commit.
    touched: BTreeSet<String>,
}

fn fault(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::CrawlState {
        path: path.to_path_buf(),
        what: error.to_string(),
    }
}

impl State {
    /// Opens the state of a site, or begins one. One process at a time.
    ///
    /// # Errors
    /// Where it cannot be read or another process has it.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder).map_err(|e| Error::io("writing", folder, e))?;
        let base = Database::create(path).map_err(|e| match e {
            redb::DatabaseError::DatabaseAlreadyOpen => Error::Site {
                url: path.display().to_string(),
                why: "another process crawls this site".into(),
                hint: "wait for it to finish, or interrupt it: the next crawl goes on".into(),
            },
            other => fault(path, other),
        })?;
        let mut state = Self::read(&base, path)?;
        state.base = Some(base);
        Ok(state)
    }

    /// The state of a site for looking only; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn look(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        // A copy, so that a crawl that goes on is not disturbed, and a killed one's base may be put right.
        let copy = tempfile::NamedTempFile::new().map_err(|e| Error::io("writing", path, e))?;
        std::fs::copy(path, copy.path()).map_err(|e| Error::io("reading", path, e))?;
        let base = Database::create(copy.path()).map_err(|e| fault(path, e))?;
        Self::read(&base, path).map(Some)
    }

    /// A state that is never written.
    pub fn passing(path: &Path) -> Result<Self> {
        Ok(Self::look(path)?.unwrap_or_else(|| Self::empty(path)))
    }

    fn empty(path: &Path) -> Self {
        Self {
            base: None,
            path: path.to_path_buf(),
            site: Site::default(),
            pages: HashMap::new(),
            due: BTreeSet::new(),
            touched: BTreeSet::new(),
        }
    }

    fn read(base: &Database, path: &Path) -> Result<Self> {
        let mut state = Self::empty(path);
        let bad = |e: &dyn std::fmt::Display| fault(path, e);
        let read = base.begin_read().map_err(|e| bad(&e))?;
        let site = match read.open_table(SITE) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(state),
            Err(e) => return Err(bad(&e)),
        };
        let version = site.get("version").map_err(|e| bad(&e))?;
        let version: Option<u32> = version.and_then(|v| postcard::from_bytes(v.value()).ok());
        if version != Some(VERSION) {
            return Err(fault(path, "it was written by another version of deepcut"));
        }
        if let Some(value) = site.get("site").map_err(|e| bad(&e))? {
            state.site = postcard::from_bytes(value.value()).map_err(|e| bad(&e))?;
        }
        let pages = read.open_table(PAGES).map_err(|e| bad(&e))?;
        for entry in pages.iter().map_err(|e| bad(&e))? {
            let (url, page) = entry.map_err(|e| bad(&e))?;
            let page: Page = postcard::from_bytes(page.value()).map_err(|e| bad(&e))?;
            let url = url.value().to_owned();
            if page.standing == Standing::Due {
                state.due.insert(page.place(&url));
            }
            state.pages.insert(url, page);
        }
        Ok(state)
    }

    /// Writes what changed since the last time, all or nothing, to the disk.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn commit(&mut self) -> Result<()> {
        let Some(base) = &self.base else {
            self.touched.clear();
            return Ok(());
        };
        let path = &self.path;
        let bad = |e: &dyn std::fmt::Display| fault(path, e);
        let write = base.begin_write().map_err(|e| bad(&e))?;
        {
            let mut site = write.open_table(SITE).map_err(|e| bad(&e))?;
            let version = postcard::to_stdvec(&VERSION).map_err(|e| bad(&e))?;
            let whole = postcard::to_stdvec(&self.site).map_err(|e| bad(&e))?;
            site.insert("version", version.as_slice())
                .map_err(|e| bad(&e))?;
            site.insert("site", whole.as_slice()).map_err(|e| bad(&e))?;
            let mut pages = write.open_table(PAGES).map_err(|e| bad(&e))?;
            for url in &self.touched {
                match self.pages.get(url) {
                    Some(page) => {
                        let bytes = postcard::to_stdvec(page).map_err(|e| bad(&e))?;
                        pages.insert(url.as_str(), bytes.as_slice())
                    }
                    None => pages.remove(url.as_str()),
                }
                .map_err(|e| bad(&e))?;
            }
        }
        write.commit().map_err(|e| bad(&e))?;
        self.touched.clear();
        Ok(())
    }

    /// The page of an address.
    pub fn page(&self, url: &str) -> Option<&Page> {
        self.pages.get(url)
    }

    /// Every page, in no order.
    pub fn pages(&self) -> impl Iterator<Item = (&str, &Page)> {
        self.pages.iter().map(|(url, page)| (url.as_str(), page))
    }

    /// Every address, in the order of finding.
    pub fn addresses(&self) -> Vec<String> {
        let mut all: Vec<(&u64, &String)> = self.pages.iter().map(|(u, p)| (&p.order, u)).collect();
        all.sort();
        all.into_iter().map(|(_, url)| url.clone()).collect()
    }

    /// Adds a page that is not known yet; the next in the order of finding.
    pub fn add(&mut self, url: &str, kind: Kind, found: Found) {
        if self.pages.contains_key(url) {
            return;
        }
        let page = Page::new(kind, found, self.site.next);
        self.site.next += 1;
        self.due.insert(page.place(url));
        self.touched.insert(url.to_owned());
        self.pages.insert(url.to_owned(), page);
    }

    /// Changes what is known of a page.
    pub fn change(&mut self, url: &str, change: impl FnOnce(&mut Page)) {
        if let Some(page) = self.pages.get_mut(url) {
            self.due.remove(&page.place(url));
            change(page);
            if page.standing == Standing::Due {
                self.due.insert(page.place(url));
            }
            self.touched.insert(url.to_owned());
        }
    }

    /// Forgets a page.
    pub fn remove(&mut self, url: &str) {
        if let Some(page) = self.pages.remove(url) {
            self.due.remove(&page.place(url));
            self.touched.insert(url.to_owned());
        }
    }

    /// The next page to ask for.
    pub fn next(&self) -> Option<(Kind, String)> {
        self.due
            .first()
            .map(|(_, kind, _, url)| (*kind, url.clone()))
    }

    /// How many pages are to be asked for.
    pub fn due(&self) -> usize {
        self.due.len()
    }
}
