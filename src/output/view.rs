//! The JSON contracts as types.
//!
//! In: model values. Out: structures whose serialised form is exactly what `docs/json.md` promises:
//! every key present, unknown as null.

use serde::Serialize;

use super::SCHEMA;
use crate::extract::Reason;
use crate::model::{
    Comment, CommentEvidence, Hit, Mark, Post, PostRef, Published, Response, Text, Track,
    TrackEvidence, TrackList,
};
use crate::pipeline::Report;

#[derive(Serialize)]
pub(super) struct PublishedView {
    date: String,
    precision: crate::model::Precision,
    from: crate::model::DateSource,
}

pub(super) fn published(date: Option<&Published>) -> Option<PublishedView> {
    date.map(|d| PublishedView {
        date: d.iso(),
        precision: d.precision,
        from: d.from,
    })
}

/// The date of a post, without its time.
pub(super) fn date_of(post: &PostRef) -> Option<String> {
    let date = post.published.as_ref()?;
    Some(date.iso().chars().take(10).collect())
}

#[derive(Serialize)]
pub(super) struct PostsView<'a> {
    schema: u32,
    posts: Vec<PostView<'a>>,
}

#[derive(Serialize)]
pub(super) struct PostView<'a> {
    id: String,
    url: Option<&'a Text>,
    site: Option<&'a Text>,
    source: &'a Text,
    reader: &'a Text,
    platform: Option<&'a Text>,
    title: &'a Text,
    author: Option<&'a Text>,
    published: Option<PublishedView>,
    language: Option<&'a Text>,
    tags: &'a [Text],
    body: &'a Text,
    links: Vec<LinkView<'a>>,
    tracklists: Vec<TrackListView<'a>>,
    comments: Vec<CommentView<'a>>,
    comments_stated: Option<u32>,
    pings: Vec<PingView<'a>>,
    warnings: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<WhyView<'a>>>,
}

#[derive(Serialize)]
struct WhyView<'a> {
    what: &'a str,
    rule: &'a str,
    lines: &'a [u32],
}

#[derive(Serialize)]
struct LinkView<'a> {
    rel: &'a Text,
    title: Option<&'a Text>,
    url: Option<&'a Text>,
}

#[derive(Serialize)]
struct PingView<'a> {
    title: &'a Text,
    url: Option<&'a Text>,
}

#[derive(Serialize)]
struct TrackListView<'a> {
    heading: Option<&'a Text>,
    order: &'static str,
    confidence: f64,
    album: Option<&'a Text>,
    album_artist: Option<&'a Text>,
    tracks: Vec<TrackView<'a>>,
}

#[derive(Serialize)]
struct TrackView<'a> {
    position: u32,
    number: Option<&'a Text>,
    artist: Option<&'a Text>,
    title: &'a Text,
    credit: Vec<CreditView<'a>>,
    contributor: Option<&'a Text>,
    section: Option<&'a Text>,
    album: Option<&'a Text>,
    label: Option<&'a Text>,
    year: Option<u16>,
    duration_s: Option<u32>,
    start_s: Option<u32>,
    line: u32,
    raw: &'a Text,
}

#[derive(Serialize)]
struct CreditView<'a> {
    name: &'a Text,
    join: &'a Text,
}

#[derive(Serialize)]
struct CommentView<'a> {
    id: &'a Text,
    number: Option<u32>,
    parent: Option<&'a Text>,
    author: Option<&'a Text>,
    url: Option<&'a Text>,
    published: Option<PublishedView>,
    likes: Option<u32>,
    text: &'a Text,
}

pub(super) fn one_post(p: &Post) -> PostsView<'_> {
    PostsView {
        schema: SCHEMA,
        posts: vec![post(p, None)],
    }
}

pub(super) fn post<'a>(p: &'a Post, why: Option<&'a [Reason]>) -> PostView<'a> {
    PostView {
        id: p.id.to_string(),
        url: p.url.as_ref(),
        site: p.site.as_ref(),
        source: &p.source,
        reader: &p.reader,
        platform: p.platform.as_ref(),
        title: &p.title,
        author: p.author.as_ref(),
        published: published(p.published.as_ref()),
        language: p.language.as_ref(),
        tags: &p.tags,
        body: &p.body,
        links: p
            .links
            .iter()
            .map(|l| LinkView {
                rel: &l.rel,
                title: l.title.as_ref(),
                url: l.url.as_ref(),
            })
            .collect(),
        tracklists: p.tracklists.iter().map(track_list).collect(),
        comments: p.comments.iter().map(comment).collect(),
        comments_stated: p.comments_stated,
        pings: p
            .pings
            .iter()
            .map(|ping| PingView {
                title: &ping.title,
                url: ping.url.as_ref(),
            })
            .collect(),
        warnings: &p.warnings,
        why: why.map(|reasons| {
            reasons
                .iter()
                .map(|r| WhyView {
                    what: r.what,
                    rule: &r.rule,
                    lines: &r.lines,
                })
                .collect()
        }),
    }
}

fn track_list(list: &TrackList) -> TrackListView<'_> {
    TrackListView {
        heading: list.heading.as_ref(),
        order: list.order.as_str(),
        confidence: (f64::from(list.confidence) * 1000.0).round() / 1000.0,
        album: list.album.as_ref(),
        album_artist: list.album_artist.as_ref(),
        tracks: list.tracks.iter().map(track).collect(),
    }
}

fn track(track: &Track) -> TrackView<'_> {
    TrackView {
        position: track.position,
        number: track.number.as_ref(),
        artist: track.artist.as_ref(),
        title: &track.title,
        credit: track
            .credit
            .iter()
            .map(|part| CreditView {
                name: &part.name,
                join: &part.join,
            })
            .collect(),
        contributor: track.contributor.as_ref(),
        section: track.section.as_ref(),
        album: track.album.as_ref(),
        label: track.label.as_ref(),
        year: track.year,
        duration_s: track.duration_s,
        start_s: track.start_s,
        line: track.line,
        raw: &track.raw,
    }
}

fn comment(comment: &Comment) -> CommentView<'_> {
    CommentView {
        id: &comment.id,
        number: comment.number,
        parent: comment.parent.as_ref(),
        author: comment.author.as_ref(),
        url: comment.url.as_ref(),
        published: published(comment.published.as_ref()),
        likes: comment.likes,
        text: &comment.text,
    }
}

#[derive(Serialize)]
pub(super) struct SearchView<'a> {
    schema: u32,
    query: &'a str,
    total: u64,
    total_exact: bool,
    offset: usize,
    limit: usize,
    took_ms: f64,
    notes: Vec<NoteView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<Vec<HitView<'a>>>,
    facets: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct NoteView<'a> {
    code: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct HitView<'a> {
    rank: u32,
    score: f32,
    tier: &'static str,
    post: HitPost<'a>,
    snippet: Option<SnippetView<'a>>,
    tracks: Vec<RowView<'a>>,
    comments: Vec<MarkedComment<'a>>,
    evidence_total: Totals,
    matched: Vec<MatchedView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a str>,
}

#[derive(Serialize)]
struct HitPost<'a> {
    id: String,
    title: &'a Text,
    url: Option<&'a Text>,
    site: Option<&'a Text>,
    source: &'a Text,
    author: Option<&'a Text>,
    published: Option<PublishedView>,
}

#[derive(Serialize)]
struct SnippetView<'a> {
    text: &'a str,
    marks: &'a [Mark],
}

#[derive(Serialize)]
struct RowView<'a> {
    list: u32,
    position: u32,
    number: Option<&'a Text>,
    artist: Option<&'a Text>,
    title: &'a Text,
    raw: &'a Text,
    marks: RowMarks<'a>,
}

#[derive(Serialize)]
struct RowMarks<'a> {
    artist: &'a [Mark],
    title: &'a [Mark],
}

#[derive(Serialize)]
struct MarkedComment<'a> {
    id: &'a Text,
    parent: Option<&'a Text>,
    author: Option<&'a Text>,
    published: Option<PublishedView>,
    likes: Option<u32>,
    text: &'a str,
    marks: &'a [Mark],
    answers: Option<ContextView<'a>>,
}

#[derive(Serialize)]
struct ContextView<'a> {
    author: Option<&'a Text>,
    text: &'a str,
}

#[derive(Serialize)]
struct MatchedView<'a> {
    text: &'a str,
    how: &'static str,
}

#[derive(Serialize)]
struct Totals {
    tracks: u32,
    comments: u32,
    sentences: u32,
}

pub(super) fn search(response: &Response, with_hits: bool) -> SearchView<'_> {
    SearchView {
        schema: SCHEMA,
        query: &response.query,
        total: response.total,
        total_exact: response.total_exact,
        offset: response.offset,
        limit: response.limit,
        took_ms: (response.took_ms * 1000.0).round() / 1000.0,
        notes: response
            .notes
            .iter()
            .map(|n| NoteView {
                code: n.code,
                text: &n.text,
            })
            .collect(),
        hits: with_hits.then(|| response.hits.iter().map(hit).collect()),
        facets: response
            .facets
            .iter()
            .map(|(name, counts)| {
                let counts = counts
                    .iter()
                    .map(|c| serde_json::json!({"value": c.value, "count": c.count}))
                    .collect();
                ((*name).to_owned(), serde_json::Value::Array(counts))
            })
            .collect(),
    }
}

pub(super) fn hit(hit: &Hit) -> HitView<'_> {
    let evidence = &hit.evidence;
    HitView {
        rank: hit.rank,
        score: hit.score,
        tier: hit.tier.as_str(),
        post: HitPost {
            id: hit.id.to_string(),
            title: &hit.title,
            url: hit.url.as_ref(),
            site: hit.site.as_ref(),
            source: &hit.source,
            author: hit.author.as_ref(),
            published: published(hit.published.as_ref()),
        },
        snippet: evidence.snippet.as_ref().map(|s| SnippetView {
            text: &s.text,
            marks: &s.marks,
        }),
        tracks: evidence.tracks.iter().map(row).collect(),
        comments: evidence.comments.iter().map(marked_comment).collect(),
        evidence_total: Totals {
            tracks: evidence.tracks_total,
            comments: evidence.comments_total,
            sentences: evidence.sentences_total,
        },
        matched: evidence
            .matched
            .iter()
            .map(|m| MatchedView {
                text: &m.text,
                how: m.how.as_str(),
            })
            .collect(),
        explanation: hit.explanation.as_deref(),
    }
}

fn row(row: &TrackEvidence) -> RowView<'_> {
    RowView {
        list: row.list,
        position: row.position,
        number: row.number.as_ref(),
        artist: row.artist.as_ref(),
        title: &row.title,
        raw: &row.raw,
        marks: RowMarks {
            artist: &row.marks.artist,
            title: &row.marks.title,
        },
    }
}

fn marked_comment(comment: &CommentEvidence) -> MarkedComment<'_> {
    MarkedComment {
        id: &comment.id,
        parent: comment.parent.as_ref(),
        author: comment.author.as_ref(),
        published: published(comment.published.as_ref()),
        likes: comment.likes,
        text: &comment.text,
        marks: &comment.marks,
        answers: comment.context.as_ref().map(|c| ContextView {
            author: c.author.as_ref(),
            text: &c.text,
        }),
    }
}

pub(super) fn run(report: &Report) -> serde_json::Value {
    let failures = |all: &[crate::pipeline::Failure]| -> serde_json::Value {
        all.iter()
            .map(|f| serde_json::json!({"path": f.path, "entry": f.entry, "reason": f.reason}))
            .collect()
    };
    serde_json::json!({
        "schema": SCHEMA,
        "dry_run": report.dry_run,
        "interrupted": report.interrupted,
        "rebuilt": report.rebuilt,
        "posts": report.posts,
        "tracks": report.tracks,
        "comments": report.comments,
        "artists": report.artists,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "skipped": failures(&report.skipped),
        "failed": failures(&report.failed),
        "bytes": report.bytes,
        "seconds": report.seconds,
    })
}
