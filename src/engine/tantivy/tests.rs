//! Both traits together, over real indexes in temporary folders.

mod answer_tests;
mod best_tests;
mod publication_tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tantivy::schema::Schema;
use xxhash_rust::xxh3::xxh3_64;

use super::{TantivyReader, TantivyWriter};
use crate::artist;
use crate::engine::{ReadEngine, SearchOptions, WriteEngine};
use crate::error::Error;
use crate::model::{
    Archived, Comment, DateSource, Link, Listed, Order, OriginKey, Post, PostId, PostRef,
    Published, Reading, Response, Text, Tier, Track, TrackList, Version,
};
use crate::query;
use crate::record::{self, ANALYZER_VERSION};

/// What the constant is to be where a field or the analyzer changed: indexes of before are then built anew.
#[test]
fn the_fingerprint_is_that_of_the_schemas_and_the_analyzer() {
    let (posts, _) = record::posts_schema();
    let (rows, _) = record::rows_schema();
    // Serialised, a schema is its fields in order; its debug form is not the same twice.
    let schema = |schema: &Schema| serde_json::to_string(schema).expect("a schema is text");
    let text = format!("{ANALYZER_VERSION} {} {}", schema(&posts), schema(&rows));
    assert_eq!(super::FINGERPRINT, xxh3_64(text.as_bytes()), "{text}");
}

/// A post named by its title, with tracks as "Artist - Title" and comments as "author: text".
fn post(title: &str, body: &str, tracks: &[&str], comments: &[&str]) -> Post {
    let rows = (1u32..).zip(tracks).map(|(position, raw)| {
        let (artist, title) = raw.split_once(" - ").unwrap_or(("", raw));
        Track {
            position,
            artist: Text::some_line(artist),
            credit: artist::parse(Some(artist), title),
            title: Text::line(title),
            raw: Text::line(raw),
            ..Track::default()
        }
    });
    let list = TrackList {
        heading: None,
        order: Order::ArtistTitle,
        confidence: 1.0,
        album: None,
        album_artist: None,
        tracks: rows.collect(),
        alternative: None,
    };
    let comments = (1u32..).zip(comments).map(|(n, raw)| {
        let (author, text) = raw.split_once(": ").unwrap_or(("", raw));
        Comment {
            id: Text::line(&n.to_string()),
            author: Text::some_line(author),
            likes: Some(n),
            text: Text::block(text),
            ..Comment::default()
        }
    });
    Post {
        id: PostId::of_place(title, ""),
        url: None,
        site: Text::some_line("Example Songs"),
        source: Text::line(&format!("{title}.txt")),
        reader: Text::line("text"),
        platform: None,
        title: Text::line(title),
        author: None,
        published: Published::day(2019, 3, 4, DateSource::Byline),
        language: Text::some_line("en"),
        tags: Vec::new(),
        body: Text::block(body),
        links: Vec::new(),
        tracklists: if tracks.is_empty() {
            Vec::new()
        } else {
            vec![list]
        },
        comments: comments.collect(),
        comments_stated: None,
        pings: Vec::new(),
        warnings: Vec::new(),
    }
}

fn archived(post: Post) -> Archived {
    let origin = OriginKey(post.id.0);
    let post = Arc::new(post);
    Archived {
        versions: vec![Version {
            captured: None,
            whole: true,
            origin,
            post: Arc::clone(&post),
        }],
        post,
    }
}

fn put(writer: &TantivyWriter, posts: &[Post]) {
    for post in posts {
        writer.put(&archived(post.clone())).unwrap();
    }
}

/// An index of these posts, published.
fn index(posts: &[Post]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    put(&writer, posts);
    writer.publish(&BTreeMap::new()).unwrap();
    dir
}

fn options(text: &str) -> SearchOptions {
    SearchOptions {
        exact: true,
        ..SearchOptions::new(text, 10)
    }
}

fn ask(reader: &dyn ReadEngine, text: &str) -> Response {
    reader.search(&query::parse(text), &options(text)).unwrap()
}

fn titles(response: &Response) -> Vec<&str> {
    response.hits.iter().map(|h| h.title.as_str()).collect()
}

fn found(dir: &Path, text: &str) -> String {
    let reader = TantivyReader::open(dir).unwrap();
    titles(&ask(&reader, text)).join(" | ")
}

fn soundtracks() -> Vec<Post> {
    vec![
        post("Robert Tepper", "A singer from New Jersey.", &[], &[]),
        post(
            "Great Soundtracks",
            "Stallone runs. The montage is long.",
            &[
                "Survivor - Burning Heart",
                "Robert Tepper - No Easy Way Out",
                "Kenny Loggins - Double or Nothing",
            ],
            &["ann: A supernatural score", "bob: the drums are loud"],
        ),
        post("A walk", "I met Robert Tepper once.", &[], &[]),
        post(
            "Two people",
            "Robert came to the party. Later on, with many other words between them so that nothing is near, \
             we saw that Tepper had come as well.",
            &[],
            &[],
        ),
        post("Robert alone", "No other name.", &[], &[]),
    ]
}
