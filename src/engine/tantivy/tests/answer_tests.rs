//! What is found, in which order, and why.

use super::*;

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
        ("no-easy-w*", "Great Soundtracks"),
        ("easy-o*", ""),
        ("supernaturel~", "Great Soundtracks"),
        ("tpeper~ montage", "Great Soundtracks"),
        ("jersey OR stallone -drums", "Robert Tepper"),
        ("-robert", ""),
    ] {
        assert_eq!(found(dir.path(), text), expected, "{text}");
    }
}

#[test]
fn words_and_the_beginning_of_one_are_found_wherever_they_follow_each_other() {
    let words = ["a", "ab", "abc", "b", "ba"];
    // Texts of up to thirteen words, the same ones at each run; comments have them backwards.
    let mut state = 1u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut texts: Vec<Vec<&str>> = Vec::new();
    let dir = tempfile::tempdir().unwrap();
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    // Several segments, and posts that were replaced.
    for round in 0..3 {
        let posts: Vec<Post> = (0..20)
            .map(|n| {
                let number = if n == 0 { 0 } else { round * 20 + n };
                let text: Vec<&str> = (0..random(14)).map(|_| words[random(5) as usize]).collect();
                let body = text.join(" ");
                texts.resize(texts.len().max(number + 1), Vec::new());
                texts[number] = text;
                let backwards: Vec<&str> = texts[number].iter().rev().copied().collect();
                let comment = format!("zoe: {}", backwards.join(" "));
                post(&format!("Post {number}"), &body, &[], &[&comment])
            })
            .collect();
        put(&writer, &posts);
        writer.publish(&BTreeMap::new()).unwrap();
    }
    let reader = TantivyReader::open(dir.path()).unwrap();
    let follow = |text: &[&str], asked: &[&str], stem: &str| {
        text.windows(asked.len() + 1)
            .any(|w| w[..asked.len()] == *asked && w[asked.len()].starts_with(stem))
    };
    let one = words.iter().map(|word| vec![*word]);
    let two = words.iter().flat_map(|a| words.map(|b| vec![*a, b]));
    let three = two
        .clone()
        .flat_map(|pair| words.map(|c| [pair.clone(), vec![c]].concat()));
    for asked in one.chain(two.clone()).chain(three) {
        for stem in ["a", "ab", "abc", "b", "c"] {
            let text = format!("{}-{stem}*", asked.join("-"));
            for field in ["body:", "comment:"] {
                let mut options = options("");
                options.limit = 100;
                let understood = query::parse(&format!("{field}{text}"));
                let answer = reader.search(&understood, &options).unwrap();
                let mut found: Vec<String> =
                    titles(&answer).iter().map(|t| (*t).to_owned()).collect();
                let numbers = texts.iter().enumerate().filter(|(_, text)| {
                    let mut text: Vec<&str> = (*text).clone();
                    if field == "comment:" {
                        text.reverse();
                    }
                    follow(&text, &asked, stem)
                });
                let mut expected: Vec<String> = numbers.map(|(n, _)| format!("Post {n}")).collect();
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{field}{text}");
            }
        }
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
    // Rows are no documents of the index of posts: its statistics are those of posts.
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
fn order_is_the_same_after_updates_and_anew_at_any_depth() {
    let posts: Vec<Post> = (0..180)
        .map(|n| {
            let body = "river stone ".repeat(n % 5 + 1) + &"filler ".repeat(n % 11);
            let rows: &[&str] = if n % 6 == 0 {
                &["River Stone - Song"]
            } else {
                &[]
            };
            let mut post = post(&format!("Number {n}"), &body, rows, &[]);
            post.published = Published::day(2000 + (n % 9) as i16, 1, 1, DateSource::Byline);
            post
        })
        .collect();
    let fresh = index(&posts);
    // The same posts in many runs, with others that go again.
    let grown = tempfile::tempdir().unwrap();
    let writer = TantivyWriter::create_or_open(grown.path(), 1).unwrap();
    for part in posts.chunks(50).rev() {
        let gone: Vec<Post> = (0..30)
            .map(|n| {
                self::post(
                    &format!("Gone {n}"),
                    "river river stone riverx",
                    &["Riverr Stone - X"],
                    &[],
                )
            })
            .collect();
        put(&writer, &gone);
        put(&writer, part);
        writer.publish(&BTreeMap::new()).unwrap();
        for post in &gone {
            writer.delete(post.id).unwrap();
        }
        put(&writer, &part[..10]);
        writer.publish(&BTreeMap::new()).unwrap();
    }
    let (fresh, grown) = (
        TantivyReader::open(fresh.path()).unwrap(),
        TantivyReader::open(grown.path()).unwrap(),
    );
    for text in [
        "river stone",
        "river",
        "riv*",
        "rivr",
        "river OR filler",
        "artist:river",
        "river sort:oldest",
    ] {
        let options = SearchOptions {
            limit: 500,
            exact: false,
            ..options(text)
        };
        let parsed = query::parse(text);
        let (mut a, mut b) = (
            fresh.search(&parsed, &options).unwrap(),
            grown.search(&parsed, &options).unwrap(),
        );
        (a.took_ms, b.took_ms) = (0.0, 0.0);
        assert_eq!(a, b, "{text}");
        assert!(a.total >= 30, "{text}");
    }
}

#[test]
fn a_phrase_stands_above_frequent_words_at_any_depth() {
    let mut posts: Vec<Post> = (0..120)
        .map(|n| {
            post(
                &format!("Number {n}"),
                &"gold apart from heart ".repeat(9),
                &[],
                &[],
            )
        })
        .collect();
    let long = "other words ".repeat(300);
    posts.push(post("Long", &format!("{long} heart gold {long}"), &[], &[]));
    posts.push(post("Far", &format!("heart {long} gold"), &[], &[]));
    let dir = index(&posts);
    let reader = TantivyReader::open(dir.path()).unwrap();
    let response = ask(&reader, "heart gold");
    assert_eq!((response.hits.len(), response.total), (10, 122));
    let phrases = response
        .hits
        .iter()
        .filter(|h| h.tier == Tier::Phrase)
        .count();
    assert_eq!(phrases, 10);
    let all = SearchOptions {
        limit: 200,
        ..options("heart gold")
    };
    let response = reader.search(&query::parse("heart gold"), &all).unwrap();
    assert_eq!(
        response.hits.last().map(|h| (h.title.as_str(), h.tier)),
        Some(("Far", Tier::All))
    );
    assert!(
        response.hits[..121]
            .iter()
            .any(|h| h.title.as_str() == "Long" && h.tier == Tier::Phrase)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(300))]

    #[test]
    fn anything_typed_is_answered(
        typed in "\\PC{0,40}",
        signs in "[a-c:()\"~*| ORé!-]{0,30}",
        names in "(artist:|track:|-|in:tracks |by:|)(tep|per|no easy|ac/dc|\"x|少女時|1985)[a-z*~]{0,6}",
    ) {
        let reader = ready();
        for text in [&typed, &signs, &names] {
            let any = SearchOptions { exact: false, explain: true, facets: true, ..options(text) };
            let parsed = query::parse(text);
            let response = reader.search(&parsed, &any).unwrap();
            assert!(response.hits.is_sorted_by(|a, b| a.score >= b.score && a.tier <= b.tier), "{text}");
            assert!(!parsed.understood().is_empty());
        }
    }
}

/// One index for all cases.
fn ready() -> &'static TantivyReader {
    static READER: std::sync::OnceLock<(tempfile::TempDir, TantivyReader)> =
        std::sync::OnceLock::new();
    let (_, reader) = READER.get_or_init(|| {
        let dir = index(&soundtracks());
        let reader = TantivyReader::open(dir.path()).unwrap();
        (dir, reader)
    });
    reader
}

#[test]
fn owners_are_the_same_looked_up_and_gone_through() {
    // More than are read together, in several segments, some of them gone.
    let posts: Vec<Post> = (0..700)
        .map(|n| {
            post(
                &format!("Post {n}"),
                "",
                &[&format!("Some{} - Song", n % 3)],
                &[],
            )
        })
        .collect();
    let dir = index(&[]);
    let gone: Vec<PostId> = posts.iter().step_by(7).map(|p| p.id).collect();
    let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
    for part in posts.chunks(300) {
        put(&writer, part);
        writer.publish(&BTreeMap::new()).unwrap();
    }
    for id in &gone {
        writer.delete(*id).unwrap();
    }
    writer.publish(&BTreeMap::new()).unwrap();
    let reader = TantivyReader::open(dir.path()).unwrap();
    let ids: Vec<PostId> = posts.iter().skip(1).step_by(3).map(|p| p.id).collect();
    let living = ids.iter().filter(|id| !gone.contains(id)).count();
    let ids = ids.iter().map(|id| id.0).chain([1, 2, u64::MAX]).collect();
    let found = |a_look| {
        let chosen = super::super::owners::of(&reader, &ids, a_look).unwrap();
        reader.addresses(&chosen).unwrap()
    };
    assert_eq!(found(0), found(usize::MAX));
    assert_eq!(found(0).len(), living);
    assert_eq!(ask(&reader, "artist:some1").total, living as u64);
}
