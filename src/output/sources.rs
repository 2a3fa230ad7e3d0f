//! Where everything came from.
//!
//! In: what `pipeline::origins` counted. Out: a table by root and reader, and the posts that are nearly equal.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Screen;
use super::paint::{safe, width};
use super::sheet::{Sheet, column};
use crate::pipeline::{Origins, Share};

impl Sheet for Origins {
    fn json(&self) -> Map<String, Value> {
        let near = self.near.iter().map(|group| {
            let posts = group
                .iter()
                .map(|p| json!({"id": p.id.to_string(), "title": p.title, "source": p.source}));
            Value::Array(posts.collect())
        });
        Map::from_iter([
            ("sources".into(), self.lines().into()),
            ("near".into(), near.collect()),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        let value = |s: &Share| {
            json!({
                "root": s.root,
                "reader": (!s.reader.is_empty()).then_some(&s.reader),
                "files": s.files,
                "posts": s.posts,
                "tracks": s.tracks,
                "comments": s.comments,
                "shared": s.shared,
                "joined": s.joined,
                "alone": s.alone,
                "failed": s.failed,
            })
        };
        self.shares.iter().map(value).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &[
            "root", "reader", "files", "posts", "tracks", "comments", "shared", "joined", "alone",
            "failed",
        ]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let numbers = |s: &Share| {
            [
                s.files, s.posts, s.tracks, s.comments, s.shared, s.joined, s.alone, s.failed,
            ]
        };
        let cells = |s: &Share| {
            let mut cells = vec![s.root.clone(), s.reader.clone()];
            cells.extend(numbers(s).iter().map(u64::to_string));
            cells
        };
        self.shares.iter().map(cells).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let names = self.shares.iter().map(|s| width(&s.reader));
        let name = names.max().unwrap_or(0).clamp(6, 24);
        let mut root = "";
        for share in &self.shares {
            if share.root != root {
                if !root.is_empty() {
                    writeln!(out)?;
                }
                root = &share.root;
                writeln!(out, "{}", screen.bold(&safe(root)))?;
                let head = format!(
                    "  {}   files   posts  tracks   comm.",
                    column("reader", name, false)
                );
                writeln!(out, "{}", screen.dim(&head))?;
            }
            let reader = match share.reader.as_str() {
                "" => "–",
                reader => reader,
            };
            write!(out, "  {}", column(&safe(reader), name, false))?;
            for number in [share.files, share.posts, share.tracks, share.comments] {
                write!(out, "{}", column(&number.to_string(), 8, true))?;
            }
            let mut notes = Vec::new();
            for (count, what) in [
                (share.shared, "also elsewhere"),
                (share.joined, "threads joined"),
                (share.alone, "threads without a post"),
                (share.failed, "failed"),
            ] {
                if count > 0 {
                    notes.push(format!("{count} {what}"));
                }
            }
            match notes.join(", ") {
                notes if notes.is_empty() => writeln!(out)?,
                notes => writeln!(out, "  {}", screen.dim(&notes))?,
            }
        }
        if !self.near.is_empty() {
            writeln!(out, "\n{}", screen.dim("Nearly equal, kept apart"))?;
            for group in &self.near {
                for (at, post) in group.iter().enumerate() {
                    let mark = if at == 0 { "•" } else { " " };
                    writeln!(
                        out,
                        "  {mark} {}  {}",
                        safe(&post.title),
                        screen.dim(&format!("{} {}", post.id, safe(&post.source)))
                    )?;
                }
            }
        }
        Ok(())
    }
}
