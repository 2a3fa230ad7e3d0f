//! Which words of the archive are near another one in spelling?
//!
//! In: a word or a name, and how many slips it may take. Out: the likeliest terms of a field's dictionary. The dictionary is
//! walked along with an automaton of all that is near: tantivy's own walk unpacks every node that it then turns away from,
//! nine of ten; here what leads nowhere is seen before.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::{CompositeFile, OwnedBytes};
use tantivy::index::{SegmentComponent, SegmentId};
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field as TantivyField;
use tantivy::{Searcher, SegmentReader, Term};
use tantivy_fst::Automaton;
use tantivy_fst::automaton::AlwaysMatch;
use tantivy_fst::raw::{Fst, Node};

use super::compile::living;
use super::reader::TantivyReader;
use crate::error::Result;
use crate::query;
use crate::text::tokens;

/// How many words of the dictionary a word with slips stands for, at most.
const MOST_NEAR: usize = 5;

/// A word of the dictionary near another one in spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NearTerm {
    pub word: String,
    /// Letters added, left out, changed or exchanged with their neighbour.
    pub distance: usize,
    /// Live posts that have it.
    pub posts: u64,
}

/// Words of the dictionary near `word` in spelling, as far as `query::slips` allows.
pub(super) fn near_terms(
    reader: &TantivyReader,
    searcher: &Searcher,
    field: TantivyField,
    word: &str,
) -> Result<Vec<NearTerm>> {
    let folded = tokens::folded(word).concat();
    let most = query::slips(folded.chars().count());
    near(reader, searcher, field, &folded, most, false)
}

/// Terms of a field's dictionary within `most` slips of `text`: the nearest first, then the likely ones, then those with
/// the same first letter, then the most frequent; a handful of them. `same_first` leaves out those with another first letter, which
/// is a fraction of the work.
pub(super) fn near(
    reader: &TantivyReader,
    searcher: &Searcher,
    field: TantivyField,
    text: &str,
    most: u8,
    same_first: bool,
) -> Result<Vec<NearTerm>> {
    let all = FuzzyTermQuery::new(Term::from_field_text(field, text), most, true).automaton()?;
    let first = text.chars().next();
    let start = first.filter(|_| same_first).map(String::from);
    let start = start.as_deref().unwrap_or_default().as_bytes();
    let mut counts: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let Some(dictionary) = reader.dictionaries.get(segment, field)? else {
            continue;
        };
        let mut found: Vec<String> = Vec::new();
        each_accepted(&dictionary, &all, start, &mut |word| {
            found.extend(std::str::from_utf8(word).map(str::to_owned));
        });
        let inverted = segment.inverted_index(field)?;
        for word in found {
            let term = Term::from_field_text(field, &word);
            let info = inverted.get_term_info(&term);
            let Some(info) = info.map_err(tantivy::TantivyError::from)? else {
                continue;
            };
            let living = living(segment, &inverted, &info)?;
            if living > 0 {
                *counts.entry(word).or_insert(0) += living;
            }
        }
    }
    let mut found: Vec<NearTerm> = counts
        .into_iter()
        .map(|(word, posts)| NearTerm {
            distance: strsim::osa_distance(&word, text),
            word,
            posts,
        })
        .collect();
    found.sort_by_cached_key(|near| {
        let other = near.word.chars().next() != first;
        (
            near.distance,
            !is_likely(text, &near.word),
            other,
            std::cmp::Reverse(near.posts),
            near.word.clone(),
        )
    });
    found.truncate(MOST_NEAR);
    Ok(found)
}

/// True where letters were left out or exchanged to make `typed` of `meant`: there are few ways to do that. A wrong or
/// needless letter is one of many, so that a word which takes one is the less likely to be meant.
fn is_likely(typed: &str, meant: &str) -> bool {
    let mut left: Vec<char> = meant.chars().collect();
    typed.chars().all(|letter| {
        let at = left.iter().position(|other| *other == letter);
        at.map(|at| left.swap_remove(at)).is_some()
    })
}

/// The words of one field of a segment.
type Dictionary = Fst<OwnedBytes>;

/// Dictionaries that were opened.
#[derive(Default)]
pub(super) struct Dictionaries(Mutex<HashMap<(SegmentId, TantivyField), Arc<Dictionary>>>);

impl Dictionaries {
    /// The dictionary of a field of a segment; `None` where it has no words.
    fn get(&self, segment: &SegmentReader, field: TantivyField) -> Result<Option<Arc<Dictionary>>> {
        let key = (segment.segment_id(), field);
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = known().get(&key) {
            return Ok(Some(dictionary.clone()));
        }
        let Some(dictionary) = open(segment, field)? else {
            return Ok(None);
        };
        let dictionary = Arc::new(dictionary);
        known().insert(key, dictionary.clone());
        Ok(Some(dictionary))
    }
}

impl Dictionaries {
    /// Calls `visit` with every word of a dictionary that begins with `start`.
    pub fn each_starting(
        &self,
        segment: &SegmentReader,
        field: TantivyField,
        start: &str,
        visit: &mut dyn FnMut(&str),
    ) -> Result<()> {
        if let Some(dictionary) = self.get(segment, field)? {
            each_accepted(&dictionary, &AlwaysMatch, start.as_bytes(), &mut |word| {
                if let Ok(word) = std::str::from_utf8(word) {
                    visit(word);
                }
            });
        }
        Ok(())
    }
}

/// Opens a dictionary as tantivy 0.27 does: the words with their numbers, what is known of each, the length of that (8
/// bytes), a version (4), the kind of dictionary (4).
fn open(segment: &SegmentReader, field: TantivyField) -> Result<Option<Dictionary>> {
    let damaged = || tantivy::TantivyError::InternalError("a dictionary is damaged".into());
    let file = segment
        .open_read(SegmentComponent::Terms)
        .map_err(tantivy::TantivyError::from)?;
    let files = CompositeFile::open(&file).map_err(tantivy::TantivyError::from)?;
    let Some(file) = files.open_read(field) else {
        return Ok(None);
    };
    let bytes = file.read_bytes().map_err(tantivy::TantivyError::from)?;
    let (front, end) = bytes.split_last_chunk::<16>().ok_or_else(damaged)?;
    let length = end.first_chunk::<8>().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let words = front.len().checked_sub(length).ok_or_else(damaged)?;
    Ok(Some(
        Fst::new(bytes.slice(0..words)).map_err(|_| damaged())?,
    ))
}

/// Calls `visit` with every word that begins with `start` and that an automaton accepts.
fn each_accepted<A: Automaton>(
    dictionary: &Fst<impl Deref<Target = [u8]>>,
    accepted: &A,
    start: &[u8],
    visit: &mut dyn FnMut(&[u8]),
) {
    struct Step<'d, S> {
        node: Node<'d>,
        /// The way on that is tried next.
        next: usize,
        state: S,
    }
    let mut word = Vec::new();
    let mut steps = vec![Step {
        node: dictionary.root(),
        next: 0,
        state: accepted.start(),
    }];
    while let Some(step) = steps.last_mut() {
        if step.next >= step.node.len() {
            steps.pop();
            word.pop();
            continue;
        }
        let way = match start.get(word.len()) {
            // Of the beginning there is one way on.
            Some(byte) => {
                let only = step.node.find_input(*byte).filter(|_| step.next == 0);
                step.next = step.node.len();
                let Some(only) = only else { continue };
                step.node.transition(only)
            }
            None => {
                step.next += 1;
                step.node.transition(step.next - 1)
            }
        };
        let state = accepted.accept(&step.state, way.inp);
        if !accepted.can_match(&state) {
            continue;
        }
        let node = dictionary.node(way.addr);
        word.push(way.inp);
        if node.is_final() && word.len() >= start.len() && accepted.is_match(&state) {
            visit(&word);
        }
        steps.push(Step {
            node,
            next: 0,
            state,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FuzzyTermQuery, Term, each_accepted};

    proptest::proptest! {
        #[test]
        fn the_walk_finds_what_is_near(
            words in proptest::collection::btree_set("[a-cé]{1,6}", 0..60),
            text in "[a-cé]{1,6}",
            most in 0u8..3,
            start in "[a-c]{0,2}",
        ) {
            let map = tantivy_fst::Map::from_iter(words.iter().zip(0u64..)).unwrap();
            let field = tantivy::schema::Field::from_field_id(0);
            let term = Term::from_field_text(field, &text);
            let near = FuzzyTermQuery::new(term, most, true).automaton().unwrap();
            let mut found = BTreeSet::new();
            each_accepted(map.as_fst(), &near, start.as_bytes(), &mut |word| {
                assert!(found.insert(String::from_utf8(word.to_vec()).unwrap()));
            });
            let is_near = |word: &&String| {
                word.starts_with(&start) && strsim::osa_distance(word, &text) <= usize::from(most)
            };
            let expected: BTreeSet<String> = words.iter().filter(is_near).cloned().collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
