//! Readers of Atom: feeds, and the exports of Blogger, which are Atom too.
//!
//! In: an Atom feed (1.0, or 0.3 of old); a Blogger export or the `feed.atom` of its Takeout. Out: one entry for
//! each published post and page with its comments. Comments are entries of another kind and never posts; the
//! settings, templates and drafts of an export are left out.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

use super::feed::{self, About, Joined, atoms};
use super::items::{Items, Piece};
use super::open::unreadable;
use super::wxr::language;
use super::xml::{Element, root};
use super::{BadDocument, Entry, EntryBody, FileName, Head, Reader, Sink, markup, thread};
use crate::error::Result;
use crate::model::{Comment, Text};

/// Atom feeds.
pub(super) struct Atom;

/// Exports of Blogger.
pub(super) struct Blogger;

impl Reader for Atom {
    fn name(&self) -> &'static str {
        "atom"
    }

    fn sign(&self) -> &'static str {
        "the outermost element is `feed`"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        matches!(root(head), Some("feed" | "atom:feed"))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        read(self.name(), input, file, sink)
    }
}

impl Reader for Blogger {
    fn name(&self) -> &'static str {
        "blogger"
    }

    fn sign(&self) -> &'static str {
        "an Atom feed with the ids of a Blogger export"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        root(head) == Some("feed")
            && (head.contains("tag:blogger.com,")
                && (head.contains(".archive") || head.contains("2008/kind#"))
                || head.contains("schemas.google.com/blogger/2018"))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        read(self.name(), input, file, sink)
    }
}

fn read(
    reader: &'static str,
    input: &mut dyn BufRead,
    file: &FileName,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let mut items = Items::new(input, &["entry"]);
    let mut joined = Joined::new(reader, file);
    let mut feed = Feed::default();
    let mut number = 0u64;
    while let Some(piece) = items.next().map_err(unreadable)? {
        let (fault, flow) = match piece {
            Piece::Outside(head) => {
                feed.read(&head);
                continue;
            }
            Piece::Damage { offset, reason } => {
                number += 1;
                let fault = BadDocument::of_file(Some(offset), reason);
                (Some(fault), ControlFlow::Continue(()))
            }
            Piece::Entry { element, broken } => {
                number += 1;
                let id = text(&element, "id").map(str::to_owned);
                let name = id.clone().unwrap_or_else(|| format!("entry-{number}"));
                let fault = broken.map(|(offset, reason)| BadDocument {
                    entry: name.clone(),
                    offset: Some(offset),
                    reason,
                });
                let mut flow = ControlFlow::Continue(());
                match kind(&element) {
                    Kind::Comment if is_published(&element) => {
                        if let Some((about, comment)) = feed.comment(&element, &name) {
                            flow = joined.comment(&about, comment, sink);
                        }
                    }
                    Kind::Post if is_published(&element) => {
                        if let Some(entry) = feed.post(&element) {
                            joined.post(name, id.into_iter().collect(), entry)?;
                        }
                    }
                    Kind::Post => joined.withhold(name),
                    Kind::Comment | Kind::Other => {}
                }
                (fault, flow)
            }
        };
        if flow.is_break() || fault.is_some_and(|fault| sink(Err(fault)).is_break()) {
            return Ok(());
        }
    }
    joined.finish(sink)
}

/// What an entry is.
enum Kind {
    Post,
    Comment,
    /// Settings and templates of an export.
    Other,
}

fn kind(entry: &Element) -> Kind {
    let stated = entry.get("blogger:type").map(str::to_owned).or_else(|| {
        let term = atoms(entry, "category")
            .filter(|c| c.attribute("scheme").is_some_and(|s| s.ends_with("#kind")))
            .find_map(|c| c.attribute("term"))?;
        Some(term.rsplit('#').next()?.to_owned())
    });
    match stated.map(|s| s.to_ascii_lowercase()).as_deref() {
        Some("post" | "page") => Kind::Post,
        Some("comment") => Kind::Comment,
        Some(_) => Kind::Other,
        None if entry.child("thr:in-reply-to").is_some() => Kind::Comment,
        None => match link(entry).and_then(feed::comment_place) {
            Some(_) => Kind::Comment,
            None => Kind::Post,
        },
    }
}

/// False for drafts, what is planned, in the bin, held back, or emptied by its author.
fn is_published(entry: &Element) -> bool {
    // The prefix of `app:control` is declared by some exports and not by others, and differs.
    let draft = entry.children.iter().any(|control| {
        control.name.ends_with(":control")
            && control.children.iter().any(|draft| {
                draft.name.ends_with(":draft") && draft.text.trim().eq_ignore_ascii_case("yes")
            })
    });
    let live = entry
        .get("blogger:status")
        .is_none_or(|s| s.eq_ignore_ascii_case("live"));
    let emptied = entry.all("gd:extendedProperty").any(|p| {
        p.attribute("name") == Some("blogger.contentRemoved")
            && p.attribute("value") == Some("true")
    });
    !draft && live && !emptied && entry.get("blogger:trashed").is_none()
}

/// What the feed says of the whole blog.
#[derive(Default)]
struct Feed {
    title: Option<String>,
    link: Option<String>,
    language: Option<String>,
    author: Option<String>,
    blogger: bool,
}

impl Feed {
    fn read(&mut self, head: &Element) {
        for feed in head.descendants() {
            if !matches!(feed.name.as_str(), "feed" | "atom:feed") {
                continue;
            }
            *self = Self {
                title: text(feed, "title").and_then(markup::title_text),
                link: link(feed).map(str::to_owned),
                language: feed.attribute("lang").and_then(language),
                author: author(feed),
                blogger: text(feed, "id").is_some_and(|id| id.starts_with("tag:blogger.com,")),
            };
        }
    }

    fn post(&self, entry: &Element) -> Option<Entry> {
        let title = text(entry, "title").and_then(markup::title_text);
        let body = body(entry);
        if title.is_none() && body.text().trim().is_empty() {
            return None;
        }
        let (published, date_text) = feed::date(
            ["published", "issued", "created", "updated", "modified"]
                .iter()
                .find_map(|name| text(entry, name)),
        );
        let mut tags: Vec<String> = Vec::new();
        for category in atoms(entry, "category") {
            let of_kind = category
                .attribute("scheme")
                .is_some_and(|s| s.ends_with("#kind"));
            let tag = category
                .attribute("label")
                .or_else(|| category.attribute("term"))
                .map_or("", str::trim);
            if !of_kind && !tag.is_empty() && !tags.iter().any(|t| t == tag) {
                tags.push(tag.to_owned());
            }
        }
        Some(Entry {
            url: self.address(entry),
            site: self.title.clone(),
            title,
            author: author(entry).or_else(|| self.author.clone()),
            published,
            date_text,
            language: entry
                .attribute("lang")
                .and_then(language)
                .or_else(|| self.language.clone()),
            tags,
            platform: self.blogger.then(|| "blogger".into()),
            body,
            comments_stated: entry.get("thr:total").and_then(|n| n.parse().ok()),
            ..Entry::default()
        })
    }

    /// The address of an entry, absolute.
    fn address(&self, entry: &Element) -> Option<String> {
        let written = entry
            .get("feedburner:origLink")
            .or_else(|| link(entry))
            .or_else(|| entry.get("blogger:filename"))?;
        if written.starts_with("http://") || written.starts_with("https://") {
            return Some(written.to_owned());
        }
        let base = url::Url::parse(self.link.as_deref()?).ok()?;
        base.join(written).ok().map(String::from)
    }

    fn comment(&self, entry: &Element, name: &str) -> Option<(About, Comment)> {
        let reply = entry.child("thr:in-reply-to");
        let own = link(entry);
        let place = own.and_then(feed::comment_place);
        let (page, fragment) = place.unzip();
        let about = About {
            id: reply
                .and_then(|r| r.attribute("ref"))
                .or_else(|| entry.get("blogger:parent"))
                .map(str::to_owned),
            url: reply
                .and_then(|r| r.attribute("href"))
                .filter(|href| href.starts_with("http"))
                .map(str::to_owned)
                .or(page),
            title: None,
            site: self.title.clone(),
        };
        let content = body(entry);
        Some((
            about,
            Comment {
                id: Text::line(&fragment.unwrap_or_else(|| number_of(name).to_owned())),
                parent: entry
                    .get("blogger:inReplyTo")
                    .or_else(|| {
                        // Blogger names the comment that is answered by its own feed.
                        atoms(entry, "link")
                            .filter(|l| l.attribute("rel") == Some("related"))
                            .filter_map(|l| l.attribute("href"))
                            .find(|href| href.contains("/comments/default/"))
                    })
                    .map(number_of)
                    .and_then(Text::some_line),
                author: author(entry).as_deref().and_then(thread::name),
                url: own.and_then(Text::some_line),
                published: feed::comment_date(
                    ["published", "blogger:created", "issued", "updated"]
                        .iter()
                        .find_map(|name| text(entry, name)),
                ),
                text: match &content {
                    EntryBody::Html(html) => markup::comment_text(html),
                    other => Text::block(other.text()),
                },
                ..Comment::default()
            },
        ))
    }
}

/// The number at the end of an id or address; all of it where there is none.
fn number_of(id: &str) -> &str {
    let start = id
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_digit())
        .last();
    start.map_or(id, |(at, _)| &id[at..])
}

fn text<'a>(element: &'a Element, name: &'a str) -> Option<&'a str> {
    atoms(element, name)
        .map(|e| e.text.trim())
        .find(|t| !t.is_empty())
}

fn author(element: &Element) -> Option<String> {
    let author = atoms(element, "author").next()?;
    let name = text(author, "name")?;
    thread::name(name).map(|n| n.as_str().to_owned())
}

/// The address of the page that an entry or feed is about.
fn link(element: &Element) -> Option<&str> {
    let alternate = |rel: Option<&str>| rel.is_none_or(|r| r == "alternate");
    atoms(element, "link")
        .filter(|l| alternate(l.attribute("rel")))
        .find_map(|l| l.attribute("href"))
        .map(str::trim)
        .filter(|href| !href.is_empty())
}

fn body(entry: &Element) -> EntryBody {
    let content = atoms(entry, "content")
        .chain(atoms(entry, "summary"))
        .find(|c| !c.text.trim().is_empty() || !c.inner.trim().is_empty());
    let Some(content) = content else {
        return EntryBody::default();
    };
    if !content.inner.is_empty() {
        return EntryBody::Html(content.inner.clone());
    }
    match content.attribute("type") {
        Some("html" | "text/html") => EntryBody::Html(content.text.clone()),
        Some("text" | "text/plain") => EntryBody::Text(content.text.clone()),
        _ => feed::body(&content.text),
    }
}
