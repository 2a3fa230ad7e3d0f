//! Reader of WordPress exports (WXR 1.0, 1.1, 1.2).
//!
//! In: the XML that WordPress writes under Tools, Export. Out: one entry for each published post and page
//! with its comments in thread order, pingbacks and trackbacks apart. Drafts, private and planned posts,
//! attachments, menus and every other type are left out, and so are comments that were not approved. The
//! e-mail and IP addresses of commenters are not looked at.

use std::collections::HashMap;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

use super::items::{Items, Piece};
use super::xml::{Element, local};
use super::{
    BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, feed, markup, thread,
};
use crate::error::{Error, Result};
use crate::model::{Comment, DateSource, Ping, Published, Text};

/// WordPress eXtended RSS.
pub(super) struct Wxr;

/// The types that are written as posts. Others are parts of the site (attachments, menus, styles) or belong
/// to plugins.
const TYPES: &[&str] = &["post", "page"];

impl Reader for Wxr {
    fn name(&self) -> &'static str {
        "wordpress"
    }

    fn sign(&self) -> &'static str {
        "RSS in which WordPress names its export format"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        head.contains("<rss")
            && (head.contains("wordpress.org/export/") || head.contains("<wp:wxr_version"))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut items = Items::new(input, &["item"]);
        let mut blog = Blog::default();
        let mut number = 0u64;
        while let Some(piece) = items.next().map_err(|e| Error::io("reading", "", e))? {
            let flow = match piece {
                Piece::Outside(head) => {
                    blog.read(&head);
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
                    let fault = broken.map(|(offset, reason)| BadDocument {
                        entry: name_of(&element, number),
                        offset: Some(offset),
                        reason,
                    });
                    let document = blog.post(&element, fault.is_some()).map(|entry| {
                        file.document(
                            self.name(),
                            name_of(&element, number),
                            Content::Entry(Box::new(entry)),
                        )
                    });
                    let flow = document.map_or(ControlFlow::Continue(()), |d| sink(Ok(d)));
                    match (fault, flow) {
                        (Some(fault), ControlFlow::Continue(())) => sink(Err(fault)),
                        (_, flow) => flow,
                    }
                }
            };
            if flow.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// What names an item within its file.
fn name_of(item: &Element, number: u64) -> String {
    item.get("wp:post_id")
        .map_or_else(|| format!("item-{number}"), str::to_owned)
}

/// What the head of the file says of the whole blog.
#[derive(Default)]
struct Blog {
    title: Option<String>,
    language: Option<String>,
    /// Names shown on the blog, by login.
    authors: HashMap<String, String>,
}

impl Blog {
    fn read(&mut self, head: &Element) {
        for channel in head.descendants() {
            if channel.name != "channel" {
                continue;
            }
            *self = Self {
                title: channel
                    .get("title")
                    .and_then(markup::title_text)
                    .or_else(|| host(channel.any(&["wp:base_blog_url", "link"])?)),
                language: channel.get("language").and_then(language),
                authors: channel
                    .all("wp:author")
                    .filter_map(|a| {
                        Some((
                            a.get("wp:author_login")?.to_owned(),
                            a.get("wp:author_display_name")?.to_owned(),
                        ))
                    })
                    .collect(),
            };
        }
    }

    /// The entry of a published post or page. Where the item is damaged, its status must have been spared: a
    /// draft is not published by accident.
    fn post(&self, item: &Element, damaged: bool) -> Option<Entry> {
        let kind = item.get("wp:post_type").unwrap_or("post");
        let unsaid = if damaged { "unknown" } else { "publish" };
        let status = item.get("wp:status").unwrap_or(unsaid);
        if !TYPES.contains(&kind) || status != "publish" {
            return None;
        }
        let link = item
            .get("link")
            .or_else(|| item.get("guid"))
            .filter(|l| l.starts_with("http"));
        let content = item.child("content:encoded").map_or("", |c| &c.text);
        let content = markup::paragraphs(&markup::without_shortcodes(content));
        let published = item
            .any(&["wp:post_date", "wp:post_date_gmt"])
            .filter(|d| !d.starts_with("0000"))
            .and_then(|d| Published::from_iso(d, DateSource::Entry))
            .or_else(|| feed::rfc2822(item.get("pubDate")?));
        let mut tags: Vec<String> = Vec::new();
        for category in item.all("category") {
            let kind = category.attribute("domain").unwrap_or("category");
            let tag = category.text.trim();
            if matches!(kind, "category" | "tag" | "post_tag")
                && !tag.is_empty()
                && !tags.iter().any(|t| t == tag)
            {
                tags.push(tag.to_owned());
            }
        }
        let mut comments = Vec::new();
        let mut pings = Vec::new();
        for comment in item.all("wp:comment") {
            if comment.get("wp:comment_approved").unwrap_or("1") != "1" {
                continue;
            }
            match comment.get("wp:comment_type").unwrap_or("comment") {
                "pingback" | "trackback" => pings.extend(ping(comment)),
                "comment" | "review" => comments.extend(reply(comment, link, comments.len())),
                // Notes of shops and plugins are not written by readers.
                _ => {}
            }
        }
        Some(Entry {
            url: link.map(str::to_owned),
            site: self.title.clone(),
            title: item.get("title").and_then(markup::title_text),
            author: item.get("dc:creator").map(|login| {
                self.authors
                    .get(login)
                    .cloned()
                    .unwrap_or_else(|| login.to_owned())
            }),
            date_text: published
                .is_none()
                .then(|| item.get("pubDate").map(str::to_owned))
                .flatten(),
            published,
            language: self.language.clone(),
            tags,
            platform: Some("wordpress".into()),
            body: EntryBody::Html(content),
            comments: thread::in_order(comments),
            pings,
            ..Entry::default()
        })
    }
}

fn reply(comment: &Element, link: Option<&str>, before: usize) -> Option<Comment> {
    let text = markup::comment_text(comment.get("wp:comment_content")?);
    let id = comment
        .get("wp:comment_id")
        .map_or_else(|| (before + 1).to_string(), str::to_owned);
    Some(Comment {
        url: link.and_then(|l| Text::some_line(&format!("{l}#comment-{id}"))),
        id: Text::line(&id),
        parent: comment
            .get("wp:comment_parent")
            .filter(|p| *p != "0")
            .and_then(Text::some_line),
        author: comment.get("wp:comment_author").and_then(thread::name),
        published: comment
            .any(&["wp:comment_date", "wp:comment_date_gmt"])
            .and_then(|d| Published::from_iso(d, DateSource::Entry)),
        text,
        ..Comment::default()
    })
}

fn ping(comment: &Element) -> Option<Ping> {
    let url = comment
        .get("wp:comment_author_url")
        .and_then(Text::some_line);
    let title = comment
        .get("wp:comment_author")
        .and_then(markup::title_text)
        .as_deref()
        .and_then(Text::some_line)
        .or_else(|| url.clone())?;
    Some(Ping { title, url })
}

/// The host of an address.
fn host(url: &str) -> Option<String> {
    Some(url::Url::parse(url).ok()?.host_str()?.to_owned())
}

/// The ISO 639-1 code of a language tag.
pub(super) fn language(tag: &str) -> Option<String> {
    let code = local(tag).split(['-', '_']).next()?.to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}
