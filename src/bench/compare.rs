//! What changed since an earlier run, beyond the noise?
//!
//! In: two reports. Out: their figures side by side, with a verdict. A figure changed where the two ranges, each
//! widened by half, do not meet, and the values differ by more than a few percent: some fifty figures are looked
//! at, and one that strays by chance must not be told. Where the machine itself was quicker or slower than then (see
//! `yardstick`), a figure changed only if it did both as measured and with that allowed for.

use serde::Serialize;

use super::{Figure, Pace, Report, Searching};

/// A smaller difference is never told, however steady the figures are.
const LEAST: f64 = 0.05;
/// What a figure without a range (it was measured once) may differ.
const UNKNOWN_NOISE: f64 = 0.10;

/// Two figures of one name.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// `AND p50`, `peak memory`.
    pub what: String,
    /// `ms`, `s`, `1/s`, `MB/s`, `bytes`, `ratio`.
    pub unit: &'static str,
    pub before: Figure,
    pub after: Figure,
    /// `after` by `before`, less 1: -0.1 is a tenth less.
    pub change: f64,
    pub verdict: Verdict,
}

/// What a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Better,
    Worse,
    Same,
}

/// A report against an earlier one.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The file of the earlier one.
    pub with: String,
    /// Why the two may not be comparable.
    pub notes: Vec<String>,
    pub changes: Vec<Change>,
}

struct Line {
    what: String,
    unit: &'static str,
    figure: Figure,
    more_is_better: bool,
    /// Milliseconds of a lap of the yardstick meanwhile.
    lap: Option<f64>,
}

/// A pace that differs by more is told.
const OTHER_PACE: f64 = 0.1;

/// Compares two reports figure by figure; what only one has is left out.
pub fn compare(before: &Report, after: &Report, with: &str) -> Comparison {
    let mut notes = Vec::new();
    if before.machine != after.machine {
        notes.push("the earlier run was on another machine".to_owned());
    }
    if before.optimized != after.optimized {
        notes.push("one of the two programs was built without optimisation".to_owned());
    }
    if before.deepcut != after.deepcut {
        notes.push(format!(
            "deepcut {} then, {} now",
            before.deepcut, after.deepcut
        ));
    }
    let posts = |r: &Report| r.search.as_ref().map(|s| s.index.posts);
    if let (Some(then), Some(now)) = (posts(before), posts(after))
        && then != now
    {
        notes.push(format!("the index had {then} posts then, {now} now"));
    }
    if before.seed != after.seed {
        notes.push("the queries were drawn with another seed".to_owned());
    }
    for (report, when) in [(before, "then"), (after, "now")] {
        if let Some(share) = report.search.as_ref().and_then(Searching::disturbed) {
            notes.push(format!(
                "the machine was busy {when}: asking had {:.0} % of a processor",
                100.0 * share
            ));
        }
    }
    let shares = (share(before), share(after));
    for (what, lap) in LAPS {
        if let (Some(then), Some(now)) = (lap(&before.pace), lap(&after.pace))
            && (now.value / then.value - 1.0).abs() > OTHER_PACE
        {
            notes.push(format!(
                "the machine was {:.2} times as quick {what} as then; this is allowed for",
                then.value / now.value
            ));
        }
    }
    let old = lines(before);
    let changes = lines(after)
        .into_iter()
        .filter_map(|now| {
            let then = old.iter().find(|l| l.what == now.what)?;
            Some(change(then, now, shares))
        })
        .collect();
    Comparison {
        with: with.to_owned(),
        notes,
        changes,
    }
}

/// The share of the time in which a run could go on with asking.
fn share(report: &Report) -> f64 {
    let told = report.search.as_ref().and_then(|s| s.undisturbed);
    told.unwrap_or(1.0).clamp(0.01, 1.0)
}

/// The paces of a report, and what was measured beside each.
type Lap = fn(&Pace) -> Option<Figure>;
const LAPS: [(&str, Lap); 4] = [
    ("with whole processes", |pace| pace.processes),
    ("on one thread", |pace| pace.one_thread),
    ("on all threads", |pace| pace.all_threads),
    ("in building", |pace| pace.building),
];

/// Compares a figure; `shares` are those of the time that the two runs had.
fn change(before: &Line, line: Line, shares: (f64, f64)) -> Change {
    let slower = match (before.lap, line.lap) {
        (Some(then), Some(now)) if then > 0.0 && now > 0.0 => now / then,
        _ => 1.0,
    };
    // What the figure would have been at the pace of then.
    let allowed = match line.unit {
        "ms" | "s" => 1.0 / slower,
        "1/s" | "MB/s" => slower,
        _ => 1.0,
    };
    let (before, after) = (before.figure, line.figure);
    let by = |value: f64| match before.value {
        0.0 => 0.0,
        then => value / then - 1.0,
    };
    let change = by(after.value);
    let then = widened(before, line.unit, shares.0);
    let now = widened(after, line.unit, shares.1);
    let now = (now.0.min(now.0 * allowed), now.1.max(now.1 * allowed));
    let apart = then.1 < now.0 || now.1 < then.0;
    let steady = before.low < before.high || after.low < after.high;
    let least = if steady { LEAST } else { UNKNOWN_NOISE };
    let differs = change.abs().min(by(after.value * allowed).abs());
    let verdict = if !apart || differs < least {
        Verdict::Same
    } else if (change > 0.0) == line.more_is_better {
        Verdict::Better
    } else {
        Verdict::Worse
    };
    Change {
        what: line.what,
        unit: line.unit,
        before,
        after,
        change,
        verdict,
    }
}

/// The range of a figure, and half of it more on either side. What took so long with a share of the time would have
/// taken as little as that share of it alone.
fn widened(figure: Figure, unit: &str, share: f64) -> (f64, f64) {
    let more = (figure.high - figure.low) / 2.0;
    let (low, high) = (figure.low - more, figure.high + more);
    match unit {
        "ms" => (low * share, high),
        "1/s" => (low, high / share),
        _ => (low, high),
    }
}

/// Every figure of a report by name.
fn lines(report: &Report) -> Vec<Line> {
    let mut out = Vec::new();
    let pace = &report.pace;
    let mut add =
        |what: String, unit: &'static str, figure, more_is_better, lap: Option<Figure>| {
            out.push(Line {
                what,
                unit,
                figure,
                more_is_better,
                lap: lap.map(|lap| lap.value),
            });
        };
    let exact = |value: f64| Figure::of(value, []);
    if let Some(search) = &report.search {
        for class in &search.classes {
            for (name, figure) in [
                ("p50", class.p50_ms),
                ("p95", class.p95_ms),
                ("p99", class.p99_ms),
                ("max", class.max_ms),
            ] {
                let what = format!("{} {name}", class.name);
                add(what, "ms", figure, false, pace.one_thread);
            }
        }
        let (one, all) = (search.one_thread_qps, search.all_threads_qps);
        add("one thread".into(), "1/s", one, true, pace.one_thread);
        add("all threads".into(), "1/s", all, true, pace.all_threads);
        if let Some(figure) = search.process_cold_ms {
            let what = "whole process, cold".into();
            add(what, "ms", figure, false, pace.processes);
        }
        if let Some(figure) = search.process_ms {
            add("whole process".into(), "ms", figure, false, pace.processes);
        }
        if let Some(bytes) = search.peak_memory_bytes {
            let figure = exact(bytes as f64);
            add("peak memory".into(), "bytes", figure, false, None);
        }
        let ratio = exact(search.index.ratio);
        add("index by text".into(), "ratio", ratio, false, None);
    }
    if let Some(build) = &report.build {
        let mut timed = |what: String, unit, figure, more_is_better| {
            add(what, unit, figure, more_is_better, pace.building);
        };
        let (documents, read) = (build.documents_per_second, build.megabytes_per_second);
        timed("documents".into(), "1/s", documents, true);
        timed("bytes read".into(), "MB/s", read, true);
        for stage in build.stages.iter().chain(&build.work) {
            timed(format!("build: {}", stage.name), "s", stage.seconds, false);
        }
        if let Some(bytes) = build.peak_memory_bytes {
            let figure = exact(bytes as f64);
            add("build: peak memory".into(), "bytes", figure, false, None);
        }
        let ratio = exact(build.index.ratio);
        add("build: index by text".into(), "ratio", ratio, false, None);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_the_noise_is_told() {
        let at = |figure, more_is_better, lap| Line {
            what: String::new(),
            unit: "ms",
            figure,
            more_is_better,
            lap: Some(lap),
        };
        let line = |figure, more_is_better| at(figure, more_is_better, 1.0);
        let steady = &line(Figure::of(1.0, [0.95, 1.05]), false);
        for (after, verdict) in [
            (Figure::of(1.04, [1.0, 1.1]), Verdict::Same),
            (Figure::of(1.2, [1.15, 1.3]), Verdict::Same),
            (Figure::of(1.5, [1.4, 1.6]), Verdict::Worse),
            (Figure::of(0.5, [0.4, 0.6]), Verdict::Better),
        ] {
            assert_eq!(
                change(steady, line(after, false), (1.0, 1.0)).verdict,
                verdict
            );
        }
        let once = |value| line(Figure::of(value, []), true);
        assert_eq!(
            change(&once(1.0), once(1.08), (1.0, 1.0)).verdict,
            Verdict::Same
        );
        assert_eq!(
            change(&once(1.0), once(1.2), (1.0, 1.0)).verdict,
            Verdict::Better
        );
        // A run that had half of a processor may have been as quick as this, and one of a tenth of the time was not.
        let fast = Figure::of(0.6, [0.55, 0.65]);
        let verdict = |after, share| change(steady, line(after, false), (share, 1.0)).verdict;
        assert_eq!(
            (verdict(fast, 1.0), verdict(fast, 0.5)),
            (Verdict::Better, Verdict::Same)
        );
        let faster = Figure::of(0.1, [0.09, 0.11]);
        assert_eq!(verdict(faster, 0.5), Verdict::Better);
        // The machine became quicker: what became as much quicker is the same, and more than that is better.
        let quicker = |after, lap| change(steady, at(after, false, lap), (1.0, 1.0)).verdict;
        assert_eq!(
            [1.0, 0.6, 0.5].map(|lap| quicker(fast, lap)),
            [Verdict::Better, Verdict::Same, Verdict::Same]
        );
        assert_eq!(quicker(faster, 0.6), Verdict::Better);
        // It became slower: what kept its time is not told to be better for it.
        assert_eq!(quicker(steady.figure, 2.0), Verdict::Same);
    }
}
