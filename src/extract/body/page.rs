//! The main region of a page.
//!
//! In: a page, and the subtrees that hold comments. Out: [`Main`]: by the classes that platforms give a post's
//! body, then by schema.org, then by where the paragraphs are.

use std::collections::{HashMap, HashSet};

use super::Main;
use crate::text::lines::is_invisible;
use crate::text::page::{NodeId, Page};

/// Classes of a post's body, the most telling first; each is one platform's or one family of themes'.
const BODIES: &[&str] = &[
    "entry-content",
    "post-body",
    "wp-block-post-content",
    "e-content",
    "post-content",
    "article-body",
    "articlebody",
    "article-content",
    "article__body",
    "article__content",
    "story-body",
    "storycontent",
    "entry-body",
    "post-entry",
    "post__content",
    "gh-content",
    "body-markup",
    "available-content",
    "sqs-layout",
    "td-post-content",
    "single-content",
    "post_content",
    "articletext",
    "article-text",
    "story-content",
    "content-body",
    "entrytext",
    "entry",
    "snap_preview",
    "postcontent",
    "blog-content",
    "post-text",
    "main-content",
];

/// Finds the main region; `taken` are the subtrees that hold comments.
pub fn of_page(page: &Page, taken: &HashSet<NodeId>) -> Main {
    let weights = weigh(page, taken);
    let total = weights.get(&page.root()).copied().unwrap_or(0.0).max(1.0);
    let weight = |n: &NodeId| weights.get(n).copied().unwrap_or(0.0);
    let mut rule = "paragraphs";
    let mut best: Option<NodeId> = None;
    let by_prop = page.find(page.root(), |n| {
        page.attr(n, "itemprop")
            .is_some_and(|p| p.eq_ignore_ascii_case("articleBody"))
            && weight(&n) > 0.1 * total
    });
    if let Some(node) = by_prop {
        best = Some(node);
        rule = "itemprop=articleBody";
    }
    if best.is_none() {
        for class in BODIES {
            let found = page
                .descendants(page.root())
                .filter(|n| {
                    page.is_element(*n)
                        && !matches!(page.tag(*n), "body" | "html")
                        && page.has_class(*n, class)
                })
                .max_by(|a, b| weight(a).total_cmp(&weight(b)).then(b.cmp(a)));
            if let Some(node) = found
                && weight(&node) > 0.25 * total
            {
                best = Some(node);
                rule = class;
                break;
            }
        }
    }
    let top = best.unwrap_or_else(|| descend(page, &weights));
    let mut dropped = HashSet::new();
    let mut at = page.first_child(top);
    while let Some(node) = at {
        if page.is_element(node) && is_chrome(page, node, weight(&node), weight(&top)) {
            dropped.insert(node);
            at = page.after(node, top);
            continue;
        }
        at = page.first_child(node).or_else(|| page.after(node, top));
    }
    Main {
        tops: vec![top],
        dropped,
        rule,
    }
}

/// Letters of prose below every element: text in links and lists of links counts for little.
fn weigh(page: &Page, taken: &HashSet<NodeId>) -> HashMap<NodeId, f32> {
    let mut weights: HashMap<NodeId, f32> = HashMap::new();
    let top = page.root();
    let mut at = page.first_child(top);
    while let Some(node) = at {
        if taken.contains(&node)
            || (page.is_element(node) && (is_invisible(page, node) || is_aside(page, node)))
        {
            at = page.after(node, top);
            continue;
        }
        if let Some(text) = page.text_of(node) {
            let length = text.trim().chars().count() as f32;
            if length > 0.0 {
                let linked = page.ancestors(node).take(4).any(|a| page.tag(a) == "a");
                let prose = page
                    .ancestors(node)
                    .take(4)
                    .any(|a| matches!(page.tag(a), "p" | "blockquote" | "pre"));
                let worth = length
                    * if linked {
                        0.1
                    } else if prose {
                        1.3
                    } else if length > 40.0 {
                        1.0
                    } else {
                        0.5
                    };
                for a in page.ancestors(node) {
                    *weights.entry(a).or_insert(0.0) += worth;
                }
            }
        }
        at = page.first_child(node).or_else(|| page.after(node, top));
    }
    weights
}

/// Walks down from the body while one child holds nearly all prose.
fn descend(page: &Page, weights: &HashMap<NodeId, f32>) -> NodeId {
    let weight = |n: &NodeId| weights.get(n).copied().unwrap_or(0.0);
    let mut at = page
        .find(page.root(), |n| page.tag(n) == "body")
        .unwrap_or_else(|| page.root());
    loop {
        let heaviest = page
            .children(at)
            .filter(|n| page.is_element(*n))
            .max_by(|a, b| weight(a).total_cmp(&weight(b)).then(b.cmp(a)));
        match heaviest {
            Some(child)
                if weight(&child) > 0.72 * weight(&at)
                    && !matches!(
                        page.tag(child),
                        "p" | "blockquote" | "ul" | "ol" | "li" | "pre" | "td" | "span" | "b"
                    ) =>
            {
                at = child;
            }
            Some(child) if page.tag(child) == "td" && weight(&child) > 0.72 * weight(&at) => {
                at = child
            }
            _ => return at,
        }
    }
}

fn is_aside(page: &Page, node: NodeId) -> bool {
    matches!(
        page.tag(node),
        "nav" | "aside" | "footer" | "form" | "button" | "select"
    ) || page.attr(node, "role").is_some_and(|r| {
        matches!(
            r,
            "navigation" | "complementary" | "contentinfo" | "banner" | "search"
        )
    })
}

/// Parts of a class or id that name chrome.
const CHROME: &[&str] = &[
    "share",
    "sharing",
    "social",
    "related",
    "newsletter",
    "subscribe",
    "sidebar",
    "breadcrumb",
    "byline",
    "author-box",
    "author-bio",
    "authorbox",
    "post-meta",
    "entry-meta",
    "postmetadata",
    "post-footer",
    "entry-footer",
    "article-meta",
    "tags",
    "tag-links",
    "cat-links",
    "post-tags",
    "jp-relatedposts",
    "sd-block",
    "likes",
    "wpl-likebox",
    "robots-nocontent",
    "navigation",
    "nav-links",
    "post-nav",
    "pagination",
    "pager",
    "promo",
    "advert",
    "ad-slot",
    "adsbygoogle",
    "banner",
    "cookie",
    "popup",
    "modal",
    "toolbar",
    "print",
    "toc",
    "recommend",
    "more-stories",
    "trending",
    "most-read",
    "read-more",
    "signup",
    "donat",
    "comment",
    "disqus",
    "widget",
    "menu",
    "footer",
    "post-labels",
    "post-timestamp",
    "post-author",
    "post-info",
    "posted-on",
    "date-header",
    "rating",
    "caption-credit",
    "skip-link",
    "copyright",
    "screen-reader",
    "visually-hidden",
    "sr-only",
    "hidden",
    "noprint",
    "addtoany",
    "a2a",
    "addthis",
    "wpcnt",
    "post-title",
    "entry-title",
    "infobox-ad",
    "sponsor",
    "teaser",
    "meta-info",
    "metadata",
    "timestamp",
];

fn is_chrome(page: &Page, node: NodeId, weight: f32, whole: f32) -> bool {
    // Whatever holds most of the prose is the post, whatever it is called.
    if weight > 0.4 * whole {
        return false;
    }
    if is_aside(page, node) || page.tag(node) == "h1" {
        return true;
    }
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        CHROME.iter().any(|c| {
            text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .any(|word| {
                    word == *c
                        || (c.len() > 5 && word.contains(c))
                        || word.strip_prefix(c).is_some_and(|r| r.starts_with('-'))
                        || word.strip_suffix(c).is_some_and(|r| r.ends_with('-'))
                })
        })
    };
    if weight < 0.15 * whole && (page.classes(node).any(named) || page.id(node).is_some_and(named))
    {
        return true;
    }
    // Lists whose text is links are navigation.
    if matches!(page.tag(node), "ul" | "ol" | "div" | "p") {
        let mut linked = 0usize;
        let mut all = 0usize;
        let mut links = 0usize;
        for n in page.descendants(node) {
            if let Some(text) = page.text_of(n) {
                let length = text.trim().chars().count();
                all += length;
                if page
                    .ancestors(n)
                    .take_while(|a| *a != node)
                    .any(|a| page.tag(a) == "a")
                {
                    linked += length;
                }
            } else if page.tag(n) == "a" {
                links += 1;
                if page.attr(n, "href").is_some_and(|h| h.ends_with(".mp3")) {
                    return false;
                }
            }
        }
        if links >= 3 && all > 0 && linked * 10 >= all * 9 && page.tag(node) != "p" {
            return true;
        }
    }
    false
}
