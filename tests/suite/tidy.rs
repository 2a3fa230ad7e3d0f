//! The invariants of ARCHITECTURE.md that can be read off the source tree.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules in reading order: one imports only from those before it.
const ORDER: &[&str] = &[
    "lanes", "model", "error", "text", "source", "extract", "artist", "resolve", "record", "query",
    "engine", "pipeline", "crawl", "eval", "bench", "config", "output",
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn all() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths
        .into_iter()
        .map(|p| {
            let name = p
                .strip_prefix(&src)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            (name, fs::read_to_string(p).unwrap())
        })
        .collect()
}

/// The part of a file that ships: tests left out.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    for (name, text) in all() {
        assert!(text.starts_with("//!"), "{name} does not open with //!");
        assert!(
            text.lines().count() <= 700,
            "{name} has more than 700 lines"
        );
    }
}

#[test]
fn no_module_imports_from_above() {
    for (name, text) in all() {
        let module = name.split(['/', '.']).next().unwrap();
        let Some(own) = ORDER.iter().position(|m| *m == module) else {
            continue;
        };
        for (above, other) in ORDER.iter().enumerate().skip(own + 1) {
            // Artist keys and credits are read by extraction; the module itself stands on `model` and `text`.
            if module == "extract" && *other == "artist" {
                continue;
            }
            let _ = above;
            for line in shipped(&text)
                .lines()
                .filter(|l| !l.trim_start().starts_with("//"))
            {
                assert!(
                    !line.contains(&format!("crate::{other}")),
                    "{name} imports {other}: {line}"
                );
            }
        }
    }
}

#[test]
fn only_cli_and_output_print_and_nothing_panics_on_purpose() {
    for (name, text) in all() {
        let code: String = shipped(&text)
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        if !name.starts_with("cli/") && !name.starts_with("output/") {
            for call in ["println!", "print!(", "eprintln!", "eprint!(", "dbg!("] {
                assert!(!code.contains(call), "{name} prints");
            }
        }
        if name.ends_with("tests.rs") {
            continue;
        }
        for call in [
            ".unwrap()",
            ".expect(",
            "panic!(",
            "todo!(",
            "unimplemented!(",
        ] {
            assert!(!code.contains(call), "{name} has {call}");
        }
        if name.starts_with("crawl/") {
            continue;
        }
        for net in ["std::net", "TcpStream", "ureq"] {
            assert!(!code.contains(net), "{name} touches the network");
        }
    }
}

#[test]
fn names_say_something() {
    for (name, _) in all() {
        for word in ["utils", "helpers", "common", "manager", "data.rs", "info"] {
            assert!(!name.contains(word), "{name}");
        }
    }
}
