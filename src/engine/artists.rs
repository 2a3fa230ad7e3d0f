//! Which artists does the archive list, and what does it know of one?
//!
//! In: an engine and the user's aliases. Out: the list of artists, the page of one, joins worth a look. Must
//! not know how an engine answers, or output.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::ReadEngine;
pub use super::joins::Suggestion;
use crate::artist::{self, Aliases, Artist, Companion, Credits, Roster};
use crate::error::Result;
use crate::model::{Archived, PostId, PostRef, Row, Text};
use crate::text::tokens;

/// Letters of a comment shown around a name.
const AROUND: usize = 160;

/// The order of the list of artists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtistSort {
    Posts,
    Tracks,
    Comments,
    Name,
    First,
    Last,
}

/// An artist with all counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub artist: Artist,
    /// Rows that credit the artist.
    pub tracks: u64,
    /// Comments that have the name, its words in a row.
    pub comments: u64,
}

/// A page of the list of artists.
#[derive(Clone, Debug, PartialEq)]
pub struct ArtistList {
    pub pattern: Option<String>,
    /// Artists that match.
    pub total: u64,
    pub offset: usize,
    pub limit: usize,
    pub artists: Vec<Listed>,
}

/// A comment or a post's prose that names an artist.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    pub post: PostRef,
    /// The comment; `None` where the prose has the name.
    pub comment: Option<Text>,
    pub author: Option<Text>,
    /// What stands around the name.
    pub text: String,
}

/// What the archive knows of one artist.
#[derive(Clone, Debug, PartialEq)]
pub struct ArtistPage {
    pub listed: Listed,
    /// Names that the user has joined with this one.
    pub joined: Vec<String>,
    /// Posts and rows of each year, oldest first, years without any left in; undated posts are left out.
    pub years: Vec<(i64, u64, u64)>,
    pub rows: Vec<Row>,
    /// Posts that list or name the artist, newest first.
    pub posts: Vec<PostRef>,
    pub mentions: Vec<Mention>,
    /// Comments with the name, and posts with it in their prose.
    pub mentions_total: u64,
    pub companions: Vec<Companion>,
}

/// An archive's artists with the user's aliases laid over them.
pub struct Artists<'a> {
    pub(super) engine: &'a dyn ReadEngine,
    pub(super) aliases: &'a Aliases,
    credits: Credits,
    pub(super) roster: Roster,
}

impl<'a> Artists<'a> {
    /// Reads the names of the archive.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn read(engine: &'a dyn ReadEngine, aliases: &'a Aliases) -> Result<Self> {
        let credits = engine.credits()?;
        let roster = Roster::new(&credits, aliases);
        Ok(Self {
            engine,
            aliases,
            credits,
            roster,
        })
    }

    /// The artists whose spellings match a pattern (`*` and `?` stand for letters; without them any part
    /// of a name will do), in order.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn list(
        &self,
        pattern: Option<&str>,
        sort: ArtistSort,
        offset: usize,
        limit: usize,
    ) -> Result<ArtistList> {
        let pattern = pattern.map(str::trim).filter(|p| !p.is_empty());
        let test = pattern.map(Pattern::new);
        let mut matching: Vec<&Artist> = self
            .roster
            .artists
            .iter()
            .filter(|artist| test.as_ref().is_none_or(|test| test.finds(artist)))
            .collect();
        let total = matching.len() as u64;
        let name = |artist: &Artist| (artist.key.clone(), artist.name.clone());
        match sort {
            // These need a look into the index for every artist, the others for those shown.
            ArtistSort::Tracks | ArtistSort::Comments => {
                let mut counted: Vec<(u64, &Artist)> = Vec::with_capacity(matching.len());
                for artist in matching {
                    let count = match sort {
                        ArtistSort::Tracks => self.engine.credited_tracks(&artist.keys)?,
                        _ => self.engine.mentions(&names_of(artist))?,
                    };
                    counted.push((count, artist));
                }
                counted.sort_by_cached_key(|(count, artist)| (Reverse(*count), name(artist)));
                matching = counted.into_iter().map(|(_, artist)| artist).collect();
            }
            ArtistSort::Posts => matching.sort_by_cached_key(|a| (Reverse(a.posts), name(a))),
            ArtistSort::Name => matching.sort_by_cached_key(|a| name(a)),
            ArtistSort::First => {
                matching.sort_by_cached_key(|a| (a.first.is_none(), a.first, name(a)));
            }
            ArtistSort::Last => matching.sort_by_cached_key(|a| (Reverse(a.last), name(a))),
        }
        let shown = matching.into_iter().skip(offset).take(limit);
        let listed = shown.map(|a| self.counted(a)).collect::<Result<_>>()?;
        Ok(ArtistList {
            pattern: pattern.map(str::to_owned),
            total,
            offset,
            limit,
            artists: listed,
        })
    }

    /// The artist that a name means; `None` where the archive lists none.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn page(&self, name: &str, support: u64, limit: usize) -> Result<Option<ArtistPage>> {
        let Some(artist) = self.roster.find(name, self.aliases) else {
            return Ok(None);
        };
        let names = names_of(artist);
        let credited = self.engine.credited_posts(&artist.keys)?;
        let named = self.engine.mentioned_in(&names)?;
        let mut years: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        for post in &credited {
            if let Some(date) = post.date {
                let year = years.entry(date.div_euclid(10_000)).or_insert((0, 0));
                year.0 += 1;
                year.1 += post.tracks;
            }
        }
        // Only posts that are shown are read, and the newest are.
        let mut read: HashMap<PostId, Archived> = HashMap::new();
        let mut rows = Vec::new();
        for post in &credited {
            if rows.len() >= limit {
                break;
            }
            if let Some(archived) = self.read_once(post.id, &mut read)? {
                rows.extend(Row::all(&archived.post).filter(|row| is_by(row, artist)));
            }
        }
        rows.truncate(limit);
        let mut mentions = Vec::new();
        for post in &named {
            if mentions.len() >= limit {
                break;
            }
            if let Some(archived) = self.read_once(post.id, &mut read)? {
                add_mentions(archived, &names, &mut mentions);
            }
        }
        mentions.truncate(limit);
        let mut all: Vec<(Reverse<Option<i64>>, PostId)> = Vec::new();
        all.extend(credited.iter().map(|post| (Reverse(post.date), post.id)));
        all.extend(named.iter().map(|post| (Reverse(post.date), post.id)));
        all.sort_unstable();
        all.dedup();
        let mut posts = Vec::new();
        for (_, id) in all.into_iter().take(limit) {
            posts.extend(self.read_once(id, &mut read)?.map(|a| PostRef::of(&a.post)));
        }
        let listed = self.counted(artist)?;
        let in_prose = named.iter().filter(|post| post.in_prose).count() as u64;
        let mut companions = self.roster.companions(artist, &self.credits, support);
        companions.truncate(limit);
        Ok(Some(ArtistPage {
            mentions_total: listed.comments + in_prose,
            listed,
            joined: self
                .aliases
                .others(&artist.key)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            years: gapless(&years),
            rows,
            posts,
            mentions,
            companions,
        }))
    }

    /// True where the archive lists an artist of this name.
    pub fn lists(&self, name: &str) -> bool {
        self.roster.find(name, self.aliases).is_some()
    }

    /// Artists whose names are near one that the archive does not list.
    pub fn near(&self, name: &str, limit: usize) -> Vec<&Artist> {
        self.roster.near(name, limit)
    }

    fn counted(&self, artist: &Artist) -> Result<Listed> {
        Ok(Listed {
            artist: artist.clone(),
            tracks: self.engine.credited_tracks(&artist.keys)?,
            comments: self.engine.mentions(&names_of(artist))?,
        })
    }

    /// A post that may have been read already; `None` where it is gone.
    fn read_once<'b>(
        &self,
        id: PostId,
        read: &'b mut HashMap<PostId, Archived>,
    ) -> Result<Option<&'b Archived>> {
        if !read.contains_key(&id)
            && let Some(archived) = self.engine.get(id)?
        {
            read.insert(id, archived);
        }
        Ok(read.get(&id))
    }
}

/// Adds where the comments of a post and its prose name an artist; the prose counts once.
fn add_mentions(archived: &Archived, names: &[String], out: &mut Vec<Mention>) {
    let post = PostRef::of(&archived.post);
    let comments = archived.post.comments.iter();
    let comments = comments.filter_map(|c| {
        let text = around(&c.text, names)?;
        Some((Some(c.id.clone()), c.author.clone(), text))
    });
    let mut paragraphs = archived.post.body.split("\n\n");
    let prose = paragraphs.find_map(|text| around(text, names));
    let prose = prose.map(|text| (None, None, text));
    out.extend(
        comments
            .chain(prose)
            .map(|(comment, author, text)| Mention {
                post: post.clone(),
                comment,
                author,
                text,
            }),
    );
}

/// Names under which comments may mention an artist.
fn names_of(artist: &Artist) -> Vec<String> {
    let spellings = artist.spellings.iter().map(|(name, _)| name);
    std::iter::once(&artist.name)
        .chain(spellings)
        .cloned()
        .collect()
}

/// True where a row is filed under one of an artist's keys.
fn is_by(row: &Row, artist: &Artist) -> bool {
    artist::names(row.artist.as_deref(), &row.track.title)
        .iter()
        .any(|name| artist.keys.contains(&artist::key(name)))
}

/// What stands around the first of the names in a text; `None` where it has none of them.
fn around(text: &str, names: &[String]) -> Option<String> {
    let words = tokens::tokens(text);
    let (start, end) = names.iter().find_map(|name| {
        let wanted = tokens::tokens(name);
        if wanted.is_empty() {
            return None;
        }
        words.windows(wanted.len()).find_map(|window| {
            let equal = window.iter().zip(&wanted).all(|(a, b)| a.text == b.text);
            let (first, last) = (window.first()?, window.last()?);
            equal.then_some((first.start, last.end))
        })
    })?;
    // Cut at words only.
    let from = words
        .iter()
        .find(|word| word.start + AROUND / 2 >= start)
        .map_or(0, |word| word.start);
    let to = words
        .iter()
        .rev()
        .find(|word| word.end <= end + AROUND / 2)
        .map_or(end, |word| word.end.max(end));
    let before = from > words.first().map_or(0, |w| w.start);
    let after = to < words.last().map_or(0, |w| w.end);
    let from = if before { from } else { 0 };
    let to = if after { to } else { text.len() };
    let inner = text.get(from..to)?.replace('\n', " ");
    let lead = if before { "… " } else { "" };
    let tail = if after { " …" } else { "" };
    Some(format!("{lead}{inner}{tail}"))
}

/// Every year from the first to the last.
fn gapless(years: &BTreeMap<i64, (u64, u64)>) -> Vec<(i64, u64, u64)> {
    let (Some(first), Some(last)) = (years.keys().next(), years.keys().next_back()) else {
        return Vec::new();
    };
    (*first..=*last)
        .map(|year| {
            let (posts, rows) = years.get(&year).copied().unwrap_or((0, 0));
            (year, posts, rows)
        })
        .collect()
}

/// What a name is asked to look like.
enum Pattern {
    /// Any part of the key.
    Part(String),
    /// The whole folded name, `*` and `?` standing for letters.
    Glob(Vec<char>),
}

impl Pattern {
    fn new(pattern: &str) -> Self {
        if pattern.contains(['*', '?']) {
            Self::Glob(crate::text::fold::fold(pattern).chars().collect())
        } else {
            Self::Part(artist::key(pattern))
        }
    }

    fn finds(&self, artist: &Artist) -> bool {
        let spellings = artist.spellings.iter().map(|(name, _)| name.as_str());
        let mut names = std::iter::once(artist.name.as_str()).chain(spellings);
        match self {
            Self::Part(part) => {
                artist.key.contains(part) || names.any(|name| artist::key(name).contains(part))
            }
            Self::Glob(pattern) => names.any(|name| {
                let name: Vec<char> = crate::text::fold::fold(name).chars().collect();
                glob(pattern, &name)
            }),
        }
    }
}

/// Matches in time linear in pattern × name: only the last star is ever gone back to.
fn glob(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    n = from + 1;
                    star = Some((at, n));
                }
                None => return false,
            },
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names_or_parts() {
        let is = |pattern: &str, name: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            glob(&chars(pattern), &chars(name))
        };
        assert!(is("rob*tepper", "robert tepper") && is("*", "") && is("?-ha", "a-ha"));
        assert!(!is("rob*", "a rob") && !is("?", ""));
        assert!(!is("*a*a*a*a*a*a*b", &"a".repeat(2000)));
    }

    #[test]
    fn a_mention_is_cut_between_words() {
        let names = ["Robert Tepper".to_owned()];
        assert_eq!(around("No name.", &names), None);
        assert_eq!(
            around("I saw Robert\nTepper!", &names).as_deref(),
            Some("I saw Robert Tepper!")
        );
        let long = format!(
            "{}robert tepper{}",
            "words ".repeat(50),
            " words".repeat(50)
        );
        let text = around(&long, &names).unwrap();
        assert!(
            text.starts_with("… words") && text.ends_with("words …"),
            "{text}"
        );
        assert!(text.len() < 250);
    }
}
