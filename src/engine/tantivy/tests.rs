//! Both traits together, over real indexes in temporary folders.

use std::collections::BTreeMap;
use std::path::Path;

use super::{TantivyReader, TantivyWriter};
use crate::artist;
use crate::engine::{ReadEngine, SearchOptions, WriteEngine};
use crate::error::Error;
use crate::model::{
    Archived, Comment, DateSource, Order, OriginKey, Post, PostId, Published, Reading, Response,
    Text, Tier, Track, TrackList, Version,
};
use crate::query;

/// A post named by its title, with tracks as "Artist - Title" and comments as "author: text".
fn post(title: &str, body: &str, tracks: &[&str], comments: &[&str]) -> Post {
    let rows = (1u32..).zip(tracks).map(|(position, raw)| {
        let (artist, title) = raw.split_once(" - ").unwrap_or(("", raw));
        Track {
            position,
            artist: Text::some_line(artist),
            credit: artist::parse(artist),
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
    Archived {
        versions: vec![Version {
            origin,
            post: post.clone(),
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
        text: text.to_owned(),
        offset: 0,
        limit: 10,
        sort: None,
        facets: false,
        exact: true,
        explain: false,
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

#[test]
fn tiers_stand_in_order_and_scores_never_rise() {
    let dir = index(&soundtracks());
    let reader = TantivyReader::open(dir.path()).unwrap();
    let response = ask(&reader, "robert tepper");
    assert_eq!(
        titles(&response),
        ["Great Soundtracks", "Robert Tepper", "A walk", "Two people"]
    );
    let tiers: Vec<Tier> = response.hits.iter().map(|h| h.tier).collect();
    assert_eq!(tiers, [Tier::Exact, Tier::Exact, Tier::Phrase, Tier::All]);
    assert_eq!(response.total, 4);
    assert!(response.hits.is_sorted_by(|a, b| a.score >= b.score));
    let first = &response.hits[0].evidence;
    assert_eq!(first.tracks_total, 1);
    assert_eq!(first.tracks[0].title.as_str(), "No Easy Way Out");
    assert_eq!(first.tracks[0].marks.artist, [(0, 6), (7, 13)]);
    assert_eq!(response.hits[1].title_marks, [(0, 6), (7, 13)]);
    let snippet = response.hits[2].evidence.snippet.clone().unwrap();
    assert_eq!(snippet.text, "I met Robert Tepper once.");
    assert_eq!(snippet.marks, [(6, 12), (13, 19)]);
}

#[test]
fn words_and_negation_apply_to_the_whole_post() {
    let dir = index(&soundtracks());
    for (text, expected) in [
        ("tepper supernatural", "Great Soundtracks"),
        ("montage -supernatural", ""),
        ("stallone -accordion", "Great Soundtracks"),
        ("\"way out\"", "Great Soundtracks"),
        // The end of one row and the start of the next; the end of the title and the start of the prose.
        ("\"out kenny\"", ""),
        ("\"soundtracks stallone\"", ""),
        ("\"way kenny\"~30", ""),
        ("artist:tepper track:easy", "Great Soundtracks"),
        ("artist:survivor track:easy", ""),
        (
            "artist:\"robert tepper\" track:\"no easy\"",
            "Great Soundtracks",
        ),
        ("by:ann supernatural", "Great Soundtracks"),
        ("by:bob comment:supernatural", ""),
        ("comment:drums likes:>1", "Great Soundtracks"),
        ("comment:supernatural likes:>1", ""),
        ("in:tracks tepper easy", "Great Soundtracks"),
        ("in:tracks tepper montage", ""),
        ("in:comments drums", "Great Soundtracks"),
        ("title:alone", "Robert alone"),
        ("body:jersey", "Robert Tepper"),
        ("body:easy", ""),
        ("has:comments", "Great Soundtracks"),
        ("super*", "Great Soundtracks"),
        ("\"easy out\"~1", "Great Soundtracks"),
        ("\"easy out\"", ""),
        ("\"no easy w*\"", "Great Soundtracks"),
        ("supernaturel~", "Great Soundtracks"),
        ("tpeper~ montage", "Great Soundtracks"),
        ("jersey OR stallone -drums", "Robert Tepper"),
        ("-robert", ""),
    ] {
        assert_eq!(found(dir.path(), text), expected, "{text}");
    }
}

#[test]
fn odd_names_are_found_and_stand_first() {
    let names = [
        "MØ",
        "!!!",
        "The The",
        "AC/DC",
        "R.E.M.",
        "P!nk",
        "+44",
        "X",
        "Yes",
        "少女時代",
        "Guns N' Roses",
    ];
    let mut posts: Vec<Post> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            post(
                &format!("Post {n}"),
                "Yes, the x of it.",
                &[&format!("{name} - Song")],
                &[],
            )
        })
        .collect();
    posts.push(post(
        "Noise",
        "Yes x the the mo rem pink 44 ac dc guns n roses yes x",
        &[],
        &[],
    ));
    let dir = index(&posts);
    let reader = TantivyReader::open(dir.path()).unwrap();
    for (n, name) in names.iter().enumerate() {
        for text in [(*name).to_owned(), format!("artist:\"{name}\"")] {
            let response = ask(&reader, &text);
            let first = response.hits.first();
            assert_eq!(
                first.map(|h| (h.title.as_str(), h.tier)),
                Some((format!("Post {n}").as_str(), Tier::Exact)),
                "{text}"
            );
            assert_ne!(first.unwrap().evidence.tracks[0].marks.artist, [], "{text}");
        }
    }
}

#[test]
fn some_of_the_words_are_told_aloud_and_only_where_none_has_all() {
    let dir = index(&soundtracks());
    let reader = TantivyReader::open(dir.path()).unwrap();
    let text = "montage accordion";
    let relaxed = SearchOptions {
        exact: false,
        ..options(text)
    };
    let response = reader.search(&query::parse(text), &relaxed).unwrap();
    assert_eq!(titles(&response), ["Great Soundtracks"]);
    assert_eq!((response.hits[0].tier, response.total), (Tier::Some, 1));
    assert!(response.notes.iter().any(|n| n.code == "relaxed"));
    assert_eq!(titles(&ask(&reader, text)), Vec::<&str>::new());
}

#[test]
fn a_post_is_replaced_and_deleted_with_its_rows() {
    let dir = index(&soundtracks());
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    let changed = post(
        "Great Soundtracks",
        "Changed.",
        &["Vince DiCola - War"],
        &[],
    );
    put(&writer, &[changed.clone(), changed]);
    // Readers see the last publication; the writer's own view is ahead.
    assert_eq!(found(dir.path(), "artist:tepper"), "Great Soundtracks");
    let settled = writer.settle().unwrap();
    assert_eq!(
        titles(&ask(settled.as_ref(), "artist:dicola")),
        ["Great Soundtracks"]
    );
    assert_eq!(
        titles(&ask(settled.as_ref(), "artist:tepper")),
        Vec::<&str>::new()
    );
    writer.publish(&BTreeMap::new()).unwrap();
    assert_eq!(found(dir.path(), "artist:tepper"), "");
    assert_eq!(
        found(dir.path(), "artist:dicola track:war"),
        "Great Soundtracks"
    );
    assert_eq!(
        TantivyReader::open(dir.path())
            .unwrap()
            .statistics()
            .unwrap()
            .posts,
        5
    );

    writer
        .delete(PostId::of_place("Great Soundtracks", ""))
        .unwrap();
    writer.publish(&BTreeMap::new()).unwrap();
    for text in [
        "dicola",
        "artist:dicola",
        "in:tracks war",
        "title:soundtracks",
    ] {
        assert_eq!(found(dir.path(), text), "", "{text}");
    }
    let numbers = TantivyReader::open(dir.path())
        .unwrap()
        .statistics()
        .unwrap();
    assert_eq!(
        (
            numbers.posts,
            numbers.tracks,
            numbers.comments,
            numbers.artists
        ),
        (4, 0, 0, 0)
    );
}

#[test]
fn a_kill_between_the_two_commits_leaves_the_last_publication() {
    let dir = index(&soundtracks());
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    put(
        &writer,
        &[post("Torn", "Torn apart.", &["Natalie - Torn"], &[])],
    );
    writer.delete(PostId::of_place("A walk", "")).unwrap();
    // Killed after the posts were committed: no rows, no manifest, files left over.
    writer.posts.write().unwrap().commit().unwrap();
    drop(writer);
    assert_eq!(found(dir.path(), "torn"), "");
    assert_eq!(found(dir.path(), "\"met robert\""), "A walk");
    let files = |sub: &str| std::fs::read_dir(dir.path().join(sub)).unwrap().count();
    let torn = files("posts");

    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    assert!(
        files("posts") < torn,
        "the next writer sweeps what was left"
    );
    put(
        &writer,
        &[post("Whole", "Torn apart.", &["Natalie - Torn"], &[])],
    );
    writer.publish(&BTreeMap::new()).unwrap();
    assert_eq!(found(dir.path(), "artist:natalie"), "Whole");
    assert_eq!(found(dir.path(), "torn"), "Whole");
}

#[test]
fn a_publication_takes_its_attachments_along() {
    let dir = index(&[]);
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    let attach = |content: Option<&[u8]>| {
        let all = BTreeMap::from([("ledger".to_owned(), content.map(<[u8]>::to_vec))]);
        writer.publish(&all).unwrap();
    };
    let read = || {
        TantivyReader::open(dir.path())
            .unwrap()
            .attachment("ledger")
            .unwrap()
    };
    let copies = || {
        std::fs::read_dir(dir.path())
            .unwrap()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with("ledger."))
            .count()
    };
    attach(Some(b"one"));
    attach(Some(b"two"));
    assert_eq!((read().as_deref(), copies()), (Some(b"two".as_slice()), 1));
    writer.publish(&BTreeMap::new()).unwrap();
    assert_eq!(read().as_deref(), Some(b"two".as_slice()));
    attach(None);
    assert_eq!((read(), copies()), (None, 0));
}

#[test]
fn files_of_others_in_the_folder_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("posts")).unwrap();
    let kept = [
        "diary.txt",
        "posts/a.html",
        "posts/2019",
        "ledger.7z",
        "posts/Zoë — Zoë — Zoë.txt",
    ];
    for name in kept {
        std::fs::write(dir.path().join(name), "mine").unwrap();
    }
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    put(&writer, &soundtracks());
    let ledger = BTreeMap::from([("ledger".to_owned(), Some(b"x".to_vec()))]);
    writer.publish(&ledger).unwrap();
    drop(writer);
    TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    for name in kept {
        assert!(dir.path().join(name).exists(), "{name}");
    }
}

#[test]
fn one_process_writes_and_a_damaged_or_foreign_manifest_is_refused() {
    let dir = index(&soundtracks());
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    match TantivyWriter::create_or_open(dir.path(), 1) {
        Err(Error::Locked { holder, .. }) => {
            assert!(holder.contains(&std::process::id().to_string()), "{holder}");
        }
        other => panic!("{:?}", other.err()),
    }
    drop(writer);
    let path = dir.path().join("manifest");
    let whole = std::fs::read_to_string(&path).unwrap();
    for (content, code) in [
        (
            whole
                .replacen("Great", "Small", 1)
                .replacen("generation\":1", "generation\":9", 1),
            "damaged",
        ),
        (whole[..whole.len() / 2].to_owned(), "damaged"),
        (String::new(), "damaged"),
        (whole.replacen(" 1 ", " 9999 ", 1), "other-version"),
    ] {
        std::fs::write(&path, content).unwrap();
        let code_of = |e: Option<Error>| e.map(|e| e.code());
        assert_eq!(code_of(TantivyReader::open(dir.path()).err()), Some(code));
        assert_eq!(
            code_of(TantivyWriter::create_or_open(dir.path(), 1).err()),
            Some(code)
        );
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(found(dir.path(), "\"met robert\""), "A walk");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        TantivyReader::open(empty.path()).err().map(|e| e.code()),
        Some("no-index")
    );
}

#[test]
fn a_reader_writes_nothing() {
    let dir = index(&soundtracks());
    let listing = || {
        let mut all: Vec<_> = ["", "posts", "rows"]
            .iter()
            .flat_map(|sub| std::fs::read_dir(dir.path().join(sub)).unwrap().flatten())
            .map(|e| (e.path(), e.metadata().unwrap().modified().unwrap()))
            .collect();
        all.sort();
        all
    };
    let before = listing();
    for sub in ["posts", "rows", ""] {
        let path = dir.path().join(sub);
        let mut mode = std::fs::metadata(&path).unwrap().permissions();
        mode.set_readonly(true);
        std::fs::set_permissions(&path, mode).unwrap();
    }
    assert_eq!(
        found(dir.path(), "artist:tepper track:easy"),
        "Great Soundtracks"
    );
    assert_eq!(listing(), before);
    for sub in ["", "posts", "rows"] {
        let path = dir.path().join(sub);
        let mut mode = std::fs::metadata(&path).unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        mode.set_readonly(false);
        std::fs::set_permissions(&path, mode).unwrap();
    }
}

#[test]
fn a_reader_outlives_publications() {
    let dir = index(&soundtracks());
    let reader = TantivyReader::open(dir.path()).unwrap();
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    for round in 0..12 {
        put(
            &writer,
            &[post(
                &format!("New {round}"),
                "Fresh.",
                &["Someone - New"],
                &[],
            )],
        );
        writer.publish(&BTreeMap::new()).unwrap();
    }
    assert_eq!(titles(&ask(&reader, "\"met robert\"")), ["A walk"]);
    // Its rows may have been merged away before it first asked for them.
    assert_eq!(
        titles(&ask(&reader, "artist:tepper")),
        ["Great Soundtracks"]
    );
    assert_eq!(found(dir.path(), "artist:tepper"), "Great Soundtracks");
}

#[test]
fn rows_do_not_change_how_posts_rank() {
    let word = ["love", "night", "river", "stone", "gold"];
    let bare: Vec<Post> = (0..40)
        .map(|n| {
            let words: Vec<&str> = (0..=n % 7).map(|m| word[(n * 3 + m * m) % 5]).collect();
            post(&format!("Number {n}"), &words.join(" "), &[], &[])
        })
        .collect();
    let mut full = bare.clone();
    for post in &mut full[..20] {
        let other = self::post("x", "", &["Aaa - Bbb", "Ccc - Ddd"], &["z: eee fff"]);
        post.tracklists = other.tracklists;
        post.comments = other.comments;
    }
    // The same posts, but the rows live in the index of rows only: ranking sees the posts' own statistics.
    let (bare_dir, full_dir) = (index(&bare), index(&full));
    let rows = TantivyReader::open(full_dir.path()).unwrap();
    assert_eq!(rows.posts.num_docs(), 40);
    for text in [
        "love",
        "love river",
        "\"gold night\"",
        "gold OR stone",
        "ston*",
    ] {
        assert_eq!(
            found(bare_dir.path(), text),
            found(full_dir.path(), text),
            "{text}"
        );
    }
}

#[test]
fn pages_fit_together() {
    let posts: Vec<Post> = (0..150)
        .map(|n| {
            let rows: &[&str] = if n % 2 == 0 {
                &["Alpha Beta - Song"]
            } else {
                &[]
            };
            post(
                &format!("Number {n}"),
                &"alpha filler beta ".repeat(n % 9 + 1),
                rows,
                &[],
            )
        })
        .collect();
    let dir = index(&posts);
    let reader = TantivyReader::open(dir.path()).unwrap();
    let parsed = query::parse("alpha beta");
    let page = |offset, limit| {
        let options = SearchOptions {
            offset,
            limit,
            ..options("alpha beta")
        };
        reader.search(&parsed, &options).unwrap().hits
    };
    let whole = page(0, 200);
    assert_eq!(whole.len(), 150);
    assert!(whole.is_sorted_by(|a, b| a.score >= b.score && a.tier <= b.tier));
    assert_eq!(whole.iter().filter(|h| h.tier == Tier::Exact).count(), 75);
    let paged: Vec<_> = (0..150)
        .step_by(7)
        .flat_map(|offset| page(offset, 7))
        .collect();
    assert_eq!(paged, whole);
    assert_eq!(page(150, 10), []);
    assert_eq!(page(usize::MAX, usize::MAX), []);
}

#[test]
fn sorts_and_facets_cover_the_whole_result() {
    let mut posts = soundtracks();
    for (year, post) in (1985i16..).zip(&mut posts) {
        post.published = Published::day(year, 6, 1, DateSource::Byline);
        post.tags = vec![Text::line("film")];
    }
    posts[4].published = None;
    let dir = index(&posts);
    for (text, expected) in [
        (
            "robert sort:newest",
            "Two people | A walk | Great Soundtracks | Robert Tepper | Robert alone",
        ),
        (
            "robert sort:oldest",
            "Robert Tepper | Great Soundtracks | A walk | Two people | Robert alone",
        ),
        (
            "robert date:1986..1987 sort:oldest",
            "Great Soundtracks | A walk",
        ),
        ("tag:film after:1987 robert", "Two people"),
    ] {
        assert_eq!(found(dir.path(), text), expected, "{text}");
    }
    assert!(found(dir.path(), "robert sort:comments").starts_with("Great Soundtracks"));
    let reader = TantivyReader::open(dir.path()).unwrap();
    let options = SearchOptions {
        facets: true,
        limit: 1,
        ..options("robert")
    };
    let facets = reader
        .search(&query::parse("robert"), &options)
        .unwrap()
        .facets;
    let of = |name: &str| -> Vec<(String, u64)> {
        let found = facets.iter().find(|f| f.0 == name).unwrap();
        found.1.iter().map(|c| (c.value.clone(), c.count)).collect()
    };
    assert_eq!(of("tag"), [("film".to_owned(), 5)]);
    assert_eq!(of("site"), [("Example Songs".to_owned(), 5)]);
    assert_eq!(of("kind").len(), 2);
    assert_eq!(of("artist").len(), 3);
    assert_eq!(of("year").len(), 5);
}

#[test]
fn a_prefix_matches_more_words_than_are_weighed() {
    let posts: Vec<Post> = (0..200)
        .map(|n| post(&format!("Number {n}"), &format!("zz{n:03}"), &[], &[]))
        .collect();
    let dir = index(&posts);
    let reader = TantivyReader::open(dir.path()).unwrap();
    assert_eq!(ask(&reader, "zz*").total, 200);
    assert_eq!(ask(&reader, "zz1*").total, 100);
}

#[test]
fn ambiguous_lists_and_clear_credits_are_told_apart() {
    let mut unclear = post("Unclear", "", &["Wham - Freedom"], &[]);
    let list = &mut unclear.tracklists[0];
    let other = Track {
        position: 1,
        artist: Text::some_line("Freedom"),
        title: Text::line("Wham"),
        ..Track::default()
    };
    list.alternative = Some(Reading {
        order: Order::TitleArtist,
        confidence: 0.5,
        tracks: vec![other],
    });
    let id = unclear.id;
    let dir = index(&[unclear, post("Clear", "", &["Wham - Last Christmas"], &[])]);
    let reader = TantivyReader::open(dir.path()).unwrap();
    assert_eq!(reader.ambiguous(None).unwrap(), [id]);
    assert_eq!(reader.ambiguous(Some(&["freedom".into()])).unwrap(), [id]);
    assert_eq!(reader.ambiguous(Some(&["nobody".into()])).unwrap(), []);
    assert_eq!(reader.artist_posts("wham").unwrap(), 1);
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    writer.delete(PostId::of_place("Clear", "")).unwrap();
    writer.publish(&BTreeMap::new()).unwrap();
    let reader = TantivyReader::open(dir.path()).unwrap();
    assert_eq!(reader.artist_posts("wham").unwrap(), 0);
    let stored = reader.get(id).unwrap().unwrap();
    assert_eq!(
        (stored.post.title.as_str(), stored.versions.len()),
        ("Unclear", 1)
    );
    let mut all = 0;
    reader
        .for_each(&mut |_| {
            all += 1;
            true
        })
        .unwrap();
    assert_eq!(all, 1);
}

#[test]
fn many_workers_may_put_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let writer = TantivyWriter::create_or_open(dir.path(), 2).unwrap();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                let posts: Vec<Post> = (0..50)
                    .map(|n| post(&format!("W{worker} N{n}"), "word", &["A - B"], &["c: d"]))
                    .collect();
                put(writer, &posts);
            });
        }
        scope.spawn(|| drop(writer.settle().unwrap()));
    });
    writer.publish(&BTreeMap::new()).unwrap();
    let reader = TantivyReader::open(dir.path()).unwrap();
    let numbers = reader.statistics().unwrap();
    assert_eq!(
        (
            numbers.posts,
            numbers.tracks,
            numbers.comments,
            numbers.artists
        ),
        (200, 200, 200, 1)
    );
    assert_eq!(ask(&reader, "artist:a track:b").total, 200);
}
