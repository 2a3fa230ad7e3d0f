//! When was the post published?
//!
//! In: a page, its main region, its head, its JSON-LD, its address and name. Out: the date from the most trusted place
//! that states one, and the rule that found it.

use serde_json::Value;

use super::around::Around;
use super::{Head, in_comments, in_sidebar, one_line, text};
use crate::extract::byline;
use crate::extract::date;
use crate::model::{DateSource, Figures, Precision, Published};
use crate::text::lines::{is_block, is_invisible};
use crate::text::page::{NodeId, Page};

/// What is known besides the page.
pub(super) struct Known<'a> {
    pub(super) address: Option<&'a str>,
    pub(super) file_name: &'a str,
    pub(super) language: Option<&'a str>,
}

/// The date and the rule that found it.
pub(super) fn of_page(
    page: &Page,
    around: &Around<'_>,
    head: &Head,
    ld: &[Value],
    known: &Known<'_>,
) -> Option<(Published, &'static str)> {
    let stated = head.content(&[
        "article:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "pubdate",
        "publish-date",
        "publish_date",
        "publication_date",
        "og:published_time",
        "og:article:published_time",
        "parsely-pub-date",
        "sailthru.date",
        "article.published",
        "article_date_original",
        "cxenseparse:recs:publishtime",
    ]);
    let linked = ld
        .iter()
        .find_map(|a| text(a, &["datePublished", "dateCreated", "uploadDate"]));
    let mut coarse = None;
    for (said, from, rule) in [
        (stated, DateSource::Meta, "meta"),
        (linked, DateSource::JsonLd, "JSON-LD"),
        (time_element(page), DateSource::TimeElement, "time element"),
    ] {
        if let Some(found) = said.and_then(|d| date::parse(&d, known.language, from)) {
            if found.precision >= Precision::Day {
                return Some((found, rule));
            }
            coarse.get_or_insert((found, rule));
        }
    }
    let order = Order {
        told: told(page),
        language: known.language,
    };
    let written = date_text(page, order)
        .map(|d| (d, "byline"))
        .or_else(|| above(page, around, order).map(|d| (d, "line above the text")))
        .or_else(|| said(around, order).map(|d| (d, "line that reads as a byline")));
    let address = known
        .address
        .and_then(date::of_url)
        .or_else(|| date::of_file_name(known.file_name))
        .map(|d| (d, "address"));
    // `/2019/04/` tells which of 03/04/2019 is the month.
    let written = written.map(|(mut date, rule)| {
        if let Some((Published { year, month, .. }, _)) = &address
            && let Some(Figures::Guessed { day_first }) = date.figures
            && *year == date.year
        {
            if *month == date.month {
                date.settle(day_first);
            } else if *month == date.day {
                date.settle(!day_first);
            }
        }
        (date, rule)
    });
    let precise = |d: &(Published, &str)| d.0.precision >= Precision::Day;
    let address_day = address.clone().filter(precise);
    // Lines above the text may name the day of something else; an address that names a day means the post's.
    written
        .filter(precise)
        .filter(|(d, _)| address_day.as_ref().is_none_or(|(a, _)| a.key() == d.key()))
        .or(address_day)
        .or(coarse)
        .or(address)
}

/// What tells the order of day and month in figures.
#[derive(Clone, Copy)]
struct Order<'a> {
    /// By the page's other dates: whether days come first.
    told: Option<bool>,
    language: Option<&'a str>,
}

impl Order<'_> {
    fn read(self, text: &str) -> Option<Published> {
        date::parse_ordered(text, self.told, self.language, DateSource::Byline)
    }
}

fn told(page: &Page) -> Option<bool> {
    let short = page
        .descendants(page.root())
        .filter_map(|n| page.text_of(n))
        .filter(|t| t.len() <= 60);
    date::order_of(short)
}

/// A date in one of the short lines above the text and in the first ones of it.
fn above(page: &Page, around: &Around<'_>, order: Order<'_>) -> Option<Published> {
    let home = around.home()?;
    let mut seen = 0;
    let mut at = page.first_child(home);
    while let Some(node) = at {
        at = page.first_child(node).or_else(|| page.after(node, home));
        if !page.is_element(node) {
            continue;
        }
        if is_invisible(page, node) || matches!(page.tag(node), "aside" | "nav" | "footer") {
            at = page.after(node, home);
            continue;
        }
        let leaf = matches!(page.tag(node), "span" | "small" | "em" | "b" | "strong")
            || (is_block(page.tag(node))
                && !page
                    .descendants(node)
                    .any(|n| page.is_element(n) && is_block(page.tag(n))));
        if !leaf {
            continue;
        }
        at = page.after(node, home);
        let line = one_line(&page.text(node));
        let length = line.chars().count();
        if length == 0 || in_comments(page, node) || in_sidebar(page, node) {
            continue;
        }
        seen += 1;
        if seen > 40 || length > 300 {
            return None;
        }
        if length <= 120
            && let Some(found) = order.read(&line)
            && found.precision >= Precision::Day
        {
            return Some(found);
        }
    }
    None
}

/// The date of a line that reads as a byline, wherever it stands.
fn said(around: &Around<'_>, order: Order<'_>) -> Option<Published> {
    around
        .lines()
        .iter()
        .find_map(|line| byline::read(line, order.told, order.language)?.published)
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

/// True where class or id name a date: "post-date", "fecha", "datePublished".
fn names_date(page: &Page, node: NodeId) -> bool {
    page.classes(node).chain(page.id(node)).any(|name| {
        let name = name.to_ascii_lowercase();
        name.len() <= 60
            && name.split(|c: char| !c.is_alphanumeric()).any(|w| {
                matches!(
                    w,
                    "date"
                        | "dates"
                        | "datetime"
                        | "dateline"
                        | "datum"
                        | "fecha"
                        | "posted"
                        | "postdate"
                        | "pubdate"
                        | "published"
                        | "publishdate"
                        | "timestamp"
                        | "datepublished"
                        | "postmetadata"
                        | "byline"
                )
            })
    })
}

/// A date in an element that is named for it.
fn date_text(page: &Page, order: Order<'_>) -> Option<Published> {
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
    let mut named: Vec<(usize, NodeId)> = Vec::new();
    for node in page.descendants(page.root()) {
        if !page.is_element(node) || page.classes(node).chain(page.id(node)).next().is_none() {
            continue;
        }
        let rank = NAMES
            .iter()
            .position(|name| page.has_class(node, name))
            .or_else(|| names_date(page, node).then_some(NAMES.len()));
        if let Some(rank) = rank
            && !in_comments(page, node)
            && !in_sidebar(page, node)
        {
            named.push((rank, node));
        }
    }
    // The most telling name first; of one name, the first few on the page.
    named.sort_by_key(|(rank, node)| (*rank, *node));
    let mut tried = (usize::MAX, 0);
    named.into_iter().find_map(|(rank, node)| {
        tried = if tried.0 == rank {
            (rank, tried.1 + 1)
        } else {
            (rank, 1)
        };
        if tried.1 > 4 {
            return None;
        }
        let text = one_line(&page.text(node));
        if text.chars().count() > 250 {
            return None;
        }
        order.read(&text).filter(|d| d.day > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::body;
    use crate::text::hash::HashSet;

    fn date(html: &str, address: Option<&str>) -> Option<String> {
        let page = Page::parse(html);
        let main = body::of_page(&page, &HashSet::default());
        let known = Known {
            address,
            file_name: "post.html",
            language: super::super::language_of(&page).as_deref().map(|_| "en"),
        };
        of_page(
            &page,
            &Around::new(&page, &main),
            &Head::of(&page),
            &[],
            &known,
        )
        .map(|(d, _)| d.iso())
    }

    const PROSE: &str = "<p>The tape had been lying under the seat of the van since the summer, and \
        nobody knew who had put it there, or why the label was in green ink.</p>\
        <p>We played it twice on the way home, once for the songs and once for the laughter \
        between them, and then it was eaten by the machine.</p>";

    #[test]
    fn dates_stand_in_many_places() {
        for (head, above, below, address, iso) in [
            (
                r#"<meta property="article:published_time" content="2011-04-05T10:00:00Z">"#,
                "",
                "",
                None,
                "2011-04-05T10:00:00Z",
            ),
            (
                "",
                r#"<span class="fecha">5 de abril de 2011</span>"#,
                "",
                None,
                "2011-04-05",
            ),
            (
                "",
                "<div>Anna Lund | 5. April 2011</div>",
                "",
                None,
                "2011-04-05",
            ),
            ("", "<div>2011年4月5日</div>", "", None, "2011-04-05"),
            (
                "",
                "",
                "",
                Some("https://tapes.example/2011/apr/05/van/"),
                "2011-04-05",
            ),
            (
                "",
                "",
                "",
                Some("https://tapes.example/2011-04-05-van"),
                "2011-04-05",
            ),
            // The other date of the page tells that the day stands first.
            (
                "",
                r#"<span class="post-date">05/04/2011</span>"#,
                "<p>Updated 23/04/2011</p>",
                None,
                "2011-04-05",
            ),
        ] {
            let html = format!(
                "<html lang=en><head>{head}</head><body><article><h1>Van tape</h1>{above}\
                 <div class=entry-content>{PROSE}</div>{below}</article></body></html>"
            );
            assert_eq!(date(&html, address).as_deref(), Some(iso), "{above}{head}");
        }
    }
}
