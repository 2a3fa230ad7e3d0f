//! What a checkup found.
//!
//! In: checks. Out: a line each for people, with what to do below it; JSON and CSV for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Screen;
use super::paint::safe;
use super::sheet::{Sheet, column};
use crate::pipeline::{Check, Checkup, Verdict};

/// Damaged files that are named for people.
const NAMED: usize = 20;

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "ok",
        Verdict::Note => "note",
        Verdict::Unknown => "unknown",
        Verdict::Wrong => "wrong",
    }
}

fn value(check: &Check) -> Value {
    let files = check.files.iter();
    let files: Vec<Value> = files
        .map(|(file, what)| json!({"file": file, "what": what}))
        .collect();
    json!({
        "check": check.name,
        "verdict": word(check.verdict),
        "found": check.found,
        "advice": check.advice,
        "files": files,
    })
}

impl Sheet for Checkup {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("index".into(), self.index.display().to_string().into()),
            ("sound".into(), self.is_sound().into()),
            ("checks".into(), self.lines().into()),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        self.checks.iter().map(value).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &["check", "verdict", "found", "advice", "file"]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for check in &self.checks {
            let row = |found: &str, file: &str| {
                let advice = check.advice.clone().unwrap_or_default();
                let (name, word) = (check.name.to_owned(), word(check.verdict).to_owned());
                vec![name, word, found.to_owned(), advice, file.to_owned()]
            };
            all.push(row(&check.found, ""));
            all.extend(check.files.iter().map(|(file, what)| row(what, file)));
        }
        all
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{}",
            screen.bold(&safe(&self.index.display().to_string()))
        )?;
        let name = self.checks.iter().map(|c| c.name.len()).max().unwrap_or(0);
        for check in &self.checks {
            let verdict = column(word(check.verdict), 7, false);
            let verdict = match check.verdict {
                Verdict::Sound => screen.dim(&verdict),
                _ => screen.bold(&verdict),
            };
            let name = column(check.name, name, false);
            writeln!(out, "  {verdict}  {name}  {}", safe(&check.found))?;
            let indent = " ".repeat(name.len() + 13);
            for (file, what) in check.files.iter().take(NAMED) {
                writeln!(out, "{indent}{}: {}", safe(file), safe(what))?;
            }
            if check.files.len() > NAMED {
                writeln!(out, "{indent}… and {} more", check.files.len() - NAMED)?;
            }
            if let Some(advice) = &check.advice {
                writeln!(out, "{indent}→ {}", safe(advice))?;
            }
        }
        let wrong = self.checks.iter().filter(|c| c.verdict == Verdict::Wrong);
        match wrong.count() {
            0 if self.is_sound() => writeln!(out, "Nothing is wrong."),
            0 => writeln!(out, "Not everything could be looked at."),
            1 => writeln!(out, "1 thing is wrong."),
            n => writeln!(out, "{n} things are wrong."),
        }
    }
}
