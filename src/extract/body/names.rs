//! What do a class or an id call an element?
//!
//! In: the class and id words of an element, split at hyphens, underscores and capitals. Out: whether they name
//! a post's body, or chrome. Must not know any site: only words that themes in many languages share.

use crate::text::page::{NodeId, Page};

/// Classes and ids of a post's body, the most telling first; each is one platform's or one family of themes'.
pub(super) const BODIES: &[&str] = &[
    "entry-content",
    "post-body",
    "wp-block-post-content",
    "e-content",
    "post-content",
    "article-body",
    "articlebody",
    "article-content",
    "article-body-content",
    "story-body",
    "storybody",
    "storycontent",
    "entry-body",
    "post-entry",
    "gh-content",
    "body-markup",
    "available-content",
    "sqs-layout",
    "td-post-content",
    "single-content",
    "articletext",
    "article-text",
    "story-content",
    "content-body",
    "body-content",
    "entrytext",
    "news-body",
    "news-text",
    "newstext",
    "entry",
    "snap-preview",
    "postcontent",
    "blog-content",
    "post-text",
    "text-content",
    "rich-text",
    "texto",
    "noticia-texto",
    "artikeltext",
];

/// Words that name what stands around a post, wherever they stand in a class or id.
const AROUND: &[&str] = &[
    "breadcrumb",
    "breadcrumbs",
    "comments",
    "disqus",
    "footer",
    "menu",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "outbrain",
    "related",
    "relatedposts",
    "relacionadas",
    "relacionados",
    "sidebar",
    "taboola",
    "trending",
    "zergnet",
];

/// Words that name chrome within a post. Sorted.
const WITHIN: &[&str] = &[
    "a2a",
    "ad",
    "addthis",
    "addtoany",
    "ads",
    "adsbygoogle",
    "advert",
    "advertisement",
    "adverts",
    "anzeige",
    "autorbox",
    "banner",
    "bio",
    "blogthis",
    "byline",
    "captcha",
    "caption",
    "captions",
    "carousel",
    "comment",
    "commentlist",
    "comparte",
    "compartilhar",
    "compartilhe",
    "compartir",
    "condividi",
    "consent",
    "cookie",
    "cookies",
    "copyright",
    "correlati",
    "credit",
    "credits",
    "dateline",
    "dislike",
    "donate",
    "donation",
    "dropdown",
    "feedback",
    "flyout",
    "follow",
    "gallery",
    "hashtags",
    "hidden",
    "hovercard",
    "kicker",
    "labels",
    "legenda",
    "likebox",
    "likes",
    "login",
    "masthead",
    "metabar",
    "metadata",
    "modal",
    "noprint",
    "overlay",
    "pager",
    "pagination",
    "paywall",
    "popover",
    "popular",
    "popup",
    "postmetadata",
    "print",
    "promo",
    "promos",
    "promotion",
    "publicidad",
    "publicidade",
    "rating",
    "ratings",
    "readmore",
    "recent",
    "recirc",
    "recirculation",
    "recommend",
    "recommendation",
    "recommendations",
    "recommended",
    "reply",
    "respond",
    "rollover",
    "share",
    "sharebar",
    "sharedaddy",
    "shares",
    "sharing",
    "signup",
    "skip",
    "slideshow",
    "sociable",
    "social",
    "sponsor",
    "sponsored",
    "sponsors",
    "subscribe",
    "subscription",
    "tagcloud",
    "taglist",
    "tags",
    "teaser",
    "teasers",
    "teilen",
    "toc",
    "toolbar",
    "tooltip",
    "upsell",
    "verwandte",
    "werbung",
    "widget",
    "wpcnt",
];

/// Neighbouring words that name chrome within a post together.
const PAIRS: &[&str] = &[
    "about-author",
    "also-like",
    "also-read",
    "article-date",
    "article-info",
    "article-meta",
    "article-title",
    "author-bio",
    "author-box",
    "author-card",
    "author-info",
    "author-name",
    "cat-links",
    "date-header",
    "email-form",
    "entry-author",
    "entry-date",
    "entry-meta",
    "entry-title",
    "entry-utility",
    "featured-posts",
    "image-description",
    "last-updated",
    "latest-news",
    "latest-posts",
    "leia-mais",
    "leia-tambem",
    "lire-aussi",
    "meta-info",
    "more-from",
    "more-news",
    "more-stories",
    "most-read",
    "next-prev",
    "photo-description",
    "post-author",
    "post-date",
    "post-info",
    "post-meta",
    "post-ratings",
    "post-tags",
    "post-timestamp",
    "post-title",
    "posted-on",
    "prev-next",
    "published-date",
    "read-also",
    "read-more",
    "read-next",
    "robots-nocontent",
    "saiba-mais",
    "screen-reader",
    "sd-block",
    "see-also",
    "sign-up",
    "sr-only",
    "tag-links",
    "tag-list",
    "veja-mais",
    "veja-tambem",
    "visually-hidden",
];

/// The words of a name, in lower case with `-` between: `articleShare_Bar` gives `article-share-bar`.
pub(super) fn spelled(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if c.is_ascii_uppercase() && lower {
                out.push('-');
            }
            lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            lower = false;
            if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    out
}

fn any_name(page: &Page, node: NodeId, accept: impl Fn(&str) -> bool) -> bool {
    page.classes(node)
        .chain(page.id(node))
        .any(|name| name.len() <= 80 && accept(&spelled(name)))
}

/// True where class or id name what stands around a post: a sidebar, related posts, comments.
pub(super) fn surrounds(page: &Page, node: NodeId) -> bool {
    any_name(page, node, |name| {
        // "has-sidebar", "no-comments" and "comments-open" tell about the page, not about the element.
        let mut words = name.split('-').peekable();
        let first = words.peek().copied().unwrap_or_default();
        !matches!(
            first,
            "has" | "no" | "with" | "is" | "content" | "main" | "single" | "layout"
        ) && words.any(|w| AROUND.contains(&w))
            && !name.ends_with("-wrap")
            && !name.ends_with("-wrapper")
            && !name.ends_with("-container")
    })
}

/// True where class or id name chrome within a post.
pub(super) fn is_chrome(page: &Page, node: NodeId) -> bool {
    any_name(page, node, |name| {
        let mut last = 0;
        let mut before = None;
        for word in name.split('-') {
            if AROUND.contains(&word) || WITHIN.binary_search(&word).is_ok() {
                return true;
            }
            let end = last + word.len();
            if let Some(start) = before
                && PAIRS.binary_search(&&name[start..end]).is_ok()
            {
                return true;
            }
            before = Some(last);
            last = end + 1;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_for_the_search() {
        assert!(WITHIN.is_sorted());
        assert!(PAIRS.is_sorted());
    }

    #[test]
    fn names_are_split_at_hyphens_underscores_and_capitals() {
        assert_eq!(spelled("articleShare_Bar"), "article-share-bar");
        assert_eq!(spelled("post__content"), "post-content");
        assert_eq!(spelled("storyBody2"), "story-body2");
    }
}
