//! Threads whose lines hold a whole comment each: "Anna: text (4 March 2012)", "text — Anna, 4 March 2012".
//!
//! In: the lines below a thread's heading, and how many comments that states. Out: the comments, or nothing where the
//! lines do not all belong to one. Read last: names before colons and behind dashes stand in prose too.

use super::byline::{self, Form};
use crate::model::Published;

/// A comment as its line has it.
#[derive(Debug, PartialEq)]
pub(super) struct Whole {
    pub author: String,
    pub published: Option<Published>,
    pub text: String,
}

/// Reads the thread. Two comments are needed, or as many as the heading states; never more than that.
pub(super) fn read(
    lines: &[&str],
    language: Option<&str>,
    stated: Option<u32>,
) -> Option<Vec<Whole>> {
    let fits = |found: &Vec<Whole>| match stated {
        Some(stated) => found.len() <= stated as usize && (found.len() > 1 || stated == 1),
        None => found.len() > 1,
    };
    led(lines, language)
        .filter(fits)
        .or_else(|| signed(lines, language).filter(fits))
}

/// Names lead; lines without one go on.
fn led(lines: &[&str], language: Option<&str>) -> Option<Vec<Whole>> {
    let mut found: Vec<Whole> = Vec::new();
    for line in lines {
        match lead(line) {
            Some((author, text)) => {
                let (text, published) = bracketed(text, language);
                found.push(Whole {
                    author,
                    published,
                    text: text.to_owned(),
                });
            }
            None if found.is_empty() && line.is_empty() => {}
            // Something stands before the first comment: what follows may be anything.
            None => {
                let last = found.last_mut()?;
                let (text, published) = bracketed(line, language);
                last.text = [&last.text, "\n", text].concat();
                last.published = published.or(last.published.take());
            }
        }
    }
    for whole in &mut found {
        whole.text.truncate(whole.text.trim_end().len());
    }
    Some(found)
}

/// Names close; what stands before one and behind the one before is the text.
fn signed(lines: &[&str], language: Option<&str>) -> Option<Vec<Whole>> {
    let mut found = Vec::new();
    let mut text = String::new();
    for line in lines {
        match signature(line, language) {
            Some((rest, author, published)) => {
                text.push_str(rest);
                let text = std::mem::take(&mut text);
                found.push(Whole {
                    author,
                    published,
                    text,
                });
            }
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text.trim().is_empty().then_some(found)
}

/// Words before a colon that name no one.
const LABELS: &[&str] = &[
    "ps",
    "p.s.",
    "pps",
    "update",
    "edit",
    "edited",
    "note",
    "nb",
    "re",
    "via",
    "source",
    "link",
    "links",
    "download",
    "tracklist",
    "track list",
    "photo",
    "image",
    "video",
    "tags",
    "label",
    "labels",
    "category",
    "categories",
    "filed under",
    "posted in",
    "posted by",
    "name",
    "email",
    "e-mail",
    "website",
    "url",
    "from",
    "date",
    "comment",
    "quote",
    "warning",
    "spoiler",
    "share",
    "related",
    "previous",
    "next",
    "http",
    "https",
];

/// "Anna: text".
fn lead(line: &str) -> Option<(String, &str)> {
    let (at, colon) = line
        .char_indices()
        .take_while(|(at, _)| *at <= 80)
        .find(|(_, c)| matches!(c, ':' | '：'))?;
    let (written, text) = (line[..at].trim(), &line[at + colon.len_utf8()..]);
    let parted = colon != ':' || text.starts_with(char::is_whitespace);
    let text = text.trim();
    if !parted || text.is_empty() || !byline::plausible(written) {
        return None;
    }
    if LABELS.contains(&written.to_lowercase().as_str()) {
        return None;
    }
    Some((byline::before_colon(written)?, text))
}

/// A date in brackets at the end of a line, and what stands before it.
fn bracketed<'t>(line: &'t str, language: Option<&str>) -> (&'t str, Option<Published>) {
    let inner = line.strip_suffix([')', ']']);
    let parts = inner.and_then(|line| line.rsplit_once(['(', '[']));
    match parts.map(|(text, date)| (text, byline::date_only(date, language))) {
        Some((text, Some(date))) => (text.trim_end(), date),
        _ => (line, None),
    }
}

/// "text — Anna, 4 March 2012".
fn signature<'t>(
    line: &'t str,
    language: Option<&str>,
) -> Option<(&'t str, String, Option<Published>)> {
    let dashes = [" — ", " – ", " -- ", " - ", " ~ ", " —", " ~"];
    let (text, tail) = dashes.iter().find_map(|dash| line.rsplit_once(dash))?;
    let text = text.trim_end();
    let lead = byline::read(tail, language)
        .filter(|lead| lead.form == Form::NameDate && lead.dated && lead.rest.is_empty())?;
    let short = tail.chars().count() <= 80 && byline::plausible(&lead.author);
    (short && !text.is_empty()).then_some((text, lead.author, lead.published))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str], stated: Option<u32>) -> Vec<String> {
        let told = |whole: Whole| {
            let day = whole.published.map(|p| p.iso());
            format!(
                "{} | {} | {}",
                whole.author,
                day.unwrap_or_default(),
                whole.text
            )
        };
        let read = read(lines, Some("en"), stated);
        read.into_iter().flatten().map(told).collect()
    }

    #[test]
    fn names_lead_or_close() {
        let led = [
            "Anna: What a list. (March 4, 2009)",
            "",
            "Tom B.: You left one out:",
            "the best of them.",
            "silke76：Danke!",
        ];
        assert_eq!(
            found(&led, Some(3)),
            [
                "Anna | 2009-03-04 | What a list.",
                "Tom B. |  | You left one out:\nthe best of them.",
                "silke76 |  | Danke!",
            ]
        );
        let signed = [
            "What a list. — Anna, March 4, 2009",
            "You left one out.",
            "I mean it. – Tom B., March 5, 2009",
        ];
        assert_eq!(
            found(&signed, None),
            [
                "Anna | 2009-03-04 | What a list.",
                "Tom B. | 2009-03-05 | You left one out.\nI mean it.",
            ]
        );
        assert_eq!(found(&["Anna: Nice."], Some(1)).len(), 1);
    }

    #[test]
    fn prose_is_no_thread() {
        for (lines, stated) in [
            (&["Anna: Nice."][..], None),
            (&["Anna: Nice.", "Tom: Yes.", "Silke: No."], Some(2)),
            (&["Some words first.", "Anna: Nice.", "Tom: Yes."], None),
            (&["Update: it is back.", "Note: it went again."], None),
            (&["http://example.org/a", "http://example.org/b"], None),
            (&["At 12:30 we met.", "At 13:30 we left."], None),
            (&["A walk — and then some.", "A talk — and no more."], None),
        ] {
            assert_eq!(found(lines, stated), Vec::<String>::new(), "{lines:?}");
        }
    }
}
