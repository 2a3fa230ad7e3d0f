//! What cannot be read, and what cannot be written: named with its reason, and the rest goes on.
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::archive::{Archive, BIN, capture, code, copy, errors};

/// Nobody's uid and gid, for tests that are run by root, whom no permission stops.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// An archive that a user without rights can go through, with an index folder of theirs.
fn shared() -> Archive {
    let archive = Archive::new();
    mode(archive.dir.path(), 0o755);
    fs::create_dir(archive.path("index")).unwrap();
    if is_root() {
        chown(archive.path("index"), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    archive
}

/// Runs the binary as a user whom permissions stop.
fn run(archive: &Archive, args: &[&str]) -> Output {
    let go = |binary: &Path| {
        let mut command = Command::new(binary);
        archive.isolate(&mut command);
        command.args(args).arg("--index").arg(archive.path("index"));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output()
    };
    match go(Path::new(BIN)) {
        Err(e) if e.kind() == ErrorKind::PermissionDenied => {
            // The binary lies where that user may not go.
            let near = archive.path("deepcut");
            fs::copy(BIN, &near).unwrap();
            mode(&near, 0o755);
            go(&near).unwrap()
        }
        other => other.unwrap(),
    }
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", errors(output)))
}

/// `path: reason` of all that failed, paths without the folder of the archive.
fn failed(archive: &Archive, report: &Value) -> Vec<String> {
    let base = archive.dir.path().canonicalize().unwrap();
    let base = format!("{}/", base.display());
    report["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let path = f["path"].as_str().unwrap();
            let path = path.strip_prefix(&base).unwrap_or(path);
            format!("{path}: {}", f["reason"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_folder_and_a_file_without_permission_are_named() {
    let archive = shared();
    archive.write("p/good.txt", capture("Good", "Open to all."));
    archive.write("p/secret.txt", capture("Secret", "For one reader."));
    archive.write("p/closed/inner.txt", capture("Inner", "Behind a door."));
    let (secret, closed) = (archive.path("p/secret.txt"), archive.path("p/closed"));
    let denied = ["p/closed", "p/secret.txt"];
    let is_denied = |report: &Value| {
        let failed = failed(&archive, report);
        assert_eq!(failed.len(), 2, "{failed:?}");
        for (line, path) in failed.iter().zip(denied) {
            assert!(line.starts_with(&format!("{path}: ")), "{line}");
            assert!(line.contains("ermission denied"), "{line}");
        }
    };

    mode(&secret, 0o000);
    mode(&closed, 0o000);
    let output = run(&archive, &["index", "p", "--format", "json"]);
    assert_eq!(code(&output), 4, "{}", errors(&output));
    is_denied(&report(&output));
    assert_eq!(report(&output)["posts"], 1);
    assert!(
        errors(&output).contains("p/secret.txt"),
        "{}",
        errors(&output)
    );
    assert!(errors(&output).contains("p/closed"), "{}", errors(&output));

    mode(&secret, 0o644);
    mode(&closed, 0o755);
    let output = run(&archive, &["index", "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(report(&output)["posts"], 3);

    // What cannot be read any more has not vanished: it stays as it was.
    archive.write("p/secret.txt", capture("Secret", "For one reader, again."));
    mode(&secret, 0o000);
    mode(&closed, 0o000);
    let output = run(&archive, &["index", "--format", "json"]);
    assert_eq!(code(&output), 4, "{}", errors(&output));
    is_denied(&report(&output));
    assert_eq!(report(&output)["posts"], 3);
    let found = run(&archive, &["search", "door OR reader", "--format", "json"]);
    assert_eq!(report(&found)["total"], 2);

    mode(&secret, 0o644);
    mode(&closed, 0o755);
    let output = run(&archive, &["index", "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(report(&output)["changed"], 1);
}

#[test]
fn a_source_that_may_not_be_entered_is_an_error_of_its_own() {
    let archive = shared();
    archive.write("p/good.txt", capture("Good", "Open to all."));
    archive.write("q/good.txt", capture("Other", "Open to all."));
    assert_eq!(code(&run(&archive, &["index", "p", "q"])), 0);
    mode(&archive.path("p"), 0o000);
    let output = run(&archive, &["index", "--format", "json"]);
    assert_eq!(code(&output), 4, "{}", errors(&output));
    assert_eq!(report(&output)["posts"], 2);
    mode(&archive.path("p"), 0o755);
}

#[test]
fn an_index_that_may_only_be_read_answers() {
    let archive = shared();
    archive.write("p/good.txt", capture("Good", "Open to all."));
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    let folders = ["index/main/posts", "index/main/rows", "index/main", "index"];
    for folder in folders {
        for entry in fs::read_dir(archive.path(folder)).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                mode(&entry.path(), 0o444);
            }
        }
        mode(&archive.path(folder), 0o555);
    }
    for args in [
        &["search", "tepper"][..],
        &["search", "artist:tepper track:easy"],
        &["show", "good.txt"],
        &["stats"],
        // Nothing has changed: nothing is written.
        &["index"],
    ] {
        let output = run(&archive, args);
        assert_eq!(code(&output), 0, "{args:?}: {}", errors(&output));
    }
    archive.write("p/more.txt", capture("More", "Newer."));
    for args in [&["index"][..], &["index", "--rebuild"]] {
        let output = run(&archive, args);
        assert_eq!(code(&output), 2, "{args:?}: {}", errors(&output));
        assert!(
            errors(&output).contains("ermission denied"),
            "{}",
            errors(&output)
        );
        assert!(
            errors(&output).contains("index/main"),
            "{}",
            errors(&output)
        );
    }
    let manifest = archive.path("index/main/manifest");
    mode(&manifest, 0o000);
    let output = run(&archive, &["search", "tepper"]);
    assert_eq!(code(&output), 2, "{}", errors(&output));
    assert!(
        errors(&output).contains("ermission denied"),
        "{}",
        errors(&output)
    );
    for folder in folders {
        mode(&archive.path(folder), 0o755);
    }
}

#[test]
fn an_index_on_a_read_only_mount_answers() {
    let archive = Archive::new();
    archive.write("p/good.txt", capture("Good", "Open to all."));
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    fs::create_dir(archive.path("mounted")).unwrap();
    copy(&archive.path("index"), &archive.path("mounted"));
    archive.write("p/more.txt", capture("More", "Newer."));
    let mounted = |args: &[&str]| {
        let mut command = Command::new("unshare");
        archive.isolate(&mut command);
        let script = "mount --bind mounted mounted && mount -o remount,bind,ro mounted \
                      && ! touch mounted/x 2>/dev/null && exec \"$@\" --index mounted";
        command.args(["-rm", "sh", "-c", script, "sh"]);
        command.args(args).output()
    };
    match mounted(&["true"]) {
        Ok(output) if output.status.success() => {}
        why => {
            let why = why.map(|o| errors(&o));
            eprintln!("skipped: a read-only mount needs `unshare -rm` and `mount`: {why:?}");
            return;
        }
    }
    for args in [
        &[BIN, "search", "tepper"][..],
        &[BIN, "search", "artist:tepper track:easy"],
        &[BIN, "show", "good.txt"],
        &[BIN, "stats"],
        &[BIN, "doctor"],
        &[BIN, "bench", "--each", "2", "--seconds", "0.1"],
    ] {
        let output = mounted(args).unwrap();
        assert_eq!(code(&output), 0, "{args:?}: {}", errors(&output));
    }
    let output = mounted(&[BIN, "index"]).unwrap();
    assert_eq!(code(&output), 2, "{}", errors(&output));
    assert!(
        errors(&output).contains("Read-only file system"),
        "{}",
        errors(&output)
    );
}

#[test]
fn huge_files_are_named_and_the_rest_goes_on() {
    let archive = Archive::new();
    archive.write("p/good.txt", capture("Good", "Prose."));
    let too_much = (64 << 20) + 1;
    for name in ["big.txt", "big.html", "big.md"] {
        // A file with a hole takes no room.
        let file = File::create(archive.path("p").join(name)).unwrap();
        file.set_len(too_much).unwrap();
    }
    let file = File::create(archive.path("p/small.html.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let blanks = vec![b' '; 1 << 20];
    packed.write_all(b"<p>words").unwrap();
    for _ in 0..65 {
        packed.write_all(&blanks).unwrap();
    }
    packed.finish().unwrap();
    let whole = fs::read(archive.path("p/small.html.gz")).unwrap();
    archive.write("p/torn.html.gz", &whole[..whole.len() / 2]);
    let mut line = vec![b'x'; too_much as usize];
    line.extend_from_slice(b"\n{\"title\": \"After a long line\"}\n");
    archive.write("p/lines.jsonl", line);
    let output = archive.run(&["index", "p", "--format", "json"]);
    assert_eq!(code(&output), 4);
    let report = report(&output);
    let failed = failed(&archive, &report);
    let expected = [
        "p/big.html: larger than 64 MiB: not one post",
        "p/big.md: larger than 64 MiB: not one post",
        "p/big.txt: larger than 64 MiB: not one post",
        "p/lines.jsonl: a line longer than 64 MiB",
        "p/small.html.gz: larger than 64 MiB: not one post",
    ];
    assert_eq!(failed[..5], expected);
    assert_eq!(failed.len(), 6, "{failed:#?}");
    assert!(failed[5].starts_with("p/torn.html.gz: "), "{}", failed[5]);
    assert_eq!(report["posts"], 2);
    assert_eq!(archive.titles("long"), ["After a long line"]);
    // Named again, and not read again.
    let again = archive.run(&["index", "--format", "json"]);
    assert_eq!(code(&again), 4);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(
        (&again["failed"], &again["bytes"]),
        (&report["failed"], &0.into())
    );
}

#[test]
fn links_that_go_in_circles_end() {
    let archive = Archive::new();
    archive.write("p/a/one.txt", capture("One", "Prose of one."));
    archive.write("p/b/two.txt", capture("Two", "Prose of two."));
    let link = |to: &str, at: &str| symlink(archive.path(to), archive.path(at)).unwrap();
    // To each other, to themselves, to the root, to nowhere, to a file that is known already.
    link("p/b", "p/a/other");
    link("p/a", "p/b/other");
    link("p/self.txt", "p/self.txt");
    link("p", "p/root");
    link("nowhere.txt", "p/broken.txt");
    let output = archive.run(&["index", "p", "--format", "json"]);
    assert_eq!(code(&output), 4);
    let report = report(&output);
    let failed = failed(&archive, &report);
    for path in [
        "p/self.txt",
        "p/root",
        "p/broken.txt",
        "p/a/other/other",
        "p/b/other/other",
    ] {
        assert!(
            failed.iter().any(|f| f.starts_with(&format!("{path}: "))),
            "{path}: {failed:#?}"
        );
    }
    let titles = archive.titles("prose");
    assert!(titles.contains(&"One".to_owned()) && titles.contains(&"Two".to_owned()));
    let again = archive.json(&["index"]);
    assert_eq!(
        (&again["posts"], &again["new"]),
        (&report["posts"], &0.into())
    );
}
