//! Private data: e-mail addresses and IP addresses of commenters stand in exports, and nowhere after that: not in a
//! term, a stored post, the ledger, the manifest or an answer, nor as a hash.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::bytes::Regex;
use tantivy::schema::{FieldType, IndexRecordOption};
use xxhash_rust::xxh3::xxh3_64;

use crate::archive::{Archive, code, errors};
use deepcut::engine::ReadEngine;
use deepcut::engine::tantivy::TantivyReader;

/// Addresses that a commenter, and nobody else, has; what an export says beside each comment.
const EMAILS: &[&str] = &[
    "kettle.keeper@mail.example",
    "Second.Reader+tapes@mail.example",
    "third@post.example",
];
const ADDRESSES: &[&str] = &["192.0.2.61", "198.51.100.23", "2001:db8::17:2a"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Exports with the secrets above, one of each kind that carries them.
fn exports(archive: &Archive) {
    let [one, two, three] = EMAILS else {
        unreachable!()
    };
    let [a, b, c] = ADDRESSES else { unreachable!() };
    // What a service makes of an e-mail to find a picture.
    let avatar = format!(
        "https://secure.gravatar.com/avatar/{}?s=56",
        digest("md5sum", one)
    );
    archive.write(
        "p/wordpress.xml",
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Kettle Tapes</title><link>https://kettle.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login>mo</wp:author_login><wp:author_email>{three}</wp:author_email></wp:author>
<item><title>Steam on the window</title><link>https://kettle.example/steam</link><dc:creator>mo</dc:creator>
<content:encoded><![CDATA[<p>Prose about a kettle.</p><ol><li>Calico - Lantern</li><li>Harbour - Low Tide</li><li>Survivor - Burning Heart</li></ol>]]></content:encoded>
<wp:post_id>1</wp:post_id><wp:post_date>2011-03-04 10:00:00</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_author>Kettle Keeper</wp:comment_author><wp:comment_author_email>{one}</wp:comment_author_email><wp:comment_author_url></wp:comment_author_url><wp:comment_author_IP>{a}</wp:comment_author_IP><wp:comment_date>2011-03-05 10:00:00</wp:comment_date><wp:comment_content>Mine whistles.</wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type></wp:comment>
<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_author>{two}</wp:comment_author><wp:comment_author_email>{two}</wp:comment_author_email><wp:comment_author_url>mailto:{two}</wp:comment_author_url><wp:comment_author_IP>{c}</wp:comment_author_IP><wp:comment_date>2011-03-06 10:00:00</wp:comment_date><wp:comment_content>Mine sings.</wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type></wp:comment>
</item></channel></rss>"#
        ),
    );
    archive.write(
        "p/disqus.xml",
        format!(
            r#"<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id/><forum>kettle</forum><link>https://kettle.example/steam</link><title>Steam on the window</title><createdAt>2011-03-04T10:00:00Z</createdAt><author><email>{three}</email><name>Mo</name></author><ipAddress>{b}</ipAddress></thread>
<post dsq:id="7"><id/><message><![CDATA[<p>So does ours.</p>]]></message><createdAt>2011-03-07T10:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><email>{two}</email><name>Second</name><isAnonymous>true</isAnonymous></author><ipAddress>{b}</ipAddress><thread dsq:id="1"/></post>
</disqus>"#
        ),
    );
    archive.write(
        "p/page.html",
        format!(
            r#"<html><head><title>Tea towel tape</title></head><body class="single"><article class="post"><h1 class="entry-title">Tea towel tape</h1>
<div class="entry-content"><p>Prose about a tea towel, long enough to be the prose of a post, and no more than that.</p>
<ol><li>Calico - Lantern</li><li>Harbour - Low Tide</li><li>Survivor - Burning Heart</li></ol></div></article>
<ol class="commentlist"><li class="comment" id="comment-9"><div class="comment-author vcard"><img alt="" src="{avatar}"><cite class="fn"><a href="mailto:{one}">Kettle Keeper</a></cite></div>
<div class="comment-meta"><time datetime="2011-04-01T10:00:00Z">April 1, 2011</time> <span class="ip">{a}</span></div><div class="comment-content"><p>A towel well chosen.</p></div></li></ol></body></html>"#
        ),
    );
    archive.write(
        "p/lines.jsonl",
        format!(
            "{}\n",
            serde_json::json!({"title": "Saucer", "text": "Prose of a saucer.", "comments": [
                {"id": "1", "author": "Kettle Keeper", "email": one, "ip": a, "author_email": three, "text": "Clink."}]})
        ),
    );
}

/// A digest as the usual tool prints it.
fn digest(tool: &str, text: &str) -> String {
    use std::io::Write;
    let mut child = Command::new(tool)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split(' ').next().unwrap().to_owned()
}

/// Every form in which a secret could be kept.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for text in [secret.to_owned(), secret.to_lowercase()] {
        all.push(text.as_bytes().to_vec());
        for tool in ["md5sum", "sha1sum", "sha256sum", "sha512sum"] {
            let hex = digest(tool, &text);
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect();
            all.push(hex.into_bytes());
            all.push(bytes);
        }
        let xxh = xxh3_64(text.as_bytes());
        all.push(format!("{xxh:016x}").into_bytes());
        all.push(xxh.to_le_bytes().to_vec());
        all.push(xxh.to_be_bytes().to_vec());
    }
    all.sort();
    all.dedup();
    all
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Everything that an index holds and says, each with where it is.
fn dump(archive: &Archive) -> Vec<(String, Vec<u8>)> {
    let base = archive.path("index/main");
    let mut all = Vec::new();
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => all.push((path.display().to_string(), fs::read(&path).unwrap())),
            }
        }
    }
    // What lies packed in those files: stored posts and every term of every field.
    let reader = TantivyReader::open(&base).unwrap();
    reader
        .for_each(&mut |archived| {
            all.push((
                format!("stored {}", archived.post.id),
                format!("{archived:?}").into_bytes(),
            ));
            true
        })
        .unwrap();
    let manifest = fs::read_to_string(base.join("manifest")).unwrap();
    let (_, body) = manifest.split_once('\n').unwrap();
    let manifest: serde_json::Value = serde_json::from_str(body).unwrap();
    for part in ["posts", "rows"] {
        let copy = tempfile::tempdir().unwrap();
        crate::archive::copy(&base.join(part), copy.path());
        fs::write(
            copy.path().join("meta.json"),
            manifest[part].as_str().unwrap(),
        )
        .unwrap();
        let index = tantivy::Index::open_in_dir(copy.path()).unwrap();
        let mut terms = Vec::new();
        for segment in index.reader().unwrap().searcher().segment_readers() {
            for (field, entry) in index.schema().fields() {
                let indexed = match entry.field_type() {
                    FieldType::Str(options) => {
                        options.get_indexing_options().map(|o| o.index_option())
                    }
                    _ => None,
                };
                if indexed.is_none_or(|option| option < IndexRecordOption::Basic) {
                    continue;
                }
                let inverted = segment.inverted_index(field).unwrap();
                let mut stream = inverted.terms().stream().unwrap();
                while stream.advance() {
                    terms.extend_from_slice(stream.key());
                    terms.push(b'\n');
                }
            }
        }
        assert!(terms.len() > 100, "{part}");
        all.push((format!("terms of {part}"), terms));
    }
    let mut commands: Vec<Vec<String>> = ["json", "jsonl", "csv", "markdown", "text"]
        .iter()
        .flat_map(|format| {
            [
                vec!["search", "*", "--limit", "100", "--facets", "--explain"],
                vec!["search", "kettle"],
                vec!["search", "by:second", "-v"],
                vec!["tracks", "*"],
                vec!["artists"],
                vec!["stats"],
                vec!["stats", "--sources"],
                vec!["doctor"],
            ]
            .into_iter()
            .map(|command| {
                let mut command: Vec<String> = command.into_iter().map(str::to_owned).collect();
                command.extend(["--format".to_owned(), (*format).to_owned()]);
                command
            })
        })
        .collect();
    for entry in fs::read_dir(archive.path("p")).unwrap().flatten() {
        let path = entry.path().display().to_string();
        for format in ["json", "text"] {
            let why = ["inspect", &path, "--why", "--format", format];
            commands.push(why.map(str::to_owned).to_vec());
        }
    }
    for command in commands {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = archive.run(&args);
        let said = [output.stdout, output.stderr].concat();
        all.push((format!("deepcut {}", command.join(" ")), said));
    }
    all
}

#[test]
fn no_address_of_a_commenter_is_anywhere() {
    let archive = Archive::in_memory();
    exports(&archive);
    let run = archive.run(&["index", "p", "-v"]);
    assert_eq!(code(&run), 0, "{}", errors(&run));
    let stats = archive.json(&["stats"]);
    assert_eq!(
        (&stats["posts"], &stats["comments"]),
        (&3.into(), &5.into()),
        "{stats}"
    );
    let all = dump(&archive);
    let mut found = BTreeSet::new();
    for secret in EMAILS.iter().chain(ADDRESSES) {
        for form in forms(secret) {
            for (place, text) in &all {
                if contains(text, &form) {
                    found.insert(format!(
                        "{secret} as {:?} in {place}",
                        String::from_utf8_lossy(&form)
                    ));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    // The search finds what it looks for: it would find an address.
    let known = all
        .iter()
        .filter(|(_, text)| contains(text, b"Kettle Keeper"));
    assert!(known.count() > 10);
}

#[test]
fn no_address_of_the_fixtures_is_anywhere() {
    let archive = Archive::in_memory();
    crate::archive::copy(&fixtures(), &archive.path("p"));
    let run = archive.run(&["index", "p"]);
    assert!(matches!(code(&run), 0 | 4), "{}", errors(&run));
    let address = Regex::new(r"[A-Za-z0-9._+-]+@mail\.example|\b192\.0\.2\.\d+\b").unwrap();
    for (place, text) in dump(&archive) {
        // Prose may name an address: its author wrote it for everyone.
        let found: BTreeSet<String> = address
            .find_iter(&text)
            .map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned())
            .collect();
        assert!(found.is_empty(), "{place}: {found:?}");
    }
}
