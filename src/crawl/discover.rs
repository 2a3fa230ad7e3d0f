//! Which further addresses does an answer name, and what does it say of the site?
//!
//! In: the body of a sitemap, a feed, an answer of the REST interface, or a page. Out: addresses of the site with
//! what they lead to. Must not fetch, and must not know what is known already.

use serde_json::Value;
use url::Url;

use super::fetch::Answer;
use super::place::{self, Scope};
use super::state::{Found, Kind};
use crate::extract;
use crate::source::items::{Items, Piece};
use crate::source::xml::Element;
use crate::source::{Captured, Content, RawDocument};
use crate::text::charset;
use crate::text::page::Page as Tree;

/// Sitemaps of these hold lists of posts, or no pages at all.
const OTHER_MAPS: &[&str] = &[
    "taxonom",
    "category",
    "categories",
    "post_tag",
    "tag-sitemap",
    "tags-sitemap",
    "author",
    "users",
    "image",
    "video",
];

/// An address that an answer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Find {
    pub url: Url,
    pub kind: Kind,
    pub found: Found,
    /// When it changed last or was published, `YYYY-MM-DD…`.
    pub date: Option<String>,
    /// The page has a comment that may be new.
    pub commented: bool,
}

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub finds: Vec<Find>,
    /// Where the list goes on.
    pub next: Option<Url>,
    pub wordpress: bool,
    /// The root of the REST interface.
    pub api: Option<String>,
    /// The address under which the page wants to be known, where it is another.
    pub canonical: Option<Url>,
    pub post: bool,
    pub date: Option<String>,
    /// The page says that it has more comments than it shows.
    pub lacks_comments: bool,
}

impl Reading {
    fn find(&mut self, url: Option<Url>, kind: Kind, found: Found, date: Option<String>) {
        if let Some(url) = url {
            self.finds.push(Find {
                url,
                kind,
                found,
                date,
                commented: false,
            });
        }
    }
}

/// Reads what should be a sitemap, an index of sitemaps, a feed used as one, or a list of addresses; `None`
/// where it is none of them.
pub(super) fn sitemap(scope: &Scope, url: &Url, answer: &Answer) -> Option<Reading> {
    let start = answer.body.iter().position(|b| !b.is_ascii_whitespace())?;
    let begins = answer.body.get(start..)?;
    if begins.starts_with(b"http") {
        let mut reading = Reading::default();
        for line in String::from_utf8_lossy(begins).lines() {
            reading.find(scope.join(url, line), Kind::Post, Found::Sitemap, None);
        }
        return Some(reading);
    }
    let head = String::from_utf8_lossy(begins.get(..begins.len().min(4096))?);
    let root = crate::source::xml::root(&head).unwrap_or_default();
    match crate::source::xml::local(root) {
        "urlset" | "sitemapindex" => {}
        "rss" | "feed" | "RDF" => {
            let mut reading = feed(scope, url, answer)?;
            reading
                .finds
                .iter_mut()
                .for_each(|f| f.found = Found::Sitemap);
            return Some(reading);
        }
        _ => return None,
    }
    let mut reading = Reading::default();
    let mut input = answer.body.as_slice();
    let mut items = Items::new(&mut input, &["url", "sitemap"]);
    while let Ok(Some(piece)) = items.next() {
        let Piece::Entry { element, .. } = piece else {
            continue;
        };
        let Some(location) = own(&element, "loc") else {
            continue;
        };
        let date = own(&element, "lastmod").and_then(|d| day(&d));
        let place = scope.join(url, &location);
        if crate::source::xml::local(&element.name) == "sitemap" {
            let name = location
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_lowercase();
            if !OTHER_MAPS.iter().any(|other| name.contains(other)) {
                reading.find(place, Kind::Sitemap, Found::Sitemap, date);
            }
        } else {
            let kind = match &place {
                Some(url) if place::kind(url) == Kind::List => Kind::List,
                _ => Kind::Post,
            };
            reading.find(place, kind, Found::Sitemap, date);
        }
    }
    Some(reading)
}

/// The text of an element's child, whatever its prefix.
fn own(element: &Element, name: &str) -> Option<String> {
    let found = element
        .children
        .iter()
        .find(|c| crate::source::xml::local(&c.name) == name && !c.name.starts_with("image:"));
    found
        .map(|c| c.text.trim().to_owned())
        .filter(|t| !t.is_empty())
}

/// Reads a feed of posts or comments, in XML or JSON; `None` where it is none.
pub(super) fn feed(scope: &Scope, url: &Url, answer: &Answer) -> Option<Reading> {
    let start = answer.body.iter().position(|b| !b.is_ascii_whitespace())?;
    if answer.body.get(start) == Some(&b'{') {
        return json_feed(scope, url, &answer.body);
    }
    let begins = answer.body.get(start..)?;
    let head = String::from_utf8_lossy(begins.get(..begins.len().min(4096))?);
    let root = crate::source::xml::root(&head).unwrap_or_default();
    if !matches!(crate::source::xml::local(root), "rss" | "feed" | "RDF") {
        return None;
    }
    let mut reading = Reading::default();
    let mut input = answer.body.as_slice();
    let mut items = Items::new(&mut input, &["item", "entry"]);
    let mut any = false;
    while let Ok(Some(piece)) = items.next() {
        match piece {
            Piece::Outside(head) => about_feed(scope, url, &head, &mut reading),
            Piece::Damage { .. } => {}
            Piece::Entry { element, .. } => {
                any = true;
                entry(scope, url, &element, &mut reading);
            }
        }
    }
    if reading.next.is_none() && reading.wordpress && any {
        let page = url.query_pairs().find(|(key, _)| key == "paged");
        let page: u32 = page.and_then(|(_, n)| n.parse().ok()).unwrap_or(1);
        let mut next = url.clone();
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| key != "paged")
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        next.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .append_pair("paged", &(page + 1).to_string());
        reading.next = Some(next);
    }
    Some(reading)
}

fn about_feed(scope: &Scope, url: &Url, head: &Element, reading: &mut Reading) {
    for element in head.descendants() {
        match crate::source::xml::local(&element.name) {
            "generator" => reading.wordpress |= element.text.contains("wordpress"),
            "link" if element.attribute("rel") == Some("next") => {
                let href = element.attribute("href").unwrap_or_default();
                reading.next = scope.join(url, href);
            }
            _ => {}
        }
    }
}

fn entry(scope: &Scope, url: &Url, element: &Element, reading: &mut Reading) {
    let links = || {
        element
            .children
            .iter()
            .filter(|c| crate::source::xml::local(&c.name) == "link")
    };
    let alternate = links()
        .filter(|l| matches!(l.attribute("rel"), None | Some("alternate")))
        .find_map(|l| l.attribute("href").map(str::to_owned));
    let link = element
        .get("feedburner:origLink")
        .map(str::to_owned)
        .or(alternate)
        .or_else(|| {
            links()
                .map(|l| l.text.trim().to_owned())
                .find(|t| !t.is_empty())
        })
        .or_else(|| {
            let guid = element.child("guid")?;
            let permalink = guid.attribute("isPermaLink") != Some("false");
            permalink.then(|| guid.text.trim().to_owned())
        })
        .filter(|link| !link.is_empty());
    let date = ["updated", "modified", "published", "pubDate", "date"]
        .iter()
        .find_map(|name| own(element, name))
        .and_then(|d| day(&d));
    let reply = element
        .children
        .iter()
        .find(|c| c.name == "thr:in-reply-to");
    let replied = reply.and_then(|r| r.attribute("href")).map(str::to_owned);
    let comment = reply.is_some() || link.as_deref().is_some_and(is_comment);
    let Some(place) = replied.or(link).and_then(|l| scope.join(url, &l)) else {
        return;
    };
    let before = reading.finds.len();
    let page = if comment { post_of(place) } else { place };
    reading.find(Some(page), Kind::Post, Found::Feed, date);
    if let Some(find) = reading.finds.get_mut(before) {
        find.commented = comment;
    }
}

fn is_comment(link: &str) -> bool {
    link.contains("#comment-") || link.contains("showComment=")
}

/// The page of a post, from the one that shows a comment of it.
fn post_of(url: Url) -> Url {
    let Some(at) = url.path().find("/comment-page-") else {
        return url;
    };
    let mut post = url.clone();
    post.set_path(&url.path()[..=at]);
    post
}

fn json_feed(scope: &Scope, url: &Url, body: &[u8]) -> Option<Reading> {
    let feed: Value = serde_json::from_slice(body).ok()?;
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    text(&feed, "version").filter(|v| v.contains("jsonfeed.org"))?;
    let mut reading = Reading {
        next: text(&feed, "next_url").and_then(|next| scope.join(url, &next)),
        ..Reading::default()
    };
    for item in feed.get("items")?.as_array()? {
        let link = text(item, "url").or_else(|| text(item, "id"));
        let place = link.filter(|l| l.starts_with("http"));
        let date = text(item, "date_modified").or_else(|| text(item, "date_published"));
        reading.find(
            place.and_then(|l| scope.join(url, &l)),
            Kind::Post,
            Found::Feed,
            date.and_then(|d| day(&d)),
        );
    }
    Some(reading)
}

/// Reads a list of posts or comments as WordPress' REST interface gives it.
pub(super) fn rest(scope: &Scope, url: &Url, answer: &Answer) -> Option<Reading> {
    let all: Vec<Value> = serde_json::from_slice(&answer.body).ok()?;
    let mut reading = Reading::default();
    for one in &all {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        let Some(link) = text("link") else {
            continue;
        };
        let comment = is_comment(link);
        let place = scope.join(url, link);
        let date = text("modified").or_else(|| text("date")).and_then(day);
        let before = reading.finds.len();
        reading.find(
            if comment { place.map(post_of) } else { place },
            Kind::Post,
            Found::Rest,
            date,
        );
        if let Some(find) = reading.finds.get_mut(before) {
            find.commented = comment;
        }
    }
    let number = |name: &str| answer.header(name).and_then(|n| n.parse::<u32>().ok());
    let page = url.query_pairs().find(|(key, _)| key == "page");
    let page: u32 = page.and_then(|(_, n)| n.parse().ok()).unwrap_or(1);
    if number("x-wp-totalpages").is_some_and(|total| page < total) {
        let mut next = url.clone();
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(key, value)| match key.as_ref() {
                "page" => (key.into_owned(), (page + 1).to_string()),
                _ => (key.into_owned(), value.into_owned()),
            })
            .collect();
        next.query_pairs_mut().clear().extend_pairs(pairs);
        reading.next = Some(next);
    }
    Some(reading)
}

/// The lists that the REST interface has: of posts, pages and comments; with a time, of what changed since.
pub(super) fn rest_lists(api: &str, since: Option<&str>) -> Vec<Url> {
    let of = |what: &str, fields: &str, changed: &str, order: &str| -> Option<Url> {
        let mut url = Url::parse(api).ok()?;
        match url.query_pairs().find(|(key, _)| key == "rest_route") {
            Some((_, route)) => {
                let route = format!("{}/wp/v2/{what}", route.trim_end_matches('/'));
                url.query_pairs_mut()
                    .clear()
                    .append_pair("rest_route", &route);
            }
            None => {
                let path = format!("{}/wp/v2/{what}", url.path().trim_end_matches('/'));
                url.set_path(&path);
            }
        }
        {
            let mut pairs = url.query_pairs_mut();
            pairs
                .append_pair("per_page", "100")
                .append_pair("page", "1")
                .append_pair("orderby", order)
                .append_pair("order", "asc")
                .append_pair("_fields", fields);
            if let Some(since) = since {
                pairs.append_pair(changed, since);
            }
        }
        Some(url)
    };
    let comment = "id,post,parent,author_name,author_url,date,link,content,type";
    let lists = [
        of("posts", "id,link,date,modified", "modified_after", "id"),
        of("pages", "id,link,date,modified", "modified_after", "id"),
        of("comments", comment, "after", "id"),
    ];
    lists.into_iter().flatten().collect()
}

/// Reads a page: its links, feeds, interfaces, and whether it is a post.
pub(super) fn page(scope: &Scope, url: &Url, answer: &Answer, seed: bool) -> Reading {
    let mut reading = Reading::default();
    let html = charset::decode(&answer.body, answer.head().charset(), true).0;
    let tree = Tree::parse(&html);
    let root = tree.root();
    let base = tree
        .find(root, |n| {
            tree.tag(n) == "base" && tree.attr(n, "href").is_some()
        })
        .and_then(|n| tree.attr(n, "href"))
        .and_then(|href| url.join(href).ok())
        .unwrap_or_else(|| url.clone());
    let mut threads = Vec::new();
    for node in tree.descendants(root) {
        match tree.tag(node) {
            "a" | "area" => {
                let Some(href) = tree.attr(node, "href") else {
                    continue;
                };
                let Some(place) = scope.join(&base, href) else {
                    continue;
                };
                let kind = match place::kind(&place) {
                    Kind::Comments => Kind::Comments,
                    _ if leads_to_comments(&tree.text(node)) && place != *url => Kind::Comments,
                    kind => kind,
                };
                reading.find(Some(place), kind, Found::Link, None);
            }
            "link" => {
                let rel = tree
                    .attr(node, "rel")
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                let Some(href) = tree.attr(node, "href") else {
                    continue;
                };
                let has = |word: &str| rel.split_whitespace().any(|r| r == word);
                let Some(place) = scope.join(&base, href) else {
                    continue;
                };
                let kind = tree.attr(node, "type").unwrap_or_default();
                if has("canonical") {
                    reading.canonical = Some(place).filter(|c| c != url);
                } else if has("https://api.w.org/") {
                    reading.api = Some(place.to_string());
                } else if has("next") || has("prev") {
                    let kind = place::kind(&place);
                    reading.find(Some(place), kind, Found::Link, None);
                } else if has("alternate") && is_feed_type(kind) {
                    let of_comments = is_comment_feed(&place);
                    if seed || of_comments {
                        let kind = if of_comments {
                            Kind::CommentFeed
                        } else {
                            Kind::Feed
                        };
                        reading.find(Some(place), kind, Found::Link, None);
                    } else {
                        threads.push(place);
                    }
                }
            }
            "meta" if tree.attr(node, "name") == Some("generator") => {
                let generator = tree.attr(node, "content").unwrap_or_default();
                reading.wordpress |= generator.starts_with("WordPress");
            }
            _ => {}
        }
    }
    reading.api = api_of(answer, scope, url).or(reading.api);
    reading.wordpress |= reading.api.is_some();
    let document = RawDocument {
        reader: "warc",
        path: String::new(),
        inner: String::new(),
        entry: url.to_string(),
        content: Content::Html {
            html,
            url: Some(url.to_string()),
            captured: Some(Captured { at: None }),
        },
    };
    if let Some(post) = extract::extract(document).posts.first() {
        reading.post = true;
        reading.date = post.published.as_ref().and_then(|p| day(&p.iso()));
        let shown = u32::try_from(post.comments.len()).unwrap_or(u32::MAX);
        let paged = reading.finds.iter().any(|f| f.kind == Kind::Comments);
        reading.lacks_comments = !paged && post.comments_stated.is_some_and(|n| n > shown);
        if reading.lacks_comments {
            for place in threads {
                // A post's own feed lies below it, or names it by number.
                reading.find(Some(place), Kind::Thread, Found::Link, None);
            }
        }
    }
    reading
}

/// `Link: <https://a.example/wp-json/>; rel="https://api.w.org/"`.
fn api_of(answer: &Answer, scope: &Scope, url: &Url) -> Option<String> {
    answer
        .headers
        .iter()
        .filter(|(name, _)| name == "link")
        .flat_map(|(_, value)| value.split(','))
        .filter(|link| link.contains("https://api.w.org/"))
        .find_map(|link| {
            let href = link.split_once('<')?.1.split_once('>')?.0;
            // Not by the form of pages: its parameter names the interface.
            let place = url.join(href).ok()?;
            scope.normal(&place).map(|p| p.to_string())
        })
}

fn is_feed_type(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    matches!(
        kind.to_ascii_lowercase().as_str(),
        "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "application/json"
            | "text/xml"
    ) && !kind.is_empty()
}

fn is_comment_feed(url: &Url) -> bool {
    let path = url.path();
    path.contains("/comments/feed")
        || path.contains("/feeds/comments/")
        || url
            .query_pairs()
            .any(|(key, value)| key == "feed" && value.starts_with("comments"))
}

/// True for the words of links to further comments.
fn leads_to_comments(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if text.len() > 60 {
        return false;
    }
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(&["comment", "kommentar", "commentaire", "comentario"])
        && says(&[
            "older",
            "newer",
            "previous",
            "next",
            "more",
            "ältere",
            "neuere",
            "précédent",
            "suivant",
            "anterior",
            "siguiente",
        ])
}

/// The day of a date as feeds and sitemaps write it.
fn day(written: &str) -> Option<String> {
    let written = written.trim();
    if let Some(iso) = written.get(..10)
        && iso.parse::<jiff::civil::Date>().is_ok()
    {
        return Some(iso.to_owned());
    }
    let date = jiff::fmt::rfc2822::parse(written).ok()?;
    Some(date.date().to_string())
}
