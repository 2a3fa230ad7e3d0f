//! Judged queries: what the engine answers against what people (or a written rule) say is right.
//!
//! In: an engine and a file of judged queries. Out: [`Scores`]: a line for each kind of query, and every
//! query whose first hit is not the best one. A post without a grade has grade 0.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;

use super::documents::{Failure, Scores};
use crate::engine::{ReadEngine, SearchOptions};
use crate::error::{Error, Result};
use crate::model::Hit;
use crate::query;

/// Hits that are looked at for a query; MRR counts what stands further down as not found.
const DEPTH: usize = 100;
/// Hits that count for nDCG.
const CUT: usize = 10;

/// A query with the grades of its posts.
#[derive(Clone, Debug, Deserialize)]
pub struct Judged {
    pub query: String,
    /// The line of the table that it counts for, such as `artist`; all count for `all`.
    #[serde(default)]
    pub kind: Option<String>,
    /// By id or by source path of the post, the higher the better.
    pub grades: BTreeMap<String, u8>,
}

/// Figures of one query.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub reciprocal_rank: f64,
    pub ndcg: f64,
    pub success: f64,
}

impl Figures {
    /// The figures of an answer, given the grades of its hits in order and all grades that there are.
    ///
    /// - Reciprocal rank: 1 / rank of the first hit of the best grade, 0 where there is none among the hits;
    ///   its mean over queries is MRR (Voorhees, "The TREC-8 Question Answering Track Report", 1999).
    /// - nDCG@10: the sum of (2^grade - 1) / log2(rank + 1) over the first ten, divided by that of the best
    ///   order (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002; with the
    ///   gain of Burges et al., "Learning to rank using gradient descent", 2005).
    /// - success@1: 1 where the first hit has the best grade, else 0.
    pub fn of(found: &[u8], judged: &[u8]) -> Self {
        let best = judged.iter().copied().max().unwrap_or(0);
        if best == 0 {
            // Nothing is right: the only right answer is none.
            let right = if found.is_empty() { 1.0 } else { 0.0 };
            return Self {
                reciprocal_rank: right,
                ndcg: right,
                success: right,
            };
        }
        let rank = found.iter().position(|grade| *grade == best);
        let mut ideal = judged.to_vec();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            reciprocal_rank: rank.map_or(0.0, |at| 1.0 / (at + 1) as f64),
            ndcg: gain(found) / gain(&ideal),
            success: if rank == Some(0) { 1.0 } else { 0.0 },
        }
    }
}

fn gain(grades: &[u8]) -> f64 {
    (2u32..)
        .zip(grades.iter().take(CUT))
        .map(|(place, grade)| (f64::from(*grade).exp2() - 1.0) / f64::from(place).log2())
        .sum()
}

/// Asks every query of a file and scores the answers.
///
/// # Errors
/// Where the file cannot be read, is no list of judged queries, or the engine fails.
pub fn search(engine: &dyn ReadEngine, file: &Path) -> Result<Scores> {
    let bytes = std::fs::read(file).map_err(|e| Error::io("reading", file, e))?;
    let judged: Vec<Judged> = serde_json::from_slice(&bytes).map_err(|e| {
        Error::usage(
            format!("{} holds no judged queries: {e}", file.display()),
            "a list of {\"query\": …, \"grades\": {path or id: 0 to 3}}; see docs/json.md",
        )
    })?;
    let answers: Result<Vec<(Figures, Option<Failure>)>> =
        judged.par_iter().map(|one| ask(engine, one)).collect();
    let mut sums: BTreeMap<&str, (usize, Figures)> = BTreeMap::new();
    let mut failures = Vec::new();
    for (one, (figures, failure)) in judged.iter().zip(answers?) {
        let kinds = one.kind.iter().map(String::as_str).chain(["all"]);
        for kind in kinds {
            let (count, sum) = sums.entry(kind).or_default();
            *count += 1;
            sum.reciprocal_rank += figures.reciprocal_rank;
            sum.ndcg += figures.ndcg;
            sum.success += figures.success;
        }
        failures.extend(failure);
    }
    let table = sums.into_iter().map(|(kind, (count, sum))| {
        let mean = |sum: f64| sum / count as f64;
        let figures = vec![
            ("queries", count as f64),
            ("MRR", mean(sum.reciprocal_rank)),
            ("nDCG@10", mean(sum.ndcg)),
            ("success@1", mean(sum.success)),
        ];
        (kind.to_owned(), figures)
    });
    Ok(Scores {
        table: table.collect(),
        failures,
    })
}

fn ask(engine: &dyn ReadEngine, one: &Judged) -> Result<(Figures, Option<Failure>)> {
    let options = SearchOptions::new(&one.query, DEPTH);
    let response = engine.search(&query::parse(&one.query), &options)?;
    let grade = |hit: &Hit| {
        let named = one.grades.get(&hit.id.to_string());
        named
            .or_else(|| one.grades.get(hit.source.as_str()))
            .copied()
            .unwrap_or(0)
    };
    let found: Vec<u8> = response.hits.iter().map(grade).collect();
    let judged: Vec<u8> = one.grades.values().copied().collect();
    let figures = Figures::of(&found, &judged);
    let best = judged.iter().max().copied().unwrap_or(0);
    let failure = (figures.success < 1.0).then(|| Failure {
        document: one.query.clone(),
        what: "search",
        expected: one
            .grades
            .iter()
            .filter(|(_, grade)| **grade == best)
            .map(|(post, _)| post.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        found: response
            .hits
            .first()
            .map(|hit| format!("{} ({})", hit.source, hit.tier.as_str()))
            .unwrap_or_default(),
    });
    Ok((figures, failure))
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn figures_follow_their_formulas() {
        let all = [3, 2, 1];
        let perfect = Figures::of(&[3, 2, 1, 0], &all);
        assert_eq!(
            (perfect.reciprocal_rank, perfect.ndcg, perfect.success),
            (1.0, 1.0, 1.0)
        );
        let second = Figures::of(&[2, 3, 1], &all);
        assert_eq!((second.reciprocal_rank, second.success), (0.5, 0.0));
        // (3/1 + 7/log2(3) + 1/2) / (7/1 + 3/log2(3) + 1/2)
        assert!((second.ndcg - 0.842_82).abs() < 1e-4, "{}", second.ndcg);
        assert_eq!(Figures::of(&[], &all), Figures::default());
        assert_eq!(Figures::of(&[], &[]).success, 1.0);
        assert_eq!(Figures::of(&[0], &[]).success, 0.0);
    }
}
