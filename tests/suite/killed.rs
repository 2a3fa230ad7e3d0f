//! A run that is killed, at whatever moment: the index answers as before it or as after it, nothing in
//! between, and the next run goes on as if nothing had happened.
#![cfg(unix)]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::archive::{Archive, capture, code, copy, errors};

/// What tells whether posts, rows and comments belong together.
const QUERIES: &[&str] = &[
    "tepper",
    "prose OR edited",
    "artist:tepper track:easy",
    "artist:calico track:lantern",
    "in:tracks harbour",
    "in:comments kettle",
    "has:comments sort:oldest",
];

const POSTS: usize = 12;

fn with_comment(title: &str, prose: &str) -> String {
    format!(
        "{}\n1 Response to “{title}”\n\n  1. The kettle again.\n\nLeave a Reply\n",
        capture(title, prose)
    )
}

/// An archive and, beside it, what it becomes: files edited, added, removed, renamed.
fn archive() -> Archive {
    let archive = Archive::in_memory();
    for n in 0..POSTS {
        archive.write(
            &format!("before/{n}.txt"),
            with_comment(&format!("Number {n}"), "Prose of the first."),
        );
    }
    copy(&archive.path("before"), &archive.path("after"));
    for n in 0..4 {
        let other = with_comment(&format!("Number {n}"), "Edited since.")
            .replace("Robert Tepper - No Easy Way Out", "Calico - Lantern")
            .replace("kettle", "teapot");
        archive.write(&format!("after/{n}.txt"), other);
    }
    archive.write(
        "after/new.txt",
        capture("New", "Harbour prose.").replace("Touch", "Harbour"),
    );
    fs::remove_file(archive.path("after/5.txt")).unwrap();
    fs::rename(
        archive.path("after/6.txt"),
        archive.path("after/renamed.txt"),
    )
    .unwrap();
    fs::create_dir(archive.path("p")).unwrap();
    archive
}

/// Makes the source what it is before or after the update; files that stay the same are not touched.
fn turn(archive: &Archive, what: &str) {
    let (from, to) = (archive.path(what), archive.path("p"));
    for entry in fs::read_dir(&to).unwrap().flatten() {
        if !from.join(entry.file_name()).exists() {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for entry in fs::read_dir(&from).unwrap().flatten() {
        let (text, path) = (fs::read(entry.path()).unwrap(), to.join(entry.file_name()));
        if fs::read(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text).unwrap();
        }
    }
}

fn index(archive: &Archive, name: &str) -> Child {
    archive
        .command_on(name, &["index", "p", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finish(archive: &Archive, name: &str) {
    let output = index(archive, name).wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", errors(&output));
}

/// A moment of a run, as far as it can be seen from outside.
#[derive(Clone, Debug)]
enum Moment {
    /// The index folder holds this many files more than before.
    Files(usize),
    /// The run is about to write this file of the index: the file is a pipe, which nobody empties.
    Writes(&'static str),
    /// This many milliseconds after the start, be it soon or late on this machine.
    Later(u64),
    /// The manifest is a new one; what it no longer names may be gone or not.
    Published,
}

fn files(base: &Path) -> usize {
    ["", "posts", "rows"]
        .iter()
        .filter_map(|sub| fs::read_dir(base.join(sub)).ok())
        .map(Iterator::count)
        .sum()
}

/// Starts a run and kills it at the moment. A run that is over before is as good.
fn kill_at(archive: &Archive, name: &str, moment: &Moment) {
    let base = archive.path(name).join("main");
    let manifest = || fs::read(base.join("manifest")).ok();
    let (before, old) = (files(&base), manifest());
    let mut child = match moment {
        Moment::Writes(file) => {
            let pipe = base.join(file);
            fs::create_dir_all(&base).unwrap();
            let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            let (say, opened) = mpsc::channel();
            let child = index(archive, name);
            let reads = pipe.clone();
            std::thread::spawn(move || {
                // Opens when the run opens it.
                let pipe = fs::File::open(reads);
                let _ = say.send(pipe);
            });
            let pipe_of_run = opened
                .recv_timeout(Duration::from_secs(60))
                .unwrap_or_else(|_| panic!("{file} is never written"));
            end(child);
            drop(pipe_of_run);
            fs::remove_file(pipe).unwrap();
            return;
        }
        _ => index(archive, name),
    };
    while child.try_wait().unwrap().is_none() {
        let now = match moment {
            Moment::Files(more) => files(&base) >= before + more,
            Moment::Published => manifest() != old,
            Moment::Later(ms) => {
                std::thread::sleep(Duration::from_millis(*ms));
                true
            }
            Moment::Writes(_) => unreachable!(),
        };
        if now {
            break;
        }
    }
    end(child);
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn assert_same(found: &[String], expected: &[String], moment: &Moment) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{moment:?}");
    }
    assert_eq!(found.len(), expected.len(), "{moment:?}");
}

/// Nothing lies in the folder that the manifest does not name.
fn assert_swept(base: &Path, moment: &Moment) {
    let manifest = fs::read_to_string(base.join("manifest"))
        .unwrap()
        .replace('-', "");
    let mut deletions = HashSet::new();
    for sub in ["posts", "rows"] {
        for entry in fs::read_dir(base.join(sub)).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            let segment = name.split('.').next().unwrap();
            assert!(manifest.contains(segment), "{moment:?}: {sub}/{name} stays");
            // A segment has one file of deletions at most.
            assert!(
                !name.ends_with(".del") || deletions.insert(segment.to_owned()),
                "{moment:?}: {sub}/{name} stays"
            );
        }
    }
    let mut top: Vec<String> = fs::read_dir(base)
        .unwrap()
        .flatten()
        .map(|e| e.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("ledger.") && !name.starts_with("sources."))
        .collect();
    top.sort();
    assert_eq!(
        top,
        ["deepcut.lock", "manifest", "posts", "rows"],
        "{moment:?}"
    );
}

#[test]
fn a_first_run_that_is_killed_leaves_nothing_or_all() {
    let archive = archive();
    turn(&archive, "before");
    finish(&archive, "fresh");
    let whole = archive.answers("fresh", QUERIES).unwrap();
    let moments = (1..19)
        .step_by(2)
        .map(Moment::Files)
        .chain(["ledger.1", "sources.1", "manifest.new"].map(Moment::Writes))
        .chain([Moment::Published])
        .chain([2, 20, 80].map(Moment::Later));
    for moment in moments {
        kill_at(&archive, "killed", &moment);
        let published = match archive.answers("killed", QUERIES) {
            Ok(answers) => {
                assert_same(&answers, &whole, &moment);
                true
            }
            Err(error) => {
                assert!(error.contains("no index"), "{moment:?}: {error}");
                false
            }
        };
        finish(&archive, "killed");
        assert_same(
            &archive.answers("killed", QUERIES).unwrap(),
            &whole,
            &moment,
        );
        // A run that finds nothing to do writes nothing, and sweeps nothing.
        if !published {
            assert_swept(&archive.path("killed/main"), &moment);
        }
        fs::remove_dir_all(archive.path("killed")).unwrap();
    }
}

#[test]
fn an_update_that_is_killed_leaves_the_old_or_the_new() {
    let archive = archive();
    turn(&archive, "before");
    finish(&archive, "base");
    let old = archive.answers("base", QUERIES).unwrap();
    turn(&archive, "after");
    finish(&archive, "fresh");
    let new = archive.answers("fresh", QUERIES).unwrap();
    assert_ne!(old, new);
    let moments = (1..22)
        .step_by(3)
        .map(Moment::Files)
        .chain(["ledger.2", "sources.2", "manifest.new"].map(Moment::Writes))
        .chain([Moment::Published, Moment::Published])
        .chain([2, 20, 80].map(Moment::Later));
    let mut unchanged = 0;
    for moment in moments {
        copy(&archive.path("base"), &archive.path("killed"));
        kill_at(&archive, "killed", &moment);
        let answers = archive.answers("killed", QUERIES).unwrap();
        if answers != old {
            assert_same(&answers, &new, &moment);
        }
        let published = answers == new;
        unchanged += usize::from(!published);
        if matches!(moment, Moment::Writes(_)) {
            assert_same(&answers, &old, &moment);
        }
        finish(&archive, "killed");
        assert_same(&archive.answers("killed", QUERIES).unwrap(), &new, &moment);
        // A run that finds nothing to do writes nothing, and sweeps nothing.
        if !published {
            assert_swept(&archive.path("killed/main"), &moment);
        }
        fs::remove_dir_all(archive.path("killed")).unwrap();
    }
    assert!(unchanged >= 2);
}

#[test]
fn a_rebuild_that_is_killed_leaves_the_old() {
    let archive = archive();
    turn(&archive, "before");
    finish(&archive, "base");
    let old = archive.answers("base", QUERIES).unwrap();
    for file in ["rebuilding.new", "manifest.new"] {
        let moment = Moment::Writes(file);
        copy(&archive.path("base"), &archive.path("killed"));
        let manifest = archive.path("killed/main/manifest");
        let whole = fs::read(&manifest).unwrap();
        fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
        kill_at(&archive, "killed", &moment);
        // All that the damaged manifest named is still there.
        let damaged = fs::read(&manifest).unwrap();
        fs::write(&manifest, &whole).unwrap();
        assert_same(&archive.answers("killed", QUERIES).unwrap(), &old, &moment);
        fs::write(&manifest, damaged).unwrap();
        finish(&archive, "killed");
        assert_same(&archive.answers("killed", QUERIES).unwrap(), &old, &moment);
        assert_swept(&archive.path("killed/main"), &moment);
        fs::remove_dir_all(archive.path("killed")).unwrap();
    }
}
