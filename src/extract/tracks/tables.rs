//! Tables: columns of artists and titles.
//!
//! In: lines that are cells, or text lines drawn with bars. Out: one run per table, its sides known.

use std::collections::{BTreeMap, BTreeSet};

use super::runs::{is_sentence, raw};
use super::{Run, row};
use crate::text::fold::fold;
use crate::text::lines::Line;

/// A row of cells: column, line, text.
struct Row<'a> {
    cells: Vec<(u32, usize, &'a str)>,
}

/// Tables of the markup.
pub(super) fn marked<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut tables: BTreeMap<u32, BTreeMap<u32, Row<'a>>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(cell) = line.hints.cell.filter(|_| !taken[at]) {
            let row = tables
                .entry(cell.table)
                .or_default()
                .entry(cell.row)
                .or_insert_with(|| Row { cells: Vec::new() });
            // The first line of a cell speaks for it.
            if row.cells.last().is_none_or(|c| c.0 != cell.column) {
                row.cells.push((cell.column, at, line.text.as_str()));
            }
        }
    }
    tables
        .into_values()
        .filter(|rows| rows.len() >= 3)
        .filter_map(|rows| read(rows.into_values().collect()))
        .collect()
}

/// Tables drawn in text: `| 1. | Artist | Title |`.
pub(super) fn drawn<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut out = Vec::new();
    let mut rows: Vec<Row<'a>> = Vec::new();
    let flush = |rows: &mut Vec<Row<'a>>, out: &mut Vec<Run<'a>>| {
        let rows = std::mem::take(rows);
        if rows.len() >= 2 {
            out.extend(read(rows));
        }
    };
    for (at, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            continue;
        }
        let text = line.text.as_str();
        let drawn = !taken[at]
            && line.hints.cell.is_none()
            && text.matches('|').count() >= 2
            && text.chars().count() <= 240;
        if !drawn {
            flush(&mut rows, &mut out);
            continue;
        }
        let inner = text.trim().trim_start_matches('|').trim_end_matches('|');
        let cells: Vec<(u32, usize, &str)> = inner
            .split('|')
            .enumerate()
            .map(|(column, cell)| (column as u32, at, cell.trim()))
            .filter(|(_, _, cell)| !cell.is_empty())
            .collect();
        let rule = cells
            .iter()
            .all(|c| c.2.chars().all(|c| matches!(c, '-' | ':' | '=' | ' ')));
        // A header begins another table.
        if cells.len() >= 2 && cells.iter().any(|c| column_of(c.2).is_some()) && !rows.is_empty() {
            flush(&mut rows, &mut out);
        }
        if !rule && !cells.is_empty() {
            rows.push(Row { cells });
        }
    }
    flush(&mut rows, &mut out);
    out
}

/// What a column holds.
#[derive(Default)]
struct Column {
    filled: usize,
    wordy: usize,
    clocks: usize,
    numbers: usize,
    years: usize,
    prose: usize,
}

fn read(mut rows: Vec<Row<'_>>) -> Option<Run<'_>> {
    let mut artist = None;
    let mut title = None;
    let mut between = Vec::new();
    let mut headed = false;
    if let Some(first) = rows.first() {
        let known = first
            .cells
            .iter()
            .filter(|c| column_of(c.2).is_some())
            .count();
        if known >= 1 && first.cells.iter().all(|c| c.2.chars().count() <= 30) {
            for (column, _, text) in &first.cells {
                match column_of(text) {
                    Some("artist") if artist.is_none() => artist = Some(*column),
                    // "Track | Artist | Title": the last that names titles does.
                    Some("title") => title = Some(*column),
                    _ => {}
                }
            }
            headed = true;
        }
    }
    let said = title.is_some();
    if headed {
        between.extend(rows.remove(0).cells.iter().map(|c| c.1));
    }
    // Captions, sections and remarks over the whole width.
    if rows.iter().filter(|r| r.cells.len() > 1).count() * 2 > rows.len() {
        let (wide, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r.cells.len() == 1);
        between.extend(wide.iter().flat_map(|r| &r.cells).map(|c| c.1));
        rows = rest;
    }
    let mut columns: BTreeMap<u32, Column> = BTreeMap::new();
    for (column, _, text) in rows.iter().flat_map(|r| &r.cells) {
        let entry = columns.entry(*column).or_default();
        entry.filled += 1;
        let number = bare(text);
        if row::clock(number).is_some_and(|c| c.1 == number.len()) {
            entry.clocks += 1;
        } else if number.len() == 4
            && number
                .parse::<u16>()
                .is_ok_and(|y| (1900..2100).contains(&y))
        {
            entry.years += 1;
        } else if row::is_number(number) {
            entry.numbers += 1;
        } else if text.chars().count() > 80 || is_sentence(text) || text.ends_with('。') {
            entry.prose += 1;
        } else if text.chars().any(char::is_alphabetic) {
            entry.wordy += 1;
        }
    }
    let n = rows.len();
    let most = |count: usize| count * 3 >= n * 2;
    let numbers = columns.iter().find(|(_, c)| most(c.numbers)).map(|c| *c.0);
    let clocks = columns.iter().find(|(_, c)| most(c.clocks)).map(|c| *c.0);
    let years = columns.iter().find(|(_, c)| most(c.years)).map(|c| *c.0);
    if title.is_none() {
        // Without a header: the columns that hold words in most rows, in which no column of remarks.
        let mut wordy = columns
            .iter()
            .filter(|(column, c)| {
                most(c.wordy + c.numbers / 2) && c.prose * 4 <= n && Some(**column) != numbers
            })
            .filter(|(_, c)| c.wordy * 2 > c.filled)
            .map(|(c, _)| *c);
        let first = wordy.next()?;
        match (wordy.next(), wordy.next()) {
            (Some(second), third) => {
                let figures = columns.values().filter(|c| most(c.numbers)).count() > 1;
                if third.is_some() && numbers.is_none() && clocks.is_none() || figures {
                    return None;
                }
                artist = Some(first);
                title = Some(second);
            }
            // A rank, a name and more numbers are a league.
            _ if numbers.is_some() && columns.values().filter(|c| most(c.numbers)).count() == 1 => {
                title = Some(first);
            }
            _ => return None,
        }
    }
    let title = title?;
    let mut run = Run {
        shape: if said && artist.is_some() {
            "a table with a header"
        } else if numbers.is_some() && artist.is_none() {
            "a numbered table"
        } else {
            "a table"
        },
        rows: Vec::new(),
        between,
    };
    let starts = clocks.is_some_and(|column| rises(&rows, column));
    let mut lines = BTreeSet::new();
    for row in &rows {
        let cell = |column: u32| row.cells.iter().find(|c| c.0 == column);
        let number = numbers.and_then(cell);
        let whole = cell(title).filter(|c| {
            // A break, a caption over the whole width: no row where all others have a number.
            (numbers.is_none()
                || number.is_some_and(|n| n.2.contains(|c: char| c.is_ascii_digit())))
                && c.2
                    .chars()
                    .any(|c| c.is_alphanumeric() || matches!(c, '!' | '?'))
        });
        let by = artist.and_then(cell);
        let Some(of) = whole.filter(|_| artist.is_none() || by.is_some()) else {
            run.between.extend(row.cells.iter().map(|c| c.1));
            continue;
        };
        let mut one = raw(of.1, number.map(|n| bare(n.2)), of.2);
        one.sides = by.map(|by| (by.2.to_owned(), of.2.to_owned()));
        one.year = years.and_then(cell).and_then(|c| row::year(c.2));
        if let Some((seconds, _)) = clocks.and_then(cell).and_then(|c| row::clock(bare(c.2))) {
            if starts {
                one.start_s = Some(seconds);
            } else {
                one.duration_s = Some(seconds);
            }
        }
        lines.insert(of.1);
        run.between
            .extend(row.cells.iter().map(|c| c.1).filter(|at| *at != of.1));
        run.rows.push(one);
    }
    run.between.retain(|at| !lines.contains(at));
    let least = if numbers.is_some() || said { 1 } else { 3 };
    (run.rows.len() >= least).then_some(run)
}

/// A number without the signs around it.
fn bare(cell: &str) -> &str {
    cell.trim_end_matches(['.', ')', ']', ':', '-', ' '])
        .trim_start_matches(['#', '(', '['])
}

/// True where the times of a column only rise: where rows start in a mix.
fn rises(rows: &[Row<'_>], column: u32) -> bool {
    let times: Vec<u32> = rows
        .iter()
        .filter_map(|r| r.cells.iter().find(|c| c.0 == column))
        .filter_map(|c| row::clock(bare(c.2)).map(|c| c.0))
        .collect();
    times.len() > 2 && times.windows(2).all(|w| w[0] < w[1])
}

pub(super) fn column_of(head: &str) -> Option<&'static str> {
    let head = fold(head);
    let head = head.trim().trim_end_matches([':', '.']);
    Some(match head {
        "artist"
        | "artists"
        | "performer"
        | "band"
        | "interpret"
        | "kunstler"
        | "artiste"
        | "interprete"
        | "artista"
        | "アーティスト"
        | "아티스트"
        | "исполнитель"
        | "by"
        | "act"
        | "group"
        | "singer"
        | "gruppe"
        | "groupe"
        | "アーティスト名"
        | "가수" => "artist",
        "title" | "track" | "song" | "name" | "titel" | "lied" | "titre" | "morceau" | "titulo"
        | "cancion" | "musica" | "faixa" | "titolo" | "brano" | "曲名" | "タイトル" | "曲"
        | "제목" | "곡명" | "название" | "песня" | "track title" | "song title" | "track name"
        | "tune" | "tema" | "chanson" | "canzone" => "title",
        "#" | "no" | "nr" | "number" | "n" | "n°" | "№" | "pos" | "番号" | "position" => {
            "number"
        }
        "time" | "length" | "duration" | "dauer" | "zeit" | "duree" | "duracion" | "durata"
        | "시간" | "時間" | "время" => "time",
        "album" | "label" | "year" | "jahr" | "annee" | "ano" | "anno" => "other",
        _ => return None,
    })
}
