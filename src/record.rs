//! What is stored and searched?
//!
//! In: an archived post. Out: the documents of both tantivy indexes. The only file that names fields and
//! what goes into them. Must not know files, queries or ranking.

use serde::Deserialize;
use tantivy::TantivyDocument;
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use crate::artist;
use crate::error::{Error, Result};
use crate::model::{
    Archived, Listed, OriginKey, Post, PostId, PostRef, Published, Text, TrackList, Version,
};
use crate::text::tokens;

/// The name under which the analyzer is registered.
pub const ANALYZER: &str = "deepcut";
/// Raised whenever the same post gives other terms.
pub const ANALYZER_VERSION: u32 = 3;
/// Marks posts with an ambiguous list among the terms of `ambiguous`.
pub const ANY_AMBIGUOUS: &str = "\u{1}";

/// Fields of the index of posts.
#[derive(Clone, Copy, Debug)]
pub struct PostFields {
    pub id: Field,
    /// Prose, title, tags, rows and comments: what a query without fields searches.
    pub everything: Field,
    pub title: Field,
    /// Artists and titles of rows: how often a word stands there.
    pub names: Field,
    /// How many words the prose has, which stands first in `everything`.
    pub prose: Field,
    pub author: Field,
    pub tag: Field,
    pub site: Field,
    pub lang: Field,
    /// Keys (see `artist::key`) of artists (as written, and every name of their credits), track titles and
    /// the post's title.
    pub artist_key: Field,
    pub track_key: Field,
    pub title_key: Field,
    /// What stays of them however they are spelled (see `artist::spelling`).
    pub artist_spelling: Field,
    pub track_spelling: Field,
    pub title_spelling: Field,
    /// Artist keys of unambiguous rows.
    pub clear_artist: Field,
    /// Artist keys on either side of ambiguous rows, and [`ANY_AMBIGUOUS`].
    pub ambiguous: Field,
    /// `Published::key`; absent where unknown.
    pub date: Field,
    pub tracks: Field,
    pub comments: Field,
    /// Names as written, for facets.
    pub artist_facet: Field,
    /// Every name that a row is filed under (see `artist::names`), each once.
    pub credited: Field,
    pub tag_facet: Field,
    pub author_facet: Field,
    pub site_facet: Field,
    /// The whole [`Archived`] post, postcard-encoded.
    pub blob: Field,
}

/// Fields of the index of rows.
#[derive(Clone, Copy, Debug)]
pub struct RowFields {
    /// 0 for tracks, 1 for comments.
    pub kind: Field,
    pub post_id: Field,
    pub artist: Field,
    /// Keys of the names that a track is filed under.
    pub credit: Field,
    pub track: Field,
    pub artist_spelling: Field,
    pub track_spelling: Field,
    pub comment: Field,
    pub by: Field,
    /// Absent where the page says nothing.
    pub likes: Field,
}

/// `RowFields::kind` of a track.
pub const TRACK: u64 = 0;
/// `RowFields::kind` of a comment.
pub const COMMENT: u64 = 1;

/// Schema and fields of the index of posts.
pub fn posts_schema() -> (Schema, PostFields) {
    let mut b = SchemaBuilder::new();
    let words = text(IndexRecordOption::WithFreqsAndPositions);
    let fields = PostFields {
        id: b.add_u64_field("id", number().set_fast()),
        everything: b.add_text_field("everything", weighed()),
        title: b.add_text_field("title", words.clone()),
        names: b.add_text_field("names", text(IndexRecordOption::WithFreqs)),
        prose: b.add_u64_field("prose", FAST),
        author: b.add_text_field("author", words.clone()),
        tag: b.add_text_field("tag", words.clone()),
        site: b.add_text_field("site", words),
        lang: b.add_text_field("lang", whole()),
        artist_key: b.add_text_field("artist_key", whole()),
        track_key: b.add_text_field("track_key", whole()),
        title_key: b.add_text_field("title_key", whole()),
        artist_spelling: b.add_text_field("artist_spelling", whole()),
        track_spelling: b.add_text_field("track_spelling", whole()),
        title_spelling: b.add_text_field("title_spelling", whole()),
        clear_artist: b.add_text_field("clear_artist", whole()),
        ambiguous: b.add_text_field("ambiguous", whole()),
        date: b.add_i64_field("date", number().set_fast()),
        tracks: b.add_u64_field("tracks", number().set_fast()),
        comments: b.add_u64_field("comments", number().set_fast()),
        artist_facet: b.add_text_field("artist_facet", FAST),
        credited: b.add_text_field("credited", FAST),
        tag_facet: b.add_text_field("tag_facet", FAST),
        author_facet: b.add_text_field("author_facet", FAST),
        site_facet: b.add_text_field("site_facet", FAST),
        blob: b.add_bytes_field("blob", BytesOptions::default().set_stored()),
    };
    (b.build(), fields)
}

/// Schema and fields of the index of rows.
pub fn rows_schema() -> (Schema, RowFields) {
    let mut b = SchemaBuilder::new();
    let fields = RowFields {
        kind: b.add_u64_field("kind", number()),
        post_id: b.add_u64_field("post_id", number().set_fast()),
        artist: b.add_text_field("artist", text(IndexRecordOption::WithFreqsAndPositions)),
        credit: b.add_text_field("credit", whole()),
        track: b.add_text_field("track", text(IndexRecordOption::WithFreqsAndPositions)),
        artist_spelling: b.add_text_field("artist_spelling", whole()),
        track_spelling: b.add_text_field("track_spelling", whole()),
        comment: b.add_text_field("comment", text(IndexRecordOption::WithFreqsAndPositions)),
        by: b.add_text_field("by", text(IndexRecordOption::WithFreqsAndPositions)),
        likes: b.add_i64_field("likes", number()),
    };
    (b.build(), fields)
}

/// Words whose number decides where a post stands.
fn weighed() -> TextOptions {
    indexed(ANALYZER, IndexRecordOption::WithFreqsAndPositions, true)
}

fn text(option: IndexRecordOption) -> TextOptions {
    indexed(ANALYZER, option, false)
}

/// A number to be looked up.
fn number() -> NumericOptions {
    NumericOptions::default().set_indexed()
}

/// One term as it is.
fn whole() -> TextOptions {
    indexed("raw", IndexRecordOption::Basic, false)
}

fn indexed(tokenizer: &str, option: IndexRecordOption, lengths: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(option)
            .set_fieldnorms(lengths),
    )
}

/// An archived post as the store has it: the post itself first, and each version that is another one.
type Stored<P> = (P, Vec<(OriginKey, bool, Option<i64>, Option<P>)>);

/// Encodes a post for the store. Most posts were seen at one place, whose version is the post: it is written once.
///
/// # Errors
/// Where memory runs out.
pub fn encode(archived: &Archived) -> Result<Vec<u8>> {
    let post = &archived.post;
    let versions = archived.versions.iter();
    let stored: Stored<&Post> = (
        post,
        versions
            .map(|v| {
                let other = (v.post != *post).then_some(&v.post);
                (v.origin, v.whole, v.captured, other)
            })
            .collect(),
    );
    postcard::to_stdvec(&stored).map_err(|e| damaged(post.id, &e.to_string()))
}

/// Decodes a stored post with its versions.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode(bytes: &[u8]) -> Result<Archived> {
    let (post, versions): Stored<Post> =
        postcard::from_bytes(bytes).map_err(|e| damaged(PostId(0), &e.to_string()))?;
    let versions = versions
        .into_iter()
        .map(|(origin, whole, captured, other)| Version {
            origin,
            whole,
            captured,
            post: other.unwrap_or_else(|| post.clone()),
        })
        .collect();
    Ok(Archived { post, versions })
}

/// Decodes a stored post alone.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode_post(bytes: &[u8]) -> Result<Post> {
    let (post, _) =
        postcard::take_from_bytes(bytes).map_err(|e| damaged(PostId(0), &e.to_string()))?;
    Ok(post)
}

/// Decodes the rows of a stored post, and what leads to it: prose is passed over, comments are not come to.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode_listed(bytes: &[u8]) -> Result<Listed> {
    let (start, _): (Start<'_>, _) =
        postcard::take_from_bytes(bytes).map_err(|e| damaged(PostId(0), &e.to_string()))?;
    Ok(Listed {
        post: PostRef {
            id: start.id,
            title: start.title,
            url: start.url,
            site: start.site,
            source: start.source,
            author: start.author,
            published: start.published,
        },
        tracklists: start.tracklists,
    })
}

/// The fields of a [`Post`] up to its rows, in their order; those of no use here are not copied.
#[derive(Deserialize)]
struct Start<'a> {
    id: PostId,
    url: Option<Text>,
    site: Option<Text>,
    source: Text,
    _reader: &'a str,
    _platform: Option<&'a str>,
    title: Text,
    author: Option<Text>,
    published: Option<Published>,
    #[serde(borrow)]
    _language: Option<&'a str>,
    #[serde(borrow)]
    _tags: Vec<&'a str>,
    _body: &'a str,
    #[serde(borrow)]
    _links: Vec<PassedLink<'a>>,
    tracklists: Vec<TrackList>,
}

/// A [`Link`](crate::model::Link) that nobody asked for.
#[derive(Deserialize)]
struct PassedLink<'a> {
    _rel: &'a str,
    _title: Option<&'a str>,
    _url: Option<&'a str>,
}

fn damaged(id: PostId, what: &str) -> Error {
    Error::Damaged {
        path: "posts".into(),
        what: format!("stored post {id}: {what}"),
    }
}

/// The document of a post.
///
/// # Errors
/// Where it cannot be encoded.
pub fn post_document(archived: &Archived, f: &PostFields) -> Result<TantivyDocument> {
    let post = &archived.post;
    let mut d = TantivyDocument::default();
    d.add_u64(f.id, post.id.0);
    for part in parts(post) {
        d.add_text(f.everything, part);
    }
    d.add_text(f.title, &post.title);
    d.add_text(f.title_key, artist::key(&post.title));
    d.add_text(f.title_spelling, artist::spelling(&post.title));
    let mut words = 0;
    tokens::each(&post.body, &mut |_, _, _| words += 1);
    d.add_u64(f.prose, words);
    if let Some(author) = &post.author {
        d.add_text(f.author, author);
        d.add_text(f.author_facet, author);
    }
    for tag in &post.tags {
        d.add_text(f.tag, tag);
        d.add_text(f.tag_facet, tag);
    }
    if let Some(site) = &post.site {
        d.add_text(f.site, site);
        d.add_text(f.site_facet, site);
    }
    if let Some(language) = &post.language {
        d.add_text(f.lang, language);
    }
    let mut artists: Vec<String> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut credited: Vec<crate::model::Text> = Vec::new();
    let mut titles: Vec<String> = Vec::new();
    let mut artist_spellings: Vec<String> = Vec::new();
    let mut track_spellings: Vec<String> = Vec::new();
    let mut clear: Vec<String> = Vec::new();
    let mut ambiguous: Vec<String> = Vec::new();
    let mut count = 0;
    for list in &post.tracklists {
        for track in &list.tracks {
            count += 1;
            d.add_text(f.names, &track.title);
            titles.push(artist::key(&track.title));
            track_spellings.push(artist::spelling(&track.title));
            if let Some(name) = list.artist_of(track) {
                d.add_text(f.names, name);
                let key = artist::key(name);
                if list.alternative.is_none() {
                    clear.push(key.clone());
                }
                artists.push(key);
                names.push(name);
                artist_spellings.push(artist::spelling(name));
                for part in track.credit.iter().filter(|_| track.credit.len() > 1) {
                    artists.push(artist::key(&part.name));
                    artist_spellings.push(artist::spelling(&part.name));
                }
            }
            credited.extend(artist::names(
                list.artist_of(track).map(|a| a.as_str()),
                &track.title,
            ));
        }
        if let Some(other) = &list.alternative {
            ambiguous.push(ANY_AMBIGUOUS.to_owned());
            for track in list.tracks.iter().chain(&other.tracks) {
                ambiguous.extend(track.artist.as_deref().map(artist::key));
            }
        }
    }
    if post.has_guessed_date() {
        ambiguous.push(ANY_AMBIGUOUS.to_owned());
        ambiguous.extend([post.order_key(true), post.order_key(false)]);
    }
    clear.extend(post.day_first().map(|order| post.order_key(order)));
    credited.sort_unstable();
    credited.dedup();
    for name in &credited {
        artists.push(artist::key(name));
        d.add_text(f.credited, name);
    }
    for (field, mut keys) in [
        (f.artist_key, artists),
        (f.track_key, titles),
        (f.artist_spelling, artist_spellings),
        (f.track_spelling, track_spellings),
        (f.clear_artist, clear),
        (f.ambiguous, ambiguous),
    ] {
        keys.sort();
        keys.dedup();
        for key in keys {
            d.add_text(field, key);
        }
    }
    names.sort_unstable();
    names.dedup();
    for name in names {
        d.add_text(f.artist_facet, name);
    }
    if let Some(date) = &post.published {
        d.add_i64(f.date, date.key());
    }
    d.add_u64(f.tracks, count);
    d.add_u64(f.comments, post.comments.len() as u64);
    d.add_bytes(f.blob, &encode(archived)?);
    Ok(d)
}

/// The texts of a post that a query without fields searches, each a part that phrases do not leave; the prose first.
pub fn parts(post: &Post) -> impl Iterator<Item = String> + '_ {
    let head = std::iter::once(post.title.to_string());
    let tags = post.tags.iter().map(ToString::to_string);
    let people = post.author.iter().map(ToString::to_string);
    let body = std::iter::once(post.body.to_string());
    let lists = post.tracklists.iter().flat_map(|list| {
        let heading = list.heading.iter().map(ToString::to_string);
        let rows = list.tracks.iter().map(move |track| {
            let artist = list.artist_of(track).map_or("", |a| a.as_str());
            let tail = |t: &Option<crate::model::Text>| {
                t.as_deref().map(|t| format!(" {t}")).unwrap_or_default()
            };
            format!(
                "{artist} {}{}{}",
                track.title,
                tail(&track.album),
                tail(&track.label)
            )
        });
        heading.chain(rows)
    });
    let comments = post.comments.iter().map(|comment| {
        format!(
            "{}\n{}",
            comment.author.as_deref().unwrap_or_default(),
            comment.text
        )
    });
    body.chain(head)
        .chain(tags)
        .chain(people)
        .chain(lists)
        .chain(comments)
}

/// The documents of a post's rows.
pub fn row_documents(post: &Post, f: &RowFields) -> Vec<TantivyDocument> {
    let mut out = Vec::new();
    for list in &post.tracklists {
        for track in &list.tracks {
            let mut d = TantivyDocument::default();
            d.add_u64(f.kind, TRACK);
            d.add_u64(f.post_id, post.id.0);
            if let Some(artist) = list.artist_of(track) {
                d.add_text(f.artist, artist);
                d.add_text(f.artist_spelling, artist::spelling(artist));
            }
            let names = artist::names(list.artist_of(track).map(|a| a.as_str()), &track.title);
            let mut keys: Vec<String> = names.iter().map(|name| artist::key(name)).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                d.add_text(f.credit, key);
            }
            d.add_text(f.track, &track.title);
            d.add_text(f.track_spelling, artist::spelling(&track.title));
            out.push(d);
        }
    }
    for comment in &post.comments {
        let mut d = TantivyDocument::default();
        d.add_u64(f.kind, COMMENT);
        d.add_u64(f.post_id, post.id.0);
        d.add_text(f.comment, &comment.text);
        if let Some(author) = &comment.author {
            d.add_text(f.by, author);
        }
        if let Some(likes) = comment.likes {
            d.add_i64(f.likes, i64::from(likes));
        }
        out.push(d);
    }
    out
}
