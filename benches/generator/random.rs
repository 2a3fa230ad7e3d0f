//! Numbers that look random and are not.
//!
//! In: a seed. Out: the same numbers on every machine. Integers only: floating point differs between
//! mathematical libraries.

/// SplitMix64.
pub struct Random(u64);

impl Random {
    /// A stream of its own for every pair of `seed` and `stream`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut seeded = Self(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        // Neighbouring seeds must not give neighbouring streams.
        seeded.0 = seeded.next();
        seeded
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Ranks drawn by Zipf's law: rank r with a weight of 1 / (r + shift).
pub struct Zipf(Vec<u64>);

impl Zipf {
    pub fn new(ranks: usize, shift: u64) -> Self {
        let mut sum = 0;
        let weights = (0..ranks as u64).map(|rank| {
            sum += (1 << 40) / (rank + shift);
            sum
        });
        Self(weights.collect())
    }

    pub fn draw(&self, random: &mut Random) -> usize {
        let all = self.0.last().copied().unwrap_or(0);
        let at = random.below(all as usize) as u64;
        self.0.partition_point(|sum| *sum <= at)
    }
}
