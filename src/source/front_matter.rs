//! Front matter of Markdown posts: YAML, TOML or JSON.
//!
//! In: the text of a file. Out: its fields and the body behind them. Front matter that cannot be read is
//! reported, and the body is kept.

use serde_json::Value;

use super::value::Fields;

/// Bytes of front matter that are read: its values take many times as much.
const LONGEST: usize = 1 << 20;

/// The parts of a Markdown file.
pub(super) struct Parts<'a> {
    pub fields: Fields<'static>,
    pub body: &'a str,
    /// What was wrong with the front matter.
    pub problem: Option<String>,
}

/// Splits a file into front matter and body.
pub(super) fn split(text: &str) -> Parts<'_> {
    let text = text.trim_start_matches('\u{feff}');
    if let Some((raw, body)) = fenced(text, "---") {
        let parsed = short(raw)
            .and_then(|raw| serde_saphyr::from_str::<Value>(raw).map_err(|e| e.to_string()));
        return parts(parsed, body, "YAML");
    }
    if let Some((raw, body)) = fenced(text, "+++") {
        let parsed = short(raw)
            .and_then(|raw| toml::from_str::<toml::Value>(raw).map_err(|e| e.to_string()));
        let parsed = parsed.map(json_of);
        return parts(parsed, body, "TOML");
    }
    if text.starts_with('{') && text.len() <= LONGEST {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        if let Some(Ok(value @ Value::Object(_))) = stream.next() {
            let body = &text[stream.byte_offset()..];
            return parts(Ok(value), body, "JSON");
        }
    }
    Parts {
        fields: Fields::default(),
        body: text,
        problem: None,
    }
}

fn short(raw: &str) -> Result<&str, String> {
    if raw.len() > LONGEST {
        return Err(format!("it is longer than {} MiB", LONGEST >> 20));
    }
    Ok(raw)
}

fn parts<'a>(parsed: Result<Value, String>, body: &'a str, form: &str) -> Parts<'a> {
    let (fields, problem) = match parsed {
        Ok(Value::Object(fields)) => (fields.into_iter().collect(), None),
        Ok(Value::Null) => (Fields::default(), None),
        Ok(_) => (
            Fields::default(),
            Some(format!("{form} front matter holds no fields")),
        ),
        Err(error) => {
            let first = error.lines().next().unwrap_or_default();
            (
                Fields::default(),
                Some(format!("{form} front matter cannot be read: {first}")),
            )
        }
    };
    Parts {
        fields,
        body,
        problem,
    }
}

/// What stands between two lines that hold `fence` alone, the first of them the file's first line.
fn fenced<'a>(text: &'a str, fence: &str) -> Option<(&'a str, &'a str)> {
    let first_end = text.find('\n')?;
    if text[..first_end].trim_end() != fence {
        return None;
    }
    let mut at = first_end + 1;
    let start = at;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
        let line = text[at..end].trim_end();
        if line == fence || (fence == "---" && line == "...") {
            return Some((&text[start..at], &text[end..]));
        }
        at = end;
    }
    None
}

/// TOML as JSON; dates become their text.
fn json_of(value: toml::Value) -> Value {
    match value {
        toml::Value::String(s) => Value::String(s),
        toml::Value::Integer(n) => n.into(),
        toml::Value::Float(n) => n.into(),
        toml::Value::Boolean(b) => b.into(),
        toml::Value::Datetime(d) => Value::String(d.to_string()),
        toml::Value::Array(all) => Value::Array(all.into_iter().map(json_of).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(k, v)| (k, json_of(v))).collect())
        }
    }
}
