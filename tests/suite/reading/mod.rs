//! Files read and understood as a run would, without an index.
#![allow(dead_code)]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deepcut::extract;
use deepcut::model::Post;
use deepcut::source::{self, BadDocument, Content, Entry, RawDocument};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The documents of a file, and what could not be read of it.
pub fn documents(path: &Path) -> (Vec<RawDocument>, Vec<BadDocument>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    source::read_file(path, name, &mut |document| {
        match document {
            Ok(document) => good.push(document),
            Err(b) => bad.push(b),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (good, bad)
}

pub fn entry_of(document: &RawDocument) -> Option<&Entry> {
    match &document.content {
        Content::Entry(entry) => Some(entry),
        _ => None,
    }
}

/// The posts of a file, and what could not be read of it.
pub fn read_at(path: &Path) -> (Vec<Post>, Vec<BadDocument>) {
    let (good, bad) = documents(path);
    let posts = good
        .into_iter()
        .flat_map(|d| extract::extract(d).posts)
        .collect();
    (posts, bad)
}

/// The posts of a fixture that reads without a fault.
pub fn read(name: &str) -> Vec<Post> {
    let (posts, bad) = read_at(&fixture(name));
    assert!(bad.is_empty(), "{bad:?}");
    posts
}

/// The same for bytes made up in a test.
pub fn read_bytes(name: &str, bytes: &[u8]) -> (Vec<Post>, Vec<BadDocument>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_at(&path)
}

pub fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|p| p.title.as_str()).collect()
}

/// Comments as `id`, `parent`, `author` and text.
pub fn thread(post: &Post) -> Vec<(&str, Option<&str>, Option<&str>, &str)> {
    post.comments
        .iter()
        .map(|c| {
            (
                c.id.as_str(),
                c.parent.as_deref(),
                c.author.as_deref(),
                c.text.as_str(),
            )
        })
        .collect()
}

/// Track rows of a post.
pub fn rows(post: &Post) -> usize {
    post.tracklists.iter().map(|l| l.tracks.len()).sum()
}

pub fn date(post: &Post) -> String {
    post.published
        .as_ref()
        .map_or_else(String::new, |d| d.iso())
}

/// No address of a commenter stands anywhere in what was read.
pub fn assert_nobodys_address(posts: &[Post]) {
    let all = format!("{posts:?}");
    for trace in ["@mail.example", "192.0.2.", "2001:db8"] {
        assert!(!all.contains(trace), "{trace} was kept");
    }
}

/// Counts over all posts: posts, comments, answers, pings.
pub fn counts(posts: &[Post]) -> (usize, usize, usize, usize) {
    let comments = posts.iter().flat_map(|p| &p.comments);
    (
        posts.len(),
        comments.clone().count(),
        comments.filter(|c| c.parent.is_some()).count(),
        posts.iter().map(|p| p.pings.len()).sum(),
    )
}
