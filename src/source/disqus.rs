//! Reader of Disqus exports.
//!
//! In: the XML that Disqus writes for a forum: threads, each with the address of a page, and posts, which are the
//! comments. Out: for each thread its comments, to be joined with the post of that address. What was deleted or
//! is spam is left out.

use std::collections::HashMap;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

use super::feed::stand_in;
use super::items::{Items, Piece};
use super::open::unreadable;
use super::spool::Spool;
use super::xml::{Element, root};
use super::{BadDocument, Content, FileName, Head, Reader, Sink, markup, thread};
use crate::error::Result;
use crate::model::{Comment, DateSource, Published, Text, canonical_url};

/// Disqus XML.
pub(super) struct Disqus;

/// A page with comments.
struct Thread {
    url: String,
    title: Option<String>,
}

impl Reader for Disqus {
    fn name(&self) -> &'static str {
        "disqus"
    }

    fn sign(&self) -> &'static str {
        "the outermost element is `disqus`"
    }

    fn sniff(&self, _: &Path, head: &Head<'_>) -> bool {
        root(&head.text) == Some("disqus")
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut items = Items::new(input, &["thread", "post"]);
        let mut threads: HashMap<String, Thread> = HashMap::new();
        let mut order: Vec<String> = Vec::new();
        // Comments may stand before their thread.
        let mut comments: Spool<(String, Comment)> = Spool::new();
        let mut number = 0u64;
        while let Some(piece) = items.next().map_err(unreadable)? {
            let fault = match piece {
                Piece::Outside(_) => None,
                Piece::Damage { offset, reason } => Some((String::new(), offset, reason)),
                Piece::Entry { element, broken } => {
                    number += 1;
                    let id = element
                        .attribute("id")
                        .map_or_else(|| number.to_string(), str::to_owned);
                    match element.name.as_str() {
                        "thread" => {
                            if let Some(found) = page(&element) {
                                order.push(id.clone());
                                threads.insert(id.clone(), found);
                            }
                        }
                        _ => {
                            if let Some(comment) = comment(&element, &id) {
                                comments.push(&comment).map_err(unreadable)?;
                            }
                        }
                    }
                    broken.map(|(offset, reason)| (id, offset, reason))
                }
            };
            if let Some((entry, offset, reason)) = fault {
                let flow = sink(Err(BadDocument {
                    entry,
                    offset: Some(offset),
                    reason,
                }));
                if flow.is_break() {
                    return Ok(());
                }
            }
        }
        let mut by_thread: HashMap<String, Vec<Comment>> = HashMap::new();
        comments
            .drain(&mut |(thread, comment): (String, Comment)| {
                by_thread.entry(thread).or_default().push(comment);
                true
            })
            .map_err(unreadable)?;
        // Two threads may be about one page: Disqus opens one for each address that it sees.
        let mut pages: HashMap<String, Vec<String>> = HashMap::new();
        for id in &order {
            if let Some(page) = threads.get(id) {
                let ids = pages.entry(canonical_url(&page.url)).or_default();
                ids.push(id.clone());
            }
        }
        for id in &order {
            let Some(page) = threads.get(id) else {
                continue;
            };
            let ids = pages.remove(&canonical_url(&page.url));
            let all: Vec<Comment> = ids
                .unwrap_or_default()
                .iter()
                .filter_map(|id| by_thread.remove(id))
                .flatten()
                .collect();
            if all.is_empty() {
                continue;
            }
            let entry = stand_in(page.url.clone(), page.title.clone(), None, all);
            let content = Content::Entry(Box::new(entry));
            let name = format!("thread {id}");
            if let ControlFlow::Break(()) = sink(Ok(file.document(self.name(), name, content))) {
                return Ok(());
            }
        }
        let mut lost: Vec<(String, usize)> = by_thread
            .into_iter()
            .map(|(thread, all)| (thread, all.len()))
            .collect();
        lost.sort();
        for (thread, count) in lost {
            let flow = sink(Err(BadDocument {
                entry: format!("thread {thread}"),
                offset: None,
                reason: format!(
                    "{count} comments belong to a thread whose address is not in the file"
                ),
            }));
            if flow.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn flag(element: &Element, name: &str) -> bool {
    element
        .get(name)
        .is_some_and(|v| v.eq_ignore_ascii_case("true"))
}

fn page(thread: &Element) -> Option<Thread> {
    if flag(thread, "isDeleted") {
        return None;
    }
    let url = thread.get("link").filter(|l| l.starts_with("http"))?;
    Some(Thread {
        url: url.to_owned(),
        title: thread.get("title").and_then(markup::title_text),
    })
}

/// A comment with the id of its thread.
fn comment(post: &Element, id: &str) -> Option<(String, Comment)> {
    if flag(post, "isDeleted") || flag(post, "isSpam") {
        return None;
    }
    let thread_id = post.child("thread")?.attribute("id")?.to_owned();
    let comment = Comment {
        id: Text::line(id),
        parent: post
            .child("parent")
            .and_then(|p| p.attribute("id"))
            .and_then(Text::some_line),
        author: post
            .child("author")
            .and_then(|a| a.get("name"))
            .and_then(thread::name),
        published: post
            .get("createdAt")
            .and_then(|d| Published::from_iso(d, DateSource::Entry)),
        likes: post.get("likes").and_then(|n| n.parse().ok()),
        text: markup::comment_text(post.get("message")?),
        ..Comment::default()
    };
    Some((thread_id, comment))
}
