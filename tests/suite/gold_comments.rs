//! Comments of the labelled documents are found whole: text, author, date and parent.

use std::path::{Path, PathBuf};

use deepcut::eval::{self, Scores};
use deepcut::extract::comments;
use deepcut::text::page::Page;

fn gold() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold/comments")
}

fn f1(scores: &Scores, measure: &str) -> f64 {
    let (_, figures) = scores
        .table
        .iter()
        .find(|(name, _)| name == measure)
        .unwrap();
    figures.iter().find(|(name, _)| *name == "F1").unwrap().1
}

/// What was reached may not be lost: the floor is pinned.
#[test]
fn comments_of_the_labelled_documents_are_whole() {
    let scores = eval::extract(&gold()).unwrap();
    for failure in &scores.failures {
        println!("{failure:?}");
    }
    assert!(f1(&scores, "comments") >= WHOLE, "{:?}", scores.table);
    assert!(
        f1(&scores, "comments, text alone") >= WHOLE,
        "{:?}",
        scores.table
    );
}

const WHOLE: f64 = 0.99;

/// The number that the page states, and the mentions by other sites.
#[test]
fn numbers_and_pingbacks_stand_apart() {
    for (name, stated, pings) in [
        ("wp-kubrick-excerpt-ping.html", Some(4), 1),
        ("wp-walker-ping.html", Some(5), 1),
        ("wp-thesis-dl.html", Some(3), 0),
        ("blogger-classic-ja.html", Some(3), 0),
        ("blogger-classic-ko.html", Some(3), 0),
        ("none-no-comments-yet.html", Some(0), 0),
        ("none-form-only.html", None, 0),
        ("none-related-cards.html", None, 0),
    ] {
        let html = std::fs::read_to_string(gold().join(name)).unwrap();
        let thread = comments::of_page(&Page::parse(&html), None);
        assert_eq!(
            (thread.stated, thread.pings.len()),
            (stated, pings),
            "{name}"
        );
    }
}

#[test]
fn likes_are_counted_where_the_page_says_them() {
    for (name, likes) in [
        ("wp-jetpack-likes.html", vec![Some(2), None, Some(1)]),
        ("disqus-full.html", vec![Some(4), Some(1), Some(0), Some(2)]),
        ("wp-genesis.html", vec![None; 4]),
    ] {
        let html = std::fs::read_to_string(gold().join(name)).unwrap();
        let thread = comments::of_page(&Page::parse(&html), None);
        let found: Vec<Option<u32>> = thread.comments.iter().map(|c| c.likes).collect();
        assert_eq!(found, likes, "{name}");
    }
}

/// Threads nested as deep as a hostile page likes are read in time that grows with the page only.
#[test]
fn deep_and_wide_threads_are_read_in_linear_time() {
    let unit = r#"<div class="comment"><span class="fn">Ane</span> <span class="date">March 4, 2012</span><div class="reply">"#;
    for page in [
        unit.repeat(3_000),
        format!("{}</div></div>", unit).repeat(3_000),
        r#"<div class="comment reply">"#.repeat(5_000),
        format!(
            "<h3>3 Comments</h3>{}",
            "<ul><li>4 March 2012 ".repeat(2_000)
        ),
    ] {
        let tree = Page::parse(&page);
        let start = std::time::Instant::now();
        comments::of_page(&tree, None);
        let took = start.elapsed();
        println!("{} bytes: {took:?}", page.len());
        assert!(took.as_secs() < 10, "{} bytes: {took:?}", page.len());
    }
}
