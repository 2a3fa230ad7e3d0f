//! What does the page say about itself: title, author, date, tags, address?
//!
//! In: a page and its main region. Out: those facts, each from the most trusted place. Must not know
//! the prose.

use serde_json::Value;

use super::date;
use crate::extract::body::Main;
use crate::model::{DateSource, Link, Published, Text};
use crate::text::page::{NodeId, Page};

/// Facts about a post.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    pub title: Option<String>,
    pub author: Option<String>,
    pub published: Option<Published>,
    pub url: Option<String>,
    pub site: Option<String>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub links: Vec<Link>,
    /// Which rule found what, for `inspect --why`: ("title", "og:title").
    pub rules: Vec<(&'static str, &'static str)>,
}

/// Reads the facts; `url` is the address the page was fetched from, `file_name` its name on disk.
pub fn of_page(page: &Page, main: &Main, url: Option<&str>, file_name: &str) -> Meta {
    let mut meta = Meta::default();
    let ld = articles(page);
    meta.language = language_of(page);
    let language = meta.language.clone();
    let text_of = |n: NodeId| one_line(&page.text(n));

    let canonical = head_link(page, "canonical").filter(|u| u.starts_with("http"));
    meta.url = canonical
        .or_else(|| content(page, &["og:url"]).filter(|u| u.starts_with("http")))
        .or_else(|| url.map(str::to_owned));
    meta.site = content(page, &["og:site_name", "application-name"]).or_else(|| site_title(page));

    let window = page
        .find(page.root(), |n| {
            page.tag(n) == "title" && page.ancestors(n).any(|a| page.tag(a) == "head")
        })
        .map(text_of);
    let heading = post_title(page, main)
        .map(text_of)
        .filter(|t| !t.is_empty());
    let og = content(page, &["og:title", "twitter:title"]);
    let said = ld.iter().find_map(|a| text(a, &["headline", "name"]));
    let bare = window
        .as_deref()
        .map(|t| without_site(t, meta.site.as_deref()));
    let (title, rule) = [
        (heading, "heading of the post"),
        (
            og.map(|t| without_site(&t, meta.site.as_deref())),
            "og:title",
        ),
        (said, "JSON-LD"),
        (bare, "title"),
    ]
    .into_iter()
    .find_map(|(t, rule)| Some((t.filter(|t| !t.trim().is_empty())?, rule)))
    .map_or((None, ""), |(t, rule)| (Some(t), rule));
    if title.is_some() {
        meta.rules.push(("title", rule));
    }
    meta.title = title;

    meta.author = ld
        .iter()
        .find_map(|a| people(a.get("author")?))
        .or_else(|| byline(page))
        .or_else(|| {
            content(
                page,
                &["author", "article:author", "dc.creator", "twitter:creator"],
            )
            .filter(|a| !a.starts_with("http"))
        })
        .map(|a| clean_author(&a))
        .filter(|a| !a.is_empty() && a.chars().count() <= 60);

    let dates = [
        (
            content(
                page,
                &[
                    "article:published_time",
                    "datepublished",
                    "date",
                    "dc.date",
                    "dc.date.issued",
                    "dcterms.created",
                    "pubdate",
                    "publish-date",
                    "og:published_time",
                    "parsely-pub-date",
                    "sailthru.date",
                    "article.published",
                ],
            ),
            DateSource::Meta,
            "meta",
        ),
        (
            ld.iter()
                .find_map(|a| text(a, &["datePublished", "dateCreated"])),
            DateSource::JsonLd,
            "JSON-LD",
        ),
        (time_element(page), DateSource::TimeElement, "time element"),
        (date_text(page), DateSource::Byline, "byline"),
    ];
    for (said, from, rule) in dates {
        if let Some(found) = said.and_then(|d| date::parse(&d, language.as_deref(), from)) {
            meta.published = Some(found);
            meta.rules.push(("date", rule));
            break;
        }
    }
    if meta.published.is_none() {
        meta.published = meta
            .url
            .as_deref()
            .and_then(date::of_url)
            .or_else(|| date::of_file_name(file_name));
        if meta.published.is_some() {
            meta.rules.push(("date", "address"));
        }
    }

    for node in page
        .descendants(page.root())
        .filter(|n| page.tag(*n) == "a")
    {
        let rel = page
            .attr(node, "rel")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let tag = (rel.split_whitespace().any(|r| r == "tag")
            // Themes mark categories as tags too.
            && !rel.split_whitespace().any(|r| r == "category"))
            || page.ancestors(node).take(3).any(|a| {
                page.classes(a).any(|c| {
                    matches!(
                        c,
                        "post-labels"
                            | "tag-links"
                            | "post-tags"
                            | "entry-tags"
                            | "tags-links"
                            | "p-category"
                            | "tags"
                    )
                })
            })
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

fn one_line(text: &str) -> String {
    Text::line(text).as_str().to_owned()
}

/// The page's own language: `html[lang]`, `og:locale`, `content-language`; ISO 639-1.
pub fn language_of(page: &Page) -> Option<String> {
    let html = page.find(page.root(), |n| page.tag(n) == "html")?;
    let lang = page
        .attr(html, "lang")
        .map(str::to_owned)
        .or_else(|| content(page, &["og:locale", "content-language"]))?;
    let code = lang.split(['-', '_']).next()?.trim().to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}

/// The content of the first `meta` of these names (`name`, `property`, `itemprop`, `http-equiv`).
fn content(page: &Page, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        page.descendants(page.root())
            .filter(|n| page.tag(*n) == "meta")
            .find(|n| {
                ["property", "name", "itemprop", "http-equiv"]
                    .iter()
                    .any(|a| {
                        page.attr(*n, a)
                            .is_some_and(|v| v.trim().eq_ignore_ascii_case(name))
                    })
            })
            .and_then(|n| page.attr(n, "content"))
            .map(one_line)
            .filter(|c| !c.is_empty())
    })
}

fn head_link(page: &Page, rel: &str) -> Option<String> {
    let node = page.find(page.root(), |n| {
        page.tag(n) == "link"
            && page
                .attr(n, "rel")
                .is_some_and(|r| r.eq_ignore_ascii_case(rel))
    })?;
    page.attr(node, "href").map(|h| h.trim().to_owned())
}

fn in_sidebar(page: &Page, node: NodeId) -> bool {
    page.ancestors(node).any(|a| {
        matches!(page.tag(a), "aside" | "nav")
            || page.id(a).is_some_and(|i| i.contains("sidebar"))
            || (page.classes(a).any(|c| {
                matches!(c, "sidebar" | "widget" | "widget-area" | "tagcloud") || c.starts_with("widget_")
            })
                // Blogger's main column is a widget of this name.
                && !page.has_class(a, "Blog"))
            || (page.tag(a) == "footer" && page.parent(a).is_some_and(|p| page.tag(p) == "body"))
    })
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

/// The heading that titles the post.
fn post_title(page: &Page, main: &Main) -> Option<NodeId> {
    let shown = |n: NodeId| !in_sidebar(page, n) && !one_line(&page.text(n)).is_empty();
    let named = page.find(page.root(), |n| {
        matches!(page.tag(n), "h1" | "h2" | "h3" | "div" | "p" | "span" | "a")
            && page.classes(n).any(|c| {
                matches!(
                    c,
                    "entry-title"
                        | "post-title"
                        | "p-name"
                        | "posttitle"
                        | "wp-block-post-title"
                        | "article-title"
                        | "headline"
                        | "post__title"
                        | "article__title"
                        | "title-post"
                        | "storytitle"
                )
            })
            && shown(n)
    });
    if let Some(found) = named {
        return Some(found);
    }
    let headline = page.find(page.root(), |n| {
        page.attr(n, "itemprop")
            .is_some_and(|p| p.eq_ignore_ascii_case("headline"))
            && page.tag(n).starts_with('h')
            && shown(n)
    });
    if headline.is_some() {
        return headline;
    }
    let site = site_title(page);
    // The last h1 before or in the main region that is not the blog's name.
    let first = main.tops.first().copied()?;
    let mut best = None;
    for node in page.descendants(page.root()) {
        if page.tag(node) == "h1" && shown(node) && Some(one_line(&page.text(node))) != site {
            if node > first && best.is_some() {
                break;
            }
            best = Some(node);
        }
    }
    best
}

/// A window title without the blog's name at its end or start.
fn without_site(title: &str, site: Option<&str>) -> String {
    for separator in [
        " | ", " · ", " – ", " — ", " « ", " » ", " :: ", " - ", " • ",
    ] {
        if let Some((head, tail)) = title.rsplit_once(separator) {
            let named = site.is_some_and(|s| tail.trim().eq_ignore_ascii_case(s.trim()));
            if named
                || (site.is_none() && matches!(separator, " | " | " · " | " « " | " :: " | " • "))
            {
                return head.trim().to_owned();
            }
        }
        if let Some((head, tail)) = title.split_once(separator)
            && site.is_some_and(|s| head.trim().eq_ignore_ascii_case(s.trim()))
        {
            return tail.trim().to_owned();
        }
    }
    if let (Some(site), Some((head, tail))) = (site, title.split_once(": "))
        && head.trim().eq_ignore_ascii_case(site.trim())
    {
        return tail.trim().to_owned();
    }
    title.trim().to_owned()
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
    page.ancestors(node).any(|a| {
        page.id(a)
            .is_some_and(|i| i.to_ascii_lowercase().contains("comment"))
            || page
                .classes(a)
                .any(|c| c.contains("comment") || c == "replies")
    })
}

/// The name in the post's byline.
fn byline(page: &Page) -> Option<String> {
    let fits = |n: NodeId| {
        if in_sidebar(page, n) || in_comments(page, n) {
            return None;
        }
        let text = one_line(&page.text(n));
        let length = text.chars().count();
        (length > 1 && length <= 80).then_some(text)
    };
    let find = |accept: &dyn Fn(NodeId) -> bool| {
        page.descendants(page.root())
            .filter(|n| page.is_element(*n) && accept(*n))
            .find_map(fits)
    };
    find(&|n| {
        page.attr(n, "rel")
            .is_some_and(|r| r.split_whitespace().any(|w| w == "author"))
    })
    .or_else(|| find(&|n| page.attr(n, "itemprop") == Some("author")))
    .or_else(|| {
        find(&|n| {
            (page.has_class(n, "fn") || page.has_class(n, "p-name"))
                && page.ancestors(n).take(3).any(|a| {
                    page.classes(a)
                        .any(|c| matches!(c, "author" | "post-author" | "byline" | "p-author"))
                })
        })
    })
    .or_else(|| {
        find(&|n| {
            page.classes(n).any(|c| {
                matches!(
                    c,
                    "author"
                        | "p-author"
                        | "post-author"
                        | "byline"
                        | "entry-author"
                        | "author-name"
                        | "article-author"
                        | "byline-name"
                        | "post-byline"
                        | "by-author"
                )
            })
        })
    })
}

fn clean_author(raw: &str) -> String {
    let mut name = raw.trim();
    for lead in [
        "Posted by",
        "Written by",
        "posted by",
        "written by",
        "Author:",
        "By:",
        "By ",
        "by ",
        "BY ",
        "Von ",
        "von ",
        "Par ",
        "par ",
        "Por ",
        "por ",
        "Autor:",
        "Di ",
        "di ",
    ] {
        name = name.strip_prefix(lead).unwrap_or(name).trim();
    }
    let name = name.split([',', '|', '·', '•']).next().unwrap_or(name);
    let name = name.split(" on ").next().unwrap_or(name);
    let name = name.split(" at ").next().unwrap_or(name);
    name.trim()
        .trim_end_matches(['-', '–', ':', '.'])
        .trim()
        .to_owned()
}

fn time_element(page: &Page) -> Option<String> {
    let times: Vec<NodeId> = page
        .descendants(page.root())
        .filter(|n| matches!(page.tag(*n), "time" | "abbr"))
        .filter(|n| !in_comments(page, *n) && !in_sidebar(page, *n))
        .filter(|n| {
            !page.has_class(*n, "updated")
                || page.has_class(*n, "published")
                || page.has_class(*n, "entry-date")
        })
        .filter(|n| {
            page.tag(*n) == "time"
                || page
                    .classes(*n)
                    .any(|c| matches!(c, "published" | "date" | "timestamp"))
        })
        .collect();
    let best = times
        .iter()
        .find(|n| {
            page.classes(**n)
                .any(|c| matches!(c, "published" | "entry-date" | "dt-published" | "post-date"))
                || page.attr(**n, "itemprop") == Some("datePublished")
        })
        .or_else(|| times.first())?;
    page.attr(*best, "datetime")
        .or_else(|| page.attr(*best, "title"))
        .map(str::to_owned)
        .filter(|d| !d.trim().is_empty())
        .or_else(|| Some(page.text(*best)))
}

fn date_text(page: &Page) -> Option<String> {
    const NAMES: &[&str] = &[
        "entry-date",
        "post-date",
        "date-header",
        "published",
        "post-timestamp",
        "date",
        "posted-on",
        "entry-meta",
        "post-meta",
        "postmetadata",
        "byline",
        "postdate",
        "timestamp",
        "article-date",
        "meta",
        "dateline",
        "pubdate",
        "post-info",
        "publish-date",
        "article-meta",
    ];
    NAMES.iter().find_map(|name| {
        page.descendants(page.root())
            .filter(|n| {
                page.is_element(*n)
                    && page.has_class(*n, name)
                    && !in_comments(page, *n)
                    && !in_sidebar(page, *n)
            })
            .take(4)
            .map(|n| one_line(&page.text(n)))
            .find(|t| {
                t.chars().count() <= 250
                    && date::parse(t, None, DateSource::Byline).is_some_and(|d| d.day > 0)
            })
    })
}
