//! Playlists as JSON in the page.
//!
//! In: `script` elements of data: WordPress playlists and other players (`application/json`), JSON-LD of albums,
//! playlists and recordings (schema.org). Out: playlists. Must not know which player reads it: an array of
//! objects that have a title, and an artist or an audio file, is a playlist.

use serde_json::{Map, Value};

use super::{Playlist, Stated, name, seconds};
use crate::extract::tracks::is_audio;
use crate::text::page::{NodeId, Page};

/// Longer data, in bytes, are an application's.
const LONGEST: usize = 1 << 20;
/// Nesting that a playlist needs.
const DEEPEST: usize = 12;

pub(super) fn of_page(page: &Page, tops: &[NodeId]) -> Vec<Playlist> {
    let mut out = Vec::new();
    for (node, raw) in page.data_scripts() {
        if raw.len() > LONGEST {
            continue;
        }
        if page.is_json_ld(node) {
            if raw.contains("Music")
                && let Ok(value) = serde_json::from_str(raw.trim())
            {
                linked(&value, &mut out);
            }
        } else if tops.iter().any(|top| page.holds(*top, node))
            && (raw.contains("artist") || raw.contains(".mp3") || raw.contains(".m4a"))
            && let Ok(value) = serde_json::from_str(raw.trim())
        {
            arrays(&value, 0, &mut out);
        }
    }
    out
}

/// Every array of tracks in `value`.
fn arrays(value: &Value, depth: usize, out: &mut Vec<Playlist>) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(all) => {
            let tracks: Vec<Stated> = all.iter().filter_map(|v| track(v.as_object()?)).collect();
            if !tracks.is_empty() && tracks.len() == all.len() {
                out.push(Playlist {
                    tracks,
                    rule: "JSON of a player",
                    ..Playlist::default()
                });
                return;
            }
            all.iter().for_each(|v| arrays(v, depth + 1, out));
        }
        Value::Object(map) => map.values().for_each(|v| arrays(v, depth + 1, out)),
        _ => {}
    }
}

fn track(map: &Map<String, Value>) -> Option<Stated> {
    let meta = map.get("meta").and_then(Value::as_object);
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|k| said(map.get(*k)?))
            .or_else(|| meta.and_then(|m| keys.iter().find_map(|k| said(m.get(*k)?))))
    };
    let title = text(&[
        "title",
        "track_title",
        "trackTitle",
        "name",
        "track",
        "song",
    ])?;
    let artist = text(&[
        "artist",
        "artist_name",
        "artistName",
        "artists",
        "performer",
        "byArtist",
    ]);
    let plays = [
        "src", "url", "file", "mp3", "audio", "stream", "source", "m4a", "oga",
    ]
    .iter()
    .any(|k| map.get(*k).and_then(Value::as_str).is_some_and(is_audio));
    if artist.is_none() && !plays {
        return None;
    }
    Some(Stated {
        artist,
        title,
        album: text(&["album", "album_title", "albumTitle"]),
        duration_s: ["length_formatted", "duration", "length"]
            .iter()
            .find_map(|k| length(map.get(*k).or_else(|| meta?.get(*k))?)),
    })
}

fn length(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => seconds(text),
        // Milliseconds are told by their size: no track plays for six hours.
        Value::Number(n) => n
            .as_f64()
            .map(|n| if n > 21_600.0 { n / 1000.0 } else { n })
            .filter(|n| (1.0..86_400.0).contains(n))
            .map(|n| n as u32),
        _ => None,
    }
}

/// A name: a string, an object with a name, or several of either.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => name(text),
        Value::Object(map) => said(map.get("name")?),
        Value::Array(all) => {
            let names: Vec<String> = all.iter().filter_map(said).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        _ => None,
    }
}

/// Albums, playlists and lists of recordings of JSON-LD (schema.org/MusicAlbum, MusicPlaylist, MusicRecording).
fn linked(value: &Value, out: &mut Vec<Playlist>) {
    let mut open = vec![(value, 0)];
    let mut loose: Vec<Stated> = Vec::new();
    while let Some((value, depth)) = open.pop() {
        if depth > DEEPEST {
            continue;
        }
        match value {
            Value::Array(all) => open.extend(all.iter().rev().map(|v| (v, depth + 1))),
            Value::Object(map) => {
                let kind = map
                    .get("@type")
                    .map(ToString::to_string)
                    .unwrap_or_default();
                if kind.contains("MusicAlbum")
                    || kind.contains("MusicPlaylist")
                    || kind.contains("MusicRelease")
                {
                    out.extend(collection(map, kind.contains("MusicPlaylist")));
                } else if kind.contains("MusicRecording") {
                    loose.extend(recording(map, None));
                } else {
                    open.extend(map.values().rev().map(|v| (v, depth + 1)));
                }
            }
            _ => {}
        }
    }
    if !loose.is_empty() {
        out.push(Playlist {
            tracks: loose,
            rule: "JSON-LD recordings",
            ..Playlist::default()
        });
    }
}

fn collection(map: &Map<String, Value>, mixed: bool) -> Option<Playlist> {
    let tracks = map
        .get("track")
        .or_else(|| map.get("tracks"))
        .or_else(|| map.get("itemListElement"))?;
    let album_artist = map.get("byArtist").and_then(said).filter(|_| !mixed);
    let mut items = Vec::new();
    items_of(tracks, &mut items, 0);
    let tracks: Vec<Stated> = items
        .into_iter()
        .filter_map(|item| recording(item, album_artist.as_deref()))
        .collect();
    (!tracks.is_empty()).then(|| Playlist {
        album: map.get("name").and_then(said).filter(|_| !mixed),
        album_artist,
        tracks,
        rule: "JSON-LD album or playlist",
    })
}

/// The things of a list: bare, or wrapped in `ItemList` and `ListItem`.
fn items_of<'a>(value: &'a Value, out: &mut Vec<&'a Map<String, Value>>, depth: usize) {
    match value {
        Value::Array(all) => all.iter().for_each(|v| items_of(v, out, depth)),
        Value::Object(map) if depth < DEEPEST => {
            if let Some(inner) = map.get("itemListElement").or_else(|| map.get("item")) {
                items_of(inner, out, depth + 1);
            } else {
                out.push(map);
            }
        }
        _ => {}
    }
}

fn recording(map: &Map<String, Value>, album_artist: Option<&str>) -> Option<Stated> {
    let artist = map.get("byArtist").and_then(said);
    Some(Stated {
        title: said(map.get("name")?)?,
        // An album says its artist once.
        artist: artist.filter(|a| Some(a.as_str()) != album_artist),
        album: map.get("inAlbum").and_then(said),
        duration_s: map.get("duration").and_then(length),
    })
}
