//! Tracks as links to audio files.
//!
//! In: lines that no other shape took. Out: one list of what their links play: by the words of the link, by the
//! line around it, else by the name of the file. Blogs of the first decade list tracks in no other way.

use super::runs::raw;
use super::{Context, Found, Run, list, row};
use crate::text::lines::{Item, Line, Span};

/// Endings of audio files.
const ENDINGS: &[&str] = &[
    ".mp3", ".m4a", ".ogg", ".oga", ".flac", ".wav", ".m4p", ".aac", ".wma", ".opus",
];

/// True for the address of an audio file.
pub(in crate::extract) fn is_audio(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or(href);
    ENDINGS.iter().any(|e| {
        path.len() > e.len()
            && path
                .get(path.len() - e.len()..)
                .is_some_and(|end| end.eq_ignore_ascii_case(e))
    })
}

/// Words of links that name nothing.
const EMPTY_WORDS: &[&str] = &[
    "mp3",
    "download",
    "listen",
    "play",
    "here",
    "link",
    "stream",
    "audio",
    "m4a",
    "right click",
    "save",
    "save as",
    "hören",
    "anhören",
    "herunterladen",
    "écouter",
    "télécharger",
    "escuchar",
    "descargar",
    "bajar",
    "ouvir",
    "baixar",
    "ascolta",
    "scarica",
    "слушать",
    "скачать",
    "zip",
    "wav",
    "flac",
    "file",
];

/// Finds the list; at most one in a document.
pub(super) fn linked(lines: &[Line], taken: &[bool], context: &Context<'_>) -> Option<Found> {
    // Lines of their own for the links, so that the list is read as any other.
    let mut names: Vec<Line> = Vec::new();
    let mut origins: Vec<usize> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        let mut last = None;
        for span in &line.hints.spans {
            let Some(href) = span.href.as_deref().filter(|h| is_audio(h)) else {
                continue;
            };
            // Bold within a link makes several spans of one link.
            if last == Some(href) {
                continue;
            }
            last = Some(href);
            let alone = line
                .hints
                .spans
                .iter()
                .filter(|s| s.href.as_deref().is_some_and(|h| is_audio(h) && h != href))
                .count()
                == 0;
            if let Some(name) = name(line, span, href, alone) {
                names.push(row_line(line, name, href));
                origins.push(at);
            }
        }
    }
    names.dedup_by(|b, a| a.text == b.text);
    if names.is_empty() || names.len() != origins.len() {
        origins = names
            .iter()
            .filter_map(|n| lines.iter().position(|l| l.number == n.number))
            .collect();
    }
    let run = Run {
        shape: "links to audio",
        rows: names
            .iter()
            .enumerate()
            .map(|(at, line)| match row::number(&line.text) {
                Some(number) => raw(at, Some(number.printed), number.rest),
                None => raw(at, None, &line.text),
            })
            .collect(),
        between: Vec::new(),
    };
    if run.rows.is_empty() {
        return None;
    }
    let mut found = list::read(&names, &run, context)?;
    // A line that is the link and little else is a row; a sentence that holds a link stays prose.
    let short = |at: &usize| {
        let line = &lines[*at];
        let linked: usize = line
            .hints
            .spans
            .iter()
            .filter(|s| s.href.is_some())
            .map(|s| s.end - s.start)
            .sum();
        linked * 2 >= line.text.len() || line.text.split_whitespace().count() <= 14
    };
    found.rows = origins;
    found.rows.dedup();
    found.rows.retain(short);
    found.around.clear();
    Some(found)
}

/// What a link plays.
fn name(line: &Line, span: &Span, href: &str, alone: bool) -> Option<String> {
    let words = line.text.get(span.start..span.end).unwrap_or_default();
    let words = bare(words);
    // "this" in a sentence says less than the name of the file.
    if !parted(words)
        && !parted(&line.text)
        && let Some(file) = file_name(href).filter(|f| parted(f))
    {
        return Some(file);
    }
    if telling(words) && !(alone && parted(&line.text) && !parted(words)) {
        return Some(words.to_owned());
    }
    // "Artist – Title (mp3)", where only the bracket is the link.
    let (before, after) = (
        line.text.get(..span.start).unwrap_or_default(),
        line.text.get(span.end..).unwrap_or_default(),
    );
    if alone && line.text.split_whitespace().count() <= 16 {
        let before = bare(before.trim_end_matches(['(', '[', '|', ':', ' ']));
        if telling(before) && telling(words) {
            return Some(bare(&line.text).to_owned());
        }
        if telling(before) {
            return Some(before.to_owned());
        }
        let after = bare(after.trim_start_matches([')', ']', '|', ':', '-', '–', ' ']));
        if telling(after) {
            return Some(after.to_owned());
        }
    }
    file_name(href)
}

fn parted(text: &str) -> bool {
    [" - ", " – ", " — ", ": "].iter().any(|s| text.contains(s))
}

fn bare(text: &str) -> &str {
    let mut text = text
        .trim()
        .trim_matches(['[', ']', '►', '▶', '♫', '♪', '»', ' ']);
    for head in [
        "MP3:",
        "mp3:",
        "Download:",
        "Listen:",
        "MP3 -",
        "mp3 -",
        "Stream:",
        "Audio:",
    ] {
        text = text.strip_prefix(head).unwrap_or(text).trim_start();
    }
    for tail in ["(mp3)", "[mp3]", "(MP3)", "[MP3]", ".mp3", "mp3"] {
        text = text.strip_suffix(tail).unwrap_or(text).trim_end();
    }
    text
}

fn telling(words: &str) -> bool {
    let lower = words.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
    lower.chars().filter(|c| c.is_alphanumeric()).count() >= 2
        && !EMPTY_WORDS.contains(&lower)
        && !lower.starts_with("http")
        && words.chars().count() <= 120
}

/// "Survivor_-_Burning%20Heart.mp3" as words.
pub(in crate::extract) fn file_name(href: &str) -> Option<String> {
    let path = href.split(['?', '#']).next()?;
    let file = path.rsplit('/').next()?;
    let stem = file.rsplit_once('.').map_or(file, |f| f.0);
    let decoded = percent_encoding::percent_decode_str(stem).decode_utf8_lossy();
    let words: String = decoded
        .replace(['_', '+'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let words = if words.contains(' ') {
        words
    } else {
        words.replace("--", " - ").replace('-', " ")
    };
    (words.chars().any(char::is_alphabetic)).then_some(words)
}

/// A line that holds one name and its link.
fn row_line(line: &Line, name: String, href: &str) -> Line {
    let mut hints = line.hints.clone();
    hints.spans = vec![Span {
        start: 0,
        end: name.len(),
        href: Some(href.to_owned()),
        ..Span::default()
    }];
    hints.item = hints.item.map(|item| Item {
        ordered: false,
        ..item
    });
    Line {
        text: name,
        number: line.number,
        hints,
        node: line.node,
    }
}
