//! The text that a page states for machines.
//!
//! In: a page, and the text found in its main region. Out: the text of `articleBody` in its JSON-LD, or of a `noscript`,
//! where the region holds next to nothing of it: pages that scripts fill have no other.

use crate::text::hash::HashSet;

use serde_json::Value;

use crate::text::lines;
use crate::text::page::Page;

/// Shorter texts are summaries.
const SHORTEST: usize = 300;

/// The stated text, where `visible` lacks it.
pub fn stated_text(page: &Page, visible: &str) -> Option<String> {
    let body = article_body(page);
    if let Some(body) = body.filter(|b| b.chars().count() >= SHORTEST && lacks(visible, b)) {
        return Some(body);
    }
    if visible.chars().count() >= SHORTEST {
        return None;
    }
    noscript(page).filter(|text| text.chars().count() >= SHORTEST && lacks(visible, text))
}

/// The longest `articleBody`, at any depth.
fn article_body(page: &Page) -> Option<String> {
    let mut best: Option<String> = None;
    for raw in page.json_ld() {
        if !raw.contains("articleBody") {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(raw.trim()) else {
            continue;
        };
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(all) => open.extend(all),
                Value::Object(map) => {
                    for (key, value) in map {
                        match value {
                            Value::String(text) if key == "articleBody" => {
                                if best.as_ref().is_none_or(|b| b.len() < text.len()) {
                                    best = Some(text);
                                }
                            }
                            value => open.push(value),
                        }
                    }
                }
                _ => {}
            }
        }
    }
    best.map(|text| match text.contains("</p>") || text.contains("<br") {
        true => flat(&text),
        false => text,
    })
}

/// The text of the longest `noscript` that holds paragraphs: with scripts on, its markup is text.
fn noscript(page: &Page) -> Option<String> {
    page.descendants(page.root())
        .filter(|n| page.tag(*n) == "noscript")
        .filter_map(|n| page.first_child(n).and_then(|c| page.text_of(c)))
        .filter(|raw| raw.contains("<p"))
        .max_by_key(|raw| raw.len())
        .map(flat)
}

fn flat(html: &str) -> String {
    let page = Page::parse(html);
    let mut out = String::new();
    for line in lines::of_page(&page, page.root(), &|_| false) {
        out.push_str(&line.text);
        out.push_str("\n\n");
    }
    out
}

/// True where less than a third of the words pairs of `stated` stand in `visible`.
fn lacks(visible: &str, stated: &str) -> bool {
    let pairs = |text: &str| -> Vec<(String, String)> {
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        words
            .windows(2)
            .map(|w| (w[0].clone(), w[1].clone()))
            .collect()
    };
    let shown: HashSet<(String, String)> = pairs(visible).into_iter().collect();
    let stated = pairs(stated);
    let found = stated.iter().filter(|p| shown.contains(*p)).count();
    !stated.is_empty() && found * 3 < stated.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The organ stood in the garage for eleven years before anyone plugged it in. \
        When somebody did, on a wet Sunday, every garage door in the street began to open and to \
        close again, and the dog of the neighbours learned a new note. We recorded all of it on a \
        machine that was meant for dictation, which is why the bass sounds like a letter to a bank.";

    #[test]
    fn a_page_that_scripts_fill_gives_what_it_states() {
        let json = serde_json::json!({"@type": "BlogPosting", "articleBody": TEXT});
        let page = Page::parse(&format!(
            "<script type='application/ld+json'>{json}</script><div id=app></div>"
        ));
        assert_eq!(stated_text(&page, "Loading").as_deref(), Some(TEXT));
        // The region holds it already, with its paragraphs.
        assert_eq!(stated_text(&page, TEXT), None);
    }

    #[test]
    fn a_noscript_stands_in_for_an_empty_region() {
        let page = Page::parse(&format!("<body><noscript><p>{TEXT}</p></noscript></body>"));
        assert_eq!(stated_text(&page, "").as_deref().map(str::trim), Some(TEXT));
        assert_eq!(stated_text(&page, &"other words ".repeat(40)), None);
    }
}
