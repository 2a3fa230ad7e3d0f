//! What `deepcut bench` measured.
//!
//! In: a report, and what changed since an earlier one. Out: a table with a small histogram of times a line,
//! JSON, CSV.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::paint::safe;
use super::sheet::column;
use super::text::{bytes, counted};
use super::{Screen, Sheet};
use crate::bench::{Building, Class, Comparison, Figure, IndexSize, Report, Searching, Verdict};

/// What `deepcut bench` tells.
pub struct BenchTable<'a> {
    pub report: &'a Report,
    pub comparison: Option<&'a Comparison>,
}

impl Sheet for BenchTable<'_> {
    fn json(&self) -> Map<String, Value> {
        let mut map = match serde_json::to_value(self.report) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let comparison = serde_json::to_value(self.comparison).unwrap_or_default();
        map.insert("comparison".to_owned(), comparison);
        map
    }

    fn lines(&self) -> Vec<Value> {
        let mut out = Vec::new();
        if let Some(search) = &self.report.search {
            out.extend(
                search
                    .classes
                    .iter()
                    .filter_map(|c| serde_json::to_value(c).ok()),
            );
        }
        if let Some(build) = &self.report.build {
            let stages = build.stages.iter().chain(&build.work);
            out.extend(stages.filter_map(|s| serde_json::to_value(s).ok()));
        }
        out
    }

    fn header(&self) -> &'static [&'static str] {
        if self.report.search.is_some() {
            &["class", "queries", "p50_ms", "p95_ms", "p99_ms", "max_ms"]
        } else {
            &[
                "stage",
                "seconds",
                "share",
                "documents_per_second",
                "megabytes_per_second",
            ]
        }
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let ms = |figure: Figure| format!("{:.4}", figure.value);
        if let Some(search) = &self.report.search {
            let cells = search.classes.iter().map(|c| {
                vec![
                    c.name.clone(),
                    c.queries.to_string(),
                    ms(c.p50_ms),
                    ms(c.p95_ms),
                    ms(c.p99_ms),
                    ms(c.max_ms),
                ]
            });
            return cells.collect();
        }
        let stages = self
            .report
            .build
            .iter()
            .flat_map(|b| b.stages.iter().chain(&b.work));
        stages
            .map(|s| {
                vec![
                    s.name.clone(),
                    format!("{:.4}", s.seconds.value),
                    format!("{:.4}", s.share),
                    format!("{:.1}", s.documents_per_second),
                    format!("{:.3}", s.megabytes_per_second),
                ]
            })
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if !self.report.optimized {
            let warning = "this deepcut was built without optimisation: build it with --release for figures that count";
            writeln!(out, "note: {}\n", screen.paragraph(warning, &[], 6, ""))?;
        }
        if let Some(search) = &self.report.search {
            if let Some(share) = search.disturbed() {
                let share = 100.0 * share;
                let busy = format!("the machine was busy: asking had {share:.0} % of a processor");
                writeln!(out, "note: {}\n", screen.paragraph(&busy, &[], 6, ""))?;
            }
            searching(search, screen, out)?;
        }
        if let Some(build) = &self.report.build {
            building(build, screen, out)?;
        }
        let machine = &self.report.machine;
        let model = machine.model.as_deref().unwrap_or("unknown processor");
        fact(
            out,
            screen,
            "machine",
            &format!(
                "{} of {}, {}",
                counted(machine.cpus as u64, "thread", "threads"),
                safe(model),
                machine.system
            ),
        )?;
        match self.comparison {
            Some(comparison) => compared(comparison, screen, out),
            None => Ok(()),
        }
    }
}

fn fact(out: &mut dyn Write, screen: &Screen, name: &str, value: &str) -> io::Result<()> {
    let value = screen.paragraph(value, &[], 14, "");
    writeln!(out, "{} {value}", screen.bold(&format!("{name:<13}")))
}

fn index(out: &mut dyn Write, screen: &Screen, index: &IndexSize) -> io::Result<()> {
    let text = format!(
        "{}, {}, {}; {} on disk, {:.2} × its text of {}",
        counted(index.posts, "post", "posts"),
        counted(index.tracks, "track", "tracks"),
        counted(index.comments, "comment", "comments"),
        bytes(index.bytes),
        index.ratio,
        bytes(index.text_bytes)
    );
    fact(out, screen, "index", &text)
}

fn searching(search: &Searching, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    index(out, screen, &search.index)?;
    let all: usize = match search.classes.as_slice() {
        [one] => one.queries,
        several => several.last().map_or(0, |c| c.queries),
    };
    let asked = format!(
        "{} in {}, {} posts an answer with evidence and snippets",
        counted(all as u64, "query", "queries"),
        counted(search.rounds as u64, "round", "rounds"),
        search.limit
    );
    fact(out, screen, "asked", &asked)?;
    writeln!(out)?;
    let name = search.classes.iter().map(|c| c.name.chars().count()).max();
    let name = name.unwrap_or(0).max(5);
    let wide = screen.width >= name + 33;
    let range = range(&search.classes);
    let drawn = wide && screen.width >= name + 36 + range.len();
    let cell = if wide { 8 } else { 7 };
    let mut head = format!("{}{:>cell$}", " ".repeat(name), "p50");
    if wide {
        head.push_str(&format!("{:>cell$}", "p95"));
    }
    head.push_str(&format!("{:>cell$}{:>cell$} ms", "p99", "max"));
    if drawn {
        head.push_str(&format!(" {}", ticks(&range)));
    }
    writeln!(out, "{}", screen.dim(head.trim_end()))?;
    for class in &search.classes {
        let mut line = column(&safe(&class.name), name, false);
        line.push_str(&time(class.p50_ms, cell));
        if wide {
            line.push_str(&time(class.p95_ms, cell));
        }
        line.push_str(&time(class.p99_ms, cell));
        line.push_str(&time(class.max_ms, cell));
        if drawn {
            line.push_str("    ");
            line.push_str(&screen.lead(&bars(class, &range)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)?;
    fact(
        out,
        screen,
        "one thread",
        &rate(search.one_thread_qps, "queries/s"),
    )?;
    let threads = counted(search.threads as u64, "thread", "threads");
    fact(
        out,
        screen,
        &threads,
        &rate(search.all_threads_qps, "queries/s"),
    )?;
    if let Some(warm) = search.process_ms {
        let cold = match search.process_cold_ms {
            Some(cold) => format!("{} cold, ", span(cold)),
            None => String::new(),
        };
        let text = format!("{cold}{} with the index in the file cache", span(warm));
        fact(out, screen, "whole process", &text)?;
    }
    memory(out, screen, search.peak_memory_bytes)
}

fn memory(out: &mut dyn Write, screen: &Screen, peak: Option<u64>) -> io::Result<()> {
    match peak {
        Some(peak) => fact(
            out,
            screen,
            "peak memory",
            &format!("{}, files apart", bytes(peak)),
        ),
        None => Ok(()),
    }
}

fn building(build: &Building, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    fact(out, screen, "archive", &safe(&build.path))?;
    let failed = match build.failed {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let read = format!(
        "{}{failed}, {}; {} on {}",
        counted(build.documents, "document", "documents"),
        bytes(build.bytes),
        counted(build.rounds as u64, "round", "rounds"),
        counted(build.threads as u64, "thread", "threads"),
    );
    fact(out, screen, "read", &read)?;
    writeln!(out)?;
    let wide = screen.width >= 60;
    let rates = |documents: f64, megabytes: f64| {
        if wide {
            format!("{documents:>14.0} {megabytes:>9.2}")
        } else {
            String::new()
        }
    };
    let head = if wide { "   documents/s      MB/s" } else { "" };
    writeln!(
        out,
        "{}",
        screen.dim(&format!("{:<12}{:>9}{:>8}{head}", "", "seconds", "share"))
    )?;
    let line = |out: &mut dyn Write, name: &str, stage: &crate::bench::Stage| {
        let bar = super::sheet::bar((stage.share * 1000.0) as u64, 1000, 10);
        writeln!(
            out,
            "{name:<12}{:>9.3}{:>7.0}%{} {}",
            stage.seconds.value,
            stage.share * 100.0,
            rates(stage.documents_per_second, stage.megabytes_per_second),
            screen.lead(&bar)
        )
    };
    for stage in &build.stages {
        line(out, &stage.name, stage)?;
        if stage.name == "read" {
            for part in &build.work {
                line(out, &format!("  {}", part.name), part)?;
            }
        }
    }
    writeln!(
        out,
        "{}",
        screen.bold(&format!(
            "{:<12}{:>9.3}{:>8}{}",
            "all",
            build.seconds.value,
            "",
            rates(
                build.documents_per_second.value,
                build.megabytes_per_second.value
            )
        ))
    )?;
    let about = "Parts of `read` are the workers' time together, and their share of it.";
    writeln!(out, "{}\n", screen.paragraph(about, &[], 0, "\x1b[2m"))?;
    index(out, screen, &build.index)?;
    memory(out, screen, build.peak_memory_bytes)
}

fn compared(comparison: &Comparison, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{}",
        screen.bold(&format!("Against {}", safe(&comparison.with)))
    )?;
    for note in &comparison.notes {
        writeln!(out, "note: {}", screen.paragraph(&safe(note), &[], 6, ""))?;
    }
    let moved = || {
        comparison
            .changes
            .iter()
            .filter(|c| c.verdict != Verdict::Same)
    };
    let name = moved().map(|c| c.what.chars().count()).max().unwrap_or(0);
    for change in moved() {
        let verdict = match change.verdict {
            Verdict::Better => "better",
            _ => "worse",
        };
        writeln!(
            out,
            "{} {} → {} {}  {:+.0} %  {}",
            column(&change.what, name, false),
            amount(change.before.value, change.unit),
            amount(change.after.value, change.unit),
            if change.unit == "bytes" {
                ""
            } else {
                change.unit
            },
            change.change * 100.0,
            screen.bold(verdict)
        )?;
    }
    let same = comparison.changes.len() - moved().count();
    let about = match (moved().count(), same) {
        (0, 0) => "There is nothing to compare.".to_owned(),
        (0, n) => format!("Nothing changed beyond the noise ({n} figures)."),
        (_, n) => format!("{n} other figures are within the noise."),
    };
    writeln!(out, "{}", screen.dim(&about))
}

fn amount(value: f64, unit: &str) -> String {
    match unit {
        "bytes" => bytes(value as u64),
        "1/s" => format!("{value:.0}"),
        _ => digits(value),
    }
}

/// Three digits that count.
fn digits(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

fn time(figure: Figure, columns: usize) -> String {
    format!("{:>columns$}", digits(figure.value))
}

fn span(figure: Figure) -> String {
    format!(
        "{} ms ({}–{})",
        digits(figure.value),
        digits(figure.low),
        digits(figure.high)
    )
}

fn rate(figure: Figure, unit: &str) -> String {
    format!(
        "{:.0} {unit} ({:.0}–{:.0})",
        figure.value, figure.low, figure.high
    )
}

/// Buckets that any class has samples in.
fn range(classes: &[Class]) -> std::ops::Range<usize> {
    let first = classes
        .iter()
        .filter_map(|c| c.histogram.iter().position(|n| *n > 0))
        .min();
    let end = classes.iter().map(|c| c.histogram.len()).max();
    first.unwrap_or(0)..end.unwrap_or(0)
}

/// Powers of ten over the buckets where they begin.
fn ticks(range: &std::ops::Range<usize>) -> String {
    let mut line = String::new();
    for bucket in range.clone().filter(|b| b % 5 == 0) {
        let at = bucket - range.start;
        let used = line.chars().count();
        let power = 10f64.powi(bucket as i32 / 5 - 3);
        if used == 0 || used < at {
            line.push_str(&" ".repeat(at - used.min(at)));
            line.push_str(&format!("╷{power}"));
        }
    }
    line
}

/// A block a bucket, as high as its share of the class's fullest one.
fn bars(class: &Class, range: &std::ops::Range<usize>) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = class.histogram.iter().max().copied().unwrap_or(0).max(1);
    range
        .clone()
        .map(|bucket| match class.histogram.get(bucket).copied() {
            None | Some(0) => ' ',
            Some(n) => BLOCKS[((n * 8).div_ceil(most) as usize).clamp(1, 8) - 1],
        })
        .collect()
}
