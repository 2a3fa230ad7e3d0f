//! A folder with an archive and an index of its own, driven through the real binary.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

use serde_json::Value;

pub const BIN: &str = env!("CARGO_BIN_EXE_deepcut");

/// The program that an archive drives: the one of this build, or another that `DEEPCUT_BIN` names (a release
/// build, one that stays the same while a campaign runs).
pub fn program() -> PathBuf {
    std::env::var_os("DEEPCUT_BIN").map_or_else(|| BIN.into(), PathBuf::from)
}

pub struct Archive {
    pub dir: tempfile::TempDir,
}

impl Archive {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// In memory where the system has a place for it: many runs, none of which waits for a disk.
    pub fn in_memory() -> Self {
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { dir: dir.unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The binary, set up to see this archive and nothing of the machine it runs on.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_on("index", args)
    }

    /// The same with another index.
    pub fn command_on(&self, index: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        self.isolate(&mut command);
        command.args(args).arg("--index").arg(self.path(index));
        command
    }

    pub fn isolate<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.dir.path())
            .env_remove("DEEPCUT_INDEX")
            .env_remove("DEEPCUT_SOURCES")
            .env_remove("RUST_BACKTRACE")
            .env_remove("XDG_CONFIG_HOME")
            .env("HOME", self.dir.path())
            .env("NO_COLOR", "1")
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let mut args = args.to_vec();
        args.extend(["--format", "json"]);
        let output = self.run(&args);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", errors(&output)))
    }

    /// Everything that can be asked of an index, as far as it may not depend on how it came about: answers
    /// to queries with scores and facets, every post whole, counts. An index that is none gives an error.
    pub fn answers(&self, index: &str, queries: &[&str]) -> Result<Vec<String>, String> {
        let ask = |args: &[&str]| -> Result<Value, String> {
            let mut args = args.to_vec();
            args.extend(["--format", "json"]);
            let output = self.command_on(index, &args).output().unwrap();
            if !matches!(code(&output), 0 | 1) {
                return Err(errors(&output));
            }
            Ok(serde_json::from_slice(&output.stdout).unwrap())
        };
        let mut out = Vec::new();
        for query in ["*"].iter().chain(queries) {
            let mut answer = ask(&["search", query, "--limit", "500", "--facets", "--explain"])?;
            answer["took_ms"] = Value::Null;
            if *query == "*" {
                for hit in answer["hits"].as_array().unwrap() {
                    let id = hit["post"]["id"].as_str().unwrap();
                    out.push(ask(&["show", id])?.to_string());
                }
            }
            out.push(answer.to_string());
        }
        let mut stats = ask(&["stats"])?;
        for depends in ["bytes", "segments", "index"] {
            stats[depends] = Value::Null;
        }
        out.push(stats.to_string());
        Ok(out)
    }

    /// Titles of the posts that a query finds, best first.
    pub fn titles(&self, query: &str) -> Vec<String> {
        let answer = self.json(&["search", query, "--limit", "100"]);
        let hits = answer["hits"].as_array().unwrap().iter();
        hits.map(|h| h["post"]["title"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sends a signal by its name (`INT`, `STOP`, `CONT`).
pub fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(sent.success(), "{kill}");
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A post as a text capture.
pub fn capture(title: &str, prose: &str) -> String {
    format!(
        "{title}\n\n{prose}\n\nTrack Listing\n\n1. Survivor - Burning Heart\n2. Robert Tepper - No Easy Way Out\n3. Touch - The Sweetest Victory\n"
    )
}
