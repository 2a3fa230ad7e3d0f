//! Reader of the posts of a Medium export.
//!
//! In: a page of the folder `posts` in the zip that Medium sends. Out: one entry; none for a draft.

use std::io::BufRead;
use std::path::Path;

use super::open::whole;
use super::{Content, Entry, EntryBody, FileName, Head, Reader, Sink};
use crate::error::Result;
use crate::model::{DateSource, Published};
use crate::text::charset;
use crate::text::page::{NodeId, Page};

/// Posts of Medium.
pub(super) struct Medium;

impl Reader for Medium {
    fn name(&self) -> &'static str {
        "medium"
    }

    fn sign(&self) -> &'static str {
        "a page with the classes of a Medium export"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        head.contains("<article class=\"h-entry\"")
            && head.contains("class=\"p-name\"")
            && head.contains("data-field=\"")
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let name = file.name().rsplit('/').next().unwrap_or_default();
        if name.starts_with("draft_") {
            return Ok(());
        }
        let (html, _) = charset::decode(&bytes, None, true);
        let content = Content::Entry(Box::new(entry(&html)));
        let _ = sink(Ok(file.document(self.name(), String::new(), content)));
        Ok(())
    }
}

fn entry(html: &str) -> Entry {
    let page = Page::parse(html);
    let of_class = |class: &str| page.find(page.root(), |n| page.has_class(n, class));
    let line = |node: Option<NodeId>| {
        node.map(|n| {
            page.text(n)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|text| !text.is_empty())
    };
    let date = of_class("dt-published")
        .and_then(|n| page.attr(n, "datetime"))
        .and_then(|d| Published::from_iso(d, DateSource::Entry));
    let title = line(of_class("p-name"))
        .or_else(|| line(page.find(page.root(), |n| page.tag(n) == "title")));
    Entry {
        url: of_class("p-canonical")
            .and_then(|n| page.attr(n, "href"))
            .filter(|u| u.starts_with("http"))
            .map(str::to_owned),
        author: line(of_class("p-author")),
        published: date,
        platform: Some("medium".into()),
        body: EntryBody::Html(body(html, title.as_deref())),
        title,
        ..Entry::default()
    }
}

/// The part of the page that is the post. Medium repeats the title as the first heading of the text.
fn body(html: &str, title: Option<&str>) -> String {
    let start = html.find("data-field=\"body\"").unwrap_or(0);
    let start = html[start..].find('>').map_or(start, |end| start + end + 1);
    let rest = &html[start..];
    let end = rest.rfind("<footer").unwrap_or(rest.len());
    let body = &rest[..end];
    let Some(title) = title else {
        return body.to_owned();
    };
    for level in ["h3", "h2", "h1", "h4"] {
        let Some(open) = body.find(&format!("<{level}")) else {
            continue;
        };
        let Some(close) = body[open..].find(&format!("</{level}>")) else {
            continue;
        };
        let heading = Page::parse(&body[open..open + close]);
        let words: Vec<String> = heading
            .text(heading.root())
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if words.join(" ") == title {
            return format!(
                "{}{}",
                &body[..open],
                &body[open + close + level.len() + 3..]
            );
        }
    }
    body.to_owned()
}
