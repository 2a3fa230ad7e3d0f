//! Reader of saved pages.
//!
//! In: `.html`, `.htm`, `.xhtml`, `.shtml`, or a file that opens as a page does. Out: one document, with the
//! address it was saved from where the browser noted it.

use std::io::BufRead;
use std::path::Path;

use super::open::whole;
use super::{Content, FileName, Head, Reader, Sink};
use crate::error::Result;
use crate::text::charset;

/// Saved pages.
pub(super) struct Html;

impl Reader for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn sign(&self) -> &'static str {
        "the name ends as a page does, or the file opens as one"
    }

    fn sniff(&self, name: &Path, head: &Head<'_>) -> bool {
        let ending = name
            .extension()
            .and_then(|e| e.to_str())
            .map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("html" | "htm" | "xhtml" | "shtml" | "mhtm") => true,
            Some("txt" | "text" | "json" | "xml" | "rss" | "atom") => false,
            _ => opens_as_page(&head.text),
        }
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let (html, _) = charset::decode(&bytes, None, true);
        let url = saved_from(&html);
        let _ = sink(Ok(file.document(
            self.name(),
            String::new(),
            Content::Html {
                html,
                url,
                captured: None,
            },
        )));
        Ok(())
    }
}

fn opens_as_page(head: &str) -> bool {
    let text = head[..head.floor_char_boundary(512)].to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|open| text.starts_with(open))
        || (text.starts_with("<?xml") && text.contains("<html"))
        || (text.starts_with("<!--") && text.contains("<html"))
}

/// The address in the note that browsers leave: `<!-- saved from url=(0026)http://… -->`.
fn saved_from(html: &str) -> Option<String> {
    let head = &html[..html.floor_char_boundary(2048)];
    let at = head.find("saved from url=(")?;
    let rest = head[at..].split_once(')')?.1;
    let url = rest.split(|c: char| c.is_whitespace()).next()?;
    (url.starts_with("http://") || url.starts_with("https://")).then(|| url.to_owned())
}
