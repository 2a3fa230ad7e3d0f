//! Lines that behave alike.
//!
//! In: lines. Out: runs of them that may be lists, each by one shape. Says nothing about whether they hold
//! tracks.

use std::collections::BTreeMap;

use super::row::{self, Form, Separator};
use super::{Raw, Run, cues};
use crate::text::lines::Line;

/// Lines that may stand between two numbered rows.
const MOST_BETWEEN: usize = 6;
/// Letters of a row that is no sentence.
const LONGEST_ROW: usize = 200;

fn raw<'a>(line: usize, number: Option<&'a str>, text: &'a str) -> Raw<'a> {
    Raw {
        line,
        number,
        text,
        sides: None,
        section: None,
        start_s: None,
    }
}

/// Rows with numbers that go on.
pub(super) fn numbered<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut out: Vec<Run<'a>> = Vec::new();
    let mut open: Option<(Run<'a>, Form, u32, usize)> = None;
    let mut section = None;
    for (at, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            continue;
        }
        let number = row::number(&line.text)
            .filter(|_| {
                !taken[at] && line.hints.cell.is_none() && line.text.chars().count() <= LONGEST_ROW
            })
            .filter(|n| n.rest.chars().any(char::is_alphanumeric) || n.rest.contains(['!', '?']));
        let Some(number) = number else {
            if let Some((run, _, _, gap)) = &mut open {
                *gap += 1;
                run.between.push(at);
                if cues::is_section(&line.text) {
                    section = Some(line.text.as_str());
                    *gap = 0;
                }
                if *gap > MOST_BETWEEN
                    && let Some((run, ..)) = open.take()
                {
                    out.push(run);
                    section = None;
                }
            } else {
                section = cues::is_section(&line.text).then_some(line.text.as_str());
            }
            continue;
        };
        let goes_on = open.as_ref().is_some_and(|(run, form, last, gap)| {
            *form == number.form
                && match form {
                    Form::Clock => true,
                    _ => {
                        (number.value > *last && number.value <= last + 3)
                            || (number.value < *last
                                && number.value + 1 >= *last
                                && run.rows.len() > 1
                                && *gap == 0)
                            || (number.value == 1
                                && (*gap > 0 || *form != Form::Digits || run.rows.len() > 2))
                            || (number.value == *last && *gap == 0)
                    }
                }
        });
        let mut one = raw(at, Some(number.printed), number.rest);
        one.section = section;
        if number.form == Form::Clock {
            one.start_s = row::clock(number.printed).map(|c| c.0);
            one.number = None;
        }
        match &mut open {
            Some((run, _, last, gap)) if goes_on => {
                run.rows.push(one);
                *last = number.value;
                *gap = 0;
            }
            _ => {
                if let Some((run, ..)) = open.take() {
                    out.push(run);
                }
                let run = Run {
                    shape: "numbered rows",
                    rows: vec![one],
                    between: Vec::new(),
                };
                open = Some((run, number.form, number.value, 0));
            }
        }
    }
    out.extend(open.map(|o| o.0));
    for run in &mut out {
        let last = run.rows.last().map_or(0, |r| r.line);
        run.between.retain(|at| *at < last);
    }
    out.retain(|run| run.rows.len() >= 3);
    out
}

/// Items of one HTML or Markdown list.
pub(super) fn items<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut lists: BTreeMap<u32, Run<'a>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(item) = line.hints.item.filter(|_| !taken[at]) else {
            continue;
        };
        let run = lists.entry(item.list).or_insert_with(|| Run {
            shape: "list items",
            rows: Vec::new(),
            between: Vec::new(),
        });
        if item.first {
            run.rows.push(raw(at, None, &line.text));
        } else {
            run.between.push(at);
        }
    }
    lists
        .into_values()
        .filter(|run| run.rows.len() >= 3)
        .collect()
}

/// Lines without numbers that are parted alike.
pub(super) fn parted<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    const TELLING: &[Separator] = &[
        Separator::Tab,
        Separator::Pipe,
        Separator::SpacedLongDash,
        Separator::DoubleDash,
        Separator::SpacedHyphen,
        Separator::Quoted,
        Separator::LooseDash,
        Separator::GluedDash,
        Separator::Slash,
        Separator::Colon,
    ];
    let mut out = Vec::new();
    for separator in TELLING {
        let mut run: Vec<Raw<'a>> = Vec::new();
        let mut between: Vec<usize> = Vec::new();
        let mut section = None;
        let mut gap = 0;
        let mut close = |run: &mut Vec<Raw<'a>>, between: &mut Vec<usize>| {
            let rows = std::mem::take(run);
            let last = rows.last().map_or(0, |r| r.line);
            let mut inner = std::mem::take(between);
            inner.retain(|at| *at < last);
            if rows.len() >= 3 {
                out.push(Run {
                    shape: "rows parted alike",
                    rows,
                    between: inner,
                });
            }
        };
        for (at, line) in lines.iter().enumerate() {
            if line.text.is_empty() {
                continue;
            }
            let short = line.text.chars().count() <= 140 && !is_sentence(&line.text);
            let fits = short
                && !taken[at]
                && line.hints.cell.is_none()
                && line.hints.heading == 0
                && row::split(row::cut_tails(&line.text).0, *separator)
                    .is_some_and(|p| p.len() <= 4);
            if fits {
                let mut one = raw(at, None, &line.text);
                one.section = section;
                run.push(one);
                gap = 0;
            } else if !run.is_empty() {
                if cues::is_section(&line.text) {
                    section = Some(line.text.as_str());
                } else {
                    gap += 1;
                }
                between.push(at);
                let tolerable = line.text.chars().count() <= 60 && gap <= 1;
                if !tolerable {
                    close(&mut run, &mut between);
                    section = None;
                    gap = 0;
                }
            }
        }
        close(&mut run, &mut between);
    }
    // The separator that explains the longest run wins the lines.
    out.sort_by_key(|run| std::cmp::Reverse(run.rows.len()));
    out
}

/// True where a line reads as prose.
pub(super) fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let ends = text.ends_with(['.', '。']) && !text.ends_with("...") && words > 6;
    (ends && words > 9) || (text.contains(". ") && words > 14) || words > 26
}

/// `01 A - B * 02 C - D`: a whole list in one line.
pub(super) fn one_line<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut out = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if taken[at] || line.text.len() < 40 || line.text.len() > 20_000 {
            continue;
        }
        let mut starts: Vec<(usize, usize)> = Vec::new();
        let mut want = 1u32;
        let bytes = line.text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            let fresh =
                i == 0 || matches!(bytes[i - 1], b' ' | b'*' | b'(' | b',' | b'/' | b';' | b'|');
            if fresh && bytes[i].is_ascii_digit() {
                let end = i + bytes[i..].iter().take_while(|b| b.is_ascii_digit()).count();
                let value = line.text[i..end].parse::<u32>().ok();
                let marked = matches!(bytes.get(end), Some(b'.' | b')' | b':' | b'-'))
                    || (end - i == 2 && bytes.get(end) == Some(&b' '));
                if value == Some(want) && marked {
                    starts.push((i, end));
                    want += 1;
                }
                i = end;
            } else {
                i += 1;
            }
        }
        if starts.len() < 4 || starts[0].0 > 120 {
            continue;
        }
        let mut rows = Vec::new();
        for (n, (start, end)) in starts.iter().enumerate() {
            let stop = starts.get(n + 1).map_or(line.text.len(), |s| s.0);
            let text = line.text[*end..stop]
                .trim_start_matches(['.', ')', ':', '-', ' '])
                .trim_end_matches(['*', ',', ';', '/', '(', '|', ' ']);
            rows.push(raw(at, Some(&line.text[*start..*end]), text));
        }
        if rows
            .iter()
            .all(|r| !r.text.is_empty() && r.text.chars().count() <= 120)
        {
            out.push(Run {
                shape: "a list in one line",
                rows,
                between: Vec::new(),
            });
        }
    }
    out
}

/// Tables with a column of artists and one of titles.
pub(super) fn tables<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut tables: BTreeMap<u32, BTreeMap<u32, Vec<(u32, usize)>>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(cell) = line.hints.cell.filter(|_| !taken[at]) {
            tables
                .entry(cell.table)
                .or_default()
                .entry(cell.row)
                .or_default()
                .push((cell.column, at));
        }
    }
    let mut out = Vec::new();
    for rows in tables.into_values() {
        if rows.len() < 3 {
            continue;
        }
        let text = |at: usize| lines[at].text.as_str();
        let mut artist = None;
        let mut title = None;
        let mut number = None;
        let mut head = None;
        if let Some((first, cells)) = rows.first_key_value() {
            for (column, at) in cells {
                match column_of(text(*at)) {
                    Some("artist") if artist.is_none() => artist = Some(*column),
                    Some("title") if title.is_none() => title = Some(*column),
                    Some("number") if number.is_none() => number = Some(*column),
                    _ => {}
                }
            }
            if title.is_some() {
                head = Some(*first);
            }
        }
        let said = artist.is_some() && title.is_some();
        if title.is_none() {
            // Without a header: the two columns that hold words in nearly every row.
            let mut filled: BTreeMap<u32, usize> = BTreeMap::new();
            for cells in rows.values() {
                for (column, at) in cells {
                    let words = text(*at);
                    let wordy = words.chars().any(char::is_alphabetic)
                        && words.chars().count() <= 80
                        && row::clock(words).is_none();
                    *filled.entry(*column).or_insert(0) += usize::from(wordy);
                }
            }
            let mut wordy = filled
                .iter()
                .filter(|(_, n)| **n * 5 >= rows.len() * 4)
                .map(|(c, _)| *c);
            artist = wordy.next();
            title = wordy.next();
            if wordy.next().is_some() {
                continue;
            }
        }
        let Some(title) = title else { continue };
        let mut run = Run {
            shape: if said {
                "a table with a header"
            } else {
                "a table"
            },
            rows: Vec::new(),
            between: Vec::new(),
        };
        for (row, cells) in &rows {
            if Some(*row) == head {
                run.between.extend(cells.iter().map(|c| c.1));
                continue;
            }
            let cell = |column: u32| cells.iter().find(|c| c.0 == column).map(|c| c.1);
            let Some(of) = cell(title) else {
                run.between.extend(cells.iter().map(|c| c.1));
                continue;
            };
            let mut one = raw(of, number.and_then(cell).map(text), text(of));
            if let Some(by) = artist.and_then(cell) {
                one.sides = Some((text(by).to_owned(), text(of).to_owned()));
            }
            run.between
                .extend(cells.iter().map(|c| c.1).filter(|at| *at != of));
            run.rows.push(one);
        }
        if run.rows.len() >= 2 {
            out.push(run);
        }
    }
    out
}

fn column_of(head: &str) -> Option<&'static str> {
    let head = crate::text::fold::fold(head);
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
        | "act" => "artist",
        "title" | "track" | "song" | "name" | "titel" | "lied" | "titre" | "morceau" | "titulo"
        | "cancion" | "musica" | "faixa" | "titolo" | "brano" | "曲名" | "タイトル" | "曲"
        | "제목" | "곡명" | "название" | "песня" | "track title" | "song title" => {
            "title"
        }
        "#" | "no" | "nr" | "number" | "n" | "n°" | "№" | "pos" | "番号" => "number",
        _ => return None,
    })
}
