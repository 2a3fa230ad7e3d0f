//! A listing in a post, its rows, and who they credit.
//!
//! In: what `extract::tracks` read. Out: rows with artist, title and tails. Must not know layouts.

use serde::{Deserialize, Serialize};

use super::Text;

/// Which side of a row names the artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    ArtistTitle,
    TitleArtist,
    /// Rows hold a title alone; the artist is the list's `album_artist`, a heading, or unknown.
    TitleOnly,
    ContributorArtistTitle,
}

impl Order {
    /// The word used in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArtistTitle => "artist-title",
            Self::TitleArtist => "title-artist",
            Self::TitleOnly => "title-only",
            Self::ContributorArtistTitle => "contributor-artist-title",
        }
    }
}

/// An artist as one part of a credit, and what joins it to the next ("feat.", "&", empty at the end).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CreditPart<T = Text> {
    pub name: T,
    pub join: T,
}

/// The parse of an artist as written. The written form stays in [`Track::artist`].
pub type ArtistCredit<T = Text> = Vec<CreditPart<T>>;

/// One row of a listing. `artist` and `title` stay as written, without separators and tails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track<T = Text> {
    /// 1-based ordinal in its list.
    pub position: u32,
    /// What the page prints: `7`, `A1`, `1-07`.
    pub number: Option<T>,
    /// The row's own artist; `None` where the row names none.
    pub artist: Option<T>,
    pub title: T,
    pub credit: ArtistCredit<T>,
    /// Who picked or sent the row, in listings that say so.
    pub contributor: Option<T>,
    /// The heading within the list: "Side One", "Disc 2", an artist above their rows.
    pub section: Option<T>,
    pub album: Option<T>,
    pub label: Option<T>,
    /// 1000..=2999.
    pub year: Option<u16>,
    /// Length in seconds.
    pub duration_s: Option<u32>,
    /// Where the row starts in a mix, in seconds.
    pub start_s: Option<u32>,
    /// 1-based line of the document: of the source for text, of the page's text for HTML.
    pub line: u32,
    /// The row as the document has it.
    pub raw: T,
}

/// Another way to read the same rows, kept where the document alone cannot decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading<T = Text> {
    pub order: Order,
    /// 0.0..=1.0.
    pub confidence: f32,
    pub tracks: Vec<Track<T>>,
}

/// A listing as found in a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackList<T = Text> {
    pub heading: Option<T>,
    pub order: Order,
    /// 0.0..=1.0: the share of rows expected to be right in artist and title.
    pub confidence: f32,
    pub album: Option<T>,
    pub album_artist: Option<T>,
    pub tracks: Vec<Track<T>>,
    /// Set where the list is ambiguous alone: `resolve` chooses between it and the main reading.
    pub alternative: Option<Reading<T>>,
}

impl<T> TrackList<T> {
    /// The artist of a row: its own, else the list's.
    pub fn artist_of<'a>(&'a self, track: &'a Track<T>) -> Option<&'a T> {
        track.artist.as_ref().or(self.album_artist.as_ref())
    }
}
