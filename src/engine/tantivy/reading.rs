//! What else may have been meant?
//!
//! In: a query. Out: its readings, best first: as typed; with other forms of its words; with slips of the keyboard
//! undone; with some of its words. Each reading stands below those before it. Must not know what is shown.

use std::collections::HashMap;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery};
use tantivy::schema::Field as TantivyField;

use super::compile;
use super::evidence::Name;
use super::near::{self, NearTerm};
use super::order::{self, Addresses, Asked, Condition, Shape};
use super::reader::TantivyReader;
use super::reworded::{
    has_several_words, plain_words, relax, renamed, rewrite, text_of_name, whole_name,
};
use super::stems;
use super::top::{self, Found};
use super::weighs;
use crate::artist;
use crate::error::Result;
use crate::model::{Note, TextRef, TrackList};
use crate::query::{Field, Joined, Kind, Node, Query};

/// Where fewer posts match as typed, slips are looked for.
const FEW: u64 = 10;
/// A word in so many posts may be a slip where a neighbour is far more frequent.
const RARE: u64 = 2;
/// How much more frequent that is.
const FAR_MORE: u64 = 20;
/// Names that are tried in place of the one typed.
const MOST_NAMES: usize = 3;

/// Letters of a name that exists from which on others near it are offered.
const SHORT: usize = 5;
/// Letters of a name from which on two slips are looked for.
const LONG: usize = 8;
/// Letters of a name in which slips are looked for; longer ones are no names.
const LONGEST: usize = 64;
/// Words of a query of which other forms and slips are looked for.
pub(super) const MOST_WORDS: usize = 16;

/// How far a reading is from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Typed,
    Stemmed,
    Some,
    Corrected,
}

/// One way to understand a query, with the posts that match it.
pub(super) struct Reading {
    pub root: Node,
    pub name: Option<Name>,
    pub level: Level,
    /// What weighs, and whether nothing else decides what matches.
    pub conditions: Vec<Condition>,
    shape: Shape,
    /// See [`Asked::of_posts`].
    pub of_posts: bool,
    pub found: Found,
}

/// A query made ready for the index.
struct Compiled {
    root: Node,
    name: Option<Name>,
    query: Box<dyn TantivyQuery>,
}

impl Compiled {
    fn new(
        reader: &TantivyReader,
        root: Node,
        kind: Option<Kind>,
        joined: Option<&Joined>,
    ) -> Result<Self> {
        let mut name = match kind {
            Some(Kind::Comments) => None,
            _ => whole_name(joined.map_or(&root, |joined| &joined.typed)),
        };
        if let (Some(name), Some(joined)) = (&mut name, joined) {
            let other = |also: &String| (artist::key(also), artist::spelling(also));
            name.also = joined.names.iter().map(other).collect();
        }
        let root = weighs::near_words(reader, root)?;
        let query = compile::posts(reader, &root, kind, name.as_ref())?;
        Ok(Self { root, name, query })
    }

    fn find(
        self,
        reader: &TantivyReader,
        kind: Option<Kind>,
        level: Level,
        first: Option<usize>,
        seen: &Addresses,
    ) -> Result<Reading> {
        let asked = weighs::asked(reader, &self.root, kind, self.name.as_ref())?;
        let found = top::find(reader, self.query.as_ref(), &asked, first, seen)?;
        let Asked {
            conditions,
            shape,
            of_posts,
            ..
        } = asked;
        Ok(Reading {
            root: self.root,
            name: self.name,
            level,
            conditions,
            shape,
            of_posts,
            found,
        })
    }
}

/// All readings of a query that have posts of their own, as far as the page needs them.
pub(super) struct Readings<'a> {
    reader: &'a TantivyReader,
    kind: Option<Kind>,
    /// Places that are needed; all where `None`.
    first: Option<usize>,
    pub all: Vec<Reading>,
    pub notes: Vec<Note>,
    /// Posts that match in all; at least so many where that is not exact.
    pub total: u64,
    pub exact: bool,
    seen: Addresses,
    /// What has been asked so far.
    asked: Vec<Box<dyn TantivyQuery>>,
}

/// The readings of a query, and what there is to say of them. `first` is how many places are needed, `None` for all.
pub(super) fn all<'a>(
    reader: &'a TantivyReader,
    query: &Query,
    exact: bool,
    first: Option<usize>,
) -> Result<Readings<'a>> {
    let mut out = Readings {
        reader,
        kind: query.kind,
        first,
        all: Vec::new(),
        notes: Vec::new(),
        total: 0,
        exact: true,
        seen: Addresses::default(),
        asked: Vec::new(),
    };
    let joined = query.joined.as_ref();
    let typed = Compiled::new(reader, query.root.clone(), query.kind, joined)?;
    out.add(typed, Level::Typed)?;
    if exact {
        return Ok(out);
    }
    let typed = out.all.first();
    let named = typed
        .and_then(|typed| typed.found.places.first())
        .is_some_and(|p| p.group.is_name());
    if named {
        if out.total < FEW {
            offer_other_names(&mut out)?;
        }
        return Ok(out);
    }
    // Where no post has it as typed, a whole name one slip away is likelier to be meant than other forms of its words; of a
    // single word a name is near by chance.
    let near = if out.total == 0 && has_several_words(&query.root) {
        near_whole(&out, query)?
    } else {
        Vec::new()
    };
    let one_slip = near.first().is_some_and(|(_, near)| near.distance == 1);
    let corrected = one_slip && show_names(query, &near, &mut out)?;
    // Where the page is full and the total no more than a bound, other forms change nothing.
    if !corrected && (!out.is_full() || out.exact) {
        let forms = stems::forms(reader, &plain_words(&query.root, false))?;
        if !forms.is_empty() {
            out.read(rewrite(&query.root, &forms, false), Level::Stemmed)?;
        }
    }
    if out.total < FEW {
        correct(query, near, corrected, &mut out)?;
    } else if !corrected {
        offer_name(query, &near, &mut out)?;
    }
    if out.total == 0
        && let Some(some) = relax(&query.root)
        && out.read(some, Level::Some)?
    {
        out.note(
            "relaxed",
            "no post has all of these words; showing posts with some of them".into(),
        );
    }
    Ok(out)
}

impl Readings<'_> {
    /// Adds a reading's posts that none before has; false where there are none.
    fn read(&mut self, root: Node, level: Level) -> Result<bool> {
        let compiled = Compiled::new(self.reader, root, self.kind, None)?;
        self.add(compiled, level)
    }

    fn add(&mut self, compiled: Compiled, level: Level) -> Result<bool> {
        let query = compiled.query.box_clone();
        let (total, exact) = if self.is_full()
            && let Some(counted) = self.count_forms(&compiled, level)?
        {
            counted
        } else if self.is_full() {
            let mut clauses = vec![(Occur::Must, compiled.query)];
            let before = self.asked.iter().map(|q| compile::not(q.box_clone()));
            clauses.extend(before);
            top::matching(
                self.reader,
                &BooleanQuery::new(clauses),
                &Addresses::default(),
            )?
        } else {
            let first = self.first.map(|first| first - self.seen.len());
            let reading = compiled.find(self.reader, self.kind, level, first, &self.seen)?;
            let counted = (reading.found.total, reading.found.exact);
            self.seen
                .extend(reading.found.places.iter().map(|p| p.address));
            if level == Level::Typed || !reading.found.places.is_empty() {
                self.all.push(reading);
            }
            counted
        };
        self.asked.push(query);
        self.total += total;
        self.exact &= exact;
        Ok(total > 0)
    }

    /// Counts the posts that other forms of the words typed add; `None` where that is not all there is to it.
    fn count_forms(&self, compiled: &Compiled, level: Level) -> Result<Option<(u64, bool)>> {
        let ([typed], Level::Stemmed, None, None) =
            (self.all.as_slice(), level, self.kind, &compiled.name)
        else {
            return Ok(None);
        };
        let asked = weighs::asked(self.reader, &compiled.root, None, None)?;
        let Some(words) = typed.conditions.iter().map(Condition::one_word).collect() else {
            return Ok(None);
        };
        let words: Vec<Term> = words;
        let among = |word: &Term| {
            let mut all = asked.conditions.iter().flat_map(|c| &c.words);
            all.any(|other| other.term == *word)
        };
        if typed.shape != Shape::All || asked.shape != Shape::All || !words.iter().all(among) {
            return Ok(None);
        }
        let mut names = Vec::new();
        if let Some(name) = &typed.name {
            let terms = order::names(&self.reader.fields, name, None).into_iter();
            names.extend(terms.map(|(_, term)| term));
        }
        let mut conditions = asked.conditions;
        if let ([one], [word]) = (conditions.as_mut_slice(), words.as_slice()) {
            // What has the other forms, but neither the word nor the name: the word's own posts need not be gone through.
            one.words.retain(|other| other.term != *word);
            names.push(word.clone());
        }
        top::others(self.reader, &conditions, &words, &names).map(Some)
    }

    /// True where the page needs no more posts.
    fn is_full(&self) -> bool {
        self.first.is_some_and(|first| self.seen.len() >= first) && !self.all.is_empty()
    }

    fn note(&mut self, code: &'static str, text: String) {
        self.notes.push(Note { code, text });
    }
}

/// Names near the whole query, where it is one name.
fn near_whole(out: &Readings<'_>, query: &Query) -> Result<Vec<(Field, NearTerm)>> {
    let typed = out.all.first().and_then(|typed| typed.name.as_ref());
    match typed {
        Some(name) if text_of_name(&query.root).is_some() => {
            near_names(out.reader, name.field, &name.spelling, query.kind)
        }
        _ => Ok(Vec::new()),
    }
}

/// Adds the posts of the nearest names, and says so; false where there are none.
fn show_names(query: &Query, near: &[(Field, NearTerm)], out: &mut Readings<'_>) -> Result<bool> {
    let Some(typed) = text_of_name(&query.root) else {
        return Ok(false);
    };
    let best = near.first().map_or(0, |(_, near)| near.distance);
    let mut any = false;
    for (field, near) in near.iter().take(MOST_NAMES) {
        if near.distance > best {
            break;
        }
        let Some(name) = written(out.reader, *field, &near.word)? else {
            continue;
        };
        if out.read(renamed(&query.root, &name), Level::Corrected)? {
            any = true;
            let many = posts(near.posts);
            out.note(
                "corrected",
                format!("no post has *{typed}*; showing *{name}* ({many})"),
            );
        }
    }
    Ok(any)
}

/// Says which artist may be meant, where posts have the words, but few of them in a row.
fn offer_name(query: &Query, near: &[(Field, NearTerm)], out: &mut Readings<'_>) -> Result<()> {
    let Some(typed) = out.all.first() else {
        return Ok(());
    };
    let Some(name) = typed.name.as_ref() else {
        return Ok(());
    };
    let in_row = |p: &&order::Place| p.group <= order::Group::Phrase;
    if !has_several_words(&query.root)
        || typed.found.places.iter().filter(in_row).count() as u64 >= FEW
        || !matches!(name.field, None | Some(Field::Artist))
        || query.kind == Some(Kind::Posts)
    {
        return Ok(());
    }
    let found = match near.first() {
        Some(found) => Some(found.clone()),
        None => {
            let terms = out.reader.fields.artist_spelling;
            let near = near::near(
                out.reader,
                &out.reader.posts,
                terms,
                &name.spelling,
                1,
                false,
            )?;
            near.into_iter().next().map(|near| (Field::Artist, near))
        }
    };
    if let Some((field, near)) = found
        && let Some(name) = written(out.reader, field, &near.word)?
    {
        out.note("did-you-mean", offer(&name, near.posts));
    }
    Ok(())
}

/// Undoes slips: first those that make the whole query a name, unless they are undone, then those in words.
fn correct(
    query: &Query,
    mut near: Vec<(Field, NearTerm)>,
    undone: bool,
    out: &mut Readings<'_>,
) -> Result<()> {
    let reader = out.reader;
    let mut lacking: Vec<(String, u64)> = Vec::new();
    for word in plain_words(&query.root, true) {
        let term = Term::from_field_text(reader.fields.everything, &word);
        let posts = order::posts_with(reader, &term)?;
        if posts <= RARE && word.chars().any(char::is_alphabetic) {
            lacking.push((word, posts));
        }
    }
    if !undone {
        if near.is_empty() {
            near = near_whole(out, query)?;
        }
        let unknown = lacking.iter().any(|(_, posts)| *posts == 0);
        if unknown || out.total == 0 {
            show_names(query, &near, out)?;
        } else if let Some((field, near)) = near.first()
            && let Some(name) = written(reader, *field, &near.word)?
        {
            out.note("did-you-mean", offer(&name, near.posts));
        }
    }
    let mut forms: HashMap<String, Vec<String>> = HashMap::new();
    let mut notes = Vec::new();
    for (word, had) in lacking {
        let mut near = near::near_terms(reader, &reader.posts, reader.fields.everything, &word)?;
        near.retain(|n| {
            n.distance > 0 && (had == 0 || n.distance == 1 && n.posts >= FAR_MORE * had)
        });
        let best = near.first().map_or(0, |n| n.distance);
        near.retain(|n| n.distance == best);
        let Some(first) = near.first() else { continue };
        notes.push(if had == 0 {
            format!("no post has *{word}*; showing *{}*", first.word)
        } else {
            format!("few posts have *{word}*; showing *{}* below", first.word)
        });
        forms.insert(word, near.into_iter().map(|n| n.word).collect());
    }
    if !forms.is_empty() {
        let root = rewrite(&query.root, &forms, true);
        let mut any = out.read(root.clone(), Level::Corrected)?;
        if !any
            && out.total == 0
            && let Some(some) = relax(&root)
        {
            any = out.read(some, Level::Corrected)?;
        }
        if any && !out.notes.iter().any(|n| n.code == "corrected") {
            for note in notes {
                out.note("corrected", note);
            }
        }
    }
    Ok(())
}

/// Says which other artist of a similar name there is.
fn offer_other_names(out: &mut Readings<'_>) -> Result<()> {
    let reader = out.reader;
    let Some(name) = out.all.first().and_then(|typed| typed.name.as_ref()) else {
        return Ok(());
    };
    let most = match name.spelling.chars().count() {
        SHORT..LONG => 1,
        LONG..=LONGEST => 2,
        // Short names are near each other by chance.
        _ => 0,
    };
    if most == 0 || !matches!(name.field, None | Some(Field::Artist)) {
        return Ok(());
    }
    let terms = reader.fields.artist_spelling;
    let mut near = near::near(reader, &reader.posts, terms, &name.spelling, most, true)?;
    // Those that the user has joined are no others.
    let known = |n: &NearTerm| name.also.iter().any(|(_, spelling)| *spelling == n.word);
    near.retain(|n| n.distance > 0 && !known(n));
    if let Some(near) = near.first()
        && let Some(name) = written(reader, Field::Artist, &near.word)?
    {
        out.note("did-you-mean", offer(&name, near.posts));
    }
    Ok(())
}

fn offer(name: &str, count: u64) -> String {
    format!("did you mean *{name}*? ({})", posts(count))
}

fn posts(count: u64) -> String {
    format!("{count} {}", if count == 1 { "post" } else { "posts" })
}

/// Names near a spelling, the nearest first, artists before titles before tracks.
fn near_names(
    reader: &TantivyReader,
    field: Option<Field>,
    spelling: &str,
    kind: Option<Kind>,
) -> Result<Vec<(Field, NearTerm)>> {
    let most = match spelling.chars().count() {
        3..LONG => 1,
        LONG..=LONGEST => 2,
        _ => return Ok(Vec::new()),
    };
    let f = &reader.fields;
    let mut out: Vec<(Field, NearTerm)> = Vec::new();
    for (of, terms) in [
        (Field::Artist, f.artist_spelling),
        (Field::Title, f.title_spelling),
        (Field::Track, f.track_spelling),
    ] {
        let outside = kind == Some(Kind::Tracks) && of == Field::Title
            || kind == Some(Kind::Posts) && of != Field::Title;
        if outside || field.is_some_and(|f| f != of) {
            continue;
        }
        let near = near::near(reader, &reader.posts, terms, spelling, most, false)?;
        if near.iter().any(|n| n.distance == 0) {
            // The name is right; what else was asked for is not.
            return Ok(Vec::new());
        }
        out.extend(near.into_iter().map(|n| (of, n)));
    }
    // Stable: each field's own order and the order of fields decide between equal distances.
    out.sort_by_key(|(_, near)| near.distance);
    Ok(out)
}

/// A name as its first post writes it.
pub(super) fn written(
    reader: &TantivyReader,
    field: Field,
    spelling: &str,
) -> Result<Option<String>> {
    let f = &reader.fields;
    let terms: TantivyField = match field {
        Field::Artist => f.artist_spelling,
        Field::Title => f.title_spelling,
        _ => f.track_spelling,
    };
    let Some(address) = order::posts_by_id(reader, terms, spelling)?
        .into_iter()
        .next()
    else {
        return Ok(None);
    };
    let is = |name: &&str| artist::spelling(name) == spelling;
    reader.stored(address, |post, _| {
        let rows = |list| {
            let list: &TrackList<TextRef<'_>> = list;
            list.tracks.iter().map(move |track| (list, track))
        };
        let found = if field == Field::Title {
            Some(&*post.title).filter(is)
        } else {
            post.tracklists
                .iter()
                .flat_map(rows)
                .find_map(|(list, track)| {
                    if field != Field::Artist {
                        return Some(&*track.title).filter(is);
                    }
                    let artist = list.artist_of(track).map(|artist| &**artist);
                    let parts = track.credit.iter().map(|part| &*part.name);
                    artist.into_iter().chain(parts).find(is)
                })
        };
        found.map(str::to_owned)
    })
}
