//! Web archives: the pages that are posts become posts, whatever wraps them; damage costs what is damaged.

use std::io::{Cursor, Write};

use crate::archive::Archive;
use crate::reading::*;

const BLOG: &str = "https://hiss.example";

fn record(kind: &str, url: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2023-01-02T03:04:05Z\r\n\
         WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n{more}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    out.extend_from_slice(block);
    out.extend_from_slice(b"\r\n\r\n");
    out
}

fn response(path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut block = format!("HTTP/1.1 {head}\r\n\r\n").into_bytes();
    block.extend_from_slice(body);
    let more = "Content-Type: application/http;msgtype=response\r\n";
    record("response", &format!("{BLOG}{path}"), more, &block)
}

fn post(title: &str, date: &str, rows: &[&str]) -> String {
    let rows: String = rows.iter().map(|r| format!("<li>{r}</li>")).collect();
    format!(
        "<!DOCTYPE html><html lang=en><head><title>{title} | Hiss</title></head><body><header><a href='/'>Hiss</a></header>\
         <main><article><h1>{title}</h1><p>Posted on <time datetime='{date}'>{date}</time></p>\
         <p>The deck was warm, and the tape was older than the car it was found in.</p>\
         <h2>Tracklist</h2><ol>{rows}</ol></article></main></body></html>"
    )
}

fn list(titles: &[(&str, &str)]) -> String {
    let items: String = titles
        .iter()
        .map(|(path, title)| {
            format!("<article><h2><a href='{path}'>{title}</a></h2><p>The deck was warm, and the tape was older.</p></article>")
        })
        .collect();
    format!(
        "<!DOCTYPE html><html><head><title>Hiss</title></head><body><main>{items}</main></body></html>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Brotli without compression: one stored block.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let head = ((bytes.len() as u32 - 1) << 4) | (1 << 20);
    let mut out = head.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(bytes);
    out.push(3);
    out
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(100) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// The records of a small crawl, and the titles of its posts.
fn crawl() -> (Vec<Vec<u8>>, [&'static str; 4]) {
    let html = "Content-Type: text/html; charset=utf-8";
    let one = post(
        "Found in a glovebox",
        "2009-04-05",
        &[
            "Corey Hart – Sunglasses at Night",
            "Scandal – The Warrior",
            "Quarterflash – Harden My Heart",
        ],
    );
    let two = post(
        "Café tapes",
        "2009-05-06",
        &[
            "Indochine – L'Aventurier",
            "Taxi Girl – Cherchez le garçon",
            "Lio – Banana Split",
        ],
    );
    let (two_latin, _, _) = encoding_rs::WINDOWS_1252.encode(&two);
    let three = post(
        "Third side",
        "2009-06-07",
        &[
            "Cheap Trick – Tonight It's You",
            "Loverboy – Hot Girls in Love",
            "Honeymoon Suite – New Girl Now",
        ],
    );
    let four = post(
        "No date at all",
        "",
        &[
            "Glass Tiger – Someday",
            "Platinum Blonde – Crying Over You",
            "Chalk Circle – April Fool",
        ],
    );
    let home = list(&[
        ("/glovebox.html", "Found in a glovebox"),
        ("/cafe.html", "Café tapes"),
    ]);
    let records = vec![
        record(
            "warcinfo",
            "",
            "Content-Type: application/warc-fields\r\n",
            b"software: a test\r\n",
        ),
        response("/", &format!("200 OK\r\n{html}"), home.as_bytes()),
        record(
            "request",
            &format!("{BLOG}/glovebox.html"),
            "Content-Type: application/http;msgtype=request\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
        ),
        response(
            "/glovebox.html",
            &format!("200 OK\r\n{html}\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip"),
            &chunked(&gzip(one.as_bytes())),
        ),
        response(
            "/cafe.html",
            "200 OK\r\ncontent-type: text/html; charset=ISO-8859-1\r\nContent-Encoding: br",
            &brotli(&two_latin),
        ),
        response(
            "/third.html",
            &format!("200 OK\r\n{html}\r\nContent-Encoding: zstd"),
            &zstd::stream::encode_all(three.as_bytes(), 3).unwrap(),
        ),
        // A tool that undid the encodings and kept their headers.
        response(
            "/undated.html",
            &format!("200 OK\r\n{html}\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip"),
            four.as_bytes(),
        ),
        response(
            "/old-glovebox",
            "301 Moved\r\nLocation: /glovebox.html\r\nContent-Type: text/html",
            b"<html><h1>Moved</h1>MOVEDWORD</html>",
        ),
        response(
            "/gone.html",
            "404 Not Found\r\nContent-Type: text/html",
            post("GONEWORD", "2009-01-01", &["A – B", "C – D", "E – F"]).as_bytes(),
        ),
        response("/tag/tapes/", &format!("200 OK\r\n{html}"), home.as_bytes()),
        response("/page/2/", &format!("200 OK\r\n{html}"), home.as_bytes()),
        response("/2009/04/", &format!("200 OK\r\n{html}"), one.as_bytes()),
        response(
            "/feed/",
            "200 OK\r\nContent-Type: application/rss+xml",
            b"<rss><channel><item><title>FEEDWORD</title></item></channel></rss>",
        ),
        response(
            "/cover.jpg",
            "200 OK\r\nContent-Type: image/jpeg",
            b"\xff\xd8\xff",
        ),
        response(
            "/imprint.html",
            &format!("200 OK\r\n{html}"),
            b"<html><title>Imprint</title><p>IMPRINTWORD</p></html>",
        ),
        record(
            "revisit",
            &format!("{BLOG}/glovebox.html"),
            "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\nContent-Type: application/http;msgtype=response\r\n",
            format!("HTTP/1.1 200 OK\r\n{html}\r\n\r\n").as_bytes(),
        ),
        // The same page captured again.
        response(
            "/third.html",
            &format!("200 OK\r\n{html}"),
            three.as_bytes(),
        ),
        record(
            "resource",
            "metadata://gnu.org/software/wget/warc/wget.log",
            "Content-Type: text/plain\r\n",
            b"LOGWORD",
        ),
    ];
    (
        records,
        [
            "Found in a glovebox",
            "Café tapes",
            "Third side",
            "No date at all",
        ],
    )
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn posts_of_a_crawl_are_read_and_lists_are_not() {
    let (records, expected) = crawl();
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|r| gzip(r)).collect();
    let wacz = zip_of(&[
        ("datapackage.json", b"{\"profile\": \"data-package\"}"),
        ("archive/data.warc.gz", &members),
        ("indexes/index.cdx.gz", &gzip(b"example,hiss)/ 2023 {}")),
        ("pages/pages.jsonl", b"{\"format\": \"json-pages-1.0\"}\n{\"url\": \"https://hiss.example/\", \"title\": \"PAGESWORD\", \"text\": \"x\"}\n"),
    ]);
    for (name, bytes) in [
        ("crawl.warc", plain.clone()),
        ("crawl.warc.gz", members.clone()),
        ("crawl.wacz", wacz),
    ] {
        let (posts, bad) = read_bytes(name, &bytes);
        assert!(bad.is_empty(), "{name}: {bad:?}");
        assert_eq!(titles(&posts), expected, "{name}");
        assert_eq!(posts.iter().map(rows).collect::<Vec<_>>(), [3; 4], "{name}");
        assert_eq!(
            posts[0].url.as_deref(),
            Some("https://hiss.example/glovebox.html")
        );
        assert_eq!(date(&posts[0]), "2009-04-05");
        assert_eq!(date(&posts[3]), "", "the day of the capture is no date");
        assert_eq!(posts[0].reader.as_str(), "warc");
        let all = format!("{posts:?}");
        for word in [
            "MOVEDWORD",
            "GONEWORD",
            "FEEDWORD",
            "IMPRINTWORD",
            "LOGWORD",
            "PAGESWORD",
        ] {
            assert!(!all.contains(word), "{name}: {word}");
        }
    }
    let (posts, _) = read_bytes(
        "crawl.wacz",
        &zip_of(&[("datapackage.json", b"{}"), ("archive/a.warc", &plain)]),
    );
    assert_eq!(
        posts[0].source.as_str(),
        "crawl.wacz#archive/a.warc#https://hiss.example/glovebox.html"
    );
    // Version 1.0 writes addresses in angle brackets.
    let old = String::from_utf8_lossy(&records[6])
        .replace("WARC/1.1", "WARC/1.0")
        .replace(
            "https://hiss.example/undated.html",
            "<https://hiss.example/undated.html>",
        );
    let (posts, bad) = read_bytes("old.warc", old.as_bytes());
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(
        posts[0].url.as_deref(),
        Some("https://hiss.example/undated.html")
    );
}

#[test]
fn what_stands_before_a_cut_is_kept() {
    let (records, expected) = crawl();
    let before: usize = records[..5].iter().map(Vec::len).sum();
    let plain = records.concat();
    // In the middle of the third post.
    let cut = before + records[5].len() - 60;
    let (posts, bad) = read_bytes("cut.warc", &plain[..cut]);
    assert_eq!(titles(&posts), expected[..2]);
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert_eq!(bad[0].entry, "https://hiss.example/third.html");
    assert_eq!(bad[0].offset, Some(before as u64));

    let members: Vec<Vec<u8>> = records.iter().map(|r| gzip(r)).collect();
    let mut bytes = members[..5].concat();
    bytes.extend_from_slice(&members[5][..members[5].len() - 30]);
    let (posts, bad) = read_bytes("cut.warc.gz", &bytes);
    assert_eq!(titles(&posts), expected[..2]);
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert!(bad[0].offset.is_some());
}

#[test]
fn a_damaged_record_costs_itself_alone() {
    let (mut records, expected) = crawl();
    // A length that is wrong: reading goes on where the next record opens.
    let text = String::from_utf8(records[6].clone()).unwrap();
    let at = text.find("Content-Length: ").unwrap() + 16;
    let end = at + text[at..].find('\r').unwrap();
    let mut wrong = records[6].clone();
    wrong.splice(at..end, b"40".iter().copied());
    let before: usize = records[..6].iter().map(Vec::len).sum();
    records[6] = wrong;
    let (posts, bad) = read_bytes("wrong.warc", &records.concat());
    assert_eq!(titles(&posts), expected[..3]);
    assert_eq!(bad.len(), 1, "{bad:?}");
    let offset = bad[0].offset.unwrap() as usize;
    assert!((before..before + records[6].len()).contains(&offset));
}

#[test]
fn the_last_capture_of_an_edited_post_counts_but_no_stub() {
    let html = "200 OK\r\nContent-Type: text/html; charset=utf-8";
    let at = |year: &str, page: &str| {
        let record = response("/glovebox.html", html, page.as_bytes());
        let text = String::from_utf8(record).unwrap();
        text.replace("WARC-Date: 2023", &format!("WARC-Date: {year}"))
    };
    let rows = [
        "Survivor - Burning Heart",
        "Robert Teppper - No Easy Way Out",
        "Kenny Loggins - Double or Nothing",
    ];
    let misspelt = post(
        "Found in a glovebox, so much longer a title than later",
        "2009-04-05",
        &rows,
    );
    let mended = post(
        "Found in a glovebox",
        "2009-04-05",
        &[rows[0], "Robert Tepper - No Easy Way Out", rows[2]],
    );
    let gone = post("Found in a glovebox", "2009-04-05", &[]).replace(
        "The deck was warm, and the tape was older than the car it was found in.",
        "Gone.",
    );
    let captures = [("2012", &misspelt), ("2013", &mended), ("2014", &gone)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let archive = Archive::new();
        for (name, which) in order.iter().enumerate() {
            let (year, page) = captures[*which];
            archive.write(&format!("crawl/{name}.warc"), at(year, page));
        }
        let report = archive.json(&["index", "crawl"]);
        assert_eq!(report["posts"], 1, "{order:?}");
        let hits = archive.json(&["search", "artist:tepper"]);
        assert_eq!(
            hits["hits"][0]["post"]["title"], "Found in a glovebox",
            "{order:?}"
        );
        let misspelt = archive.json(&["search", "--exact", "teppper"]);
        assert_eq!(misspelt["total"], 0, "{order:?}");
    }
}
