//! Reader of Ghost exports.
//!
//! In: the JSON that Ghost writes under Labs, Export: tables of posts, tags, users and what joins them. Out: one
//! entry for each published post and page. Drafts, scheduled and sent-only posts are left out; members and their
//! addresses are not looked at, but for the names under comments.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fields;
use super::json::{self, Want};
use super::open::unreadable;
use super::spool::Spool;
use super::value::{Fields, Value};
use super::{BadDocument, Content, Entry, EntryBody, FileName, Head, Reader, Sink, markup, thread};
use crate::error::Result;
use crate::model::{Comment, DateSource, Published, Text};

/// Ghost JSON.
pub(super) struct Ghost;

/// A published post as its table has it.
#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    slug: String,
    title: Option<String>,
    html: String,
    published: Option<Published>,
    canonical: Option<String>,
    author: Option<String>,
    language: Option<String>,
}

/// The tables besides that of the posts.
#[derive(Default)]
struct Tables {
    /// Names by id.
    tags: HashMap<String, String>,
    users: HashMap<String, String>,
    members: HashMap<String, String>,
    /// Ids in order of `sort_order`, by post.
    posts_tags: HashMap<String, Vec<(u32, String)>>,
    posts_authors: HashMap<String, Vec<(u32, String)>>,
    /// With the id of the member, by post.
    comments: HashMap<String, Vec<(String, Comment)>>,
    settings: HashMap<String, String>,
}

const TABLES: &[&str] = &[
    "posts",
    "tags",
    "users",
    "members",
    "posts_tags",
    "posts_authors",
    "comments",
    "settings",
];

impl Reader for Ghost {
    fn name(&self) -> &'static str {
        "ghost"
    }

    fn sign(&self) -> &'static str {
        "a JSON object with the tables of a Ghost export"
    }

    fn sniff(&self, name: &Path, head: &Head<'_>) -> bool {
        let head = &head.text;
        let json = name
            .extension()
            .is_none_or(|e| e.eq_ignore_ascii_case("json"));
        json && json::opens_object(head)
            && (head.contains("\"exported_on\"")
                || head.contains("\"db\"") && head.contains("\"data\""))
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let mut posts: Spool<Row> = Spool::new();
        let mut tables = Tables::default();
        let mut trouble = None;
        let want = |path: &[String]| {
            let last = path.last().map_or("", String::as_str);
            match path {
                [one] if one == "db" || one == "data" => Want::Descend,
                [_, two] if two == "data" => Want::Descend,
                _ if path.len() <= 3 && TABLES.contains(&last) => Want::Elements,
                _ => Want::Skip,
            }
        };
        let torn = json::each(input, &want, &mut |path, value| {
            let Value::Object(row) = value else {
                return true;
            };
            match path.last().map_or("", String::as_str) {
                "posts" => {
                    if let Some(row) = published(&row)
                        && let Err(error) = posts.push(&row)
                    {
                        trouble = Some(error);
                        return false;
                    }
                }
                table => tables.add(table, &row),
            }
            true
        });
        if let Some(error) = trouble {
            return Err(unreadable(error));
        }
        let mut stopped = false;
        posts
            .drain(&mut |row: Row| {
                let name = row.id.clone();
                let content = Content::Entry(Box::new(tables.entry(row)));
                stopped = sink(Ok(file.document(self.name(), name, content))).is_break();
                !stopped
            })
            .map_err(unreadable)?;
        if let Err(torn) = torn
            && !stopped
        {
            let _ = sink(Err(BadDocument::of_file(Some(torn.offset), torn.reason)));
        }
        Ok(())
    }
}

/// An id, which old exports write as a number.
fn id(row: &Fields<'_>, name: &str) -> Option<String> {
    fields::text(row, &[name])
}

fn date(row: &Fields<'_>, names: &[&str]) -> Option<Published> {
    let written = fields::text(row, names)?;
    // Milliseconds since 1970 in the oldest ones.
    if let Ok(milliseconds) = written.parse::<i64>() {
        let stamp = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
        return Published::from_iso(&stamp.to_string(), DateSource::Entry);
    }
    Published::from_iso(&written, DateSource::Entry)
}

fn published(row: &Fields<'_>) -> Option<Row> {
    if fields::text(row, &["status"])? != "published" {
        return None;
    }
    let html = fields::text(row, &["html"])
        .or_else(|| fields::text(row, &["plaintext"]))
        .unwrap_or_default();
    Some(Row {
        id: id(row, "id")?,
        slug: fields::text(row, &["slug"]).unwrap_or_default(),
        title: fields::text(row, &["title"]),
        html,
        published: date(row, &["published_at", "created_at"]),
        canonical: fields::text(row, &["canonical_url"]).filter(|u| u.starts_with("http")),
        author: id(row, "author_id"),
        language: fields::text(row, &["locale", "language"]),
    })
}

impl Tables {
    fn add(&mut self, table: &str, row: &Fields<'_>) {
        let named = |map: &mut HashMap<String, String>, field: &str| {
            if let (Some(id), Some(name)) = (id(row, "id"), fields::text(row, &[field])) {
                map.insert(id, name);
            }
        };
        let joined = |map: &mut HashMap<String, Vec<(u32, String)>>, field: &str| {
            if let (Some(post), Some(other)) = (id(row, "post_id"), id(row, field)) {
                let order = fields::number(row, &["sort_order"]).unwrap_or(0);
                map.entry(post).or_default().push((order, other));
            }
        };
        match table {
            // Tags that begin with # are internal.
            "tags" if fields::text(row, &["visibility"]).as_deref() != Some("internal") => {
                named(&mut self.tags, "name");
            }
            "users" => named(&mut self.users, "name"),
            "members" => named(&mut self.members, "name"),
            "posts_tags" => joined(&mut self.posts_tags, "tag_id"),
            "posts_authors" => joined(&mut self.posts_authors, "author_id"),
            "settings" => {
                if let (Some(key), Some(value)) =
                    (fields::text(row, &["key"]), fields::text(row, &["value"]))
                {
                    self.settings.insert(key, value);
                }
            }
            "comments" => {
                let shown = fields::text(row, &["status"]).is_none_or(|s| s == "published");
                let (Some(post), Some(html)) = (id(row, "post_id"), fields::text(row, &["html"]))
                else {
                    return;
                };
                if !shown {
                    return;
                }
                let comment = Comment {
                    id: Text::line(&id(row, "id").unwrap_or_default()),
                    parent: id(row, "parent_id").as_deref().and_then(Text::some_line),
                    published: date(row, &["created_at"]),
                    text: markup::comment_text(&html),
                    ..Comment::default()
                };
                let member = id(row, "member_id").unwrap_or_default();
                self.comments
                    .entry(post)
                    .or_default()
                    .push((member, comment));
            }
            _ => {}
        }
    }

    fn names(
        joins: &mut HashMap<String, Vec<(u32, String)>>,
        names: &HashMap<String, String>,
        post: &str,
    ) -> Vec<String> {
        let mut found = joins.remove(post).unwrap_or_default();
        found.sort_by_key(|(order, _)| *order);
        found
            .iter()
            .filter_map(|(_, id)| names.get(id).cloned())
            .collect()
    }

    fn entry(&mut self, row: Row) -> Entry {
        let base = self.settings.get("url").map(String::as_str);
        // Older Ghost writes its own address as a placeholder.
        let html = row.html.replace(
            "__GHOST_URL__",
            base.unwrap_or_default().trim_end_matches('/'),
        );
        let url = row.canonical.or_else(|| {
            let base = base.filter(|b| b.starts_with("http") && !row.slug.is_empty())?;
            Some(format!("{}/{}/", base.trim_end_matches('/'), row.slug))
        });
        let mut authors = Self::names(&mut self.posts_authors, &self.users, &row.id);
        if authors.is_empty() {
            authors.extend(row.author.and_then(|id| self.users.get(&id).cloned()));
        }
        let comments = self.comments.remove(&row.id).unwrap_or_default();
        let comments = comments
            .into_iter()
            .map(|(member, comment)| Comment {
                author: self.members.get(&member).and_then(|n| thread::name(n)),
                ..comment
            })
            .collect();
        let language = row
            .language
            .or_else(|| {
                let settings = &self.settings;
                settings
                    .get("locale")
                    .or_else(|| settings.get("lang"))
                    .cloned()
            })
            .as_deref()
            .and_then(super::wxr::language);
        Entry {
            url,
            site: self.settings.get("title").cloned(),
            title: row.title,
            author: (!authors.is_empty()).then(|| authors.join(", ")),
            published: row.published,
            language,
            tags: Self::names(&mut self.posts_tags, &self.tags, &row.id),
            platform: Some("ghost".into()),
            body: EntryBody::Html(html),
            comments: thread::in_order(comments),
            ..Entry::default()
        }
    }
}
