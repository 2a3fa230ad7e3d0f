//! Who wrote the post?
//!
//! In: a page, its head, its JSON-LD. Out: the name, without the words around it.

use serde_json::Value;

use super::around::Around;
use super::{Head, in_comments, in_sidebar, one_line, people};
use crate::extract::byline::{self, without_date, without_stop};
use crate::text::page::{NodeId, Page};

/// The author: JSON-LD first, then the byline, then the head.
pub(super) fn of_page(
    page: &Page,
    around: &Around<'_>,
    head: &Head,
    ld: &[Value],
) -> Option<String> {
    let accept = |name: String| {
        let name = clean_author(&name);
        // Accounts and addresses are the blog's more often than the author's.
        let named = !name.is_empty()
            && name.chars().count() <= 60
            && !name.starts_with(['@', '#'])
            && !name.starts_with("http")
            && !name.contains(" @");
        named.then_some(name)
    };
    ld.iter()
        .find_map(|a| people(a.get("author")?))
        .and_then(accept)
        .or_else(|| marked(page).and_then(accept))
        .or_else(|| written(around).and_then(accept))
        .or_else(|| {
            [
                "author",
                "article:author",
                "dc.creator",
                "parsely-author",
                "sailthru.author",
            ]
            .iter()
            .find_map(|name| head.content(&[name]).and_then(accept))
        })
}

/// Two to four capitalised words, none of them a trade or an agency.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=4).contains(&words.len())
        && words.iter().all(|w| {
            let letters = w.chars().filter(|c| c.is_alphabetic()).count();
            w.starts_with(char::is_uppercase)
                && !(letters <= 4 && letters > 1 && w.chars().all(|c| !c.is_lowercase()))
                && !matches!(
                    w.to_lowercase().as_str(),
                    "writer"
                        | "editor"
                        | "press"
                        | "news"
                        | "staff"
                        | "business"
                        | "reporter"
                        | "correspondent"
                        | "associated"
                        | "magazine"
                        | "contributor"
                        | "radio"
                )
        })
}

/// Lines before this one may name the author with no more than "by Anna".
const NEAR_TOP: usize = 8;

/// The name in a line that reads as a byline.
fn written(around: &Around<'_>) -> Option<String> {
    around.lines().iter().enumerate().find_map(|(at, line)| {
        let found = byline::read(line, None, None)?;
        found.author.filter(|_| found.told || at < NEAR_TOP)
    })
}

/// The name in an element that the theme marks as the post's byline.
fn marked(page: &Page) -> Option<String> {
    let fits = |n: NodeId| {
        if in_sidebar(page, n) || in_comments(page, n) {
            return None;
        }
        let text = one_line(&page.text(n));
        let length = text.chars().count();
        (length > 1 && length <= 80).then_some(text)
    };
    // The first that fits of each kind, the surest kind first; one walk for all.
    let mut found: [Option<String>; 4] = Default::default();
    for node in page
        .descendants(page.root())
        .filter(|n| page.is_element(*n))
    {
        for (kind, found) in found.iter_mut().enumerate() {
            if found.is_none() && marks_author(page, node, kind) {
                *found = fits(node);
            }
        }
        if found[0].is_some() {
            break;
        }
    }
    found.into_iter().flatten().next()
}

/// True where a node is marked as the author's name, in one of four ways; 0 is the surest.
fn marks_author(page: &Page, node: NodeId, kind: usize) -> bool {
    match kind {
        0 => page
            .attr(node, "rel")
            .is_some_and(|r| r.split_whitespace().any(|w| w == "author")),
        1 => page.attr(node, "itemprop") == Some("author"),
        2 => {
            (page.has_class(node, "fn") || page.has_class(node, "p-name"))
                && page.ancestors(node).take(3).any(|a| {
                    page.classes(a)
                        .any(|c| matches!(c, "author" | "post-author" | "byline" | "p-author"))
                })
        }
        _ => page.classes(node).any(|c| {
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
        }),
    }
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
        "Автор:",
        "Опубликовал",
        "投稿者:",
        "投稿者：",
        "작성자:",
        "글쓴이:",
        "Publicado por",
        "Postado por",
        "Pubblicato da",
        "Publié par",
        "Eingestellt von",
        "Analysis by",
        "Story by",
        "Review by",
        "Text by",
    ] {
        name = name.strip_prefix(lead).unwrap_or(name).trim();
    }
    let name = name.split(['|', '·', '•']).next().unwrap_or(name);
    // "Anna Lund, editor": a name and a trade; "Anna Lund, Per Vik" are two names.
    let name = match name.split_once(',') {
        Some((first, rest)) if !rest.split(',').all(is_name) => first,
        _ => name,
    };
    let name = without_date(name);
    let name = name.split(" on ").next().unwrap_or(name);
    let name = name.split(" at ").next().unwrap_or(name);
    let name = name.trim().trim_end_matches(['-', '–', ':']).trim();
    without_stop(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_words_around_them() {
        for (raw, name) in [
            ("Posted by Anna Lund", "Anna Lund"),
            ("By Anna Lund November 19, 2019", "Anna Lund"),
            ("ANNA LUND 19 NOV 2019", "ANNA LUND"),
            ("Publicado por Clara Reis", "Clara Reis"),
            ("投稿者: 田中", "田中"),
            ("Anna Lund, editor", "Anna Lund"),
            ("Anna Lund, ABC Night Writer", "Anna Lund"),
            ("Anna Lund, Per Vik", "Anna Lund, Per Vik"),
            ("Friday Jones", "Friday Jones"),
        ] {
            assert_eq!(clean_author(raw), name, "{raw}");
        }
    }
}
