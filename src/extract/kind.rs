//! Is this page of a captured site a post, or a list of posts?
//!
//! In: a page, the address it was captured from, and what was understood of it. Out: the rule that makes it a
//! post, or the one that makes it none. Lists (home, archives, tags, search, paging) would double the posts that
//! they show.

use serde_json::Value;

use crate::model::{DateSource, Post};
use crate::text::page::{NodeId, Page};

/// Words of the body's class by which themes name a page that is one post.
const SINGLE: &[&str] = &[
    "single",
    "single-post",
    "item-view",
    "item_view",
    "view-item",
    "post-template",
    "postid",
    "permalink",
    "permalink-page",
];

/// Words by which they name a list of posts, or a page that is nothing of the blog's own.
const LIST: &[&str] = &[
    "home",
    "blog",
    "archive",
    "category",
    "tag",
    "author",
    "date",
    "search",
    "search-results",
    "paged",
    "error404",
    "home-template",
    "tag-template",
    "author-template",
    "feed-view",
    "archive-view",
    "label-view",
    "index-page",
    "tag-page",
    "day-page",
    "search-page",
];

/// Parts of addresses that lead to lists.
const LISTS: &[&str] = &[
    "tag",
    "tags",
    "tagged",
    "category",
    "categories",
    "label",
    "labels",
    "topic",
    "topics",
    "author",
    "authors",
    "archive",
    "archives",
    "search",
    "feed",
    "feeds",
    "page",
    "blogroll",
    "sitemap",
];

/// The rule by which a page is a post, or by which it is none.
pub(super) fn of_page(
    page: &Page,
    url: Option<&str>,
    post: &Post,
) -> Result<&'static str, &'static str> {
    let body = page.find(page.root(), |n| page.tag(n) == "body");
    let classes: Vec<&str> = body.map(|b| page.classes(b).collect()).unwrap_or_default();
    let named = |words: &[&str]| {
        classes
            .iter()
            .any(|class| words.iter().any(|word| class.eq_ignore_ascii_case(word)))
    };
    if named(SINGLE) {
        return Ok("the theme calls it a single post");
    }
    if named(LIST) {
        return Err("the theme calls it a list");
    }
    if states_article(page) {
        return Ok("it calls itself an article");
    }
    let shape = url.map_or(Shape::Any, shape);
    match shape {
        Shape::Dated => return Ok("its address has a date and a name"),
        Shape::List => return Err("its address is that of a list"),
        Shape::Any => {}
    }
    let entries = entries(page);
    if entries > 1 {
        return Err("it shows several entries, each with its own address");
    }
    let dated = post
        .published
        .as_ref()
        .is_some_and(|d| !matches!(d.from, DateSource::FileName));
    if dated && !post.body.is_empty() {
        return Ok("it has a date and text");
    }
    if !post.tracklists.is_empty() {
        return Ok("it has a track listing");
    }
    if !post.comments.is_empty() {
        return Ok("it has comments");
    }
    let articles = page
        .descendants(page.root())
        .filter(|n| page.tag(*n) == "article")
        .count();
    if articles == 1 && post.body.chars().count() >= 200 {
        return Ok("it holds one article");
    }
    Err("nothing tells that it is a post")
}

/// True where `og:type` or the only entity of JSON-LD says that the page is one article.
fn states_article(page: &Page) -> bool {
    let meta = |name: &str| {
        page.told("meta")
            .find(|n| page.attr(*n, "property") == Some(name))
            .and_then(|n| page.attr(n, "content"))
    };
    if meta("og:type").is_some_and(|t| t.eq_ignore_ascii_case("article"))
        || meta("article:published_time").is_some()
    {
        return true;
    }
    let mut articles = 0;
    let mut lists = 0;
    for text in page.json_ld() {
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let entities = match &value {
            Value::Array(all) => all.iter().collect(),
            Value::Object(one) => match one.get("@graph") {
                Some(Value::Array(all)) => all.iter().collect(),
                _ => vec![&value],
            },
            _ => Vec::new(),
        };
        for entity in entities {
            let kind = match entity.get("@type") {
                Some(Value::Array(all)) => all.first().and_then(Value::as_str),
                Some(kind) => kind.as_str(),
                None => None,
            };
            match kind {
                Some("BlogPosting" | "Article" | "NewsArticle" | "SocialMediaPosting") => {
                    articles += 1;
                }
                Some("CollectionPage" | "Blog" | "ItemList" | "SearchResultsPage") => lists += 1,
                _ => {}
            }
        }
    }
    articles == 1 && lists == 0
}

/// True for addresses of lists of posts: home, archives, tags, search, paging.
pub fn is_list(url: &str) -> bool {
    matches!(shape(url), Shape::List)
}

enum Shape {
    /// A date and a name, as most blogs address their posts.
    Dated,
    List,
    Any,
}

fn shape(url: &str) -> Shape {
    let Ok(url) = url::Url::parse(url) else {
        return Shape::Any;
    };
    let listed = url.query_pairs().any(|(key, _)| {
        matches!(
            key.as_ref(),
            "s" | "cat" | "tag" | "paged" | "feed" | "author" | "q" | "label" | "updated-max"
        )
    });
    if listed {
        return Shape::List;
    }
    let query = url
        .query_pairs()
        .any(|(key, _)| matches!(key.as_ref(), "p" | "page_id"));
    let parts: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty() && !part.starts_with("index."))
        .map(str::to_ascii_lowercase)
        .collect();
    let number = |part: &str, digits: &[usize]| {
        digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let Some(last) = parts.last() else {
        return if query { Shape::Any } else { Shape::List };
    };
    let year = parts
        .iter()
        .position(|part| number(part, &[4]) && (part.starts_with("19") || part.starts_with("20")));
    if let Some(at) = year {
        let behind = &parts[at + 1..];
        if behind.iter().all(|part| number(part, &[1, 2])) {
            return Shape::List;
        }
        if behind.iter().any(|part| part == "page") {
            return Shape::List;
        }
        if behind.first().is_some_and(|month| number(month, &[1, 2])) {
            return Shape::Dated;
        }
    }
    let stem = last.split('.').next().unwrap_or(last);
    let paged = last.strip_prefix("page").is_some_and(|n| {
        let n = n.trim_start_matches(['-', '_']);
        let n = n.split('.').next().unwrap_or(n);
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
    });
    // `/tag/x/`, `/page/2/`, `/archives.html`; `/archives/the-post.html` is a post.
    let before = parts.len().checked_sub(2).and_then(|at| parts.get(at));
    let listed = paged
        || LISTS.contains(&stem)
        || stem.ends_with("_archive")
        || parts.iter().any(|part| part == "page" || part == "feed")
        || before
            .is_some_and(|part| LISTS.contains(&part.as_str()) && !part.starts_with("archive"))
        || parts.starts_with(&["search".to_owned()]);
    if listed { Shape::List } else { Shape::Any }
}

/// Elements that are entries of their own: with a heading that links to somewhere.
fn entries(page: &Page) -> usize {
    let is_entry = |n: NodeId| {
        page.tag(n) == "article"
            || [
                "hentry",
                "h-entry",
                "post",
                "post-outer",
                "blog-post",
                "entry",
            ]
            .iter()
            .any(|class| page.has_class(n, class))
    };
    let mut count = 0;
    let mut at = page.first_child(page.root());
    while let Some(n) = at {
        if page.is_element(n) && is_entry(n) {
            let linked = page.find(n, |h| {
                matches!(page.tag(h), "h1" | "h2" | "h3" | "h4")
                    && page.find(h, |a| page.tag(a) == "a").is_some()
            });
            if linked.is_some() {
                count += 1;
                // Not into it: an article within is a part of it.
                at = page.after(n, page.root());
                continue;
            }
        }
        at = page.first_child(n).or_else(|| page.after(n, page.root()));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_lists_and_posts() {
        for (url, expected) in [
            ("https://a.example/", "list"),
            ("https://a.example/index.html", "list"),
            ("https://a.example/?p=12", "any"),
            ("https://a.example/?s=tape", "list"),
            ("https://a.example/2011/02/rocky/", "dated"),
            ("https://a.example/2011/02/", "list"),
            ("https://a.example/2011/02/page/2/", "list"),
            ("https://a.example/tag/tapes/", "list"),
            ("https://a.example/category/a/b/page/3", "list"),
            ("https://a.example/archives/000123.html", "any"),
            ("https://a.example/archives.html", "list"),
            ("https://a.blogspot.com/2011_05_01_archive.html", "list"),
            ("https://a.blogspot.com/search/label/x", "list"),
            ("https://a.example/page2/", "list"),
            ("https://a.example/posts/the-page-turner/", "any"),
        ] {
            let found = match shape(url) {
                Shape::Dated => "dated",
                Shape::List => "list",
                Shape::Any => "any",
            };
            assert_eq!(found, expected, "{url}");
        }
    }
}
