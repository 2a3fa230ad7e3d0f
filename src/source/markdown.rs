//! Reader of Markdown posts: Jekyll, Hugo, Eleventy, Zola, Obsidian, or bare.
//!
//! In: `.md` and its kin. Out: one entry, or none for a draft. Shortcodes and template tags are dropped.

use std::io::BufRead;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::open::whole;
use super::{BadDocument, Content, Entry, EntryBody, FileName, Reader, Sink, fields, front_matter};
use crate::error::Result;
use crate::model::Text;
use crate::text::charset;

/// Markdown with front matter.
pub(super) struct Markdown;

impl Reader for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn sniff(&self, name: &Path, _: &[u8]) -> bool {
        name.extension().and_then(|e| e.to_str()).is_some_and(|e| {
            ["md", "markdown", "mdown", "mkd", "mdx"]
                .iter()
                .any(|known| e.eq_ignore_ascii_case(known))
        })
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let (text, _) = charset::decode(&bytes, None, false);
        let parts = front_matter::split(&text);
        let f = &parts.fields;
        if fields::flag(f, "draft") == Some(true) || fields::flag(f, "published") == Some(false) {
            return Ok(());
        }
        if parts.body.trim().is_empty() && f.is_empty() {
            let _ = sink(Err(BadDocument {
                entry: String::new(),
                offset: None,
                reason: parts.problem.unwrap_or_else(|| "it holds no text".into()),
            }));
            return Ok(());
        }
        let mut body = without_tags(parts.body);
        let rows = fields::track_rows(f);
        if !rows.is_empty() {
            body.push_str("\n\n## Tracklist\n\n");
            for row in rows {
                // As it is: a row is no Markdown.
                body.push_str("- ");
                body.extend(row.chars().flat_map(|c| {
                    let escape = (c.is_ascii_punctuation()).then_some('\\');
                    escape.into_iter().chain(std::iter::once(c))
                }));
                body.push('\n');
            }
        }
        let title = fields::text(f, &["title", "name"]).or_else(|| first_heading(&body));
        let url = fields::text(f, &["canonical_url", "canonical", "permalink", "url"])
            .filter(|u| u.starts_with("http://") || u.starts_with("https://"));
        let entry = Entry {
            url,
            site: fields::text(f, &["site"]),
            author: fields::text(f, &["author", "authors", "creator"]),
            date_text: fields::text(
                f,
                &[
                    "date",
                    "publishdate",
                    "pubdate",
                    "published",
                    "created",
                    "dt_published",
                ],
            ),
            language: fields::text(f, &["lang", "language", "locale"])
                .map(|l| l.chars().take(2).collect::<String>().to_lowercase()),
            tags: fields::list(f, &["tags", "tag", "categories", "category", "keywords"]),
            tracklists: fields::track_lists(f),
            comments: fields::comments(f),
            body: EntryBody::Markdown(match &title {
                Some(title) => without_title(&body, title),
                None => body,
            }),
            title,
            warnings: parts.problem.iter().map(|p| Text::line(p)).collect(),
            ..Entry::default()
        };
        let _ = sink(Ok(file.document(
            self.name(),
            String::new(),
            Content::Entry(Box::new(entry)),
        )));
        Ok(())
    }
}

/// Template tags of static-site generators: Liquid (`{% include x %}`, `{{ x }}`), Hugo's shortcodes,
/// imports of MDX. What stands between a pair of tags is kept.
static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?s)\{%.*?%\}|\{\{[<%]?.*?[>%]?\}\}|(?m:^import .*? from .*?;?$)").ok()
});

fn without_tags(body: &str) -> String {
    match &*TAGS {
        Some(tags) => tags.replace_all(body, "").into_owned(),
        None => body.to_owned(),
    }
}

fn first_heading(body: &str) -> Option<String> {
    let line = body.lines().find(|l| !l.trim().is_empty())?;
    let title = line.strip_prefix("# ")?.trim().trim_end_matches('#').trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// The body without a first heading that repeats the title.
fn without_title(body: &str, title: &str) -> String {
    match first_heading(body) {
        Some(heading) if heading == title => {
            let start = body.find("# ").unwrap_or(0);
            let end = body[start..].find('\n').map_or(body.len(), |n| start + n);
            body[end..].to_owned()
        }
        _ => body.to_owned(),
    }
}
