//! Labelled track listings without end: known tracks written in every layout that blogs use.
//!
//! In: a file of track listings as data (`[{title, tracks: [{artist, title}]}]`). Out: scores per layout
//! feature, and how much a confidence is worth. The same seed gives the same documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;

use super::documents::{Failure, Scores};
use super::score::{Ratio, align, normalise};
use crate::error::{Error, Result};
use crate::extract;
use crate::model::Post;
use crate::source::{Content, Entry, EntryBody, RawDocument};

#[derive(Deserialize)]
struct Listing {
    title: String,
    tracks: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    artist: Option<String>,
    title: Option<String>,
}

/// The features of a layout. Each is drawn by itself, so a score per value shows which one is weak.
const NUMBERS: &[&str] = &[
    "none",
    "7.",
    "07.",
    "07",
    "7)",
    "07-",
    "7 -",
    "(7)",
    "[7]",
    "#7",
    "A1",
    "A1.",
    "1-07",
    "7:",
    "[12:34]",
    "12:34",
    "countdown",
];
const SEPARATORS: &[&str] = &[
    " - ",
    " – ",
    " — ",
    " -- ",
    "- ",
    " -",
    "–",
    ": ",
    "\t",
    " | ",
    " / ",
    " // ",
    " by ",
    ", \"\"",
    " \"\"",
    "\"\" by ",
    "()",
    " – \"\"",
    "CAPS - ",
];
const TAILS: &[&str] = &[
    "none",
    "none",
    "none",
    "(3:45)",
    "3:45",
    "[3:45]",
    "(1986)",
    "(Label)",
    "[Label]",
    "(Label, 1986)",
    "*",
];
const NOISE: &[&str] = &[
    "none",
    "none",
    "none",
    "blank lines",
    "captions",
    "prose",
    "sections",
];
const CUES: &[&str] = &["heading", "title", "none"];
const MEDIA: &[&str] = &[
    "text",
    "html ol",
    "html br",
    "html p",
    "html table",
    "markdown",
];

const LABELS: &[&str] = &[
    "Harbour Street",
    "Nightjar",
    "Pale Dot",
    "Sixth Floor",
    "Tin Roof",
    "Kestrel & Co",
    "North Pier",
];
const CAPTIONS: &[&str] = &[
    "The band in their rehearsal room",
    "Cover of the second pressing",
    "A sticker on the sleeve",
];
const PROSE: &[&str] = &[
    "I had this one on a tape that a friend made for me, and I played it until the ribbon gave out somewhere near the end of that long summer.",
    "Nobody in our street had heard of them, which is a pity, because the second half of it still sounds as fresh as it did then.",
    "More of this next week, when I am back from the coast and the record player has its new needle. Until then, turn it up and let me know what you think!",
];

/// A small generator of numbers: splitmix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

#[derive(Clone, Copy, Debug)]
struct Layout {
    number: &'static str,
    separator: &'static str,
    title_first: bool,
    tail: &'static str,
    noise: &'static str,
    cue: &'static str,
    medium: &'static str,
}

impl Layout {
    fn draw(dice: &mut Dice) -> Self {
        let mut layout = Self {
            number: dice.pick(NUMBERS),
            separator: dice.pick(SEPARATORS),
            title_first: dice.below(4) == 0,
            tail: dice.pick(TAILS),
            noise: dice.pick(NOISE),
            cue: dice.pick(CUES),
            medium: dice.pick(MEDIA),
        };
        if matches!(layout.separator, " by " | "\"\" by " | "()") {
            layout.title_first = true;
        }
        if matches!(layout.separator, ", \"\"" | " \"\"") {
            layout.title_first = false;
        }
        if layout.medium == "html table" {
            layout.separator = "cells";
        }
        if layout.medium == "html ol" {
            layout.number = "li";
        }
        // A page shows a tab as a blank.
        if layout.separator == "\t" && layout.medium != "text" {
            layout.separator = " | ";
        }
        // A bracket that holds the artist leaves no room for another.
        if layout.separator == "()" && layout.tail.contains("abel") {
            layout.tail = "none";
        }
        layout
    }

    fn features(&self) -> [(&'static str, String); 7] {
        let order = if self.title_first {
            "title-artist"
        } else {
            "artist-title"
        };
        [
            ("number", self.number.to_owned()),
            ("separator", format!("{:?}", self.separator)),
            ("order", order.to_owned()),
            ("tail", self.tail.to_owned()),
            ("noise", self.noise.to_owned()),
            ("announced by", self.cue.to_owned()),
            ("medium", self.medium.to_owned()),
        ]
    }

    fn number(&self, at: usize, of: usize, seconds: usize) -> String {
        let n = at + 1;
        let side = (b'A' + (at / 5).min(7) as u8) as char;
        match self.number {
            "7." => format!("{n}. "),
            "07." => format!("{n:02}. "),
            "07" => format!("{n:02} "),
            "7)" => format!("{n}) "),
            "07-" => format!("{n:02}-"),
            "7 -" => format!("{n} - "),
            "(7)" => format!("({n}) "),
            "[7]" => format!("[{n}] "),
            "#7" => format!("#{n} "),
            "A1" => format!("{side}{} ", at % 5 + 1),
            "A1." => format!("{side}{}. ", at % 5 + 1),
            "1-07" => format!("1-{n:02} "),
            "7:" => format!("{n}: "),
            "[12:34]" => format!("[{:02}:{:02}] ", seconds / 60, seconds % 60),
            "12:34" => format!("{}:{:02} ", seconds / 60, seconds % 60),
            "countdown" => format!("{}. ", of - at),
            _ => String::new(),
        }
    }

    fn sides(&self, artist: &str, title: &str) -> String {
        let (first, second) = if self.title_first {
            (title, artist)
        } else {
            (artist, title)
        };
        match self.separator {
            ", \"\"" => format!("{artist}, \"{title}\""),
            " \"\"" => format!("{artist} \"{title}\""),
            "\"\" by " => format!("\"{title}\" by {artist}"),
            "()" => format!("{title} ({artist})"),
            " – \"\"" if self.title_first => format!("“{title}” – {artist}"),
            " – \"\"" => format!("{artist} – “{title}”"),
            "CAPS - " if self.title_first => format!("{title} - {}", artist.to_uppercase()),
            "CAPS - " => format!("{} - {title}", artist.to_uppercase()),
            separator => format!("{first}{separator}{second}"),
        }
    }

    fn tail(&self, dice: &mut Dice) -> String {
        let (minutes, seconds) = (2 + dice.below(5), dice.below(60));
        let year = 1962 + dice.below(60);
        let label = dice.pick(LABELS);
        match self.tail {
            "(3:45)" => format!(" ({minutes}:{seconds:02})"),
            "3:45" => format!(" {minutes}:{seconds:02}"),
            "[3:45]" => format!(" [{minutes}:{seconds:02}]"),
            "(1986)" => format!(" ({year})"),
            "(Label)" => format!(" ({label})"),
            "[Label]" => format!(" [{label}]"),
            "(Label, 1986)" => format!(" ({label}, {year})"),
            "*" if dice.below(3) == 0 => "*".to_owned(),
            _ => String::new(),
        }
    }
}

/// The lines of one listing, in the layout's plain form: rows, and what stands between them.
enum Piece {
    Row {
        number: String,
        first: String,
        second: String,
        text: String,
    },
    Blank,
    Other(String),
}

fn pieces(listing: &[(&str, &str)], layout: &Layout, dice: &mut Dice) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut seconds = 0;
    for (at, (artist, title)) in listing.iter().enumerate() {
        match layout.noise {
            "blank lines" if at > 0 => out.push(Piece::Blank),
            "captions" if at > 0 && at % 4 == 0 => {
                out.push(Piece::Other(dice.pick(CAPTIONS).to_owned()))
            }
            "prose" if at > 0 && at % 3 == 0 => {
                out.push(Piece::Blank);
                out.push(Piece::Other(dice.pick(PROSE).to_owned()));
                out.push(Piece::Blank);
            }
            "sections" if at % 6 == 0 => {
                out.push(Piece::Other(format!(
                    "Side {}",
                    (b'A' + (at / 6).min(7) as u8) as char
                )));
            }
            _ => {}
        }
        let number = layout.number(at, listing.len(), seconds);
        seconds += 150 + dice.below(200);
        let tail = layout.tail(dice);
        let text = format!("{}{tail}", layout.sides(artist, title));
        let (first, second) = if layout.title_first {
            (title, artist)
        } else {
            (artist, title)
        };
        out.push(Piece::Row {
            number,
            first: (*first).to_owned(),
            second: format!("{second}{tail}"),
            text,
        });
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(
            c,
            '*' | '_' | '\\' | '`' | '<' | '[' | ']' | '#' | '|' | '~'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn document(title: &str, listing: &[(&str, &str)], layout: &Layout, dice: &mut Dice) -> Content {
    let pieces = pieces(listing, layout, dice);
    let title = if layout.cue == "none" {
        "What I did last week"
    } else {
        title
    };
    let heading = (layout.cue == "heading")
        .then(|| dice.pick(&["Tracklist", "Track Listing:", "Playlist:", "Setlist"]));
    let (before, after) = (PROSE[0], PROSE[2]);
    let mut out = String::new();
    match layout.medium {
        "text" => {
            let _ = write!(out, "{title}\n\n{before}\n\n");
            if let Some(heading) = heading {
                let _ = writeln!(out, "{heading}");
            }
            for piece in &pieces {
                match piece {
                    Piece::Row { number, text, .. } => {
                        let _ = writeln!(out, "{number}{text}");
                    }
                    Piece::Blank => out.push('\n'),
                    Piece::Other(text) => {
                        let _ = writeln!(out, "{text}");
                    }
                }
            }
            let _ = write!(out, "\n{after}\n");
            Content::Text(out)
        }
        "markdown" => {
            let _ = write!(out, "{before}\n\n");
            if let Some(heading) = heading {
                let _ = write!(out, "## {heading}\n\n");
            }
            let listed = matches!(layout.number, "none" | "7.");
            for piece in &pieces {
                match piece {
                    Piece::Row { number, text, .. } if listed => {
                        let mark = if number.is_empty() {
                            "- "
                        } else {
                            number.as_str()
                        };
                        let _ = writeln!(out, "{mark}{}", markdown(text));
                    }
                    Piece::Row { number, text, .. } => {
                        let _ = writeln!(out, "{}{}  ", markdown(number), markdown(text));
                    }
                    Piece::Blank => out.push('\n'),
                    Piece::Other(text) => {
                        let _ = write!(out, "\n{text}\n\n");
                    }
                }
            }
            let _ = write!(out, "\n{after}\n");
            Content::Entry(Box::new(Entry {
                title: Some(title.to_owned()),
                body: EntryBody::Markdown(out),
                ..Entry::default()
            }))
        }
        medium => {
            let _ = write!(
                out,
                "<!DOCTYPE html><html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{before}</p>",
                escape(title)
            );
            if let Some(heading) = heading {
                let _ = write!(out, "<h3>{heading}</h3>");
            }
            let (open, close) = match medium {
                "html ol" => ("<ol>", "</ol>"),
                "html table" => ("<table>", "</table>"),
                "html br" => ("<p>", "</p>"),
                _ => ("<div>", "</div>"),
            };
            out.push_str(open);
            for piece in &pieces {
                match (piece, medium) {
                    (Piece::Row { text, .. }, "html ol") => {
                        let _ = write!(out, "<li>{}</li>", escape(text));
                    }
                    (
                        Piece::Row {
                            number,
                            first,
                            second,
                            ..
                        },
                        "html table",
                    ) => {
                        let number = number.trim();
                        let number = if number.is_empty() {
                            String::new()
                        } else {
                            format!("<td>{number}</td>")
                        };
                        let _ = write!(
                            out,
                            "<tr>{number}<td>{}</td><td>{}</td></tr>",
                            escape(first),
                            escape(second)
                        );
                    }
                    (Piece::Row { number, text, .. }, "html br") => {
                        let _ = writeln!(out, "{number}{}<br>", escape(text));
                    }
                    (Piece::Row { number, text, .. }, _) => {
                        let _ = writeln!(out, "<p>{number}{}</p>", escape(text));
                    }
                    (Piece::Other(text), "html table") => {
                        let _ = write!(out, "<tr><td colspan=3>{text}</td></tr>");
                    }
                    (Piece::Other(text), "html ol") => {
                        let _ = write!(out, "</ol><p>{text}</p><ol>");
                    }
                    (Piece::Other(text), "html br") => {
                        let _ = write!(out, "</p><p>{text}</p><p>");
                    }
                    (Piece::Other(text), _) => {
                        let _ = write!(out, "<p>{text}</p>");
                    }
                    (Piece::Blank, "html br") => out.push_str("<br>"),
                    (Piece::Blank, _) => {}
                }
            }
            let _ = write!(out, "{close}<p>{after}</p></article></body></html>");
            Content::Html {
                html: out,
                url: None,
                captured: None,
            }
        }
    }
}

struct Outcome {
    layout: Layout,
    ratio: Ratio,
    /// Confidence of the list a row stands in, and whether the row is right.
    rows: Vec<(f32, bool)>,
    failure: Option<Failure>,
}

fn measure(name: &str, listing: &[(&str, &str)], layout: Layout, content: Content) -> Outcome {
    let shown = match &content {
        Content::Html { html, .. } => html.clone(),
        Content::Text(text) => text.clone(),
        Content::Entry(entry) => match &entry.body {
            EntryBody::Markdown(text) | EntryBody::Html(text) | EntryBody::Text(text) => {
                text.clone()
            }
        },
    };
    let document = RawDocument {
        reader: "layouts",
        path: name.to_owned(),
        inner: String::new(),
        entry: String::new(),
        content,
    };
    let posts: Vec<Post> = extract::extract(document).posts;
    let mut found = Vec::new();
    for list in posts.iter().flat_map(|p| &p.tracklists) {
        for track in &list.tracks {
            let artist = list.artist_of(track).map_or("", |a| a.as_str());
            found.push((normalise(artist), normalise(&track.title), list.confidence));
        }
    }
    let expected: Vec<(String, String)> = listing
        .iter()
        .map(|(artist, title)| (normalise(artist), normalise(title)))
        .collect();
    let right = align(&expected, &found, |e, f| e.0 == f.0 && e.1 == f.1);
    let mut rows: Vec<(f32, bool)> = found.iter().map(|f| (f.2, false)).collect();
    for (_, at) in &right {
        rows[*at].1 = true;
    }
    let ratio = Ratio {
        right: right.len(),
        found: found.len(),
        labelled: expected.len(),
    };
    let failure =
        (ratio.right != ratio.labelled || ratio.found != ratio.labelled).then(|| Failure {
            document: format!("{name} {layout:?}"),
            what: "list",
            expected: format!("{} rows of\n{shown}", ratio.labelled),
            found: format!(
                "{} right of {}\n{}",
                ratio.right,
                ratio.found,
                found
                    .iter()
                    .map(|f| format!("      {} – {}", f.0, f.1))
                    .collect::<Vec<_>>()
                    .join("\n")
            ),
        });
    Outcome {
        layout,
        ratio,
        rows,
        failure,
    }
}

/// Scores listings from `file`, each written in `rounds` layouts drawn from `seed`.
///
/// # Errors
/// Where the file cannot be read or holds no listings.
pub fn layouts(file: &Path, rounds: usize, seed: u64) -> Result<Scores> {
    let bytes = std::fs::read(file).map_err(|e| Error::io("reading", file, e))?;
    let pool: Vec<Listing> = serde_json::from_slice(&bytes).map_err(|e| {
        Error::usage(
            format!("{} holds no listings: {e}", file.display()),
            "the form is [{\"title\": …, \"tracks\": [{\"artist\": …, \"title\": …}, …]}, …]",
        )
    })?;
    let results: Vec<Outcome> = pool
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, listing)| {
            let mut dice = Dice(seed ^ (at as u64) << 20);
            let tracks: Vec<(&str, &str)> = listing
                .tracks
                .iter()
                .filter_map(|t| Some((t.artist.as_deref()?.trim(), t.title.as_deref()?.trim())))
                .filter(|(artist, title)| {
                    !normalise(artist).is_empty() && !normalise(title).is_empty()
                })
                .collect();
            (0..rounds)
                .filter_map(|round| {
                    let layout = Layout::draw(&mut dice);
                    // Listings on blogs have 5 to 40 rows.
                    let most = 5 + dice.below(36);
                    let start = dice.below(tracks.len().saturating_sub(most) + 1);
                    let rows = tracks.get(start..(start + most).min(tracks.len()))?;
                    (rows.len() >= 4).then(|| {
                        let content = document(&listing.title, rows, &layout, &mut dice);
                        measure(&format!("{}#{round}", listing.title), rows, layout, content)
                    })
                })
                .collect::<Vec<_>>()
        })
        .collect();
    Ok(table(results))
}

fn table(results: Vec<Outcome>) -> Scores {
    let mut scores = Scores::default();
    let mut all = (Ratio::default(), 0usize, 0usize);
    let mut groups: BTreeMap<(usize, String), (Ratio, usize, usize)> = BTreeMap::new();
    let mut bins: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    for result in results {
        let whole = usize::from(result.failure.is_none());
        let count = |entry: &mut (Ratio, usize, usize)| {
            entry.0.add(result.ratio);
            entry.1 += whole;
            entry.2 += 1;
        };
        count(&mut all);
        for (at, (feature, value)) in result.layout.features().into_iter().enumerate() {
            count(
                groups
                    .entry((at, format!("{feature} {value}")))
                    .or_default(),
            );
        }
        for (confidence, right) in result.rows {
            let bin = bins.entry((confidence * 20.0).floor() as u8).or_default();
            bin.0 += usize::from(right);
            bin.1 += 1;
        }
        scores.failures.extend(result.failure);
    }
    let mut line = |name: String, (ratio, whole, lists): (Ratio, usize, usize)| {
        scores.table.push((
            name,
            vec![
                ("lists", lists as f64),
                ("rows", ratio.labelled as f64),
                ("precision", ratio.precision()),
                ("recall", ratio.recall()),
                ("F1", ratio.f1()),
                ("whole", whole as f64 / lists.max(1) as f64),
            ],
        ));
    };
    line("all layouts".to_owned(), all);
    for ((_, name), group) in groups {
        line(name, group);
    }
    for (bin, (right, rows)) in bins {
        let from = f64::from(bin) / 20.0;
        scores.table.push((
            format!("confidence {from:.2}–{:.2}", from + 0.05),
            vec![
                ("rows", rows as f64),
                ("right", right as f64 / rows.max(1) as f64),
            ],
        ));
    }
    scores
}
