//! What are artists credited with?
//!
//! In: keys of artists. Out: the titles of their tracks as numbers, and how many tracks of the archive have them. From the
//! dictionary of titles and the lists of tracks; a post is read only to write a title as it does.

use std::collections::HashMap;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED, TantivyError};
use xxhash_rust::xxh3::xxh3_64;

use super::artists;
use super::reader::TantivyReader;
use super::reading;
use crate::engine::{Counts, Works};
use crate::error::Result;
use crate::query::Field;

/// See `ReadEngine::works`.
pub(super) fn works(reader: &TantivyReader, artists: &[Vec<String>]) -> Result<Works> {
    let mut works = Works {
        of: vec![Counts::default(); artists.len()],
        ..Works::default()
    };
    for segment in reader.rows()?.segment_readers() {
        let of_docs = numbered(reader, segment, &mut works)?;
        for (keys, own) in artists.iter().zip(&mut works.of) {
            for doc in artists::filed(reader, segment, keys)? {
                if let Some(number) = of_docs.get(doc as usize).filter(|number| **number != 0) {
                    *own.entry(*number).or_insert(0) += 1;
                }
            }
        }
    }
    Ok(works)
}

/// The title of every track of a segment; 0 for what is deleted or no track. Counts them.
fn numbered(
    reader: &TantivyReader,
    segment: &SegmentReader,
    works: &mut Works,
) -> Result<Vec<u64>> {
    let mut of_docs = vec![0u64; segment.max_doc() as usize];
    let inverted = segment.inverted_index(reader.row_fields().track_spelling)?;
    let mut stream = inverted.terms().stream().map_err(TantivyError::from)?;
    while stream.advance() {
        let number = xxh3_64(stream.key());
        let mut postings = inverted
            .read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)
            .map_err(TantivyError::from)?;
        let mut count = 0;
        while postings.doc() != TERMINATED {
            if !segment.is_deleted(postings.doc())
                && let Some(slot) = of_docs.get_mut(postings.doc() as usize)
            {
                *slot = number;
                count += 1;
            }
            postings.advance();
        }
        works.tracks += count;
        *works.all.entry(number).or_insert(0) += count;
    }
    Ok(of_docs)
}

/// See `ReadEngine::titles`.
pub(super) fn titles(reader: &TantivyReader, numbers: &[u64]) -> Result<HashMap<u64, String>> {
    let mut spellings: foldhash::HashMap<u64, Option<String>> =
        numbers.iter().map(|number| (*number, None)).collect();
    for segment in reader.rows()?.segment_readers() {
        let inverted = segment.inverted_index(reader.row_fields().track_spelling)?;
        let mut stream = inverted.terms().stream().map_err(TantivyError::from)?;
        while stream.advance() {
            if let Some(slot) = spellings.get_mut(&xxh3_64(stream.key()))
                && slot.is_none()
            {
                *slot = std::str::from_utf8(stream.key()).ok().map(str::to_owned);
            }
        }
    }
    let mut titles = HashMap::new();
    for (number, spelling) in spellings {
        let Some(spelling) = spelling else { continue };
        let written = reading::written(reader, Field::Track, &spelling)?;
        titles.insert(number, written.unwrap_or(spelling));
    }
    Ok(titles)
}
