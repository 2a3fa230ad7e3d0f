//! Pages made to be slow, deep or large, and the attributes that callers ask for.

use std::path::Path;
use std::time::Duration;

use super::attributes::is_kept;
use super::{MAX_DEPTH, NodeId, Page};

/// Bytes of a page made of one piece again and again.
const LONG: usize = 400_000;

fn depth(page: &Page) -> usize {
    let mut depths = vec![0usize];
    for node in page.descendants(page.root()) {
        let up = page.parent(node).map_or(0, |p: NodeId| p.0 as usize);
        depths.push(depths[up] + 1);
    }
    depths.into_iter().max().unwrap_or_default()
}

#[test]
fn no_page_is_slow_deep_or_many_times_its_size() {
    let attributes: String = (0..90).map(|n| format!(" a{n}=x")).collect();
    for (lead, piece) in [
        ("", "<div>"),
        ("", "<div><p>"),
        ("", "<b>"),
        ("", "<b><p>"),
        ("", "<a><div>"),
        ("", "<b><i><u><s><p>x"),
        ("", "<font size=1><font size=2><font size=3><p>"),
        ("", "<b><i></b><p></i>x"),
        ("", "<table>"),
        ("", "<table><tr><td>"),
        ("<table>", "x<b>y"),
        ("", "<ul><li>"),
        ("", "<svg>"),
        ("", "<svg><desc>"),
        ("", "<math><mi>"),
        ("", "<template>"),
        ("", "<select><option>"),
        ("", "<button>"),
        ("", "<form><div>"),
        ("", "<span>x</span>"),
        ("", "</p>"),
        ("", "</div></b></br>"),
        ("", "<!--"),
        ("", "<!-- -"),
        ("", "<!-->"),
        ("<script>", "<!--<script>"),
        ("<script>", "</scrip"),
        ("<title>", "</titl"),
        ("<svg><![CDATA[", "]]"),
        ("<p title='", "x=\" "),
        ("<p", " a=b"),
        ("<b", " a=b c=d"),
        ("", "&"),
        ("", "&am"),
        ("", "&CounterClockwiseContourIntegra"),
        ("", "&#1"),
        ("", "<"),
        ("", "</"),
        ("", "<p\0"),
        ("", "\0"),
        ("<body>", "<body class=a id=b>"),
        ("", "\r"),
    ] {
        let html = lead.to_owned() + &piece.repeat(LONG / piece.len());
        bounded(&html, &format!("{lead} {piece}"));
    }
    bounded(
        &format!("<b{attributes}>{}", "<p>x".repeat(LONG / 4)),
        "an element of many attributes opened again",
    );
    let distinct: String = (0..LONG / 16)
        .map(|n| format!("<p><b a={n}></p>"))
        .collect();
    bounded(&distinct, "distinct elements opened again");
}

#[track_caller]
fn bounded(html: &str, name: &str) {
    let before = busy();
    let page = Page::parse(html);
    // Seconds where it takes a fraction of one: machines differ, the square of a length does not fit.
    assert!(busy() - before < Duration::from_secs(8), "{name} is slow");
    let deep = depth(&page);
    assert!(deep <= MAX_DEPTH as usize + 8, "{name}: depth {deep}");
    let size = page.nodes.len() + page.attrs.len();
    assert!(
        size <= 3 * html.len(),
        "{name}: {size} nodes and attributes"
    );
}

/// Time that this thread had a processor, which others on the machine do not lengthen; nothing where the system does
/// not tell.
fn busy() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[test]
fn content_below_the_deepest_element_stays() {
    let html = "<div>".repeat(5_000) + "kept" + &"</div>".repeat(5_000) + "<p>after";
    let page = Page::parse(&html);
    assert_eq!(page.text(page.root()), "keptafter");
    let after = page.find(page.root(), |n| page.tag(n) == "p");
    let up = after.and_then(|n| page.parent(n));
    assert_eq!(up.map(|n| page.tag(n)), Some("body"));
}

/// Names in `attr(node, "name")` anywhere in the sources.
fn asked(folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            asked(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for call in text.split(".attr(").skip(1) {
                let arguments = call.split(')').next().unwrap_or_default();
                if let Some(name) = arguments.split('"').nth(1) {
                    out.push((path.display().to_string(), name.to_owned()));
                }
            }
        }
    }
}

#[test]
fn every_attribute_asked_for_is_kept() {
    let mut names = Vec::new();
    asked(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut names,
    );
    assert!(names.len() > 20, "{} names", names.len());
    for (file, name) in names {
        // Tests may ask scraper for anything.
        assert!(
            is_kept(&name) || file.ends_with("tests.rs"),
            "{file} asks for {name}"
        );
    }
}
