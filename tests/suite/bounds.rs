//! What is far larger than any post is read in part, and that is said.

use serde_json::{Value, json};

use crate::archive::{Archive, code, errors};

/// The only post of a file.
fn inspect(name: &str, text: &str) -> Value {
    let archive = Archive::new();
    archive.write(name, text);
    archive.json(&["inspect", name])["posts"][0].take()
}

fn warnings(post: &Value) -> Vec<&str> {
    let all = post["warnings"].as_array().unwrap().iter();
    all.map(|w| w.as_str().unwrap()).collect()
}

fn length(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

#[test]
fn stated_rows_and_comments_are_bounded_as_lines_are() {
    let rows: Vec<Value> = (0..50_010)
        .map(|n| json!({"artist": "Calico", "title": format!("Lantern {n}")}))
        .collect();
    let (first, second) = rows.split_at(30_000);
    let lists =
        json!([{"tracks": first}, {"tracks": second}, {"tracks": [{"title": "x", "artist": "y"}]}]);
    let post = inspect(
        "a.jsonl",
        &json!({"title": "Bomb", "tracklists": lists}).to_string(),
    );
    assert_eq!(warnings(&post), ["only the first 50000 rows were read"]);
    let lists = post["tracklists"].as_array().unwrap();
    let counts: Vec<usize> = lists.iter().map(|l| length(&l["tracks"])).collect();
    assert_eq!(counts, [30_000, 20_000]);

    let comments: Vec<Value> = (0..50_003)
        .map(|n| json!({"text": format!("Words {n}")}))
        .collect();
    let post = inspect(
        "a.jsonl",
        &json!({"title": "Bomb", "comments": comments}).to_string(),
    );
    assert_eq!(warnings(&post), ["only the first 50000 comments were read"]);
    assert_eq!(length(&post["comments"]), 50_000);
}

#[test]
fn a_page_is_read_as_far_as_it_has_elements_and_text() {
    let head = "<html><head><title>Bomb</title></head><body><article><p>First words of it.</p>";
    let post = inspect("a.html", &format!("{head}{}", "<i>x".repeat(300_000)));
    let told =
        "only the first 524288 elements, texts and attributes, or 8388608 bytes of text, were read";
    assert_eq!(warnings(&post), [told]);
    assert_eq!(post["title"], "Bomb");
    let post = inspect(
        "a.html",
        &format!(
            "{head}<p>{}</p><p>Last words.",
            "many words ".repeat(800_000)
        ),
    );
    assert!(warnings(&post).contains(&told), "{:?}", warnings(&post));
    let body = post["body"].as_str().unwrap();
    assert!(
        body.starts_with("First words") && !body.contains("Last words") && body.len() > 8_000_000
    );
}

#[test]
fn names_and_titles_are_cut_and_an_address_is_whole_or_none() {
    let long = "word ".repeat(2_000);
    let post = inspect(
        "a.jsonl",
        &json!({"title": long, "author": long, "url": format!("https://x.example/{}", "a".repeat(9_000)), "text": "Prose.",
            "tags": (0..1_005).collect::<Vec<_>>().iter().map(|n| format!("t{n}")).collect::<Vec<_>>()})
        .to_string(),
    );
    assert_eq!(
        warnings(&post),
        [
            "only the first 1000 tags were read",
            "a name or title is longer than 4096 bytes: the rest was left out"
        ]
    );
    assert_eq!(post["title"].as_str().unwrap().len(), 4096);
    assert_eq!(post["url"], Value::Null);
    assert_eq!(length(&post["tags"]), 1_000);
}

#[test]
fn what_its_parser_would_not_bear_is_named_and_the_rest_goes_on() {
    let archive = Archive::new();
    let many = format!(
        "{{\"title\": \"Bomb\", \"x\": [{}1]}}\n",
        "{},".repeat(190_000)
    );
    archive.write(
        "p/a.jsonl",
        format!("{many}{{\"title\": \"Quiet\", \"text\": \"Prose.\"}}\n"),
    );
    archive.write(
        "p/b.md",
        format!(
            "---\ntitle: Front\nx: [{}1]\n---\nProse.\n",
            "1,".repeat(600_000)
        ),
    );
    archive.write(
        "p/c.md",
        "# Long\n\nProse of it.\n\n".to_owned() + &"some *more* of it\n".repeat(240_000),
    );
    let run = archive.run(&["index", "p"]);
    assert_eq!(code(&run), 4, "{}", errors(&run));
    assert!(
        errors(&run).contains("p/a.jsonl, 1 (byte 0): more than 1500000 values: not one post"),
        "{}",
        errors(&run)
    );
    assert_eq!(archive.titles("quiet"), ["Quiet"]);
    let front = archive.json(&["inspect", "p/b.md"]);
    assert_eq!(
        warnings(&front["posts"][0]),
        ["YAML front matter cannot be read: it is longer than 1 MiB"]
    );
    let long = archive.json(&["inspect", "p/c.md"]);
    assert!(warnings(&long["posts"][0]).contains(&"only the first 2097152 bytes were read"));
}

#[test]
fn an_entry_of_endless_elements_keeps_what_stands_before_them_and_is_named() {
    let archive = Archive::new();
    let item = |n: usize, more: &str| {
        format!(
            "<item><title>Item {n}</title><link>http://example.org/{n}</link><description>Prose.</description>{more}</item>"
        )
    };
    let items = [item(1, ""), item(2, &"<x/>".repeat(250_000)), item(3, "")].concat();
    archive.write(
        "p/feed.xml",
        format!("<rss version=\"2.0\"><channel><title>Blog</title>{items}</channel></rss>"),
    );
    let run = archive.run(&["index", "p"]);
    assert_eq!(code(&run), 4, "{}", errors(&run));
    assert!(
        errors(&run).contains("p/feed.xml, http://example.org/2 (byte ")
            && errors(&run).contains("): more than 200000 elements: not one post"),
        "{}",
        errors(&run)
    );
    let mut titles = archive.titles("item");
    titles.sort();
    assert_eq!(titles, ["Item 1", "Item 2", "Item 3"]);
}

#[test]
fn more_failures_than_are_named_are_counted() {
    let archive = Archive::new();
    let broken: String = (1..=1500)
        .map(|n| format!("{{\"title\": broken {n}\n"))
        .collect();
    archive.write(
        "p/posts.jsonl",
        broken + "{\"title\": \"Whole\", \"body\": \"Prose.\"}\n",
    );
    let run = archive.run(&["index", "p", "--verbose"]);
    assert_eq!(code(&run), 4);
    let told = errors(&run);
    let failed: Vec<&str> = told.lines().filter(|l| l.starts_with("failed: ")).collect();
    assert_eq!(failed.len(), 1001);
    // In the order of the file.
    for (at, number) in [(0, "1 "), (1, "2 "), (9, "10 "), (999, "1000 ")] {
        let begin = format!("/p/posts.jsonl, {number}(byte ");
        assert!(failed[at].contains(&begin), "{}", failed[at]);
    }
    assert!(
        failed[1000].ends_with("/p/posts.jsonl: 500 more entries could not be read"),
        "{}",
        failed[1000]
    );
    let text = String::from_utf8_lossy(&run.stdout) + &*told;
    assert!(text.contains("1500 failed"), "{text}");
    let sources = archive.json(&["stats", "--sources"]);
    assert_eq!(sources["sources"][0]["failed"], 1500, "{sources}");
}
