//! Campaigns: many moments, many flips, many questions, out of a seed.
//!
//! Each has a short form, which every run of the tests has, and a long one, which is asked for by name:
//!
//! ```text
//! cargo test --locked --test suite -- --ignored --nocapture campaign::storm
//! ```
//!
//! `DEEPCUT_SEED` (1 unless told) is another campaign; `DEEPCUT_TIMES` is another length. What a long one found
//! it prints; `docs/safety.md` has the figures.
#![cfg(unix)]

mod bombs;
mod flips;
#[cfg(target_os = "linux")]
mod full_disk;
mod fuzz;
mod power;
mod privacy;
mod queries;
pub(crate) mod screen;
mod storm;
mod together;

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::archive::{Archive, capture, code, errors};
use crate::generator::Random;

/// A number that the environment may set.
pub fn number(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |n| n.parse().expect("a number"))
}

pub fn random(stream: u64) -> Random {
    Random::new(number("DEEPCUT_SEED", 1), stream)
}

/// How often, in the long form.
pub fn times(otherwise: u64) -> u64 {
    number("DEEPCUT_TIMES", otherwise)
}

/// The processor's time for this thread: what a test measures while the machine has other things to do.
#[cfg(target_os = "linux")]
pub fn processor_time() -> Duration {
    #[repr(C)]
    struct Time {
        seconds: i64,
        nanoseconds: i64,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Time) -> i32;
    }
    const OF_THIS_THREAD: i32 = 3;
    let mut time = Time {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the structure is the one that the call fills in.
    assert_eq!(unsafe { clock_gettime(OF_THIS_THREAD, &raw mut time) }, 0);
    Duration::from_secs(time.seconds.unsigned_abs())
        + Duration::from_nanos(time.nanoseconds.unsigned_abs())
}

#[cfg(not(target_os = "linux"))]
pub fn processor_time() -> Duration {
    static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

/// What the system counts of processes that ended.
#[repr(C)]
#[derive(Default)]
pub struct Usage {
    /// In user code, then in the system: seconds and microseconds each.
    times: [i64; 4],
    /// Peak of resident memory, in KiB.
    pub peak: i64,
    rest: [i64; 13],
}

impl Usage {
    pub fn processor_time(&self) -> Duration {
        let [seconds, micros, more_seconds, more_micros] = self.times.map(i64::unsigned_abs);
        Duration::from_secs(seconds + more_seconds) + Duration::from_micros(micros + more_micros)
    }
}

unsafe extern "C" {
    pub fn wait4(pid: i32, status: *mut i32, options: i32, usage: *mut Usage) -> i32;
    fn getrusage(who: i32, usage: *mut Usage) -> i32;
}

/// The processor's time for all processes that this one started and that ended.
pub fn children_time() -> Duration {
    const CHILDREN: i32 = -1;
    let mut usage = Usage::default();
    // SAFETY: the structure is the one that the call fills in.
    assert_eq!(unsafe { getrusage(CHILDREN, &raw mut usage) }, 0);
    usage.processor_time()
}

/// A capture with a comment.
pub fn with_comment(title: &str, prose: &str) -> String {
    format!(
        "{}\n1 Response to “{title}”\n\n  1. The kettle again.\n\nLeave a Reply\n",
        capture(title, prose)
    )
}

/// Ids and titles of all posts, sorted; an error where the index cannot be asked. An id that is there twice is
/// there twice.
pub fn posts(archive: &Archive, index: &str) -> Result<Vec<(String, String)>, String> {
    let args = ["search", "*", "--limit", "5000", "--format", "json"];
    let output = archive.command_on(index, &args).output().unwrap();
    if !matches!(code(&output), 0 | 1) {
        return Err(errors(&output));
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let hits = answer["hits"].as_array().unwrap().iter();
    let mut all: Vec<(String, String)> = hits
        .map(|hit| (text(&hit["post"]["id"]), text(&hit["post"]["title"])))
        .collect();
    all.sort();
    assert_eq!(answer["total"], all.len());
    Ok(all)
}

/// What `doctor` says; the whole report where something is wrong.
pub fn sound(archive: &Archive, index: &str) -> Result<(), String> {
    let args = ["doctor", "--format", "json"];
    let output = archive.command_on(index, &args).output().unwrap();
    match code(&output) {
        0 => Ok(()),
        code => Err(format!(
            "exit {code}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            errors(&output)
        )),
    }
}

/// Runs a command, and ends it where it takes longer than `limit`.
pub fn within(command: &mut Command, limit: Duration) -> (Option<Output>, Duration) {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let [mut out, mut err] = [Vec::new(), Vec::new()];
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let status = std::thread::scope(|scope| {
        use std::io::Read;
        scope.spawn(|| stdout.read_to_end(&mut out));
        scope.spawn(|| stderr.read_to_end(&mut err));
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return Some(status);
            }
            if started.elapsed() > limit {
                child.kill().unwrap();
                child.wait().unwrap();
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let output = status.map(|status| Output {
        status,
        stdout: out,
        stderr: err,
    });
    (output, started.elapsed())
}
