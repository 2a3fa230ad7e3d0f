//! `doctor` and `repair`: what is wrong is found and named, a repair mends it, and neither does anything else.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::archive::{Archive, capture, code, copy, errors};

fn with_comment(title: &str) -> String {
    format!(
        "{}\n1 Response to “{title}”\n\n  1. The kettle again.\n\nLeave a Reply\n",
        capture(title, "Prose of the first.")
    )
}

fn archive() -> Archive {
    let archive = Archive::in_memory();
    for n in 0..6 {
        archive.write(&format!("p/{n}.txt"), with_comment(&format!("Number {n}")));
    }
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    // Files of deletions, and more than one segment.
    archive.write("p/1.txt", with_comment("Number One"));
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    archive
}

fn base(archive: &Archive) -> std::path::PathBuf {
    archive.path("index/main")
}

/// Verdicts by check, in the order in which they are printed.
fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|c| (text(&c["check"]), text(&c["verdict"])))
        .collect()
}

fn verdict(report: &Value, name: &str) -> String {
    let all = verdicts(report);
    let found = all.iter().find(|(check, _)| check == name);
    found
        .unwrap_or_else(|| panic!("no {name}: {all:?}"))
        .1
        .clone()
}

/// Every file below a folder, but what is empty.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            all.push(path);
        }
    }
    all.sort();
    all
}

#[test]
fn a_sound_index_is_called_sound_and_left_alone() {
    let archive = archive();
    let before: Vec<_> = files(&base(&archive))
        .into_iter()
        .map(|f| (fs::read(&f).unwrap(), f))
        .collect();
    let told = archive.run(&["doctor", "--format", "json"]);
    assert_eq!(code(&told), 0, "{}", errors(&told));
    let report: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(report["sound"], true);
    assert_eq!(
        verdicts(&report)
            .iter()
            .map(|(check, verdict)| (check.as_str(), verdict.as_str()))
            .filter(|(check, _)| *check != "space")
            .collect::<Vec<_>>(),
        [
            "manifest", "format", "files", "ledger", "records", "query", "sources", "aliases"
        ]
        .map(|check| (check, "ok"))
    );
    assert_eq!(
        report["checks"][4]["found"],
        "6 posts with 18 tracks and 6 comments, none without its post"
    );
    let repaired = archive.run(&["repair"]);
    assert_eq!(code(&repaired), 0);
    assert!(errors(&repaired).contains("nothing to repair"));
    let after: Vec<_> = files(&base(&archive))
        .into_iter()
        .map(|f| (fs::read(&f).unwrap(), f))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn each_damaged_file_is_named_by_doctor_and_by_search_and_mended_by_repair() {
    let archive = archive();
    let queries = ["tepper", "artist:tepper track:easy", "in:comments kettle"];
    let expected = archive.answers("index", &queries).unwrap();
    copy(&archive.path("index"), &archive.path("whole"));
    let all = files(&base(&archive));
    assert!(all.len() > 20, "{all:?}");
    for file in all {
        let name = file.strip_prefix(base(&archive)).unwrap();
        let name = name.to_str().unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(&file, &bytes).unwrap();
        let told = archive.run(&["doctor", "--format", "json"]);
        assert_eq!(code(&told), 1, "{name}: {}", errors(&told));
        let report: Value = serde_json::from_slice(&told.stdout).unwrap();
        let named: Vec<&str> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|c| c["files"].as_array().unwrap())
            .map(|f| f["file"].as_str().unwrap())
            .collect();
        assert_eq!(named, [name]);
        // What a search needs is verified by it: it changed since it was written.
        let part = name.split(['/', '.']).next().unwrap();
        let query = if part == "rows" {
            "artist:tepper track:easy"
        } else {
            "tepper"
        };
        let asked = archive.run(&["search", query]);
        if matches!(part, "posts" | "rows" | "manifest") {
            assert_eq!(code(&asked), 3, "{name}: {}", errors(&asked));
            assert!(errors(&asked).contains(name), "{name}: {}", errors(&asked));
        } else {
            assert_eq!(code(&asked), 0, "{name}: {}", errors(&asked));
        }
        let repaired = archive.run(&["repair", "--format", "json"]);
        assert_eq!(code(&repaired), 0, "{name}: {}", errors(&repaired));
        let report: Value = serde_json::from_slice(&repaired.stdout).unwrap();
        assert_eq!(report["sound"], true, "{name}");
        assert_eq!(
            archive.answers("index", &queries).unwrap(),
            expected,
            "{name}"
        );
        fs::remove_dir_all(archive.path("index")).unwrap();
        copy(&archive.path("whole"), &archive.path("index"));
    }
}

#[test]
fn damage_without_a_trace_never_makes_a_search_panic() {
    let archive = archive();
    for file in files(&base(&archive)) {
        let meta = fs::metadata(&file).unwrap();
        let whole = fs::read(&file).unwrap();
        for at in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x80;
            rewrite(&file, &bytes, &meta);
            for query in ["tepper", "artist:tepper track:easy", "tep*", "\"easy way\""] {
                let asked = archive.run(&["search", query, "--facets"]);
                let told = errors(&asked);
                assert!(matches!(code(&asked), 0..=3), "{file:?} {at}: {told}");
                assert!(!told.contains("panicked"), "{file:?} {at}: {told}");
            }
            let told = archive.run(&["doctor"]);
            assert_eq!(code(&told), 1, "{file:?} {at}");
        }
        rewrite(&file, &whole, &meta);
    }
    assert_eq!(code(&archive.run(&["doctor"])), 0);
}

/// Changes a file in place, under its old time.
fn rewrite(file: &Path, bytes: &[u8], meta: &fs::Metadata) {
    fs::write(file, bytes).unwrap();
    let open = fs::File::options().write(true).open(file).unwrap();
    open.set_modified(meta.modified().unwrap()).unwrap();
}

#[test]
fn a_copy_of_the_folder_is_an_index_and_is_known_again_after_a_run() {
    let archive = archive();
    let expected = archive.answers("index", &["tepper"]).unwrap();
    copy(&archive.path("index"), &archive.path("copy"));
    let doctor = |index: &str| -> Value {
        let told = archive
            .command_on(index, &["doctor", "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(code(&told), 0, "{}", errors(&told));
        serde_json::from_slice(&told.stdout).unwrap()
    };
    assert_eq!(verdict(&doctor("copy"), "moved"), "note");
    assert_eq!(archive.answers("copy", &["tepper"]).unwrap(), expected);
    let run = archive.command_on("copy", &["index"]).output().unwrap();
    assert_eq!(code(&run), 0, "{}", errors(&run));
    let known = doctor("copy");
    assert!(verdicts(&known).iter().all(|(check, _)| check != "moved"));
    assert_eq!(archive.answers("copy", &["tepper"]).unwrap(), expected);
}

#[test]
fn what_is_no_fault_is_a_note_with_advice() {
    let archive = archive();
    archive.write("p/new.txt", with_comment("New"));
    fs::remove_file(archive.path("p/5.txt")).unwrap();
    archive.write(
        "index/main/posts/0123456789abcdef0123456789abcdef.store",
        "rest",
    );
    let report = archive.json(&["doctor"]);
    assert_eq!(report["sound"], true);
    assert_eq!(verdict(&report, "sources"), "note");
    assert_eq!(verdict(&report, "strays"), "note");
    let text = archive.run(&["doctor"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("1 files new, 0 changed, 1 gone"), "{text}");
    assert!(text.contains("→ run `deepcut index`"), "{text}");
    assert!(text.contains("Nothing is wrong."), "{text}");
    // A source that is not there: answers are as right as before.
    fs::rename(archive.path("p"), archive.path("elsewhere")).unwrap();
    let report = archive.json(&["doctor"]);
    assert_eq!(report["sound"], true);
    assert_eq!(verdict(&report, "sources"), "note");
}

#[test]
fn without_an_index_there_is_nothing_to_check() {
    let archive = Archive::new();
    for command in ["doctor", "repair"] {
        let told = archive.run(&[command]);
        assert_eq!(code(&told), 3, "{command}");
        assert!(errors(&told).contains("no index"));
    }
}

#[test]
fn a_repair_without_its_source_leaves_what_stands_there() {
    let archive = archive();
    let manifest = base(&archive).join("manifest");
    let mut bytes = fs::read(&manifest).unwrap();
    bytes[30] ^= 1;
    fs::write(&manifest, &bytes).unwrap();
    fs::rename(archive.path("p"), archive.path("elsewhere")).unwrap();
    let told = archive.run(&["repair"]);
    assert_eq!(code(&told), 2, "{}", errors(&told));
    assert_eq!(fs::read(&manifest).unwrap(), bytes);
    // Its new place is named: the old one is gone for good.
    let told = archive.run(&["repair", "elsewhere", "--allow-shrink"]);
    assert_eq!(code(&told), 0, "{}", errors(&told));
    assert_eq!(archive.json(&["stats"])["posts"], 6);
}
