//! How well does a row fit what was asked?
//!
//! In: a query, made ready once; rows, thousands of them. Out: how much of the query each row meets. Conditions on a
//! post (date, tag, title, comment …) choose posts, not rows.

use std::cell::RefCell;

use foldhash::HashMap;

use crate::artist;
use crate::model::Track;
use crate::query::{self, Field, Leaf, Node, Test};
use crate::text::tokens;

/// How well a row fits, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// A condition on rows is not met.
    None,
    /// So many of the words.
    Some(usize),
    All,
}

/// A query as rows are asked.
pub(super) struct Asked {
    root: Part,
    /// The numbers of single words: a row's words are looked up here, instead of every condition among them.
    single: HashMap<String, usize>,
}

/// A part of it.
enum Part {
    Everything,
    And(Vec<Part>),
    Or(Vec<Part>),
    Not(Box<Part>),
    /// A condition on a post.
    OfPosts,
    Leaf {
        /// Artist or track; either and what else the row says, where `None`.
        field: Option<Field>,
        wanted: Wanted,
        /// The key of a name without letters and digits ("!!!").
        name: Option<String>,
    },
}

/// What a condition looks for among the words of a row.
enum Wanted {
    /// A single word, by its number.
    Single(usize),
    Words(Vec<String>, usize),
    Prefix(Vec<String>, String),
    Fuzzy(Vec<Near>),
    OneOf(Vec<String>),
    Nothing,
}

/// A word with slips.
struct Near {
    word: String,
    length: usize,
    most: usize,
    /// Words that were compared: an archive's rows repeat theirs.
    known: RefCell<HashMap<String, bool>>,
}

/// The folded words of a row: artist, title, album and label, as the index has them.
struct Words<'a> {
    artist: &'a str,
    title: &'a str,
    all: Vec<String>,
    /// Where the title's begin and end.
    titles: (usize, usize),
    /// Where each of the single words stands: bits of [`within`].
    single: Vec<u8>,
}

/// The bits of what a field holds; all where `None`.
fn within(field: Option<Field>) -> u8 {
    match field {
        Some(Field::Artist) => 1,
        Some(_) => 2,
        None => 7,
    }
}

fn words(text: &str, out: &mut Vec<String>) {
    tokens::each(text, &mut |word, _, _| out.push(word.to_owned()));
}

impl Asked {
    pub fn new(root: &Node) -> Self {
        let mut single = HashMap::default();
        Self {
            root: Part::new(root, &mut single),
            single,
        }
    }

    /// How well a row fits.
    pub fn fit(&self, artist: Option<&str>, track: &Track) -> Fit {
        let words = &Words::of(artist, track, &self.single);
        let alone = std::slice::from_ref(&self.root);
        let all = match &self.root {
            Part::And(all) => all.as_slice(),
            _ => alone,
        };
        let mut of_rows = 0;
        let mut met = 0;
        for one in all {
            match one.meets(words) {
                None => {}
                Some(true) => {
                    of_rows += 1;
                    met += 1;
                }
                Some(false) if one.is_demand() => return Fit::None,
                Some(false) => of_rows += 1,
            }
        }
        if met == of_rows {
            // Also where nothing was asked of rows: every row of the posts.
            Fit::All
        } else {
            Fit::Some(met)
        }
    }
}

impl Part {
    fn new(root: &Node, single: &mut HashMap<String, usize>) -> Self {
        let mut several = |all: &[Node]| all.iter().map(|one| Self::new(one, single)).collect();
        match root {
            Node::Everything => Self::Everything,
            Node::And(all) => Self::And(several(all)),
            Node::Or(any) => Self::Or(several(any)),
            Node::Not(inner) => Self::Not(Box::new(Self::new(inner, single))),
            Node::Leaf(Leaf { field, test }) => match field {
                None | Some(Field::Artist | Field::Track) => Self::Leaf {
                    field: *field,
                    wanted: Wanted::new(test, single),
                    name: match test {
                        Test::Word(name) | Test::Phrase { words: name, .. } => {
                            tokens::folded(name).is_empty().then(|| artist::key(name))
                        }
                        _ => None,
                    },
                },
                Some(_) => Self::OfPosts,
            },
        }
    }

    /// True for what speaks of rows by name (`artist:`, `track:`) or forbids: a row meets it or is none.
    fn is_demand(&self) -> bool {
        match self {
            Self::Leaf { field, .. } => field.is_some(),
            Self::OfPosts | Self::Not(_) => true,
            Self::And(all) | Self::Or(all) => all.iter().all(Self::is_demand),
            Self::Everything => false,
        }
    }

    /// Whether a row meets it; `None` where it asks nothing of rows.
    fn meets(&self, words: &Words<'_>) -> Option<bool> {
        match self {
            Self::Everything | Self::OfPosts => None,
            Self::And(all) => joined(all, words, false),
            Self::Or(any) => joined(any, words, true),
            Self::Not(inner) => inner.meets(words).map(|met| !met),
            Self::Leaf {
                field,
                wanted,
                name,
            } => {
                let named = name.as_ref().is_some_and(|name| words.are(name, *field));
                Some(named || wanted.stands_in(words, *field))
            }
        }
    }
}

/// Whether a row meets one of several (`any`), or all of them.
fn joined(several: &[Part], words: &Words<'_>, any: bool) -> Option<bool> {
    let mut said = None;
    for met in several.iter().filter_map(|one| one.meets(words)) {
        if met == any {
            return Some(any);
        }
        said = Some(!any);
    }
    said
}

impl<'a> Words<'a> {
    fn of(artist: Option<&'a str>, track: &'a Track, known: &HashMap<String, usize>) -> Self {
        let artist = artist.unwrap_or_default();
        let title = track.title.as_str();
        let mut all = Vec::new();
        words(artist, &mut all);
        let start = all.len();
        words(title, &mut all);
        let titles = (start, all.len());
        for tail in track.album.iter().chain(&track.label) {
            words(tail, &mut all);
        }
        let mut single = vec![0; known.len()];
        for (at, word) in all.iter().enumerate() {
            if let Some(slot) = known.get(word).and_then(|n| single.get_mut(*n)) {
                *slot |= match at {
                    at if at < titles.0 => 1,
                    at if at < titles.1 => 2,
                    _ => 4,
                };
            }
        }
        Self {
            artist,
            title,
            all,
            titles,
            single,
        }
    }

    fn within(&self, field: Option<Field>) -> &[String] {
        let (start, end) = self.titles;
        match field {
            Some(Field::Artist) => &self.all[..start],
            Some(_) => &self.all[start..end],
            None => &self.all,
        }
    }

    /// True where the artist or the title is the name of a key.
    fn are(&self, name: &str, field: Option<Field>) -> bool {
        let is = |text: &str| artist::key(text) == name;
        field != Some(Field::Track) && is(self.artist)
            || field != Some(Field::Artist) && is(self.title)
    }
}

impl Wanted {
    fn new(test: &Test, single: &mut HashMap<String, usize>) -> Self {
        let mut in_a_row = |text: &str, slop| {
            let mut words = tokens::folded(text);
            match words.len() {
                1 => {
                    let next = single.len();
                    Self::Single(*single.entry(words.remove(0)).or_insert(next))
                }
                _ => Self::Words(words, slop),
            }
        };
        match test {
            Test::Word(text) => in_a_row(text, 0),
            Test::Phrase { words, slop } => in_a_row(words, *slop as usize),
            Test::Prefix(stem) => {
                let mut stems = tokens::folded(stem);
                match stems.pop() {
                    Some(last) => Self::Prefix(stems, last),
                    None => Self::Nothing,
                }
            }
            Test::Fuzzy(text) => {
                Self::Fuzzy(tokens::folded(text).into_iter().map(Near::new).collect())
            }
            Test::OneOf(forms) => Self::OneOf(forms.clone()),
            Test::Range { .. } => Self::Nothing,
        }
    }

    fn stands_in(&self, row: &Words<'_>, field: Option<Field>) -> bool {
        let words = row.within(field);
        match self {
            Self::Single(n) => row.single.get(*n).is_some_and(|at| at & within(field) != 0),
            Self::Words(wanted, slop) => in_a_row(words, wanted, *slop),
            Self::Prefix(stems, last) => {
                stems.iter().all(|stem| words.contains(stem))
                    && words.iter().any(|word| word.starts_with(last))
            }
            Self::Fuzzy(near) => near
                .iter()
                .all(|near| words.iter().any(|word| near.is(word))),
            Self::OneOf(forms) => forms.iter().any(|form| words.contains(form)),
            Self::Nothing => false,
        }
    }
}

impl Near {
    fn new(word: String) -> Self {
        let length = word.chars().count();
        Self {
            word,
            length,
            most: usize::from(query::slips(length)),
            known: RefCell::default(),
        }
    }

    fn is(&self, word: &str) -> bool {
        let mut known = self.known.borrow_mut();
        if let Some(is) = known.get(word) {
            return *is;
        }
        let is = word.chars().count().abs_diff(self.length) <= self.most
            && strsim::osa_distance(word, &self.word) <= self.most;
        known.insert(word.to_owned(), is);
        is
    }
}

/// True where the wanted words follow each other, with at most `slop` others between them in all.
fn in_a_row(words: &[String], wanted: &[String], slop: usize) -> bool {
    let Some((first, rest)) = wanted.split_first() else {
        return false;
    };
    words.iter().enumerate().any(|(start, word)| {
        if word != first {
            return false;
        }
        let mut at = start;
        let mut left = slop;
        rest.iter().all(|next| {
            let found = words
                .iter()
                .skip(at + 1)
                .take(left + 1)
                .position(|w| w == next);
            if let Some(gap) = found {
                at += gap + 1;
                left -= gap;
            }
            found.is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    fn fits(text: &str, artist: &str, title: &str) -> Fit {
        let track = Track {
            title: Text::line(title),
            ..Track::default()
        };
        Asked::new(&query::parse(text).root).fit(Some(artist), &track)
    }

    #[test]
    fn rows_meet_what_is_asked_of_rows() {
        for (text, expected) in [
            ("tepper", Fit::All),
            ("tepper easy", Fit::All),
            ("tepper supernatural", Fit::Some(1)),
            ("tepper -live", Fit::All),
            ("tepper -easy", Fit::None),
            ("artist:tepper track:easy", Fit::All),
            ("artist:easy", Fit::None),
            ("\"easy way\"", Fit::All),
            ("\"easy out\"", Fit::Some(0)),
            ("\"easy out\"~1", Fit::All),
            ("tep*", Fit::All),
            ("teppr~", Fit::All),
            ("date:1985", Fit::All),
            ("tag:soundtrack tepper", Fit::All),
            ("survivor OR tepper", Fit::All),
            ("survivor", Fit::Some(0)),
        ] {
            assert_eq!(
                fits(text, "Robert Tepper", "No Easy Way Out"),
                expected,
                "{text}"
            );
        }
    }
}
