//! Other forms of a word.
//!
//! In: words as typed, folded. Out: words of the archive's dictionary with the same stem, in the languages that the
//! archive holds. The index keeps words as written: forms are looked up when a query asks, and stand below exact ones.

use std::collections::HashMap;

use frostem::Stemmer;
use tantivy::Term;

use super::compile::living;
use super::reader::TantivyReader;
use crate::error::Result;

/// Shorter words have no forms worth looking for.
const SHORTEST: usize = 4;
/// Languages that are tried, the most frequent ones of the archive.
const MOST_LANGUAGES: usize = 3;
/// Forms of one word.
const MOST_FORMS: usize = 16;

/// The other forms of each word; words without any are left out.
pub(super) fn forms(
    reader: &TantivyReader,
    words: &[String],
) -> Result<HashMap<String, Vec<String>>> {
    let mut out = HashMap::new();
    if words.iter().all(|w| !stems(w)) {
        return Ok(out);
    }
    let stemmers = stemmers(reader)?;
    for word in words.iter().filter(|w| stems(w)) {
        let mut found: Vec<String> = Vec::new();
        for stemmer in &stemmers {
            let stem = stemmer.stem(word).into_owned();
            // The last letter of a stem may stand for another one in the word: "happi" for "happy".
            let start: String = {
                let letters = stem.chars().count().saturating_sub(1).max(3);
                word.chars().take(letters).collect()
            };
            // Words of several segments are judged once.
            let mut judged: foldhash::HashMap<String, bool> = foldhash::HashMap::default();
            for segment in reader.posts.segment_readers() {
                let field = reader.fields.everything;
                let mut forms: Vec<String> = Vec::new();
                reader
                    .dictionaries
                    .each_starting(segment, field, &start, &mut |other| {
                        if other == word || other.len() > word.len() + 8 {
                            return;
                        }
                        let known = judged.get(other).copied();
                        let is_form = known.unwrap_or_else(|| {
                            let is_form = stemmer.stem(other) == stem;
                            judged.insert(other.to_owned(), is_form);
                            is_form
                        });
                        if is_form && !found.iter().any(|f| f == other) {
                            forms.push(other.to_owned());
                        }
                    })?;
                let inverted = segment.inverted_index(field)?;
                for form in forms {
                    let term = Term::from_field_text(field, &form);
                    let info = inverted.get_term_info(&term);
                    if let Some(info) = info.map_err(tantivy::TantivyError::from)?
                        && living(segment, &inverted, &info)? > 0
                    {
                        found.push(form);
                    }
                }
            }
        }
        found.sort_unstable();
        found.truncate(MOST_FORMS);
        if !found.is_empty() {
            out.insert(word.clone(), found);
        }
    }
    Ok(out)
}

/// True for words that may have forms.
fn stems(word: &str) -> bool {
    word.chars().count() >= SHORTEST && word.chars().all(char::is_alphabetic)
}

/// Stemmers of the languages in which most posts are written.
fn stemmers(reader: &TantivyReader) -> Result<Vec<Stemmer>> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for segment in reader.posts.segment_readers() {
        let inverted = segment.inverted_index(reader.fields.lang)?;
        let mut stream = inverted
            .terms()
            .stream()
            .map_err(tantivy::TantivyError::from)?;
        while stream.advance() {
            if let Ok(code) = std::str::from_utf8(stream.key()) {
                *counts.entry(code.to_owned()).or_insert(0) +=
                    living(segment, &inverted, stream.value())?;
            }
        }
    }
    let mut languages: Vec<(String, u64)> = counts.into_iter().filter(|l| l.1 > 0).collect();
    languages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(languages
        .iter()
        .take(MOST_LANGUAGES)
        .filter_map(|(code, _)| Stemmer::try_from_name(code).ok())
        .collect())
}
