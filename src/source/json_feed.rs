//! Reader of JSON Feed 1.0 and 1.1.
//!
//! In: a feed in JSON. Out: one entry for each item, read one by one.

use std::io::BufRead;
use std::path::Path;

use super::fields;
use super::json::{self, Want};
use super::value::{Fields, Value};
use super::wxr::language;
use super::{BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, feed, thread};
use crate::error::Result;

/// JSON Feed.
pub(super) struct JsonFeed;

impl Reader for JsonFeed {
    fn name(&self) -> &'static str {
        "json-feed"
    }

    fn sign(&self) -> &'static str {
        "a JSON object that names a version of JSON Feed"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        json::opens_object(head)
            && (head.contains("jsonfeed.org/version/")
                || head.contains("jsonfeed.org\\/version\\/"))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut about = Fields::default();
        let mut number = 0u64;
        let mut stopped = false;
        let want = |path: &[String]| match path {
            [key] if key == "items" => Want::Elements,
            _ => Want::Whole,
        };
        let torn = json::each(input, &want, &mut |path, value| {
            if path != ["items"] {
                if let Some(key) = path.first() {
                    about.push(key.clone().into(), value);
                }
                return true;
            }
            number += 1;
            let Value::Object(item) = value else {
                return true;
            };
            let name =
                fields::text(&item, &["id", "url"]).unwrap_or_else(|| format!("item-{number}"));
            let Some(entry) = post(&item, &about) else {
                return true;
            };
            let content = Content::Entry(Box::new(entry));
            stopped = sink(Ok(file.document(self.name(), name, content))).is_break();
            !stopped
        });
        if let Err(torn) = torn
            && !stopped
        {
            let _ = sink(Err(BadDocument::of_file(Some(torn.offset), torn.reason)));
        }
        Ok(())
    }
}

fn post(item: &Fields<'_>, about: &Fields<'_>) -> Option<Entry> {
    let title = fields::text(item, &["title"]);
    let body = match fields::text(item, &["content_html"]) {
        Some(html) => EntryBody::Html(html),
        None => {
            EntryBody::Text(fields::text(item, &["content_text", "summary"]).unwrap_or_default())
        }
    };
    if title.is_none() && body.text().is_empty() {
        return None;
    }
    let (published, date_text) =
        feed::date(fields::text(item, &["date_published", "date_modified"]).as_deref());
    let own = |fields: &Fields<'_>| fields::text(fields, &["authors", "author"]);
    Some(Entry {
        url: fields::text(item, &["url", "id"]).filter(|u| u.starts_with("http")),
        site: fields::text(about, &["title", "home_page_url"]),
        title,
        author: own(item)
            .or_else(|| own(about))
            .and_then(|name| thread::name(&name))
            .map(|name| name.as_str().to_owned()),
        published,
        date_text,
        language: fields::text(item, &["language"])
            .or_else(|| fields::text(about, &["language"]))
            .as_deref()
            .and_then(language),
        tags: fields::list(item, &["tags"]),
        body,
        ..Entry::default()
    })
}
