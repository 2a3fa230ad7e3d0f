//! Rows and playlists through the real binary: which rows, and whether every reader takes the file.

use std::path::Path;

use serde_json::{Value, json};

use crate::archive::{Archive, code, errors};

fn output(archive: &Archive, args: &[&str]) -> String {
    let output = archive.run(args);
    assert_eq!(code(&output), 0, "{args:?}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The sample archive.
fn corpus() -> Archive {
    let archive = Archive::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    archive.json(&["index", corpus.to_str().unwrap()]);
    archive
}

/// A post in which every text tries to be something else.
fn hostile() -> Archive {
    let archive = Archive::new();
    let post = json!({
        "title": "]]></title><script>alert(1)</script> & \"more\"\u{1b}[31m",
        "url": "https://x.example/a?b=1&c=<d>'\"",
        "body": "words",
        "published": "2019-03-04",
        "tracklists": [{"album": "=cmd|' /C calc'!A0", "tracks": [
            {"artist": "=HYPERLINK(\"http://evil\")", "title": "</title></track>", "duration_s": 263},
            {"artist": "@sum\u{202e}", "title": "#EXTM3U\nhttp://evil.example/"},
            {"artist": "日本語 & Co", "title": "‘quotes’ | pipes"}]}]
    });
    let other = json!({"title": "#no link", "url": "javascript:alert(1)", "body": "words",
        "tracklists": [{"tracks": [{"artist": "A", "title": "One"}, {"artist": "B", "title": "Two"}]}]});
    archive.write("p.jsonl", format!("{post}\n{other}\n"));
    archive.run(&["index", "p.jsonl"]);
    archive
}

/// Elements of well-formed XML as (path, text); panics where it is not.
fn elements(xml: &str) -> Vec<(String, String)> {
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    let mut open: Vec<String> = Vec::new();
    let mut out = Vec::new();
    let mut rest = body.trim_end();
    while !rest.is_empty() {
        let start = rest.find('<').expect("markup at the end");
        let text = &rest[..start];
        assert!(!text.contains('>') && !text.contains("]]>"), "{text}");
        for entity in text.split('&').skip(1) {
            let name = entity.split(';').next().unwrap();
            assert!(
                ["amp", "lt", "gt", "quot", "apos"].contains(&name),
                "{text}"
            );
        }
        let end = start + rest[start..].find('>').unwrap();
        let tag = &rest[start + 1..end];
        match tag.strip_prefix('/') {
            Some(name) => {
                let path = open.join("/");
                assert_eq!(open.pop().as_deref(), Some(name));
                if !text.trim().is_empty() {
                    let plain = text
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&quot;", "\"")
                        .replace("&apos;", "'")
                        .replace("&amp;", "&");
                    out.push((path, plain));
                }
            }
            None => {
                assert!(text.trim().is_empty(), "{text}");
                open.push(tag.split(' ').next().unwrap().to_owned());
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
    out
}

#[test]
fn rows_of_the_sample_archive() {
    let archive = corpus();
    let answer = archive.json(&["tracks", "tepper", "\"no easy way out\""]);
    let rows = answer["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && answer["total"] == rows.len());
    for row in rows {
        assert_eq!(row["artist"], "Robert Tepper");
        assert_eq!(
            row["credit"],
            json!([{"name": "Robert Tepper", "join": ""}])
        );
    }
    // A condition on posts alone gives whole listings.
    let whole = archive.json(&["tracks", "title:\"Rocky IV\"", "date:..2100"]);
    let listed = archive.json(&["tracks", "\"Soundtrack Saturday: Rocky IV\"", "--whole"]);
    assert_eq!(listed["total"], 10, "{listed}");
    assert!(whole["total"] == 10 || whole["total"] == 0);
    // Words that no row has.
    let prose = archive.json(&["tracks", "congressman"]);
    assert_eq!(prose["notes"][0]["code"], "whole-posts");
    assert_eq!((&prose["total"], &prose["posts"]), (&10.into(), &1.into()));
    let some = archive.json(&["tracks", "tepper", "congressman"]);
    assert_eq!(some["notes"][0]["code"], "some-words");
    assert_eq!(some["rows"][0]["title"], "No Easy Way Out");
    let negated = archive.json(&["tracks", "tepper", "-easy"]);
    let rows = negated["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["title"] != "No Easy Way Out"));
    let page = archive.json(&["tracks", "tepper", "--limit", "1", "--offset", "1"]);
    assert_eq!(page["rows"].as_array().unwrap().len(), 1);
    assert_eq!(code(&archive.run(&["tracks", "zzzzzz"])), 1);
    assert_eq!(code(&archive.run(&["export", "zzzzzz"])), 1);
    assert_eq!(code(&archive.run(&["export", "tepper", "--to", "mp3"])), 2);
    assert_eq!(
        code(&archive.run(&["tracks", "tepper", "--sort", "best"])),
        2
    );
    let shown = output(&archive, &["tracks", "artist:tepper", "track:easy"]);
    assert!(
        shown.contains("  ♪ 7. Robert Tepper – No Easy Way Out\n"),
        "{shown}"
    );
}

#[test]
fn xspf_is_well_formed_and_has_the_elements_of_the_specification() {
    for archive in [corpus(), hostile()] {
        let xml = output(&archive, &["export", "*", "--to", "xspf"]);
        assert!(xml.contains("<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">"));
        assert!(!xml.contains(['\u{1b}', '\u{202e}']));
        let rows = archive.json(&["tracks", "*", "--limit", "100000"]);
        let all = elements(&xml);
        let order = [
            "title",
            "creator",
            "annotation",
            "info",
            "album",
            "trackNum",
            "duration",
        ];
        let mut last = usize::MAX;
        for (path, text) in &all {
            let Some(name) = path.strip_prefix("playlist/trackList/track/") else {
                assert_eq!(path, "playlist/title");
                continue;
            };
            let at = order.iter().position(|o| *o == name).unwrap();
            // A title opens a track; within one, the order of the specification.
            assert!(at > last || at == 0, "{path}: {text}");
            last = at;
            match name {
                "info" => assert!(text.starts_with("http") && !text.contains([' ', '<', '"'])),
                "trackNum" => assert!(text.parse::<u32>().unwrap() > 0),
                "duration" => assert!(text.parse::<u64>().unwrap() >= 1000),
                _ => {}
            }
        }
        let titles = all
            .iter()
            .filter(|(path, _)| path == "playlist/trackList/track/title")
            .count();
        assert_eq!(titles as u64, rows["total"].as_u64().unwrap());
    }
    let archive = hostile();
    let xml = output(&archive, &["export", "*"]);
    let all = elements(&xml);
    let has = |name: &str, text: &str| {
        all.contains(&(format!("playlist/trackList/track/{name}"), text.to_owned()))
    };
    assert!(
        has("title", "</title></track>") && has("duration", "263000"),
        "{xml}"
    );
    assert!(has("creator", "日本語 & Co") && !xml.contains("javascript:"));
}

#[test]
fn the_other_forms_are_safe_too() {
    let archive = hostile();
    let jspf: Value =
        serde_json::from_str(&output(&archive, &["export", "*", "--to", "jspf"])).unwrap();
    let tracks = jspf["playlist"]["track"].as_array().unwrap();
    assert_eq!(tracks.len(), 5);
    let long = tracks
        .iter()
        .find(|t| t["title"] == "</title></track>")
        .unwrap();
    assert_eq!(
        (&long["duration"], &long["trackNum"]),
        (&263_000.into(), &1.into())
    );
    assert_eq!(long["album"], "=cmd|' /C calc'!A0");
    assert!(
        long["info"]
            .as_str()
            .unwrap()
            .starts_with("https://x.example/a?b=1&c=")
    );

    let m3u = output(&archive, &["export", "*", "--to", "m3u8"]);
    assert!(m3u.starts_with("#EXTM3U\n#PLAYLIST:*\n"), "{m3u}");
    assert!(m3u.contains("#EXTINF:263,=HYPERLINK"), "{m3u}");
    assert!(
        m3u.contains("#EXTINF:-1,A - One\n./p.jsonl#javascript:alert(1)\n"),
        "{m3u}"
    );
    assert!(
        !m3u.lines()
            .any(|l| l.starts_with("http://evil") || l.starts_with("javascript"))
    );

    let csv = output(&archive, &["export", "*", "--to", "csv"]);
    assert!(
        csv.starts_with("artist,title,album,year,duration_ms,"),
        "{csv}"
    );
    for line in csv.lines() {
        for start in ["=", "@", "\"=", "\"@"] {
            assert!(
                !line.starts_with(start) && !line.contains(&format!(",{start}")),
                "{line}"
            );
        }
    }
    assert!(
        csv.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""),
        "{csv}"
    );
    let jsonl = output(&archive, &["export", "*", "--to", "jsonl"]);
    for line in jsonl.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["post"]["id"].as_str().unwrap().len(), 16);
    }
    let markdown = output(&archive, &["export", "*", "--to", "markdown"]);
    assert!(
        !markdown.contains("<script>") && !markdown.contains("javascript:"),
        "{markdown}"
    );
    let shown = output(&archive, &["tracks", "*"]);
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
}
