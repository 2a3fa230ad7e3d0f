//! `--to m3u8`: the plain list of players, in UTF-8.
//!
//! In: rows. Out: a comment with length and name, then an address, for every row. The archive has no audio:
//! the address is the post's, and its place in the archive where it has none.

use std::io::{self, Write};

use super::{Playlist, address, title};
use crate::engine::rows::Rows;

/// Extended M3U.
pub(super) struct M3u;

impl Playlist for M3u {
    fn name(&self) -> &'static str {
        "m3u8"
    }

    fn write(&self, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "#EXTM3U")?;
        writeln!(out, "#PLAYLIST:{}", title(rows))?;
        for row in &rows.rows {
            let length = row.track.duration_s.map_or(-1, i64::from);
            let artist = row.artist.as_ref().map(|a| format!("{a} - "));
            let name = format!("{}{}", artist.unwrap_or_default(), row.track.title);
            writeln!(out, "#EXTINF:{length},{name}")?;
            if let Some(album) = &row.album {
                writeln!(out, "#EXTALB:{album}")?;
            }
            match address(&row.post) {
                Some(url) => writeln!(out, "{url}")?,
                // Behind a dot no path is taken for a comment or for an address.
                None => writeln!(out, "./{}", row.post.source)?,
            }
        }
        Ok(())
    }
}
