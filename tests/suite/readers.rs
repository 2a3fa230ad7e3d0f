//! Every form of archive that deepcut reads gives exactly the posts, comments and pings that it holds.

use std::fs;
use std::path::Path;

use deepcut::source::Entry;

use crate::reading::*;

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
    assert_eq!(date(&posts[1]), "2012-05-05T08:00:00+00:00");
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
    assert!(open[at..].starts_with("<![CDATA[<!-- wp:paragraph"));

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
    let at = bad[0].offset.unwrap() as usize;
    assert!(torn[at..].starts_with("</title>\n"));

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

#[test]
fn rss_gives_full_posts_and_says_what_it_cut() {
    let posts = read("feeds/side-two.rss.xml");
    assert_eq!(titles(&posts), ["Cobra & friends", "Only the beginning"]);
    let cobra = &posts[0];
    assert_eq!(
        cobra.url.as_deref(),
        Some("https://sidetwo.example/2013/07/cobra-and-friends/")
    );
    assert_eq!(cobra.author.as_deref(), Some("Lena Voss"));
    assert_eq!(cobra.site.as_deref(), Some("Side Two"));
    assert_eq!(cobra.reader.as_str(), "rss");
    assert_eq!(cobra.platform.as_deref(), Some("wordpress"));
    assert_eq!(date(cobra), "2013-07-08T19:30:00+00:00");
    assert_eq!(cobra.comments_stated, Some(2));
    assert_eq!(
        cobra.body.as_str(),
        "The sunglasses deserved a record of their own, and they got one."
    );
    assert_eq!(rows(cobra), 3);
    assert!(cobra.warnings.is_empty());
    assert_eq!(date(&posts[1]), "2013-08-01T07:05:00Z");
    assert_eq!(posts[1].author.as_deref(), Some("Lena Voss"));
    assert_eq!(posts[1].warnings.len(), 1);
    assert_nobodys_address(&posts);

    let posts = read("feeds/flat-tyre.rdf");
    assert_eq!(titles(&posts), ["La boîte à musique"]);
    assert_eq!(posts[0].site.as_deref(), Some("Flat Tyre Fête"));
    assert_eq!(posts[0].author.as_deref(), Some("Agnès"));
    assert_eq!(posts[0].language.as_deref(), Some("fr"));
    assert_eq!(date(&posts[0]), "2003-11-02T18:20:00+01:00");
    assert_eq!(
        posts[0].body.as_str(),
        "Trouvée au marché, dans la pluie.\nElle joue encore."
    );

    let posts = read("feeds/two-reel.rss091.xml");
    assert_eq!(titles(&posts), ["Reel found in a church", "No news"]);
}

#[test]
fn the_items_of_a_comment_feed_are_comments() {
    let (documents, bad) = documents(&fixture("feeds/side-two-comments.rss.xml"));
    assert!(bad.is_empty());
    let entries: Vec<&Entry> = documents.iter().filter_map(entry_of).collect();
    assert!(entries.iter().all(|e| e.joins), "no post of its own");
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].title.as_deref(), Some("Cobra & friends"));
    assert_eq!(
        entries[0].url.as_deref(),
        Some("https://sidetwo.example/2013/07/cobra-and-friends/")
    );
    let authors: Vec<_> = entries[0]
        .comments
        .iter()
        .map(|c| (c.id.as_str(), c.author.as_deref(), c.text.as_str()))
        .collect();
    assert_eq!(
        authors,
        [
            (
                "901",
                Some("Marek"),
                "“Angel of the City” is the best of them."
            ),
            ("902", None, "The 12-inch is longer by two minutes."),
        ]
    );
    assert_eq!(entries[1].title.as_deref(), Some("A post that nobody kept"));
    assert!(!format!("{documents:?}").contains("@mail.example"));
}

#[test]
fn atom_and_json_feeds() {
    let posts = read("feeds/night-bus.atom");
    assert_eq!(
        titles(&posts),
        ["Episode 12: Tangerine hour", "A note on the aerial"]
    );
    let episode = &posts[0];
    assert_eq!(
        episode.url.as_deref(),
        Some("https://nightbus.example/2016/10/episode-12")
    );
    assert_eq!(date(episode), "2016-10-03T22:00:00Z");
    assert_eq!(episode.author.as_deref(), Some("Priya N."));
    assert_eq!(episode.tags[0].as_str(), "Radio");
    assert_eq!(episode.body.as_str(), "Tape hiss & rain.");
    assert_eq!(rows(episode), 3);
    assert_eq!(episode.comments_stated, Some(2));
    assert_eq!(
        thread(episode),
        [("2", None, Some("Tomas"), "Heard it on the last bus home.")]
    );
    assert_eq!(posts[1].author.as_deref(), Some("Guest Host"));
    assert_eq!(posts[1].body.as_str(), "The aerial was bent by a gull.");
    assert_nobodys_address(&posts);

    let posts = read("feeds/velvet-rope.json");
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].title.as_str(), "Italo in the basement");
    assert_eq!(posts[0].author.as_deref(), Some("Dee Marsh"));
    assert_eq!(posts[0].site.as_deref(), Some("Velvet Rope"));
    assert_eq!(rows(&posts[0]), 3);
    assert_eq!(date(&posts[0]), "2018-05-04T21:00:00+02:00");
    assert_eq!(posts[1].author.as_deref(), Some("A Friend"));
    let whole = fs::read(fixture("feeds/velvet-rope.json")).unwrap();
    let (posts, bad) = read_bytes("cut.json", &whole[..whole.len() - 200]);
    assert_eq!(posts.len(), 1);
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].offset, Some(whole.len() as u64 - 200));
}

#[test]
fn blogger_exports_join_comments_to_their_posts() {
    let (posts, bad) = read_at(&fixture("blogger/mister-tape.xml"));
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(titles(&posts), ["Rad (1986)", "About me", "lost"]);
    let rad = &posts[0];
    assert_eq!(rad.reader.as_str(), "blogger");
    assert_eq!(rad.site.as_deref(), Some("Mister Tape"));
    assert_eq!(rad.author.as_deref(), Some("Mr. Tape"));
    assert_eq!(
        rad.url.as_deref(),
        Some("http://mistertape.blogspot.com/2010/05/rad.html")
    );
    assert_eq!(date(rad), "2010-05-02T20:15:00-07:00");
    assert_eq!(rows(rad), 3);
    assert_eq!(rad.tags.len(), 2);
    assert_eq!(
        thread(rad),
        [
            (
                "900100100",
                None,
                Some("Ingrid"),
                "I came before my post in this file."
            ),
            (
                "900100101",
                Some("900100100"),
                Some("Mr. Tape"),
                "Glad you found it.\nMore soon."
            ),
            (
                "900100102",
                None,
                Some("Anonymous"),
                "Get Strange is on the other LP."
            ),
        ]
    );
    // The post it answers is not there: its comment is kept, and waits for it.
    assert_eq!(posts[2].comments.len(), 1);
    let all = format!("{posts:?}");
    for word in ["DRAFTWORD", "TEMPLATEWORD", "SETTINGSWORD", "removed by"] {
        assert!(!all.contains(word), "{word}");
    }
    assert_nobodys_address(&posts);

    let posts = read("blogger/hanas-dubs.atom");
    assert_eq!(titles(&posts), ["Dub plates of a rainy week", "Gear"]);
    assert_eq!(posts[0].reader.as_str(), "blogger");
    assert_eq!(rows(&posts[0]), 3);
    assert_eq!(
        thread(&posts[0]),
        [
            ("601", None, Some("Hana"), "Needle of choice?"),
            ("602", Some("601"), Some("Hana"), "A blunt one."),
        ]
    );
    let all = format!("{posts:?}");
    for word in ["DRAFTWORD", "SPAMWORD", "TRASHWORD"] {
        assert!(!all.contains(word), "{word}");
    }
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
        // One of its answers answers a comment that is not in the file.
        ("wordpress-small.wxr.xml", (9, 3, 1, 0)),
        // One post and one page are published, one of each is a draft.
        ("blogger-export.atom.xml", (2, 1, 0, 0)),
    ] {
        let (posts, bad) = read_at(&exports.join(name));
        assert!(bad.is_empty(), "{name}: {bad:?}");
        assert_eq!(counts(&posts), expected, "{name}");
    }
    // Six comments: one is deleted, and one is of a thread that is not in the file, which is said.
    let (posts, bad) = read_at(&exports.join("disqus-export.xml"));
    assert_eq!(counts(&posts), (2, 4, 1, 0));
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].entry.contains("1337"), "{bad:?}");
}
