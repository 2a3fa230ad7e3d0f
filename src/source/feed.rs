//! What feeds and exports of all makes have in common: posts, and comments that belong to posts.
//!
//! In: entries and comments as a reader finds them. Out: posts with their comments where both lie in one file;
//! else the comments under the address of their post, to be joined with it in the index. Must not know any
//! format.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::open::unreadable;
use super::spool::Spool;
use super::xml::Element;
use super::{BadDocument, Content, Entry, EntryBody, FileName, Sink, thread};
use crate::error::Result;
use crate::model::{Comment, DateSource, Published, Text, canonical_url};

/// Bytes of comments that wait for their posts before they are handed on without.
const WAITING: usize = 64 << 20;

/// Comments of one post.
#[derive(Default)]
struct Thread {
    /// The post's address and title, where known.
    url: Option<String>,
    title: Option<String>,
    site: Option<String>,
    comments: Vec<Comment>,
}

/// Posts and comments of one file.
pub(super) struct Joined<'a> {
    reader: &'static str,
    file: &'a FileName,
    posts: Spool<(String, Vec<String>, Entry)>,
    /// By what the comments call their post: an id, or its canonical address.
    threads: HashMap<String, Thread>,
    /// Order of `threads`.
    order: Vec<String>,
    bytes: usize,
    /// Posts that are not published: nor are their comments.
    withheld: HashSet<String>,
}

impl<'a> Joined<'a> {
    pub fn new(reader: &'static str, file: &'a FileName) -> Self {
        Self {
            reader,
            file,
            posts: Spool::new(),
            threads: HashMap::new(),
            order: Vec::new(),
            bytes: 0,
            withheld: HashSet::new(),
        }
    }

    /// A post that waits for its comments; `ids` are what these may call it besides its address.
    ///
    /// # Errors
    /// Where it cannot be laid aside.
    pub fn post(&mut self, name: String, ids: Vec<String>, entry: Entry) -> Result<()> {
        self.posts.push(&(name, ids, entry)).map_err(unreadable)
    }

    /// A post that is not published.
    pub fn withhold(&mut self, id: String) {
        self.withheld.insert(id);
    }

    /// A comment to the post of this id, or of this address.
    pub fn comment(
        &mut self,
        about: &About,
        comment: Comment,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let key = match (&about.id, &about.url) {
            (Some(id), _) => id.clone(),
            (None, Some(url)) => canonical_url(url),
            (None, None) => String::new(),
        };
        self.bytes += comment.text.len() + 200;
        let thread = match self.threads.get_mut(&key) {
            Some(thread) => thread,
            None => {
                self.order.push(key.clone());
                self.threads.entry(key).or_default()
            }
        };
        thread.comments.push(comment);
        for (ours, theirs) in [
            (&mut thread.url, &about.url),
            (&mut thread.title, &about.title),
            (&mut thread.site, &about.site),
        ] {
            if ours.is_none() {
                ours.clone_from(theirs);
            }
        }
        if self.bytes > WAITING {
            return self.hand_on(sink);
        }
        ControlFlow::Continue(())
    }

    /// Hands everything on.
    ///
    /// # Errors
    /// Where what was laid aside cannot be read back.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> Result<()> {
        let posts = std::mem::replace(&mut self.posts, Spool::new());
        let mut stopped = false;
        posts
            .drain(&mut |(name, mut ids, mut entry)| {
                ids.extend(entry.url.as_deref().map(canonical_url));
                let mut comments = std::mem::take(&mut entry.comments);
                for id in &ids {
                    if let Some(thread) = self.threads.remove(id) {
                        comments.extend(thread.comments);
                    }
                }
                if let Some(url) = &entry.url {
                    for comment in comments.iter_mut().filter(|c| c.url.is_none()) {
                        comment.url = Text::some_line(&format!("{url}#{}", comment.id));
                    }
                }
                entry.comments = thread::in_order(comments);
                let content = Content::Entry(Box::new(entry));
                stopped = sink(Ok(self.file.document(self.reader, name, content))).is_break();
                !stopped
            })
            .map_err(unreadable)?;
        if !stopped {
            let _ = self.hand_on(sink);
        }
        Ok(())
    }

    /// Hands the comments on whose posts are not in the file.
    fn hand_on(&mut self, sink: &mut Sink<'_>) -> ControlFlow<()> {
        self.bytes = 0;
        let mut threads = std::mem::take(&mut self.threads);
        for key in std::mem::take(&mut self.order) {
            let Some(thread) = threads.remove(&key) else {
                continue;
            };
            if self.withheld.contains(&key) {
                continue;
            }
            let Some(url) = thread.url else {
                sink(Err(BadDocument {
                    entry: key,
                    offset: None,
                    reason: format!(
                        "{} comments answer a post that is not in the file and whose address is not given",
                        thread.comments.len()
                    ),
                }))?;
                continue;
            };
            let name = format!("comments on {}", canonical_url(&url));
            let entry = stand_in(url, thread.title, thread.site, thread.comments);
            let content = Content::Entry(Box::new(entry));
            sink(Ok(self.file.document(self.reader, name, content)))?;
        }
        ControlFlow::Continue(())
    }
}

/// The post that a comment belongs to, as the comment tells.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub id: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub site: Option<String>,
}

/// What stands for a post of which only comments are known, until another source brings it.
pub(super) fn stand_in(
    url: String,
    title: Option<String>,
    site: Option<String>,
    comments: Vec<Comment>,
) -> Entry {
    Entry {
        joins: true,
        title: title.or_else(|| Some(title_of_url(&url))),
        site,
        comments: thread::in_order(comments),
        url: Some(url),
        warnings: vec![Text::line("only the comments of this post are known")],
        ..Entry::default()
    }
}

/// The words of an address's last part.
fn title_of_url(url: &str) -> String {
    let canonical = canonical_url(url);
    let last = canonical.rsplit('/').next().unwrap_or(&canonical);
    let stem = last.split(['?', '.']).next().unwrap_or(last);
    let words = stem.replace(['-', '_'], " ");
    if words.trim().is_empty() || stem.len() == canonical.len() {
        canonical
    } else {
        words
    }
}

/// The address of the post and the id of the comment, where an address is a comment's.
pub(super) fn comment_place(link: &str) -> Option<(String, String)> {
    let (page, fragment) = link.split_once('#')?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let id = match fragment.strip_prefix("comment-") {
        Some(id) if !id.is_empty() => id,
        _ => fragment
            .strip_prefix('c')
            .filter(|id| digits(id) && id.len() > 4)?,
    };
    let page = page.split_once("?showComment=").map_or(page, |(p, _)| p);
    let page = match page.find("/comment-page-") {
        Some(at) => &page[..=at],
        None => page,
    };
    page.starts_with("http")
        .then(|| (page.to_owned(), id.to_owned()))
}

/// The body of an entry: HTML where it holds markup.
pub(super) fn body(content: &str) -> EntryBody {
    if content.contains(['<', '&']) {
        EntryBody::Html(content.to_owned())
    } else {
        EntryBody::Text(content.to_owned())
    }
}

/// A date in either of the forms of feeds: read already, or to be read by extraction.
pub(super) fn date(written: Option<&str>) -> (Option<Published>, Option<String>) {
    let Some(written) = written else {
        return (None, None);
    };
    match Published::from_iso(written, DateSource::Entry) {
        Some(date) => (Some(date), None),
        None => (None, Some(written.to_owned())),
    }
}

/// A comment's date.
pub(super) fn comment_date(written: Option<&str>) -> Option<Published> {
    let written = written?;
    Published::from_iso(written, DateSource::Entry).or_else(|| rfc2822(written))
}

/// `Fri, 04 Feb 2011 21:15:00 +0000`, with or without the weekday and the seconds.
pub(super) fn rfc2822(written: &str) -> Option<Published> {
    let rest = written.split_once(',').map_or(written, |(_, rest)| rest);
    let mut words = rest.split_whitespace();
    let day: u8 = words.next()?.parse().ok()?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let month = u8::try_from(months.iter().position(|m| *m == month)? + 1).ok()?;
    let year = words.next()?;
    let year = match (year.len(), year.parse::<i16>().ok()?) {
        (2, short @ 0..=49) => 2000 + short,
        (2, short) => 1900 + short,
        (_, year) => year,
    };
    let time = words.next().unwrap_or_default();
    let zone = match words.next().unwrap_or_default() {
        "GMT" | "UT" | "UTC" | "Z" => "Z".to_owned(),
        zone if zone.len() == 5 && zone.starts_with(['+', '-']) => zone.to_owned(),
        _ => String::new(),
    };
    let iso = format!("{year:04}-{month:02}-{day:02}T{time}{zone}");
    Published::from_iso(&iso, DateSource::Entry)
}

/// Every element of this name, directly or under the prefix of Atom.
pub(super) fn atoms<'a>(element: &'a Element, name: &'a str) -> impl Iterator<Item = &'a Element> {
    element
        .children
        .iter()
        .filter(move |c| c.name == name || c.name.strip_prefix("atom:") == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_comments_name_their_post() {
        for (link, expected) in [
            (
                "https://a.example/x/#comment-12",
                Some(("https://a.example/x/", "12")),
            ),
            (
                "https://a.example/x/comment-page-2/#comment-12",
                Some(("https://a.example/x/", "12")),
            ),
            (
                "http://a.blogspot.com/2010/11/x.html?showComment=129#c5590533389",
                Some(("http://a.blogspot.com/2010/11/x.html", "5590533389")),
            ),
            ("https://a.example/x/#comments", None),
            ("https://a.example/x/#chapter-2", None),
            ("https://a.example/x/", None),
        ] {
            let found = comment_place(link);
            let found = found.as_ref().map(|(u, i)| (u.as_str(), i.as_str()));
            assert_eq!(found, expected, "{link}");
        }
    }

    #[test]
    fn dates_of_feeds() {
        for (written, iso) in [
            (
                "Fri, 04 Feb 2011 21:15:00 +0100",
                Some("2011-02-04T21:15:00+01:00"),
            ),
            ("4 Feb 99 21:15 GMT", Some("1999-02-04T21:15:00Z")),
            ("Sun, 31 Feb 2011 00:00:00 GMT", None),
            ("soon", None),
        ] {
            let found = rfc2822(written).map(|d| d.iso());
            assert_eq!(found.as_deref(), iso, "{written}");
        }
    }
}
