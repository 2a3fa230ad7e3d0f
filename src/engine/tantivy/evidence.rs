//! What in a post made it match?
//!
//! In: a stored post and the words of a query. Out: marks, the best rows, comments and sentences, and the
//! facts that ranking needs. One pass over the post's words; no index is asked.

use std::collections::HashSet;

use foldhash::HashMap;

use tantivy::Searcher;
use tantivy::schema::Field as TantivyField;

use super::compile;
use super::matched::{Gathered, Typed};
use super::snippet::{extract, marks};
use crate::artist;
use crate::error::Result;
use crate::model::{
    CommentEvidence, Context, Evidence, Mark, Post, Snippet, TrackEvidence, TrackMarks,
};
use crate::query::{self, Field, Node, Test};
use crate::text::glance::Glance;
use crate::text::sentences::sentences;
use crate::text::tokens::{self, Token};

/// Rows and comments shown with a hit.
const SHOWN: usize = 3;

/// One positive condition of a query, as it is looked for in texts.
pub(super) struct Want {
    field: Option<Field>,
    /// Words in a row; the last may stand for several.
    words: Vec<Word>,
    slop: usize,
}

impl Want {
    /// What a test looks for; `None` where that is no text. `near` are the words that a word with slips stands for.
    pub fn new(field: Option<Field>, test: &Test, near: Vec<String>) -> Option<Self> {
        let (text, last): (&str, fn(String) -> Word) = match test {
            Test::OneOf(words) => {
                return Some(Self {
                    field,
                    words: vec![Word::OneOf(words.clone())],
                    slop: 0,
                });
            }
            Test::Word(w) | Test::Phrase { words: w, .. } | Test::Fuzzy(w) => (w, Word::Is),
            Test::Prefix(w) => (w, Word::Starts),
            Test::Range { .. } => return None,
        };
        let mut words: Vec<Word> = tokens::tokens(text)
            .into_iter()
            .map(|t| Word::Is(t.text))
            .collect();
        if let Some(Word::Is(end)) = words.pop() {
            words.push(match test {
                Test::Fuzzy(_) => Word::OneOf(near),
                _ => last(end),
            });
        }
        (!words.is_empty()).then_some(Self {
            field,
            words,
            slop: match test {
                Test::Phrase { slop, .. } => (*slop).min(query::MOST_SLOP) as usize,
                _ => 0,
            },
        })
    }
}

enum Word {
    Is(String),
    OneOf(Vec<String>),
    Starts(String),
}

impl Word {
    fn matches(&self, token: &str) -> bool {
        match self {
            Self::Is(word) => word == token,
            Self::OneOf(words) => words.iter().any(|word| word == token),
            Self::Starts(stem) => token.starts_with(stem.as_str()),
        }
    }

    fn may_stand_in(&self, text: &Glance<'_>) -> bool {
        match self {
            Self::Is(word) => text.may_have(word, true),
            Self::OneOf(words) => words.iter().any(|word| text.may_have(word, true)),
            Self::Starts(stem) => text.may_have(stem, false),
        }
    }
}

/// The positive conditions of a query, in the order typed.
pub(super) fn wants(
    root: &Node,
    searcher: &Searcher,
    everything: TantivyField,
) -> Result<Vec<Want>> {
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node {
            Node::And(all) | Node::Or(all) => open.extend(all.iter().rev()),
            Node::Leaf(leaf) => {
                if matches!(leaf.field, Some(Field::Has | Field::Lang)) {
                    continue;
                }
                let near = match &leaf.test {
                    Test::Fuzzy(word) => compile::near_terms(searcher, everything, word)?
                        .into_iter()
                        .map(|n| n.word)
                        .collect(),
                    _ => Vec::new(),
                };
                out.extend(Want::new(leaf.field, &leaf.test, near));
            }
            Node::Not(_) | Node::Everything => {}
        }
    }
    Ok(out)
}

/// The whole query as one name: its key (see `artist::key`), and the field that it was asked of.
pub(super) struct Name {
    pub field: Option<Field>,
    pub key: String,
    /// See `artist::spelling`.
    pub spelling: String,
    /// Key and spelling of the artist's other names, as the user says.
    pub also: Vec<(String, String)>,
}

impl Name {
    pub fn new(field: Option<Field>, text: &str) -> Self {
        Self {
            field,
            key: artist::key(text),
            spelling: artist::spelling(text),
            also: Vec::new(),
        }
    }

    /// True where `text` is this name in any spelling and stands in a field that was asked.
    fn is(&self, text: &str, part: Field) -> bool {
        if self.field.is_some_and(|field| field != part) {
            return false;
        }
        let also = self.also.iter().filter(|_| part == Field::Artist);
        let mut all = std::iter::once(&self.spelling).chain(also.map(|(_, spelling)| spelling));
        if !all.clone().any(|spelling| may_be(spelling, text)) {
            return false;
        }
        let own = artist::spelling(text);
        all.any(|spelling| *spelling == own)
    }
}

/// False where a text is certainly not spelled so: it has fewer letters, or begins with another one. Looking costs a
/// fraction of spelling it out.
fn may_be(spelling: &str, text: &str) -> bool {
    let first = spelling.bytes().next().unwrap_or_default();
    if !text.is_ascii() || !spelling.is_ascii() || !first.is_ascii_alphanumeric() {
        return true;
    }
    let letters = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'!' | b'$');
    let begins = text
        .bytes()
        .find(u8::is_ascii_alphanumeric)
        .is_some_and(|b| b.eq_ignore_ascii_case(&first) || b.eq_ignore_ascii_case(&b't'));
    begins && text.as_bytes().iter().filter(|b| letters(b)).count() >= spelling.len()
}

/// The conditions by their words: a text is gone through once, however many there are.
struct Words<'a> {
    wants: &'a [Want],
    /// A word, its condition, and whether that may begin with it. Few are compared one by one.
    few: Vec<(&'a Word, usize, bool)>,
    many: HashMap<&'a str, Vec<(usize, bool)>>,
}

/// More words than these are looked up.
const FEW: usize = 12;

impl<'a> Words<'a> {
    fn new(wants: &'a [Want]) -> Self {
        let mut few = Vec::new();
        for (n, want) in wants.iter().enumerate() {
            for (at, word) in want.words.iter().enumerate() {
                few.push((word, n, at == 0 || want.slop > 0));
            }
        }
        let mut many: HashMap<&str, Vec<(usize, bool)>> = HashMap::default();
        if few.len() > FEW {
            few.retain(|(word, n, first)| {
                let words = match word {
                    Word::Is(word) => std::slice::from_ref(word),
                    Word::OneOf(words) => words.as_slice(),
                    Word::Starts(_) => return true,
                };
                for word in words {
                    many.entry(word).or_default().push((*n, *first));
                }
                false
            });
        }
        Self { wants, few, many }
    }

    /// False where certainly no word of a condition on these fields stands in a text: most texts of a post have none
    /// of them, and a glance costs a small part of reading word by word.
    fn may_stand_in(&self, text: &str, part: &[Field]) -> bool {
        let text = &Glance::at(text);
        !self.many.is_empty()
            || self.few.iter().any(|(word, n, _)| {
                let asked = self.wants.get(*n).and_then(|want| want.field);
                asked.is_none_or(|field| part.contains(&field)) && word.may_stand_in(text)
            })
    }

    /// Calls `each` with every condition that has a word, and whether that may begin with it.
    fn having(&self, token: &str, each: &mut dyn FnMut(usize, bool)) {
        for (word, n, first) in &self.few {
            if word.matches(token) {
                each(*n, *first);
            }
        }
        if !self.many.is_empty() {
            for (n, first) in self.many.get(token).into_iter().flatten() {
                each(*n, *first);
            }
        }
    }
}

/// A text with the conditions found in it.
#[derive(Default)]
pub(super) struct Looked {
    /// Which condition, from which token to which.
    pub found: Vec<(usize, usize, usize)>,
    /// Those that are no word of a condition have no text; none where no word is.
    pub tokens: Vec<Token>,
}

impl Looked {
    fn at(text: &str, words: &Words<'_>, part: &[Field]) -> Self {
        if !words.may_stand_in(text, part) {
            return Self::default();
        }
        let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
        let mut touched = false;
        // Where a condition may begin.
        let mut begins: Vec<(usize, usize)> = Vec::new();
        tokens::each(text, &mut |word, start, end| {
            let mut matches = false;
            words.having(word, &mut |n, first| {
                let Some(want) = words.wants.get(n) else {
                    return;
                };
                if want.field.is_none_or(|f| part.contains(&f)) {
                    matches = true;
                    if first {
                        begins.push((n, tokens.len()));
                    }
                }
            });
            touched |= matches;
            // Other words are never compared.
            let text = if matches { word } else { "" };
            tokens.push(Token {
                text: text.to_owned(),
                start,
                end,
            });
        });
        if !touched {
            return Self::default();
        }
        begins.sort_unstable();
        begins.dedup();
        let mut found = Vec::new();
        for (n, start) in begins {
            let Some(want) = words.wants.get(n) else {
                continue;
            };
            if let Some(end) = run(&tokens[start..], want) {
                found.push((n, start, start + end));
            }
        }
        found.sort_by_key(|f| f.1);
        Self { found, tokens }
    }

    /// How many different conditions were found.
    fn count(&self) -> usize {
        let mut seen: Vec<usize> = self.found.iter().map(|f| f.0).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    }

    /// The smallest number of tokens that holds all of `all` conditions; `None` where one is missing.
    fn window(&self, all: usize) -> Option<usize> {
        let mut counts = vec![0usize; all];
        let mut missing = all;
        let mut best: Option<usize> = None;
        let mut left = 0;
        for right in &self.found {
            counts[right.0] += 1;
            if counts[right.0] == 1 {
                missing -= 1;
            }
            while missing == 0 {
                let first = self.found[left];
                let wide = right.2.max(first.2) - first.1;
                best = Some(best.map_or(wide, |b| b.min(wide)));
                counts[first.0] -= 1;
                if counts[first.0] == 0 {
                    missing += 1;
                }
                left += 1;
            }
        }
        best
    }

    /// True where the conditions follow each other as typed.
    fn in_order(&self, all: usize) -> bool {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for (n, start, end) in &self.found {
            if *n == 0 {
                ends.push((1, *end));
            }
            for slot in &mut ends {
                if slot.0 == *n && slot.1 == *start {
                    *slot = (n + 1, *end);
                }
            }
            ends.retain(|slot| slot.1 + 1 > *start || slot.0 == all);
            if ends.iter().any(|slot| slot.0 == all) {
                return true;
            }
        }
        all == 1 && !self.found.is_empty()
    }

    fn byte_ranges(&self) -> Vec<(usize, usize)> {
        let mut out: Vec<(usize, usize)> = Vec::new();
        for (_, start, end) in &self.found {
            let (Some(first), Some(last)) = (self.tokens.get(*start), self.tokens.get(end - 1))
            else {
                continue;
            };
            out.push((first.start, last.end));
        }
        out.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for range in out {
            match merged.last_mut() {
                Some(last) if range.0 < last.1 => last.1 = last.1.max(range.1),
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// How many tokens from the start on meet a condition. With a slop the words may stand in any order, as the
/// index has it.
fn run(tokens: &[Token], want: &Want) -> Option<usize> {
    if want.slop == 0 {
        let here = tokens.get(..want.words.len())?;
        let met = here
            .iter()
            .zip(&want.words)
            .all(|(t, w)| w.matches(&t.text));
        return met.then_some(want.words.len());
    }
    let first = tokens.first()?;
    if !want.words.iter().any(|w| w.matches(&first.text)) {
        return None;
    }
    let mut missing: Vec<&Word> = want.words.iter().collect();
    for (at, token) in tokens.iter().take(missing.len() + want.slop).enumerate() {
        if let Some(n) = missing.iter().position(|w| w.matches(&token.text)) {
            missing.swap_remove(n);
        }
        if missing.is_empty() {
            return Some(at + 1);
        }
    }
    None
}

/// Marks of a name; all of it where `whole` says that it matched in another spelling, such as "AC/DC" for "ACDC".
fn name_marks(name: &str, looked: &Looked, whole: bool) -> Vec<Mark> {
    if whole && looked.found.is_empty() {
        return marks(name, &[(0, name.len())]);
    }
    marks(name, &looked.byte_ranges())
}

/// What ranking wants to know of a post.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// The whole query is: 3 an artist, 2 the title, 1 a track; 0 none.
    pub exact: u8,
    /// The words stand together as typed.
    pub phrase: bool,
    /// All words stand close to each other.
    pub near: bool,
    /// Conditions that were found at all.
    pub found: usize,
    /// How much of the post is about them, 0 to 1.
    pub weight: f32,
}

/// What was found in a post.
pub(super) struct Finding {
    pub facts: Facts,
    pub title_marks: Vec<Mark>,
    pub evidence: Evidence,
}

/// Looks through a post. `name` is the whole query where it is one name.
pub(super) fn look(post: &Post, wants: &[Want], name: Option<&Name>, typed: &Typed) -> Finding {
    let all = wants.len();
    let words = &Words::new(wants);
    let mut facts = Facts::default();
    let mut seen: HashSet<usize> = HashSet::new();
    let mut mass = vec![0f32; all];
    let mut note = |looked: &Looked, worth: f32, facts: &mut Facts| {
        for (n, _, _) in &looked.found {
            seen.insert(*n);
            mass[*n] += worth;
        }
        let several = all > 1 || wants.first().is_some_and(|w| w.words.len() > 1);
        if several && looked.count() == all {
            facts.phrase |= looked.in_order(all);
            facts.near |= looked.window(all).is_some_and(|w| w <= all + 8);
        }
    };
    let title = Looked::at(&post.title, words, &[Field::Title]);
    note(&title, 3.0, &mut facts);
    if name.is_some_and(|n| n.is(&post.title, Field::Title)) {
        facts.exact = 2;
    }
    for extra in post.tags.iter().chain(&post.author) {
        note(
            &Looked::at(extra, words, &[Field::Tag, Field::Author]),
            1.0,
            &mut facts,
        );
    }

    let mut rows: Vec<(usize, u8, Looked, Looked, TrackEvidence)> = Vec::new();
    for (number, list) in (0u32..).zip(&post.tracklists) {
        for track in &list.tracks {
            let artist = list.artist_of(track);
            let credited = artist.map_or("", |a| a.as_str());
            let by = Looked::at(credited, words, &[Field::Artist]);
            let of = Looked::at(&track.title, words, &[Field::Track]);
            let mut exact = 0;
            if let Some(name) = name {
                let is_artist = name.is(credited, Field::Artist)
                    || (track.credit.len() > 1
                        && track
                            .credit
                            .iter()
                            .any(|part| name.is(&part.name, Field::Artist)));
                if is_artist {
                    exact = 3;
                } else if name.is(&track.title, Field::Track) {
                    exact = 1;
                }
            }
            facts.exact = facts.exact.max(exact);
            let both = if by.tokens.is_empty() && of.tokens.is_empty() {
                Looked::default()
            } else {
                Looked::at(
                    &format!("{credited} {}", track.title),
                    words,
                    &[Field::Artist, Field::Track],
                )
            };
            note(&both, 2.0, &mut facts);
            let count = both.count();
            if count == 0 && exact == 0 {
                continue;
            }
            let evidence = TrackEvidence {
                list: number,
                position: track.position,
                number: track.number.clone(),
                artist: artist.cloned(),
                title: track.title.clone(),
                raw: track.raw.clone(),
                marks: TrackMarks {
                    artist: name_marks(credited, &by, exact == 3),
                    title: name_marks(&track.title, &of, exact == 1),
                },
            };
            rows.push((count, exact, by, of, evidence));
        }
    }
    let mut comments: Vec<(usize, usize, Looked)> = Vec::new();
    for (at, comment) in post.comments.iter().enumerate() {
        let text = Looked::at(&comment.text, words, &[Field::Comment]);
        let author = Looked::at(
            comment.author.as_deref().unwrap_or_default(),
            words,
            &[Field::By],
        );
        note(&text, 0.6, &mut facts);
        note(&author, 0.6, &mut facts);
        let mut hit: HashSet<usize> = text.found.iter().map(|f| f.0).collect();
        hit.extend(author.found.iter().map(|f| f.0));
        if !hit.is_empty() {
            comments.push((hit.len(), at, text));
        }
    }
    let mut best_sentence: Option<(usize, &str, Looked)> = None;
    let mut sentence_counts: Vec<usize> = Vec::new();
    let mut body_near = Facts::default();
    for paragraph in post.body.split("\n\n") {
        let whole = Looked::at(paragraph, words, &[Field::Body]);
        if whole.found.is_empty() {
            continue;
        }
        note(&whole, 1.0, &mut body_near);
        for sentence in sentences(paragraph) {
            let looked = Looked::at(sentence, words, &[Field::Body]);
            let count = looked.count();
            sentence_counts.extend((count > 0).then_some(count));
            if count > 0
                && best_sentence
                    .as_ref()
                    .is_none_or(|(best, _, _)| count > *best)
            {
                best_sentence = Some((count, sentence, looked));
            }
        }
    }
    facts.phrase |= body_near.phrase;
    facts.near |= body_near.near;
    facts.found = seen.len();
    facts.weight = if all == 0 {
        0.0
    } else {
        mass.iter().map(|m| m / (m + 3.0)).sum::<f32>() / all as f32
    };

    // Where one part has all words, parts with some of them are noise.
    let most = rows
        .iter()
        .map(|r| r.0)
        .chain(comments.iter().map(|c| c.0))
        .chain(best_sentence.iter().map(|s| s.0))
        .chain([title.count()])
        .max()
        .unwrap_or(0);
    let enough = if most >= all { all.max(1) } else { 1 };
    rows.retain(|r| r.0 >= enough || r.1 > 0);
    comments.retain(|c| c.0 >= enough);
    best_sentence = best_sentence.filter(|s| s.0 >= enough);
    let sentences_total = sentence_counts.iter().filter(|c| **c >= enough).count() as u32;
    let tracks_total = rows.len() as u32;
    let comments_total = comments.len() as u32;
    rows.sort_by_key(|r| std::cmp::Reverse((r.1, r.0)));
    comments.sort_by_key(|c| std::cmp::Reverse(c.0));
    let mut gathered = Gathered::new(typed);
    gathered.add(&post.title, &title);
    for (_, _, by, of, row) in rows.iter().take(SHOWN) {
        gathered.add(row.artist.as_deref().unwrap_or_default(), by);
        gathered.add(&row.title, of);
    }
    for (_, at, looked) in comments.iter().take(SHOWN) {
        gathered.add(&post.comments[*at].text, looked);
    }
    if let Some((_, sentence, looked)) = &best_sentence {
        gathered.add(sentence, looked);
    }
    let evidence = Evidence {
        matched: gathered.matched(),
        sentences_total,
        snippet: best_sentence.map(|(_, sentence, looked)| {
            let (text, marks) = extract(sentence, &looked.byte_ranges());
            Snippet { text, marks }
        }),
        tracks: rows.into_iter().take(SHOWN).map(|r| r.4).collect(),
        comments: comments
            .into_iter()
            .take(SHOWN)
            .map(|(_, at, looked)| {
                let comment = &post.comments[at];
                let (text, marks) = extract(&comment.text, &looked.byte_ranges());
                CommentEvidence {
                    id: comment.id.clone(),
                    parent: comment.parent.clone(),
                    author: comment.author.clone(),
                    published: comment.published.clone(),
                    likes: comment.likes,
                    text,
                    marks,
                    context: context(post, comment.parent.as_deref()),
                }
            })
            .collect(),
        tracks_total,
        comments_total,
    };
    Finding {
        facts,
        title_marks: marks(&post.title, &title.byte_ranges()),
        evidence,
    }
}

/// The beginning of the comment that another one answers.
fn context(post: &Post, parent: Option<&str>) -> Option<Context> {
    let parent = parent?;
    let answered = post.comments.iter().find(|c| c.id.as_str() == parent)?;
    let first = sentences(&answered.text)
        .first()
        .copied()
        .unwrap_or_default();
    Some(Context {
        author: answered.author.clone(),
        text: extract(first, &[]).0,
    })
}
