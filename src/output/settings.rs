//! Settings with their origins.
//!
//! In: what `config` found. Out: a table, JSON, CSV.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::paint::{safe, width};
use super::sheet::column;
use super::{Screen, Sheet};
use crate::config::{Origin, Place, Setting, Value};

/// What `deepcut config` tells.
pub struct SettingsTable<'a> {
    pub settings: &'a [Setting],
    pub places: &'a [Place],
}

fn value(value: &Value) -> Json {
    match value {
        Value::Path(path) => path.display().to_string().into(),
        Value::Paths(all) => all.iter().map(|p| p.display().to_string()).collect(),
        Value::Number(n) => (*n).into(),
        Value::Text(text) => text.as_str().into(),
    }
}

/// A value as a settings file would write it.
fn written(value: &Value) -> String {
    let quoted = |text: &str| format!("{:?}", safe(text));
    match value {
        Value::Path(path) => quoted(&path.display().to_string()),
        Value::Paths(all) => {
            let all: Vec<String> = all
                .iter()
                .map(|p| quoted(&p.display().to_string()))
                .collect();
            format!("[{}]", all.join(", "))
        }
        Value::Number(n) => n.to_string(),
        Value::Text(text) => quoted(text),
    }
}

impl Sheet for SettingsTable<'_> {
    fn json(&self) -> Map<String, Json> {
        let places: Vec<Json> = self
            .places
            .iter()
            .map(|p| json!({"path": p.path.display().to_string(), "found": p.found}))
            .collect();
        Map::from_iter([
            ("settings".to_owned(), self.lines().into()),
            ("files".to_owned(), places.into()),
        ])
    }

    fn lines(&self) -> Vec<Json> {
        self.settings
            .iter()
            .map(|s| {
                let (from, at, line) = match &s.origin {
                    Origin::Flag(flag) => ("flag", Some(flag.clone()), None),
                    Origin::Variable(name) => ("environment", Some((*name).to_owned()), None),
                    Origin::File(path, line) => {
                        ("file", Some(path.display().to_string()), Some(*line))
                    }
                    Origin::Default => ("default", None, None),
                };
                json!({"key": s.spec.key, "value": value(&s.value), "from": from, "at": at, "line": line,
                    "variable": s.spec.variable, "about": s.spec.about})
            })
            .collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &["key", "value", "origin", "variable", "about"]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        self.settings
            .iter()
            .map(|s| {
                vec![
                    s.spec.key.to_owned(),
                    written(&s.value),
                    s.origin.to_string(),
                    s.spec.variable.to_owned(),
                    s.spec.about.to_owned(),
                ]
            })
            .collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let written: Vec<String> = self.settings.iter().map(|s| written(&s.value)).collect();
        let key = self.settings.iter().map(|s| s.spec.key.len()).max();
        let key = key.unwrap_or(0);
        let widest = written.iter().map(|w| width(w)).max().unwrap_or(0);
        let room = widest.min(screen.width.saturating_sub(key + 22).max(12));
        for (setting, written) in self.settings.iter().zip(&written) {
            let origin = setting.origin.to_string();
            let origin = safe(&origin);
            write!(
                out,
                "{} = ",
                screen.bold(&column(setting.spec.key, key, false))
            )?;
            if width(written) > room {
                writeln!(out, "{written}")?;
                write!(out, "{}", " ".repeat(key + 3 + room))?;
            } else {
                write!(out, "{}", column(written, room, false))?;
            }
            writeln!(out, "  {}", screen.dim(&format!("# {origin}")))?;
        }
        writeln!(out)?;
        for place in self.places {
            let there = if place.found { "read" } else { "not there" };
            let path = place.path.display().to_string();
            writeln!(
                out,
                "{}",
                screen.dim(&format!("# {} ({there})", safe(&path)))
            )?;
        }
        Ok(())
    }
}
