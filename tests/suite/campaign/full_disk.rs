//! A disk that fills up while an index is made or brought up to date: an error says so, the index that stands
//! there is as it was, and the run goes on once there is space.
//!
//! Needs a mount namespace of its own (`unshare -rm`); where there is none it says so and does nothing.

use std::fs;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use super::{posts, random, times, with_comment};
use crate::archive::{Archive, code, copy, errors, program};

/// One moment: a disk of `$SIZE` bytes, a run, a look, more space, a run, a look.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=$SIZE tmpfs disk || exit 99
[ -d base ] && cp -a base disk/index
at() { "$BIN" "$@" --index disk/index; }
at index p --format json > out/run 2> out/error; echo $? > out/code
at search '*' --limit 5000 --format json > out/found 2> /dev/null; echo $? > out/found.code
mount -o remount,size=256m disk
at doctor --format json > out/doctor 2> /dev/null; echo $? > out/doctor.code
at index p --format json > out/next 2> out/next.error; echo $? > out/next.code
at search '*' --limit 5000 --format json > out/whole 2> /dev/null
at doctor > out/whole.doctor; echo $? > out/whole.code
"#;

#[derive(Default)]
struct Figures {
    moments: u64,
    full: u64,
    done: u64,
}

struct Setup {
    archive: Archive,
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
    /// Bytes of the index before and after.
    sizes: [u64; 2],
}

fn setup() -> Setup {
    let archive = Archive::in_memory();
    for n in 0..40 {
        let text = with_comment(&format!("Number {n}"), "Prose of the first.");
        archive.write(&format!("p/{n}.txt"), text);
    }
    assert_eq!(
        code(
            &archive
                .command_on("base", &["index", "p"])
                .output()
                .unwrap()
        ),
        0
    );
    let before = posts(&archive, "base").unwrap();
    for n in 0..40 {
        let prose = format!("Prose of the second, number {n}. ").repeat(60);
        let text = with_comment(&format!("Edited {n}"), &prose);
        archive.write(&format!("p/{n}.txt"), text);
    }
    copy(&archive.path("base"), &archive.path("updated"));
    let run = archive
        .command_on("updated", &["index", "p"])
        .output()
        .unwrap();
    assert_eq!(code(&run), 0, "{}", errors(&run));
    let after = posts(&archive, "updated").unwrap();
    fs::rename(archive.path("base"), archive.path("kept")).unwrap();
    let sizes = ["kept", "updated"].map(|name| bytes(&archive.path(name)));
    fs::create_dir(archive.path("disk")).unwrap();
    fs::create_dir(archive.path("out")).unwrap();
    Setup {
        archive,
        before,
        after,
        sizes,
    }
}

/// Bytes of all files, each in whole pages.
fn bytes(dir: &std::path::Path) -> u64 {
    let entries = fs::read_dir(dir).unwrap().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => bytes(&path),
            path => fs::metadata(path).unwrap().len().div_ceil(4096) * 4096,
        })
        .sum()
}

fn found(text: &str) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_str(text).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let hits = answer["hits"].as_array().unwrap().iter();
    let mut all: Vec<(String, String)> = hits
        .map(|hit| (text(&hit["post"]["id"]), text(&hit["post"]["title"])))
        .collect();
    all.sort();
    all
}

/// `None` where the system gives no namespace.
fn campaign(moments: u64) -> Option<Figures> {
    let Setup {
        archive,
        before,
        after,
        sizes,
    } = setup();
    let mut random = random(4);
    let mut figures = Figures::default();
    for n in 0..moments {
        let fresh = n % 4 == 3;
        let (base, kept) = (archive.path("base"), archive.path("kept"));
        if fresh && base.exists() {
            fs::rename(&base, &kept).unwrap();
        } else if !fresh && kept.exists() {
            fs::rename(&kept, &base).unwrap();
        }
        let start = if fresh { 0 } else { sizes[0] };
        // Somewhere between no space at all and a little more than enough.
        let room = (sizes[1] * 11 / 10) as usize;
        let size = start + 4096 * (4 + random.below(room / 4096) as u64);
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", SCRIPT])
            .current_dir(archive.dir.path())
            .env("SIZE", size.to_string())
            .env("BIN", program())
            .env("HOME", archive.dir.path())
            .env_remove("DEEPCUT_INDEX")
            .env_remove("RUST_BACKTRACE")
            .output();
        let usable = output.as_ref().is_ok_and(|o| o.status.success());
        if !usable {
            eprintln!("skipped: no namespace with a disk of its own: {output:?}");
            return None;
        }
        let out = |name: &str| fs::read_to_string(archive.path("out").join(name)).unwrap();
        let number = |name: &str| -> i32 { out(name).trim().parse().unwrap() };
        let what = format!(
            "{} on {size} bytes: {}",
            if fresh { "a first run" } else { "an update" },
            out("error")
        );
        figures.moments += 1;
        match number("code") {
            0 => {
                figures.done += 1;
                assert_eq!(found(&out("found")), after, "{what}");
            }
            2 => {
                figures.full += 1;
                let error: Value =
                    serde_json::from_str(&out("error")).unwrap_or_else(|_| panic!("{what}"));
                let said = error["error"]["message"].as_str().unwrap();
                assert!(said.contains("No space left on device"), "{what}");
                let hint = error["error"]["hint"].as_str().unwrap();
                assert!(hint.contains("make space"), "{what}");
                if fresh {
                    assert_eq!(number("found.code"), 3, "{what}");
                } else {
                    assert_eq!(found(&out("found")), before, "{what}");
                    assert_eq!(number("doctor.code"), 0, "{what}: {}", out("doctor"));
                }
            }
            other => panic!("exit {other}: {what}"),
        }
        assert_eq!(number("next.code"), 0, "{what}: {}", out("next.error"));
        let next: Value = serde_json::from_str(&out("next")).unwrap();
        assert_eq!(next["rebuilt"], Value::Null, "{what}");
        assert_eq!(found(&out("whole")), after, "{what}");
        assert_eq!(number("whole.code"), 0, "{what}: {}", out("whole.doctor"));
    }
    Some(figures)
}

#[test]
fn a_few_full_disks() {
    if let Some(figures) = campaign(8) {
        assert!(figures.full >= 2, "{} of {}", figures.full, figures.moments);
    }
}

#[test]
#[ignore = "a minute or two: 200 disks"]
fn two_hundred_full_disks() {
    let started = Instant::now();
    let figures = campaign(times(200)).expect("a namespace");
    eprintln!(
        "full disk: {} disks of {} sizes; {} runs told of it and left the index as it was, {} had room; all went on \
         after space was made; {:.0} s",
        figures.moments,
        figures.moments,
        figures.full,
        figures.done,
        started.elapsed().as_secs_f64()
    );
}
