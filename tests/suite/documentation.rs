//! Every command that the documentation shows is run, and prints what the documentation says.
//!
//! A block of `console` holds commands behind `$ ` and their output. `…` alone in a line stands for lines left
//! out. Times, rates and sizes vary; all other characters count.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::archive::{BIN, copy, errors};

/// A command, where it stands, and the output that is shown.
struct Shown {
    place: String,
    command: String,
    output: Vec<String>,
}

fn shown(repository: &Path) -> Vec<Shown> {
    let mut pages: Vec<PathBuf> = fs::read_dir(repository.join("docs"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.sort();
    // The tour of the README makes the index that the others ask.
    pages.insert(0, repository.join("README.md"));
    let mut all: Vec<Shown> = Vec::new();
    for page in pages {
        let mut inside = false;
        for (at, line) in fs::read_to_string(&page).unwrap().lines().enumerate() {
            if line.starts_with("```") {
                inside = line == "```console";
            } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
                all.push(Shown {
                    place: format!("{}:{}", page.file_name().unwrap().display(), at + 1),
                    command: command.to_owned(),
                    output: Vec::new(),
                });
            } else if inside && let Some(last) = all.last_mut() {
                last.output.push(line.to_owned());
            }
        }
    }
    all
}

/// Takes out what differs from run to run.
fn normal(line: &str, measured: bool, patterns: &[(Regex, &str)]) -> String {
    let mut line = line.trim_end().to_owned();
    for (pattern, by) in patterns {
        line = pattern.replace_all(&line, *by).into_owned();
    }
    if measured {
        // Figures, the histogram and its scale, the processor's name.
        let kept = line.split_whitespace().map(|word| {
            let figure = word
                .chars()
                .all(|c| c.is_ascii_digit() || ".,()–╷▁▂▃▄▅▆▇█".contains(c));
            if figure { "#" } else { word }
        });
        let mut words: Vec<&str> = kept.collect();
        words.dedup();
        line = words.join(" ");
    }
    line
}

/// True where the output is what is shown; `…` stands for any lines.
fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=printed.len()).any(|skip| fits(rest, &printed[skip..]))
        }
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, behind)| first == line && fits(rest, behind)),
    }
}

#[test]
fn every_command_prints_what_the_documentation_shows() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    for folder in ["corpus", "tests/gold", "tests/judged"] {
        copy(&repository.join(folder), &home.join(folder));
    }
    let patterns: Vec<(Regex, &str)> = [
        (
            r"\d[\d.,]*(–\d[\d.,]*)? ?(ms|s|B|KiB|MiB|documents/s|queries/s)\b",
            "# $2",
        ),
        (r#""(took_ms|seconds)":[\d.]+"#, "\"$1\":#"),
        (r"\d+ segments?", "# segments"),
    ]
    .map(|(pattern, by)| (Regex::new(pattern).unwrap(), by))
    .into();
    let path = format!(
        "{}:{}",
        Path::new(BIN).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut wrong = Vec::new();
    let all = shown(repository);
    for one in &all {
        let mut command = Command::new("sh");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DEEPCUT_")) {
            command.env_remove(name);
        }
        let output = command
            .args(["-c", &one.command])
            .current_dir(&home)
            .env("PATH", &path)
            .env("HOME", &home)
            .env_remove("XDG_CONFIG_HOME")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .output()
            .unwrap();
        if !output.status.success() {
            wrong.push(format!(
                "{}: {}: {}",
                one.place,
                one.command,
                errors(&output)
            ));
            continue;
        }
        let measured = one.command.starts_with("deepcut bench");
        let printed = String::from_utf8(output.stdout).unwrap();
        let printed = printed.replace(&home.display().to_string(), "/home/you/deepcut");
        let lines = |text: &[String]| -> Vec<String> {
            let lines = text.iter().map(|l| normal(l, measured, &patterns));
            let lines: Vec<String> = lines.filter(|l| !l.is_empty()).collect();
            if measured {
                // Where a line is broken depends on the figures.
                return vec![normal(&lines.join(" "), true, &patterns)];
            }
            lines
        };
        let mut printed: Vec<String> = printed.lines().map(str::to_owned).collect();
        if measured {
            // This test may run a program without optimisation, on another machine, which may be busy.
            let elsewhere = ["optimisation", "figures that count", "machine was busy"];
            printed.retain(|l| !elsewhere.iter().any(|part| l.contains(part)));
        }
        let mut wanted = one.output.clone();
        // Other systems do not tell of memory, and cannot be told to forget files.
        let differs = |l: &String| {
            let elsewhere = l.starts_with("whole process") || l.starts_with("peak memory");
            l.starts_with("machine") || (cfg!(not(target_os = "linux")) && elsewhere)
        };
        for lines in [&mut wanted, &mut printed] {
            lines.retain(|l| !(measured && differs(l)));
        }
        let (wanted, printed) = (lines(&wanted), lines(&printed));
        if wanted.is_empty() || !fits(&wanted, &printed) {
            wrong.push(format!(
                "{}: {}\n--- shown\n{}\n--- printed\n{}",
                one.place,
                one.command,
                wanted.join("\n"),
                printed.join("\n")
            ));
        }
    }
    assert!(all.len() >= 18, "{} commands", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
