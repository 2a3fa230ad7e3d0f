//! The lists of a segment.
//!
//! In: the log of a segment. Out: dictionary, postings and positions. The log is in the order of documents and is sorted
//! by term here: the places of some millions of words at a time are counted out and then filled, each list in order.

use std::ops::Range;

use tantivy::DocId;
use tantivy::fieldnorm::FieldNormReaders;
use tantivy::postings::{FieldSerializer, InvertedIndexSerializer};
use tantivy::schema::{Field, IndexRecordOption, Schema};

use super::inverter::Run;
use super::terms::Terms;

/// Words whose places are sorted at a time, eight bytes each: two times for what is put aside at once.
const BATCH: usize = 3 << 20;

/// What was logged.
pub(super) struct Content<'s> {
    pub terms: &'s Terms,
    pub log: &'s [u32],
    pub runs: &'s [Run],
    /// Words in each field.
    pub totals: &'s [u64],
}

/// Writes every field that has terms.
///
/// # Errors
/// Where a file cannot be written.
pub(super) fn write(
    content: &Content<'_>,
    schema: &Schema,
    norms: &FieldNormReaders,
    serializer: &mut InvertedIndexSerializer,
) -> tantivy::Result<()> {
    let sorted = content.terms.sorted();
    let mut places = Vec::new();
    let mut lists = Lists::new(content, &sorted, &mut places);
    let mut deltas = Vec::new();
    let same = |a: &u32, b: &u32| content.terms.get(*a).0 == content.terms.get(*b).0;
    let mut rank = 0;
    for of_field in sorted.chunk_by(same) {
        let Some(number) = of_field.first().map(|n| content.terms.get(*n).0) else {
            continue;
        };
        let field = Field::from_field_id(u32::from(number));
        let option = option_of(schema, number);
        let total = content.totals.get(usize::from(number));
        let mut lists_of_field =
            serializer.new_field(field, total.copied().unwrap_or(0), norms.get_field(field)?)?;
        for term in of_field {
            let places = lists.of(rank);
            rank += 1;
            let (_, bytes) = content.terms.get(*term);
            list(&mut lists_of_field, bytes, places, option, &mut deltas)?;
        }
        lists_of_field.close()?;
    }
    Ok(())
}

/// What the lists of a field tell.
pub(super) fn option_of(schema: &Schema, field: u16) -> IndexRecordOption {
    let entry = schema.get_field_entry(Field::from_field_id(u32::from(field)));
    let option = entry.field_type().index_record_option();
    option.unwrap_or(IndexRecordOption::Basic)
}

/// Writes the list of one term.
fn list(
    field: &mut FieldSerializer<'_>,
    term: &[u8],
    places: &[Place],
    option: IndexRecordOption,
    deltas: &mut Vec<u32>,
) -> tantivy::Result<()> {
    let docs = || places.chunk_by(|a, b| doc_of(*a) == doc_of(*b));
    let counted = option.has_freq();
    let count = if counted { docs().count() as u32 } else { 0 };
    field.new_term(term, count, counted)?;
    for of_doc in docs() {
        let Some(first) = of_doc.first() else {
            continue;
        };
        deltas.clear();
        if option.has_positions() {
            deltas.extend(deltas_of(of_doc));
        }
        let frequency = if counted { of_doc.len() as u32 } else { 0 };
        field.write_doc(doc_of(*first), frequency, deltas);
    }
    field.close_term()?;
    Ok(())
}

/// How far each place of a document is from the one before.
pub(super) fn deltas_of(of_doc: &[Place]) -> impl Iterator<Item = u32> {
    of_doc.iter().scan(0, |before, place| {
        let position = position_of(*place);
        Some(position - std::mem::replace(before, position))
    })
}

/// A document, the higher half, and a position in it. A plain number: the system gives zeros of those for nothing.
pub(super) type Place = u64;

fn place(doc: DocId, position: u32) -> Place {
    u64::from(doc) << 32 | u64::from(position)
}

pub(super) fn doc_of(place: Place) -> DocId {
    (place >> 32) as DocId
}

fn position_of(place: Place) -> u32 {
    place as u32
}

/// Where the next place of a term goes that is not in the batch.
const ELSEWHERE: u32 = u32::MAX;

/// The places of terms, in the order of the dictionary.
pub(super) struct Lists<'s> {
    content: &'s Content<'s>,
    sorted: &'s [u32],
    /// How often each term stands in the log, by its number.
    counts: Vec<u32>,
    /// The terms of this batch, as places in `sorted`.
    batch: Range<usize>,
    /// Where the next place of each term goes, by its number: for each word of the log nothing else is looked up.
    next: Vec<u32>,
    places: &'s mut Vec<Place>,
}

impl<'s> Lists<'s> {
    /// `sorted` are the numbers of terms in the order of the dictionary; `places` is memory, whatever is in it.
    pub fn new(content: &'s Content<'s>, sorted: &'s [u32], places: &'s mut Vec<Place>) -> Self {
        let mut counts = vec![0; sorted.len()];
        for number in content.log {
            counts[*number as usize] += 1;
        }
        Self {
            content,
            sorted,
            counts,
            batch: 0..0,
            next: vec![ELSEWHERE; sorted.len()],
            places,
        }
    }

    /// The places of a term; terms are asked for in order.
    pub fn of(&mut self, rank: usize) -> &[Place] {
        if !self.batch.contains(&rank) {
            self.fill(rank);
        }
        let number = self.sorted.get(rank).map_or(0, |number| *number as usize);
        let end = self.next.get(number).copied().unwrap_or(0) as usize;
        let count = self.counts.get(number).copied().unwrap_or(0) as usize;
        self.places.get(end - count..end).unwrap_or_default()
    }

    /// Sorts the places of the terms from `rank` on, as many as fit.
    fn fill(&mut self, rank: usize) {
        for number in &self.sorted[self.batch.clone()] {
            self.next[*number as usize] = ELSEWHERE;
        }
        let mut sum = 0usize;
        let mut end = rank;
        for number in &self.sorted[rank..] {
            let count = self.counts[*number as usize] as usize;
            if sum > 0 && sum + count > BATCH {
                break;
            }
            self.next[*number as usize] = sum as u32;
            sum += count;
            end += 1;
        }
        self.batch = rank..end;
        // Every place is filled.
        if self.places.len() < sum {
            // The old ones go first: both together would be twice the memory.
            drop(std::mem::take(self.places));
            *self.places = vec![0; sum];
        }
        let runs = self.content.runs;
        let ends = runs
            .iter()
            .skip(1)
            .map(|run| run.start as usize)
            .chain([self.content.log.len()]);
        for (run, end) in runs.iter().zip(ends) {
            let words = self
                .content
                .log
                .get(run.start as usize..end)
                .unwrap_or_default();
            for (position, number) in (run.position..).zip(words) {
                let next = &mut self.next[*number as usize];
                if *next != ELSEWHERE {
                    self.places[*next as usize] = place(run.doc, position);
                    *next += 1;
                }
            }
        }
    }
}
