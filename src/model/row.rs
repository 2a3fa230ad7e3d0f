//! A row with the post that it stands in, and posts that have something in common.
//!
//! In: what the engine found. Out: the data of `tracks`, `artist`, `similar` and of playlists. Must not
//! know how it is printed.

use super::{Post, PostId, Published, Text, Track, TrackList};

/// What it takes to name a post and to lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRef {
    pub id: PostId,
    pub title: Text,
    pub url: Option<Text>,
    pub site: Option<Text>,
    pub source: Text,
    pub author: Option<Text>,
    pub published: Option<Published>,
}

impl PostRef {
    /// Of a post.
    pub fn of<T: Clone + Into<Text>>(post: &Post<T>) -> Self {
        let some = |text: &Option<T>| text.clone().map(Into::into);
        Self {
            id: post.id,
            title: post.title.clone().into(),
            url: some(&post.url),
            site: some(&post.site),
            source: post.source.clone().into(),
            author: some(&post.author),
            published: post.published.clone().map(Published::into_owned),
        }
    }
}

/// The rows of a post, and what leads to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub post: PostRef,
    pub tracklists: Vec<TrackList>,
}

/// A row of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub post: PostRef,
    /// 0-based list in the post.
    pub list: u32,
    /// The row's artist, else the list's.
    pub artist: Option<Text>,
    /// The row's album, else the list's.
    pub album: Option<Text>,
    pub track: Track,
}

impl Row {
    /// A track of a post's list, by the number of that.
    pub fn new(post: PostRef, number: u32, list: &TrackList, track: &Track) -> Self {
        Self {
            post,
            list: number,
            artist: list.artist_of(track).cloned(),
            album: track.album.clone().or_else(|| list.album.clone()),
            track: track.clone(),
        }
    }

    /// Every row of a post, in its order.
    pub fn all(post: &Post) -> impl Iterator<Item = Self> + '_ {
        let of = PostRef::of(post);
        (0u32..)
            .zip(&post.tracklists)
            .flat_map(move |(number, list)| {
                let of = of.clone();
                let rows = list.tracks.iter();
                rows.map(move |track| Self::new(of.clone(), number, list, track))
            })
    }
}

/// A post that has something in common with another, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    pub post: PostRef,
    /// Comparable within one answer only.
    pub score: f32,
    /// Artists that both list, rarest first.
    pub artists: Vec<String>,
    /// Words that both have and few others, rarest first.
    pub words: Vec<String>,
}
