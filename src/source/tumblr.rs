//! Readers of Tumblr exports.
//!
//! In: the XML of a tumblelog (`posts.xml` of an export, or what the old interface gave), or the pages of the
//! folder `posts/html`. Out: one entry for each published post of any type. Drafts, queued and private posts are
//! left out.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

use super::items::{Items, Piece};
use super::open::{unreadable, whole};
use super::xml::{Element, root};
use super::{BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, markup};
use crate::error::Result;
use crate::model::{DateSource, Published};
use crate::text::charset;
use crate::text::page::Page;

/// A tumblelog as XML.
pub(super) struct Tumblr;

/// One post of a tumblelog as a page.
pub(super) struct TumblrPage;

impl Reader for Tumblr {
    fn name(&self) -> &'static str {
        "tumblr"
    }

    fn sign(&self) -> &'static str {
        "the outermost element is `tumblr`, or `posts` as Tumblr writes them"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        match root(head) {
            Some("tumblr") => true,
            Some("posts") => head.contains("unix-timestamp="),
            _ => false,
        }
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut items = Items::new(input, &["post"]);
        let mut site = None;
        let mut number = 0u64;
        while let Some(piece) = items.next().map_err(unreadable)? {
            let (document, fault) = match piece {
                Piece::Outside(head) => {
                    site = head
                        .descendants()
                        .into_iter()
                        .find(|e| e.name == "tumblelog")
                        .and_then(|e| e.attribute("title").or(e.attribute("name")))
                        .map(str::to_owned)
                        .or(site);
                    continue;
                }
                Piece::Damage { offset, reason } => {
                    let fault = BadDocument::of_file(Some(offset), reason);
                    (None, Some(fault))
                }
                Piece::Entry { element, broken } => {
                    number += 1;
                    let name = element
                        .attribute("id")
                        .map_or_else(|| format!("post-{number}"), str::to_owned);
                    let document = post(&element, site.clone()).map(|entry| {
                        let content = Content::Entry(Box::new(entry));
                        file.document(self.name(), name.clone(), content)
                    });
                    let fault = broken.map(|(offset, reason)| BadDocument {
                        entry: name,
                        offset: Some(offset),
                        reason,
                    });
                    (document, fault)
                }
            };
            let mut flow = ControlFlow::Continue(());
            if let Some(document) = document {
                flow = sink(Ok(document));
            }
            if let (Some(fault), ControlFlow::Continue(())) = (fault, flow) {
                flow = sink(Err(fault));
            }
            if flow.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn post(post: &Element, site: Option<String>) -> Option<Entry> {
    let public = post
        .attribute("state")
        .is_none_or(|s| s.eq_ignore_ascii_case("published"))
        && post.attribute("private") != Some("true");
    if !public {
        return None;
    }
    let mut body = String::new();
    let mut part = |name: &str, open: &str, close: &str| {
        for element in post.all(name) {
            let text = element.text.trim();
            if !text.is_empty() {
                body.push_str(open);
                body.push_str(text);
                body.push_str(close);
                body.push('\n');
            }
        }
    };
    part("question", "<blockquote>", "</blockquote>");
    part("answer", "", "");
    part("regular-body", "", "");
    part("quote-text", "<blockquote>", "</blockquote>");
    part("quote-source", "<p>", "</p>");
    part("link-description", "", "");
    part("photo-caption", "", "");
    part("video-caption", "", "");
    part("audio-caption", "", "");
    if let Some(talk) = post.child("conversation") {
        for line in talk.all("line") {
            body.push_str(line.attribute("label").unwrap_or_default());
            body.push(' ');
            body.push_str(line.text.trim());
            body.push_str("<br>\n");
        }
    } else if let Some(text) = post.get("conversation-text") {
        body.push_str(&markup::paragraphs(text));
    }
    let song = || {
        let artist = post.get("id3-artist");
        let title = post.get("id3-title");
        match (artist, title) {
            (Some(artist), Some(title)) => Some(format!("{artist} – {title}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    };
    let title = post
        .any(&["regular-title", "link-text", "conversation-title"])
        .and_then(markup::title_text)
        .or_else(song);
    let url = ["url-with-slug", "url"]
        .iter()
        .find_map(|name| post.attribute(name))
        .filter(|u| u.starts_with("http"))
        .map(str::to_owned);
    let published = post
        .attribute("date-gmt")
        .map(|d| d.replace(" GMT", "Z"))
        .and_then(|d| Published::from_iso(&d, DateSource::Entry));
    Some(Entry {
        url,
        site,
        title: title.or_else(|| first_words(&body)),
        date_text: post.attribute("date").map(str::to_owned),
        published,
        tags: post
            .all("tag")
            .map(|t| t.text.trim().to_owned())
            .filter(|t| !t.is_empty())
            .collect(),
        platform: Some("tumblr".into()),
        body: EntryBody::Html(body),
        ..Entry::default()
    })
}

/// What stands for the title of a post that has none: most of a tumblelog's.
fn first_words(body: &str) -> Option<String> {
    let text = markup::comment_text(body);
    let line = text.lines().find(|l| !l.trim().is_empty())?;
    let mut end = line.len();
    for (count, (at, _)) in line.match_indices(' ').enumerate() {
        if count == 9 || at > 70 {
            end = at;
            break;
        }
    }
    let cut = &line[..end];
    Some(if end < line.len() {
        format!("{cut} …")
    } else {
        cut.to_owned()
    })
}

impl Reader for TumblrPage {
    fn name(&self) -> &'static str {
        "tumblr"
    }

    fn sign(&self) -> &'static str {
        "a numbered page with the marks of a Tumblr export"
    }

    fn sniff(&self, name: &Path, head: &Head<'_>) -> bool {
        let numbered = name
            .file_stem()
            .and_then(|s| s.to_str())
            .is_some_and(|s| s.bytes().all(|b| b.is_ascii_digit()));
        let head = &head.text;
        numbered
            && (head.contains("href=\"../style.css\"") || head.contains("<span id=\"timestamp\">"))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let (html, _) = charset::decode(&bytes, None, true);
        let page = Page::parse(&html);
        let find =
            |accept: &dyn Fn(crate::text::page::NodeId) -> bool| page.find(page.root(), accept);
        let text = |node| {
            let text: String = page.text(node);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let body = match (html.find("<body>"), html.find("<div id=\"footer\"")) {
            (Some(start), Some(end)) if start + 6 < end => &html[start + 6..end],
            (Some(start), None) => &html[start + 6..],
            _ => &html,
        };
        let heading = find(&|n| page.tag(n) == "h1").map(text);
        let body = match (&heading, body.find("<h1"), body.find("</h1>")) {
            (Some(_), Some(open), Some(close)) if open < close => {
                format!("{}{}", &body[..open], &body[close + 5..])
            }
            _ => body.to_owned(),
        };
        let entry = Entry {
            title: heading
                .filter(|h| !h.is_empty())
                .or_else(|| first_words(&body)),
            date_text: find(&|n| page.id(n) == Some("timestamp")).map(text),
            tags: page
                .descendants(page.root())
                .filter(|n| page.tag(*n) == "span" && page.has_class(*n, "tag"))
                .map(text)
                .collect(),
            platform: Some("tumblr".into()),
            body: EntryBody::Html(body),
            ..Entry::default()
        };
        let content = Content::Entry(Box::new(entry));
        let _ = sink(Ok(file.document(self.name(), String::new(), content)));
        Ok(())
    }
}
