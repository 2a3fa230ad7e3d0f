//! Comments that a static site keeps as files of data beside its posts.
//!
//! In: the path of a Markdown post. Out: the comments below the nearest `_data/comments` (Jekyll) or
//! `data/comments` (Hugo) that bear its name, and how large and how new those files are. Names, dates and texts
//! are read; addresses are not.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::Value;

use super::fields::{self, Fields};
use super::{markup, thread};
use crate::model::{Comment, DateSource, Published, Text};

/// How far above a post its site may begin.
const MAX_ABOVE: usize = 8;

/// One file of comments is no larger than this, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Where sites keep comments, looked up once for each folder.
#[derive(Default)]
pub struct CommentFolders {
    known: HashMap<PathBuf, Option<PathBuf>>,
}

impl CommentFolders {
    /// Bytes of the comments beside a post and the newest modification, in nanoseconds since 1970; zeros where
    /// there are none.
    pub fn size_and_time(&mut self, post: &Path) -> (u64, i64) {
        let (mut size, mut newest) = (0, 0);
        for file in self.files(post) {
            let Ok(meta) = fs::metadata(&file) else {
                continue;
            };
            size += meta.len();
            let time = meta
                .modified()
                .ok()
                .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
                .and_then(|d| i64::try_from(d.as_nanos()).ok());
            newest = newest.max(time.unwrap_or(0));
        }
        (size, newest)
    }

    /// The files with comments of a post, sorted by name.
    fn files(&mut self, post: &Path) -> Vec<PathBuf> {
        let is_markdown = post
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| super::markdown::ENDINGS.contains(&e.to_ascii_lowercase().as_str()));
        if !is_markdown {
            return Vec::new();
        }
        let Some(folder) = post.parent().and_then(|p| self.above(p, MAX_ABOVE)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for name in names(post) {
            for ending in ["yml", "yaml", "json"] {
                let single = folder.join(format!("{name}.{ending}"));
                if single.is_file() {
                    out.push(single);
                }
            }
            let Ok(entries) = fs::read_dir(folder.join(&name)) else {
                continue;
            };
            out.extend(entries.flatten().map(|e| e.path()).filter(|p| is_data(p)));
        }
        out.sort();
        out.dedup();
        out
    }

    fn above(&mut self, folder: &Path, levels: usize) -> Option<PathBuf> {
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let own = ["_data/comments", "data/comments"]
            .iter()
            .map(|below| folder.join(below))
            .find(|path| path.is_dir());
        let found = own.or_else(|| {
            let parent = folder.parent().filter(|_| levels > 0)?;
            self.above(parent, levels - 1)
        });
        self.known.insert(folder.to_path_buf(), found.clone());
        found
    }

    /// The comments beside a post, in thread order, and what of them could not be read.
    pub(super) fn read(&mut self, post: &Path) -> (Vec<Comment>, Vec<Text>) {
        let mut found: Vec<Found> = Vec::new();
        let mut warnings = Vec::new();
        for file in self.files(post) {
            let name = file
                .file_stem()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            match value(&file) {
                Ok(Value::Array(all)) => {
                    for (at, value) in all.iter().enumerate() {
                        found.extend(comment(value, &format!("{name}-{}", at + 1)));
                    }
                }
                Ok(Value::Object(map)) if !has_text(&map) => {
                    for (key, value) in &map {
                        found.extend(comment(value, key));
                    }
                }
                Ok(value) => found.extend(comment(&value, &name)),
                Err(reason) => {
                    let shown = file.file_name().unwrap_or_default().to_string_lossy();
                    warnings.push(Text::line(&format!("comment {shown}: {reason}")));
                }
            }
        }
        // Themes number the comments that answer nothing, and answers name that number.
        let roots: Vec<Text> = found
            .iter()
            .filter(|f| f.answers.is_none())
            .map(|f| f.comment.id.clone())
            .collect();
        let comments = found
            .into_iter()
            .map(|f| {
                let numbered = f
                    .answers
                    .and_then(|n| roots.get(n.checked_sub(1)?).cloned());
                Comment {
                    parent: f.comment.parent.or(numbered),
                    ..f.comment
                }
            })
            .collect();
        (thread::in_order(comments), warnings)
    }
}

struct Found {
    comment: Comment,
    /// The number of the comment that it answers.
    answers: Option<usize>,
}

fn is_data(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| matches!(e, "yml" | "yaml" | "json"))
}

/// The names under which a post's comments may lie: its slug, with and without the date before it.
fn names(post: &Path) -> Vec<String> {
    let Some(stem) = post.file_stem().and_then(|s| s.to_str()) else {
        return Vec::new();
    };
    let stem = match (stem, post.parent().and_then(|p| p.file_name()?.to_str())) {
        ("index", Some(folder)) => folder,
        (stem, _) => stem,
    };
    let mut out = vec![stem.to_owned()];
    let slug = super::markdown::without_date(stem);
    if slug != stem && !slug.is_empty() {
        out.push(slug.to_owned());
    }
    out
}

fn value(file: &Path) -> Result<Value, String> {
    let size = fs::metadata(file).map_err(|e| e.to_string())?.len();
    if size > MAX_BYTES {
        return Err("larger than any comment".into());
    }
    let text = fs::read_to_string(file).map_err(|e| e.to_string())?;
    let first = |e: &dyn std::fmt::Display| {
        let text = e.to_string();
        text.lines().next().unwrap_or_default().to_owned()
    };
    if file.extension().is_some_and(|e| e == "json") {
        serde_json::from_str(&text).map_err(|e| first(&e))
    } else {
        serde_saphyr::from_str(&text).map_err(|e| first(&e))
    }
}

const TEXTS: &[&str] = &["message", "comment", "body", "text", "content"];

fn has_text(map: &Fields) -> bool {
    fields::text(map, TEXTS).is_some()
}

fn comment(value: &Value, name: &str) -> Option<Found> {
    let Value::Object(map) = value else {
        return None;
    };
    if fields::flag(map, "hidden") == Some(true) || fields::flag(map, "spam") == Some(true) {
        return None;
    }
    let text = fields::text(map, TEXTS)?;
    let date = fields::text(map, &["date", "created", "created_at", "timestamp"]);
    Some(Found {
        answers: fields::number(map, &["replying_to"]).map(|n| n as usize),
        comment: Comment {
            id: Text::line(
                &fields::text(map, &["_id", "id", "uid"]).unwrap_or_else(|| name.into()),
            ),
            parent: fields::text(
                map,
                &[
                    "replying_to_uid",
                    "reply_to",
                    "in_reply_to",
                    "parent",
                    "_parent",
                ],
            )
            .as_deref()
            .and_then(Text::some_line),
            author: fields::text(map, &["name", "author", "user"])
                .as_deref()
                .and_then(thread::name),
            published: date.as_deref().and_then(when),
            text: markup::comment_text(&text),
            ..Comment::default()
        },
    })
}

/// A date, or seconds or milliseconds since 1970.
fn when(written: &str) -> Option<Published> {
    if let Ok(number) = written.trim().parse::<i64>() {
        let seconds = if number > 100_000_000_000 {
            number / 1000
        } else {
            number
        };
        let stamp = jiff::Timestamp::from_second(seconds).ok()?;
        return Published::from_iso(&stamp.to_string(), DateSource::Entry);
    }
    Published::from_iso(written, DateSource::Entry)
}
