//! Which names may be one artist?
//!
//! In: an archive's artists and what they are credited with. Out: joins worth a look, with what speaks for and against
//! them. Nothing is joined here.

use std::collections::HashMap;

use super::artists::Artists;
use super::{Counts, Works};
use crate::artist::Artist;
use crate::error::Result;

/// Titles that are named of those that two artists have in common.
const TITLES: usize = 10;
/// A word that this many artists have says nothing of who they are.
const FREQUENT: usize = 200;
/// Letters in which names of one artist may differ.
const MOST_EDITS: u32 = 3;

/// A join worth a look, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The better known name.
    pub name: String,
    pub posts: u64,
    pub other: String,
    pub other_posts: u64,
    /// Edits between the two keys.
    pub distance: usize,
    /// How the two have the same words (`and`, `article`, `blanks`, `same words`), where they have.
    pub form: Option<&'static str>,
    /// Titles that both are credited with, some of them, those that the fewest others have first.
    pub titles: Vec<String>,
    /// How many there are.
    pub titles_total: u64,
    /// Posts that list both: a reason against.
    pub together: u64,
}

impl Artists<'_> {
    /// Names that may be one artist: near in spelling *and* credited with the same track, or of the same
    /// words but for their order, an article or an "and". Spelling alone suggests nothing.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn suggestions(&self, limit: usize) -> Result<Vec<Suggestion>> {
        let all = &self.roster.artists;
        let mut near = Vec::new();
        for (a, b, alike) in self.pairs() {
            let (Some(one), Some(two)) = (all.get(a), all.get(b)) else {
                continue;
            };
            let form = match alike {
                Alike::Words => form(&one.key, &two.key),
                Alike::Letters => None,
            };
            let distance = strsim::osa_distance(&one.key, &two.key);
            if (form.is_some() || is_near(&one.key, &two.key, distance))
                && !self.aliases.are_apart(&one.key, &two.key)
            {
                near.push((one, two, distance, form));
            }
        }
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut keys: Vec<Vec<String>> = Vec::new();
        for artist in near.iter().flat_map(|(one, two, ..)| [*one, *two]) {
            places.entry(&artist.key).or_insert_with(|| {
                keys.push(artist.keys.clone());
                keys.len() - 1
            });
        }
        let works = self.engine.works(&keys)?;
        let mut found = Vec::new();
        for (one, two, distance, form) in near {
            let own = |artist: &Artist| works.of.get(*places.get(artist.key.as_str())?);
            let (Some(first), Some(second)) = (own(one), own(two)) else {
                continue;
            };
            let shared = shared(first, second, &works);
            if form.is_none() && !shared.tells {
                continue;
            }
            let (keep, other) = if (two.posts, &one.name) > (one.posts, &two.name) {
                (two, one)
            } else {
                (one, two)
            };
            let suggestion = Suggestion {
                name: keep.name.clone(),
                posts: keep.posts,
                other: other.name.clone(),
                other_posts: other.posts,
                distance,
                form,
                titles: Vec::new(),
                titles_total: shared.titles.len() as u64,
                together: self.engine.credited_together(&one.keys, &two.keys)?,
            };
            found.push((suggestion, shared.titles));
        }
        found.sort_by(|(a, _), (b, _)| {
            (b.titles_total, a.together, a.distance, &a.name, &a.other).cmp(&(
                a.titles_total,
                b.together,
                b.distance,
                &b.name,
                &b.other,
            ))
        });
        found.truncate(limit);
        for (_, titles) in &mut found {
            titles.truncate(TITLES);
        }
        let numbers: Vec<u64> = found
            .iter()
            .flat_map(|(_, titles)| titles.clone())
            .collect();
        let written = self.engine.titles(&numbers)?;
        let named = found.into_iter().map(|(suggestion, titles)| Suggestion {
            titles: titles
                .iter()
                .filter_map(|number| written.get(number).cloned())
                .collect(),
            ..suggestion
        });
        Ok(named.collect())
    }

    /// Pairs of artists that share a word that few have, or the beginning or the end of their keys, and are of about
    /// the same letters. Only such pairs can be near: no comparison of all with all.
    fn pairs(&self) -> Vec<(usize, usize, Alike)> {
        let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
        let mut outlines: Vec<Outline> = Vec::with_capacity(self.roster.artists.len());
        for (at, artist) in self.roster.artists.iter().enumerate() {
            outlines.push(Outline::of(&artist.key));
            let letters: Vec<char> = artist.key.chars().filter(|c| *c != ' ').collect();
            let half = (letters.len() / 2).max(2);
            let mut marks: Vec<String> = artist.key.split(' ').map(str::to_owned).collect();
            marks.push(format!(
                "^{}",
                letters.iter().take(half.min(4)).collect::<String>()
            ));
            marks.push(format!(
                "${}",
                letters.iter().rev().take(half.min(4)).collect::<String>()
            ));
            marks.sort_unstable();
            marks.dedup();
            for mark in marks {
                blocks.entry(mark).or_default().push(at);
            }
        }
        let mut pairs = Vec::new();
        for block in blocks.values().filter(|block| block.len() <= FREQUENT) {
            for (n, a) in block.iter().enumerate() {
                let Some(one) = outlines.get(*a) else {
                    continue;
                };
                for b in block.iter().skip(n + 1) {
                    if let Some(alike) = outlines.get(*b).and_then(|two| one.alike(two)) {
                        pairs.push((*a.min(b), *a.max(b), alike));
                    }
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

/// Titles that two artists have in common.
struct Shared {
    /// Those that the fewest others are credited with first.
    titles: Vec<u64>,
    /// True where they are more than chance would give.
    tells: bool,
}

/// Compares the works of two artists. A title that many have says little: were the second artist's tracks drawn from those
/// of all others, so many would be among the first one's titles by chance.
fn shared(first: &Counts, second: &Counts, works: &Works) -> Shared {
    let count = |of: &Counts, title: &u64| of.get(title).copied().unwrap_or(0);
    let others = |title: &u64| {
        let all = count(&works.all, title);
        all.saturating_sub(count(first, title) + count(second, title))
    };
    let mut titles: Vec<(u64, u64)> = first
        .keys()
        .filter(|title| second.contains_key(title))
        .map(|title| (others(title), *title))
        .collect();
    if titles.is_empty() {
        return Shared {
            titles: Vec::new(),
            tells: false,
        };
    }
    let elsewhere: u64 = first.keys().map(others).sum();
    let tracks: u64 = second.values().sum();
    let expected = (elsewhere * tracks) as f64 / works.tracks.max(1) as f64;
    let tells = titles.len() as f64 > expected + 3.0 * expected.sqrt();
    titles.sort_unstable();
    Shared {
        titles: titles.into_iter().map(|(_, title)| title).collect(),
        tells,
    }
}

/// Length and letters of a key: enough to know that two are far apart.
struct Outline {
    length: usize,
    letters: u32,
    /// How often it has each letter.
    counts: [u8; 32],
}

impl Outline {
    fn of(key: &str) -> Self {
        Self {
            length: key.chars().count(),
            letters: letters(key),
            counts: counts(key),
        }
    }

    /// Edits that lie between two keys at least: one changes the counts of two letters at most.
    fn edits(&self, other: &Self) -> usize {
        let counts = self.counts.iter().zip(&other.counts);
        let sum: usize = counts.map(|(a, b)| usize::from(a.abs_diff(*b))).sum();
        sum.div_ceil(2)
    }

    /// How two keys may be near; `None` where more edits than a name bears, or more than an article or an "and", lie
    /// between them.
    fn alike(&self, other: &Self) -> Option<Alike> {
        const JOINS: u32 = letters("andthe");
        const ENGLISH: u32 = (1 << 26) - 1;
        let apart = self.letters ^ other.letters;
        let lengths = self.length.abs_diff(other.length);
        if apart & !JOINS == 0 && lengths <= 4 {
            Some(Alike::Words)
        } else {
            let most = most_edits(self.length);
            let near = (apart & ENGLISH).count_ones() <= 2 * MOST_EDITS
                && lengths <= most
                && self.edits(other) <= most;
            near.then_some(Alike::Letters)
        }
    }
}

/// How often a key has each letter of English.
fn counts(key: &str) -> [u8; 32] {
    let mut all = [0u8; 32];
    for byte in key.bytes().filter(u8::is_ascii_lowercase) {
        if let Some(count) = all.get_mut(usize::from(byte - b'a')) {
            *count = count.saturating_add(1);
        }
    }
    all
}

/// How two keys may be near.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alike {
    /// By a few letters.
    Letters,
    /// They may even have the same words.
    Words,
}

/// The letters of a key, each a bit; what is no letter of English shares a few.
const fn letters(key: &str) -> u32 {
    let bytes = key.as_bytes();
    let mut all = 0;
    let mut at = 0;
    while at < bytes.len() {
        all |= match bytes[at] {
            b' ' => 0,
            byte @ b'a'..=b'z' => 1 << (byte - b'a'),
            other => 1 << (26 + other % 6),
        };
        at += 1;
    }
    all
}

/// True where so many edits leave a name recognisable: as a whole, and in the part that is not the same.
fn is_near(one: &str, two: &str, distance: usize) -> bool {
    let apart = apart(one, two);
    (1..=most_edits(one.chars().count())).contains(&distance) && distance <= apart.div_ceil(3)
}

/// Edits that leave a name of so many letters recognisable.
fn most_edits(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        8..=15 => 2,
        _ => MOST_EDITS as usize,
    }
}

/// Letters of the words that are not the same, those of the longer name.
fn apart(one: &str, two: &str) -> usize {
    let longer = |a: &str, b: &str| -> usize {
        let known: Vec<&str> = b.split(' ').collect();
        let words = a.split(' ').filter(|word| !known.contains(word));
        words.map(|word| word.chars().count()).sum()
    };
    longer(one, two).max(longer(two, one))
}

/// How two keys have the same words; `None` where they have not.
fn form(a: &str, b: &str) -> Option<&'static str> {
    let words = |key: &str, without: &[&str]| -> Vec<String> {
        let kept = key.split(' ').filter(|word| !without.contains(word));
        kept.map(str::to_owned).collect()
    };
    let sorted = |mut all: Vec<String>| {
        all.sort_unstable();
        all
    };
    let same = |without: &[&str]| {
        let (a, b) = (words(a, without), words(b, without));
        !a.is_empty() && a == b
    };
    if same(&["and"]) {
        Some("and")
    } else if same(&["the"]) {
        Some("article")
    } else if a.replace(' ', "") == b.replace(' ', "") {
        Some("blanks")
    } else if a.contains(' ') && sorted(words(a, &[])) == sorted(words(b, &[])) {
        Some("same words")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_words_are_told_from_near_ones() {
        assert_eq!(form("hall oates", "hall and oates"), Some("and"));
        assert_eq!(form("the cars", "cars"), Some("article"));
        assert_eq!(form("tepper robert", "robert tepper"), Some("same words"));
        assert_eq!(form("dead mau5", "deadmau5"), Some("blanks"));
        assert_eq!(form("hearts on fire", "hearts of fire"), None);
        assert!(is_near("vinnie dicola", "vince dicola", 2));
        assert!(!is_near("yes", "yet", 1) && !is_near("abba", "ubbi", 2));
        // Only a part of the name is another, and that is another altogether.
        assert!(!is_near("otto and the ladders", "theo and the ladders", 3));
    }

    #[test]
    fn outlines_never_part_what_is_near() {
        for (a, b) in [
            ("vinnie dicola", "vince dicola"),
            ("hall oates", "hall and oates"),
            ("the cars", "cars"),
            ("tepper robert", "robert tepper"),
            ("少女時代 x", "少女时代 x"),
        ] {
            assert!(Outline::of(a).alike(&Outline::of(b)).is_some(), "{a} {b}");
        }
        assert_eq!(
            Outline::of("cars").alike(&Outline::of("the cars")),
            Some(Alike::Words)
        );
        assert_eq!(Outline::of("queen").alike(&Outline::of("slayer")), None);
    }
}
