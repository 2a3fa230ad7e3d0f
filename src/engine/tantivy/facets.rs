//! How do the matching posts divide?
//!
//! In: the matching posts. Out: counts of years, artists, tags, authors, sites and kinds over every match, not over a page.

use std::collections::HashMap;

use tantivy::columnar::StrColumn;
use tantivy::{DocAddress, TantivyError};

use super::reader::TantivyReader;
use crate::artist::Aliases;
use crate::error::Result;
use crate::model::{FacetCount, Facets};

/// Values of one facet that are told.
const SHOWN: usize = 20;

/// Counts every facet. Artists whom the user has joined count as one.
pub(super) fn count(
    reader: &TantivyReader,
    docs: &[DocAddress],
    aliases: &Aliases,
) -> Result<Facets> {
    let mut years: HashMap<Option<i64>, u64> = HashMap::new();
    let mut kinds: HashMap<&str, u64> = HashMap::new();
    let names = ["artist", "tag", "author", "site"];
    let mut texts: [HashMap<String, u64>; 4] = Default::default();
    for (ord, segment) in (0u32..).zip(reader.posts.segment_readers()) {
        let of_segment = docs.iter().filter(|a| a.segment_ord == ord);
        let mut mine: Vec<u32> = of_segment.map(|a| a.doc_id).collect();
        // Columns are read in their order, which costs a fraction of jumping about in them.
        mine.sort_unstable();
        let fast = segment.fast_fields();
        let date = fast.i64("date")?;
        let tracks = fast.u64("tracks")?;
        let comments = fast.u64("comments")?;
        for doc in &mine {
            let year = date.first(*doc).map(|date| date / 10_000);
            *years.entry(year).or_insert(0) += 1;
            for (kind, column) in [("tracks", &tracks), ("comments", &comments)] {
                if column.first(*doc).unwrap_or(0) > 0 {
                    *kinds.entry(kind).or_insert(0) += 1;
                }
            }
        }
        for (name, counts) in names.iter().zip(&mut texts) {
            let Some(column) = fast.str(&format!("{name}_facet"))? else {
                continue;
            };
            if *name == "artist" && !aliases.is_empty() {
                joined(&column, &mine, aliases, counts);
                continue;
            }
            let mut of_terms = vec![0u64; column.num_terms()];
            for doc in &mine {
                for term in column.term_ords(*doc) {
                    if let Some(count) = of_terms.get_mut(term as usize) {
                        *count += 1;
                    }
                }
            }
            let mut stream = column.dictionary().stream().map_err(TantivyError::from)?;
            for count in of_terms {
                if !stream.advance() {
                    break;
                }
                if count > 0 {
                    let text = String::from_utf8_lossy(stream.key()).into_owned();
                    *counts.entry(text).or_insert(0) += count;
                }
            }
        }
    }
    let [artists, tags, authors, sites] = texts;
    let years = years.into_iter().map(|(year, count)| {
        let year = year.map_or("unknown".into(), |year| format!("{year:04}"));
        (year, count)
    });
    let mut years: Vec<FacetCount> = counts(years);
    years.sort_by(|a, b| a.value.cmp(&b.value));
    Ok(vec![
        ("year", years),
        ("artist", most(artists)),
        ("tag", most(tags)),
        ("author", most(authors)),
        ("site", most(sites)),
        (
            "kind",
            most(kinds.into_iter().map(|(kind, n)| (kind.to_owned(), n))),
        ),
    ])
}

/// Counts artists by the names under which the user knows them, each once a post.
fn joined(column: &StrColumn, docs: &[u32], aliases: &Aliases, counts: &mut HashMap<String, u64>) {
    let mut names: HashMap<u64, String> = HashMap::new();
    let mut here: Vec<String> = Vec::new();
    for doc in docs {
        here.clear();
        for term in column.term_ords(*doc) {
            let name = names.entry(term).or_insert_with(|| {
                let mut text = String::new();
                let found = column.ord_to_str(term, &mut text).unwrap_or(false);
                if found {
                    aliases.shown(&text).to_owned()
                } else {
                    String::new()
                }
            });
            here.push(name.clone());
        }
        here.sort_unstable();
        here.dedup();
        for name in here.iter().filter(|name| !name.is_empty()) {
            *counts.entry(name.clone()).or_insert(0) += 1;
        }
    }
}

fn counts(values: impl IntoIterator<Item = (String, u64)>) -> Vec<FacetCount> {
    values
        .into_iter()
        .map(|(value, count)| FacetCount { value, count })
        .collect()
}

/// The most frequent values; equal ones by name.
fn most(values: impl IntoIterator<Item = (String, u64)>) -> Vec<FacetCount> {
    let mut all = counts(values);
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    all.truncate(SHOWN);
    all
}
