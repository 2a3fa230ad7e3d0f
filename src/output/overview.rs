//! What an index holds, counted.
//!
//! In: counts. Out: facts, a timeline and the top lists for people; JSON and CSV for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::paint::{cut, safe};
use super::sheet::{bar, column};
use super::text::{bytes, counted};
use super::{Screen, Sheet};
use crate::engine::Statistics;
use crate::pipeline::Failure;

/// Failures that are named for people.
const NAMED: usize = 5;

/// A value and how often it is there.
pub type Count = (String, u64);

/// What `deepcut stats` tells.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Where the index is.
    pub index: String,
    pub statistics: Statistics,
    /// Folders and files that it was built from.
    pub roots: Vec<String>,
    /// Documents of them that could not be read.
    pub failed: Vec<Failure>,
    /// Dates of the first and the last dated post, to their precision.
    pub span: Option<(String, String)>,
    /// Posts by year, oldest first; "unknown" last.
    pub years: Vec<Count>,
    /// Languages, readers and sites with their posts, most first.
    pub languages: Vec<Count>,
    pub readers: Vec<Count>,
    pub sites: Vec<Count>,
    /// Artists, as many as `artists` lists.
    pub artists_total: u64,
    /// Artists by rows, most first.
    pub artists: Vec<Count>,
    /// Commenters by comments, most first.
    pub commenters: Vec<Count>,
}

impl Overview {
    /// Name and counts of every list, in the order in which they are written.
    fn lists(&self) -> [(&'static str, &[Count]); 6] {
        [
            ("year", &self.years),
            ("language", &self.languages),
            ("reader", &self.readers),
            ("site", &self.sites),
            ("artist", &self.artists),
            ("commenter", &self.commenters),
        ]
    }

    fn totals(&self) -> [(&'static str, u64); 4] {
        let s = &self.statistics;
        [
            ("posts", s.posts),
            ("tracks", s.tracks),
            ("comments", s.comments),
            ("artists", self.artists_total),
        ]
    }
}

impl Sheet for Overview {
    fn json(&self) -> Map<String, Value> {
        let counts = |values: &[Count]| -> Value {
            values
                .iter()
                .map(|(value, count)| json!({"value": value, "count": count}))
                .collect()
        };
        let failed: Vec<Value> = self
            .failed
            .iter()
            .map(|f| json!({"path": f.path, "entry": f.entry, "reason": f.reason}))
            .collect();
        let s = &self.statistics;
        let all = json!({
            "index": self.index,
            "sources": self.roots,
            "posts": s.posts,
            "tracks": s.tracks,
            "comments": s.comments,
            "artists": self.artists_total,
            "bytes": s.bytes,
            "segments": s.segments,
            "failed": failed,
            "first": self.span.as_ref().map(|(first, _)| first),
            "last": self.span.as_ref().map(|(_, last)| last),
            "years": counts(&self.years),
            "languages": counts(&self.languages),
            "readers": counts(&self.readers),
            "sites": counts(&self.sites),
            "top_artists": counts(&self.artists),
            "top_commenters": counts(&self.commenters),
        });
        match all {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    fn lines(&self) -> Vec<Value> {
        let totals = self.totals().into_iter();
        let totals =
            totals.map(|(what, count)| json!({"what": what, "value": null, "count": count}));
        let lists = self.lists().into_iter().flat_map(|(what, counts)| {
            let counts = counts.iter();
            counts.map(move |(value, count)| json!({"what": what, "value": value, "count": count}))
        });
        totals.chain(lists).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &["what", "value", "count"]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let cells = |what: &str, value: &str, count: u64| {
            vec![what.to_owned(), value.to_owned(), count.to_string()]
        };
        let totals = self.totals().into_iter();
        let totals = totals.map(|(what, count)| cells(what, "", count));
        let lists = self.lists().into_iter().flat_map(|(what, counts)| {
            let counts = counts.iter();
            counts.map(move |(value, count)| cells(what, value, *count))
        });
        totals.chain(lists).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let s = &self.statistics;
        let fact = |out: &mut dyn Write, name: &str, value: &str| {
            writeln!(
                out,
                "{} {}",
                screen.bold(&format!("{name:<9}")),
                screen.paragraph(&safe(value), &[], 10, "")
            )
        };
        fact(out, "index", &self.index)?;
        for root in &self.roots {
            fact(out, "source", root)?;
        }
        let held = format!(
            "{}, {}, {}, {}",
            counted(s.posts, "post", "posts"),
            counted(s.tracks, "track", "tracks"),
            counted(s.comments, "comment", "comments"),
            counted(self.artists_total, "artist", "artists")
        );
        fact(out, "holds", &held)?;
        if let Some((first, last)) = &self.span {
            let unknown = self.years.iter().find(|(year, _)| year == "unknown");
            let unknown = match unknown {
                Some((_, n)) => format!("; {} without a date", counted(*n, "post", "posts")),
                None => String::new(),
            };
            fact(out, "dates", &format!("{first} to {last}{unknown}"))?;
        }
        for (name, counts) in [
            ("languages", &self.languages),
            ("readers", &self.readers),
            ("sites", &self.sites),
        ] {
            let all: Vec<String> = counts.iter().map(|(v, n)| format!("{v} {n}")).collect();
            if !all.is_empty() {
                fact(out, name, &all.join(", "))?;
            }
        }
        let mut parts: Vec<(&String, &u64)> = s.bytes.iter().collect();
        parts.sort_by(|a, b| b.1.cmp(a.1));
        let whole: u64 = s.bytes.values().sum();
        let parts: Vec<String> = parts
            .iter()
            .map(|(part, n)| format!("{part} {}", bytes(**n)))
            .collect();
        let size = format!(
            "{}: {}; {}",
            bytes(whole),
            parts.join(", "),
            counted(s.segments, "segment", "segments")
        );
        fact(out, "size", &size)?;
        if !self.failed.is_empty() {
            let count = self.failed.iter().map(Failure::documents).sum();
            let failed = counted(
                count,
                "document could not be read",
                "documents could not be read",
            );
            fact(out, "failed", &failed)?;
            for failure in self.failed.iter().take(NAMED) {
                let entry = match failure.entry.as_str() {
                    "" => String::new(),
                    entry => format!(", {entry}"),
                };
                let line = format!("{}{entry}: {}", failure.path, failure.reason);
                writeln!(
                    out,
                    "{:10}{}",
                    "",
                    screen.paragraph(&safe(&line), &[], 10, "")
                )?;
            }
            if self.failed.len() > NAMED {
                writeln!(
                    out,
                    "{:10}… {} more: --json names them all",
                    "",
                    self.failed.len() - NAMED
                )?;
            }
        }
        timeline(&self.years, screen, out)?;
        tops(
            [
                ("Artists by rows", &self.artists),
                ("Commenters by comments", &self.commenters),
            ],
            screen,
            out,
        )
    }
}

/// A bar a year, from the first to the last; years without posts stand there empty.
fn timeline(years: &[Count], screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let known: Vec<(i32, u64)> = years
        .iter()
        .filter_map(|(year, n)| Some((year.parse().ok()?, *n)))
        .collect();
    let (Some((first, _)), Some((last, _))) = (known.first(), known.last()) else {
        return Ok(());
    };
    writeln!(out, "\n{}", screen.bold("Posts by year"))?;
    let most = known.iter().map(|(_, n)| *n).max().unwrap_or(1);
    let room = screen.width.min(80).saturating_sub(16).min(40);
    for year in *first..=*last {
        let count = known
            .iter()
            .find(|(y, _)| *y == year)
            .map_or(0, |(_, n)| *n);
        let line = format!(
            "{year:04} {count:>5} {}",
            screen.lead(&bar(count, most, room))
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The top lists, side by side where there is room.
fn tops(lists: [(&str, &Vec<Count>); 2], screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let line = |(value, count): &Count| format!("{count:>5} {}", safe(value));
    if screen.width < 60 {
        for (title, counts) in lists.iter().filter(|(_, counts)| !counts.is_empty()) {
            writeln!(out, "\n{}", screen.bold(title))?;
            for count in *counts {
                writeln!(out, "{}", cut(&line(count), screen.width))?;
            }
        }
        return Ok(());
    }
    let [(left_title, left), (right_title, right)] = lists;
    if left.is_empty() && right.is_empty() {
        return Ok(());
    }
    let room = screen.width.min(80) / 2 - 1;
    let title = column(left_title, room, false);
    writeln!(
        out,
        "\n{}  {}",
        screen.bold(&title),
        screen.bold(right_title)
    )?;
    for at in 0..left.len().max(right.len()) {
        let left = left.get(at).map(line).unwrap_or_default();
        let right = right.get(at).map(line).unwrap_or_default();
        let left = column(&left, room, false);
        writeln!(
            out,
            "{}",
            format!("{left}  {}", cut(&right, room)).trim_end()
        )?;
    }
    Ok(())
}
