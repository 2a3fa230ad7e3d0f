//! Fields of structured sources, by the many names that people give them.
//!
//! In: a JSON value (front matter, a line of JSON Lines). Out: strings, lists, rows, comments. Missing and
//! odd values give nothing, never an error.

use std::borrow::Cow;

use super::value::{Fields, Value};
use crate::model::{Comment, Order, Published, Text, Track, TrackList};

/// The first field of these names that holds text or a number, as text.
pub(super) fn text(fields: &Fields<'_>, names: &[&str]) -> Option<String> {
    shown(fields, names).map(Cow::into_owned)
}

/// The same, where it is only looked at.
fn shown<'f>(fields: &'f Fields<'_>, names: &[&str]) -> Option<Cow<'f, str>> {
    names.iter().find_map(|name| scalar(fields.find(name)?))
}

fn scalar<'f>(value: &'f Value<'_>) -> Option<Cow<'f, str>> {
    match value {
        Value::String(s) if !s.trim().is_empty() => Some(s.as_ref().into()),
        Value::Number(n) => Some(n.to_string().into()),
        // An author as {name: …}; several authors as a list.
        Value::Object(o) => shown(o, &["name", "title", "date"]),
        Value::Array(all) => {
            let parts: Vec<_> = all.iter().filter_map(scalar).collect();
            (!parts.is_empty()).then(|| parts.join(", ").into())
        }
        _ => None,
    }
}

/// A list of words: a sequence, or text with commas (with blanks, where it has none).
pub(super) fn list(fields: &Fields<'_>, names: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let found: Vec<Cow<'_, str>> = match fields.find(name) {
            Some(Value::Array(all)) => all.iter().filter_map(scalar).collect(),
            Some(Value::String(s)) if s.contains(',') => s.split(',').map(Cow::from).collect(),
            Some(Value::String(s)) => s.split_whitespace().map(Cow::from).collect(),
            _ => Vec::new(),
        };
        for word in found {
            let word = word.trim().to_owned();
            if !word.is_empty() && !out.contains(&word) {
                out.push(word);
            }
        }
    }
    out
}

/// A whole number, also from text.
pub(super) fn number(fields: &Fields<'_>, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| match fields.find(name)? {
        Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    })
}

/// True where a flag is set, also as text.
pub(super) fn flag(fields: &Fields<'_>, name: &str) -> Option<bool> {
    match fields.find(name)? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

const ARTIST: &[&str] = &["artist", "artists", "performer", "band", "creator", "by"];
const TITLE: &[&str] = &["title", "track", "song", "name"];

/// The listings among the fields: sequences of mappings that name artist and title.
pub(super) fn track_lists(fields: &Fields<'_>) -> Vec<TrackList> {
    fields
        .by_name()
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "comments" | "links" | "pings"))
        .filter_map(|(name, value)| {
            let rows = match value {
                Value::Array(rows) => rows,
                Value::Object(inner) => inner.find("tracks")?.as_array()?,
                _ => return None,
            };
            let heading = (!matches!(name, "tracks" | "tracklist" | "playlist" | "songs"))
                .then(|| name.replace(['_', '-'], " "));
            rows_of(rows, heading.as_deref(), None, None)
        })
        .collect()
}

/// Rows that a field gives as plain text: a sequence of strings, or one string of several lines.
pub(super) fn track_rows(fields: &Fields<'_>) -> Vec<String> {
    let names = [
        "tracklist",
        "tracklisting",
        "tracks",
        "playlist",
        "setlist",
        "songs",
    ];
    for name in names {
        let rows: Vec<String> = match fields.find(name) {
            Some(Value::Array(all)) => all
                .iter()
                .filter_map(|v| v.as_str().map(|s| s.trim().to_owned()))
                .collect(),
            Some(Value::String(text)) if text.trim().contains('\n') => {
                text.lines().map(|l| l.trim().to_owned()).collect()
            }
            _ => Vec::new(),
        };
        if rows.len() >= 2 {
            return rows.into_iter().filter(|r| !r.is_empty()).collect();
        }
    }
    Vec::new()
}

/// One listing out of a sequence of mappings; `None` where they are no tracks.
pub(super) fn rows_of(
    rows: &[Value<'_>],
    heading: Option<&str>,
    album: Option<String>,
    album_artist: Option<String>,
) -> Option<TrackList> {
    let mut tracks = Vec::new();
    let credited = rows
        .iter()
        .filter_map(Value::as_object)
        .filter(|fields| shown(fields, ARTIST).is_some())
        .count();
    for row in rows {
        let Value::Object(fields) = row else {
            return None;
        };
        let Some(title) = shown(fields, TITLE) else {
            continue;
        };
        let artist = shown(fields, ARTIST);
        if artist.is_none() && album_artist.is_none() && fields.find("number").is_none() {
            if credited * 2 < rows.len() {
                return None;
            }
            // Where nearly every row credits somebody, one that does not is a break or a jingle.
            if credited * 10 >= rows.len() * 7 {
                continue;
            }
        }
        let artist = artist.as_deref().and_then(Text::some_line);
        let position = tracks.len() as u32 + 1;
        let raw = shown(fields, &["raw"]).unwrap_or_else(|| match &artist {
            Some(artist) => [artist, " – ", &*title].concat().into(),
            None => title.clone(),
        });
        let line = |names: &[&str]| shown(fields, names).as_deref().and_then(Text::some_line);
        tracks.push(Track {
            position,
            number: line(&["number", "position", "no"]),
            credit: Vec::new(),
            artist,
            title: Text::line(&title),
            contributor: line(&["contributor"]),
            section: line(&["section", "side", "disc"]),
            album: line(&["album"]),
            label: line(&["label"]),
            year: number(fields, &["year"])
                .and_then(|y| u16::try_from(y).ok())
                .filter(|y| (1000..3000).contains(y)),
            duration_s: number(fields, &["duration_s"])
                .or_else(|| clock(&shown(fields, &["duration", "length", "time"])?)),
            start_s: number(fields, &["start_s"]),
            line: number(fields, &["line"]).unwrap_or(position),
            raw: Text::line(&raw),
        });
    }
    (!tracks.is_empty()).then(|| TrackList {
        heading: heading.and_then(Text::some_line),
        order: if tracks.iter().any(|t| t.artist.is_some()) {
            Order::ArtistTitle
        } else {
            Order::TitleOnly
        },
        confidence: 1.0,
        album: album.as_deref().and_then(Text::some_line),
        album_artist: album_artist.as_deref().and_then(Text::some_line),
        tracks,
        alternative: None,
    })
}

/// Seconds of `3:45` or `1:02:03`.
fn clock(text: &str) -> Option<u32> {
    text.trim()
        .split(':')
        .try_fold(0u32, |total, part| {
            total.checked_mul(60)?.checked_add(part.parse().ok()?)
        })
        .filter(|_| text.contains(':'))
}

/// Comments given as a sequence of mappings. E-mails and addresses are not looked at.
pub(super) fn comments(fields: &Fields<'_>) -> Vec<Comment> {
    let Some(Value::Array(all)) = fields.find("comments") else {
        return Vec::new();
    };
    let mut out: Vec<Comment> = Vec::new();
    for (at, value) in all.iter().enumerate() {
        let Value::Object(fields) = value else {
            continue;
        };
        let Some(body) = shown(fields, &["text", "body", "message", "content", "comment"]) else {
            continue;
        };
        let line = |names: &[&str]| shown(fields, names).as_deref().and_then(Text::some_line);
        out.push(Comment {
            id: line(&["id"]).unwrap_or_else(|| Text::line(&(at + 1).to_string())),
            number: number(fields, &["number"]),
            parent: line(&["parent", "reply_to", "in_reply_to", "parent_id"]),
            author: line(&["author", "name", "user", "by"]),
            url: line(&["url", "permalink"]),
            published: date_field(
                fields,
                &["published", "date", "created", "created_at", "time"],
            ),
            likes: number(fields, &["likes"]),
            text: Text::block(&body),
        });
    }
    out
}

/// An ISO date among these fields.
pub(super) fn date_field(fields: &Fields<'_>, names: &[&str]) -> Option<Published> {
    Published::from_iso(&shown(fields, names)?, crate::model::DateSource::Entry)
}
