//! How long does one whole `deepcut search` take?
//!
//! In: the program, an index, queries. Out: times from start to end, with and without the index in the system's
//! file cache.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::Figure;
use crate::error::{Error, Result};

/// Processes that are measured of each kind.
const TIMES: usize = 11;

/// Runs whole searches; the first figure is without the file cache, where the system can be told to forget. `lap` is
/// called before each.
pub(super) fn measure(
    program: &Path,
    index: &Path,
    queries: &[&str],
    lap: &mut dyn FnMut(),
) -> Result<(Option<Figure>, Option<Figure>)> {
    if queries.is_empty() {
        return Ok((None, None));
    }
    let mut cold = Vec::new();
    let mut warm = Vec::new();
    // The first one also brings the program itself into the cache.
    once(program, index, queries[0])?;
    for at in 0..TIMES {
        let query = queries[at % queries.len()];
        lap();
        if forget(index) {
            cold.push(once(program, index, query)?);
        }
        warm.push(once(program, index, query)?);
    }
    let figure = |all: Vec<f64>| (!all.is_empty()).then(|| Figure::median(all));
    Ok((figure(cold), figure(warm)))
}

/// Milliseconds of one process.
fn once(program: &Path, index: &Path, query: &str) -> Result<f64> {
    let started = Instant::now();
    let status = Command::new(program)
        .args(["search", "--format", "json", "--index"])
        .arg(index)
        .args(["--", query])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| Error::io("running", program, e))?;
    let took = started.elapsed().as_secs_f64() * 1000.0;
    if matches!(status.code(), Some(0 | 1)) {
        Ok(took)
    } else {
        Err(Error::usage(
            format!("`deepcut search -- {query}` ended with {status}"),
            "run it by hand to see why",
        ))
    }
}

/// Asks the system to drop an index from its file cache; false where it cannot be asked.
#[cfg(target_os = "linux")]
fn forget(index: &Path) -> bool {
    let mut folders = vec![index.to_path_buf()];
    let mut all = true;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(file) = std::fs::File::open(&path) {
                let advice = rustix::fs::Advice::DontNeed;
                all &= rustix::fs::fadvise(&file, 0, None, advice).is_ok();
            }
        }
    }
    all
}

#[cfg(not(target_os = "linux"))]
fn forget(_: &Path) -> bool {
    false
}
