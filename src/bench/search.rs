//! How fast are queries answered?
//!
//! In: an index and queries. Out: times by class. Each query is answered whole: read, matched, ranked, the posts
//! of one page with evidence and snippets.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::random::Random;
use super::sample::{Asked, draw};
use super::yardstick::{Pace, Yardstick, pace};
use super::{Class, Figure, PARTS, Report, Searching, machine, memory, process, size};
use crate::artist::Aliases;
use crate::engine::tantivy::TantivyReader;
use crate::engine::{self, ReadEngine};
use crate::error::Result;
use crate::query;

/// Rounds on one thread, at most.
const MOST_ROUNDS: usize = 200;

/// How searching is to be measured.
pub struct SearchOptions<'a> {
    /// The folder that holds the index and `aliases.toml`.
    pub folder: &'a Path,
    /// The index itself.
    pub index: &'a Path,
    /// The program that answers one query and ends.
    pub program: &'a Path,
    /// Queries to ask; drawn from the index where there is none.
    pub queries: Vec<Asked>,
    /// Queries of each class that are drawn.
    pub each: usize,
    pub seed: u64,
    /// Posts of each answer.
    pub limit: usize,
    /// How long to ask on one thread, and again on all.
    pub time: Duration,
    /// Threads of the second half.
    pub threads: usize,
    /// The version of the JSON contracts.
    pub schema: u32,
}

/// Measures how fast an index answers; `stage` hears what is being done.
///
/// # Errors
/// Where the index cannot be opened or answers nothing.
pub fn search(options: &SearchOptions<'_>, stage: &(dyn Fn(&str) + Sync)) -> Result<Report> {
    let mut queries = options.queries.clone();
    stage("measuring the index");
    // Closed again before whole processes are measured: what is mapped here stays in the system's cache.
    let index = {
        let engine = TantivyReader::open(options.index)?;
        if queries.is_empty() {
            queries = draw(&engine, options.each, options.seed)?;
        }
        size(&engine)?
    };
    stage("starting whole searches");
    let texts: Vec<&str> = queries.iter().map(|q| q.text.as_str()).collect();
    let spread: Vec<&str> = texts
        .iter()
        .step_by((texts.len() / 11).max(1))
        .copied()
        .collect();
    let yardstick = Yardstick::new();
    let mut beside = Laps::default();
    let (process_cold_ms, process_ms) =
        process::measure(options.program, options.folder, &spread, &mut || {
            beside.processes.push(yardstick.lap());
        })?;
    let engine = TantivyReader::open(options.index)?;
    let aliases = Aliases::load(options.folder)?;
    let ask = |text: &str| -> Result<u64> {
        let understood = query::widen(query::parse(text), &aliases);
        let response = engine.search(
            &understood,
            &engine::SearchOptions::new(text, options.limit),
        )?;
        Ok(black_box(response).total)
    };
    let (measured, peak_memory_bytes) = memory::peak(|| -> Result<_> {
        stage("warming up");
        let totals: Vec<u64> = texts.iter().map(|t| ask(t)).collect::<Result<_>>()?;
        stage("asking on one thread");
        let before = machine::scheduled();
        let alone = one_thread(&texts, options, &ask, &mut || {
            beside.one_thread.push(yardstick.lap());
        })?;
        let undisturbed = machine::undisturbed(before, machine::scheduled());
        stage("asking on all threads");
        let together = all_threads(&texts, options, &ask, &mut || {
            beside
                .all_threads
                .extend(yardstick.laps(options.threads, 3));
        })?;
        Ok((totals, alone, together, undisturbed))
    });
    let (totals, samples, all_threads_qps, undisturbed) = measured?;
    let rounds = samples.first().map_or(0, Vec::len);
    Ok(Report {
        search: Some(Searching {
            index,
            limit: options.limit,
            rounds,
            classes: classes(&queries, &totals, &samples),
            threads: options.threads,
            one_thread_qps: one_thread_qps(&samples),
            all_threads_qps,
            process_cold_ms,
            process_ms,
            peak_memory_bytes: peak_memory_bytes.map(|b| b.saturating_sub(yardstick.bytes())),
            undisturbed,
        }),
        pace: Pace {
            processes: pace(&beside.processes),
            one_thread: pace(&beside.one_thread),
            all_threads: pace(&beside.all_threads),
            building: None,
        },
        ..Report::new(options.schema, options.seed)
    })
}

/// Laps of the yardstick beside what is measured.
#[derive(Default)]
struct Laps {
    processes: Vec<f64>,
    one_thread: Vec<f64>,
    all_threads: Vec<f64>,
}

type Ask<'a> = dyn Fn(&str) -> Result<u64> + Sync + 'a;

/// Milliseconds of every query, round by round; each round asks in another order, after a call of `lap`.
fn one_thread(
    texts: &[&str],
    options: &SearchOptions<'_>,
    ask: &Ask<'_>,
    lap: &mut dyn FnMut(),
) -> Result<Vec<Vec<f64>>> {
    let mut random = Random::new(options.seed);
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut samples = vec![Vec::new(); texts.len()];
    let started = Instant::now();
    let mut rounds = 0;
    while rounds < PARTS || (started.elapsed() < options.time && rounds < MOST_ROUNDS) {
        lap();
        random.shuffle(&mut order);
        for at in &order {
            let begun = Instant::now();
            ask(texts[*at])?;
            samples[*at].push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        rounds += 1;
    }
    Ok(samples)
}

/// Queries per second on one thread: all of them once, by the time that takes.
fn one_thread_qps(samples: &[Vec<f64>]) -> Figure {
    let rounds = samples.first().map_or(0, Vec::len);
    let rate = |rounds: &mut dyn Iterator<Item = usize>| {
        let (mut count, mut time) = (0, 0.0);
        for round in rounds {
            count += samples.len();
            time += samples.iter().map(|s| s[round]).sum::<f64>();
        }
        count as f64 * 1000.0 / f64::max(time, f64::MIN_POSITIVE)
    };
    let parts =
        (0..PARTS).map(|part| rate(&mut (0..rounds).filter(|r| r * PARTS / rounds == part)));
    Figure::of(rate(&mut (0..rounds)), parts)
}

/// Queries per second on all threads, in as many spans of time as there are parts, each after a call of
/// `laps`.
fn all_threads(
    texts: &[&str],
    options: &SearchOptions<'_>,
    ask: &Ask<'_>,
    laps: &mut dyn FnMut(),
) -> Result<Figure> {
    let mut rates = Vec::new();
    let (mut asked, mut took) = (0, 0.0);
    for part in 0..PARTS {
        laps();
        let next = AtomicUsize::new(0);
        let span = options.time / PARTS as u32;
        let mut order: Vec<usize> = (0..texts.len()).collect();
        Random::new(options.seed + 1 + part as u64).shuffle(&mut order);
        let begun = Instant::now();
        let results: Vec<Result<()>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..options.threads.max(1))
                .map(|_| {
                    scope.spawn(|| -> Result<()> {
                        loop {
                            let at = next.fetch_add(1, Ordering::Relaxed);
                            if at >= texts.len() && begun.elapsed() >= span {
                                return Ok(());
                            }
                            ask(texts[order[at % order.len()]])?;
                        }
                    })
                })
                .collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            joined.map(|result| result.unwrap_or(Ok(()))).collect()
        });
        for result in results {
            result?;
        }
        let time = begun.elapsed().as_secs_f64();
        // Each worker draws one number past the end.
        let count = next.into_inner().saturating_sub(options.threads.max(1));
        rates.push(count as f64 / time);
        asked += count;
        took += time;
    }
    Ok(Figure::of(asked as f64 / took, rates))
}

/// Figures of every class, in the order of their first query, then of all together.
fn classes(queries: &[Asked], totals: &[u64], samples: &[Vec<f64>]) -> Vec<Class> {
    let mut order: Vec<&str> = Vec::new();
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, query) in queries.iter().enumerate() {
        if !order.contains(&query.class.as_str()) {
            order.push(&query.class);
        }
        members.entry(&query.class).or_default().push(at);
    }
    let mut out: Vec<Class> = order
        .iter()
        .filter_map(|name| Some((*name, members.get(name)?)))
        .map(|(name, members)| class(name, members, queries, totals, samples))
        .collect();
    if out.len() > 1 {
        let everything: Vec<usize> = (0..queries.len()).collect();
        out.push(class("all", &everything, queries, totals, samples));
    }
    out
}

fn class(
    name: &str,
    members: &[usize],
    queries: &[Asked],
    totals: &[u64],
    samples: &[Vec<f64>],
) -> Class {
    // Parts follow each other in time: what else the machine did meanwhile is part of the noise.
    let rounds = samples.first().map_or(0, Vec::len);
    let sorted = |part: Option<usize>| -> Vec<f64> {
        let mut all: Vec<f64> = members
            .iter()
            .flat_map(|m| samples[*m].iter().enumerate())
            .filter(|(round, _)| part.is_none_or(|p| round * PARTS / rounds.max(1) == p))
            .map(|(_, ms)| *ms)
            .collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let all = sorted(None);
    let parts: Vec<Vec<f64>> = (0..PARTS).map(|p| sorted(Some(p))).collect();
    let figure = |quantile: f64| {
        Figure::of(
            percentile(&all, quantile),
            parts.iter().map(|part| percentile(part, quantile)),
        )
    };
    let mut histogram = Vec::new();
    for ms in &all {
        let bucket = bucket(*ms);
        if histogram.len() <= bucket {
            histogram.resize(bucket + 1, 0);
        }
        histogram[bucket] += 1;
    }
    Class {
        name: name.to_owned(),
        queries: members.len(),
        answered: members.iter().filter(|m| totals[**m] > 0).count(),
        example: members
            .first()
            .map(|m| queries[*m].text.clone())
            .unwrap_or_default(),
        p50_ms: figure(0.5),
        p95_ms: figure(0.95),
        p99_ms: figure(0.99),
        max_ms: figure(1.0),
        histogram,
    }
}

/// The least sample that so large a share of all does not exceed (nearest rank).
fn percentile(sorted: &[f64], quantile: f64) -> f64 {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// The bucket of a time; see [`Class::histogram`].
fn bucket(ms: f64) -> usize {
    ((ms.max(0.001).log10() + 3.0) * 5.0).floor().max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 0.5), 50.0);
        assert_eq!(percentile(&sorted, 0.99), 99.0);
        assert_eq!(percentile(&sorted, 1.0), 100.0);
        assert_eq!(percentile(&[7.0], 0.5), 7.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }

    #[test]
    fn buckets_are_fifths_of_powers_of_ten() {
        assert_eq!(bucket(0.0), 0);
        assert_eq!(bucket(1.0), 15);
        assert_eq!(bucket(9.99), 19);
        assert_eq!(bucket(10.0), 20);
    }
}
