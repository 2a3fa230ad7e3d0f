//! Ctrl-C in the middle of a run: what is done is committed, the next run goes on.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::archive::{Archive, code, errors, signal};

const QUERIES: &[&str] = &["tepper", "edited", "artist:tepper track:easy", "\"word 7\""];

const FILES: usize = 24;
/// Posts of a file; few enough in all that every order of answers is exact.
const POSTS: usize = 2;

/// Writes `FILES` files; the posts of those in `edited` say so. Returns their bytes.
fn write(archive: &Archive, edited: std::ops::Range<usize>) -> u64 {
    let mut bytes = 0;
    for file in 0..FILES {
        let mut text = String::new();
        for post in 0..POSTS {
            let mut prose = String::new();
            for word in 0..2_500 {
                prose.push_str(&format!("word {} of {file} ", word % (file + post + 10)));
            }
            if edited.contains(&file) {
                prose.push_str("and edited");
            }
            let rows = [
                "Survivor - Burning Heart",
                "Robert Tepper - No Easy Way Out",
            ];
            let line = serde_json::json!({
                "title": format!("Post {file} {post}"), "text": prose,
                "tracks": rows.map(|r| {
                    let (artist, title) = r.split_once(" - ").unwrap();
                    serde_json::json!({"artist": artist, "title": title})
                }),
            });
            text.push_str(&format!("{line}\n"));
        }
        let path = format!("p/{file:03}.jsonl");
        bytes += text.len() as u64;
        if fs::read_to_string(archive.path(&path)).ok().as_ref() != Some(&text) {
            archive.write(&path, text);
        }
    }
    bytes
}

/// Bytes that a process has read so far.
fn has_read(child: &Child) -> u64 {
    let io = fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
    let line = io.lines().find_map(|l| l.strip_prefix("rchar: ")).unwrap();
    line.parse().unwrap()
}

/// Interrupts a run that has read about a third of its sources; `None` where it was over too soon.
fn attempt(archive: &Archive, args: &[&str], bytes: u64) -> Option<Output> {
    let mut all = vec!["index", "p", "--threads", "1", "--format", "json"];
    all.extend(args);
    let mut child = archive
        .command(&all)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    loop {
        // It stands still while it is looked at: the signal finds it where it was seen.
        signal(&child, "STOP");
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        let read = has_read(&child);
        if read > bytes / 3 {
            signal(&child, "INT");
            signal(&child, "CONT");
            let output = child.wait_with_output().unwrap();
            return (read < bytes * 2 / 3).then_some(output);
        }
        signal(&child, "CONT");
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// The same, with as many attempts as a busy machine may need; `again` makes the index what it was.
fn interrupt(archive: &Archive, args: &[&str], bytes: u64, again: &dyn Fn()) -> (Output, Value) {
    for _ in 0..10 {
        if let Some(output) = attempt(archive, args, bytes) {
            assert_eq!(code(&output), 130, "{}", errors(&output));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["interrupted"], true);
            return (output, report);
        }
        again();
    }
    panic!("no run could be interrupted half-way");
}

fn fresh(archive: &Archive) -> Vec<String> {
    let output = archive.command_on("fresh", &["index", "p"]).output();
    assert_eq!(code(&output.unwrap()), 0);
    archive.answers("fresh", QUERIES).unwrap()
}

#[test]
fn a_first_run_that_is_interrupted_keeps_what_it_has_and_goes_on() {
    let archive = Archive::in_memory();
    let bytes = write(&archive, 0..0);
    let (output, report) = interrupt(&archive, &[], bytes, &|| {
        let _ = fs::remove_dir_all(archive.path("index"));
    });
    assert!(
        errors(&output).contains("the next run goes on"),
        "{}",
        errors(&output)
    );
    let all = (FILES * POSTS) as u64;
    let done = report["posts"].as_u64().unwrap();
    assert!(0 < done && done < all, "{done} of {all}");
    // What is done is there, whole.
    let stats = archive.json(&["stats"]);
    assert_eq!(
        (&stats["posts"], &stats["tracks"]),
        (&done.into(), &(2 * done).into())
    );
    let rows = archive.json(&["search", "artist:tepper track:easy", "--limit", "1"]);
    assert_eq!(rows["total"], done);
    // The next run reads the rest alone.
    let rest = archive.json(&["index"]);
    assert_eq!(
        (&rest["new"], &rest["posts"], &rest["interrupted"]),
        (&(all - done).into(), &all.into(), &false.into())
    );
    assert!(archive.answers("index", QUERIES).unwrap() == fresh(&archive));
}

#[test]
fn an_update_that_is_interrupted_loses_nothing_and_goes_on() {
    let archive = Archive::in_memory();
    write(&archive, 0..0);
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    crate::archive::copy(&archive.path("index"), &archive.path("before"));
    let bytes = write(&archive, 0..FILES);
    fs::remove_file(archive.path("p/000.jsonl")).unwrap();
    let (_, report) = interrupt(&archive, &[], bytes, &|| {
        fs::remove_dir_all(archive.path("index")).unwrap();
        crate::archive::copy(&archive.path("before"), &archive.path("index"));
    });
    // Old or new, every post that was not removed is there.
    let all = ((FILES - 1) * POSTS) as u64;
    assert_eq!(report["posts"], all);
    let edited = archive.json(&["search", "edited", "--limit", "1"])["total"]
        .as_u64()
        .unwrap();
    assert!(0 < edited && edited < all, "{edited} of {all}");
    assert_eq!(archive.json(&["index"])["changed"], all - edited);
    assert!(archive.answers("index", QUERIES).unwrap() == fresh(&archive));
}

#[test]
fn a_rebuild_that_is_interrupted_leaves_the_old_index() {
    let archive = Archive::in_memory();
    let bytes = write(&archive, 0..0);
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    let manifest = || fs::read(archive.path("index/main/manifest")).unwrap();
    let before = std::cell::RefCell::new(manifest());
    let (output, _) = interrupt(&archive, &["--rebuild"], bytes, &|| {
        // The rebuild was done before the interrupt came: what it built is the old index of the next try.
        fs::write(archive.path("index/main/manifest"), "damaged").unwrap();
        assert_eq!(code(&archive.run(&["index", "p"])), 0);
        *before.borrow_mut() = manifest();
    });
    assert!(
        errors(&output).contains("the old one stays"),
        "{}",
        errors(&output)
    );
    assert!(manifest() == *before.borrow());
    assert_eq!(
        archive.json(&["stats"])["posts"].as_u64(),
        Some((FILES * POSTS) as u64)
    );
    assert_eq!(code(&archive.run(&["index", "--rebuild"])), 0);
    assert!(!archive.path("index/main/rebuilding").exists());
}
