//! How do the matching posts divide?
//!
//! In: the matching posts. Out: counts of years, artists, tags, authors, sites and kinds over every match, not over a page.

use tantivy::DocAddress;
use tantivy::columnar::StrColumn;

use super::reader::TantivyReader;
use crate::artist::Aliases;
use crate::error::Result;
use crate::model::{FacetCount, Facets};
use crate::text::hash::HashMap;

/// Values of one facet that are told.
const SHOWN: usize = 20;

/// Counts every facet. Artists whom the user has joined count as one.
pub(super) fn count(
    reader: &TantivyReader,
    docs: &[DocAddress],
    aliases: &Aliases,
) -> Result<Facets> {
    let mut years: HashMap<String, u64> = HashMap::default();
    let mut kinds: HashMap<String, u64> = HashMap::default();
    let names = ["artist", "tag", "author", "site"];
    let mut texts: [HashMap<String, u64>; 4] = Default::default();
    for (ord, segment) in (0u32..).zip(reader.posts.segment_readers()) {
        let mine: Vec<u32> = docs
            .iter()
            .filter(|a| a.segment_ord == ord)
            .map(|a| a.doc_id)
            .collect();
        let fast = segment.fast_fields();
        let date = fast.i64("date")?;
        let tracks = fast.u64("tracks")?;
        let comments = fast.u64("comments")?;
        let mut by_year: HashMap<Option<i64>, u64> = HashMap::default();
        for doc in &mine {
            *by_year
                .entry(date.first(*doc).map(|d| d / 10_000))
                .or_insert(0) += 1;
        }
        for (year, count) in by_year {
            let year = year.map_or("unknown".into(), |year| format!("{year:04}"));
            *years.entry(year).or_insert(0) += count;
        }
        for (kind, column) in [("tracks", &tracks), ("comments", &comments)] {
            let has = |doc: &&u32| column.first(**doc).unwrap_or(0) > 0;
            match mine.iter().filter(has).count() as u64 {
                0 => {}
                count => *kinds.entry(kind.to_owned()).or_insert(0) += count,
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
            named(&column, &mine, counts)?;
        }
    }
    let [artists, tags, authors, sites] = texts;
    let mut years: Vec<FacetCount> = counts(years);
    years.sort_by(|a, b| a.value.cmp(&b.value));
    Ok(vec![
        ("year", years),
        ("artist", most(artists)),
        ("tag", most(tags)),
        ("author", most(authors)),
        ("site", most(sites)),
        ("kind", most(kinds)),
    ])
}

/// Counts values by their numbers; then reads the names of all in one go through the dictionary, since each asked for by
/// itself took as long as a search.
fn named(column: &StrColumn, docs: &[u32], counts: &mut HashMap<String, u64>) -> Result<()> {
    let mut by_number: HashMap<u64, u64> = HashMap::default();
    for doc in docs {
        for term in column.term_ords(*doc) {
            *by_number.entry(term).or_insert(0) += 1;
        }
    }
    let mut numbers: Vec<(u64, u64)> = by_number.into_iter().collect();
    numbers.sort_unstable();
    let terms: Vec<u64> = numbers.iter().map(|n| n.0).collect();
    let mut of = numbers.iter().map(|n| n.1);
    let read = column.dictionary().sorted_ords_to_term_cb(&terms, |name| {
        let count = of.next().unwrap_or(0);
        let Ok(name) = std::str::from_utf8(name) else {
            return;
        };
        match counts.get_mut(name) {
            Some(sum) => *sum += count,
            None => {
                counts.insert(name.to_owned(), count);
            }
        }
    });
    read.map_err(tantivy::TantivyError::from)?;
    Ok(())
}

/// Counts artists by the names under which the user knows them, each once a post.
fn joined(column: &StrColumn, docs: &[u32], aliases: &Aliases, counts: &mut HashMap<String, u64>) {
    let mut names: HashMap<u64, String> = HashMap::default();
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

fn counts(map: HashMap<String, u64>) -> Vec<FacetCount> {
    map.into_iter()
        .map(|(value, count)| FacetCount { value, count })
        .collect()
}

/// The most frequent values; equal ones by name.
fn most(map: HashMap<String, u64>) -> Vec<FacetCount> {
    let mut all = counts(map);
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    all.truncate(SHOWN);
    all
}
