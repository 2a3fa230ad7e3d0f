//! Rows of listings, and posts that have something in common.
//!
//! In: rows and posts as found. Out: tables and JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::artists::heading;
use super::paint::{safe, width};
use super::sheet::Sheet;
use super::text::counted;
use super::{Screen, view};
use crate::engine::rows::Rows;
use crate::model::{PostRef, Related, Row};

/// Columns of rows.
pub(super) const HEADER: &[&str] = &[
    "artist",
    "title",
    "album",
    "year",
    "duration_ms",
    "number",
    "post",
    "post_title",
    "post_url",
    "date",
    "source",
    "raw",
];

/// Seconds as playlists have them.
pub(super) fn milliseconds(row: &Row) -> Option<u64> {
    row.track.duration_s.map(|s| u64::from(s) * 1000)
}

pub(super) fn row_cells(row: &Row) -> Vec<String> {
    let text =
        |text: Option<&crate::model::Text>| text.map(ToString::to_string).unwrap_or_default();
    vec![
        text(row.artist.as_ref()),
        row.track.title.to_string(),
        text(row.album.as_ref()),
        row.track.year.map(|y| y.to_string()).unwrap_or_default(),
        milliseconds(row)
            .map(|ms| ms.to_string())
            .unwrap_or_default(),
        text(row.track.number.as_ref()),
        row.post.id.to_string(),
        row.post.title.to_string(),
        text(row.post.url.as_ref()),
        view::date_of(&row.post).unwrap_or_default(),
        row.post.source.to_string(),
        row.track.raw.to_string(),
    ]
}

pub(super) fn row_value(row: &Row) -> Value {
    let credit: Vec<Value> = row
        .track
        .credit
        .iter()
        .map(|part| json!({"name": part.name, "join": part.join}))
        .collect();
    json!({
        "post": post_value(&row.post),
        "list": row.list,
        "position": row.track.position,
        "number": row.track.number,
        "artist": row.artist,
        "title": row.track.title,
        "credit": credit,
        "album": row.album,
        "label": row.track.label,
        "year": row.track.year,
        "duration_s": row.track.duration_s,
        "start_s": row.track.start_s,
        "raw": row.track.raw,
    })
}

pub(super) fn post_value(post: &PostRef) -> Value {
    json!({
        "id": post.id.to_string(),
        "title": post.title,
        "url": post.url,
        "site": post.site,
        "source": post.source,
        "author": post.author,
        "published": view::published(post.published.as_ref()),
    })
}

/// "♪ 7. Robert Tepper – No Easy Way Out (4:23)"
pub(super) fn row_text(
    row: &Row,
    indent: usize,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let number = match &row.track.number {
        Some(number) => number.to_string(),
        None => row.track.position.to_string(),
    };
    let lead = format!("♪ {number}. ");
    let artist = row
        .artist
        .as_ref()
        .map(|a| format!("{a} – "))
        .unwrap_or_default();
    let length = row
        .track
        .duration_s
        .map(|d| format!(" ({}:{:02})", d / 60, d % 60));
    let text = format!("{artist}{}{}", row.track.title, length.unwrap_or_default());
    let inner = indent + width(&lead);
    writeln!(
        out,
        "{}{}{}",
        " ".repeat(indent),
        screen.lead(&lead),
        screen.paragraph(&text, &[], inner, "")
    )
}

impl Sheet for Rows {
    fn json(&self) -> Map<String, Value> {
        let notes = self
            .notes
            .iter()
            .map(|n| json!({"code": n.code, "text": n.text}));
        Map::from_iter([
            ("query".into(), json!(self.query)),
            ("total".into(), json!(self.total)),
            ("posts".into(), json!(self.posts)),
            ("offset".into(), json!(self.offset)),
            ("limit".into(), json!(self.limit)),
            ("notes".into(), notes.collect()),
            ("rows".into(), self.rows.iter().map(row_value).collect()),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        self.rows.iter().map(row_value).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        HEADER
    }

    fn cells(&self) -> Vec<Vec<String>> {
        self.rows.iter().map(row_cells).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        for note in &self.notes {
            writeln!(
                out,
                "{}",
                screen.dim(&format!("note: {}", safe(&note.text)))
            )?;
        }
        if self.total == 0 {
            return writeln!(out, "No row found for {}.", safe(&self.query));
        }
        let shown = if (self.rows.len() as u64) < self.total {
            format!(
                ", {}–{} shown",
                self.offset + 1,
                self.offset + self.rows.len()
            )
        } else {
            String::new()
        };
        let head = format!(
            "{} in {}{shown}",
            counted(self.total, "row", "rows"),
            counted(self.posts, "post", "posts")
        );
        writeln!(out, "{}", screen.dim(&head))?;
        let mut last = None;
        for row in &self.rows {
            if last != Some(row.post.id) {
                last = Some(row.post.id);
                writeln!(out)?;
                heading(&row.post, screen, out)?;
            }
            row_text(row, 2, screen, out)?;
        }
        Ok(())
    }
}

/// Posts that have something in common with one.
pub struct RelatedPosts {
    pub post: PostRef,
    pub related: Vec<Related>,
}

impl Sheet for RelatedPosts {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("post".into(), post_value(&self.post)),
            ("related".into(), self.lines().into()),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        (1..)
            .zip(&self.related)
            .map(|(rank, related)| {
                json!({
                    "rank": rank,
                    "score": (f64::from(related.score) * 1000.0).round() / 1000.0,
                    "post": post_value(&related.post),
                    "artists": related.artists,
                    "words": related.words,
                })
            })
            .collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &[
            "rank", "score", "post", "title", "url", "date", "source", "artists", "words",
        ]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        (1..)
            .zip(&self.related)
            .map(|(rank, related)| {
                let post = &related.post;
                vec![
                    format!("{rank}"),
                    format!("{:.3}", related.score),
                    post.id.to_string(),
                    post.title.to_string(),
                    post.url.as_deref().unwrap_or_default().to_owned(),
                    view::date_of(post).unwrap_or_default(),
                    post.source.to_string(),
                    related.artists.join("; "),
                    related.words.join("; "),
                ]
            })
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        // What goes on below stands further in: a title cannot look like a line of ours.
        let of = screen.paragraph(&self.post.title, &[], "Like ".len(), "");
        writeln!(out, "{}", screen.dim(&format!("Like {of}")))?;
        if self.related.is_empty() {
            return writeln!(out, "No other post has an artist or a rare word of it.");
        }
        for (rank, related) in (1..).zip(&self.related) {
            write!(out, "\n{rank}. ")?;
            heading(&related.post, screen, out)?;
            let why = [
                ("both list ", &related.artists),
                ("both say ", &related.words),
            ];
            for (lead, shared) in why.iter().filter(|(_, shared)| !shared.is_empty()) {
                let text = screen.paragraph(&shared.join(", "), &[], 3 + lead.len(), "");
                writeln!(out, "   {}{text}", screen.dim(lead))?;
            }
        }
        Ok(())
    }
}
