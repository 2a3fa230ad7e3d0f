//! What is the post called?
//!
//! In: a page, its head, its JSON-LD and the blog's name. Out: the title: the heading of the post, unless what the head
//! says shows that the heading is another thing, or holds more than the title.

use serde_json::Value;

use super::{Head, in_comments, in_sidebar, one_line, site_title, text};
use crate::extract::body::Main;
use crate::text::fold::fold;
use crate::text::page::{NodeId, Page};

/// The title and the rule that found it.
pub(super) fn of_page(
    page: &Page,
    main: &Main,
    head: &Head,
    ld: &[Value],
    site: Option<&str>,
) -> Option<(String, &'static str)> {
    let filled = |t: Option<String>| t.filter(|t| !t.trim().is_empty());
    let window = page
        .find(page.root(), |n| {
            page.tag(n) == "title" && page.ancestors(n).any(|a| page.tag(a) == "head")
        })
        .map(|n| one_line(&page.text(n)));
    let heading = post_title(page, main, window.as_deref());
    let heading = filled(heading.map(|n| one_line(&page.text(n))));
    let window = filled(window.map(|t| without_site(&t, site)));
    let og = filled(
        head.content(&["og:title", "twitter:title"])
            .map(|t| without_site(&t, site)),
    );
    let said = filled(ld.iter().find_map(|a| text(a, &["headline", "name"])));
    let stated = [(og, "og:title"), (said, "JSON-LD"), (window, "title")];
    if let Some(heading) = heading {
        if let Some((title, rule)) = corrected(&heading, &stated) {
            return Some((title, rule));
        }
        return Some((heading, "heading of the post"));
    }
    stated
        .into_iter()
        .find_map(|(title, rule)| Some((title?, rule)))
}

/// What the head states, where the heading holds the title and more (its byline, sharing links), or where the head
/// agrees with itself on something that the heading is no part of.
fn corrected(
    heading: &str,
    stated: &[(Option<String>, &'static str)],
) -> Option<(String, &'static str)> {
    let key = words(heading);
    let all: Vec<(&String, Vec<String>, &'static str)> = stated
        .iter()
        .filter_map(|(title, rule)| {
            let title = title.as_ref()?;
            Some((title, words(title), *rule))
        })
        .collect();
    let whole = key.join(" ");
    let runs_on = all.iter().find(|(_, stated, _)| {
        let part = stated.join(" ");
        stated.len() >= 3
            && part.len() < whole.len()
            && whole.find(&part).is_some_and(|at| {
                // Some heads cut long titles: then the heading goes on within its sentence.
                let next = whole[..at + part.len()].split(' ').count();
                let goes_on = heading
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|w| !w.is_empty())
                    .nth(next)
                    .is_some_and(|w| {
                        w.starts_with(char::is_lowercase)
                            && !matches!(w, "by" | "von" | "par" | "por")
                    });
                !goes_on
            })
    });
    if let Some((title, _, rule)) = runs_on {
        return Some(((*title).clone(), rule));
    }
    let shared = |a: &[String], b: &[String]| {
        let both = a.iter().filter(|w| b.contains(w)).count();
        both * 10 >= 3 * a.len().min(b.len()).max(1)
    };
    if all.iter().any(|(_, stated, _)| shared(&key, stated)) {
        return None;
    }
    let (title, _, rule) = all.iter().enumerate().find_map(|(at, one)| {
        (one.1.len() >= 3
            && all
                .iter()
                .skip(at + 1)
                .any(|other| other.1.starts_with(&one.1) || one.1.starts_with(&other.1)))
        .then_some(one)
    })?;
    Some(((*title).clone(), rule))
}

fn words(title: &str) -> Vec<String> {
    fold(title)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The heading that titles the post.
fn post_title(page: &Page, main: &Main, window: Option<&str>) -> Option<NodeId> {
    let shown = |n: NodeId| {
        !in_sidebar(page, n) && !in_comments(page, n) && !one_line(&page.text(n)).is_empty()
    };
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
    if let Some(found) = window.and_then(|w| in_window(page, main, w)) {
        return Some(found);
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

/// The heading that the window's title names beside the blog: "Blog » Archive » Heading", "Heading : Blog".
fn in_window(page: &Page, main: &Main, window: &str) -> Option<NodeId> {
    const SIGNS: [char; 10] = ['|', '·', '•', '–', '—', '-', '«', '»', ':', '/'];
    let window = fold(window);
    let first = main.tops.first().copied()?;
    // The blog's name is a heading too: one that leads home.
    let leads_home = |n: NodeId| {
        let link = |n: NodeId| {
            page.attr(n, "href").is_some_and(|href| {
                let path = href.split_once("://").map_or(href, |(_, rest)| {
                    rest.find('/').map_or("", |at| &rest[at..])
                });
                matches!(
                    path,
                    "" | "/" | "." | "./" | "/index.html" | "/index.php" | "index.html"
                )
            })
        };
        page.ancestors(n).take(2).any(link) || page.descendants(n).any(link)
    };
    let names = |n: NodeId| {
        let text = one_line(&page.text(n));
        let text = fold(&text);
        !text.is_empty()
            && (window == text
                || window
                    .strip_prefix(text.as_ref())
                    .is_some_and(|rest| rest.trim_start().starts_with(SIGNS))
                || window
                    .strip_suffix(text.as_ref())
                    .is_some_and(|rest| rest.trim_end().ends_with(SIGNS)))
    };
    let mut found = page.descendants(page.root()).filter(|n| {
        matches!(page.tag(*n), "h1" | "h2" | "h3" | "h4")
            && names(*n)
            && !leads_home(*n)
            && !in_sidebar(page, *n)
            && !in_comments(page, *n)
    });
    let mut best = found.next()?;
    for node in found {
        if node > first {
            break;
        }
        best = node;
    }
    Some(best)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(og: &str, window: &str) -> Vec<(Option<String>, &'static str)> {
        vec![
            (Some(og.to_owned()), "og:title"),
            (Some(window.to_owned()), "title"),
        ]
    }

    #[test]
    fn a_heading_with_its_byline_is_cut() {
        let found = corrected(
            "The organ in the garage By Anna Lund Share",
            &stated("The organ in the garage", "The organ in the garage"),
        );
        assert_eq!(found.unwrap().0, "The organ in the garage");
    }

    #[test]
    fn a_heading_of_something_else_gives_way() {
        let all = stated("Nine tapes from the attic", "Nine tapes from the attic");
        assert_eq!(
            corrected("Blog", &all).unwrap().0,
            "Nine tapes from the attic"
        );
        assert!(
            corrected(
                "The organ in the garage of my uncle",
                &[(Some("The organ in the garage".to_owned()), "og:title")],
            )
            .is_none()
        );
        // A head that names the blog only says nothing about the post.
        assert!(corrected("Nine tapes", &stated("Attic FM", "Attic FM")).is_none());
        assert!(corrected("Nine tapes from an attic", &all).is_none());
    }
}
