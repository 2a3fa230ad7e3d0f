//! What is published, kept and refused.

use std::collections::BTreeMap;

use super::*;

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
    assert_eq!((numbers.posts, numbers.tracks, numbers.comments), (4, 0, 0));
}

#[test]
fn rows_are_read_without_the_rest_of_their_post() {
    let mut posts = soundtracks();
    for post in &mut posts {
        post.url = Text::some_line("http://example.org/1");
        post.platform = Text::some_line("wordpress");
        post.author = Text::some_line("Ann");
        post.tags = vec![Text::line("soundtracks"), Text::line("élan")];
        post.links = vec![Link {
            rel: Text::line("audio"),
            title: Text::some_line("A song"),
            url: None,
        }];
    }
    let dir = index(&posts);
    let reader = TantivyReader::open(dir.path()).unwrap();
    let mut listed = Vec::new();
    let all = query::parse("robert");
    let visit = &mut |of: Listed| listed.push(of);
    reader.answers(&all, &options("robert"), visit).unwrap();
    assert_eq!(listed.len(), posts.len());
    for post in &posts {
        let expected = Listed {
            post: PostRef::of(post),
            tracklists: post.tracklists.clone(),
        };
        assert!(listed.contains(&expected), "{expected:?}");
    }
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
    writer.commit_posts_alone();
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
        (
            whole.replacen(&format!(" {} ", super::super::FORMAT_VERSION), " 9999 ", 1),
            "other-version",
        ),
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
        (numbers.posts, numbers.tracks, numbers.comments),
        (200, 200, 200)
    );
    assert_eq!(ask(&reader, "artist:a track:b").total, 200);
}

#[test]
fn words_put_aside_are_found_as_those_in_memory() {
    let posts: Vec<Post> = (0..200)
        .map(|n| {
            let tracks = [
                format!("Artist {} - Song {n}", n % 40),
                format!("Robert Tepper - Take {}", n % 7),
            ];
            let comments = [format!("visitor {}: tape number {n} is loud", n % 9)];
            let body = format!("{} the tape of {}", "loud ".repeat(n % 13), n % 31);
            post(
                &format!("Post {n}"),
                &body,
                &tracks.each_ref().map(String::as_str),
                &comments.each_ref().map(String::as_str),
            )
        })
        .collect();
    let told = |heap: usize, kept: usize, segments: std::ops::RangeInclusive<usize>| {
        let dir = tempfile::tempdir().unwrap();
        let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
        let writer = writer.with_memory(heap, kept);
        put(&writer, &posts);
        // Some are replaced while they are held, and some once they are written.
        put(&writer, &posts[..20]);
        writer.publish(&BTreeMap::new()).unwrap();
        let reader = TantivyReader::open(dir.path()).unwrap();
        let written = reader.posts.segment_readers().len();
        assert!(segments.contains(&written), "{written} segments");
        let queries = [
            "tape",
            "\"robert tepper\"",
            "loud tape",
            "artist:\"artist 7\"",
            "comment:\"tape number\"",
            "track:take",
            "tap*",
            "tepper",
        ];
        let answers = queries.map(|query| {
            let answer = ask(&reader, query);
            let hits: Vec<String> = answer.hits.iter().map(|h| format!("{h:?}")).collect();
            (query, answer.total, hits)
        });
        let counts = reader.statistics().unwrap();
        ((counts.posts, counts.tracks, counts.comments), answers)
    };
    // A commit comes with the first post that is replaced, so that there are two segments at least.
    let in_memory = told(64 << 20, 64 << 20, 2..=2);
    assert_eq!(in_memory.0, (200, 400, 200));
    for (query, total, _) in &in_memory.1 {
        assert!(*total > 0, "{query}");
    }
    // The table of terms alone takes more than one byte: all is put aside after each post.
    assert_eq!(told(1, 64 << 20, 2..=2), in_memory);
    assert_eq!(told(200 << 10, 64 << 20, 2..=2), in_memory);
    // A segment a post, and merging.
    assert_eq!(told(1, 1, 3..=40), in_memory);
}

#[test]
fn many_workers_may_replace_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let writer = TantivyWriter::create_or_open(dir.path(), 2).unwrap();
    // Few posts a round: whatever is numbered and queued in different order is near its end.
    for round in 0..30 {
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for worker in 0..8 {
                let (writer, start) = (&writer, &start);
                scope.spawn(move || {
                    let one = post(&format!("W{worker}"), "word", &["A - B"], &[]);
                    start.wait();
                    put(writer, &[one]);
                });
            }
        });
        let numbers = writer.settle().unwrap().statistics().unwrap();
        assert_eq!((numbers.posts, numbers.tracks), (8, 8), "round {round}");
    }
}

#[test]
fn an_index_is_built_beside_one_that_cannot_be_used() {
    let dir = index(&soundtracks());
    let path = dir.path().join("manifest");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(
        &path,
        String::from_utf8_lossy(&whole).replacen(" 1 ", " 9999 ", 1),
    )
    .unwrap();
    let names = || {
        let all = ["posts", "rows"].map(|sub| std::fs::read_dir(dir.path().join(sub)).unwrap());
        let mut all: Vec<_> = all
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        all.sort();
        all
    };
    let before = names();
    // Killed half-way, twice: the old files stay, those of the first attempt go.
    let mut left = Vec::new();
    for _ in 0..2 {
        let writer = TantivyWriter::rebuild(dir.path(), 1).unwrap();
        put(&writer, &[post("Half", "Built.", &[], &[])]);
        writer.commit_posts_alone();
        drop(writer);
        left.push(names());
        assert!(before.iter().all(|old| left[left.len() - 1].contains(old)));
    }
    assert_eq!(left[0].len(), left[1].len());
    assert!(left[1].len() > before.len());
    // The old version could still be read by what wrote it.
    let other = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(found(dir.path(), "\"met robert\""), "A walk");
    std::fs::write(&path, other).unwrap();

    let writer = TantivyWriter::rebuild(dir.path(), 1).unwrap();
    put(&writer, &[post("Whole", "Built.", &["Toto - Africa"], &[])]);
    writer.publish(&BTreeMap::new()).unwrap();
    drop(writer);
    assert_eq!(found(dir.path(), "built"), "Whole");
    assert_eq!(found(dir.path(), "artist:toto track:africa"), "Whole");
    assert_eq!(found(dir.path(), "robert"), "");
    assert!(before.iter().all(|old| !names().contains(old)));
    assert!(!dir.path().join("rebuilding").exists());
}
