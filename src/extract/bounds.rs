//! How much of one document is kept.
//!
//! In: lines and posts of any size. Out: what a post can have, and a warning where there was more. The bounds are far
//! beyond any post; a document that was made to take all memory, or all day, meets them.

use crate::model::{Comment, Post, Text, TrackList};
use crate::text::lines::{self, Line};
use crate::text::page::{MOST_NODES, MOST_TEXT, Page};

/// Comments of a post that are kept, and pings.
const MOST_COMMENTS: usize = 50_000;

/// Tags and links of a post that are kept.
const MOST_TAGS: usize = 1_000;

/// Bytes of a name or title.
const LONGEST_LINE: usize = 4096;

/// Bytes of an address. A part of one is another address, so a longer one is none.
const LONGEST_ADDRESS: usize = 8192;

/// Bytes of Markdown that are read: its parser holds many times as much.
pub(super) const MOST_MARKDOWN: usize = 2 << 20;

fn only(count: usize, what: &str) -> Text {
    Text::line(&format!("only the first {count} {what} were read"))
}

/// What is to be said of a page that was cut.
pub(super) fn page(page: &Page) -> Option<Text> {
    let told = format!(
        "only the first {MOST_NODES} elements, texts and attributes, or {MOST_TEXT} bytes of text, were read"
    );
    page.is_cut().then(|| Text::line(&told))
}

/// The part of a source that is read; says where there is more.
pub(super) fn source<'s>(text: &'s str, most: usize, warnings: &mut Vec<Text>) -> &'s str {
    let kept = &text[..text.floor_char_boundary(most)];
    if kept.len() < text.len() {
        warnings.push(only(most, "bytes"));
    }
    kept
}

/// Keeps as many lines as are read; says where there were more.
pub(super) fn lines(lines: &mut Vec<Line>) -> Option<Text> {
    let mut left = MOST_TEXT;
    let mut fits = |line: &Line| {
        let fits = line.text.len() <= left;
        left = left.saturating_sub(line.text.len());
        fits
    };
    let kept = lines.iter().take_while(|line| fits(line)).count();
    if kept < lines.len() && kept < lines::MOST_LINES {
        lines.truncate(kept);
        return Some(only(MOST_TEXT, "bytes"));
    }
    if lines.len() <= lines::MOST_LINES {
        return None;
    }
    lines.truncate(lines::MOST_LINES);
    Some(only(lines::MOST_LINES, "lines"))
}

/// Cuts what is longer than it can be in a post.
pub(super) fn post(post: &mut Post) {
    let mut told = Vec::new();
    told.extend(rows(&mut post.tracklists));
    told.extend(comments(&mut post.comments));
    post.pings.truncate(MOST_COMMENTS);
    for (count, what) in [(post.tags.len(), "tags"), (post.links.len(), "links")] {
        if count > MOST_TAGS {
            told.push(only(MOST_TAGS, what));
        }
    }
    post.tags.truncate(MOST_TAGS);
    post.links.truncate(MOST_TAGS);
    if post.body.shorten(MOST_TEXT) {
        told.push(only(MOST_TEXT, "bytes"));
    }
    let mut cut = post.title.shorten(LONGEST_LINE);
    let names = [&mut post.author, &mut post.site, &mut post.platform];
    for text in names.into_iter().flatten().chain(&mut post.tags) {
        cut |= text.shorten(LONGEST_LINE);
    }
    for link in &mut post.links {
        cut |= link.rel.shorten(LONGEST_LINE);
        cut |= link.title.as_mut().is_some_and(|t| t.shorten(LONGEST_LINE));
    }
    for ping in &mut post.pings {
        cut |= ping.title.shorten(LONGEST_LINE);
    }
    for list in &mut post.tracklists {
        let names = [&mut list.heading, &mut list.album, &mut list.album_artist];
        for text in names.into_iter().flatten() {
            cut |= text.shorten(LONGEST_LINE);
        }
        let other = list.alternative.iter_mut().flat_map(|o| &mut o.tracks);
        for track in list.tracks.iter_mut().chain(other) {
            cut |= track.title.shorten(LONGEST_LINE) | track.raw.shorten(LONGEST_LINE);
            let names = [
                &mut track.number,
                &mut track.artist,
                &mut track.contributor,
                &mut track.section,
                &mut track.album,
                &mut track.label,
            ];
            for text in names.into_iter().flatten() {
                cut |= text.shorten(LONGEST_LINE);
            }
        }
    }
    for comment in &mut post.comments {
        let names = [&mut comment.author, &mut comment.parent];
        for text in names.into_iter().flatten() {
            cut |= text.shorten(LONGEST_LINE);
        }
        cut |= comment.id.shorten(LONGEST_LINE);
    }
    if cut {
        told.push(Text::line(&format!(
            "a name or title is longer than {LONGEST_LINE} bytes: the rest was left out"
        )));
    }
    let comments = post.comments.iter_mut().map(|c| &mut c.url);
    let links = post.links.iter_mut().map(|l| &mut l.url);
    let pings = post.pings.iter_mut().map(|p| &mut p.url);
    for url in [&mut post.url]
        .into_iter()
        .chain(comments)
        .chain(links)
        .chain(pings)
    {
        url.take_if(|url| url.len() > LONGEST_ADDRESS);
    }
    post.warnings.append(&mut told);
}

/// Keeps as many rows of stated lists as rows are read from lines.
fn rows(lists: &mut Vec<TrackList>) -> Option<Text> {
    let mut left = lines::MOST_LINES;
    let before: usize = lists.iter().map(|l| l.tracks.len()).sum();
    for list in lists.iter_mut() {
        list.tracks.truncate(left);
        left -= list.tracks.len();
    }
    if before > lines::MOST_LINES {
        lists.retain(|list| !list.tracks.is_empty());
        return Some(only(lines::MOST_LINES, "rows"));
    }
    None
}

/// Keeps the first comments, and as much of their text as a document may have.
fn comments(all: &mut Vec<Comment>) -> Option<Text> {
    let mut left = MOST_TEXT;
    let mut kept = 0;
    for comment in all.iter_mut().take(MOST_COMMENTS) {
        if left == 0 {
            break;
        }
        comment.text.shorten(left);
        left -= comment.text.len();
        kept += 1;
    }
    if kept == all.len() && left > 0 {
        return None;
    }
    all.truncate(kept);
    Some(only(kept, "comments"))
}
