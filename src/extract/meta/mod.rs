//! What does the page say about itself: title, author, date, tags, address?
//!
//! In: a page and its main region. Out: those facts, each from the most trusted place. Must not know
//! the prose.

use serde_json::Value;

mod around;
mod author;
mod title;
mod when;

use around::Around;

use crate::extract::body::Main;
use crate::model::{Link, Published, Text};
use crate::text::page::{NodeId, Page};

/// Facts about a post.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    pub title: Option<String>,
    pub author: Option<String>,
    pub published: Option<Published>,
    pub url: Option<String>,
    pub site: Option<String>,
    pub tags: Vec<String>,
    pub links: Vec<Link>,
    /// Which rule found what, for `inspect --why`: ("title", "og:title").
    pub rules: Vec<(&'static str, &'static str)>,
}

/// Reads the facts; `url` is the address the page was fetched from, `file_name` its name on disk, `language` that of
/// [`language_of`].
pub fn of_page(
    page: &Page,
    main: &Main,
    url: Option<&str>,
    file_name: &str,
    language: Option<&str>,
) -> Meta {
    let mut meta = Meta::default();
    let ld = articles(page);
    let head = Head::of(page);
    let text_of = |n: NodeId| one_line(&page.text(n));

    let canonical = head_link(page, "canonical").filter(|u| u.starts_with("http"));
    meta.url = canonical
        .or_else(|| head.content(&["og:url"]).filter(|u| u.starts_with("http")))
        .or_else(|| url.map(str::to_owned));
    meta.site = head
        .content(&["og:site_name", "application-name"])
        .or_else(|| site_title(page));

    let found = title::of_page(page, main, &head, &ld, meta.site.as_deref());
    if let Some((title, rule)) = found {
        meta.rules.push(("title", rule));
        meta.title = Some(title);
    }
    let around = Around::new(page, main);
    meta.author = author::of_page(page, &around, &head, &ld);
    let known = when::Known {
        address: meta.url.as_deref(),
        file_name,
        language,
    };
    if let Some((published, rule)) = when::of_page(page, &around, &head, &ld, &known) {
        meta.rules.push(("date", rule));
        meta.published = Some(published);
    }

    for node in page
        .descendants(page.root())
        .filter(|n| page.tag(*n) == "a")
    {
        let rel = page.attr(node, "rel").map(str::to_ascii_lowercase);
        let rel = rel.as_deref().unwrap_or_default();
        let tag = (rel.split_whitespace().any(|r| r == "tag")
            // Themes mark categories as tags too.
            && !rel.split_whitespace().any(|r| r == "category"))
            || page.ancestors(node).take(3).any(|a| holds_tags(page, a))
            || page.has_class(node, "p-category");
        if tag && !in_sidebar(page, node) {
            let name = text_of(node);
            if !name.is_empty() && name.chars().count() <= 60 && !meta.tags.contains(&name) {
                meta.tags.push(name);
            }
        }
        let way = rel.split_whitespace().find_map(|r| match r {
            "next" => Some("next"),
            "prev" | "previous" => Some("prev"),
            _ => None,
        });
        if let Some(way) = way
            && !meta.links.iter().any(|l| l.rel == way)
        {
            let title = text_of(node);
            let title = title.trim_matches(['←', '→', '«', '»', ' ']);
            meta.links.push(Link {
                rel: Text::line(way),
                title: Text::some_line(title),
                url: page.attr(node, "href").and_then(Text::some_line),
            });
        }
    }
    meta
}

/// True for what a theme puts around a post's tags.
fn holds_tags(page: &Page, node: NodeId) -> bool {
    let names = [
        "post-labels",
        "tag-links",
        "post-tags",
        "entry-tags",
        "tags-links",
        "p-category",
        "tags",
    ];
    page.classes(node).any(|class| names.contains(&class))
}

fn one_line(text: &str) -> String {
    Text::line(text).as_str().to_owned()
}

/// The page's own language: `html[lang]`, `og:locale`, `content-language`; ISO 639-1.
pub fn language_of(page: &Page) -> Option<String> {
    let html = page.find(page.root(), |n| page.tag(n) == "html")?;
    let lang = page
        .attr(html, "lang")
        .map(str::to_owned)
        .or_else(|| Head::of(page).content(&["og:locale", "content-language"]))?;
    let code = lang.split(['-', '_']).next()?.trim().to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}

/// The `meta` elements of a page, read once: name (`property`, `name`, `itemprop`, `http-equiv`) and content.
struct Head(Vec<(String, String)>);

impl Head {
    fn of(page: &Page) -> Self {
        let mut all = Vec::new();
        for node in page.told("meta") {
            let Some(content) = page.attr(node, "content").map(one_line) else {
                continue;
            };
            if content.is_empty() {
                continue;
            }
            for attr in ["property", "name", "itemprop", "http-equiv"] {
                if let Some(name) = page.attr(node, attr) {
                    all.push((name.trim().to_ascii_lowercase(), content.clone()));
                }
            }
        }
        Self(all)
    }

    /// The content under the first of these names that the page uses.
    fn content(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|name| self.0.iter().find(|(n, _)| n == name))
            .map(|(_, content)| content.clone())
    }
}

fn head_link(page: &Page, rel: &str) -> Option<String> {
    let node = page.told("link").find(|n| {
        page.attr(*n, "rel")
            .is_some_and(|r| r.eq_ignore_ascii_case(rel))
    })?;
    page.attr(node, "href").map(|h| h.trim().to_owned())
}

fn in_sidebar(page: &Page, node: NodeId) -> bool {
    page.ancestors(node).any(|a| is_sidebar(page, a))
}

fn is_sidebar(page: &Page, node: NodeId) -> bool {
    matches!(page.tag(node), "aside" | "nav")
        || page.id(node).is_some_and(|i| i.contains("sidebar"))
        || (page.classes(node).any(|c| {
            matches!(c, "sidebar" | "widget" | "widget-area" | "tagcloud") || c.starts_with("widget_")
        })
            // Blogger's main column is a widget of this name.
            && !page.has_class(node, "Blog"))
        || (page.tag(node) == "footer" && page.parent(node).is_some_and(|p| page.tag(p) == "body"))
}

/// The blog's own name in its header.
fn site_title(page: &Page) -> Option<String> {
    let node = page.find(page.root(), |n| {
        page.classes(n)
            .any(|c| matches!(c, "site-title" | "blog-title" | "site-name" | "blogname"))
            || matches!(
                page.id(n),
                Some("site-title" | "blog-title" | "logo" | "blogname" | "site-name")
            )
            || (page.tag(n) == "h1"
                && page
                    .ancestors(n)
                    .any(|a| page.id(a).is_some_and(|i| i.starts_with("header"))))
    })?;
    Some(one_line(&page.text(node))).filter(|t| !t.is_empty() && t.chars().count() <= 80)
}

/// Article-like objects of the page's JSON-LD.
fn articles(page: &Page) -> Vec<Value> {
    let mut out = Vec::new();
    for raw in page.json_ld() {
        let Ok(value) = serde_json::from_str::<Value>(raw.trim()) else {
            continue;
        };
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(all) => open.extend(all),
                Value::Object(mut map) => {
                    if let Some(graph) = map.remove("@graph") {
                        open.push(graph);
                    }
                    let kind = map
                        .get("@type")
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    if [
                        "Article",
                        "BlogPosting",
                        "NewsArticle",
                        "Posting",
                        "Report",
                        "Review",
                    ]
                    .iter()
                    .any(|k| kind.contains(k))
                    {
                        out.push(Value::Object(map));
                    }
                }
                _ => {}
            }
        }
    }
    out
}

fn text(value: &Value, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|n| value.get(n)?.as_str().map(one_line))
        .filter(|t| !t.is_empty())
}

fn people(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(one_line(s)).filter(|s| !s.is_empty()),
        Value::Object(o) => o
            .get("name")
            .and_then(Value::as_str)
            .map(one_line)
            .filter(|s| !s.is_empty()),
        Value::Array(all) => {
            let names: Vec<String> = all.iter().filter_map(people).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        _ => None,
    }
}

fn in_comments(page: &Page, node: NodeId) -> bool {
    page.ancestors(node).any(|a| is_comments(page, a))
}

fn is_comments(page: &Page, node: NodeId) -> bool {
    page.id(node)
        .is_some_and(|i| i.to_ascii_lowercase().contains("comment"))
        || page
            .classes(node)
            .any(|c| c.contains("comment") || c == "replies")
}
