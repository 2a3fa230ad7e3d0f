//! One post seen at several places is one post: comments of other sources join it, the richest version wins, and
//! what a source brought goes when the source goes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::archive::{Archive, code, copy, errors};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn put(archive: &Archive, from: &str, to: &str) {
    archive.write(to, fs::read(fixture(from)).unwrap());
}

fn hits(archive: &Archive) -> Vec<Value> {
    let answer = archive.json(&["search", "*", "--limit", "100"]);
    answer["hits"].as_array().unwrap().clone()
}

/// The one post of this title, whole.
fn post(archive: &Archive, title: &str) -> Value {
    let ids: Vec<String> = hits(archive)
        .iter()
        .filter(|h| h["post"]["title"] == title)
        .map(|h| h["post"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "{title}");
    archive.json(&["show", &ids[0]])["posts"][0].clone()
}

fn comments(post: &Value) -> Vec<(String, Option<String>)> {
    let all = post["comments"].as_array().unwrap().iter();
    all.map(|c| {
        let text = c["text"].as_str().unwrap();
        let parent = c["parent"].as_str().map(str::to_owned);
        (text.lines().next().unwrap().to_owned(), parent)
    })
    .collect()
}

const ROCKY: &str = "Rocky IV & the winter of 1985";

const QUERIES: &[&str] = &["tepper", "b-side", "floppy", "by:ines", "sunglasses"];

#[test]
fn comments_of_other_sources_join_their_posts() {
    let archive = Archive::new();
    put(&archive, "wordpress/tape-deck-diary.xml", "a/blog.xml");
    put(&archive, "disqus/tape-deck-diary.xml", "b/disqus.xml");
    let report = archive.json(&["index", "a"]);
    assert_eq!(
        (&report["posts"], &report["comments"]),
        (&3.into(), &4.into())
    );
    let before = archive.answers("index", QUERIES).unwrap();

    let output = archive.run(&["index", "b"]);
    assert_eq!(code(&output), 4, "{}", errors(&output));
    assert!(errors(&output).contains("thread 99"), "{}", errors(&output));
    let rocky = post(&archive, ROCKY);
    // Four of the export, three more of Disqus; one is in both.
    let found = comments(&rocky);
    assert_eq!(found.len(), 7, "{found:?}");
    let once = found.iter().filter(|(t, _)| t == "Tepper had one hit.");
    assert_eq!(once.count(), 1);
    let answer = found.iter().find(|(t, _)| t == "Which B-side?").unwrap();
    assert_eq!(answer.1.as_deref(), Some("501"));
    assert_eq!(
        rocky["tracklists"][0]["tracks"].as_array().unwrap().len(),
        7
    );
    // A thread whose post is at no place is kept, and says so.
    let lost = post(&archive, "A lost post");
    assert_eq!(lost["url"], "https://tapedeck.example/2008/12/lost-post/");
    assert_eq!(comments(&lost).len(), 1);
    assert_eq!(lost["warnings"].as_array().unwrap().len(), 1);
    assert!(rocky["warnings"].as_array().unwrap().is_empty());

    // The same in one run, in the other order, and when the file came first.
    let all = archive.answers("index", QUERIES).unwrap();
    for (index, order) in [("one", &["a", "b"][..]), ("two", &["b", "a"])] {
        let output = archive
            .command_on(index, &["index"])
            .args(order)
            .output()
            .unwrap();
        assert_eq!(code(&output), 4);
        assert_eq!(archive.answers(index, QUERIES).unwrap(), all, "{index}");
    }
    for root in ["b", "a"] {
        archive
            .command_on("three", &["index", root])
            .output()
            .unwrap();
    }
    assert_eq!(archive.answers("three", QUERIES).unwrap().len(), all.len());

    // What it brought goes with it.
    archive.run(&["index", "--forget", "b"]);
    let after = archive.answers("index", QUERIES).unwrap();
    assert_eq!(after, before);
}

#[test]
fn a_post_seen_in_a_feed_an_export_and_a_page_is_one_post() {
    let archive = Archive::new();
    put(&archive, "feeds/side-two.rss.xml", "feed/side-two.xml");
    put(
        &archive,
        "feeds/side-two-comments.rss.xml",
        "feed/comments.xml",
    );
    archive.write(
        "pages/cobra.html",
        "<!DOCTYPE html><html><head><title>Cobra &amp; friends</title><link rel=canonical href='http://www.sidetwo.example/2013/07/cobra-and-friends'></head>\
         <body><article><h1>Cobra &amp; friends</h1><p>The sunglasses deserved a record of their own.</p></article></body></html>",
    );
    let report = archive.json(&["index", "feed", "pages"]);
    assert_eq!(report["posts"], 3, "{report}");
    let cobra = post(&archive, "Cobra & friends");
    assert_eq!(
        cobra["tracklists"][0]["tracks"].as_array().unwrap().len(),
        3
    );
    assert_eq!(comments(&cobra).len(), 2);
    assert_eq!(cobra["reader"], "rss", "the richest version");
    let id = cobra["id"].as_str().unwrap();
    let shown = archive.run(&["show", id]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for place in ["side-two.xml#", "comments.xml#", "cobra.html (html)"] {
        assert!(shown.contains(place), "{place}: {shown}");
    }

    let table = archive.json(&["stats", "--sources"]);
    let shares: Vec<(String, u64, u64, u64, u64)> = table["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            let n = |name: &str| s[name].as_u64().unwrap();
            let root = s["root"].as_str().unwrap().rsplit('/').next().unwrap();
            let name = format!("{root} {}", s["reader"].as_str().unwrap());
            (name, n("posts"), n("shared"), n("joined"), n("alone"))
        })
        .collect();
    assert_eq!(
        shares,
        [
            ("feed rss".to_owned(), 2, 1, 1, 1),
            ("pages html".to_owned(), 1, 1, 0, 0)
        ]
    );
    let text = archive.run(&["stats", "--sources"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("1 also elsewhere, 1 threads joined, 1 threads without a post"),
        "{text}"
    );

    // The feed goes: what is left is the page.
    archive.run(&["index", "--forget", "feed"]);
    let cobra = post(&archive, "Cobra & friends");
    assert_eq!(cobra["reader"], "html");
    assert!(comments(&cobra).is_empty());
    assert!(cobra["tracklists"].as_array().unwrap().is_empty());
    assert_eq!(hits(&archive).len(), 1);
}

#[test]
fn posts_that_are_nearly_equal_are_named_and_kept() {
    let archive = Archive::new();
    let prose = "The shop on the corner sold one record a week, and that week it was this one, in a sleeve that had been rained on twice.";
    archive.write("a/one.md", format!("# The corner shop\n\n{prose}\n"));
    archive.write(
        "a/again.md",
        format!("# The corner shop, again\n\n{prose} Twice!\n"),
    );
    archive.write("a/other.md", "# Elsewhere\n\nNothing of the kind was ever sold in the town on the other side of the river, where people whistled.\n");
    archive.run(&["index", "a"]);
    assert_eq!(hits(&archive).len(), 3);
    let table = archive.json(&["stats", "--sources"]);
    let near = table["near"].as_array().unwrap();
    assert_eq!(near.len(), 1, "{near:?}");
    let mut titles: Vec<&str> = near[0]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["title"].as_str().unwrap())
        .collect();
    titles.sort_unstable();
    assert_eq!(titles, ["The corner shop", "The corner shop, again"]);
}

#[test]
fn comments_beside_a_post_are_part_of_it() {
    let archive = Archive::new();
    copy(&fixture("jekyll"), &archive.path("site"));
    let report = archive.json(&["index", "site"]);
    assert_eq!(
        (&report["posts"], &report["comments"]),
        (&1.into(), &2.into())
    );
    assert_eq!(archive.titles("by:mags"), ["Side Two Again"]);
    // A comment that is added or removed is a change of the post.
    archive.write(
        "site/_data/comments/side-two-again/entry9.yml",
        "_id: aa-9\nname: Late\nmessage: Only just found this.\n",
    );
    let report = archive.json(&["index"]);
    assert_eq!(
        (&report["changed"], &report["comments"]),
        (&1.into(), &3.into())
    );
    fs::remove_file(archive.path("site/_data/comments/side-two-again/entry1402200000002.yml"))
        .unwrap();
    assert_eq!(archive.json(&["index"])["comments"], 2);
    assert!(archive.titles("by:mags").is_empty());
}

#[test]
fn the_table_beside_unpacked_newsletters_is_part_of_them() {
    let archive = Archive::new();
    copy(&fixture("substack"), &archive.path("letters"));
    assert_eq!(archive.json(&["index", "letters"])["posts"], 2);
    assert_eq!(archive.titles("title:needle").len(), 2);
    let table = archive.path("letters/posts.csv");
    let text = fs::read_to_string(&table).unwrap();
    fs::write(
        &table,
        text.replace("Needle Drop, no. 1", "Needle Drop, the first"),
    )
    .unwrap();
    archive.json(&["index"]);
    assert_eq!(archive.titles("title:first"), ["Needle Drop, the first"]);
}

#[test]
fn an_export_that_grew_by_one_post_is_one_update() {
    let archive = Archive::new();
    let whole = fs::read_to_string(fixture("wordpress/tape-deck-diary.xml")).unwrap();
    archive.write("blog/export.xml", &whole);
    assert_eq!(archive.json(&["index", "blog"])["new"], 3);
    let added = "<item><title>One more</title><link>https://tapedeck.example/one-more/</link>\
        <content:encoded><![CDATA[Found under the seat.]]></content:encoded><wp:post_id>77</wp:post_id>\
        <wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel>";
    archive.write("blog/export.xml", whole.replacen("</channel>", added, 1));
    let report = archive.json(&["index"]);
    assert_eq!(
        (&report["new"], &report["changed"], &report["unchanged"]),
        (&1.into(), &0.into(), &3.into())
    );
}
