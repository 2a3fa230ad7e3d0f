//! Notes under a Tumblr post: replies and reblogs that add words are comments, likes are not.
//!
//! In: a list of notes. Out: comments; notes carry no date.

use super::scan::Scan;
use super::{Found, Thread};
use crate::model::{Comment, Text};
use crate::text::lines;
use crate::text::page::{NodeId, Page};

/// Reads the notes of a page.
pub(super) fn find(page: &Page, scan: &mut Scan, _: Option<&str>, thread: &mut Thread) -> Found {
    let Some(list) = scan.notes else {
        return Found::Nothing;
    };
    for note in page.children(list).filter(|n| page.tag(*n) == "li") {
        let Some((author, text)) = said(page, note) else {
            continue;
        };
        thread.comments.push(Comment {
            id: Text::line(&(thread.comments.len() + 1).to_string()),
            author: Text::some_line(&author),
            text,
            ..Comment::default()
        });
    }
    thread.nodes.insert(list);
    if thread.comments.is_empty() {
        Found::Nothing
    } else {
        Found::Thread("notes with words")
    }
}

fn said(page: &Page, note: NodeId) -> Option<(String, Text)> {
    // The words stand in a quotation, or in what a reply answers with.
    let words = page.find(note, |n| {
        page.tag(n) == "blockquote"
            || page.has_class(n, "answer_content")
            || page.has_class(n, "note-text")
    })?;
    let link = page.find(note, |n| {
        page.tag(n) == "a"
            && page.find(n, |i| page.tag(i) == "img").is_none()
            && !page.text(n).trim().is_empty()
    })?;
    let body: Vec<String> = lines::of_page(page, words, &|_| false)
        .into_iter()
        .map(|l| l.text)
        .collect();
    let text = Text::block(&body.join("\n"));
    (!text.is_empty()).then(|| (page.text(link), text))
}
