//! Labelled documents: what extraction made of them against what people say is in them.
//!
//! In: a folder with labels: `labels.json` of track listings or of comments, or `ground-truth.json` of
//! article bodies; or a folder of such folders. Out: [`Scores`]: a table, and every wrong row.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::score::{Ratio, Shingles, align, harmonic, normalise};
use crate::error::{Error, Result};
use crate::extract;
use crate::model::Post;
use crate::source;

/// What was measured, a line each.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    pub table: Table,
    pub failures: Vec<Failure>,
}

/// Measure, then figures by name, in order.
pub type Table = Vec<(String, Vec<(&'static str, f64)>)>;

/// Something that is wrong in one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub document: String,
    /// `track`, `title`, `author`, `date`, `text`, `comment`.
    pub what: &'static str,
    /// The label; empty where nothing should be.
    pub expected: String,
    /// What was found; empty where nothing was.
    pub found: String,
}

#[derive(Deserialize)]
struct TrackLabels {
    title: Option<String>,
    date: Option<String>,
    author: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    lists: Vec<ListLabel>,
}

#[derive(Deserialize)]
struct ListLabel {
    album_artist: Option<String>,
    #[serde(default)]
    tracks: Vec<RowLabel>,
}

#[derive(Deserialize)]
struct RowLabel {
    artist: Option<String>,
    title: Option<String>,
    #[serde(default)]
    non_music: serde_json::Value,
    #[serde(default)]
    artist_from_section: serde_json::Value,
}

#[derive(Deserialize)]
struct ArticleLabel {
    #[serde(rename = "articleBody")]
    body: String,
}

#[derive(Deserialize)]
struct CommentLabel {
    id: Option<String>,
    author: Option<String>,
    #[serde(alias = "date")]
    datetime: Option<String>,
    parent: Option<String>,
    text: String,
}

/// Scores every labelled folder at or one level below `dir`.
///
/// # Errors
/// Where no labels are found, or they cannot be read.
pub fn extract(dir: &Path) -> Result<Scores> {
    let mut scores = Scores::default();
    let mut folders = vec![dir.to_path_buf()];
    let mut below: Vec<PathBuf> = std::fs::read_dir(dir)
        .map_err(|e| Error::io("listing", dir, e))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    folders.extend(below);
    let mut any = false;
    for folder in folders {
        let truth = folder.join("ground-truth.json");
        if truth.is_file() {
            articles(&folder, &load(&truth)?, &mut scores);
            any = true;
        }
        let labels = folder.join("labels.json");
        if labels.is_file() {
            let value: BTreeMap<String, serde_json::Value> = load(&labels)?;
            if value.values().all(serde_json::Value::is_array) {
                comments(&folder, from_value(&labels, value)?, &mut scores);
            } else {
                tracks(&folder, from_value(&labels, value)?, &mut scores);
            }
            any = true;
        }
    }
    if !any {
        return Err(Error::usage(
            format!("{} holds no labels", dir.display()),
            "a labelled folder has labels.json (tracks or comments) or ground-truth.json (article bodies)",
        ));
    }
    Ok(scores)
}

fn load<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).map_err(|e| Error::io("reading", path, e))?;
    serde_json::from_slice(&bytes).map_err(|e| labels_error(path, &e))
}

fn from_value<T: serde::de::DeserializeOwned>(
    path: &Path,
    value: BTreeMap<String, serde_json::Value>,
) -> Result<T> {
    serde_json::from_value(value.into_iter().collect()).map_err(|e| labels_error(path, &e))
}

fn labels_error(path: &Path, error: &serde_json::Error) -> Error {
    Error::usage(
        format!(
            "{} holds no labels of a known form: {error}",
            path.display()
        ),
        "see docs/json.md for the form of labels",
    )
}

/// The posts of one document, read and extracted as in a run; `name` is relative to `folder`.
fn posts_of(folder: &Path, name: &str) -> Vec<Post> {
    let mut posts = Vec::new();
    // A document that cannot be read scores as one in which nothing was found.
    let _ = source::read_file(&folder.join(name), name, &mut |document| {
        if let Ok(document) = document {
            posts.extend(extract::extract(document).posts);
        }
        std::ops::ControlFlow::Continue(())
    });
    posts
}

/// A row as it is compared.
struct Row {
    artist: String,
    title: String,
    shown: String,
    /// Label only: artists that are right besides `artist`.
    also: Vec<String>,
}

fn tracks(folder: &Path, labels: BTreeMap<String, TrackLabels>, scores: &mut Scores) {
    let results: Vec<_> = labels
        .into_par_iter()
        .map(|(name, label)| {
            let posts = posts_of(folder, &name);
            (name, label, posts)
        })
        .collect();
    let mut by_kind: BTreeMap<String, (Ratio, Ratio, usize, usize)> = BTreeMap::new();
    let mut meta: [(&'static str, Ratio); 3] = [
        ("title", Ratio::default()),
        ("author", Ratio::default()),
        ("date", Ratio::default()),
    ];
    for (name, label, posts) in &results {
        let kind = label.kind.as_deref().unwrap_or("tracks");
        let form = name.split('/').next().unwrap_or_default();
        let expected: Vec<Row> = if kind == "tracks" {
            label_rows(label)
        } else {
            Vec::new()
        };
        let found = found_rows(posts);
        let titles = align(&expected, &found, |e, f| e.title == f.title);
        let both = align(&expected, &found, same_row);
        let count = |right: usize| Ratio {
            right,
            found: found.len(),
            labelled: expected.len(),
        };
        let whole = both.len() == expected.len() && both.len() == found.len();
        for group in [format!("tracks {kind} {form}"), "tracks".to_owned()] {
            let entry = by_kind.entry(group).or_default();
            entry.0.add(count(titles.len()));
            entry.1.add(count(both.len()));
            entry.2 += usize::from(whole);
            entry.3 += 1;
        }
        if !whole {
            wrong_rows(name, &expected, &found, &both, &mut scores.failures);
        }
        let Some(post) = posts.first() else { continue };
        let date = post
            .published
            .as_ref()
            .map(|d| d.iso().chars().take(10).collect::<String>());
        for (at, (label, value)) in [
            (&label.title, Some(post.title.to_string())),
            (&label.author, post.author.as_ref().map(ToString::to_string)),
            (&label.date, date),
        ]
        .into_iter()
        .enumerate()
        {
            let Some(label) = label else { continue };
            let label = if at == 2 {
                label.chars().take(10).collect()
            } else {
                label.clone()
            };
            let value = value.unwrap_or_default();
            let right = normalise(&label) == normalise(&value);
            meta[at].1.add(Ratio {
                right: usize::from(right),
                found: 1,
                labelled: 1,
            });
            if !right {
                scores.failures.push(Failure {
                    document: name.clone(),
                    what: meta[at].0,
                    expected: label,
                    found: value,
                });
            }
        }
    }
    for (group, (titles, both, whole, documents)) in by_kind {
        scores.table.push((
            group,
            vec![
                ("documents", documents as f64),
                ("rows", both.labelled as f64),
                ("title F1", titles.f1()),
                ("precision", both.precision()),
                ("recall", both.recall()),
                ("F1", both.f1()),
                ("whole", whole as f64 / documents.max(1) as f64),
            ],
        ));
    }
    for (name, ratio) in meta {
        scores.table.push((
            name.to_owned(),
            vec![
                ("documents", ratio.labelled as f64),
                ("right", ratio.recall()),
            ],
        ));
    }
}

fn label_rows(label: &TrackLabels) -> Vec<Row> {
    let set = |v: &serde_json::Value| {
        !matches!(v, serde_json::Value::Null | serde_json::Value::Bool(false))
    };
    let mut rows = Vec::new();
    for list in &label.lists {
        for row in list.tracks.iter().filter(|r| !set(&r.non_music)) {
            let mut also = Vec::new();
            let from_list = list.album_artist.as_deref().map(normalise);
            if row.artist.is_none() || set(&row.artist_from_section) {
                also.push(String::new());
                also.extend(from_list);
            }
            let title = row.title.clone().unwrap_or_default();
            rows.push(Row {
                artist: normalise(row.artist.as_deref().unwrap_or_default()),
                shown: format!("{} – {title}", row.artist.as_deref().unwrap_or("·")),
                title: normalise(&title),
                also,
            });
        }
    }
    rows
}

fn found_rows(posts: &[Post]) -> Vec<Row> {
    let mut rows = Vec::new();
    for list in posts.iter().flat_map(|p| &p.tracklists) {
        for track in &list.tracks {
            let artist = list.artist_of(track).map_or("", |a| a.as_str());
            rows.push(Row {
                artist: normalise(artist),
                title: normalise(&track.title),
                shown: format!(
                    "{} – {}",
                    if artist.is_empty() { "·" } else { artist },
                    track.title
                ),
                also: Vec::new(),
            });
        }
    }
    rows
}

fn same_row(expected: &Row, found: &Row) -> bool {
    expected.title == found.title
        && (expected.artist == found.artist || expected.also.contains(&found.artist))
}

/// Pairs what is left between aligned rows, in order.
fn wrong_rows(
    name: &str,
    expected: &[Row],
    found: &[Row],
    right: &[(usize, usize)],
    out: &mut Vec<Failure>,
) {
    let (mut e, mut f) = (0, 0);
    let ends = (expected.len(), found.len());
    for (to_e, to_f) in right.iter().copied().chain([ends]) {
        while e < to_e || f < to_f {
            out.push(Failure {
                document: name.to_owned(),
                what: "track",
                expected: if e < to_e {
                    expected[e].shown.clone()
                } else {
                    String::new()
                },
                found: if f < to_f {
                    found[f].shown.clone()
                } else {
                    String::new()
                },
            });
            e = (e + 1).min(to_e);
            f = (f + 1).min(to_f);
        }
        e = to_e + 1;
        f = to_f + 1;
    }
}

fn articles(folder: &Path, labels: &BTreeMap<String, ArticleLabel>, scores: &mut Scores) {
    let results: Vec<(String, f64, f64, usize)> = labels
        .par_iter()
        .map(|(id, label)| {
            let posts = posts_of(folder, &format!("html/{id}.html.gz"));
            let text: Vec<&str> = posts.iter().map(|p| p.body.as_str()).collect();
            let rows = posts
                .iter()
                .flat_map(|p| &p.tracklists)
                .map(|l| l.tracks.len())
                .sum();
            let (p, r) = Shingles::of(&label.body).score(&Shingles::of(&text.join("\n\n")));
            (id.clone(), p, r, rows)
        })
        .collect();
    let pages = results.len().max(1) as f64;
    let precision = results.iter().map(|r| r.1).sum::<f64>() / pages;
    let recall = results.iter().map(|r| r.2).sum::<f64>() / pages;
    let rows: usize = results.iter().map(|r| r.3).sum();
    scores.table.push((
        "main text".into(),
        vec![
            ("documents", results.len() as f64),
            ("precision", precision),
            ("recall", recall),
            ("F1", harmonic(precision, recall)),
            ("track rows", rows as f64),
        ],
    ));
    let mut worst: Vec<_> = results
        .iter()
        .filter(|r| harmonic(r.1, r.2) < 0.95)
        .collect();
    worst.sort_by(|a, b| harmonic(a.1, a.2).total_cmp(&harmonic(b.1, b.2)));
    for (id, p, r, rows) in worst {
        scores.failures.push(Failure {
            document: id.clone(),
            what: "text",
            expected: "precision and recall 1".into(),
            found: format!("precision {p:.3}, recall {r:.3}, {rows} track rows"),
        });
    }
}

fn comments(folder: &Path, labels: BTreeMap<String, Vec<CommentLabel>>, scores: &mut Scores) {
    let mut whole = Ratio::default();
    let mut text_only = Ratio::default();
    let documents = labels.len();
    for (name, expected) in &labels {
        // Labels of another folder's pages name them relative to that folder.
        let home = [folder.to_path_buf()]
            .into_iter()
            .chain(siblings(folder))
            .find(|dir| dir.join(name).is_file())
            .unwrap_or_else(|| folder.to_path_buf());
        let posts = posts_of(&home, name);
        let found: Vec<_> = posts.iter().flat_map(|p| &p.comments).collect();
        let texts = align(expected, &found, |e, f| {
            normalise(&e.text) == normalise(&f.text)
        });
        let right = texts
            .iter()
            .filter(|(e, f)| {
                let (e, f) = (&expected[*e], found[*f]);
                let author = e.author.as_deref().is_none_or(|a| {
                    normalise(a) == normalise(f.author.as_deref().unwrap_or_default())
                });
                let date = e.datetime.as_deref().is_none_or(|d| {
                    let day: String = d.chars().take(10).collect();
                    f.published
                        .as_ref()
                        .is_some_and(|p| p.iso().starts_with(&day))
                });
                let parent = match (&e.parent, &f.parent) {
                    (None, None) => true,
                    (Some(a), Some(b)) => a.as_str() == b.as_str(),
                    _ => false,
                };
                if !(author && date && parent) {
                    scores.failures.push(Failure {
                        document: name.clone(),
                        what: "comment",
                        expected: format!(
                            "{:?} {:?} {:?} parent {:?}",
                            e.id, e.author, e.datetime, e.parent
                        ),
                        found: format!(
                            "{:?} {:?} {:?} parent {:?}",
                            f.id,
                            f.author,
                            f.published.as_ref().map(|p| p.iso()),
                            f.parent
                        ),
                    });
                }
                author && date && parent
            })
            .count();
        for (at, label) in expected.iter().enumerate() {
            if !texts.iter().any(|(e, _)| *e == at) {
                scores.failures.push(Failure {
                    document: name.clone(),
                    what: "comment",
                    expected: label.text.chars().take(80).collect(),
                    found: String::new(),
                });
            }
        }
        let count = |right| Ratio {
            right,
            found: found.len(),
            labelled: expected.len(),
        };
        whole.add(count(right));
        text_only.add(count(texts.len()));
    }
    for (name, ratio) in [("comments", whole), ("comments, text alone", text_only)] {
        scores.table.push((
            name.into(),
            vec![
                ("documents", documents as f64),
                ("rows", ratio.labelled as f64),
                ("precision", ratio.precision()),
                ("recall", ratio.recall()),
                ("F1", ratio.f1()),
            ],
        ));
    }
}

fn siblings(folder: &Path) -> Vec<PathBuf> {
    let Some(parent) = folder.parent() else {
        return Vec::new();
    };
    let mut out: Vec<PathBuf> = std::fs::read_dir(parent)
        .map(|entries| entries.filter_map(|e| e.ok().map(|e| e.path())).collect())
        .unwrap_or_default();
    out.retain(|p| p.is_dir());
    out.sort();
    out
}
