//! `--to xspf`: XSPF 1, the playlist of players (<https://www.xspf.org/spec>).
//!
//! In: rows. Out: XML with elements in the order of the specification. Whatever a page holds, the result is
//! well-formed: markup is escaped, characters that XML forbids are dropped.

use std::io::{self, Write};

use super::{Playlist, address, origin, title};
use crate::engine::rows::Rows;
use crate::output::rows::milliseconds;

/// XML Shareable Playlist Format.
pub(super) struct Xspf;

impl Playlist for Xspf {
    fn name(&self) -> &'static str {
        "xspf"
    }

    fn write(&self, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            out,
            "<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">"
        )?;
        element(out, "  ", "title", &title(rows))?;
        writeln!(out, "  <trackList>")?;
        for row in &rows.rows {
            writeln!(out, "    <track>")?;
            let inner = "      ";
            element(out, inner, "title", &row.track.title)?;
            if let Some(artist) = &row.artist {
                element(out, inner, "creator", artist)?;
            }
            element(out, inner, "annotation", &origin(row))?;
            if let Some(url) = address(&row.post) {
                element(out, inner, "info", &url)?;
            }
            if let Some(album) = &row.album {
                element(out, inner, "album", album)?;
            }
            if row.track.position > 0 {
                element(out, inner, "trackNum", &row.track.position.to_string())?;
            }
            if let Some(length) = milliseconds(row) {
                element(out, inner, "duration", &length.to_string())?;
            }
            writeln!(out, "    </track>")?;
        }
        writeln!(out, "  </trackList>")?;
        writeln!(out, "</playlist>")
    }
}

fn element(out: &mut dyn Write, indent: &str, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{indent}<{name}>{}</{name}>", escape(text))
}

/// Text as XML 1.0 takes it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Escaped so that `]]>` cannot stand in text.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !matches!(c, '\t' | '\n') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            escape("]]></title><x a=\"1\">&\u{0}\u{1b}\u{fffe}é"),
            "]]&gt;&lt;/title&gt;&lt;x a=&quot;1&quot;&gt;&amp;é"
        );
    }
}
