//! `deepcut eval`: scores against labels.
//!
//! In: a folder of labelled documents, or judged queries. Out: a table by kind; with `--failures` everything
//! that is wrong, side by side. Exit 1 below a floor.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use deepcut::eval;
use deepcut::output::SCHEMA;

use super::{FOUND, NOTHING, Session, index};

/// Measure how right deepcut is, against labels.
#[derive(Subcommand)]
#[command(after_long_help = "\
Examples:
  deepcut eval extract tests/gold
  deepcut eval search tests/judged/corpus.json --failures")]
pub(super) enum Eval {
    /// Score extraction: track rows, main text, comments, title, author and date
    Extract(Extract),
    /// Score track rows of known listings written in many layouts
    Layouts(Layouts),
    /// Score answers to judged queries: MRR, nDCG@10 and success@1
    Search(Search),
}

#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut eval layouts listings.json --rounds 20 --failures")]
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
#[command(after_long_help = "\
Examples:
  deepcut eval search tests/judged/corpus.json
  deepcut eval search judged.json --floor 0.95 --failures")]
pub(super) struct Search {
    /// JSON: [{"query": …, "kind": …, "grades": {"path or id of a post": 3, …}}, …]
    file: PathBuf,
    /// List every query whose first hit is not the best post
    #[arg(long)]
    failures: bool,
    /// Exit 1 where nDCG@10 over all queries is below this (0 to 1)
    #[arg(long, value_name = "NDCG")]
    floor: Option<f64>,
}

#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut eval extract tests/gold
  deepcut eval extract tests/gold --floor 0.9 --failures")]
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

/// True for figures that count rather than rate.
fn counts(what: &str) -> bool {
    matches!(
        what,
        "documents" | "lists" | "rows" | "track rows" | "queries"
    )
}

fn number(what: &str, value: f64) -> serde_json::Value {
    if counts(what) {
        (value as u64).into()
    } else {
        value.into()
    }
}

pub(super) fn run(session: &Session, args: &Eval) -> anyhow::Result<u8> {
    let (scores, failures, floor) = match args {
        Eval::Extract(a) => (eval::extract(&a.dir)?, a.failures, a.floor),
        Eval::Layouts(a) => (eval::layouts(&a.file, a.rounds, a.seed)?, a.failures, None),
        Eval::Search(a) => (
            eval::search(&index::open(session)?, &a.file)?,
            a.failures,
            a.floor,
        ),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if session.json() {
        let table: serde_json::Map<String, serde_json::Value> = scores
            .table
            .iter()
            .map(|(name, figures)| {
                let figures: serde_json::Map<String, serde_json::Value> = figures
                    .iter()
                    .map(|(what, value)| ((*what).to_owned(), number(what, *value)))
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
                    if counts(what) {
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
            .filter(|(name, _)| matches!(name.as_str(), "tracks" | "main text" | "all"))
            .flat_map(|(_, figures)| figures)
            .any(|(what, value)| matches!(*what, "F1" | "nDCG@10") && *value < floor)
    });
    Ok(if below { NOTHING } else { FOUND })
}
