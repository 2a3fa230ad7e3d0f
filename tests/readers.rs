//! Every form of archive that deepcut reads gives exactly the posts, comments and pings that it holds.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deepcut::extract;
use deepcut::model::Post;
use deepcut::source::{self, BadDocument};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The posts of a file, and what could not be read of it.
fn read_at(path: &Path) -> (Vec<Post>, Vec<BadDocument>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let (mut posts, mut bad) = (Vec::new(), Vec::new());
    source::read_file(path, name, &mut |document| {
        match document {
            Ok(document) => posts.extend(extract::extract(&document).posts),
            Err(b) => bad.push(b),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (posts, bad)
}

/// The posts of a fixture that reads without a fault.
fn read(name: &str) -> Vec<Post> {
    let (posts, bad) = read_at(&fixture(name));
    assert!(bad.is_empty(), "{bad:?}");
    posts
}

/// The same for bytes made up in a test.
fn read_bytes(name: &str, bytes: &[u8]) -> (Vec<Post>, Vec<BadDocument>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_at(&path)
}

fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|p| p.title.as_str()).collect()
}

/// Comments as `id`, `parent`, `author` and text.
fn thread(post: &Post) -> Vec<(&str, Option<&str>, Option<&str>, &str)> {
    post.comments
        .iter()
        .map(|c| {
            (
                c.id.as_str(),
                c.parent.as_deref(),
                c.author.as_deref(),
                c.text.as_str(),
            )
        })
        .collect()
}

fn date(post: &Post) -> String {
    post.published
        .as_ref()
        .map_or_else(String::new, |d| d.iso())
}

/// No address of a commenter stands anywhere in what was read.
fn assert_nobodys_address(posts: &[Post]) {
    let all = format!("{posts:?}");
    for trace in ["@mail.example", "192.0.2.", "2001:db8"] {
        assert!(!all.contains(trace), "{trace} was kept");
    }
}

#[test]
fn wordpress_gives_published_posts_and_pages_with_their_threads() {
    let posts = read("wordpress/tape-deck-diary.xml");
    assert_eq!(
        titles(&posts),
        [
            "Rocky IV & the winter of 1985",
            "I <3 side two & other loves",
            "About"
        ]
    );
    let rocky = &posts[0];
    assert_eq!(
        rocky.url.as_deref(),
        Some("https://tapedeck.example/2011/02/rocky-iv/")
    );
    assert_eq!(rocky.source.as_str(), "tape-deck-diary.xml#11");
    assert_eq!(rocky.site.as_deref(), Some("Tape Deck Diary"));
    assert_eq!(rocky.author.as_deref(), Some("Mo Hartley"));
    assert_eq!(rocky.language.as_deref(), Some("en"));
    assert_eq!(date(rocky), "2011-02-04T21:15:00");
    assert_eq!(
        rocky.tags.iter().map(|t| t.as_str()).collect::<Vec<_>>(),
        ["Soundtracks", "1985"]
    );
    assert!(
        rocky.body.contains("this tape out ]]> twice."),
        "{}",
        rocky.body
    );
    assert!(rocky.body.contains("The cassette, side one"));
    assert!(!rocky.body.contains("caption") && !rocky.body.contains("gallery"));
    assert_eq!(rocky.tracklists.len(), 1);
    let tracks = &rocky.tracklists[0].tracks;
    assert_eq!(tracks.len(), 7);
    assert_eq!(tracks[4].artist.as_deref(), Some("Robert Tepper"));
    assert_eq!(tracks[6].title.as_str(), "War [fanfare]");
    assert_eq!(
        thread(rocky),
        [
            (
                "101",
                None,
                Some("Ines"),
                "Tepper had one hit.\nAnd what a hit."
            ),
            (
                "102",
                Some("101"),
                Some("Mo Hartley"),
                "Two, if you count Cobra."
            ),
            ("104", None, None, "Is the score out on CD?"),
            (
                "106",
                None,
                Some("Answerer"),
                "An answer to one that is held."
            ),
        ]
    );
    assert_eq!(
        rocky.comments[0].url.as_deref(),
        Some("https://tapedeck.example/2011/02/rocky-iv/#comment-101")
    );
    assert_eq!(rocky.pings.len(), 1);
    assert_eq!(
        rocky.pings[0].title.as_str(),
        "Ten tapes for a long drive « Side Two"
    );
    assert_eq!(posts[1].tracklists[0].tracks.len(), 3);
    assert_eq!(date(&posts[1]), "2012-05-05");
    assert_eq!(posts[1].author.as_deref(), Some("guest"));
    assert!(
        posts[2].body.contains("Café, naïve, &unheard; of."),
        "{}",
        posts[2].body
    );
    assert_nobodys_address(&posts);
    let all = format!("{posts:?}");
    for word in [
        "DRAFTWORD",
        "PENDINGWORD",
        "PRIVATEWORD",
        "TRASHWORD",
        "FUTUREWORD",
        "watches",
        "moderation",
    ] {
        assert!(!all.contains(word), "{word}");
    }
}

#[test]
fn wordpress_of_old_is_read_in_its_own_charset() {
    let posts = read("wordpress/kassettenkiste.xml");
    assert_eq!(titles(&posts), ["Motörhead und Blümchen"]);
    assert_eq!(
        posts[0].tags.iter().map(|t| t.as_str()).collect::<Vec<_>>(),
        ["Größtes", "laut"]
    );
    assert_eq!(posts[0].body.as_str(), "Über Geschmack läßt sich streiten.");
    assert_eq!(
        thread(&posts[0]),
        [("3", None, Some("Käthe"), "Schön laut!")]
    );
    assert_nobodys_address(&posts);
}

#[test]
fn damaged_xml_costs_the_damaged_post_alone() {
    let whole = fs::read_to_string(fixture("wordpress/tape-deck-diary.xml")).unwrap();
    let second = whole.find("<title>I <3").unwrap();
    let item = whole[..second].rfind("<item>").unwrap();

    // Cut off in the second post.
    let (posts, bad) = read_bytes("cut.xml", &whole.as_bytes()[..second + 400]);
    assert_eq!(titles(&posts), ["Rocky IV & the winter of 1985"]);
    assert_eq!(bad.len(), 1);
    assert!(bad[0].offset.unwrap() >= item as u64);

    // CDATA that is never closed.
    let open = whole.replacen("/-->]]></content:encoded>", "/--></content:encoded>", 1);
    let (posts, bad) = read_bytes("open.xml", open.as_bytes());
    assert_eq!(titles(&posts), ["Rocky IV & the winter of 1985", "About"]);
    assert_eq!(bad.len(), 1, "{bad:?}");
    let at = bad[0].offset.unwrap() as usize;
    assert!(
        open[at..].starts_with("<content:encoded><![CDATA[<!-- wp:")
            || open[at..].contains("<![CDATA[<!-- wp:")
    );

    // An end tag that is missing: the post is read as far as it makes sense, and the place is named.
    let torn = whole.replacen(
        "<title>I <3 side two & other loves</title>",
        "<title>I <b>love</title>",
        1,
    );
    let (posts, bad) = read_bytes("torn.xml", torn.as_bytes());
    assert_eq!(posts.len(), 3);
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].entry, "21");
    assert!((bad[0].offset.unwrap() as usize) > item);

    // Garbage of other bytes.
    let mut noisy = whole.clone().into_bytes();
    for byte in &mut noisy[second + 100..second + 140] {
        *byte = 0xf7;
    }
    let (posts, _) = read_bytes("noisy.xml", &noisy);
    assert!(titles(&posts).contains(&"Rocky IV & the winter of 1985"));
    assert!(titles(&posts).contains(&"About"));
}

#[test]
fn entity_bombs_are_text() {
    let bomb = r#"<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>
<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>B</title>
<item><title>Bomb &b; &x;</title><content:encoded>One &amp;amp; two &#x1F4FC; &#0; &#xD800;</content:encoded>
<wp:post_id>1</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>"#;
    let (posts, bad) = read_bytes("bomb.xml", bomb.as_bytes());
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(titles(&posts), ["Bomb &b; &x;"]);
    assert!(posts[0].body.contains("One & two 📼"), "{}", posts[0].body);
}

/// Counts over all posts: posts, comments, answers, pings.
fn counts(posts: &[Post]) -> (usize, usize, usize, usize) {
    let comments = posts.iter().flat_map(|p| &p.comments);
    (
        posts.len(),
        comments.clone().count(),
        comments.filter(|c| c.parent.is_some()).count(),
        posts.iter().map(|p| p.pings.len()).sum(),
    )
}

/// Real exports outside the tree: exactly what a count over their markup gives.
#[test]
fn real_exports_give_what_they_hold() {
    let Some(gold) = std::env::var_os("DEEPCUT_GOLD") else {
        eprintln!("skipped: DEEPCUT_GOLD names no folder");
        return;
    };
    let exports = Path::new(&gold).join("exports");
    // (file, posts, comments, answers, pings)
    for (name, expected) in [
        // 56 posts and 21 pages are published.
        ("wordpress-theme-unit-test.wxr.xml", (77, 26, 9, 4)),
        ("wordpress-small.wxr.xml", (9, 3, 2, 0)),
    ] {
        let (posts, bad) = read_at(&exports.join(name));
        assert!(bad.is_empty(), "{name}: {bad:?}");
        assert_eq!(counts(&posts), expected, "{name}");
    }
}
