//! Which tracks do the players of a post play?
//!
//! In: a page and its main region, or the lines of a capture. Out: what embedded players and playlists state
//! for machines: JSON in the page, attributes, microdata, shortcodes. Where the visible text lists the same
//! tracks, both are one list. A new form of statement is one file and one line in [`of_page`].

mod marked;
mod scripts;
mod shortcode;

use crate::artist::key;
use crate::model::{Order, Text, Track, TrackList};
use crate::text::hash::HashMap;
use crate::text::lines::Line;
use crate::text::page::{NodeId, Page};

pub use shortcode::of_lines;

/// A track as stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stated {
    pub artist: Option<String>,
    pub title: String,
    pub album: Option<String>,
    pub duration_s: Option<u32>,
}

/// The tracks of one player.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    pub album: Option<String>,
    pub album_artist: Option<String>,
    pub tracks: Vec<Stated>,
    /// Which rule found it, for `inspect --why`.
    pub rule: &'static str,
}

/// A player of fewer tracks is an illustration and no list.
const FEWEST: usize = 2;
/// No list of a post is longer; pages that state more are catalogues.
const MOST: usize = 2_000;

/// What the players of a page state; `tops` is its main region, `dropped` what was cut out of it.
pub fn of_page(page: &Page, tops: &[NodeId], dropped: &dyn Fn(NodeId) -> bool) -> Vec<Playlist> {
    let mut out = scripts::of_page(page, tops);
    out.extend(marked::of_page(page, tops, dropped));
    for list in &mut out {
        let mut seen: HashMap<(Option<String>, String), ()> = HashMap::default();
        // A button and a row may state the same track.
        list.tracks.retain(|t| {
            let artist = t.artist.as_deref().map(key);
            !t.title.is_empty() && seen.insert((artist, key(&t.title)), ()).is_none()
        });
    }
    out.retain(|list| (FEWEST..=MOST).contains(&list.tracks.len()));
    let mut kept: Vec<Playlist> = Vec::new();
    for list in out {
        // A page may state one list in several ways; the first is the surest.
        if kept.iter().all(|k| !same(&k.tracks, &list.tracks)) {
            kept.push(list);
        }
    }
    kept
}

fn same(a: &[Stated], b: &[Stated]) -> bool {
    let titles: Vec<String> = a.iter().map(|t| key(&t.title)).collect();
    let met = b.iter().filter(|t| titles.contains(&key(&t.title))).count();
    met * 10 >= b.len() * 6
}

/// Joins what players state to the lists that were read off the lines; returns the rules that added to them.
pub fn join(found: &mut Vec<TrackList>, stated: Vec<Playlist>) -> Vec<&'static str> {
    let mut rules = Vec::new();
    for playlist in stated {
        let mut met = false;
        for list in found.iter_mut() {
            met |= told(list, &playlist);
        }
        if met {
            continue;
        }
        rules.push(playlist.rule);
        found.push(listed(playlist));
    }
    rules
}

/// True where `list` has the tracks of `playlist`; its sides are then those that the player states.
fn told(list: &mut TrackList, playlist: &Playlist) -> bool {
    let rows: Vec<String> = list
        .tracks
        .iter()
        .map(|t| format!(" {} ", key(&t.raw)))
        .collect();
    let mut by_row: Vec<Option<&Stated>> = vec![None; rows.len()];
    let mut met = 0;
    for stated in &playlist.tracks {
        let title = format!(" {} ", key(&stated.title));
        let artist = stated.artist.as_deref().map(|a| format!(" {} ", key(a)));
        let row = (0..rows.len()).find(|at| {
            by_row[*at].is_none()
                && rows[*at].contains(&title)
                && artist
                    .as_ref()
                    .is_none_or(|a| rows[*at].contains(a) || list.tracks[*at].artist.is_none())
        });
        if let Some(at) = row {
            by_row[at] = Some(stated);
            met += 1;
        }
    }
    if met * 10 < playlist.tracks.len() * 6 {
        return false;
    }
    let open = list.alternative.is_some() || list.order == Order::TitleOnly;
    let artists = by_row.iter().flatten().filter(|s| s.artist.is_some());
    if open && artists.count() * 10 >= rows.len() * 8 {
        for (track, stated) in list.tracks.iter_mut().zip(&by_row) {
            if let Some(Stated {
                artist: Some(artist),
                title,
                ..
            }) = stated
            {
                track.artist = Text::some_line(artist);
                track.title = Text::line(title);
            }
        }
        list.order = Order::ArtistTitle;
        list.alternative = None;
        list.confidence = list.confidence.max(CONFIDENCE);
    }
    for (track, stated) in list.tracks.iter_mut().zip(&by_row) {
        if let Some(stated) = stated {
            track.duration_s = track.duration_s.or(stated.duration_s);
        }
    }
    true
}

/// Players say which side is the artist.
const CONFIDENCE: f32 = 0.95;

fn listed(playlist: Playlist) -> TrackList {
    let named = playlist.tracks.iter().filter(|t| t.artist.is_some());
    let order = if named.count() == 0 {
        Order::TitleOnly
    } else {
        Order::ArtistTitle
    };
    let tracks = playlist
        .tracks
        .iter()
        .enumerate()
        .map(|(at, stated)| Track {
            position: at as u32 + 1,
            artist: stated.artist.as_deref().and_then(Text::some_line),
            title: Text::line(&stated.title),
            album: stated.album.as_deref().and_then(Text::some_line),
            duration_s: stated.duration_s,
            raw: Text::line(&match &stated.artist {
                Some(artist) => format!("{artist} – {}", stated.title),
                None => stated.title.clone(),
            }),
            ..Track::default()
        })
        .collect();
    TrackList {
        heading: None,
        order,
        confidence: CONFIDENCE,
        album: playlist.album.as_deref().and_then(Text::some_line),
        album_artist: playlist.album_artist.as_deref().and_then(Text::some_line),
        tracks,
        alternative: None,
    }
}

/// Seconds of `3:05`, `1:02:03`, or ISO 8601 `PT3M5S`.
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    if text.starts_with(['P', 'p']) {
        let span: jiff::SignedDuration = match text.parse() {
            Ok(span) => span,
            Err(_) => {
                // `P00H03M05S` is met too: the sign of the time is left out.
                format!("PT{}", &text[1..]).parse().ok()?
            }
        };
        return u32::try_from(span.as_secs()).ok().filter(|s| *s > 0);
    }
    let mut total = 0u32;
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        let value: u32 = part.parse().ok().filter(|v| *v < 1_000)?;
        total = total * 60 + value;
    }
    (total > 0).then_some(total)
}

/// A name in one line without markup; `None` where nothing is left or it is no name.
fn name(raw: &str) -> Option<String> {
    let text = match raw.contains(['<', '&']) {
        true => {
            let page = Page::parse(raw);
            page.text(page.root())
        }
        false => raw.to_owned(),
    };
    let line = Text::line(&text);
    let fits = line
        .chars()
        .any(|c| c.is_alphanumeric() || c == '!' || c == '?')
        && line.chars().count() <= 200;
    fits.then(|| line.to_string())
}

/// Removes lines that are nothing but a player's shortcode.
pub fn without_shortcodes(lines: &mut Vec<Line>) {
    lines.retain(|line| !shortcode::is_shortcode(&line.text));
}
