//! Export packages: zips in which some files are posts and the rest says something about them.
//!
//! In: the names in a zip. Out: which of them are read, and what a table beside the posts knows of each.

use std::collections::HashMap;

use super::{Content, Entry, EntryBody, RawDocument};
use crate::model::{DateSource, Published};

/// What kind of package a zip is, by the names in it.
pub(super) enum Package {
    /// Any files.
    Plain,
    /// A web archive collection: captures beside their indexes and lists.
    Wacz,
    /// Posts of a newsletter beside the table that has their titles and dates.
    Substack {
        /// Where the table lies.
        table: String,
        rows: HashMap<String, Row>,
    },
    /// Posts beside bookmarks, claps, sessions and a profile.
    Medium,
    /// Posts of a tumblelog, as one XML or as pages.
    Tumblr {
        /// True where the XML is there: the pages repeat it.
        xml: bool,
    },
}

/// What the table of a newsletter says of a post.
pub(super) struct Row {
    title: String,
    subtitle: String,
    date: Option<Published>,
    published: bool,
}

impl Package {
    /// The kind of a zip with these names.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let (mut table, mut pages, mut wacz, mut medium) = (None, false, [false; 2], false);
        let (mut tumblr, mut xml) = (false, false);
        for name in names {
            let last = name.rsplit('/').next().unwrap_or(name);
            let in_posts = is_below(name, "posts/");
            match last {
                "posts.csv" => table = Some(name.to_owned()),
                "datapackage.json" => wacz[0] = true,
                "profile.html" if is_below(name, "profile/") => medium = true,
                "posts_index.html" => tumblr = true,
                "posts.xml" => xml = true,
                _ if is_below(name, "archive/") && last.contains(".warc") => wacz[1] = true,
                _ if is_below(name, "posts/html/") => tumblr = true,
                _ if in_posts && last.ends_with(".html") => pages = true,
                _ => {}
            }
        }
        match table {
            _ if wacz == [true, true] => Self::Wacz,
            Some(table) => Self::Substack {
                table,
                rows: HashMap::new(),
            },
            None if tumblr => Self::Tumblr { xml },
            None if medium && pages => Self::Medium,
            None => Self::Plain,
        }
    }

    /// The word by which reports name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Plain => "zip",
            Self::Wacz => "wacz",
            Self::Substack { .. } => "substack",
            Self::Medium => "medium",
            Self::Tumblr { .. } => "tumblr",
        }
    }

    /// True for a file that may hold posts.
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::Plain => true,
            Self::Wacz => is_below(name, "archive/"),
            Self::Substack { .. } | Self::Medium => {
                is_below(name, "posts/") && name.ends_with(".html")
            }
            Self::Tumblr { xml: true } => name.ends_with("posts.xml") || name.ends_with(".zip"),
            Self::Tumblr { xml: false } => {
                is_below(name, "posts/html/") || is_below(name, "html/") || name.ends_with(".zip")
            }
        }
    }

    /// Where the table that must be read first lies.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Substack { table, .. } => Some(table),
            _ => None,
        }
    }

    /// The package whose table this is, lying unpacked; `None` where it is another table.
    pub fn of_table(bytes: &[u8]) -> Option<Self> {
        let rows = posts_of(&String::from_utf8_lossy(bytes));
        let table = String::new();
        (!rows.is_empty()).then_some(Self::Substack { table, rows })
    }

    /// Takes the table in.
    pub fn read_table(&mut self, bytes: &[u8]) {
        if let Self::Substack { rows, .. } = self {
            *rows = posts_of(&String::from_utf8_lossy(bytes));
        }
    }

    /// The document with what the table knows of it; `None` for a draft.
    pub fn complete(&self, document: RawDocument, name: &str) -> Option<RawDocument> {
        let Self::Substack { rows, .. } = self else {
            return Some(document);
        };
        let last = name.rsplit('/').next().unwrap_or(name);
        let id = last.strip_suffix(".html").unwrap_or(last);
        let Some(row) = rows.get(id) else {
            return Some(document);
        };
        if !row.published {
            return None;
        }
        let Content::Html { html, .. } = &document.content else {
            return Some(document);
        };
        let body = if row.subtitle.is_empty() {
            html.clone()
        } else {
            let mut body = String::with_capacity(html.len() + 100);
            body.push_str("<p>");
            for c in row.subtitle.chars() {
                match c {
                    '<' => body.push_str("&lt;"),
                    '&' => body.push_str("&amp;"),
                    c => body.push(c),
                }
            }
            body.push_str("</p>\n");
            body.push_str(html);
            body
        };
        let entry = Entry {
            title: (!row.title.is_empty()).then(|| row.title.clone()),
            published: row.date.clone(),
            platform: Some("substack".into()),
            body: EntryBody::Html(body),
            ..Entry::default()
        };
        Some(RawDocument {
            reader: "substack",
            content: Content::Entry(Box::new(entry)),
            ..document
        })
    }
}

/// True for a file directly or deeper in this folder, wherever the folder lies.
fn is_below(name: &str, folder: &str) -> bool {
    name.starts_with(folder) || name.contains(&format!("/{folder}"))
}

/// The rows of Substack's `posts.csv` by post id.
fn posts_of(csv: &str) -> HashMap<String, Row> {
    let mut records = records(csv.trim_start_matches('\u{feff}')).into_iter();
    let Some(head) = records.next() else {
        return HashMap::new();
    };
    let column = |name: &str| head.iter().position(|c| c.trim() == name);
    let (id, title, subtitle, date, published) = (
        column("post_id"),
        column("title"),
        column("subtitle"),
        column("post_date"),
        column("is_published"),
    );
    records
        .filter_map(|record| {
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).map(|f| f.trim());
            let row = Row {
                title: field(title).unwrap_or_default().to_owned(),
                subtitle: field(subtitle).unwrap_or_default().to_owned(),
                date: field(date).and_then(|d| Published::from_iso(d, DateSource::Entry)),
                published: field(published).is_none_or(|p| p.eq_ignore_ascii_case("true")),
            };
            Some((field(id)?.to_owned(), row))
        })
        .collect()
}

/// The records of a table with commas (RFC 4180).
fn records(csv: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let mut record = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                out.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        out.push(record);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_with_quotes_and_line_breaks_are_read() {
        assert_eq!(
            records("a,b\r\n\"x, \"\"y\"\"\nz\",2\n,"),
            [
                vec!["a".to_owned(), "b".to_owned()],
                vec!["x, \"y\"\nz".to_owned(), "2".to_owned()],
                vec![String::new(), String::new()],
            ]
        );
    }
}
