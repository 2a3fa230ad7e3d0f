//! One document, step by step.
//!
//! In: a [`RawDocument`]. Out: [`Extracted`]. The order of the steps lives here and nowhere else.

use crate::text::hash::HashSet;

use super::embeds::{self, Playlist};
use super::{Extracted, Reason, body, bounds, comments, kind, meta, platform, tracks};
use crate::artist;
use crate::model::{DateSource, Link, Post, PostId, Text, TrackList};
use crate::source::{self, Content, Entry, EntryBody, RawDocument};
use crate::text::lines::{self, Line};
use crate::text::page::{MOST_TEXT, NodeId, Page};

/// Understands one document. Never fails: what cannot be understood becomes a warning.
pub fn extract(mut document: RawDocument) -> Extracted {
    // What a post keeps as it is is not copied.
    let content = std::mem::take(&mut document.content);
    let document = &document;
    let mut extracted = match content {
        Content::Html {
            html,
            url,
            captured,
        } => of_html(document, &html, url.as_deref(), captured.is_some()),
        Content::Text(text) => of_text(document, &text),
        Content::Entry(entry) => of_entry(document, *entry),
    };
    for list in extracted.posts.iter_mut().flat_map(|p| &mut p.tracklists) {
        credit(list);
    }
    extracted
}

/// Reads the credits of every row, in both readings of an ambiguous list.
fn credit(list: &mut TrackList) {
    let others = list.alternative.iter_mut().flat_map(|o| &mut o.tracks);
    for track in list.tracks.iter_mut().chain(others) {
        track.credit = artist::parse(track.artist.as_deref(), &track.title);
    }
}

fn of_html(document: &RawDocument, html: &str, url: Option<&str>, crawled: bool) -> Extracted {
    let page = Page::parse(html);
    let platform = platform::of_page(&page);
    let language = meta::language_of(&page);
    let thread = comments::of_page(&page, language.as_deref());
    let main = body::of_page(&page, &thread.nodes);
    let facts = meta::of_page(&page, &main, url, document.name(), language.as_deref());
    let mut post = blank(document);
    post.warnings.extend(bounds::page(&page));
    post.platform = platform.map(|p| Text::line(p.name()));
    set(&mut post.title, facts.title.as_deref());
    post.author = facts.author.as_deref().and_then(Text::some_line);
    post.published = facts.published;
    post.url = facts.url.as_deref().and_then(Text::some_line);
    post.site = facts.site.as_deref().and_then(Text::some_line);
    post.tags = texts(&facts.tags);
    post.links = facts.links;
    let mut why: Vec<Reason> = facts
        .rules
        .iter()
        .map(|(what, rule)| Reason::new(what, rule))
        .collect();
    why.push(Reason::new("body", main.rule));
    if let Some(rule) = thread.rule {
        why.push(Reason::new("comments", rule));
    }

    let mut lines = page_lines(&page, &main.tops, &main.dropped, &thread.nodes);
    lines.retain(|line| {
        let row = line.hints.item.is_some() || line.hints.cell.is_some();
        row || !body::is_chrome_line(&line.text)
    });
    let visible: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
    if let Some(text) = body::stated_text(&page, &visible.join("\n")) {
        why.push(Reason::new("body", "stated in JSON-LD or noscript"));
        lines = lines::of_text(&text);
    }
    post.warnings.extend(bounds::lines(&mut lines));
    let cut = |n: NodeId| main.dropped.contains(&n) || thread.nodes.contains(&n);
    let players = embeds::of_page(&page, &main.tops, &cut);
    understand_lines(&mut post, lines, players, &facts.tags, &mut why);
    post.comments = thread.comments;
    post.comments_stated = thread.stated;
    post.pings = thread.pings;
    if crawled {
        let rule = match kind::of_page(&page, url, &post) {
            Ok(rule) => rule,
            Err(rule) => {
                why.push(Reason::new("kind", rule));
                return Extracted {
                    why,
                    ..Extracted::default()
                };
            }
        };
        why.push(Reason::new("kind", rule));
    }
    finish(document, post, language, why)
}

fn of_text(document: &RawDocument, text: &str) -> Extracted {
    let mut warnings = Vec::new();
    let mut lines = lines::of_text(bounds::source(text, MOST_TEXT, &mut warnings));
    warnings.extend(bounds::lines(&mut lines));
    let (thread, end) = comments::of_lines(&lines, None);
    let own = &lines[..end.unwrap_or(lines.len())];
    // A row of a list may look like a title, or an arrow to another post.
    let listed: HashSet<usize> = tracks::find(own, &tracks::Context::default())
        .into_iter()
        .flat_map(|found| found.rows)
        .collect();
    let heading = end.and_then(|at| lines.get(at));
    let capture = body::of_lines(own, heading.map(|line| line.text.as_str()), &listed);
    let mut post = blank(document);
    post.warnings = warnings;
    set(
        &mut post.title,
        capture
            .named
            .as_deref()
            .or_else(|| capture.title.map(|at| own[at].text.as_str())),
    );
    post.author = capture.author.as_deref().and_then(Text::some_line);
    // What the capture's other dates leave open, its language tells.
    let language = language_of(own);
    post.published = capture
        .date
        .as_deref()
        .and_then(|d| {
            super::date::parse_ordered(d, capture.day_first, language, DateSource::Byline)
        })
        .or_else(|| super::date::parse(document.name(), None, DateSource::FileName));
    post.tags = texts(&capture.tags);
    post.links = capture
        .links
        .iter()
        .map(|(rel, title)| Link {
            rel: Text::line(rel),
            title: Text::some_line(title),
            url: None,
        })
        .collect();
    let kept: Vec<Line> = own
        .iter()
        .enumerate()
        .filter(|(at, line)| {
            let title = match &capture.named {
                Some(named) => line.text == *named,
                None => capture.title == Some(*at),
            };
            !capture.dropped.contains(at) && !title
        })
        .map(|(_, line)| line.clone())
        .collect();
    let mut why = Vec::new();
    understand_lines(&mut post, kept, Vec::new(), &capture.tags, &mut why);
    if let Some(rule) = thread.rule {
        why.push(Reason::new("comments", rule));
        post.platform = Text::some_line(thread.platform.unwrap_or_default());
    }
    post.comments = thread.comments;
    post.comments_stated = thread.stated;
    post.pings = thread.pings;
    finish(document, post, None, why)
}

fn of_entry(document: &RawDocument, entry: Entry) -> Extracted {
    let mut post = blank(document);
    set(&mut post.title, entry.title.as_deref());
    post.author = entry.author.as_deref().and_then(Text::some_line);
    post.published = entry
        .published
        .or_else(|| {
            super::date::parse(
                entry.date_text.as_deref()?,
                entry.language.as_deref(),
                DateSource::Entry,
            )
        })
        .or_else(|| super::date::parse(document.name(), None, DateSource::FileName));
    post.url = entry.url.as_deref().and_then(Text::some_line);
    post.site = entry.site.as_deref().and_then(Text::some_line);
    post.platform = entry.platform.as_deref().and_then(Text::some_line);
    post.tags = texts(&entry.tags);
    post.warnings = entry.warnings;
    let mut why = Vec::new();
    let (mut lines, players) = match &entry.body {
        EntryBody::Html(html) => fragment(html, &mut post.warnings),
        EntryBody::Markdown(markdown) => {
            let markdown = bounds::source(markdown, bounds::MOST_MARKDOWN, &mut post.warnings);
            let mut html = String::with_capacity(markdown.len() * 5 / 4);
            let options = pulldown_cmark::Options::ENABLE_TABLES
                | pulldown_cmark::Options::ENABLE_STRIKETHROUGH
                | pulldown_cmark::Options::ENABLE_FOOTNOTES;
            pulldown_cmark::html::push_html(
                &mut html,
                pulldown_cmark::Parser::new_ext(markdown, options),
            );
            fragment(&html, &mut post.warnings)
        }
        EntryBody::Text(text) => {
            let text = bounds::source(text, MOST_TEXT, &mut post.warnings);
            (lines::of_text(text), Vec::new())
        }
    };
    post.warnings.extend(bounds::lines(&mut lines));
    if entry.tracklists.is_empty() {
        understand_lines(&mut post, lines, players, &entry.tags, &mut why);
    } else {
        post.body = prose(&lines, &HashSet::default());
        post.tracklists = entry.tracklists;
    }
    post.comments = entry.comments;
    post.comments_stated = entry.comments_stated;
    post.pings = entry.pings;
    finish(document, post, entry.language, why)
}

/// Splits lines into track lists and prose, and adds what the post's players state.
fn understand_lines(
    post: &mut Post,
    mut lines: Vec<Line>,
    mut players: Vec<Playlist>,
    tags: &[String],
    why: &mut Vec<Reason>,
) {
    players.extend(embeds::of_lines(&lines));
    embeds::without_shortcodes(&mut lines);
    let found = tracks::find(
        &lines,
        &tracks::Context {
            title: &post.title,
            tags,
        },
    );
    let mut taken = HashSet::default();
    for list in found {
        taken.extend(list.rows.iter().copied());
        taken.extend(list.around.iter().copied());
        let numbers = list.rows.iter().map(|at| lines[*at].number).collect();
        for rule in &list.why {
            why.push(Reason {
                what: "tracks",
                rule: rule.clone(),
                lines: Vec::clone(&numbers),
            });
        }
        post.tracklists.push(list.list);
    }
    for rule in embeds::join(&mut post.tracklists, players) {
        why.push(Reason::new("tracks", rule));
    }
    post.body = prose(&lines, &taken);
}

/// The prose: lines that nothing else took.
fn prose(lines: &[Line], taken: &HashSet<usize>) -> Text {
    let rest = lines.iter().enumerate();
    lines::joined(
        rest.filter(|(at, _)| !taken.contains(at))
            .map(|(_, line)| line),
    )
}

/// The lines of a piece of markup that is all main text, and what its players state.
fn fragment(html: &str, warnings: &mut Vec<Text>) -> (Vec<Line>, Vec<Playlist>) {
    let page = Page::parse(html);
    warnings.extend(bounds::page(&page));
    let players = embeds::of_page(&page, &[page.root()], &|_| false);
    (lines::of_page(&page, page.root(), &|_| false), players)
}

fn page_lines(
    page: &Page,
    tops: &[NodeId],
    dropped: &HashSet<NodeId>,
    taken: &HashSet<NodeId>,
) -> Vec<Line> {
    let skip = |n: NodeId| dropped.contains(&n) || taken.contains(&n);
    let mut out: Vec<Line> = Vec::new();
    for top in tops {
        let blocks = out.last().map_or(0, |l| l.hints.block + 1);
        let count = out.len() as u32;
        for mut line in lines::of_page(page, *top, &skip) {
            line.hints.block += blocks;
            line.number += count;
            out.push(line);
        }
    }
    out
}

/// The language of a capture's longer lines.
fn language_of(lines: &[Line]) -> Option<&'static str> {
    let mut text = String::new();
    for line in lines.iter().filter(|l| l.text.len() > 80).take(12) {
        text.push_str(&line.text);
        text.push('\n');
    }
    crate::text::language::detect(&text)
}

/// A post that knows its place only.
fn blank(document: &RawDocument) -> Post {
    let name = document.name().rsplit('/').next().unwrap_or_default();
    let stem = name
        .split('.')
        .next()
        .filter(|s| !s.is_empty())
        .unwrap_or(name);
    let place = document.place();
    let source = if place.is_empty() {
        document.path.clone()
    } else {
        format!("{}#{place}", document.path)
    };
    Post {
        id: PostId::of_place(&document.path, &document.place()),
        url: None,
        site: None,
        source: Text::line(&source),
        reader: Text::line(document.reader),
        platform: None,
        title: Text::line(stem),
        author: None,
        published: None,
        language: None,
        tags: Vec::new(),
        body: Text::default(),
        links: Vec::new(),
        tracklists: Vec::new(),
        comments: Vec::new(),
        comments_stated: None,
        pings: Vec::new(),
        warnings: Vec::new(),
    }
}

/// What can be told only when the rest is known: id and language.
fn finish(
    document: &RawDocument,
    mut post: Post,
    language: Option<String>,
    mut why: Vec<Reason>,
) -> Extracted {
    if let Some(sign) = source::sign(document.reader) {
        let rule = format!("{}: {sign}", document.reader);
        why.insert(0, Reason::new("reader", &rule));
    }
    bounds::post(&mut post);
    post.id = match &post.url {
        Some(url) => PostId::of_url(url),
        None => PostId::of_place(&document.path, &document.place()),
    };
    settle_figures(&mut post);
    post.language =
        crate::text::language::settle(language.as_deref(), &post.body).and_then(Text::some_line);
    Extracted {
        posts: vec![post],
        warnings: Vec::new(),
        why,
    }
}

/// Dates whose figures left the order of day and month open follow the others of the document, where these
/// agree.
fn settle_figures(post: &mut Post) {
    let Some(day_first) = post.day_first() else {
        return;
    };
    for date in post.dates_mut() {
        date.settle(day_first);
    }
}

fn set(slot: &mut Text, value: Option<&str>) {
    if let Some(text) = value.and_then(Text::some_line) {
        *slot = text;
    }
}

fn texts(values: &[String]) -> Vec<Text> {
    values.iter().filter_map(|v| Text::some_line(v)).collect()
}
