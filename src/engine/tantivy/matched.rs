//! How did a match come about?
//!
//! In: what was typed, and what was found in the texts of a post. Out: the words of the post that matched, each with
//! how: exact, phrase, folded, stemmed, corrected.

use std::collections::{BTreeSet, HashSet};

use unicode_normalization::UnicodeNormalization;

use super::looked::Looked;
use super::reading::Level;
use crate::model::{How, Matched};
use crate::text::tokens::{self, Token};

/// Matches that are told of one post.
const MOST: usize = 8;

/// What was typed, as it is compared.
pub(super) struct Typed {
    /// In lower case.
    text: String,
    words: HashSet<String>,
    /// How words match that were not typed.
    other: How,
}

impl Typed {
    pub fn new(text: &str, level: Level) -> Self {
        let text: String = text.nfc().collect();
        Self {
            words: tokens::folded(&text).into_iter().collect(),
            text: text.to_lowercase(),
            other: match level {
                Level::Stemmed => How::Stemmed,
                Level::Typed | Level::Some | Level::Corrected => How::Corrected,
            },
        }
    }

    /// How words of `text` that follow each other match, `all` with those that no condition has.
    fn how(&self, text: &str, words: &[(usize, Token)], all: usize) -> How {
        let known = |word: &str| self.words.contains(word) || self.is_prefixed(word);
        if words.len() < all || !words.iter().all(|(_, w)| known(&w.text)) {
            return self.other;
        }
        let typed = |start: usize, end: usize| {
            let written = text.get(start..end).unwrap_or_default();
            self.text.contains(&written.to_lowercase())
        };
        let whole = match words {
            [(_, first), .., (_, last)] => typed(first.start, last.end),
            _ => false,
        };
        if whole {
            How::Phrase
        } else if words
            .iter()
            .all(|(_, w)| typed(w.start, w.end) || self.is_prefixed(&w.text))
        {
            How::Exact
        } else {
            How::Folded
        }
    }

    /// True where a word continues one that was typed with an asterisk.
    fn is_prefixed(&self, word: &str) -> bool {
        self.text
            .split_whitespace()
            .filter_map(|typed| typed.strip_suffix('*'))
            .any(|stem| !stem.is_empty() && word.starts_with(stem))
    }
}

/// Matches of a post, gathered from its texts.
pub(super) struct Gathered<'a> {
    typed: &'a Typed,
    all: BTreeSet<Matched>,
}

impl<'a> Gathered<'a> {
    pub fn new(typed: &'a Typed) -> Self {
        Self {
            typed,
            all: BTreeSet::new(),
        }
    }

    /// Adds what was found in a text; words that follow each other count as one match.
    pub fn add(&mut self, text: &str, looked: &Looked) {
        let mut ranges: Vec<(usize, usize)> = looked.found.iter().map(|f| (f.1, f.2)).collect();
        ranges.sort_unstable();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (start, end) in ranges {
            match runs.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => runs.push((start, end)),
            }
        }
        for (start, end) in runs {
            let words = looked.words(start, end);
            let (Some((_, first)), Some((_, last))) = (words.first(), words.last()) else {
                continue;
            };
            let written = text.get(first.start..last.end).unwrap_or_default();
            self.all.insert(Matched {
                how: self.typed.how(text, words, end - start),
                text: written.to_owned(),
            });
        }
    }

    /// The different matches, exact ones first.
    pub fn matched(self) -> Vec<Matched> {
        self.all.into_iter().take(MOST).collect()
    }
}
