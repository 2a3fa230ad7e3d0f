//! Lists that can be read two ways.
//!
//! In: a post whose lists keep an alternative, and how often the archive's clear lists credit a name. Out:
//! the reading whose artists the archive knows better; a tie keeps the main one.

use crate::artist;
use crate::model::{Post, Track, TrackList};

/// Chooses the reading of every ambiguous list; `known` gives the posts in which a clear row credits an
/// artist key. The alternative is kept, so that the choice can be made anew.
pub fn settle(post: &mut Post, known: &mut dyn FnMut(&str) -> u64) {
    for list in &mut post.tracklists {
        let Some(other) = &list.alternative else {
            continue;
        };
        let ours = credit(&list.tracks, known);
        let theirs = credit(&other.tracks, known);
        if theirs > ours
            && let Some(mut other) = list.alternative.take()
        {
            std::mem::swap(&mut other.order, &mut list.order);
            std::mem::swap(&mut other.confidence, &mut list.confidence);
            std::mem::swap(&mut other.tracks, &mut list.tracks);
            // Known artists make it as sure as a list that was clear alone.
            list.confidence = list.confidence.max(other.confidence);
            list.alternative = Some(other);
        }
    }
}

/// Rows whose artist the archive knows, then how well.
fn credit(tracks: &[Track], known: &mut dyn FnMut(&str) -> u64) -> (usize, u64) {
    let mut rows = 0;
    let mut posts = 0;
    for track in tracks {
        if let Some(artist) = &track.artist {
            let count = known(&artist::key(artist));
            rows += usize::from(count > 0);
            posts += count;
        }
    }
    (rows, posts)
}

/// Artist keys on either side of the post's ambiguous lists, sorted, each once.
pub fn sides(post: &Post) -> Vec<String> {
    let ambiguous = post.tracklists.iter().filter(|l| l.alternative.is_some());
    keys(ambiguous.flat_map(|l: &TrackList| {
        l.tracks
            .iter()
            .chain(l.alternative.iter().flat_map(|o| &o.tracks))
    }))
}

fn keys<'a>(tracks: impl Iterator<Item = &'a Track>) -> Vec<String> {
    let mut keys: Vec<String> = tracks
        .filter_map(|t| t.artist.as_deref())
        .map(artist::key)
        .collect();
    keys.sort();
    keys.dedup();
    keys
}
