//! Which names may be one artist?
//!
//! In: an archive's artists and what they are credited with. Out: joins worth a look, with what speaks for and against
//! them. Nothing is joined here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::artists::Artists;
use crate::artist::{self, Artist};
use crate::error::Result;
use crate::model::PostId;

/// Posts of one artist that are read to compare titles.
const MOST_READ: usize = 300;
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
    /// Titles that both are credited with.
    pub titles: Vec<String>,
    /// Posts that list both: a reason against.
    pub together: u64,
}

/// What an artist is credited with.
#[derive(Default)]
struct Works {
    /// Titles by their keys.
    titles: BTreeMap<String, String>,
    posts: BTreeSet<PostId>,
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
            if (form.is_some() || is_near(&one.key, distance))
                && !self.aliases.are_apart(&one.key, &two.key)
            {
                near.push((one, two, distance, form));
            }
        }
        let works = self.works(near.iter().flat_map(|(one, two, ..)| [*one, *two]))?;
        let none = Works::default();
        let mut found = Vec::new();
        for (one, two, distance, form) in near {
            let first = works.get(one.key.as_str()).unwrap_or(&none);
            let second = works.get(two.key.as_str()).unwrap_or(&none);
            let shared = first
                .titles
                .iter()
                .filter(|(key, _)| second.titles.contains_key(*key));
            let titles: Vec<String> = shared.map(|(_, title)| title.clone()).collect();
            if form.is_none() && titles.is_empty() {
                continue;
            }
            let (keep, other) = if (two.posts, &one.name) > (one.posts, &two.name) {
                (two, one)
            } else {
                (one, two)
            };
            found.push(Suggestion {
                name: keep.name.clone(),
                posts: keep.posts,
                other: other.name.clone(),
                other_posts: other.posts,
                distance,
                form,
                titles,
                together: first.posts.intersection(&second.posts).count() as u64,
            });
        }
        found.sort_by(|a, b| {
            (b.titles.len(), a.together, a.distance, &a.name, &a.other).cmp(&(
                a.titles.len(),
                b.together,
                b.distance,
                &b.name,
                &b.other,
            ))
        });
        found.truncate(limit);
        Ok(found)
    }

    /// What artists are credited with, by their keys. Every post is read once, however many of them it lists.
    fn works<'b>(
        &self,
        artists: impl Iterator<Item = &'b Artist>,
    ) -> Result<HashMap<&'b str, Works>> {
        let mut works: HashMap<&str, Works> = HashMap::new();
        let mut by_key: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut posts: BTreeSet<PostId> = BTreeSet::new();
        for artist in artists {
            if works.contains_key(artist.key.as_str()) {
                continue;
            }
            let own: BTreeSet<PostId> = self
                .engine
                .credited_posts(&artist.keys)?
                .into_iter()
                .collect();
            posts.extend(own.iter().take(MOST_READ));
            for key in &artist.keys {
                by_key.entry(key).or_default().push(&artist.key);
            }
            let titles = BTreeMap::new();
            works.insert(&artist.key, Works { titles, posts: own });
        }
        for id in posts {
            let Some(archived) = self.engine.get(id)? else {
                continue;
            };
            let lists = archived.post.tracklists.iter();
            for (list, track) in lists.flat_map(|l| l.tracks.iter().map(move |t| (l, t))) {
                let credited = list.artist_of(track).map(|a| a.as_str());
                for name in artist::names(credited, &track.title) {
                    let Some(artists) = by_key.get(artist::key(&name).as_str()) else {
                        continue;
                    };
                    let title = artist::key(&track.title);
                    for artist in artists {
                        if let Some(works) = works.get_mut(artist)
                            && !works.titles.contains_key(&title)
                        {
                            works.titles.insert(title.clone(), track.title.to_string());
                        }
                    }
                }
            }
        }
        Ok(works)
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

/// Length and letters of a key: enough to know that two are far apart.
struct Outline {
    length: usize,
    letters: u32,
}

impl Outline {
    fn of(key: &str) -> Self {
        Self {
            length: key.chars().count(),
            letters: letters(key),
        }
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
            let near =
                (apart & ENGLISH).count_ones() <= 2 * MOST_EDITS && lengths <= MOST_EDITS as usize;
            near.then_some(Alike::Letters)
        }
    }
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

/// True where so many edits leave a name of this length recognisable.
fn is_near(key: &str, distance: usize) -> bool {
    let most = match key.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        8..=15 => 2,
        _ => MOST_EDITS as usize,
    };
    (1..=most).contains(&distance)
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
        assert!(is_near("vinnie dicola", 2) && !is_near("yes", 1) && !is_near("abba", 2));
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
