//! Reader of RSS 0.9x, 1.0 and 2.0.
//!
//! In: a feed as a blog serves it, or as someone saved it. Out: one entry for each item; the items of a
//! comment feed are comments and join their posts.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::feed::{self, About, Joined};
use super::items::{Items, Piece};
use super::open::unreadable;
use super::wxr::language;
use super::xml::{Element, root};
use super::{BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, markup, thread};
use crate::error::Result;
use crate::model::{Comment, Text};

/// Really Simple Syndication, and RDF Site Summary.
pub(super) struct Rss;

impl Reader for Rss {
    fn name(&self) -> &'static str {
        "rss"
    }

    fn sign(&self) -> &'static str {
        "the outermost element is `rss`, or `rdf:RDF` with RSS in it"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        match root(head) {
            Some("rss") => true,
            Some("rdf:RDF" | "RDF") => {
                head.contains("purl.org/rss/1.0") || head.contains("netscape.com/rdf/simple/0.9")
            }
            _ => false,
        }
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut items = Items::new(input, &["item"]);
        let mut joined = Joined::new(self.name(), file);
        let mut channel = Channel::default();
        let mut number = 0u64;
        while let Some(piece) = items.next().map_err(unreadable)? {
            let flow = match piece {
                Piece::Outside(head) => {
                    channel.read(&head);
                    ControlFlow::Continue(())
                }
                Piece::Damage { offset, reason } => {
                    number += 1;
                    sink(Err(BadDocument::of_file(Some(offset), reason)))
                }
                Piece::Entry {
                    element, broken, ..
                } => {
                    number += 1;
                    let name = element
                        .any(&["guid", "link"])
                        .or_else(|| element.attribute("about"))
                        .map_or_else(|| format!("item-{number}"), str::to_owned);
                    let flow = match channel.comment(&element) {
                        Some((about, comment)) => joined.comment(&about, comment, sink),
                        None => match channel.post(&element) {
                            Some(entry) => {
                                let content = Content::Entry(Box::new(entry));
                                sink(Ok(file.document(self.name(), name.clone(), content)))
                            }
                            None => ControlFlow::Continue(()),
                        },
                    };
                    match (broken, flow) {
                        (Some((offset, reason)), ControlFlow::Continue(())) => {
                            sink(Err(BadDocument {
                                entry: name,
                                offset: Some(offset),
                                reason,
                            }))
                        }
                        (_, flow) => flow,
                    }
                }
            };
            if flow.is_break() {
                return Ok(());
            }
        }
        joined.finish(sink)
    }
}

/// What the feed says of the whole blog.
#[derive(Default)]
struct Channel {
    title: Option<String>,
    link: Option<String>,
    language: Option<String>,
    wordpress: bool,
}

impl Channel {
    fn read(&mut self, head: &Element) {
        for channel in head.descendants() {
            if channel.name != "channel" {
                continue;
            }
            *self = Self {
                title: channel.get("title").and_then(markup::title_text),
                link: channel.get("link").map(str::to_owned),
                language: channel.any(&["language", "dc:language"]).and_then(language),
                wordpress: channel
                    .get("generator")
                    .is_some_and(|g| g.contains("wordpress.org")),
            };
        }
    }

    /// The item as a comment with what it says of its post.
    fn comment(&self, item: &Element) -> Option<(About, Comment)> {
        let reply = item.child("thr:in-reply-to");
        let place = ["link", "guid"]
            .iter()
            .find_map(|name| feed::comment_place(item.get(name)?));
        if reply.is_none() && place.is_none() {
            return None;
        }
        let (page, id) = place.unzip();
        let url = reply
            .and_then(|r| r.attribute("href"))
            .map(str::to_owned)
            .or(page);
        let author = item
            .any(&["dc:creator", "author"])
            .and_then(author_of)
            .as_deref()
            .and_then(thread::name);
        let title = item.get("title").and_then(markup::title_text);
        let about = About {
            id: None,
            title: self.title_of_post(title.as_deref(), author.as_deref()),
            site: None,
            url,
        };
        let content = item.any(&["content:encoded", "description"])?;
        let (parent, content) = answered(content);
        Some((
            about,
            Comment {
                id: Text::line(&id.or_else(|| item.get("guid").map(str::to_owned))?),
                parent: parent.map(Text::line),
                url: item.get("link").and_then(Text::some_line),
                author,
                published: feed::comment_date(item.any(&["pubDate", "dc:date"])),
                text: markup::comment_text(content),
                ..Comment::default()
            },
        ))
    }

    /// The post's title out of the titles that WordPress gives: "Comment on X by Ann" in the feed of a blog,
    /// "Comments on: X" in the feed of a post.
    fn title_of_post(&self, item: Option<&str>, author: Option<&str>) -> Option<String> {
        let whole = self.title.as_deref().unwrap_or_default();
        if let Some((before, after)) = whole.split_once(": ") {
            let before = before.to_lowercase();
            if ["comment", "kommentar", "comentario"]
                .iter()
                .any(|word| before.starts_with(word))
            {
                return Some(after.to_owned());
            }
        }
        let item = item?;
        let rest = [
            "Comment on ",
            "Commentaires sur ",
            "Kommentar zu ",
            "Comentario en ",
        ]
        .iter()
        .find_map(|start| item.strip_prefix(start))?;
        let end = match author {
            Some(author) => rest.rfind(author)?,
            None => rest.len(),
        };
        let title = rest[..end].trim_end();
        let title = title.rsplit_once(' ').map_or(title, |(title, by)| {
            if by.chars().count() <= 3 { title } else { rest }
        });
        Some(title.to_owned())
    }

    fn post(&self, item: &Element) -> Option<Entry> {
        let guid = item.child("guid");
        let permalink = guid
            .filter(|g| g.attribute("isPermaLink") != Some("false"))
            .map(|g| g.text.trim())
            .filter(|g| g.starts_with("http"));
        // FeedBurner puts its own address into `link`.
        let url = item
            .any(&["feedburner:origLink", "link"])
            .or_else(|| item.attribute("about"))
            .filter(|l| l.starts_with("http"))
            .or(permalink);
        let encoded = item.get("content:encoded");
        let inner = ["body", "xhtml:body"]
            .iter()
            .find_map(|name| item.child(name))
            .map(|b| b.inner.as_str())
            .filter(|b| !b.is_empty());
        let description = item.any(&["description", "itunes:summary"]);
        let content = encoded.or(inner).or(description).unwrap_or_default();
        let title = item.get("title").and_then(markup::title_text);
        if title.is_none() && content.is_empty() {
            return None;
        }
        let mut warnings = Vec::new();
        if encoded.is_none() && inner.is_none() && is_excerpt(content) {
            warnings.push(Text::line("the feed holds the beginning of the post only"));
        }
        let mut tags: Vec<String> = Vec::new();
        for category in item.all("category").chain(item.all("dc:subject")) {
            let tag = category.text.trim();
            if !tag.is_empty() && !tags.iter().any(|t| t == tag) {
                tags.push(tag.to_owned());
            }
        }
        let (published, date_text) = match item.any(&["pubDate", "dc:date", "pubdate"]) {
            Some(written) => match feed::rfc2822(written) {
                Some(date) => (Some(date), None),
                None => feed::date(Some(written)),
            },
            None => (None, None),
        };
        Some(Entry {
            url: url.map(str::to_owned),
            site: self.title.clone().or_else(|| self.link.clone()),
            title,
            author: item.any(&["dc:creator", "author"]).and_then(author_of),
            published,
            date_text,
            language: self.language.clone(),
            tags,
            platform: self.wordpress.then(|| "wordpress".into()),
            body: EntryBody::Html(without_footer(content).to_owned()),
            comments_stated: item.get("slash:comments").and_then(|n| n.parse().ok()),
            warnings,
            ..Entry::default()
        })
    }
}

/// The name in `mail@example.org (Name)`; nothing where it is an address alone.
fn author_of(written: &str) -> Option<String> {
    let written = markup::title_text(written)?;
    if let Some((mail, name)) = written.split_once(" (")
        && mail.contains('@')
    {
        return Some(name.trim_end_matches(')').trim().to_owned());
    }
    thread::name(&written).map(|name| name.as_str().to_owned())
}

/// True where a text breaks off as excerpts do.
fn is_excerpt(content: &str) -> bool {
    let end = content.trim_end().trim_end_matches("</p>").trim_end();
    ["[…]", "[...]", "[&#8230;]", "[&hellip;]"]
        .iter()
        .any(|mark| end.ends_with(mark))
}

static FOOTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?s)<p>The post <a [^>]*>[^<]*</a> (?:appeared first on|first appeared on) <a [^>]*>[^<]*</a>\.?</p>\s*$").ok()
});

static ANSWERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r##"^\s*(?:<p>)?[^<]{0,40}<a href="[^"]*#comment-(\d+)"[^>]*>[^<]*</a>[^<\s]{0,10}(?:</p>|\s*<br ?/?>|\s*\n|\s*$)"##,
    )
    .ok()
});

/// The comment that another one answers, and that without the line in which WordPress' feeds say so:
/// "In reply to Ann."
fn answered(content: &str) -> (Option<&str>, &str) {
    let found = ANSWERED.as_ref().and_then(|line| line.captures(content));
    match found.as_ref().and_then(|f| Some((f.get(0)?, f.get(1)?))) {
        Some((line, id)) => (
            Some(id.as_str()),
            content.get(line.end()..).unwrap_or_default(),
        ),
        None => (None, content),
    }
}

/// The content without the line that WordPress puts under each item.
fn without_footer(content: &str) -> &str {
    FOOTER
        .as_ref()
        .and_then(|footer| footer.find(content))
        .map_or(content, |found| &content[..found.start()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_the_answered_comment_is_no_text() {
        for (content, expected) in [
            (
                "<p>In reply to <a href=\"https://a.example/x/#comment-9\">Ann</a>.</p>\n<p>Yes.</p>",
                (Some("9"), "\n<p>Yes.</p>"),
            ),
            (
                "Als Antwort auf <a href=\"https://a.example/x/#comment-9\">Ann</a>.\n\nYes.",
                (Some("9"), "Yes."),
            ),
            (
                "<p>As <a href=\"https://a.example/x/#comment-9\">Ann</a> says, yes.</p>",
                (
                    None,
                    "<p>As <a href=\"https://a.example/x/#comment-9\">Ann</a> says, yes.</p>",
                ),
            ),
            ("<p>Yes.</p>", (None, "<p>Yes.</p>")),
        ] {
            assert_eq!(answered(content), expected, "{content}");
        }
    }
}
