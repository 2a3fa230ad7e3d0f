//! An index that is damaged, of another version or half-built: told clearly, built anew beside the old one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use deepcut::engine::tantivy::FORMAT_VERSION;

use crate::archive::{Archive, capture, code, errors};

/// Two roots, one of them a single file.
fn two_roots() -> Archive {
    let archive = Archive::new();
    for n in 0..6 {
        archive.write(
            &format!("a/{n}.txt"),
            capture(&format!("Number {n}"), "Prose of the first."),
        );
    }
    archive.write(
        "b.jsonl",
        "{\"title\": \"Other\", \"text\": \"of the second\"}\n",
    );
    assert_eq!(code(&archive.run(&["index", "a", "b.jsonl"])), 0);
    archive
}

fn manifest(archive: &Archive) -> std::path::PathBuf {
    archive.path("index/main/manifest")
}

/// Every file of the index but the lock, with its content.
fn files(archive: &Archive) -> BTreeMap<String, Vec<u8>> {
    let base = archive.path("index/main");
    let mut all = BTreeMap::new();
    for sub in ["", "posts", "rows"] {
        for entry in fs::read_dir(base.join(sub)).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                all.insert(format!("{sub}/{name}"), fs::read(entry.path()).unwrap());
            }
        }
    }
    all.remove("/deepcut.lock");
    all
}

/// Writes a manifest with another first number and a sound checksum.
fn of_format(path: &Path, format: u32) {
    let text = fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once('\n').unwrap();
    let sum = xxh3_64(body.as_bytes());
    fs::write(path, format!("deepcut-index {format} {sum:016x}\n{body}")).unwrap();
}

#[test]
fn whatever_is_wrong_is_told_and_the_hint_works() {
    type Harm = fn(&Archive);
    let harms: &[(&str, &str, Harm)] = &[
        ("a flipped byte", "damaged", |a| {
            let mut bytes = fs::read(manifest(a)).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(manifest(a), bytes).unwrap();
        }),
        ("a manifest cut short", "damaged", |a| {
            let bytes = fs::read(manifest(a)).unwrap();
            fs::write(manifest(a), &bytes[..bytes.len() / 3]).unwrap();
        }),
        ("an empty manifest", "damaged", |a| {
            fs::write(manifest(a), "").unwrap();
        }),
        ("a newer format", "other-version", |a| {
            of_format(&manifest(a), 999)
        }),
        ("other fields", "damaged", |a| {
            let text = fs::read_to_string(manifest(a)).unwrap();
            let (_, body) = text.split_once('\n').unwrap();
            let mut value: serde_json::Value = serde_json::from_str(body).unwrap();
            value["fingerprint"] = 7.into();
            fs::write(manifest(a), format!("deepcut-index 0 0\n{value}")).unwrap();
            of_format(&manifest(a), FORMAT_VERSION);
        }),
        ("a lost segment", "damaged", |a| {
            for entry in fs::read_dir(a.path("index/main/posts")).unwrap().flatten() {
                if entry.path().extension().is_some_and(|e| e == "term") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }),
        ("segments cut short", "damaged", |a| {
            for entry in fs::read_dir(a.path("index/main/posts")).unwrap().flatten() {
                fs::write(entry.path(), "").unwrap();
            }
        }),
    ];
    for (what, word, harm) in harms {
        let archive = two_roots();
        harm(&archive);
        for command in [&["search", "prose"][..], &["stats"], &["show", "Other"]] {
            let told = archive.run(command);
            assert_eq!(code(&told), 3, "{what}: {}", errors(&told));
            assert!(
                errors(&told).contains("`deepcut repair`"),
                "{what}: {}",
                errors(&told)
            );
        }
        let mut command = archive.command(&["search", "x", "--format", "json"]);
        let error: serde_json::Value =
            serde_json::from_slice(&command.output().unwrap().stderr).unwrap();
        assert_eq!(error["error"]["code"], *word, "{what}");
        let dry = archive.json(&["index", "--dry-run"]);
        assert!(
            dry["rebuilt"].is_string() && dry["new"] == 7,
            "{what}: {dry}"
        );

        let again = archive.run(&["index"]);
        assert_eq!(code(&again), 0, "{what}: {}", errors(&again));
        assert!(errors(&again).contains("building it anew"), "{what}");
        let stats = archive.json(&["stats"]);
        assert_eq!(
            (&stats["posts"], &stats["tracks"]),
            (&7.into(), &18.into()),
            "{what}"
        );
        assert_eq!(stats["sources"].as_array().unwrap().len(), 2, "{what}");
        assert_eq!(archive.titles("\"of the second\""), ["Other"], "{what}");
        assert_eq!(
            archive.titles("artist:tepper track:easy title:3"),
            ["Number 3"]
        );
        // And from there on it is an index like any other.
        let calm = archive.json(&["index"]);
        assert_eq!(
            (&calm["unchanged"], &calm["rebuilt"]),
            (&7.into(), &serde_json::Value::Null)
        );
    }
}

#[test]
fn an_index_of_an_earlier_version_is_built_anew_by_whoever_asks() {
    for command in [&["search", "prose"][..], &["stats"], &["show", "Other"]] {
        let archive = two_roots();
        of_format(&manifest(&archive), FORMAT_VERSION - 1);
        let asked = archive.run(command);
        assert_eq!(code(&asked), 0, "{command:?}: {}", errors(&asked));
        assert!(errors(&asked).contains("building it anew"), "{command:?}");
        assert!(!asked.stdout.is_empty());
        let calm = archive.json(&["index"]);
        assert_eq!(calm["unchanged"], 7, "{command:?}: {calm}");
    }
    // Without its sources it stays as it was.
    let archive = two_roots();
    of_format(&manifest(&archive), FORMAT_VERSION - 1);
    fs::rename(archive.path("a"), archive.path("gone")).unwrap();
    let old = files(&archive);
    let asked = archive.run(&["search", "prose"]);
    assert_eq!(code(&asked), 3, "{}", errors(&asked));
    assert!(errors(&asked).contains("could not be built anew"));
    assert_eq!(files(&archive), old);
}

#[test]
fn lost_rows_are_noticed_by_the_next_run() {
    let archive = two_roots();
    for entry in fs::read_dir(archive.path("index/main/rows"))
        .unwrap()
        .flatten()
    {
        fs::remove_file(entry.path()).unwrap();
    }
    let again = archive.json(&["index"]);
    assert!(again["rebuilt"].is_string(), "{again}");
    assert_eq!(archive.titles("artist:tepper track:easy").len(), 6);
}

#[test]
fn the_old_index_stays_until_the_new_one_is_whole() {
    let archive = two_roots();
    of_format(&manifest(&archive), 999);
    let old = files(&archive);
    // A build that fails: a source is not there.
    fs::rename(archive.path("a"), archive.path("gone")).unwrap();
    let refused = archive.run(&["index"]);
    assert_eq!(code(&refused), 2);
    assert!(
        errors(&refused).contains("--allow-shrink"),
        "{}",
        errors(&refused)
    );
    assert_eq!(files(&archive), old);
    // Without that source, because the user says so.
    let smaller = archive.run(&["index", "--allow-shrink"]);
    assert_eq!(code(&smaller), 0, "{}", errors(&smaller));
    assert!(
        errors(&smaller).contains("is not there"),
        "{}",
        errors(&smaller)
    );
    assert_eq!(archive.json(&["stats"])["posts"], 1);
}

#[test]
fn a_named_source_brings_the_others_along() {
    let archive = two_roots();
    fs::write(manifest(&archive), "rubbish").unwrap();
    archive.write("c/new.txt", capture("Third", "Prose of the third."));
    assert_eq!(archive.json(&["index", "c"])["posts"], 8);
    // Refreshing before a search does the same.
    fs::write(manifest(&archive), "rubbish").unwrap();
    let found = archive.run(&["search", "third", "--from", "c"]);
    assert_eq!(code(&found), 0, "{}", errors(&found));
    assert_eq!(archive.json(&["stats"])["posts"], 8);
}

#[test]
fn with_nothing_left_to_learn_from_a_path_is_asked_for() {
    let archive = two_roots();
    for name in ["manifest", "ledger.1", "sources.1"] {
        fs::write(archive.path("index/main").join(name), "rubbish").unwrap();
    }
    let told = archive.run(&["index"]);
    assert_eq!(code(&told), 3);
    assert!(
        errors(&told).contains("deepcut repair PATH"),
        "{}",
        errors(&told)
    );
    assert_eq!(archive.json(&["index", "a"])["posts"], 6);
    assert_eq!(archive.titles("first title:2"), ["Number 2"]);
}

#[test]
fn a_sound_index_is_built_anew_where_asked() {
    let archive = two_roots();
    assert_eq!(archive.json(&["index", "--rebuild"])["new"], 7);
    assert_eq!(archive.json(&["index"])["unchanged"], 7);
    assert_eq!(archive.titles("other"), ["Other"]);
    // Nothing of the old one is left.
    let posts = fs::read_dir(archive.path("index/main/posts"))
        .unwrap()
        .count();
    assert!(posts < 20, "{posts} files");
}
