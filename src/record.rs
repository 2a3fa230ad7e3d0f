//! What is stored and searched?
//!
//! In: an archived post. Out: the values of its documents in both tantivy indexes. The only file that names fields and
//! what goes into them. Must not know files, queries or ranking.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use crate::artist;
use crate::error::{Error, Result};
use crate::model::{
    Archived, Listed, OriginKey, Post, PostId, PostRef, Published, Text, TrackList, Version,
};

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
    // A search asks for it three times, and is over in a few milliseconds.
    static MADE: OnceLock<(Schema, PostFields)> = OnceLock::new();
    MADE.get_or_init(make_posts_schema).clone()
}

fn make_posts_schema() -> (Schema, PostFields) {
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
    static MADE: OnceLock<(Schema, RowFields)> = OnceLock::new();
    MADE.get_or_init(make_rows_schema).clone()
}

fn make_rows_schema() -> (Schema, RowFields) {
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

/// Encodes a post for the store, into memory that held another one. Most posts were seen at one place, whose version is the
/// post: it is written once.
///
/// # Errors
/// Where memory runs out.
pub fn encode(archived: &Archived, mut into: Vec<u8>) -> Result<Vec<u8>> {
    let post: &Post = &archived.post;
    let versions = archived.versions.iter();
    let stored: Stored<&Post> = (
        post,
        versions
            .map(|v| {
                let same = Arc::ptr_eq(&v.post, &archived.post) || *v.post == *post;
                let other = (!same).then_some(&*v.post);
                (v.origin, v.whole, v.captured, other)
            })
            .collect(),
    );
    into.clear();
    postcard::to_extend(&stored, into).map_err(|e| damaged(post.id, &e.to_string()))
}

/// Decodes a stored post with its versions.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode(bytes: &[u8]) -> Result<Archived> {
    let (post, versions): Stored<Post> =
        postcard::from_bytes(bytes).map_err(|e| damaged(PostId(0), &e.to_string()))?;
    let post = Arc::new(post);
    let versions = versions
        .into_iter()
        .map(|(origin, whole, captured, other)| Version {
            origin,
            whole,
            captured,
            post: other.map_or_else(|| Arc::clone(&post), Arc::new),
        })
        .collect();
    Ok(Archived { post, versions })
}

/// Decodes a stored post alone, and says which bytes are of it; its texts become its own, or stay there.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode_post<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<(Post<T>, &'b [u8])> {
    let (post, rest) =
        postcard::take_from_bytes(bytes).map_err(|e| damaged(PostId(0), &e.to_string()))?;
    let own = bytes.len().saturating_sub(rest.len());
    Ok((post, bytes.get(..own).unwrap_or_default()))
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

/// Takes what is stored and searched of a post or a row.
pub trait Sink {
    /// One value of words; its pieces are parted as if by blanks. Returns how many words it has.
    fn words(&mut self, field: Field, pieces: &[&str]) -> u64;
    /// One term as it is.
    fn term(&mut self, field: Field, term: &str);
    /// A number of a field of numbers without a sign.
    fn number(&mut self, field: Field, value: u64);
    /// A number of a field of numbers with a sign.
    fn signed(&mut self, field: Field, value: i64);
    /// One value of a column of texts.
    fn column(&mut self, field: Field, value: &str);
    /// Bytes to be stored.
    fn stored(&mut self, field: Field, bytes: &[u8]);
}

/// The names of a row in every form that is searched.
pub struct RowNames<'p> {
    artist: Option<&'p Text>,
    artist_key: String,
    artist_spelling: String,
    title_key: String,
    title_spelling: String,
    /// What it is filed under (see `artist::names`), and the keys of these.
    filed: Vec<Text>,
    filed_keys: Vec<String>,
}

/// The names of all rows of a post, list by list.
pub fn names(post: &Post) -> Vec<RowNames<'_>> {
    let lists = post.tracklists.iter();
    let rows = lists.flat_map(|list| list.tracks.iter().map(move |t| (list.artist_of(t), t)));
    rows.map(|(artist, track)| {
        let filed = artist::names(artist.map(|a| a.as_str()), &track.title);
        let artist_key = artist.map(|a| artist::key(a)).unwrap_or_default();
        let key_of = |name: &Text| match artist {
            // Nearly always the only one.
            Some(artist) if artist == name => artist_key.clone(),
            _ => artist::key(name),
        };
        let mut filed_keys: Vec<String> = filed.iter().map(key_of).collect();
        filed_keys.sort_unstable();
        filed_keys.dedup();
        RowNames {
            artist_key,
            artist_spelling: artist.map(|a| artist::spelling(a)).unwrap_or_default(),
            title_key: artist::key(&track.title),
            title_spelling: artist::spelling(&track.title),
            artist,
            filed,
            filed_keys,
        }
    })
    .collect()
}

/// Writes a post. `names` are those of [`names`], `stored` is what [`encode`] made of it.
pub fn write_post(
    post: &Post,
    names: &[RowNames<'_>],
    stored: &[u8],
    f: &PostFields,
    sink: &mut impl Sink,
) {
    sink.number(f.id, post.id.0);
    let mut prose = None;
    parts(post, &mut |pieces| {
        let words = sink.words(f.everything, pieces);
        prose.get_or_insert(words);
    });
    sink.number(f.prose, prose.unwrap_or(0));
    sink.words(f.title, &[&post.title]);
    sink.term(f.title_key, &artist::key(&post.title));
    sink.term(f.title_spelling, &artist::spelling(&post.title));
    if let Some(author) = &post.author {
        sink.words(f.author, &[author]);
        sink.column(f.author_facet, author);
    }
    for tag in &post.tags {
        sink.words(f.tag, &[tag]);
        sink.column(f.tag_facet, tag);
    }
    if let Some(site) = &post.site {
        sink.words(f.site, &[site]);
        sink.column(f.site_facet, site);
    }
    if let Some(language) = &post.language {
        sink.term(f.lang, language);
    }
    write_names(post, names, f, sink);
    if let Some(date) = &post.published {
        sink.signed(f.date, date.key());
    }
    sink.number(f.tracks, names.len() as u64);
    sink.number(f.comments, post.comments.len() as u64);
    sink.stored(f.blob, stored);
}

/// Writes the names of a post's rows: words, keys, spellings and facets, each once.
fn write_names(post: &Post, names: &[RowNames<'_>], f: &PostFields, sink: &mut impl Sink) {
    let mut artists: Vec<Cow<'_, str>> = Vec::new();
    let mut artist_spellings: Vec<Cow<'_, str>> = Vec::new();
    let mut clear: Vec<Cow<'_, str>> = Vec::new();
    let mut ambiguous: Vec<Cow<'_, str>> = Vec::new();
    let mut of_rows = names.iter();
    for list in &post.tracklists {
        for (track, names) in list.tracks.iter().zip(of_rows.by_ref()) {
            sink.words(f.names, &[&track.title]);
            artists.extend(names.filed_keys.iter().map(Cow::from));
            let Some(artist) = names.artist else {
                continue;
            };
            sink.words(f.names, &[artist]);
            if list.alternative.is_none() {
                clear.push((&names.artist_key).into());
            }
            artists.push((&names.artist_key).into());
            artist_spellings.push((&names.artist_spelling).into());
            for part in track.credit.iter().filter(|_| track.credit.len() > 1) {
                artists.push(artist::key(&part.name).into());
                artist_spellings.push(artist::spelling(&part.name).into());
            }
        }
        if let Some(other) = &list.alternative {
            ambiguous.push(ANY_AMBIGUOUS.into());
            for track in list.tracks.iter().chain(&other.tracks) {
                ambiguous.extend(track.artist.as_deref().map(|a| artist::key(a).into()));
            }
        }
    }
    if post.has_guessed_date() {
        ambiguous.push(ANY_AMBIGUOUS.into());
        ambiguous.extend([true, false].map(|order| post.order_key(order).into()));
    }
    clear.extend(post.day_first().map(|order| post.order_key(order).into()));
    let titles = names.iter().map(|n| Cow::from(&n.title_key)).collect();
    let title_spellings = names.iter().map(|n| Cow::from(&n.title_spelling));
    for (field, mut keys) in [
        (f.artist_key, artists),
        (f.track_key, titles),
        (f.artist_spelling, artist_spellings),
        (f.track_spelling, title_spellings.collect()),
        (f.clear_artist, clear),
        (f.ambiguous, ambiguous),
    ] {
        keys.sort_unstable();
        keys.dedup();
        for key in &keys {
            sink.term(field, key);
        }
    }
    let filed = names.iter().flat_map(|n| &n.filed).map(|t| t.as_str());
    let written = names.iter().filter_map(|n| n.artist).map(|t| t.as_str());
    for (field, mut values) in [
        (f.credited, filed.collect::<Vec<&str>>()),
        (f.artist_facet, written.collect()),
    ] {
        values.sort_unstable();
        values.dedup();
        for value in values {
            sink.column(field, value);
        }
    }
}

/// Calls `visit` with each text of a post that a query without fields searches, in pieces: parts that phrases do not
/// leave, the prose first.
fn parts(post: &Post, visit: &mut dyn FnMut(&[&str])) {
    visit(&[&post.body]);
    visit(&[&post.title]);
    for line in post.tags.iter().chain(&post.author) {
        visit(&[line]);
    }
    for list in &post.tracklists {
        if let Some(heading) = &list.heading {
            visit(&[heading]);
        }
        for track in &list.tracks {
            let [artist, album, label] = [
                list.artist_of(track),
                track.album.as_ref(),
                track.label.as_ref(),
            ]
            .map(|line| line.map_or("", |line| line.as_str()));
            visit(&[artist, &track.title, album, label]);
        }
    }
    for comment in &post.comments {
        let author = comment.author.as_deref().unwrap_or_default();
        visit(&[author, &comment.text]);
    }
}

/// Writes the rows of a post, its tracks and then its comments; `end` is called after each.
///
/// # Errors
/// Those of `end`.
pub fn write_rows<S: Sink>(
    post: &Post,
    names: &[RowNames<'_>],
    f: &RowFields,
    sink: &mut S,
    end: &mut dyn FnMut(&mut S) -> Result<()>,
) -> Result<()> {
    let tracks = post.tracklists.iter().flat_map(|list| &list.tracks);
    for (track, names) in tracks.zip(names) {
        sink.number(f.kind, TRACK);
        sink.number(f.post_id, post.id.0);
        if let Some(artist) = names.artist {
            sink.words(f.artist, &[artist]);
            sink.term(f.artist_spelling, &names.artist_spelling);
        }
        for key in &names.filed_keys {
            sink.term(f.credit, key);
        }
        sink.words(f.track, &[&track.title]);
        sink.term(f.track_spelling, &names.title_spelling);
        end(sink)?;
    }
    for comment in &post.comments {
        sink.number(f.kind, COMMENT);
        sink.number(f.post_id, post.id.0);
        sink.words(f.comment, &[&comment.text]);
        if let Some(author) = &comment.author {
            sink.words(f.by, &[author]);
        }
        if let Some(likes) = comment.likes {
            sink.signed(f.likes, i64::from(likes));
        }
        end(sink)?;
    }
    Ok(())
}
