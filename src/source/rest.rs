//! Reader of what WordPress' REST interface answers.
//!
//! In: a list of posts or comments in JSON, as a crawler captured it. Out: posts with their content, and comments
//! that join their posts. Lists that leave the content out hold no document.

use std::io::{BufRead, Read};
use std::path::Path;

use super::feed::{self, About, Joined};
use super::fields;
use super::json;
use super::open::unreadable;
use super::value::{Fields, Value};
use super::{
    BadDocument, Content, Entry, EntryBody, FileName, Head, MAX_DOCUMENT_BYTES, Reader, Sink,
    markup, thread,
};
use crate::error::Result;
use crate::model::{Comment, Text};

/// Lists of the REST interface.
pub(super) struct Rest;

impl Reader for Rest {
    fn name(&self) -> &'static str {
        "wordpress-rest"
    }

    fn sign(&self) -> &'static str {
        "a JSON list of posts or comments with `link` and `rendered`"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        head.trim_start_matches('\u{feff}')
            .trim_start()
            .starts_with('[')
            && head.contains("\"link\":")
            && head.contains("\"rendered\":")
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        input
            .take(MAX_DOCUMENT_BYTES)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        let items = json::parse(&bytes).and_then(|value| match value {
            Value::Array(items) => Ok(items),
            _ => Err("not a JSON array".to_owned()),
        });
        let items = match items {
            Ok(items) => items,
            Err(reason) => {
                let _ = sink(Err(BadDocument {
                    entry: String::new(),
                    offset: None,
                    reason,
                }));
                return Ok(());
            }
        };
        let mut joined = Joined::new(self.name(), file);
        for item in items {
            let Value::Object(item) = item else {
                continue;
            };
            let Some(link) = fields::text(&item, &["link"]) else {
                continue;
            };
            let Some(content) = rendered(&item, "content") else {
                continue;
            };
            let flow = match feed::comment_place(&link) {
                Some((page, id)) => match comment(&item, &link, id, &content) {
                    Some(comment) => {
                        let about = About {
                            url: Some(page),
                            ..About::default()
                        };
                        joined.comment(&about, comment, sink)
                    }
                    None => continue,
                },
                None => {
                    let entry = post(&item, &link, content);
                    let content = Content::Entry(Box::new(entry));
                    sink(Ok(file.document(self.name(), link, content)))
                }
            };
            if flow.is_break() {
                return Ok(());
            }
        }
        joined.finish(sink)
    }
}

/// `"title": {"rendered": "…"}`.
fn rendered(item: &Fields<'_>, name: &str) -> Option<String> {
    let text = item.get(name)?.as_object()?.get("rendered")?.as_str()?;
    Some(text.to_owned()).filter(|t| !t.trim().is_empty())
}

fn comment(item: &Fields<'_>, link: &str, id: String, content: &str) -> Option<Comment> {
    // Pingbacks tell of pages elsewhere.
    let kind = fields::text(item, &["type"]);
    if kind.is_some_and(|kind| kind != "comment") {
        return None;
    }
    let parent = item.get("parent").and_then(Value::as_u64);
    Some(Comment {
        id: Text::line(&id),
        parent: parent
            .filter(|parent| *parent > 0)
            .map(|parent| Text::line(&parent.to_string())),
        url: Text::some_line(link),
        author: fields::text(item, &["author_name"])
            .and_then(|name| markup::title_text(&name))
            .as_deref()
            .and_then(thread::name),
        published: feed::comment_date(fields::text(item, &["date"]).as_deref()),
        text: markup::comment_text(content),
        ..Comment::default()
    })
}

fn post(item: &Fields<'_>, link: &str, content: String) -> Entry {
    let (published, date_text) = feed::date(fields::text(item, &["date"]).as_deref());
    Entry {
        url: Some(link.to_owned()),
        title: rendered(item, "title").and_then(|title| markup::title_text(&title)),
        published,
        date_text,
        platform: Some("wordpress".into()),
        body: EntryBody::Html(content),
        ..Entry::default()
    }
}
