//! Players that state their tracks in attributes.
//!
//! In: a page's main region. Out: playlists: elements with `data-title` and `data-artist` or an audio file,
//! microdata of recordings (schema.org/MusicRecording), variables of Flash players. Must not know any player by
//! name.

use super::{Playlist, Stated, name, seconds, shortcode};
use crate::extract::tracks::is_audio;
use crate::text::page::{NodeId, Page};

const TITLES: &[&str] = &[
    "data-title",
    "data-track-title",
    "data-track-name",
    "data-track",
    "data-name",
];
const ARTISTS: &[&str] = &["data-artist", "data-artist-name"];
const SOURCES: &[&str] = &[
    "data-mp3",
    "data-audio",
    "data-audio-url",
    "data-src",
    "data-url",
    "data-href",
    "src",
    "href",
];

pub(super) fn of_page(
    page: &Page,
    tops: &[NodeId],
    dropped: &dyn Fn(NodeId) -> bool,
) -> Vec<Playlist> {
    let mut by_data = Vec::new();
    let mut by_item = Vec::new();
    let mut by_frame = Vec::new();
    let mut out = Vec::new();
    for top in tops {
        let mut at = Some(*top);
        while let Some(node) = at {
            // A button says nothing to read, and may say what it plays.
            if dropped(node) && page.tag(node) != "button" {
                at = page.after(node, *top);
                continue;
            }
            if page.is_element(node) {
                by_data.extend(by_attributes(page, node));
                by_item.extend(recording(page, node));
                by_frame.extend(frame(page, node));
                let vars = flash_variables(page, node).and_then(shortcode::of_variables);
                out.extend(vars);
            }
            at = page.first_child(node).or_else(|| page.after(node, *top));
        }
    }
    if by_frame.len() < FEWEST_FRAMES {
        by_frame.clear();
    }
    for (tracks, rule) in [
        (by_data, "attributes of a player"),
        (by_item, "microdata of recordings"),
        (by_frame, "titles of embedded players"),
    ] {
        if !tracks.is_empty() {
            out.push(Playlist {
                tracks,
                rule,
                ..Playlist::default()
            });
        }
    }
    // Each old player plays a track or two: together they are the post's list.
    let (mut flash, mut others): (Vec<Playlist>, Vec<Playlist>) =
        out.into_iter().partition(|p| p.rule == shortcode::FLASH);
    if let Some(first) = flash.first().map(|p| p.rule) {
        let tracks = flash.iter_mut().flat_map(|p| std::mem::take(&mut p.tracks));
        others.push(Playlist {
            tracks: tracks.collect(),
            rule: first,
            ..Playlist::default()
        });
    }
    others
}

fn by_attributes(page: &Page, node: NodeId) -> Option<Stated> {
    let said = |names: &[&str]| names.iter().find_map(|n| name(page.attr(node, n)?));
    let artist = said(ARTISTS);
    let title = said(TITLES).filter(|t| t.chars().any(|c| !c.is_numeric()))?;
    let plays = || {
        SOURCES
            .iter()
            .any(|n| page.attr(node, n).is_some_and(is_audio))
    };
    (artist.is_some() || plays()).then(|| Stated {
        artist,
        title,
        album: said(&["data-album"]),
        duration_s: page.attr(node, "data-duration").and_then(|d| {
            seconds(d).or_else(|| d.trim().parse().ok().filter(|s| (1..21_600).contains(s)))
        }),
    })
}

fn recording(page: &Page, node: NodeId) -> Option<Stated> {
    if !page
        .attr(node, "itemtype")
        .is_some_and(|t| t.trim().ends_with("/MusicRecording"))
    {
        return None;
    }
    let value = |n: NodeId| {
        let text = page.attr(n, "content").map(str::to_owned);
        name(&text.unwrap_or_else(|| page.text(n)))
    };
    let mut title = None;
    let mut artist = None;
    let mut duration_s = None;
    let mut at = page.first_child(node);
    while let Some(n) = at {
        match page.attr(n, "itemprop").unwrap_or_default() {
            "byArtist" => {
                let named = page.find(n, |m| page.attr(m, "itemprop") == Some("name"));
                artist = artist.or_else(|| value(named.unwrap_or(n)));
                at = page.after(n, node);
                continue;
            }
            "inAlbum" | "offers" | "aggregateRating" => {
                at = page.after(n, node);
                continue;
            }
            "name" => title = title.or_else(|| value(n)),
            "duration" => {
                let stated = ["content", "datetime"]
                    .iter()
                    .find_map(|a| seconds(page.attr(n, a)?));
                duration_s = duration_s.or(stated).or_else(|| seconds(&page.text(n)));
            }
            _ => {}
        }
        at = page.first_child(n).or_else(|| page.after(n, node));
    }
    Some(Stated {
        artist,
        title: title?,
        album: None,
        duration_s,
    })
}

/// Two videos illustrate a post; more of them are what it is about.
const FEWEST_FRAMES: usize = 3;

/// The track that a frame's title names, "Artist - Title (Official Video)"; or the link that stands within it
/// for readers without frames, "Title by Artist".
fn frame(page: &Page, node: NodeId) -> Option<Stated> {
    if page.tag(node) != "iframe" {
        return None;
    }
    if let Some(title) = page.attr(node, "title").and_then(name)
        && let Some((artist, title)) = [" - ", " – ", " — "]
            .iter()
            .find_map(|dash| title.split_once(dash))
    {
        let title = without_remark(title.trim());
        let plain = |side: &str| !side.is_empty() && side.split_whitespace().count() <= 8;
        return (plain(artist) && plain(title)).then(|| Stated {
            artist: Some(artist.trim().to_owned()),
            title: title.to_owned(),
            ..Stated::default()
        });
    }
    let inner = page.text_of(page.first_child(node)?)?;
    if !inner.contains("/track/") {
        return None;
    }
    let inner = Page::parse(inner);
    let link = inner.find(inner.root(), |n| {
        inner.attr(n, "href").is_some_and(|h| h.contains("/track/"))
    })?;
    let said = name(&inner.text(link))?;
    let (title, artist) = said.rsplit_once(" by ")?;
    Some(Stated {
        artist: Some(artist.to_owned()),
        title: title.trim_end_matches(',').to_owned(),
        ..Stated::default()
    })
}

/// A title without what video sites add in brackets: "(Official Video)", "[HD]".
fn without_remark(title: &str) -> &str {
    let mut title = title;
    while let Some(at) = title.rfind(['(', '[']).filter(|at| *at > 0)
        && title.ends_with([')', ']'])
    {
        let remark = title[at + 1..].to_lowercase();
        let remark = remark.trim_end_matches([')', ']']);
        let said = [
            "official", "video", "audio", "lyric", "hd", "hq", "4k", "clip",
        ]
        .iter()
        .any(|w| {
            remark
                .split(|c: char| !c.is_alphanumeric())
                .any(|r| r.starts_with(w))
        });
        if !said {
            break;
        }
        title = title[..at].trim_end();
    }
    title
}

/// `titles=…&artists=…&soundFile=…`: on `embed`, in a `param` of `object`, or behind the address of the player.
fn flash_variables(page: &Page, node: NodeId) -> Option<&str> {
    match page.tag(node) {
        "embed" => page.attr(node, "flashvars"),
        "param"
            if page
                .attr(node, "name")
                .is_some_and(|n| n.eq_ignore_ascii_case("flashvars")) =>
        {
            page.attr(node, "value")
        }
        _ => None,
    }
}
