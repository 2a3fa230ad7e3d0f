//! A folder with an archive and an index of its own, driven through the real binary.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

pub const BIN: &str = env!("CARGO_BIN_EXE_deepcut");

pub struct Archive {
    pub dir: tempfile::TempDir,
}

impl Archive {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
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
        let mut command = Command::new(BIN);
        self.isolate(&mut command);
        command.args(args).arg("--index").arg(self.path("index"));
        command
    }

    pub fn isolate<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.dir.path())
            .env_remove("DEEPCUT_INDEX")
            .env_remove("DEEPCUT_SOURCES")
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

/// A post as a text capture.
pub fn capture(title: &str, prose: &str) -> String {
    format!(
        "{title}\n\n{prose}\n\nTrack Listing\n\n1. Survivor - Burning Heart\n2. Robert Tepper - No Easy Way Out\n3. Touch - The Sweetest Victory\n"
    )
}
