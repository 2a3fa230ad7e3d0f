//! Reader of Markdown posts: Jekyll, Hugo, Eleventy, Zola, Obsidian, or bare.
//!
//! In: `.md` and its kin. Out: one entry; none for a draft, or for what is a template or a list of the site.
//! Shortcodes and template tags are dropped.

use std::io::BufRead;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::open::whole;
use super::value::{Fields, Value};
use super::{
    BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, fields, front_matter,
};
use crate::error::Result;
use crate::model::Text;
use crate::text::charset;

/// Markdown with front matter.
pub(super) struct Markdown;

/// Endings of Markdown files.
pub(super) const ENDINGS: &[&str] = &["md", "markdown", "mdown", "mkd", "mdx"];

/// Folders of a site whose files are no posts: drafts, and what posts are made with.
const NO_POSTS: &[&str] = &[
    "_drafts",
    "drafts",
    "_includes",
    "_layouts",
    "_templates",
    "archetypes",
    "layouts",
    "node_modules",
];

impl Reader for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn sign(&self) -> &'static str {
        "the name ends as Markdown does"
    }

    fn sniff(&self, name: &Path, _: &Head<'_>) -> bool {
        name.extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ENDINGS.iter().any(|known| e.eq_ignore_ascii_case(known)))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut parts = file.name().rsplit('/');
        // `_index.md` is what Hugo and Zola show above a list.
        let is_list = parts.next().is_some_and(|name| name.starts_with("_index."));
        if is_list || parts.any(|folder| NO_POSTS.contains(&folder)) {
            return Ok(());
        }
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let (text, _) = charset::decode(&bytes, None, false);
        let parts = front_matter::split(&text);
        let f = &parts.fields;
        let is_draft = fields::flag(f, "draft") == Some(true)
            || fields::flag(f, "published") == Some(false)
            || fields::text(f, &["status"])
                .is_some_and(|s| matches!(s.to_ascii_lowercase().as_str(), "draft" | "private"));
        if is_draft {
            return Ok(());
        }
        if parts.body.trim().is_empty() && f.is_empty() {
            let _ = sink(Err(BadDocument::of_file(
                None,
                parts.problem.unwrap_or_else(|| "it holds no text".into()),
            )));
            return Ok(());
        }
        let mut body = without_tags(parts.body);
        let deeper = nested(f);
        let rows = std::iter::once(f)
            .chain(deeper.iter().copied())
            .map(fields::track_rows)
            .find(|rows| !rows.is_empty())
            .unwrap_or_default();
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
        let mut tracklists = fields::track_lists(f);
        for inner in &deeper {
            if tracklists.is_empty() {
                tracklists = fields::track_lists(inner);
            }
        }
        let mut tags = Vec::new();
        for fields in std::iter::once(f).chain(deeper.iter().copied()) {
            for tag in fields::list(
                fields,
                &["tags", "tag", "categories", "category", "keywords"],
            ) {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        // Eleventy's collections are tags that say nothing of the post.
        tags.retain(|tag| !matches!(tag.as_str(), "post" | "posts" | "all"));
        let title = fields::text(f, &["title", "name"])
            .or_else(|| first_heading(&body))
            .or_else(|| title_of(file.name()));
        let url = fields::text(f, &["canonical_url", "canonical", "permalink", "url"])
            .filter(|u| u.starts_with("http://") || u.starts_with("https://"));
        let entry = Entry {
            url,
            site: fields::text(f, &["site"]),
            author: fields::text(f, &["author", "authors", "creator"]).or_else(|| {
                deeper
                    .iter()
                    .find_map(|f| fields::text(f, &["author", "authors"]))
            }),
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
            tags,
            tracklists,
            comments: fields::comments(f),
            body: EntryBody::Markdown(match &title {
                Some(title) => without_title(&body, title),
                None => body,
            }),
            title,
            warnings: parts.problem.iter().map(|p| Text::line(p)).collect(),
            ..Entry::default()
        };
        let content = Content::Entry(Box::new(entry));
        let _ = sink(Ok(file.document(self.name(), String::new(), content)));
        Ok(())
    }
}

/// Where generators let people put fields of their own, and Zola its tags.
fn nested<'f>(f: &'f Fields<'static>) -> Vec<&'f Fields<'static>> {
    ["taxonomies", "extra", "params"]
        .iter()
        .filter_map(|name| f.find(name))
        .filter_map(Value::as_object)
        .collect()
}

/// A file name without the date before it.
pub(super) fn without_date(stem: &str) -> &str {
    let bytes = stem.as_bytes();
    let dated = bytes.len() > 11
        && bytes.iter().take(10).enumerate().all(|(at, b)| match at {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        })
        && matches!(bytes[10], b'-' | b'_' | b' ');
    if dated { &stem[11..] } else { stem }
}

/// The title that a file's name gives: words out of a slug, and a name of several words as it is.
fn title_of(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/');
    let stem = parts.next()?.split('.').next()?;
    let stem = match stem {
        "index" => parts.next()?,
        stem => stem,
    };
    let slug = without_date(stem);
    if slug.contains(' ') || !slug.contains(['-', '_']) {
        return Some(slug.to_owned());
    }
    let words: Vec<String> = slug
        .split(['-', '_'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect()
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Template tags of static-site generators: comments with what is in them; Liquid and Nunjucks
/// (`{% include x %}`, `{{ x }}`, `{# x #}`), Hugo's shortcodes, attributes of kramdown, imports of MDX,
/// embeds and comments of Obsidian. What stands between a pair of tags is kept.
static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?s)\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{%.*?%\}|\{\{[<%]?.*?[>%]?\}\}|\{#.*?#\}|\{:[^{}\n]*\}|%%.*?%%|!\[\[[^\[\]\n]*\]\]|(?m:^(?:import|export) [^\n]*? from ["'][^\n]*$)"#,
    )
    .ok()
});

/// Links between notes: `[[Note]]`, `[[Note|shown]]`, `[[Note#Part]]`.
static NOTES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]").ok());

fn without_tags(body: &str) -> String {
    let body = match &*TAGS {
        Some(tags) => tags.replace_all(body, ""),
        None => body.into(),
    };
    match &*NOTES {
        Some(notes) => notes
            .replace_all(&body, |found: &regex::Captures<'_>| {
                let shown = found.get(2).or(found.get(1));
                shown.map_or_else(String::new, |m| m.as_str().to_owned())
            })
            .into_owned(),
        None => body.into_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_give_titles() {
        for (path, title) in [
            ("_posts/2019-06-09-side-two-again.md", "Side Two Again"),
            ("content/posts/side-two/index.md", "Side Two"),
            ("Tape notes.md", "Tape notes"),
            ("2019-06-09 Tape notes.md", "Tape notes"),
            ("notes.md", "notes"),
        ] {
            assert_eq!(title_of(path).as_deref(), Some(title), "{path}");
        }
    }

    #[test]
    fn template_tags_go_and_what_they_enclose_stays() {
        assert_eq!(
            without_tags(
                "{% comment %}not this{% endcomment %}a {{< youtube x >}}b{% quote(a=\"b\") %}c{% end %}\n\
                 {: .wide}\n{# no #}[[Other note|d]] [[e]] ![[cover.png]] %% hidden %%f"
            ),
            "a bc\n\nd e  f"
        );
    }
}
