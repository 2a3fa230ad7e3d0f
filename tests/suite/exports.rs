//! Exports of platforms, trees of static sites, and packed forms of any of them give exactly what they hold.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use deepcut::source::Entry;

use crate::archive::Archive;
use crate::reading::*;

/// A zip of these names and bytes.
fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // Not through `set_path`, which refuses the paths that must be refused here.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// All files below a folder of the fixtures, by their path in it.
fn tree(name: &str) -> Vec<(String, Vec<u8>)> {
    fn walk(dir: &Path, top: &Path, out: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, top, out);
            } else {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap();
                out.push((name.replace('\\', "/"), fs::read(&path).unwrap()));
            }
        }
    }
    let top = fixture(name);
    let mut out = Vec::new();
    walk(&top, &top, &mut out);
    out.sort();
    out
}

fn zipped(name: &str) -> Vec<u8> {
    let files = tree(name);
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    zip_of(&files)
}

#[test]
fn disqus_gives_the_comments_of_each_page() {
    let (documents, bad) = documents(&fixture("disqus/tape-deck-diary.xml"));
    let entries: Vec<&Entry> = documents.iter().filter_map(entry_of).collect();
    assert!(entries.iter().all(|e| e.joins));
    let found: Vec<_> = entries
        .iter()
        .map(|e| (e.title.as_deref().unwrap(), e.comments.len()))
        .collect();
    assert_eq!(
        found,
        [("Rocky IV & the winter of 1985", 4), ("A lost post", 1)]
    );
    let rocky: Vec<_> = entries[0]
        .comments
        .iter()
        .map(|c| {
            (
                c.id.as_str(),
                c.parent.as_deref(),
                c.author.as_deref(),
                c.text.as_str(),
            )
        })
        .collect();
    assert_eq!(
        rocky,
        [
            (
                "500",
                None,
                Some("Ines"),
                "Tepper had one hit.\nAnd what a hit."
            ),
            (
                "501",
                None,
                Some("Ruben"),
                "The B-side was better & longer."
            ),
            ("502", Some("501"), None, "Which B-side?"),
            (
                "505",
                None,
                Some("Still Here"),
                "An answer to what was deleted."
            ),
        ]
    );
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].entry, "thread 99");
    assert!(bad[0].reason.starts_with("1 comments belong"));
    let all = format!("{documents:?}");
    for word in ["SPAMWORD", "DELETEDWORD", "@mail.example", "192.0.2."] {
        assert!(!all.contains(word), "{word}");
    }
}

#[test]
fn ghost_joins_its_tables() {
    let posts = read("ghost/quiet-hours.json");
    assert_eq!(titles(&posts), ["Quiet hours, loud records", "About"]);
    let quiet = &posts[0];
    assert_eq!(
        quiet.url.as_deref(),
        Some("https://quiethours.example/quiet-hours/")
    );
    assert_eq!(quiet.site.as_deref(), Some("Quiet Hours"));
    assert_eq!(quiet.author.as_deref(), Some("Noor, Bert"));
    assert_eq!(date(quiet), "2020-02-03T22:05:00Z");
    let tags: Vec<_> = quiet.tags.iter().map(|t| t.as_str()).collect();
    assert_eq!(tags, ["Night", "Neighbours"]);
    assert_eq!(rows(quiet), 3);
    assert_eq!(
        thread(quiet),
        [
            ("c1", None, Some("Upstairs"), "I can hear the bass."),
            ("c2", Some("c1"), None, "So can I."),
        ]
    );
    assert_nobodys_address(&posts);
    let whole = fs::read(fixture("ghost/quiet-hours.json")).unwrap();
    let (posts, bad) = read_bytes("cut.json", &whole[..whole.len() - 900]);
    assert_eq!(posts.len(), 2, "what stands before the cut");
    assert_eq!(bad.len(), 1);
}

#[test]
fn packages_of_substack_medium_and_tumblr() {
    let (posts, bad) = read_bytes("substack.zip", &zipped("substack"));
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(titles(&posts), ["Needle Drop, no. 1", "Needle Drop no. 2"]);
    assert_eq!(posts[0].reader.as_str(), "substack");
    assert_eq!(
        posts[0].source.as_str(),
        "substack.zip#posts/101.needle-drop-one.html"
    );
    assert_eq!(date(&posts[0]), "2021-01-05T10:00:00Z");
    assert_eq!(
        posts[0].body.as_str(),
        "Three records & a \"lost\" sleeve\n\nSnow on the dealer's van."
    );
    assert_eq!(rows(&posts[0]), 3);
    assert_nobodys_address(&posts);
    assert!(!format!("{posts:?}").contains("DRAFTWORD"));

    // The same export, unpacked: what the table says is found there, too.
    let page = "substack/posts/101.needle-drop-one.html";
    let unpacked = &read(page)[0];
    assert_eq!(unpacked.reader.as_str(), "substack");
    assert_eq!(
        (&unpacked.title, date(unpacked), &unpacked.body),
        (&posts[0].title, date(&posts[0]), &posts[0].body)
    );
    assert!(read("substack/posts/102.unsent.html").is_empty(), "a draft");

    let (posts, bad) = read_bytes("medium.zip", &zipped("medium"));
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(titles(&posts), ["Seven Inches of Rain"]);
    let rain = &posts[0];
    assert_eq!(rain.reader.as_str(), "medium");
    assert_eq!(
        rain.url.as_deref(),
        Some("https://medium.com/@wetvinyl/seven-inches-of-rain-0a1b2c3d4e5f")
    );
    assert_eq!(rain.author.as_deref(), Some("Wet Vinyl"));
    assert_eq!(date(rain), "2018-05-03T09:30:00Z");
    assert_eq!(
        rain.body.as_str(),
        "A box of singles in a flood, and what survived it."
    );
    assert_eq!(rows(rain), 3);
    // The same page, unpacked.
    let page = "medium/posts/2018-05-03_Seven-Inches-of-Rain-0a1b2c3d4e5f.html";
    assert_eq!(read(page)[0].title, rain.title);

    let posts = read("tumblr/fax-machine.xml");
    assert_eq!(
        titles(&posts),
        [
            "Hold music, ranked by mercy",
            "Your call is a song to us.",
            "Sade – Paradise",
            "At the desk"
        ]
    );
    assert_eq!(rows(&posts[0]), 3);
    assert_eq!(date(&posts[0]), "2012-03-04T10:20:30Z");
    assert_eq!(posts[0].site.as_deref(), Some("Fax Machine Music"));
    assert!(posts[3].body.contains("Me: Still humming."));
    let pages: Vec<(String, Vec<u8>)> = tree("tumblr")
        .into_iter()
        .filter(|(name, _)| !name.ends_with(".xml"))
        .collect();
    let pages: Vec<(&str, &[u8])> = pages
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    let (posts, bad) = read_bytes("tumblr.zip", &zip_of(&pages));
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(
        titles(&posts),
        [
            "Dial tone suite",
            "A post without a title that goes on for rather …"
        ]
    );
    assert_eq!(date(&posts[0]), "2014-10-26T21:50:00");
    assert_eq!(posts[0].tags.len(), 2);
    assert_eq!(posts[0].body.as_str(), "Recorded from a kiosk in the rain.");
}

#[test]
fn trees_of_static_sites() {
    let posts = read("jekyll/_posts/2014-06-07-side-two-again.md");
    let post = &posts[0];
    assert_eq!(post.title.as_str(), "Side Two Again");
    assert_eq!(date(post), "2014-06-07");
    assert_eq!(post.author.as_deref(), Some("Ola"));
    assert_eq!(post.body.as_str(), "Flip it, and the drummer comes back.");
    assert_eq!(rows(post), 3);
    assert_eq!(
        thread(post),
        [
            (
                "aa-1",
                None,
                Some("Stuart"),
                "Chance is the one.\n\nAlways was."
            ),
            ("aa-2", Some("aa-1"), Some("Mags"), "And the last fade?"),
        ]
    );
    assert_eq!(
        post.comments[1].published.as_ref().unwrap().iso(),
        "2014-06-09T07:46:40Z"
    );
    for nothing in [
        "jekyll/_drafts/half.md",
        "jekyll/_posts/2014-06-08-off.md",
        "hugo/content/posts/_index.md",
    ] {
        assert!(
            read(nothing).is_empty() || nothing.contains("_drafts"),
            "{nothing}"
        );
    }

    let posts = read("hugo/content/posts/night-drive/index.md");
    let drive = &posts[0];
    assert_eq!(drive.title.as_str(), "Night drive, 1986");
    assert_eq!(drive.author.as_deref(), Some("Jo"));
    assert_eq!(drive.body.as_str(), "The heater sang along.");
    assert_eq!(rows(drive), 2);
    assert_eq!(thread(drive), [("h1", None, Some("Petra"), "Which car?")]);
    let posts = read("hugo/content/posts/lay-by.md");
    assert_eq!(titles(&posts), ["Lay-by at four"]);
    assert_eq!(date(&posts[0]), "2016-12-01");
    assert_eq!(posts[0].tags[0].as_str(), "motorway");

    let posts = read("zola/content/2020-05-06-aerials.md");
    assert_eq!(titles(&posts), ["Aerials"]);
    assert_eq!(date(&posts[0]), "2020-05-06");
    assert_eq!(posts[0].tags[0].as_str(), "roofs");
    assert_eq!(posts[0].body.as_str(), "Seen from the gasworks.");
    assert_eq!(rows(&posts[0]), 3);
}

/// Comments lie in the archive of a site as they lie in its folder, before their posts or behind them.
#[test]
fn packed_sites_keep_the_comments_of_their_posts() {
    for (site, title, expected) in [
        ("jekyll", "Side Two Again", vec!["aa-1", "aa-2"]),
        ("hugo", "Night drive, 1986", vec!["h1"]),
    ] {
        let mut files: Vec<(String, Vec<u8>)> = tree(site)
            .into_iter()
            .map(|(name, bytes)| (format!("backup/{name}"), bytes))
            .collect();
        for reversed in [false, true] {
            let named: Vec<(&str, &[u8])> = files
                .iter()
                .map(|(n, b)| (n.as_str(), b.as_slice()))
                .collect();
            for (name, bytes) in [
                ("site.zip", zip_of(&named)),
                ("site.tar.gz", gzip(&tar_of(&named))),
                ("torn.zip", {
                    let mut zip = zip_of(&named);
                    zip.truncate(zip.len() - 30);
                    zip
                }),
            ] {
                let archive = Archive::new();
                archive.write(&format!("in/{name}"), &bytes);
                let report = archive.json(&["index", "in"]);
                let case = format!("{site}, {name}, reversed: {reversed}");
                assert_eq!(report["comments"], expected.len(), "{case}: {report}");
                let hits = archive.json(&["search", &format!("title:\"{title}\"")]);
                let id = hits["hits"][0]["post"]["id"]
                    .as_str()
                    .expect(&case)
                    .to_owned();
                let post = archive.json(&["show", &id])["posts"][0].clone();
                assert_eq!(post["title"], title, "{case}");
                let ids: Vec<&str> = post["comments"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c["id"].as_str().unwrap())
                    .collect();
                assert_eq!(ids, expected, "{case}");
                // No file of data is a post.
                let all = archive.titles("*");
                assert!(!all.iter().any(|t| t.contains("entry")), "{case}: {all:?}");
            }
            files.reverse();
        }
    }
}

#[test]
fn packed_files_are_read_in_place() {
    let feed = fs::read(fixture("feeds/side-two.rss.xml")).unwrap();
    let page = b"<!DOCTYPE html><title>Kiosk</title><h1>Kiosk</h1><p>One page in a box.</p>";
    let zstd = zstd::stream::encode_all(feed.as_slice(), 3).unwrap();
    for (name, bytes) in [
        ("feed.xml.gz", gzip(&feed)),
        ("feed.xml.zst", zstd.clone()),
        ("feed.zip", zip_of(&[("feed.xml", &feed)])),
        ("feed.tar.gz", gzip(&tar_of(&[("feed.xml", &feed)]))),
        ("feed.tgz", gzip(&tar_of(&[("./feed.xml", &feed)]))),
        (
            "deep.zip",
            zip_of(&[("a/inner.zip", &zip_of(&[("f.xml.zst", &zstd)]))]),
        ),
    ] {
        let (posts, bad) = read_bytes(name, &bytes);
        assert!(bad.is_empty(), "{name}: {bad:?}");
        assert_eq!(
            titles(&posts),
            ["Cobra & friends", "Only the beginning"],
            "{name}"
        );
        assert_eq!(rows(&posts[0]), 3, "{name}");
    }
    let zip = zip_of(&[
        ("2011-02-03-kiosk.html", page),
        ("__MACOSX/._2011-02-03-kiosk.html", page),
        ("cover.jpg", b"\xff\xd8"),
    ]);
    let (posts, bad) = read_bytes("box.zip", &zip);
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(titles(&posts), ["Kiosk"]);
    assert_eq!(posts[0].source.as_str(), "box.zip#2011-02-03-kiosk.html");
    assert_eq!(date(&posts[0]), "2011-02-03");
}

#[test]
fn bad_entries_are_named_and_the_rest_is_read() {
    let page = b"<!DOCTYPE html><title>Kiosk</title><h1>Kiosk</h1><p>One page in a box.</p>";
    let bomb = vec![b'x'; 80 << 20];
    let files: &[(&str, &[u8])] = &[
        ("../../out.html", page),
        ("/etc/page.html", page),
        ("C:/page.html", page),
        ("bomb.html", &bomb),
        ("inner.html.gz", &gzip(page)[..40]),
        ("good.html", page),
    ];
    let expected = [
        "../../out.html",
        "/etc/page.html",
        "C:/page.html",
        "bomb.html",
        "inner.html.gz",
    ];
    let (posts, bad) = read_bytes("bad.zip", &zip_of(files));
    let named: Vec<&str> = bad.iter().map(|b| b.entry.as_str()).collect();
    assert_eq!(named, expected);
    assert!(bad[3].reason.contains("bomb"), "{}", bad[3].reason);
    assert_eq!(titles(&posts), ["Kiosk"]);
    let (posts, bad) = read_bytes("bad.tar", &tar_of(files));
    let named: Vec<&str> = bad.iter().map(|b| b.entry.as_str()).collect();
    assert_eq!(named, expected);
    assert_eq!(titles(&posts), ["Kiosk"]);

    // Cut off, so that its list of contents is gone.
    let zip = zip_of(&[("a.html", page), ("b.html", page), ("c.html", page)]);
    let (posts, bad) = read_bytes("cut.zip", &zip[..zip.len() * 2 / 3]);
    assert!(!posts.is_empty());
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].offset.is_some());
}

#[test]
fn a_stream_of_nothing_ends_soon() {
    // 4 GiB of zeros in 4 MiB, as a feed that never comes to an item.
    let mut bomb = Vec::new();
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    member.write_all(&vec![b' '; 64 << 20]).unwrap();
    let member = member.finish().unwrap();
    let mut head = gzip(b"<rss version=\"2.0\"><channel><title>B</title>");
    bomb.append(&mut head);
    for _ in 0..64 {
        bomb.extend_from_slice(&member);
    }
    let (posts, bad) = read_bytes("bomb.xml.gz", &bomb);
    assert!(posts.is_empty());
    assert_eq!(bad.len(), 1);
    assert!(bad[0].reason.contains("bomb"), "{}", bad[0].reason);
}

#[test]
fn utf16_is_read_as_what_it_says() {
    let text = fs::read_to_string(fixture("wordpress/tape-deck-diary.xml")).unwrap();
    for big in [false, true] {
        let mut bytes = if big {
            vec![0xfe, 0xff]
        } else {
            vec![0xff, 0xfe]
        };
        for unit in text.encode_utf16() {
            bytes.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        let (posts, bad) = read_bytes("wide.xml", &bytes);
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(posts.len(), 3);
        assert!(posts[2].body.contains("Café, naïve"));
    }
}
