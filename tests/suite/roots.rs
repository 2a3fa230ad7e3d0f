//! Two roots that hold the same relative path: two posts, unless they are copies of one.

use crate::archive::{Archive, capture};

/// Ids of all posts, in order.
fn ids(archive: &Archive) -> Vec<String> {
    let answer = archive.json(&["search", "*", "--limit", "100"]);
    let hits = answer["hits"].as_array().unwrap().iter();
    let mut ids: Vec<String> = hits
        .map(|h| h["post"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

fn two(first: &str, second: &str) -> Archive {
    let archive = Archive::new();
    archive.write("a/2009/one.txt", first);
    archive.write("b/2009/one.txt", second);
    archive
}

#[test]
fn different_posts_at_the_same_path_of_two_roots_are_both_found() {
    let archive = two(
        &capture("Harbour lights", "Rain on the quay all week."),
        &capture("Paper lanterns", "A market under the railway."),
    );
    assert_eq!(archive.json(&["index", "a"])["posts"], 1);
    let alone = ids(&archive);
    assert_eq!(archive.json(&["index", "b"])["posts"], 2);
    assert_eq!(archive.titles("quay"), ["Harbour lights"]);
    assert_eq!(archive.titles("railway"), ["Paper lanterns"]);
    assert_eq!(
        archive.titles("artist:tepper track:easy title:lanterns"),
        ["Paper lanterns"]
    );
    let both = ids(&archive);
    assert_eq!(both.len(), 2);
    for id in &both {
        assert_eq!(archive.json(&["show", id])["posts"][0]["id"], **id);
    }
    // Ids do not tell which root came first.
    let other = two(
        &capture("Harbour lights", "Rain on the quay all week."),
        &capture("Paper lanterns", "A market under the railway."),
    );
    other.run(&["index", "b"]);
    other.run(&["index", "a"]);
    assert_eq!(ids(&other), both);
    // An edit of one leaves the other alone.
    archive.write(
        "a/2009/one.txt",
        capture("Harbour lights", "Fog on the quay."),
    );
    assert_eq!(archive.json(&["index"])["changed"], 1);
    assert_eq!(ids(&archive), both);
    assert_eq!(archive.titles("fog"), ["Harbour lights"]);
    assert!(archive.titles("rain").is_empty());
    // Alone again it is what it was.
    assert_eq!(archive.json(&["index", "--forget", "b"])["posts"], 1);
    assert_eq!(ids(&archive), alone);
    assert_eq!(archive.titles("artist:tepper"), ["Harbour lights"]);
}

#[test]
fn the_same_title_is_not_enough_to_be_one_post() {
    let archive = two(
        "Weekly mix\n\nThe ferry was late, and we danced on the pier until it came.\n",
        "Weekly mix\n\nMy neighbour sold his drums. Here is what I shall miss of them.\n",
    );
    assert_eq!(archive.json(&["index", "a", "b"])["posts"], 2);
    assert_eq!(archive.titles("ferry"), ["Weekly mix"]);
    assert_eq!(archive.titles("drums"), ["Weekly mix"]);
}

#[test]
fn copies_in_two_roots_are_one_post() {
    let text = capture(
        "Weekly mix",
        "The ferry was late, and we danced on the pier.",
    );
    let archive = two(&text, &text.replace("late", "very late"));
    let report = archive.json(&["index", "a", "b"]);
    assert_eq!(
        (&report["posts"], &report["tracks"]),
        (&1.into(), &3.into())
    );
    assert_eq!(archive.json(&["index", "--forget", "a"])["posts"], 1);
    assert_eq!(archive.titles("\"very late\""), ["Weekly mix"]);
}

#[test]
fn a_root_that_is_a_file_is_named_as_it_is() {
    let archive = Archive::new();
    archive.write("lines.jsonl", "{\"title\": \"Fine\"}\n{broken\n");
    for _ in 0..2 {
        let report = archive.json(&["index", "lines.jsonl"]);
        let path = report["failed"][0]["path"].as_str().unwrap();
        assert!(path.ends_with("/lines.jsonl"), "{path}");
        assert!(!path.ends_with("/lines.jsonl/lines.jsonl"), "{path}");
    }
}

#[test]
fn an_index_may_lie_in_the_folder_that_it_indexes() {
    let archive = Archive::new();
    for n in 0..6 {
        archive.write(
            &format!("p/{n}.txt"),
            capture(&format!("No. {n}"), "Prose."),
        );
    }
    for unchanged in [0, 6] {
        let output = archive
            .command_on("p", &["index", "p", "--format", "json"])
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&report["posts"], &report["unchanged"]),
            (&6.into(), &unchanged.into())
        );
        assert_eq!(report["skipped"].as_array().unwrap().len(), 0, "{report}");
    }
}
