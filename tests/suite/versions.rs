//! Indexes that earlier versions wrote: built anew where their sources are known, told clearly where they are not,
//! and left as they are until the new one is whole.

use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::archive::{Archive, code, copy, errors};

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/versions")
}

/// The index of a format, and beside it the posts that it was made of.
fn of_format(format: u32) -> Archive {
    let archive = Archive::new();
    let index = fixtures().join(format!("format-{format}"));
    copy(&index, &archive.path("index"));
    copy(&fixtures().join("posts"), &archive.path("posts"));
    archive
}

/// Says in the ledger that the posts lie where they lie now.
fn moved(archive: &Archive) {
    let ledger = archive.path("index/main/ledger.1");
    let bytes = fs::read(&ledger).unwrap();
    let mut lines = bytes.splitn(3, |b| *b == b'\n');
    let (head, roots, rest) = (
        lines.next().unwrap(),
        lines.next().unwrap(),
        lines.next().unwrap(),
    );
    let head = String::from_utf8(head.to_vec()).unwrap();
    let (words, _) = head.rsplit_once(' ').unwrap();
    let here = archive.path("posts").canonicalize().unwrap();
    let roots = String::from_utf8(roots.to_vec()).unwrap();
    let roots = roots.replace("/archive/posts", here.to_str().unwrap());
    let sum = xxh3_64(roots.as_bytes());
    let mut text = format!("{words} {sum:016x}\n{roots}\n").into_bytes();
    text.extend_from_slice(rest);
    fs::write(ledger, text).unwrap();
}

#[test]
fn every_earlier_format_has_a_fixture() {
    for format in 1..deepcut::engine::tantivy::FORMAT_VERSION {
        let manifest = fixtures().join(format!("format-{format}/main/manifest"));
        let head = fs::read(&manifest).unwrap();
        let magic = format!("deepcut-index {format} ");
        assert!(head.starts_with(magic.as_bytes()), "{manifest:?}");
    }
}

#[test]
fn an_index_whose_sources_are_known_is_built_anew() {
    let archive = of_format(2);
    moved(&archive);
    let told = archive.run(&["doctor"]);
    assert_eq!(code(&told), 1);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(
        text.contains("format 2; this deepcut reads and writes"),
        "{text}"
    );
    assert!(text.contains("builds it anew from its sources"), "{text}");
    let asked = archive.run(&["search", "tepper", "--format", "json"]);
    assert_eq!(code(&asked), 0, "{}", errors(&asked));
    assert!(
        errors(&asked).contains("has format 2"),
        "{}",
        errors(&asked)
    );
    assert!(
        errors(&asked).contains("building it anew"),
        "{}",
        errors(&asked)
    );
    assert_eq!(archive.titles("tepper"), ["Harbour tape"]);
    assert_eq!(archive.titles("danger"), ["Second side"]);
    assert_eq!(code(&archive.run(&["doctor"])), 0);
    assert_eq!(archive.json(&["index"])["unchanged"], 2);
}

#[test]
fn an_index_whose_sources_are_gone_or_unknown_says_so_and_stays() {
    for format in 1..deepcut::engine::tantivy::FORMAT_VERSION {
        let archive = of_format(format);
        let manifest = archive.path("index/main/manifest");
        let before = fs::read(&manifest).unwrap();
        let asked = archive.run(&["search", "tepper"]);
        assert_eq!(code(&asked), 3, "{format}: {}", errors(&asked));
        let said = errors(&asked);
        assert!(
            said.contains(&format!("has format {format}")),
            "{format}: {said}"
        );
        assert!(said.contains("could not be built anew"), "{format}: {said}");
        assert_eq!(fs::read(&manifest).unwrap(), before, "{format}");
        // Named, the posts are all it takes.
        let repaired = archive.run(&["repair", "posts", "--allow-shrink"]);
        assert_eq!(code(&repaired), 0, "{format}: {}", errors(&repaired));
        assert_eq!(archive.titles("tepper"), ["Harbour tape"], "{format}");
    }
}
