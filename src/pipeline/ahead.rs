//! Files handed to workers in the order of the plan, and asked of the disk before they are needed.
//!
//! A worker that waits for a page does nothing else: at 100,000 pages that nothing had read before, both cores
//! stood still for a fifth of the time. The files after the next ones are asked for when a part is taken, and lie in memory
//! when their turn comes.

use std::sync::Mutex;
use std::vec::IntoIter;

use rayon::prelude::*;

use super::plan::Job;
use super::read::lock;
use crate::error::Result;

/// Files that one worker takes on at a time: about ten milliseconds of work where each is a page.
const PART: usize = 8;

/// Bytes that are asked for of one file, at most: the whole of nearly every page, and the beginning of what is read as a
/// stream, where the system reads ahead by itself.
#[cfg(target_os = "linux")]
const MOST_BYTES: u64 = 1 << 20;

/// Does `work` for each job, on all threads of the pool; the results in the order of the jobs.
///
/// # Errors
/// The first one of `work`; what other threads have begun is finished.
pub(super) fn in_order<T: Send>(
    jobs: Vec<Job>,
    work: impl Fn(Job) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let parts = jobs.len().div_ceil(PART);
    let waiting = Waiting {
        jobs: Mutex::new((0, jobs.into_iter())),
        between: PART * rayon::current_num_threads().saturating_sub(1),
    };
    // Which of the parts a thread is given does not matter: it takes the next in order. They are not divided, so that no core
    // is left with a long last one.
    let mut done = (0..parts)
        .into_par_iter()
        .with_max_len(1)
        .map(|_| {
            let (place, part) = waiting.take();
            let part: Result<Vec<T>> = part.into_iter().map(&work).collect();
            Ok((place, part?))
        })
        .collect::<Result<Vec<_>>>()?;
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().flat_map(|(_, part)| part).collect())
}

/// Jobs that nobody has taken, and the place of the first of them.
struct Waiting {
    jobs: Mutex<(usize, IntoIter<Job>)>,
    /// Files that others take on before those that are asked for when a part is taken.
    between: usize,
}

impl Waiting {
    /// The next jobs and their place; those that the same worker will come to next are asked for.
    fn take(&self) -> (usize, Vec<Job>) {
        let mut jobs = lock(&self.jobs);
        let (place, rest) = &mut *jobs;
        let at = *place;
        let part: Vec<Job> = rest.by_ref().take(PART).collect();
        *place += part.len();
        let next = rest.as_slice().iter().skip(self.between).take(PART);
        let next: Vec<_> = next.map(|job| (job.path.clone(), job.size)).collect();
        drop(jobs);
        for (path, size) in &next {
            ask_for(path, *size);
        }
        (at, part)
    }
}

/// Has the system read a file while something else is done. Whatever is wrong with it is found by who reads it.
#[cfg(target_os = "linux")]
fn ask_for(path: &std::path::Path, size: u64) {
    let bytes = std::num::NonZeroU64::new(size.min(MOST_BYTES));
    if let (Some(bytes), Ok(file)) = (bytes, std::fs::File::open(path)) {
        // Advice: where it is not taken, reading waits for the disk.
        let _ = rustix::fs::fadvise(&file, 0, Some(bytes), rustix::fs::Advice::WillNeed);
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for(_: &std::path::Path, _: u64) {}
