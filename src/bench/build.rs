//! How fast is an index built?
//!
//! In: an archive. Out: documents and bytes per second, by stage. The index goes into a temporary folder and away
//! again; the archive is only read.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::yardstick::{Pace, Yardstick, pace};
use super::{Building, Figure, Report, Stage, memory, size};
use crate::engine::tantivy::TantivyReader;
use crate::error::{Error, Result};
use crate::pipeline::{self, Observer, Request, Step};

/// Another round begins only before so much time has passed.
const LONG: Duration = Duration::from_secs(60);
/// Laps of the yardstick before, between and after rounds, on every thread.
const LAPS: usize = 10;

/// How building is to be measured.
pub struct BuildOptions<'a> {
    pub path: &'a Path,
    /// Worker threads; all cores where 0.
    pub threads: usize,
    /// How often to build, at most.
    pub rounds: usize,
    /// The version of the JSON contracts.
    pub schema: u32,
}

/// Seconds of the stages, then of the workers.
#[derive(Default)]
struct Spent {
    stages: Vec<(pipeline::Stage, Instant)>,
    steps: [Duration; 3],
}

struct Clock<'a> {
    spent: Mutex<Spent>,
    stage: &'a (dyn Fn(&str) + Sync),
    round: String,
}

impl Observer for Clock<'_> {
    fn stage(&self, stage: pipeline::Stage, _: u64, _: u64) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.stages.push((stage, Instant::now()));
        (self.stage)(&format!("{}: {}", self.round, name(stage)));
    }
    fn anew(&self, _: &str) {}
    fn left_out(&self, _: &str) {}
    fn file(&self, _: u64, _: u64) {}
    fn step(&self, step: Step, took: Duration) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.steps[step as usize] += took;
    }
}

fn name(stage: pipeline::Stage) -> &'static str {
    match stage {
        pipeline::Stage::Plan => "plan",
        pipeline::Stage::Read => "read",
        pipeline::Stage::Settle => "settle",
        pipeline::Stage::Publish => "publish",
    }
}

const STAGES: [&str; 4] = ["plan", "read", "settle", "publish"];
const STEPS: [&str; 3] = ["parse", "extract", "store"];

/// One round: seconds of all, of each stage, of each step.
struct Round {
    all: f64,
    stages: [f64; 4],
    steps: [f64; 3],
}

/// Measures how fast an archive is indexed; `None` where it was interrupted. `stage` hears what is being done.
///
/// # Errors
/// Where the archive cannot be read, or there is no room for its index.
pub fn build(
    options: &BuildOptions<'_>,
    cancel: &AtomicBool,
    stage: &(dyn Fn(&str) + Sync),
) -> Result<Option<Report>> {
    let started = Instant::now();
    let mut rounds: Vec<Round> = Vec::new();
    let mut peak = None;
    let mut last = None;
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        n => n,
    };
    // Not kept meanwhile: its memory is not the build's.
    let laps = || Yardstick::new().laps(threads, LAPS);
    let mut beside = laps();
    while rounds.is_empty() || (rounds.len() < options.rounds && started.elapsed() < LONG) {
        let folder = Folder::new()?;
        let clock = Clock {
            spent: Mutex::default(),
            stage,
            round: format!("round {}", rounds.len() + 1),
        };
        let request = Request {
            paths: vec![options.path.to_path_buf()],
            threads: options.threads,
            ..Request::default()
        };
        let index = folder.0.join("main");
        let begun = Instant::now();
        let (report, memory) = memory::peak(|| pipeline::run(&index, &request, &clock, cancel));
        let all = begun.elapsed().as_secs_f64();
        let report = report?;
        if report.interrupted || cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        peak = peak.max(memory);
        let spent = clock
            .spent
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        rounds.push(round(all, begun, &spent));
        beside.extend(laps());
        if last.is_none() && report.new > 0 {
            last = Some((report, size(&TantivyReader::open(&index)?)?));
        }
    }
    let Some((report, index)) = last else {
        return Err(Error::usage(
            format!("{} holds no document", options.path.display()),
            "name a folder or file that `deepcut index` reads",
        ));
    };
    let (documents, bytes) = (report.new as f64, report.bytes as f64);
    let seconds = Figure::median(rounds.iter().map(|r| r.all).collect());
    let rate = |count: f64| Figure {
        value: count / seconds.value,
        low: count / seconds.high,
        high: count / seconds.low,
    };
    let part = |name: &str, all: Vec<f64>, whole: f64| {
        let seconds = Figure::median(all);
        let time = seconds.value.max(1e-9);
        Stage {
            name: name.to_owned(),
            seconds,
            share: seconds.value / whole.max(1e-9),
            documents_per_second: documents / time,
            megabytes_per_second: bytes / 1e6 / time,
        }
    };
    let stages: Vec<Stage> = STAGES
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let all = rounds.iter().map(|r| r.stages[n]).collect();
            part(name, all, seconds.value)
        })
        .collect();
    let worked = Figure::median(rounds.iter().map(|r| r.steps.iter().sum()).collect());
    let work = STEPS
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let all = rounds.iter().map(|r| r.steps[n]).collect();
            part(name, all, worked.value)
        })
        .collect();
    Ok(Some(Report {
        build: Some(Building {
            path: options.path.display().to_string(),
            rounds: rounds.len(),
            threads,
            documents: report.new,
            failed: report.failed.len() as u64,
            bytes: report.bytes,
            seconds,
            documents_per_second: rate(documents),
            megabytes_per_second: rate(bytes / 1e6),
            stages,
            work,
            index,
            peak_memory_bytes: peak,
        }),
        pace: Pace {
            building: pace(&beside),
            ..Pace::default()
        },
        ..Report::new(options.schema, 0)
    }))
}

fn round(all: f64, begun: Instant, spent: &Spent) -> Round {
    let end = begun + Duration::from_secs_f64(all);
    let mut stages = [0.0; 4];
    for (at, (stage, from)) in spent.stages.iter().enumerate() {
        let to = spent.stages.get(at + 1).map_or(end, |(_, next)| *next);
        stages[*stage as usize] += to.duration_since(*from).as_secs_f64();
    }
    Round {
        all,
        stages,
        steps: spent.steps.map(|d| d.as_secs_f64()),
    }
}

/// A temporary folder that goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let base = std::env::temp_dir();
        for n in 0..1000 {
            let path = base.join(format!("deepcut-bench-{}-{n}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io("writing", &path, e)),
            }
        }
        Err(Error::usage(
            format!("no name is free in {}", base.display()),
            "remove its deepcut-bench-* folders",
        ))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
