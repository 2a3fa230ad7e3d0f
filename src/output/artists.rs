//! The list of artists, and the page of one.
//!
//! In: what the archive knows. Out: a table, a page, JSON. Must not count anything.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::paint::{safe, width};
use super::rows::{post_value, row_text, row_value};
use super::sheet::{Sheet, bar, column, date};
use super::text::counted;
use super::{Screen, view};
use crate::artist::Artist;
use crate::engine::artists::{ArtistList, ArtistPage, Listed, Mention};

/// A name takes no more columns than this.
const NAME_COLUMNS: usize = 40;

impl Sheet for ArtistList {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("pattern".into(), json!(self.pattern)),
            ("total".into(), json!(self.total)),
            ("offset".into(), json!(self.offset)),
            ("limit".into(), json!(self.limit)),
            (
                "artists".into(),
                self.artists.iter().map(artist_value).collect(),
            ),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        self.artists.iter().map(artist_value).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &[
            "name",
            "posts",
            "tracks",
            "comments",
            "first",
            "last",
            "spellings",
        ]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        self.artists.iter().map(artist_cells).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.total == 0 {
            let of = self.pattern.as_deref().unwrap_or_default();
            return writeln!(out, "No artist matches {}.", safe(of));
        }
        let shown = self.artists.len();
        let part = if (shown as u64) < self.total {
            format!(", {}–{} shown", self.offset + 1, self.offset + shown)
        } else {
            String::new()
        };
        let head = format!("{}{part}", counted(self.total, "artist", "artists"));
        writeln!(out, "{}", screen.dim(&head))?;
        let dated = screen.width >= 72;
        // Three numbers of eight columns each, and the dates.
        let taken = 24 + if dated { 24 } else { 0 };
        let longest = self.artists.iter().map(|a| width(&a.artist.name)).max();
        let room = screen.width.saturating_sub(taken).max(12);
        let name = longest.unwrap_or(0).clamp(6, NAME_COLUMNS).min(room);
        let dates = if dated { "  first – last" } else { "" };
        let head = format!(
            "{}   posts  tracks   comm.{dates}",
            column("artist", name, false)
        );
        writeln!(out, "{}", screen.dim(&head))?;
        for listed in &self.artists {
            let artist = &listed.artist;
            let lead = screen.bold(&column(&artist.name, name, false));
            let numbers: String = [artist.posts, listed.tracks, listed.comments]
                .iter()
                .map(|n| column(&n.to_string(), 8, true))
                .collect();
            let dates = if dated {
                format!("  {}", span(artist))
            } else {
                String::new()
            };
            writeln!(out, "{lead}{numbers}{}", screen.dim(dates.trim_end()))?;
            if let Some(also) = also(artist) {
                let also = screen.paragraph(&format!("also {also}"), &[], 2, "");
                writeln!(out, "  {}", screen.dim(&also))?;
            }
        }
        Ok(())
    }
}

impl Sheet for ArtistPage {
    fn json(&self) -> Map<String, Value> {
        let mut artist = artist_value(&self.listed);
        artist["joined"] = json!(self.joined);
        let years = self.years.iter();
        let years = years
            .map(|(year, posts, tracks)| json!({"year": year, "posts": posts, "tracks": tracks}));
        let companions = self.companions.iter().map(|c| {
            json!({"name": c.name, "together": c.together, "posts": c.posts, "lift": (c.lift * 100.0).round() / 100.0})
        });
        Map::from_iter([
            ("artist".into(), artist),
            ("years".into(), years.collect()),
            ("rows".into(), self.rows.iter().map(row_value).collect()),
            ("posts".into(), self.posts.iter().map(post_value).collect()),
            (
                "mentions".into(),
                self.mentions.iter().map(mention_value).collect(),
            ),
            ("mentions_total".into(), json!(self.mentions_total)),
            ("companions".into(), companions.collect()),
            ("near".into(), json!([])),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        vec![Value::Object(self.json())]
    }

    fn header(&self) -> &'static [&'static str] {
        super::rows::HEADER
    }

    fn cells(&self) -> Vec<Vec<String>> {
        self.rows.iter().map(super::rows::row_cells).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let artist = &self.listed.artist;
        writeln!(out, "{}", screen.bold(&artist.name))?;
        if let Some(also) = also(artist) {
            writeln!(
                out,
                "{}",
                screen.paragraph(&format!("spelled {also}"), &[], 2, "")
            )?;
        }
        if !self.joined.is_empty() {
            let joined = format!(
                "joined with {} (`deepcut alias list`)",
                self.joined.join(", ")
            );
            writeln!(out, "{}", screen.paragraph(&joined, &[], 2, ""))?;
        }
        let facts = [
            counted(artist.posts, "post", "posts"),
            counted(self.listed.tracks, "track", "tracks"),
            counted(self.listed.comments, "comment", "comments"),
        ];
        let span = match span(artist) {
            span if span.is_empty() => span,
            span => format!(" · {span}"),
        };
        writeln!(
            out,
            "{}",
            screen.dim(&format!("{}{span}", facts.join(", ")))
        )?;
        let most = self
            .years
            .iter()
            .map(|(_, posts, _)| *posts)
            .max()
            .unwrap_or(0);
        if !self.years.is_empty() {
            writeln!(out, "\n{}", screen.bold("Posts by year"))?;
            let room = screen.width.min(60).saturating_sub(12);
            for (year, posts, _) in &self.years {
                let bar = screen.lead(&bar(*posts, most, room));
                writeln!(out, "{}", format!("{year}  {bar} {posts}").trim_end())?;
            }
        }
        writeln!(out, "\n{}", screen.bold("Rows"))?;
        let mut last = None;
        for row in &self.rows {
            if last != Some(row.post.id) {
                last = Some(row.post.id);
                heading(&row.post, screen, out)?;
            }
            row_text(row, 2, screen, out)?;
        }
        more(
            self.listed.tracks,
            self.rows.len(),
            "row",
            "rows",
            screen,
            out,
        )?;
        if !self.mentions.is_empty() {
            writeln!(out, "\n{}", screen.bold("Named in"))?;
            for mention in &self.mentions {
                heading(&mention.post, screen, out)?;
                let who = match (&mention.comment, &mention.author) {
                    (None, _) => String::new(),
                    (Some(_), Some(author)) => format!("“{author}” "),
                    (Some(_), None) => "“a reader” ".to_owned(),
                };
                let text = screen.paragraph(&format!("{who}{}", mention.text), &[], 4, "");
                writeln!(out, "  {}{text}", screen.lead("> "))?;
            }
            let shown = self.mentions.len();
            more(
                self.mentions_total,
                shown,
                "mention",
                "mentions",
                screen,
                out,
            )?;
        }
        if !self.companions.is_empty() {
            writeln!(out, "\n{}", screen.bold("Shares listings with"))?;
            for companion in &self.companions {
                let times = format!("{:.1} × chance", companion.lift);
                let posts = format!(
                    "{} of {} posts, {times}",
                    companion.together, companion.posts
                );
                let name = screen.paragraph(&companion.name, &[], 2, "");
                writeln!(out, "  {name}  {}", screen.dim(&posts))?;
            }
        }
        Ok(())
    }
}

/// A name that the archive does not list, and those near it.
pub struct Unknown<'a> {
    pub name: &'a str,
    pub near: Vec<&'a Artist>,
}

impl Sheet for Unknown<'_> {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("artist".into(), Value::Null),
            ("near".into(), self.lines().into()),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        let near = self.near.iter();
        near.map(|a| json!({"name": a.name, "posts": a.posts}))
            .collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &["near", "posts"]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let near = self.near.iter();
        near.map(|a| vec![a.name.clone(), a.posts.to_string()])
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "No row credits {}.", safe(self.name))?;
        if !self.near.is_empty() {
            writeln!(out, "Did you mean")?;
        }
        for artist in &self.near {
            let posts = counted(artist.posts, "post", "posts");
            writeln!(out, "  {}  {}", artist.name, screen.dim(&posts))?;
        }
        Ok(())
    }
}

fn artist_value(listed: &Listed) -> Value {
    let artist = &listed.artist;
    let spellings: Vec<Value> = artist
        .spellings
        .iter()
        .map(|(value, count)| json!({"value": value, "count": count}))
        .collect();
    json!({
        "name": artist.name,
        "key": artist.key,
        "posts": artist.posts,
        "tracks": listed.tracks,
        "comments": listed.comments,
        "first": artist.first.map(date),
        "last": artist.last.map(date),
        "spellings": spellings,
    })
}

fn artist_cells(listed: &Listed) -> Vec<String> {
    let artist = &listed.artist;
    let spellings: Vec<&str> = artist.spellings.iter().map(|s| s.0.as_str()).collect();
    vec![
        artist.name.clone(),
        artist.posts.to_string(),
        listed.tracks.to_string(),
        listed.comments.to_string(),
        artist.first.map(date).unwrap_or_default(),
        artist.last.map(date).unwrap_or_default(),
        spellings.join("; "),
    ]
}

fn mention_value(mention: &Mention) -> Value {
    json!({
        "post": post_value(&mention.post),
        "comment": mention.comment,
        "author": mention.author,
        "text": mention.text,
    })
}

/// First and last date, once where they are one.
fn span(artist: &Artist) -> String {
    match (artist.first.map(date), artist.last.map(date)) {
        (Some(first), Some(last)) if first == last => first,
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => String::new(),
    }
}

/// The spellings that are not the name shown, with their posts.
fn also(artist: &Artist) -> Option<String> {
    let others: Vec<String> = artist
        .spellings
        .iter()
        .filter(|(name, _)| *name != artist.name)
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// A post in one line: its title as a link, its date.
pub(super) fn heading(
    post: &crate::model::PostRef,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let date = view::date_of(post)
        .map(|d| format!(" · {d}"))
        .unwrap_or_default();
    let title = screen.paragraph(&post.title, &[], 2, "");
    writeln!(
        out,
        "{}{}",
        screen.link(&title, post.url.as_deref()),
        screen.dim(&date)
    )
}

fn more(
    total: u64,
    shown: usize,
    one: &str,
    many: &str,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let left = total.saturating_sub(shown as u64);
    if left == 0 {
        return Ok(());
    }
    let left = counted(left, &format!("more {one}"), &format!("more {many}"));
    writeln!(out, "  {}", screen.dim(&format!("… {left}")))
}
