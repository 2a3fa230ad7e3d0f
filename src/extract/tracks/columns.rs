//! What ends the rows of a list: durations, years, labels.
//!
//! In: the texts of the rows of one list. Out: each row's core, and its tails as fields. A tail is one
//! where most rows have it: "(1986)" behind one row of twenty belongs to that title.

use super::cues;
use super::row::{self, SEPARATORS, Separator};

/// A row without its tails.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts<'a> {
    pub core: &'a str,
    pub duration_s: Option<u32>,
    pub year: Option<u16>,
    pub label: Option<&'a str>,
}

/// The rows' cores (of the title cells where `tabular`), and the separator that parts most of them with how many it parts.
pub(super) fn read<'a>(
    texts: &[&'a str],
    tabular: bool,
) -> (Vec<Parts<'a>>, Option<(Separator, usize)>) {
    let mut rows: Vec<Parts<'a>> = texts
        .iter()
        .map(|text| Parts {
            core: row::without_media(text.trim()),
            ..Parts::default()
        })
        .collect();
    stops(&mut rows);
    for _ in 0..3 {
        durations(&mut rows);
        if !(years(&mut rows) || labels(&mut rows, tabular)) {
            break;
        }
    }
    let cores: Vec<&str> = rows.iter().map(|r| r.core).collect();
    let separator = choose(&cores, true);
    (rows, separator)
}

/// Cuts the full stops that most rows end with.
fn stops(rows: &mut [Parts<'_>]) {
    let cut = |core: &str| core.ends_with(['.', ';', '。']) && !core.ends_with("..");
    if rows.len() >= 3 && rows.iter().filter(|r| cut(r.core)).count() * 10 >= rows.len() * 7 {
        for row in rows.iter_mut().filter(|r| cut(r.core)) {
            row.core = row.core.trim_end_matches(['.', ';', '。']);
        }
    }
}

fn durations(rows: &mut [Parts<'_>]) {
    // One among many is a title: "14:31".
    let have = rows
        .iter()
        .filter(|r| row::cut_duration(r.core).1.is_some());
    if have.count() == 1 && rows.len() >= 4 {
        return;
    }
    for row in rows {
        let (core, seconds) = row::cut_duration(row.core);
        if row.duration_s.is_none() || seconds.is_none() {
            row.core = core;
            row.duration_s = row.duration_s.or(seconds);
        }
    }
}

/// Cuts years that half of the rows end with.
fn years(rows: &mut [Parts<'_>]) -> bool {
    let bare = |core: &str| {
        row::tail(core)
            .filter(|t| t.inner.len() == 4)
            .and_then(|t| row::year(t.inner))
    };
    let have = rows.iter().filter(|r| bare(r.core).is_some()).count();
    if have * 2 < rows.len() || rows.len() < 3 {
        return false;
    }
    for row in rows.iter_mut() {
        if let Some(year) = bare(row.core) {
            row.year = row.year.or(Some(year));
            row.core = row::tail(row.core).map_or(row.core, |t| t.core);
        }
    }
    true
}

/// Cuts brackets that most rows end with and that are no versions: labels, albums, films.
fn labels(rows: &mut [Parts<'_>], tabular: bool) -> bool {
    let n = rows.len();
    if n < 3 {
        return false;
    }
    fn held(core: &str) -> Option<row::Tail<'_>> {
        row::tail(core).filter(|t| !cues::is_version(t.inner) || row::year(t.inner).is_some())
    }
    let have = rows.iter().filter(|r| held(r.core).is_some()).count();
    let square = rows
        .iter()
        .filter(|r| held(r.core).is_some_and(|t| t.square))
        .count();
    let films = rows
        .iter()
        .filter(|r| held(r.core).is_some_and(|t| cues::is_origin(t.inner)))
        .count();
    let enough = have * 10 >= n * 7 || square * 10 >= n * 6 || films * 2 >= n;
    if !enough {
        return false;
    }
    let cut: Vec<&str> = rows
        .iter()
        .map(|r| held(r.core).map_or(r.core, |t| t.core))
        .collect();
    // "Title (Artist)": nothing else parts the rows, so the bracket does, unless titles stand alone.
    let parted = tabular || choose(&cut, false).is_some_and(|(_, count)| count * 10 >= n * 6);
    let named = rows
        .iter()
        .filter(|r| {
            held(r.core).is_some_and(|t| {
                t.inner
                    .chars()
                    .any(|c| c.is_alphabetic() && !c.is_lowercase())
            })
        })
        .count();
    let numbers_of_letters: usize = rows
        .iter()
        .filter_map(|r| held(r.core))
        .map(|t| t.inner.chars().count())
        .sum();
    // Names in scripts of syllables are as short.
    let ascii = rows
        .iter()
        .filter_map(|r| held(r.core))
        .all(|t| t.inner.is_ascii());
    let short = ascii && numbers_of_letters < 3 * have.max(1);
    if !parted && !short && named * 2 >= have && films * 2 < n {
        return false;
    }
    for row in rows.iter_mut() {
        if let Some(tail) = held(row.core) {
            row.year = row.year.or(row::year(tail.inner));
            row.label = row.label.or(Some(tail.inner));
            row.core = tail.core;
        }
    }
    true
}

/// The separator that parts the most rows, with how many.
fn choose(texts: &[&str], brackets: bool) -> Option<(Separator, usize)> {
    let mut best: Option<(Separator, usize)> = None;
    for separator in SEPARATORS {
        if *separator == Separator::Bracket && !brackets {
            continue;
        }
        // None parts more rows than there are.
        if best.is_some_and(|(_, most)| most * 5 >= texts.len() * 4) {
            break;
        }
        let count = texts
            .iter()
            .filter(|t| match row::split(t, *separator) {
                Some(parts) => *separator != Separator::Bracket || !cues::is_version(parts[1]),
                None => false,
            })
            .count();
        let need = match separator {
            Separator::Bracket | Separator::Colon | Separator::Slash => 0.7,
            Separator::GluedHyphen => 0.9,
            _ => 0.5,
        };
        if (count as f32) < need * texts.len() as f32 {
            continue;
        }
        // A later separator must part clearly more rows to be preferred.
        if best.is_none_or(|(_, most)| count as f32 > 1.25 * most as f32) {
            best = Some((*separator, count));
        }
    }
    best
}
