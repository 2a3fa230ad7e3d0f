//! The formulas.
//!
//! In: predictions and labels as text. Out: counts that add up. Tracks and comments: precision, recall
//! and F1 over all rows of all documents. Main text: as the article-extraction benchmark does it,
//! 4-token shingles, per page true and false shares, means over pages.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Text as it is compared: NFKC, lower case, apostrophes dropped, everything but letters and digits
/// one blank.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        } else if !matches!(
            c,
            '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}'
        ) {
            gap = true;
        }
    }
    out
}

/// Right, predicted and labelled counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    pub right: usize,
    pub found: usize,
    pub labelled: usize,
}

impl Ratio {
    /// Adds another count.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.labelled += other.labelled;
    }

    /// Share of what was found that is right; 1 where nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// Share of what is labelled that was found; 1 where nothing is labelled.
    pub fn recall(&self) -> f64 {
        share(self.right, self.labelled)
    }

    /// Harmonic mean of both.
    pub fn f1(&self) -> f64 {
        harmonic(self.precision(), self.recall())
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

pub(super) fn harmonic(a: f64, b: f64) -> f64 {
    if a + b == 0.0 {
        0.0
    } else {
        2.0 * a * b / (a + b)
    }
}

/// The longest common subsequence of two sequences under `equal`, as index pairs.
pub(super) fn align<A, B>(
    left: &[A],
    right: &[B],
    equal: impl Fn(&A, &B) -> bool,
) -> Vec<(usize, usize)> {
    let (n, m) = (left.len(), right.len());
    let mut best = vec![vec![0u32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            best[i][j] = if equal(&left[i], &right[j]) {
                best[i + 1][j + 1] + 1
            } else {
                best[i + 1][j].max(best[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < n && j < m {
        if equal(&left[i], &right[j]) {
            pairs.push((i, j));
            i += 1;
            j += 1;
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Multiset of 4-token shingles of a text.
pub struct Shingles(HashMap<Vec<String>, usize>);

impl Shingles {
    /// Tokens are runs of letters, digits and underscores.
    pub fn of(text: &str) -> Self {
        let tokens: Vec<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|t| !t.is_empty())
            .collect();
        let mut counts = HashMap::new();
        if !tokens.is_empty() {
            for at in 0..tokens.len().saturating_sub(3).max(1) {
                let end = (at + 4).min(tokens.len());
                let key = tokens[at..end].iter().map(|t| (*t).to_owned()).collect();
                *counts.entry(key).or_insert(0) += 1;
            }
        }
        Self(counts)
    }

    /// Precision and recall of a prediction against this truth.
    pub fn score(&self, predicted: &Self) -> (f64, f64) {
        let right: usize = self
            .0
            .iter()
            .map(|(key, count)| (*count).min(predicted.0.get(key).copied().unwrap_or(0)))
            .sum();
        let truth: usize = self.0.values().sum();
        let found: usize = predicted.0.values().sum();
        if truth == 0 && found == 0 {
            return (1.0, 1.0);
        }
        let of = |whole: usize| {
            if whole == 0 {
                0.0
            } else {
                right as f64 / whole as f64
            }
        };
        (of(found), of(truth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_compared_by_letters_and_digits() {
        assert_eq!(
            normalise("Heart’s on  Fire! (Remix)"),
            "hearts on fire remix"
        );
        assert_eq!(normalise("ＡＢＣ—1"), "abc 1");
    }

    #[test]
    fn alignment_keeps_order() {
        let pairs = align(&[1, 2, 3, 4], &[2, 4, 3], |a, b| a == b);
        assert_eq!(pairs.len(), 2);
    }

    #[test]
    fn shingles_count_repeats() {
        let truth = Shingles::of("a b c d e");
        assert_eq!(truth.score(&Shingles::of("a b c d e")), (1.0, 1.0));
        assert_eq!(truth.score(&Shingles::of("a b c d")), (1.0, 0.5));
        assert_eq!(truth.score(&Shingles::of("")), (0.0, 0.0));
    }
}
