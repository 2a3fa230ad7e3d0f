//! Shortcodes of players, left in captures and exports, and the variables of the Flash players behind them.
//!
//! In: lines such as `[audio a.mp3,b.mp3|titles=A,B|artists=C,D]` (the WordPress plugin Audio Player) and
//! `[audio mp3="a.mp3"][/audio]` (WordPress itself). Out: playlists. Must not know markup.

use super::{FEWEST, Playlist, Stated, name};
use crate::extract::tracks::{file_name, is_audio};
use crate::text::lines::Line;

pub(super) const FLASH: &str = "variables of a Flash player";

/// True for a line that is a player's shortcode and nothing else.
pub(super) fn is_shortcode(text: &str) -> bool {
    let inner = text.trim();
    let opens = ["[audio", "[playlist", "[/audio", "[wp_audio", "[soundcloud"]
        .iter()
        .any(|lead| {
            inner
                .get(..lead.len())
                .is_some_and(|l| l.eq_ignore_ascii_case(lead))
                && inner[lead.len()..].starts_with([' ', ':', ']', '='])
        });
    opens && inner.ends_with(']') && inner.len() <= 4_000
}

/// The playlist that the shortcodes among `lines` make together.
pub fn of_lines(lines: &[Line]) -> Option<Playlist> {
    let tracks: Vec<Stated> = lines
        .iter()
        .filter(|line| is_shortcode(&line.text))
        .flat_map(|line| of_shortcode(line.text.trim()))
        .collect();
    (tracks.len() >= FEWEST).then(|| Playlist {
        tracks,
        rule: "shortcodes of a player",
        ..Playlist::default()
    })
}

fn of_shortcode(text: &str) -> Vec<Stated> {
    let inner = text
        .split_once([' ', ':', '='])
        .map_or("", |(_, rest)| rest)
        .split(']')
        .next()
        .unwrap_or_default();
    if inner.contains('|') || !inner.contains('"') {
        let mut parts = inner.split('|');
        let files = parts.next().unwrap_or_default();
        let mut titles = "";
        let mut artists = "";
        for part in parts {
            match part.split_once('=') {
                Some(("titles", value)) => titles = value,
                Some(("artists", value)) => artists = value,
                _ => {}
            }
        }
        return together(files, titles, artists, |text| text.to_owned());
    }
    // `mp3="…"`: the file alone names the track.
    inner
        .split('"')
        .filter(|value| is_audio(value))
        .take(1)
        .filter_map(of_file)
        .collect()
}

/// What the variables of a Flash player say: `soundFile`, `mp3` or `file` with `titles` and `artists`.
pub(super) fn of_variables(variables: &str) -> Option<Playlist> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut files = "";
    let mut titles = "";
    let mut artists = "";
    for pair in variables.trim_start_matches('?').split('&') {
        let pair = pair.strip_prefix("amp;").unwrap_or(pair);
        match pair.split_once('=') {
            Some(("soundFile" | "mp3" | "file" | "playlist", value)) if !value.is_empty() => {
                files = value;
            }
            Some(("titles" | "title", value)) => titles = value,
            Some(("artists" | "artist", value)) => artists = value,
            _ => {}
        }
    }
    let tracks = together(files, titles, artists, decode);
    (!tracks.is_empty()).then(|| Playlist {
        tracks,
        rule: FLASH,
        ..Playlist::default()
    })
}

/// Tracks of lists parted by commas (files also by bars); a title stands at the place of its file.
fn together(
    files: &str,
    titles: &str,
    artists: &str,
    decode: impl Fn(&str) -> String,
) -> Vec<Stated> {
    let part = |list: &str| -> Vec<String> {
        match list.is_empty() {
            true => Vec::new(),
            false => decode(list)
                .split(',')
                .map(|t| t.trim().to_owned())
                .collect(),
        }
    };
    let files: Vec<String> = decode(files)
        .split([',', '|'])
        .map(|f| f.trim().to_owned())
        .filter(|f| is_audio(f))
        .collect();
    let (titles, artists) = (part(titles), part(artists));
    // A comma within a title would shift all that follow.
    let count = files.len().max(1);
    if titles.len() == count || (files.is_empty() && !titles.is_empty()) {
        return titles
            .iter()
            .enumerate()
            .filter_map(|(at, title)| {
                let artist = match artists.len() {
                    1 => artists.first(),
                    n if n == titles.len() => artists.get(at),
                    _ => None,
                };
                Some(Stated {
                    artist: artist.and_then(|a| name(a)),
                    title: name(title)?,
                    ..Stated::default()
                })
            })
            .collect();
    }
    files.iter().filter_map(|f| of_file(f)).collect()
}

/// The track that a file's name says: `Survivor_-_Burning_Heart.mp3`.
fn of_file(file: &str) -> Option<Stated> {
    let words = file_name(file)?;
    let bare =
        words.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '-'));
    let words = if bare.is_empty() { &words } else { bare };
    let (artist, title) = match words.split_once(" - ") {
        Some((artist, title)) => (name(artist), name(title)?),
        None => (None, name(words)?),
    };
    Some(Stated {
        artist,
        title,
        ..Stated::default()
    })
}
