//! Queries to measure with.
//!
//! In: an index and a seed, or a file of queries. Out: queries by class. Words come from posts drawn at random and
//! stand in bands by how many posts have them, so that the cheap and the dear are both asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::random::Random;
use crate::engine::tantivy::TantivyReader;
use crate::error::{Error, Result};
use crate::model::Post;
use crate::text::tokens;

/// Posts that words are drawn from.
const POSTS: usize = 400;
/// Words that are taken of one post, at most.
const WORDS_OF_POST: usize = 200;

/// A query and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub class: String,
    pub text: String,
}

impl Asked {
    fn new(class: &str, text: String) -> Self {
        Self {
            class: class.to_owned(),
            text,
        }
    }
}

/// Reads queries from a file: one a line (`#` begins a comment; a class may stand before a tab), or the JSON of
/// judged queries.
///
/// # Errors
/// Where it cannot be read, or holds no query.
pub fn from_file(path: &Path) -> Result<Vec<Asked>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading", path, e))?;
    let mut all = Vec::new();
    if text.trim_start().starts_with('[') {
        let list: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(|e| {
            Error::usage(
                format!("{}: {e}", path.display()),
                "it is to hold [{\"query\": …, \"kind\": …}, …], or a query a line",
            )
        })?;
        for one in &list {
            if let Some(query) = one["query"].as_str() {
                let class = one["kind"].as_str().unwrap_or("queries");
                all.push(Asked::new(class, query.to_owned()));
            }
        }
    } else {
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (class, query) = line.split_once('\t').unwrap_or(("queries", line));
            all.push(Asked::new(class.trim(), query.trim().to_owned()));
        }
    }
    if all.is_empty() {
        return Err(Error::usage(
            format!("{} holds no query", path.display()),
            "write a query a line; a class may stand before a tab",
        ));
    }
    Ok(all)
}

/// A word as a post has it, and the posts that have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    posts: u64,
    text: String,
}

struct Sampler<'a> {
    engine: &'a TantivyReader,
    random: Random,
    posts: Vec<Post>,
    /// Words from the rarest to the most common, in three bands.
    bands: [Vec<Word>; 3],
}

/// Draws `each` queries of every class.
///
/// # Errors
/// Where the index cannot be read, or has no words.
pub(super) fn draw(engine: &TantivyReader, each: usize, seed: u64) -> Result<Vec<Asked>> {
    let mut sampler = Sampler::new(engine, seed)?;
    let mut all = Vec::new();
    for (at, name) in ["rare", "medium", "common"].iter().enumerate() {
        let class = format!("one word, {name}");
        sampler.fill(&mut all, &class, each.div_ceil(3), &mut |s| {
            Ok(s.word(at).map(|word| word.text))
        })?;
    }
    sampler.fill(&mut all, "AND", each, &mut |s| {
        Ok(s.neighbours().map(|(a, b)| format!("{a} {b}")))
    })?;
    sampler.fill(&mut all, "OR", each, &mut |s| {
        let (a, b) = (s.random.below(3), s.random.below(3));
        let pair = s.word(a).zip(s.word(b));
        Ok(pair
            .filter(|(a, b)| a != b)
            .map(|(a, b)| format!("{} OR {}", a.text, b.text)))
    })?;
    sampler.fill(&mut all, "phrase", each, &mut |s| Ok(s.phrase()))?;
    sampler.fill(&mut all, "prefix", each, &mut |s| {
        let band = s.random.below(3);
        Ok(s.word(band).map(|word| {
            let letters = 3 + s.random.below(2);
            let start: String = word.text.chars().take(letters).collect();
            format!("{start}*")
        }))
    })?;
    sampler.fill(&mut all, "corrected", each, &mut Sampler::slip)?;
    sampler.fill(&mut all, "mixed", each, &mut |s| Ok(s.mixed()))?;
    Ok(all)
}

impl<'a> Sampler<'a> {
    fn new(engine: &'a TantivyReader, seed: u64) -> Result<Self> {
        let mut random = Random::new(seed);
        let posts = engine.draw(POSTS, &mut |bound| random.below(bound))?;
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for post in &posts {
            let mut taken = 0;
            let comments = post.comments.iter().map(|c| c.text.as_str());
            for text in [post.title.as_str(), &post.body]
                .into_iter()
                .chain(comments)
            {
                tokens::each(text, &mut |folded, start, end| {
                    if taken < WORDS_OF_POST && is_word(folded) {
                        taken += 1;
                        let raw = text.get(start..end).unwrap_or(folded);
                        seen.entry(folded.to_owned())
                            .or_insert_with(|| raw.to_owned());
                    }
                });
            }
        }
        let mut words = Vec::new();
        for (folded, text) in seen {
            let posts = engine.posts_with(&folded)?;
            if posts > 0 {
                words.push(Word { posts, text });
            }
        }
        words.sort();
        if words.is_empty() {
            return Err(Error::usage(
                "the index holds no words to ask for",
                "index an archive first, or name queries with --queries FILE",
            ));
        }
        // Each band stands for a third of all occurrences: few words are common.
        let whole: u64 = words.iter().map(|w| w.posts).sum();
        let mut bands: [Vec<Word>; 3] = Default::default();
        let mut sum = 0;
        for word in words {
            let band = (sum * 3 / whole.max(1)).min(2) as usize;
            sum += word.posts;
            bands[band].push(word);
        }
        Ok(Self {
            engine,
            random,
            posts,
            bands,
        })
    }

    /// Draws queries until there are enough different ones, or no more seem to come.
    fn fill(
        &mut self,
        all: &mut Vec<Asked>,
        class: &str,
        wanted: usize,
        make: &mut dyn FnMut(&mut Self) -> Result<Option<String>>,
    ) -> Result<()> {
        let mut seen = BTreeSet::new();
        for _ in 0..wanted * 20 {
            if seen.len() >= wanted {
                break;
            }
            if let Some(text) = make(self)?
                && seen.insert(text.clone())
            {
                all.push(Asked::new(class, text));
            }
        }
        Ok(())
    }

    /// A word of a band; of another one where that has none.
    fn word(&mut self, band: usize) -> Option<Word> {
        let bands = [band, (band + 1) % 3, (band + 2) % 3];
        let band = bands.into_iter().find(|b| !self.bands[*b].is_empty())?;
        self.random.pick(&self.bands[band]).cloned()
    }

    fn post(&mut self) -> Option<&Post> {
        let at = self.random.below(self.posts.len());
        self.posts.get(at)
    }

    /// Words of a post's prose, in order, those that are part of a name or a number left out.
    fn prose(&mut self) -> Option<Vec<String>> {
        let body = self.post()?.body.clone();
        let paragraphs: Vec<&str> = body.lines().filter(|l| l.len() > 40).collect();
        let line = self.random.pick(&paragraphs)?;
        let words = tokens::tokens(line);
        Some(
            words
                .iter()
                .filter_map(|t| line.get(t.start..t.end))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Two words that one post has.
    fn neighbours(&mut self) -> Option<(String, String)> {
        let words = self.prose()?;
        let long: Vec<&String> = words.iter().filter(|w| is_word(w)).collect();
        let a = (*self.random.pick(&long)?).clone();
        let b = (*self.random.pick(&long)?).clone();
        (a != b).then_some((a, b))
    }

    /// Two or three words in a row.
    fn phrase(&mut self) -> Option<String> {
        let words = self.prose()?;
        let length = 2 + self.random.below(2);
        let start = self.random.below(words.len().saturating_sub(length));
        let words = words.get(start..start + length)?;
        Some(format!("\"{}\"", words.join(" ")))
    }

    /// A word with a slip of the keyboard that makes it one that no post has.
    fn slip(&mut self) -> Result<Option<String>> {
        let band = self.random.below(3);
        let Some(word) = self.word(band) else {
            return Ok(None);
        };
        let mut letters: Vec<char> = word.text.chars().collect();
        if letters.len() < 5 {
            return Ok(None);
        }
        let at = 1 + self.random.below(letters.len() - 2);
        match self.random.below(3) {
            0 => letters.swap(at, at + 1),
            1 => {
                letters.remove(at);
            }
            _ => letters.insert(at, letters[at]),
        }
        let slipped: String = letters.into_iter().collect();
        let mut known = false;
        let mut failed = None;
        tokens::each(
            &slipped,
            &mut |folded, _, _| match self.engine.posts_with(folded) {
                Ok(posts) => known |= posts > 0,
                Err(error) => failed = Some(error),
            },
        );
        match failed {
            Some(error) => Err(error),
            None => Ok((!known).then_some(slipped)),
        }
    }

    /// What people ask of a music blog: names, rows, dates, a word that is not wanted.
    fn mixed(&mut self) -> Option<String> {
        let kind = self.random.below(6);
        let (common, rare) = (self.word(2)?.text, self.word(0)?.text);
        let post = self.post()?;
        let year = post.published.as_ref().map(|date| date.year);
        let rows: Vec<(String, String)> = post
            .tracklists
            .iter()
            .flat_map(|list| {
                list.tracks
                    .iter()
                    .map(move |row| (list.artist_of(row), row))
            })
            .filter_map(|(artist, row)| Some((artist?.to_string(), row.title.to_string())))
            .map(|(artist, title)| (artist.replace('"', ""), title.replace('"', "")))
            .collect();
        let row = self.random.pick(&rows).cloned();
        Some(match (kind, row, year) {
            (0, Some((artist, _)), _) => artist,
            (1, Some((artist, _)), _) => format!("artist:\"{artist}\""),
            (2, Some((artist, title)), _) => format!("artist:\"{artist}\" track:\"{title}\""),
            (3, Some((artist, _)), _) => format!("{artist} -{rare}"),
            (4, _, Some(year)) => format!("{common} date:{}..{year}", year - 1),
            (5, ..) => format!("{common} in:comments"),
            _ => format!("({common} OR {rare}) sort:newest"),
        })
    }
}

/// True for what a person would ask for by itself.
fn is_word(word: &str) -> bool {
    word.chars().count() >= 3 && word.chars().all(char::is_alphabetic) && word != "AND"
}
