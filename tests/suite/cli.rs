//! The real binary over real archives: what users see, what scripts rely on.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::archive::{Archive, capture, code};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_sample_archive_names_robert_tepper() {
    let archive = Archive::new();
    let corpus = repository().join("corpus");
    let output = archive.run(&["index", corpus.to_str().unwrap()]);
    assert_eq!(
        code(&output),
        0,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer = archive.json(&["search", "Robert", "Tepper"]);
    assert_eq!(answer["schema"], 1);
    let first = &answer["hits"][0];
    assert_eq!(first["tier"], "exact");
    assert_eq!(first["tracks"][0]["artist"], "Robert Tepper");
    assert!(
        !first["tracks"][0]["marks"]["artist"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let scores: Vec<f64> = answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["score"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let text = String::from_utf8(archive.run(&["search", "Robert Tepper"]).stdout).unwrap();
    assert!(
        text.contains("♪ 7. *Robert Tepper* – No Easy Way Out"),
        "{text}"
    );
}

#[test]
fn every_post_of_the_sample_archive_is_indexed() {
    let archive = Archive::new();
    let corpus = repository().join("corpus");
    let report = archive.json(&["index", corpus.to_str().unwrap()]);
    assert_eq!(report["posts"], 87);
    assert_eq!(report["failed"], serde_json::json!([]));
}

#[test]
fn a_second_run_reads_nothing_and_changes_follow_the_files() {
    let archive = Archive::new();
    for n in 0..8 {
        archive.write(
            &format!("posts/{n}.txt"),
            capture(&format!("Post number {n}"), "Some prose."),
        );
    }
    let report = archive.json(&["index", "posts"]);
    assert_eq!(
        (&report["new"], &report["posts"], &report["tracks"]),
        (&8.into(), &8.into(), &24.into())
    );
    let again = archive.json(&["index", "posts"]);
    assert_eq!(
        (&again["unchanged"], &again["bytes"]),
        (&8.into(), &0.into())
    );

    // Touched but equal: read, not indexed again.
    archive.write("posts/0.txt", capture("Post number 0", "Some prose."));
    archive.write("posts/1.txt", capture("Post number one", "Other prose."));
    fs::remove_file(archive.path("posts/2.txt")).unwrap();
    let dry = archive.json(&["index", "posts", "--dry-run"]);
    assert_eq!(
        (&dry["dry_run"], &dry["removed"], &dry["posts"]),
        (&true.into(), &1.into(), &8.into())
    );
    let changed = archive.json(&["index"]);
    assert_eq!(
        (
            &changed["changed"],
            &changed["removed"],
            &changed["unchanged"],
            &changed["posts"]
        ),
        (&1.into(), &1.into(), &6.into(), &7.into())
    );
    assert_eq!(archive.titles("title:one"), ["Post number one"]);
    assert!(archive.titles("title:2").is_empty());
}

#[test]
fn a_source_that_vanishes_is_not_forgotten_by_mistake() {
    let archive = Archive::new();
    for n in 0..10 {
        archive.write(
            &format!("posts/{n}.txt"),
            capture(&format!("Post {n}"), "Prose."),
        );
    }
    archive.run(&["index", "posts"]);
    for n in 0..6 {
        fs::remove_file(archive.path(&format!("posts/{n}.txt"))).unwrap();
    }
    let refused = archive.run(&["index", "posts"]);
    assert_eq!(code(&refused), 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-shrink"));
    assert_eq!(archive.json(&["stats"])["posts"], 10);
    assert_eq!(archive.json(&["index", "--allow-shrink"])["posts"], 4);
}

#[test]
fn a_run_owns_only_the_roots_it_names() {
    let archive = Archive::new();
    archive.write("a/same.txt", capture("Of the first folder", "Alpha."));
    archive.write("b/other.txt", capture("Of the second folder", "Beta."));
    archive.run(&["index", "a"]);
    assert_eq!(archive.json(&["index", "b"])["posts"], 2);
    assert_eq!(archive.json(&["index", "--forget", "a"])["posts"], 1);
    assert_eq!(archive.titles("folder"), ["Of the second folder"]);
}

#[test]
fn bad_files_are_named_and_the_rest_goes_on() {
    let archive = Archive::new();
    archive.write("posts/good.txt", capture("A good one", "Prose."));
    archive.write("posts/empty.txt", "");
    archive.write("posts/picture.jpg", "not read");
    fs::write(
        archive.path("posts/binary.txt"),
        [0u8, 1, 2, 0, 3, 4, 0, 5].repeat(100),
    )
    .unwrap();
    fs::write(
        archive.path("posts/latin.txt"),
        b"Sigur R\xf3s und die gro\xdfen H\xf6rer\n\nEin Text \xfcber Musik.\n",
    )
    .unwrap();
    archive.write("posts/lines.jsonl", "{\"title\": \"Fine\", \"text\": \"words\"}\n{broken\n{\"title\": \"Also fine\", \"text\": \"words\"}\n");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(archive.path("nowhere"), archive.path("posts/dangling.txt"))
            .unwrap();
        std::os::unix::fs::symlink(archive.path("posts"), archive.path("posts/loop")).unwrap();
    }
    let output = archive.run(&["index", "posts", "--format", "json"]);
    assert_eq!(code(&output), 4);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["posts"], 4);
    let failed: Vec<String> = report["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {} {}", f["path"], f["entry"], f["reason"]))
        .collect();
    let names = |what: &str| failed.iter().any(|f| f.contains(what));
    assert!(names("binary: not text") && names("byte 35"), "{failed:#?}");
    assert!(names("leads nowhere") && names("link back"), "{failed:#?}");
    assert_eq!(report["skipped"].as_array().unwrap().len(), 2);
    assert_eq!(
        archive.titles("\"sigur ros\""),
        ["Sigur Rós und die großen Hörer"]
    );
}

#[test]
fn fields_phrases_negation_and_one_row() {
    let archive = Archive::new();
    archive.write(
        "p/a.txt",
        capture(
            "Rocky night",
            "A montage of Stallone and the loneliness of ice.",
        ),
    );
    archive.write(
        "p/b.txt",
        "Another list\n\nWords about victory.\n\nTracklist\n\n1. Robert Tepper - Angel of the City\n2. Journey - No Easy Way Out\n3. Toto - Africa\n\n2 Responses to “Another list”\n\n  1. I saw the supernatural episode.\n\n  2. Me too.\n\nLeave a Reply\n",
    );
    archive.run(&["index", "p"]);
    for (query, titles) in [
        ("artist:tepper track:easy", vec!["Rocky night"]),
        ("tepper supernatural", vec!["Another list"]),
        ("tepper -supernatural", vec!["Rocky night"]),
        ("comment:supernatural", vec!["Another list"]),
        ("supernatural in:tracks", vec![]),
        ("africa in:tracks", vec!["Another list"]),
        ("\"city journey\"", vec![]),
        ("montag*", vec!["Rocky night"]),
        (
            "africa OR montage sort:oldest",
            vec!["Another list", "Rocky night"],
        ),
        ("has:comments", vec!["Another list"]),
        ("title:rocky", vec!["Rocky night"]),
    ] {
        let mut found = archive.titles(query);
        found.sort();
        assert_eq!(found, titles, "{query}");
    }
}

#[test]
fn odd_queries_answer_and_exit_codes_tell() {
    let archive = Archive::new();
    let none = archive.run(&["search", "tepper"]);
    assert_eq!(code(&none), 3);
    let error: Value =
        serde_json::from_slice(&archive.run(&["search", "x", "--format", "json"]).stderr).unwrap();
    assert_eq!(error["error"]["code"], "no-index");
    archive.write(
        "p/a.txt",
        capture("AC/DC and !!!", "github-to-sqlite is no band."),
    );
    archive.run(&["index", "p"]);
    for query in [
        "AC/DC",
        "github-to-sqlite",
        "\"no band",
        "tepper -live",
        "-live",
        "*",
    ] {
        assert_eq!(code(&archive.run(&["search", query])), 0, "{query}");
    }
    assert_eq!(code(&archive.run(&["search", "zzzz"])), 1);
    assert_eq!(
        code(&archive.run(&["search", "Robert", "Tepper", "-live"])),
        0
    );
    assert_eq!(code(&archive.run(&["sarch"])), 2);
}

#[test]
fn posts_rank_the_same_with_and_without_rows() {
    let bodies = [
        ("One", "tepper tepper sings of a city at night"),
        (
            "Two",
            "a long text in which tepper is named only once among very many other words that say nothing",
        ),
        ("Three", "tepper and the city"),
    ];
    let mut orders = Vec::new();
    for rows in [false, true] {
        let archive = Archive::new();
        for (title, body) in bodies {
            archive.write(&format!("p/{title}.txt"), format!("{title}\n\n{body}\n"));
        }
        if rows {
            for n in 0..20 {
                archive.write(
                    &format!("p/list{n}.txt"),
                    capture(&format!("List {n}"), "no singer here")
                        .replace("Robert Tepper", "Someone"),
                );
            }
        }
        archive.run(&["index", "p"]);
        orders.push(archive.titles("tepper city OR tepper"));
    }
    assert_eq!(orders[0], orders[1]);
}

#[test]
fn an_index_on_a_read_only_folder_answers() {
    let archive = Archive::new();
    archive.write("p/a.txt", capture("Rocky", "Prose."));
    archive.run(&["index", "p"]);
    let before: Vec<_> = fs::read_dir(archive.path("index/main"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(archive.titles("tepper"), ["Rocky"]);
    let after: Vec<_> = fs::read_dir(archive.path("index/main"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(before, after, "a search writes nothing");
}

#[test]
fn a_damaged_manifest_is_told() {
    let archive = Archive::new();
    archive.write("p/a.txt", capture("Rocky", "Prose."));
    archive.run(&["index", "p"]);
    let path = archive.path("index/main/manifest");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = archive.run(&["search", "tepper"]);
    assert_eq!(code(&output), 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("checksum"));
}

#[test]
fn inspect_keeps_its_contract() {
    let archive = Archive::new();
    archive.write("r.txt", capture("Great\u{a0}Soundtracks", "Prose."));
    let posts = archive.json(&["inspect", "r.txt"]);
    let post = &posts["posts"][0];
    let keys: Vec<&String> = post.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 18, "{keys:?}");
    assert_eq!(post["title"], "Great Soundtracks");
    assert_eq!(post["tracklists"][0]["heading"], "Track Listing");
    assert_eq!(
        post["tracklists"][0]["tracks"][1]["raw"],
        "2. Robert Tepper - No Easy Way Out"
    );
    assert_eq!(post["comments_stated"], Value::Null);
    // What inspect writes as JSON Lines can be indexed again.
    let lines = archive
        .run(&["inspect", "r.txt", "--format", "jsonl"])
        .stdout;
    fs::write(archive.path("again.jsonl"), lines).unwrap();
    assert_eq!(archive.json(&["index", "again.jsonl"])["tracks"], 3);
}

#[test]
fn one_post_at_two_places_is_one_post() {
    let archive = Archive::new();
    let line = |text: &str| {
        format!(
            "{{\"title\": \"Rocky\", \"url\": \"https://x.example/rocky\", \"text\": \"{text}\", \"comments\": [{{\"author\": \"A\", \"text\": \"{text}\"}}]}}\n"
        )
    };
    archive.write("a/one.jsonl", line("short words"));
    archive.write(
        "b/two.jsonl",
        line("a much longer telling of the same words"),
    );
    archive.run(&["index", "a"]);
    let report = archive.json(&["index", "b"]);
    assert_eq!(
        (&report["posts"], &report["comments"]),
        (&1.into(), &2.into())
    );
    assert_eq!(archive.json(&["index", "--forget", "b"])["comments"], 1);
}
