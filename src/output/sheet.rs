//! Answers that are one table.
//!
//! In: an answer that can say its header, its cells and its JSON. Out: what every format needs of it, so that
//! a new command is one file here and no line in any format.

use std::io::{self, Write};

use super::paint::{cut, width};
use super::{SCHEMA, Screen, csv, json, markdown};

/// An answer that is one table.
pub trait Sheet {
    /// The whole answer, without the schema's number.
    fn json(&self) -> serde_json::Map<String, serde_json::Value>;

    /// One object a line.
    fn lines(&self) -> Vec<serde_json::Value>;

    /// Names of the columns.
    fn header(&self) -> &'static [&'static str];

    /// A cell for every column.
    fn cells(&self) -> Vec<Vec<String>>;

    /// For people.
    ///
    /// # Errors
    /// Those of `out`.
    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()>;
}

pub(super) fn write_json(sheet: &dyn Sheet, out: &mut dyn Write) -> io::Result<()> {
    let mut value = serde_json::Map::from_iter([("schema".to_owned(), SCHEMA.into())]);
    value.extend(sheet.json());
    json::line(out, &value)
}

pub(super) fn write_lines(sheet: &dyn Sheet, out: &mut dyn Write) -> io::Result<()> {
    sheet
        .lines()
        .iter()
        .try_for_each(|one| json::line(out, one))
}

pub(super) fn write_csv(sheet: &dyn Sheet, out: &mut dyn Write) -> io::Result<()> {
    csv::row(out, sheet.header())?;
    for cells in sheet.cells() {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        csv::row(out, &cells)?;
    }
    Ok(())
}

pub(super) fn write_markdown(sheet: &dyn Sheet, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| {} |", sheet.header().join(" | "))?;
    writeln!(out, "|{}", " --- |".repeat(sheet.header().len()))?;
    for cells in sheet.cells() {
        let cells: Vec<String> = cells
            .iter()
            .map(|cell| markdown::escape(cell).replace('\n', " "))
            .collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// A text in a column of so many cells: cut, or filled up behind (a name) or before (a number).
pub(super) fn column(text: &str, columns: usize, number: bool) -> String {
    let text = cut(text, columns);
    let fill = " ".repeat(columns.saturating_sub(width(&text)));
    if number {
        format!("{fill}{text}")
    } else {
        format!("{text}{fill}")
    }
}

/// `Published::key` as ISO 8601 to its precision.
pub fn date(key: i64) -> String {
    match (key / 10_000, key / 100 % 100, key % 100) {
        (year, 0, _) => format!("{year:04}"),
        (year, month, 0) => format!("{year:04}-{month:02}"),
        (year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// A bar that stands for its share of the most there is.
pub(super) fn bar(count: u64, most: u64, columns: usize) -> String {
    "█".repeat((count * columns as u64).div_ceil(most.max(1)) as usize)
}
