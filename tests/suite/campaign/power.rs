//! Power loss: what the program wrote, renamed and synced is recorded and replayed up to any point; what was not
//! synced by then is lost, or half lost. What was acknowledged is there.
//!
//! The model is harsher than a file system in use: a file has what it had when it was last synced, and of the
//! writes since then none, some, the last one torn, or only the new length; a folder has the names it had when
//! it was last synced, and of the changes since then the first few. Syncing a file does not keep its name.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use super::{posts, random, sound, times, with_comment};
use crate::archive::{Archive, code, errors};
use crate::generator::Random;

/// Runs that are recorded: enough for small segments to be merged.
const RUNS: usize = 11;

type Posts = Vec<(String, String)>;

/// One thing that was done.
enum Step {
    Write(PathBuf, usize, Vec<u8>),
    Cut(PathBuf, usize),
    Sync(PathBuf),
    Create(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    Folder(PathBuf),
}

fn steps(log: &[u8]) -> Vec<Step> {
    let mut rest = log;
    let mut all = Vec::new();
    let field = |rest: &mut &[u8]| -> Vec<u8> {
        let (length, behind) = rest.split_first_chunk::<8>().unwrap();
        let (field, behind) = behind.split_at(u64::from_le_bytes(*length) as usize);
        *rest = behind;
        field.to_vec()
    };
    let path = |rest: &mut &[u8]| PathBuf::from(String::from_utf8(field(rest)).unwrap());
    let number = |rest: &mut &[u8]| i64::from_le_bytes(field(rest).try_into().unwrap()) as usize;
    while let Some((kind, behind)) = rest.split_first() {
        rest = behind;
        let rest = &mut rest;
        all.push(match kind {
            b'W' => Step::Write(path(rest), number(rest), field(rest)),
            b'T' => Step::Cut(path(rest), number(rest)),
            b'S' => Step::Sync(path(rest)),
            b'C' => Step::Create(path(rest)),
            b'R' => Step::Rename(path(rest), path(rest)),
            b'U' => Step::Remove(path(rest)),
            b'D' => Step::Folder(path(rest)),
            other => panic!("a record of kind {other}"),
        });
    }
    all
}

/// A change of a file.
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

impl Change {
    /// Applies it; of a write only the first `most` bytes.
    fn apply(&self, bytes: &mut Vec<u8>, most: usize) {
        match self {
            Self::Cut(length) => bytes.resize(*length, 0),
            Self::Write(at, data) => {
                let data = &data[..data.len().min(most)];
                bytes.resize(bytes.len().max(at + data.len()), 0);
                bytes[*at..at + data.len()].copy_from_slice(data);
            }
        }
    }
}

/// A change of the names in a folder.
#[derive(Clone)]
enum Entry {
    Add(String, usize),
    Remove(String),
    Rename(String, String),
}

fn enter(names: &mut BTreeMap<String, usize>, entry: &Entry) {
    match entry {
        Entry::Add(name, node) => {
            names.insert(name.clone(), *node);
        }
        Entry::Remove(name) => {
            names.remove(name);
        }
        Entry::Rename(from, to) => {
            if let Some(node) = names.remove(from) {
                names.insert(to.clone(), node);
            }
        }
    }
}

#[derive(Default)]
struct Node {
    is_folder: bool,
    /// Of a file: content when last synced, and what was done since.
    synced: Vec<u8>,
    changes: Vec<Change>,
    /// Of a folder: names now, names when last synced, and what was done since.
    names: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    entries: Vec<Entry>,
}

/// A disk. The first node is the folder that was recorded; it was there before.
struct Disk(Vec<Node>);

impl Disk {
    fn new() -> Self {
        Self(vec![Node {
            is_folder: true,
            ..Node::default()
        }])
    }

    fn find(&self, path: &Path) -> Option<usize> {
        path.iter().try_fold(0, |at, part| {
            self.0[at].names.get(part.to_str().unwrap()).copied()
        })
    }

    fn change(&mut self, path: &Path, entry: impl FnOnce(String) -> Entry) {
        let folder = self.find(path.parent().unwrap()).unwrap();
        let entry = entry(path.file_name().unwrap().to_str().unwrap().to_owned());
        enter(&mut self.0[folder].names, &entry);
        self.0[folder].entries.push(entry);
    }

    fn make(&mut self, path: &Path, is_folder: bool) {
        let node = self.0.len();
        self.0.push(Node {
            is_folder,
            ..Node::default()
        });
        self.change(path, |name| Entry::Add(name, node));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Folder(path) => self.make(path, true),
            Step::Create(path) => match self.find(path) {
                // Emptied.
                Some(node) => self.0[node].changes.push(Change::Cut(0)),
                None => self.make(path, false),
            },
            Step::Write(path, at, data) => {
                let node = self
                    .find(path)
                    .unwrap_or_else(|| panic!("{path:?} is not there"));
                self.0[node].changes.push(Change::Write(*at, data.clone()));
            }
            Step::Cut(path, length) => {
                let node = self.find(path).unwrap();
                self.0[node].changes.push(Change::Cut(*length));
            }
            Step::Rename(from, to) => {
                assert_eq!(from.parent(), to.parent());
                let to = to.file_name().unwrap().to_str().unwrap().to_owned();
                self.change(from, |from| Entry::Rename(from, to));
            }
            Step::Remove(path) => self.change(path, Entry::Remove),
            Step::Sync(path) => {
                let node = self.find(path).unwrap();
                let node = &mut self.0[node];
                for change in node.changes.drain(..) {
                    change.apply(&mut node.synced, usize::MAX);
                }
                node.entries.clear();
                node.kept.clone_from(&node.names);
            }
        }
    }

    /// Writes what is left after the power went.
    fn crash(&self, to: &Path, random: &mut Random) {
        fs::create_dir_all(to).unwrap();
        self.lay(0, to, random);
    }

    fn lay(&self, node: usize, to: &Path, random: &mut Random) {
        let node = &self.0[node];
        let mut names = node.kept.clone();
        let lucky = random.below(node.entries.len() + 1);
        for entry in &node.entries[..lucky] {
            enter(&mut names, entry);
        }
        for (name, at) in names {
            let path = to.join(name);
            let child = &self.0[at];
            if child.is_folder {
                fs::create_dir(&path).unwrap();
                self.lay(at, &path, random);
                continue;
            }
            let mut bytes = child.synced.clone();
            let changes = &child.changes;
            match random.below(4) {
                // All of it is lost.
                0 => {}
                // The length is kept, the content is not.
                1 => {
                    let mut whole = bytes.clone();
                    for change in changes {
                        change.apply(&mut whole, usize::MAX);
                    }
                    bytes.resize(whole.len(), 0);
                }
                // The first few, the last of them torn.
                2 => {
                    let few = random.below(changes.len() + 1);
                    for (n, change) in changes[..few].iter().enumerate() {
                        let most = if n + 1 == few {
                            random.below(4096)
                        } else {
                            usize::MAX
                        };
                        change.apply(&mut bytes, most);
                    }
                }
                _ => {
                    for change in changes {
                        change.apply(&mut bytes, usize::MAX);
                    }
                }
            }
            fs::write(path, bytes).unwrap();
        }
    }
}

/// Compiles what is loaded in front of the C library.
fn recorder(archive: &Archive) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorder/recorder.rs");
    let library = archive.path("recorder.so");
    let built = Command::new(option_env!("RUSTC").unwrap_or("rustc"))
        .args(["--edition", "2024", "-O", "--crate-type", "cdylib", "-o"])
        .arg(&library)
        .arg(source)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", errors(&built));
    library
}

/// What was recorded.
struct Record {
    archive: Archive,
    steps: Vec<Step>,
    /// Number of steps after which each run had acknowledged.
    acknowledged: Vec<usize>,
    /// The posts after each run; none before the first.
    states: Vec<Posts>,
}

fn record() -> Record {
    let archive = Archive::in_memory();
    let library = recorder(&archive);
    let log = archive.path("log");
    fs::create_dir(archive.path("disk")).unwrap();
    let below = archive.path("disk").canonicalize().unwrap();
    let mut states = vec![Vec::new()];
    for n in 0..12 {
        let text = with_comment(&format!("Number {n}"), "Prose of the first.");
        archive.write(&format!("p/{n}.txt"), text);
    }
    for run in 0..RUNS {
        if run > 0 {
            for n in [run % 12, (run * 5) % 12] {
                let text = with_comment(&format!("Edited {n} in {run}"), "Prose of a later run.");
                archive.write(&format!("p/{n}.txt"), text);
            }
            archive.write(
                &format!("p/new{run}.txt"),
                with_comment(&format!("New {run}"), "New prose."),
            );
        }
        if run == 4 {
            fs::remove_file(archive.path("p/new2.txt")).unwrap();
        }
        let done = archive
            .command_on("disk/index", &["index", "p", "--quiet"])
            .env("LD_PRELOAD", &library)
            .env("RECORD_BELOW", &below)
            .env("RECORD_TO", &log)
            .output()
            .unwrap();
        assert_eq!(code(&done), 0, "{}", errors(&done));
        states.push(posts(&archive, "disk/index").unwrap());
    }
    let steps = steps(&fs::read(&log).unwrap());
    // A publication is acknowledged when the folder of the manifest is synced after its renaming.
    let mut acknowledged = Vec::new();
    let mut renamed = false;
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Rename(_, to) if to.ends_with("manifest") => renamed = true,
            Step::Sync(path) if renamed && path.ends_with("main") => {
                acknowledged.push(n + 1);
                renamed = false;
            }
            _ => {}
        }
    }
    assert_eq!(acknowledged.len(), RUNS);
    Record {
        archive,
        steps,
        acknowledged,
        states,
    }
}

/// Cuts at `points` places; returns steps, and how often the later of two states was found.
fn campaign(points: u64) -> (usize, u64) {
    let Record {
        archive,
        steps,
        acknowledged,
        states,
    } = record();
    let mut random = random(3);
    let last = states.last().unwrap();
    let mut later = 0;
    for n in 0..points {
        // Spread over the whole, and each a little aside.
        let length = steps.len() as u64;
        let cut = (n * length / points) as usize + random.below((length / points).max(1) as usize);
        let cut = cut.min(steps.len()) + usize::from(n + 1 == points);
        let mut disk = Disk::new();
        for step in &steps[..cut.min(steps.len())] {
            disk.step(step);
        }
        let to = archive.path("after");
        disk.crash(&to, &mut random);
        let what = format!("cut after {cut} of {} steps", steps.len());
        let safe = acknowledged.iter().filter(|at| **at <= cut).count();
        let found = match posts(&archive, "after/index") {
            Ok(found) => {
                sound(&archive, "after/index").unwrap_or_else(|e| panic!("{what}: {e}"));
                found
            }
            Err(error) => {
                assert!(safe == 0 && error.contains("no index"), "{what}: {error}");
                Vec::new()
            }
        };
        let is_later = states.get(safe + 1) == Some(&found);
        later += u64::from(is_later);
        assert!(
            is_later || found == states[safe],
            "{what}, {safe} acknowledged: {found:?}"
        );
        let next = archive
            .command_on("after/index", &["index", "p", "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(code(&next), 0, "{what}: {}", errors(&next));
        let report: Value = serde_json::from_slice(&next.stdout).unwrap();
        assert_eq!(report["rebuilt"], Value::Null, "{what}");
        assert_eq!(&posts(&archive, "after/index").unwrap(), last, "{what}");
        fs::remove_dir_all(to).unwrap();
    }
    (steps.len(), later)
}

#[test]
fn a_few_cuts() {
    let (steps, _) = campaign(16);
    assert!(steps > 500);
}

#[test]
#[ignore = "minutes: 500 cuts"]
fn five_hundred_cuts() {
    let started = Instant::now();
    let points = times(500);
    let (steps, later) = campaign(points);
    eprintln!(
        "power loss: {steps} writes, renames and syncs of {RUNS} runs, cut at {points} points ({later} times the next \
         publication was already there); 0 acknowledged posts lost, 0 repairs; {:.0} s",
        started.elapsed().as_secs_f64()
    );
}
