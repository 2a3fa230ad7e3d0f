//! What may stand behind `field:`.
//!
//! In: a field's name and value as typed. Out: a condition, or what would be a right value.

use super::{Field, Kind, Leaf, Sort, Test};

/// What a name before a colon stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Text(Field),
    Date,
    After,
    Before,
    Likes,
    Has,
    In,
    Sort,
}

/// Every field with its names; the first one is the one that documentation uses.
const NAMES: &[(&[&str], Name)] = &[
    (&["title"], Name::Text(Field::Title)),
    (&["body", "text"], Name::Text(Field::Body)),
    (&["artist"], Name::Text(Field::Artist)),
    (&["track", "song"], Name::Text(Field::Track)),
    (&["comment", "comments"], Name::Text(Field::Comment)),
    (&["by", "commenter"], Name::Text(Field::By)),
    (&["author"], Name::Text(Field::Author)),
    (&["tag", "tags"], Name::Text(Field::Tag)),
    (&["site"], Name::Text(Field::Site)),
    (&["lang", "language"], Name::Text(Field::Lang)),
    (&["date", "year"], Name::Date),
    (&["after", "since"], Name::After),
    (&["before", "until"], Name::Before),
    (&["likes"], Name::Likes),
    (&["has"], Name::Has),
    (&["in"], Name::In),
    (&["sort"], Name::Sort),
];

pub(super) fn field(name: &str) -> Option<Name> {
    NAMES
        .iter()
        .find(|(names, _)| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
        .map(|(_, field)| *field)
}

/// The name of a field, as documentation has it.
pub(super) fn name(field: Field) -> &'static str {
    let of_text = NAMES.iter().find(|(_, name)| *name == Name::Text(field));
    match (of_text, field) {
        (Some((names, _)), _) => names.first().copied().unwrap_or_default(),
        (None, Field::Likes) => "likes",
        (None, Field::Has) => "has",
        (None, _) => "date",
    }
}

/// A field whose name differs by one slip; only for words long enough to be a slip.
pub(super) fn near_field(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    (name.len() >= 4)
        .then(|| {
            NAMES
                .iter()
                .flat_map(|(names, _)| names.iter().copied())
                .find(|n| n.len() >= 4 && strsim::osa_distance(n, &name) == 1)
        })
        .flatten()
}

/// What a value other than text says.
pub(super) enum Read {
    Leaf(Leaf),
    Sort(Sort),
    Kind(Kind),
}

/// Reads a value; the error says what would be right.
pub(super) fn read(name: Name, raw: &str) -> Result<Read, &'static str> {
    const DATE: &str = "dates are written 1985, 1985-03, 1985-03-04 or 1985..1987";
    match name {
        Name::Date => {
            let (from, to) = match raw.split_once("..") {
                Some((from, to)) => (open(from, DATE)?.map(|d| d.0), open(to, DATE)?.map(|d| d.1)),
                None => {
                    let (first, last) = day(raw).ok_or(DATE)?;
                    (Some(first), Some(last))
                }
            };
            if from.is_none() && to.is_none() {
                return Err(DATE);
            }
            Ok(range(Field::Date, from, to))
        }
        Name::After => Ok(range(Field::Date, Some(day(raw).ok_or(DATE)?.1 + 1), None)),
        Name::Before => Ok(range(Field::Date, None, Some(day(raw).ok_or(DATE)?.0 - 1))),
        Name::Likes => {
            let count = |s: &str| s.parse::<u32>().ok().map(i64::from);
            let hint = "likes are written 3, >3, >=3, <3 or 2..5";
            let (from, to) = if let Some(n) = raw.strip_prefix(">=") {
                (Some(count(n).ok_or(hint)?), None)
            } else if let Some(n) = raw.strip_prefix("<=") {
                (None, Some(count(n).ok_or(hint)?))
            } else if let Some(n) = raw.strip_prefix('>') {
                (Some(count(n).ok_or(hint)? + 1), None)
            } else if let Some(n) = raw.strip_prefix('<') {
                (None, Some(count(n).ok_or(hint)? - 1))
            } else if let Some((from, to)) = raw.split_once("..") {
                (count(from), count(to))
            } else {
                let n = count(raw).ok_or(hint)?;
                (Some(n), Some(n))
            };
            if from.is_none() && to.is_none() {
                return Err(hint);
            }
            Ok(range(Field::Likes, from, to))
        }
        Name::Has => match raw.to_ascii_lowercase().as_str() {
            "tracks" | "track" | "tracklist" => Ok(has("tracks")),
            "comments" | "comment" => Ok(has("comments")),
            _ => Err("has: takes tracks or comments"),
        },
        Name::In => match raw.to_ascii_lowercase().as_str() {
            "posts" | "post" => Ok(Read::Kind(Kind::Posts)),
            "tracks" | "track" => Ok(Read::Kind(Kind::Tracks)),
            "comments" | "comment" => Ok(Read::Kind(Kind::Comments)),
            _ => Err("in: takes posts, tracks or comments"),
        },
        Name::Sort => sort(raw)
            .map(Read::Sort)
            .ok_or("sort: takes relevance, newest, oldest or comments"),
        Name::Text(field) => Ok(Read::Leaf(Leaf {
            field: Some(field),
            test: Test::Word(raw.to_owned()),
        })),
    }
}

/// The order that a word names.
pub fn sort(word: &str) -> Option<Sort> {
    Some(match word.to_ascii_lowercase().as_str() {
        "relevance" => Sort::Relevance,
        "newest" => Sort::Newest,
        "oldest" => Sort::Oldest,
        "comments" => Sort::Comments,
        _ => return None,
    })
}

fn range(field: Field, from: Option<i64>, to: Option<i64>) -> Read {
    Read::Leaf(Leaf {
        field: Some(field),
        test: Test::Range { from, to },
    })
}

fn has(what: &str) -> Read {
    Read::Leaf(Leaf {
        field: Some(Field::Has),
        test: Test::Word(what.to_owned()),
    })
}

fn open(raw: &str, hint: &'static str) -> Result<Option<(i64, i64)>, &'static str> {
    if raw.is_empty() {
        return Ok(None);
    }
    day(raw).map(Some).ok_or(hint)
}

/// First and last key (see `Published::key`) of a year, month or day. Dates known to the year only
/// have month and day 0 and belong to their year.
fn day(raw: &str) -> Option<(i64, i64)> {
    let mut parts = raw.split(['-', '/', '.']);
    let year: i64 = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
    let month: Option<i64> = parts.next().map(str::parse).transpose().ok()?;
    let day: Option<i64> = parts.next().map(str::parse).transpose().ok()?;
    if parts.next().is_some()
        || month.is_some_and(|m| !(1..=12).contains(&m))
        || day.is_some_and(|d| !(1..=31).contains(&d))
    {
        return None;
    }
    let year = year * 10_000;
    Some(match (month, day) {
        (None, _) => (year, year + 9_999),
        (Some(m), None) => (year + m * 100, year + m * 100 + 99),
        (Some(m), Some(d)) => (year + m * 100 + d, year + m * 100 + d),
    })
}
