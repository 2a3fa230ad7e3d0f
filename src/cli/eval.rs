//! `deepcut eval`: scores against labels.
//!
//! In: a folder of labelled documents. Out: a table by kind; with `--failures` every wrong row side by
//! side. Exit 1 below a floor.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use deepcut::eval;
use deepcut::output::SCHEMA;

use super::{FOUND, FormatName, NOTHING, Session};

/// Measure deepcut against labelled documents.
#[derive(Subcommand)]
pub(super) enum Eval {
    /// Score extraction: track rows, main text, comments, title, author and date
    Extract(Extract),
    /// Score track rows of known listings written in many layouts
    Layouts(Layouts),
}

#[derive(Args)]
pub(super) struct Layouts {
    /// JSON: [{"title": …, "tracks": [{"artist": …, "title": …}, …]}, …]
    file: PathBuf,
    /// Layouts drawn for each listing
    #[arg(long, default_value_t = 12)]
    rounds: usize,
    /// Same seed, same layouts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// List every listing that is not right in all rows
    #[arg(long)]
    failures: bool,
}

#[derive(Args)]
pub(super) struct Extract {
    /// Folder with labels.json or ground-truth.json, or a folder of such folders
    dir: PathBuf,
    /// List everything that is wrong, label and result side by side
    #[arg(long)]
    failures: bool,
    /// Exit 1 where the F1 of track rows or of main text is below this (0 to 1)
    #[arg(long, value_name = "F1")]
    floor: Option<f64>,
}

pub(super) fn run(session: &Session, args: &Eval) -> anyhow::Result<u8> {
    let (scores, failures, floor) = match args {
        Eval::Extract(a) => (eval::extract(&a.dir)?, a.failures, a.floor),
        Eval::Layouts(a) => (eval::layouts(&a.file, a.rounds, a.seed)?, a.failures, None),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if matches!(session.global.format, FormatName::Json | FormatName::Jsonl) {
        let table: serde_json::Map<String, serde_json::Value> = scores
            .table
            .iter()
            .map(|(name, figures)| {
                let figures: serde_json::Map<String, serde_json::Value> = figures
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), (*v).into()))
                    .collect();
                (name.clone(), figures.into())
            })
            .collect();
        let failures: Vec<_> = scores
            .failures
            .iter()
            .map(|f| serde_json::json!({"document": f.document, "what": f.what, "expected": f.expected, "found": f.found}))
            .collect();
        let all = serde_json::json!({"schema": SCHEMA, "table": table, "failures": failures});
        writeln!(out, "{all}")?;
    } else {
        for (name, figures) in &scores.table {
            let figures: Vec<String> = figures
                .iter()
                .map(|(what, value)| {
                    if value.fract() == 0.0 && *value > 1.0 {
                        format!("{what} {value:.0}")
                    } else {
                        format!("{what} {value:.3}")
                    }
                })
                .collect();
            writeln!(out, "{name:<22} {}", figures.join("  "))?;
        }
        if failures {
            let mut document = "";
            for failure in &scores.failures {
                if failure.document != document {
                    document = &failure.document;
                    writeln!(out, "\n{document}")?;
                }
                writeln!(out, "  {:<8} - {}", failure.what, failure.expected)?;
                writeln!(out, "  {:<8} + {}", "", failure.found)?;
            }
        }
    }
    out.flush()?;
    let below = floor.is_some_and(|floor| {
        scores
            .table
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "tracks" | "main text"))
            .flat_map(|(_, figures)| figures)
            .any(|(what, value)| *what == "F1" && *value < floor)
    });
    Ok(if below { NOTHING } else { FOUND })
}
