//! Which posts have it in their prose?
//!
//! In: words, a phrase, the beginning of a word. Out: the posts whose prose has them. The index has prose once, among
//! everything else a post says, and first there: a position below the number of its words is in the prose.

use tantivy::postings::Postings;
use tantivy::query::Query as TantivyQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Term};

use super::chosen::Chosen;
use super::compile;
use super::gap::GAP;
use super::near;
use super::order::{self, Docs};
use super::reader::TantivyReader;
use crate::error::Result;
use crate::query::{self, Test};
use crate::text::tokens;

/// What a test asks: in each place any of some words, and how many others may stand between.
struct Asked {
    places: Vec<Vec<String>>,
    slop: u32,
}

impl Asked {
    fn new(reader: &TantivyReader, test: &Test) -> Result<Self> {
        let everything = reader.fields.everything;
        let single = |text: &str| -> Vec<Vec<String>> {
            let words = tokens::tokens(text).into_iter();
            words.map(|token| vec![token.text]).collect()
        };
        let mut slop = 0;
        let places = match test {
            Test::Word(text) => single(text),
            Test::Phrase { words, slop: most } => {
                slop = (*most).min(query::MOST_SLOP);
                single(words)
            }
            Test::Prefix(stem) => {
                let mut places = single(stem);
                if let Some(last) = places.last_mut() {
                    *last = compile::all_starting(&reader.posts, everything, &last.concat())?;
                }
                places
            }
            Test::Fuzzy(word) => {
                let near = near::near_terms(reader, &reader.posts, everything, word)?;
                vec![near.into_iter().map(|near| near.word).collect()]
            }
            Test::OneOf(words) => vec![words.clone()],
            Test::Range { .. } => Vec::new(),
        };
        Ok(Self { places, slop })
    }
}

/// Posts whose prose meets a test.
pub(super) fn in_prose(reader: &TantivyReader, test: &Test) -> Result<Box<dyn TantivyQuery>> {
    let asked = Asked::new(reader, test)?;
    let anywhere = compile::anywhere(reader, test)?;
    let mut chosen = Chosen::default();
    for (ord, docs) in reader.posts.search(anywhere.as_ref(), &Docs)? {
        let segment = reader.posts.segment_reader(ord);
        let lengths = segment.fast_fields().u64("prose")?;
        let mut found: Vec<Vec<Vec<u32>>> = vec![vec![Vec::new(); asked.places.len()]; docs.len()];
        let mut here = Vec::new();
        for (place, words) in asked.places.iter().enumerate() {
            for word in words {
                let term = Term::from_field_text(reader.fields.everything, word);
                let option = IndexRecordOption::WithFreqsAndPositions;
                let Some(mut postings) = order::postings(segment, &term, option)? else {
                    continue;
                };
                order::each_of(&docs, &mut postings, |at, postings| {
                    let end = GAP as u64 + lengths.first(docs[at]).unwrap_or(0);
                    postings.positions(&mut here);
                    let inside = here.iter().take_while(|p| u64::from(**p) < end);
                    found[at][place].extend(inside);
                });
            }
        }
        let docs = docs.into_iter().zip(&mut found);
        let docs: Vec<DocId> = docs
            .filter_map(|(doc, found)| meets(found, asked.slop).then_some(doc))
            .collect();
        chosen.add(segment, docs);
    }
    Ok(Box::new(chosen))
}

/// True where the places follow each other, or stand in a window with so many others between.
fn meets(places: &mut [Vec<u32>], slop: u32) -> bool {
    for place in places.iter_mut() {
        place.sort_unstable();
    }
    let Some((first, rest)) = places.split_first() else {
        return false;
    };
    if slop == 0 {
        return first.iter().any(|start| {
            (1u32..)
                .zip(rest)
                .all(|(step, here)| here.binary_search(&(start + step)).is_ok())
        });
    }
    let wide = places.len() as u32 + slop;
    places.iter().flatten().any(|start| {
        places.iter().all(|here| {
            let at = here.partition_point(|p| p < start);
            here.get(at).is_some_and(|p| *p < start + wide)
        })
    })
}
