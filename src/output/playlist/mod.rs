//! How are rows written down as a playlist?
//!
//! In: the rows of an answer. Out: bytes in one of the [`PLAYLISTS`]. A new form is one file and one line
//! there. Addresses that are not `http` or `https` never become links.

use std::io::{self, Write};

use super::sheet;
use crate::engine::rows::Rows;
use crate::model::{PostRef, Row};

mod jspf;
mod m3u;
mod xspf;

/// Every form, by the name that `--to` takes.
pub static PLAYLISTS: &[&dyn Playlist] = &[
    &xspf::Xspf,
    &jspf::Jspf,
    &m3u::M3u,
    &Table("csv"),
    &Table("jsonl"),
    &Table("markdown"),
];

/// Writes rows in one form.
pub trait Playlist: Sync {
    /// The word after `--to`.
    fn name(&self) -> &'static str;

    /// Writes all rows.
    ///
    /// # Errors
    /// Those of `out`.
    fn write(&self, rows: &Rows, out: &mut dyn Write) -> io::Result<()>;
}

/// The form of a name.
pub fn playlist(name: &str) -> Option<&'static dyn Playlist> {
    PLAYLISTS.iter().copied().find(|p| p.name() == name)
}

/// Rows as `deepcut tracks` writes them.
struct Table(&'static str);

impl Playlist for Table {
    fn name(&self) -> &'static str {
        self.0
    }

    fn write(&self, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
        match self.0 {
            "csv" => sheet::write_csv(rows, out),
            "jsonl" => sheet::write_lines(rows, out),
            _ => markdown(rows, out),
        }
    }
}

fn markdown(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let escape = super::markdown::escape;
    writeln!(out, "# {}", escape(&title(rows)))?;
    let mut last = None;
    for row in &rows.rows {
        if last != Some(row.post.id) {
            last = Some(row.post.id);
            let name = escape(&row.post.title);
            match address(&row.post) {
                Some(url) => writeln!(out, "\n## [{name}](<{url}>)\n")?,
                None => writeln!(out, "\n## {name}\n")?,
            }
        }
        let artist = row.artist.as_ref().map(|a| format!("{} – ", escape(a)));
        let length = row
            .track
            .duration_s
            .map(|d| format!(" ({}:{:02})", d / 60, d % 60));
        writeln!(
            out,
            "- {}{}{}",
            artist.unwrap_or_default(),
            escape(&row.track.title),
            length.unwrap_or_default()
        )?;
    }
    Ok(())
}

/// What a playlist is called.
fn title(rows: &Rows) -> String {
    crate::model::Text::line(&rows.query).to_string()
}

/// The address of a post as every program may take it: absolute, of the web, in ASCII.
fn address(post: &PostRef) -> Option<String> {
    let url = url::Url::parse(post.url.as_deref()?).ok()?;
    let escaped = url.as_str().replace('\'', "%27");
    matches!(url.scheme(), "http" | "https").then_some(escaped)
}

/// Where a row comes from, for people.
fn origin(row: &Row) -> String {
    let date = super::view::date_of(&row.post).map(|d| format!(", {d}"));
    format!("{}{}", row.post.title, date.unwrap_or_default())
}
