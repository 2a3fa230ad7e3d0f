//! The user's aliases, and joins worth a look.
//!
//! In: aliases and suggestions. Out: tables and JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Screen;
use super::paint::safe;
use super::sheet::Sheet;
use super::text::counted;
use crate::artist::Aliases;
use crate::engine::artists::Suggestion;

/// Titles that are named as evidence.
const TITLES: usize = 3;

/// What the user's file holds.
pub struct AliasList<'a> {
    /// Where the file is.
    pub file: String,
    pub aliases: &'a Aliases,
}

impl Sheet for AliasList<'_> {
    fn json(&self) -> Map<String, Value> {
        let apart: Vec<&Vec<String>> = self.aliases.aparts().iter().map(|a| &a.names).collect();
        Map::from_iter([
            ("file".into(), json!(self.file)),
            ("joins".into(), self.lines().into()),
            ("apart".into(), json!(apart)),
        ])
    }

    fn lines(&self) -> Vec<Value> {
        let joins = self.aliases.joins().iter();
        joins
            .map(|j| json!({"name": j.name, "also": j.also}))
            .collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &["name", "also"]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let joins = self.aliases.joins().iter();
        joins
            .map(|j| vec![j.name.clone(), j.also.join("; ")])
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.aliases.joins().is_empty() && self.aliases.aparts().is_empty() {
            return writeln!(
                out,
                "No names are joined. `deepcut alias suggest` proposes some."
            );
        }
        for join in self.aliases.joins() {
            let text = format!("= {}", join.also.join(", "));
            writeln!(
                out,
                "{} {}",
                screen.bold(&safe(&join.name)),
                screen.paragraph(&text, &[], 2, "")
            )?;
        }
        for apart in self.aliases.aparts() {
            writeln!(
                out,
                "{}",
                screen.paragraph(&apart.names.join(" ≠ "), &[], 2, "")
            )?;
        }
        writeln!(out, "{}", screen.dim(&format!("in {}", safe(&self.file))))
    }
}

/// Joins worth a look.
pub struct Suggestions(pub Vec<Suggestion>);

impl Sheet for Suggestions {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("suggestions".into(), self.lines().into())])
    }

    fn lines(&self) -> Vec<Value> {
        self.0
            .iter()
            .map(|s| {
                json!({
                    "name": s.name,
                    "posts": s.posts,
                    "other": s.other,
                    "other_posts": s.other_posts,
                    "distance": s.distance,
                    "form": s.form,
                    "titles": s.titles,
                    "titles_total": s.titles_total,
                    "together": s.together,
                })
            })
            .collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &[
            "name",
            "posts",
            "other",
            "other_posts",
            "distance",
            "form",
            "titles",
            "together",
        ]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        self.0
            .iter()
            .map(|s| {
                vec![
                    s.name.clone(),
                    s.posts.to_string(),
                    s.other.clone(),
                    s.other_posts.to_string(),
                    s.distance.to_string(),
                    s.form.unwrap_or_default().to_owned(),
                    s.titles.join("; "),
                    s.together.to_string(),
                ]
            })
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.0.is_empty() {
            return writeln!(out, "No two names look like one artist.");
        }
        for (at, s) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let one = format!("{} ({})", s.name, counted(s.posts, "post", "posts"));
            let two = format!("{} ({})", s.other, counted(s.other_posts, "post", "posts"));
            let pair = screen.paragraph(&format!("{one} ~ {two}"), &[], 2, "");
            writeln!(out, "{pair}")?;
            let mut why = vec![match s.form {
                Some("and") => "the same but for an “and”".to_owned(),
                Some("article") => "the same but for an article".to_owned(),
                Some("blanks") => "the same but for blanks".to_owned(),
                Some(_) => "the same words in another order".to_owned(),
                None => counted(s.distance as u64, "letter apart", "letters apart"),
            }];
            if !s.titles.is_empty() {
                let named: Vec<String> = s
                    .titles
                    .iter()
                    .take(TITLES)
                    .map(|t| format!("“{t}”"))
                    .collect();
                let more = match s.titles_total.saturating_sub(named.len() as u64) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                why.push(format!("both credited with {}{more}", named.join(", ")));
            }
            if s.together > 0 {
                why.push(format!(
                    "but both in {}",
                    counted(s.together, "same post", "same posts")
                ));
            }
            let why = screen.paragraph(&why.join("; "), &[], 2, "");
            writeln!(out, "  {why}")?;
            let command = format!(
                "deepcut alias join {} {}",
                quoted(&s.name),
                quoted(&s.other)
            );
            writeln!(out, "  {}", screen.dim(&command))?;
        }
        Ok(())
    }
}

/// A name as a shell takes it for one word, whatever is in it.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "'\\''"))
}
