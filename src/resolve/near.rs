//! Posts that say nearly the same under different identities.
//!
//! In: posts, one by one. Out: groups of those whose prose and rows are nearly equal. They are reported and never
//! merged: a repost with a new beginning is a post of its own. Memory holds a sketch of each post.

use std::collections::{BTreeMap, HashMap};

use super::copies::pairs_of_prose;
use crate::model::{Post, PostId};

/// Hashes kept of each post: the least ones of its pairs of words.
const KEPT: usize = 32;
/// Posts with fewer pairs say too little to be compared.
const FEWEST: usize = 12;
/// Posts that share one of so many of their least hashes are compared.
const BANDS: usize = 4;
/// So many posts under one hash are a template, not copies.
const MOST: usize = 64;
/// Hashes in common, in percent.
const ALIKE_PERCENT: usize = 75;

/// Sketches of posts.
#[derive(Default)]
pub struct Near {
    posts: Vec<(PostId, Vec<u64>)>,
}

impl Near {
    /// Takes a post in.
    pub fn add(&mut self, post: &Post) {
        let pairs = pairs_of_prose(post);
        if pairs.len() < FEWEST {
            return;
        }
        let mut least: Vec<u64> = pairs.into_iter().collect();
        least.sort_unstable();
        least.truncate(KEPT);
        self.posts.push((post.id, least));
    }

    /// Groups of two and more posts that are nearly equal, each sorted by id.
    pub fn groups(mut self) -> Vec<Vec<PostId>> {
        self.posts.sort();
        let mut bands: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, (_, least)) in self.posts.iter().enumerate() {
            for hash in least.iter().take(BANDS) {
                bands.entry(*hash).or_default().push(at);
            }
        }
        let mut group: Vec<usize> = (0..self.posts.len()).collect();
        let mut bands: Vec<Vec<usize>> = bands
            .into_values()
            .filter(|all| (2..=MOST).contains(&all.len()))
            .collect();
        bands.sort();
        for band in &bands {
            for (n, a) in band.iter().enumerate() {
                for b in &band[n + 1..] {
                    let (first, second) = (root(&mut group, *a), root(&mut group, *b));
                    if first != second && alike(&self.posts[*a].1, &self.posts[*b].1) {
                        group[first.max(second)] = first.min(second);
                    }
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<PostId>> = BTreeMap::new();
        for at in 0..self.posts.len() {
            let first = root(&mut group, at);
            groups.entry(first).or_default().push(self.posts[at].0);
        }
        groups.into_values().filter(|all| all.len() > 1).collect()
    }
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// True where most of the least hashes of both together are in both.
fn alike(a: &[u64], b: &[u64]) -> bool {
    let (mut i, mut j, mut seen, mut common) = (0, 0, 0, 0);
    let size = KEPT.min(a.len().max(b.len()));
    while seen < size && (i < a.len() || j < b.len()) {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                common += 1;
                i += 1;
                j += 1;
            }
            (Some(x), Some(y)) if x < y => i += 1,
            (Some(_), None) => i += 1,
            _ => j += 1,
        }
        seen += 1;
    }
    common * 100 >= seen * ALIKE_PERCENT
}
