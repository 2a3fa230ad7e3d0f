//! Where posts stand: the same wherever a page ends, and however the index came to be.

use std::path::Path;

use deepcut::engine::tantivy::TantivyReader;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::model::Response;
use deepcut::query;

use crate::archive::{Archive, code, errors};

const POSTS: u64 = 1_200;

/// Words in nearly every post and in few, alone and together; forms, slips, beginnings, names.
const QUERIES: &[&str] = &[
    "the",
    "the of",
    "and the record",
    "song drum",
    "record OR tape OR night",
    "the OR songs",
    "so*",
    "track~",
    "records",
    "guitar -drum",
    "\"the record\"",
    "artist:survivor",
    "survivor",
    "robert tepper",
    "the the",
    "song in:comments",
    "radio date:2010..2015",
];

fn ask(engine: &dyn ReadEngine, text: &str, offset: usize, limit: usize) -> Response {
    let options = SearchOptions {
        text: text.to_owned(),
        offset,
        limit,
        sort: None,
        facets: false,
        exact: false,
        explain: false,
    };
    engine.search(&query::parse(text), &options).unwrap()
}

fn open(archive: &Archive) -> TantivyReader {
    TantivyReader::open(&archive.path("index").join("main")).unwrap()
}

fn index(archive: &Archive) {
    let output = archive.run(&["index", "posts"]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
}

/// Title, tier and score of each hit.
fn shown(response: &Response) -> Vec<(String, &'static str, String)> {
    response
        .hits
        .iter()
        .map(|h| (h.id.to_string(), h.tier.as_str(), format!("{:.4}", h.score)))
        .collect()
}

fn check(engine: &dyn ReadEngine) {
    for text in QUERIES {
        // So many places are found by looking at every match.
        let whole = ask(engine, text, 0, 2_000);
        assert!(whole.total_exact && whole.total > 0, "{text}");
        assert!(
            whole.hits.is_sorted_by(|a, b| a.score >= b.score),
            "{text}: {:?}",
            shown(&whole)
        );
        let all = shown(&whole);
        for (offset, limit) in [(0, 10), (0, 1), (7, 30), (45, 20), (200, 100)] {
            let page = ask(engine, text, offset, limit);
            let end = all.len().min(offset + limit);
            assert_eq!(
                shown(&page),
                all.get(offset..end).unwrap_or_default(),
                "{text} from {offset}"
            );
            if page.total_exact {
                assert_eq!(page.total, whole.total, "{text}");
            } else {
                assert!(page.total <= whole.total, "{text}");
            }
        }
    }
}

#[test]
fn a_page_is_a_part_of_the_whole_answer() {
    let archive = Archive::in_memory();
    let made = crate::generator::Generator::new(1);
    let lines = |posts: std::ops::Range<u64>| -> String {
        posts.map(|n| made.line(&made.post(n))).collect()
    };
    archive.write("posts/a.jsonl", lines(0..POSTS));
    index(&archive);
    check(&open(&archive));
    // Some posts go, others come: segments and deletions change no place.
    archive.write("posts/a.jsonl", lines(150..POSTS));
    archive.write("posts/b.jsonl", lines(POSTS..POSTS + 100));
    index(&archive);
    let grown = open(&archive);
    check(&grown);
    let fresh = Archive::in_memory();
    for name in ["a", "b"] {
        let path = archive.path("posts").join(name).with_extension("jsonl");
        fresh.write(
            Path::new("posts")
                .join(path.file_name().unwrap())
                .to_str()
                .unwrap(),
            std::fs::read_to_string(&path).unwrap(),
        );
    }
    index(&fresh);
    let fresh = open(&fresh);
    for text in QUERIES {
        let (one, two) = (ask(&grown, text, 0, 25), ask(&fresh, text, 0, 25));
        assert_eq!(shown(&one), shown(&two), "{text}");
        assert_eq!(
            (one.total, one.total_exact),
            (two.total, two.total_exact),
            "{text}"
        );
    }
}

#[test]
fn words_in_a_row_stand_first_in_however_many_posts_the_words_are() {
    let archive = Archive::in_memory();
    let mut lines = String::new();
    // Each has the words often, and apart from each other.
    let apart = "harbour lights. "
        .repeat(2)
        .replace("harbour", "harbour, the old");
    let filling = "and so on and so forth until the evening was over ".repeat(2);
    for n in 0..2_500 {
        lines.push_str(&format!(
            "{{\"title\": \"Post {n}\", \"body\": \"{apart}{filling}\"}}\n"
        ));
    }
    // A long one has them once, in a row.
    let long = "nothing of the kind was ever said by anybody in that town ".repeat(400);
    lines.push_str(&format!(
        "{{\"title\": \"The one\", \"body\": \"{long} harbour lights {long}\"}}\n"
    ));
    archive.write("posts/a.jsonl", lines);
    index(&archive);
    let engine = open(&archive);
    for limit in [10, 2_501] {
        let found = ask(&engine, "harbour lights", 0, limit);
        assert_eq!(found.hits[0].title.as_str(), "The one");
        assert_eq!(found.hits[0].tier.as_str(), "phrase");
        assert_ne!(found.hits[1].tier.as_str(), "phrase");
    }
    let quoted = ask(&engine, "\"harbour lights\"", 0, 10);
    assert_eq!((quoted.total, quoted.hits[0].tier.as_str()), (1, "phrase"));
    // What is left out is left out, wherever the list of it stands.
    let without = ask(&engine, "harbour -\"harbour lights\"", 0, 10);
    assert_eq!((without.total, without.total_exact), (2_500, true));
    let without = ask(
        &engine,
        "harbour -\"so forth until\" -\"no such words\"",
        0,
        10,
    );
    assert_eq!(without.total, 1);
}
