//! How quick is the machine just now?
//!
//! In: nothing. Out: the time of a fixed piece of work, which has nothing of deepcut in it. Clocks and neighbours make
//! a machine quicker or slower by half from one minute to the next; what takes as much longer as this work does has
//! not changed.

use std::hint::black_box;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::random::Random;
use super::{Figure, PARTS};

/// Places in memory that are walked: 4 MiB, more than the nearest caches hold.
const PLACES: usize = 1 << 20;
/// Steps from place to place in a lap, each of which waits for the one before.
const STEPS: usize = 10_000;
/// Numbers that are reckoned in a lap.
const NUMBERS: usize = 150_000;

/// The piece of work.
pub(super) struct Yardstick {
    /// Where to go from each place; one circle through all.
    next: Vec<u32>,
}

/// Milliseconds of a lap, by what was measured beside it; null where nothing was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    pub processes: Option<Figure>,
    pub one_thread: Option<Figure>,
    pub all_threads: Option<Figure>,
    pub building: Option<Figure>,
}

impl Yardstick {
    pub fn new() -> Self {
        let mut next: Vec<u32> = (0..PLACES as u32).collect();
        let mut random = Random::new(1);
        // Sattolo's algorithm: a permutation of one cycle.
        for at in (1..next.len()).rev() {
            next.swap(at, random.below(at));
        }
        Self { next }
    }

    /// What it holds in memory, in bytes.
    pub fn bytes(&self) -> u64 {
        std::mem::size_of_val(self.next.as_slice()) as u64
    }

    /// Milliseconds of one lap. The caches are as another lap leaves them, whatever ran before.
    pub fn lap(&self) -> f64 {
        self.run();
        let begun = Instant::now();
        self.run();
        begun.elapsed().as_secs_f64() * 1000.0
    }

    /// Half of it reckoning, half waiting for memory.
    fn run(&self) {
        let mut random = Random::new(black_box(2));
        let mut odd = 0usize;
        for _ in 0..NUMBERS {
            // A branch that no processor foresees, as in words and lists of postings.
            if random.below(4) == 0 {
                odd += 1;
            }
        }
        let mut at = random.below(self.next.len());
        for _ in 0..STEPS {
            at = self.next.get(at).map_or(0, |next| *next as usize);
        }
        black_box((odd, at));
    }

    /// Laps of several threads at once, as many each.
    pub fn laps(&self, threads: usize, each: usize) -> Vec<f64> {
        std::thread::scope(|scope| {
            let run = || (0..each).map(|_| self.lap()).collect::<Vec<_>>();
            let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(run)).collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            joined.flat_map(Result::unwrap_or_default).collect()
        })
    }
}

/// The median of laps in their order, with those of successive parts of them.
pub(super) fn pace(laps: &[f64]) -> Option<Figure> {
    let median = |laps: &[f64]| Figure::median(laps.to_vec()).value;
    let each = laps.len().div_ceil(PARTS).max(1);
    (!laps.is_empty()).then(|| Figure::of(median(laps), laps.chunks(each).map(median)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_comes_to_every_place() {
        let yardstick = Yardstick::new();
        let mut seen = vec![false; PLACES];
        let mut at = 0;
        while !seen[at] {
            seen[at] = true;
            at = yardstick.next[at] as usize;
        }
        assert!(seen.iter().all(|seen| *seen));
        assert_eq!(yardstick.bytes(), 4 << 20);
        assert!(yardstick.lap() > 0.0);
        assert_eq!(yardstick.laps(2, 3).len(), 6);
    }

    #[test]
    fn a_pace_is_a_median_with_its_range() {
        assert_eq!(pace(&[]), None);
        let laps = [1.0, 1.0, 9.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0];
        let pace = pace(&laps).unwrap();
        assert_eq!((pace.value, pace.low, pace.high), (1.0, 1.0, 9.0));
    }
}
