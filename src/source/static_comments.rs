//! Comments that a static site keeps as files of data beside its posts.
//!
//! In: the path of a Markdown post, on disk or in an archive. Out: the comments below the nearest `_data/comments`
//! (Jekyll) or `data/comments` (Hugo) that bear its name, and the files they are in. Names, dates and texts are
//! read; addresses are not.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::fields;
use super::value::{Fields, Value};
use super::{markup, thread};
use crate::model::{Comment, DateSource, Published, Text};

/// How far above a post its site may begin.
const MAX_ABOVE: usize = 8;

/// One file of comments is no larger than this, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// All comments of one archive are no more than this, in bytes: they are held until their posts have come.
const MAX_PACKED_BYTES: u64 = 64 << 20;

/// The folders of data below a site.
const FOLDERS: &[&str] = &["_data/comments", "data/comments"];

const ENDINGS: &[&str] = &["yml", "yaml", "json"];

/// Where sites keep comments, looked up once for each folder.
#[derive(Default)]
pub(super) struct CommentFolders {
    known: HashMap<PathBuf, Option<PathBuf>>,
}

impl CommentFolders {
    /// The files with comments of a post, sorted by name.
    pub fn files(&mut self, post: &Path) -> Vec<PathBuf> {
        if !is_markdown(post) {
            return Vec::new();
        }
        let Some(folder) = post.parent().and_then(|p| self.above(p, MAX_ABOVE)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for name in names(post) {
            for ending in ENDINGS {
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
        let own = FOLDERS
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
    pub fn read(&mut self, post: &Path) -> (Vec<Comment>, Vec<Text>) {
        let files = self.files(post);
        assemble(files.iter().map(|file| (file.as_path(), on_disk(file))))
    }
}

/// The comments that lie in an archive beside its posts.
#[derive(Default)]
pub(super) struct PackedComments {
    /// What the files hold, by path.
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl PackedComments {
    /// True for a file of comments, by its path.
    pub fn are_in(name: &str) -> bool {
        let in_folder = FOLDERS.iter().any(|folder| {
            name.match_indices(folder).any(|(at, _)| {
                (at == 0 || name[..at].ends_with('/')) && name[at + folder.len()..].starts_with('/')
            })
        });
        in_folder && is_data(Path::new(name))
    }

    /// Keeps a file; an error where it, or all of them, are larger than comments are.
    pub fn keep(&mut self, name: &str, content: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        content.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        self.bytes += bytes.len() as u64;
        if bytes.len() as u64 > MAX_BYTES || self.bytes > MAX_PACKED_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "larger than any comment",
            ));
        }
        self.files.insert(name.to_owned(), bytes);
        Ok(())
    }

    /// The comments of a post, in thread order, and what of them could not be read.
    pub fn of(&self, post: &str) -> (Vec<Comment>, Vec<Text>) {
        let path = Path::new(post);
        if self.files.is_empty() || !is_markdown(path) {
            return (Vec::new(), Vec::new());
        }
        let names = names(path);
        let above = path.ancestors().skip(1).take(MAX_ABOVE + 1);
        let folder = above
            .flat_map(|a| {
                FOLDERS
                    .iter()
                    .map(move |f| a.join(f).display().to_string() + "/")
            })
            .find(|folder| self.below(folder).next().is_some());
        let Some(folder) = folder else {
            return (Vec::new(), Vec::new());
        };
        let own = self.below(&folder).filter(|(name, _)| {
            let below = &name[folder.len()..];
            let key = match below.split_once('/') {
                Some((_, deeper)) if deeper.contains('/') => return false,
                Some((key, _)) => key,
                None => below.rsplit_once('.').map_or(below, |(stem, _)| stem),
            };
            names.iter().any(|n| n == key)
        });
        assemble(own.map(|(name, bytes)| {
            let text = std::str::from_utf8(bytes).map_err(|e| e.to_string());
            let path = Path::new(name);
            (path, text.and_then(|text| value(path, text)))
        }))
    }

    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a String, &'a Vec<u8>)> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(name, _)| name.starts_with(folder))
    }
}

/// The thread that files of data make.
fn assemble<'a>(
    files: impl Iterator<Item = (&'a Path, Result<Value<'static>, String>)>,
) -> (Vec<Comment>, Vec<Text>) {
    let mut found: Vec<Found> = Vec::new();
    let mut warnings = Vec::new();
    for (file, value) in files {
        let name = file
            .file_stem()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        match value {
            Ok(Value::Array(all)) => {
                for (at, value) in all.iter().enumerate() {
                    found.extend(comment(value, &format!("{name}-{}", at + 1)));
                }
            }
            Ok(Value::Object(map)) if !has_text(&map) => {
                for (key, value) in map.by_name() {
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

struct Found {
    comment: Comment,
    /// The number of the comment that it answers.
    answers: Option<usize>,
}

fn is_data(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| ENDINGS.contains(&e))
}

/// True for the name of a Markdown post: others have no comments beside them.
pub(super) fn is_markdown(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| super::markdown::ENDINGS.contains(&e.to_ascii_lowercase().as_str()))
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

fn on_disk(file: &Path) -> Result<Value<'static>, String> {
    let size = fs::metadata(file).map_err(|e| e.to_string())?.len();
    if size > MAX_BYTES {
        return Err("larger than any comment".into());
    }
    value(file, &fs::read_to_string(file).map_err(|e| e.to_string())?)
}

fn value(file: &Path, text: &str) -> Result<Value<'static>, String> {
    let first = |e: &dyn std::fmt::Display| {
        let text = e.to_string();
        text.lines().next().unwrap_or_default().to_owned()
    };
    let value: Result<serde_json::Value, String> = if file.extension().is_some_and(|e| e == "json")
    {
        serde_json::from_str(text).map_err(|e| first(&e))
    } else {
        serde_saphyr::from_str(text).map_err(|e| first(&e))
    };
    value.map(Value::from)
}

const TEXTS: &[&str] = &["message", "comment", "body", "text", "content"];

fn has_text(map: &Fields<'_>) -> bool {
    fields::text(map, TEXTS).is_some()
}

fn comment(value: &Value<'_>, name: &str) -> Option<Found> {
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
