//! The corpus generator: the same bytes for the same seed, and pages of which deepcut finds exactly the
//! rows and comments that were written into them.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::generator::{Form, Generator, Layout, Post};
use deepcut::model::Post as Found;
use deepcut::{extract, source};

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect();
    all.sort();
    all
}

fn read(path: &Path) -> Vec<Found> {
    let mut posts = Vec::new();
    let name = path.file_name().unwrap().to_str().unwrap();
    source::read_file(path, name, &mut |document| {
        posts.extend(extract::extract(document.unwrap()).posts);
        ControlFlow::Continue(())
    })
    .unwrap();
    posts
}

/// What differs between a post as it is meant and as it was found.
fn differences(meant: &Post, found: &Found, form: Form) -> Vec<String> {
    let mut out = Vec::new();
    let mut check = |what: &str, meant: String, found: String| {
        if meant != found {
            out.push(format!("{what}: meant {meant:?}, found {found:?}"));
        }
    };
    let name = |t: Option<&deepcut::model::Text>| t.map(ToString::to_string).unwrap_or_default();
    check("title", meant.title.clone(), found.title.to_string());
    check("url", meant.url.clone(), name(found.url.as_ref()));
    check("author", meant.author.clone(), name(found.author.as_ref()));
    let date = found.published.as_ref().map(|d| d.key());
    let (year, month, day) = meant.date;
    let key = i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day);
    check("date", format!("{:?}", Some(key)), format!("{date:?}"));
    check("lists", "1".into(), found.tracklists.len().to_string());
    check(
        "rows",
        format!("{:?}", meant.tracks),
        format!("{:?}", rows(found)),
    );
    let (all, thread) = (&meant.comments, &found.comments);
    check("comments", all.len().to_string(), thread.len().to_string());
    for (meant, found) in all.iter().zip(thread) {
        check("id", meant.id.to_string(), found.id.to_string());
        let parent = meant.parent.map(|p| p.to_string()).unwrap_or_default();
        check("parent", parent, name(found.parent.as_ref()));
        check(
            "commenter",
            meant.author.clone(),
            name(found.author.as_ref()),
        );
        check(
            "text",
            meant.paragraphs.join("\n\n"),
            found.text.to_string(),
        );
    }
    let mut prose = found.body.to_string();
    if form == Form::Html && meant.layout() == Layout::Table {
        // The line above a table is left in the prose.
        prose = prose.replacen(&format!("{}\n\n", meant.heading), "", 1);
    }
    check("prose", meant.paragraphs.join("\n\n"), prose);
    out
}

fn rows(found: &Found) -> Vec<(String, String)> {
    let text = |t: Option<&deepcut::model::Text>| t.map(ToString::to_string).unwrap_or_default();
    let lists = found.tracklists.iter();
    lists
        .flat_map(|list| {
            let rows = list.tracks.iter();
            rows.map(|t| (text(list.artist_of(t)), t.title.to_string()))
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_archive() {
    for form in [Form::Html, Form::Jsonl] {
        let [one, two, other] = [(7, 12), (7, 12), (8, 12)].map(|(seed, posts)| {
            let dir = tempfile::tempdir().unwrap();
            let written = Generator::new(seed).write(dir.path(), posts, form).unwrap();
            let bytes: Vec<u8> = files(dir.path())
                .iter()
                .flat_map(|f| fs::read(f).unwrap())
                .collect();
            assert_eq!(written.posts, posts);
            assert_eq!(written.bytes, bytes.len() as u64);
            bytes
        });
        assert!(one == two, "{form:?}");
        assert!(one != other, "{form:?}");
    }
}

#[test]
fn a_small_archive_is_the_beginning_of_a_large_one() {
    let [small, large] = [3, 5].map(|posts| {
        let dir = tempfile::tempdir().unwrap();
        Generator::new(1)
            .write(dir.path(), posts, Form::Jsonl)
            .unwrap();
        fs::read(dir.path().join("posts.jsonl")).unwrap()
    });
    assert!(large.starts_with(&small));
}

#[test]
fn what_was_written_is_found_again() {
    const POSTS: u64 = 400;
    let generator = Generator::new(1);
    let mut wrong = Vec::new();
    for form in [Form::Html, Form::Jsonl] {
        let dir = tempfile::tempdir().unwrap();
        generator.write(dir.path(), POSTS, form).unwrap();
        let found: Vec<Found> = files(dir.path()).iter().flat_map(|f| read(f)).collect();
        assert_eq!(found.len() as u64, POSTS);
        for (number, found) in (0..POSTS).zip(&found) {
            let meant = generator.post(number);
            let lines = differences(&meant, found, form);
            wrong.extend(
                lines
                    .iter()
                    .map(|line| format!("{form:?} {number}: {line}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_are_as_heavy_as_those_of_blogs() {
    let generator = Generator::new(1);
    let bytes: usize = (0..100)
        .map(|n| generator.page(&generator.post(n)).len())
        .sum();
    assert!((50_000..75_000).contains(&(bytes / 100)), "{}", bytes / 100);
}
