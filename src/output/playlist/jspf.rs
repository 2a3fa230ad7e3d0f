//! `--to jspf`: XSPF as JSON (<https://www.xspf.org/jspf>).
//!
//! In: rows. Out: one JSON document; what is not known is left out, as the specification has it.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Playlist, address, origin, title};
use crate::engine::rows::Rows;
use crate::output::json::line;
use crate::output::rows::milliseconds;

/// JSON Shareable Playlist Format.
pub(super) struct Jspf;

impl Playlist for Jspf {
    fn name(&self) -> &'static str {
        "jspf"
    }

    fn write(&self, rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
        let tracks: Vec<Value> = rows
            .rows
            .iter()
            .map(|row| {
                let fields = [
                    ("title", Some(json!(row.track.title))),
                    ("creator", row.artist.as_ref().map(|a| json!(a))),
                    ("annotation", Some(json!(origin(row)))),
                    ("info", address(&row.post).map(Value::from)),
                    ("album", row.album.as_ref().map(|a| json!(a))),
                    ("trackNum", Some(json!(row.track.position))),
                    ("duration", milliseconds(row).map(Value::from)),
                ];
                let known = fields
                    .into_iter()
                    .filter_map(|(name, v)| Some((name.to_owned(), v?)));
                Value::Object(Map::from_iter(known))
            })
            .collect();
        line(
            out,
            &json!({"playlist": {"title": title(rows), "track": tracks}}),
        )
    }
}
