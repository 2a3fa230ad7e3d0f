//! Which artists does an archive know?
//!
//! In: the names that its rows are filed under, post by post, and the user's aliases. Out: artists with
//! their spellings, counts and dates, who stands beside whom, and names near one that is unknown. A credit
//! with soft joins ("A & B") becomes its parts where the archive knows them better than the whole. Must
//! not know posts beyond their date, or the index.

use std::collections::HashMap;

use super::alias::Aliases;
use super::credit::{parse, soft_parts};
use super::key::key;

/// What the posts of an archive credit, as columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credits {
    /// Every name, once.
    pub names: Vec<String>,
    /// `Published::key` of every post with names.
    pub dates: Vec<Option<i64>>,
    /// Where each post's part of `of_posts` ends.
    pub ends: Vec<usize>,
    /// Indices into `names`, post after post.
    pub of_posts: Vec<u32>,
}

impl Credits {
    /// Date and names of every post.
    fn posts(&self) -> impl Iterator<Item = (Option<i64>, &[u32])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        self.dates
            .iter()
            .zip(starts.zip(&self.ends))
            .map(|(date, (start, end))| (*date, self.of_posts.get(start..*end).unwrap_or_default()))
    }
}

/// An artist of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artist {
    /// The key of the name.
    pub key: String,
    /// The user's choice, else the most frequent spelling.
    pub name: String,
    /// Spellings and the posts that have them, most first.
    pub spellings: Vec<(String, u64)>,
    pub posts: u64,
    /// `Published::key` of the first and the last dated post.
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// Keys under which the artist's rows are filed.
    pub keys: Vec<String>,
}

/// An artist who is listed in the same posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Companion {
    pub name: String,
    /// Posts that list both.
    pub together: u64,
    /// Posts that list the other.
    pub posts: u64,
    /// How many times more often than by chance.
    pub lift: f64,
}

/// All artists of an archive.
#[derive(Debug, Default)]
pub struct Roster {
    pub artists: Vec<Artist>,
    by_key: HashMap<String, usize>,
    /// Artists of each name of the credits.
    of_names: Vec<Vec<usize>>,
    /// Posts that credit anybody.
    posts: u64,
}

impl Roster {
    /// Reads the credits of an archive.
    pub fn new(credits: &Credits, aliases: &Aliases) -> Self {
        let keys: Vec<String> = credits.names.iter().map(|name| key(name)).collect();
        let known = known(credits, &keys);
        let mut roster = Self::default();
        for (name, whole) in credits.names.iter().zip(&keys) {
            let joined = aliases.canonical(whole).is_some();
            let parts = (!joined)
                .then(|| better_known(name, whole, &known))
                .flatten();
            let members: Vec<(String, String)> = match &parts {
                Some(parts) => parts.iter().map(|p| (key(p), p.clone())).collect(),
                None => vec![(whole.clone(), name.clone())],
            };
            let mut ids = Vec::new();
            for (member, shown) in members {
                let id = roster.artist(aliases.canonical(&member).unwrap_or(&member), &shown);
                if let Some(artist) = roster.artists.get_mut(id)
                    && !artist.keys.contains(whole)
                {
                    artist.keys.push(whole.clone());
                }
                ids.push(id);
            }
            roster.of_names.push(ids);
        }
        roster.count(credits, &keys);
        for artist in &mut roster.artists {
            artist.keys.sort_unstable();
            artist.spellings.sort_by(|a, b| {
                b.1.cmp(&a.1)
                    .then_with(|| shouts(&a.0).cmp(&shouts(&b.0)))
                    .then_with(|| a.0.cmp(&b.0))
            });
            if let Some(name) = aliases.name_of(&artist.key) {
                artist.name = name.to_owned();
            } else if let Some((name, _)) = artist.spellings.first() {
                artist.name.clone_from(name);
            }
        }
        roster
    }

    /// The artist of a key, made where there is none yet.
    fn artist(&mut self, key: &str, name: &str) -> usize {
        if let Some(id) = self.by_key.get(key) {
            return *id;
        }
        let id = self.artists.len();
        self.artists.push(Artist {
            key: key.to_owned(),
            name: name.to_owned(),
            ..Artist::default()
        });
        self.by_key.insert(key.to_owned(), id);
        id
    }

    /// Counts posts, dates and spellings.
    fn count(&mut self, credits: &Credits, keys: &[String]) {
        let mut by_name = vec![0u64; credits.names.len()];
        let mut once = Once::new(self.artists.len());
        for (date, names) in credits.posts() {
            self.posts += 1;
            for name in names {
                if let Some(count) = by_name.get_mut(*name as usize) {
                    *count += 1;
                }
            }
            once.next_post();
            let of_names = names
                .iter()
                .filter_map(|name| self.of_names.get(*name as usize));
            for id in of_names.flatten() {
                if once.is_first(*id)
                    && let Some(artist) = self.artists.get_mut(*id)
                {
                    artist.posts += 1;
                    artist.first = artist.first.into_iter().chain(date).min();
                    artist.last = artist.last.max(date);
                }
            }
        }
        for (at, count) in by_name.into_iter().enumerate() {
            let (Some(name), Some(whole)) = (credits.names.get(at), keys.get(at)) else {
                continue;
            };
            // A credit that became its parts is no spelling of any of them.
            if let Some([id]) = self.of_names.get(at).map(Vec::as_slice)
                && let Some(artist) = self.artists.get_mut(*id)
                && artist.keys.contains(whole)
            {
                artist.spellings.push((name.clone(), count));
            }
        }
    }

    /// Artists of one post, each once.
    fn of_post(&self, names: &[u32]) -> Vec<usize> {
        let mut ids: Vec<usize> = names
            .iter()
            .filter_map(|name| self.of_names.get(*name as usize))
            .flatten()
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The artist that a name means.
    pub fn find(&self, name: &str, aliases: &Aliases) -> Option<&Artist> {
        let key = key(name);
        let key = aliases.canonical(&key).unwrap_or(&key);
        self.artists.get(*self.by_key.get(key)?)
    }

    /// Artists listed in the same posts, most surprising first: `lift` is how many times more often than
    /// by chance. Fewer than `support` posts say nothing.
    pub fn companions(&self, artist: &Artist, credits: &Credits, support: u64) -> Vec<Companion> {
        let Some(own) = self.by_key.get(&artist.key).copied() else {
            return Vec::new();
        };
        let mut together: HashMap<usize, u64> = HashMap::new();
        for (_, names) in credits.posts() {
            let all = self.of_post(names);
            if all.contains(&own) {
                for id in all {
                    *together.entry(id).or_insert(0) += 1;
                }
            }
        }
        let mut found: Vec<Companion> = together
            .into_iter()
            .filter(|(id, count)| *id != own && *count >= support.max(1))
            .filter_map(|(id, count)| Some((self.artists.get(id)?, count)))
            // A duo stands beside its members in every row: that says nothing.
            .filter(|(other, _)| !holds(&other.key, &artist.key) && !holds(&artist.key, &other.key))
            .map(|(other, count)| Companion {
                name: other.name.clone(),
                together: count,
                posts: other.posts,
                lift: (count * self.posts) as f64 / (artist.posts * other.posts).max(1) as f64,
            })
            .collect();
        found.sort_by(|a, b| {
            b.lift
                .total_cmp(&a.lift)
                .then_with(|| b.together.cmp(&a.together))
                .then_with(|| a.name.cmp(&b.name))
        });
        found
    }

    /// Artists whose names are near one that is not known, nearest first.
    pub fn near(&self, name: &str, limit: usize) -> Vec<&Artist> {
        let wanted = key(name);
        let most = (wanted.chars().count() / 4).clamp(1, 4);
        let mut found: Vec<(usize, &Artist)> = self
            .artists
            .iter()
            .filter_map(|artist| {
                if holds(&artist.key, &wanted) || holds(&wanted, &artist.key) {
                    return Some((0, artist));
                }
                let apart = artist.key.chars().count().abs_diff(wanted.chars().count());
                if apart > most {
                    return None;
                }
                let distance = strsim::osa_distance(&artist.key, &wanted);
                (distance <= most).then_some((distance, artist))
            })
            .collect();
        found.sort_by(|a, b| (a.0, b.1.posts, &a.1.name).cmp(&(b.0, a.1.posts, &b.1.name)));
        found.into_iter().take(limit).map(|(_, a)| a).collect()
    }
}

/// In how many posts each key is credited.
fn known<'a>(credits: &Credits, keys: &'a [String]) -> HashMap<&'a str, u64> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
    let of_names: Vec<usize> = keys
        .iter()
        .map(|key| {
            let next = places.len();
            *places.entry(key).or_insert(next)
        })
        .collect();
    let mut counts = vec![0u64; places.len()];
    let mut once = Once::new(places.len());
    for (_, names) in credits.posts() {
        once.next_post();
        for name in names {
            if let Some(place) = of_names.get(*name as usize)
                && once.is_first(*place)
                && let Some(count) = counts.get_mut(*place)
            {
                *count += 1;
            }
        }
    }
    places
        .into_iter()
        .map(|(key, place)| (key, counts.get(place).copied().unwrap_or(0)))
        .collect()
}

/// Tells what a post names for the first time, without a set a post: archives have millions of names in their rows.
struct Once {
    /// The post that each was last seen in, from 1.
    last: Vec<u32>,
    post: u32,
}

impl Once {
    fn new(many: usize) -> Self {
        Self {
            last: vec![0; many],
            post: 0,
        }
    }

    fn next_post(&mut self) {
        self.post += 1;
    }

    fn is_first(&mut self, place: usize) -> bool {
        self.last
            .get_mut(place)
            .is_some_and(|last| std::mem::replace(last, self.post) != self.post)
    }
}

/// The parts of a credit, where the archive knows one of them from more posts than the whole, and every
/// part is either known too or a full name by its shape.
fn better_known(name: &str, whole: &str, known: &HashMap<&str, u64>) -> Option<Vec<String>> {
    let parts = soft_parts(name)?;
    let people = parse(Some(name), "").len() == parts.len();
    let whole = known.get(whole).copied().unwrap_or(0);
    let counts: Vec<u64> = parts
        .iter()
        .map(|part| known.get(key(&part.name).as_str()).copied().unwrap_or(0))
        .collect();
    let better = counts.iter().any(|count| *count > whole);
    let all = people || counts.iter().all(|count| *count > 0);
    (better && all).then(|| parts.into_iter().map(|p| p.name.to_string()).collect())
}

/// True where the words of one key stand within another.
pub(super) fn holds(outer: &str, inner: &str) -> bool {
    outer.len() > inner.len()
        && !inner.is_empty()
        && outer.match_indices(inner).any(|(at, _)| {
            let before = at == 0 || outer.as_bytes().get(at - 1) == Some(&b' ');
            let after = outer
                .as_bytes()
                .get(at + inner.len())
                .is_none_or(|b| *b == b' ');
            before && after
        })
}

/// True for a spelling in capitals alone, which is a typesetter's choice.
fn shouts(name: &str) -> bool {
    // "AC/DC" and "INXS" are names, not shouts.
    let long = |word: &str| word.chars().count() > 4;
    !name.contains(char::is_lowercase) && name.split(|c: char| !c.is_alphabetic()).any(long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artist::names;

    /// Posts as lists of credits.
    fn credits(posts: &[&[&str]]) -> Credits {
        let mut out = Credits::default();
        for (year, post) in (2001..).zip(posts) {
            let mut all: Vec<String> = Vec::new();
            for credit in *post {
                all.extend(names(Some(credit), "").iter().map(ToString::to_string));
            }
            all.sort();
            all.dedup();
            for name in all {
                let at = out
                    .names
                    .iter()
                    .position(|n| *n == name)
                    .unwrap_or_else(|| {
                        out.names.push(name);
                        out.names.len() - 1
                    });
                out.of_posts.push(at as u32);
            }
            out.dates.push(Some(year * 10_000));
            out.ends.push(out.of_posts.len());
        }
        out
    }

    fn listed(posts: &[&[&str]]) -> Vec<String> {
        let roster = Roster::new(&credits(posts), &Aliases::default());
        let mut all: Vec<String> = roster
            .artists
            .iter()
            .map(|a| format!("{} {}", a.name, a.posts))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn spellings_of_one_key_are_one_artist() {
        assert_eq!(
            listed(&[
                &["Motörhead"],
                &["MOTORHEAD", "Motörhead"],
                &["AC/DC"],
                &["Ac-Dc"]
            ]),
            ["AC/DC 2", "Motörhead 2"]
        );
    }

    #[test]
    fn a_credit_parts_where_the_archive_knows_the_parts_better() {
        // Known well alone: the duo is two artists.
        assert_eq!(
            listed(&[
                &["Huey Lewis and the News"],
                &["Huey Lewis"],
                &["Huey Lewis", "The News"]
            ]),
            ["Huey Lewis 3", "The News 2"]
        );
        // Not better known than the whole.
        assert_eq!(
            listed(&[&["Simon & Garfunkel"], &["Simon & Garfunkel"], &["Simon"]]),
            ["Simon & Garfunkel 2", "Simon 1"]
        );
        // A part that nobody knows keeps the whole.
        assert_eq!(
            listed(&[&["Earth, Wind & Fire"], &["Fire"], &["Fire"]]),
            ["Earth, Wind & Fire 1", "Fire 2"]
        );
        // Full names are artists beside the whole, and instead of it where one is known better.
        assert_eq!(
            listed(&[&["Kenny Loggins and Gladys Knight"]]),
            [
                "Gladys Knight 1",
                "Kenny Loggins 1",
                "Kenny Loggins and Gladys Knight 1"
            ]
        );
        assert_eq!(
            listed(&[&["Kenny Loggins and Gladys Knight"], &["Kenny Loggins"]]),
            ["Gladys Knight 1", "Kenny Loggins 2"]
        );
    }

    #[test]
    fn companions_are_those_met_more_often_than_by_chance() {
        let credits = credits(&[
            &["A", "B"],
            &["A", "B", "C"],
            &["C", "D"],
            &["C"],
            &["A", "C"],
        ]);
        let roster = Roster::new(&credits, &Aliases::default());
        let a = roster.find("a", &Aliases::default()).unwrap();
        let found = roster.companions(a, &credits, 2);
        let shown: Vec<_> = found
            .iter()
            .map(|c| format!("{} {} {:.2}", c.name, c.together, c.lift))
            .collect();
        assert_eq!(shown, ["B 2 1.67", "C 2 0.83"]);
        assert_eq!((a.first, a.last), (Some(20_010_000), Some(20_050_000)));
    }

    #[test]
    fn unknown_names_have_near_ones() {
        let credits = credits(&[&["Vinnie DiCola"], &["Robert Tepper"]]);
        let roster = Roster::new(&credits, &Aliases::default());
        let near = |name| -> Vec<&str> {
            roster
                .near(name, 5)
                .iter()
                .map(|a| a.name.as_str())
                .collect()
        };
        assert_eq!(near("vince dicola"), ["Vinnie DiCola"]);
        assert_eq!(near("tepper"), ["Robert Tepper"]);
        assert!(near("zzzz").is_empty());
    }
}
