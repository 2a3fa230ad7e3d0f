//! Lines that behave alike.
//!
//! In: lines. Out: runs of them that may be lists, each by one shape. Says nothing about whether they hold
//! tracks.

use super::row::{self, Form, Separator};
use super::{Raw, Run, cues};
use crate::text::lines::Line;

/// Lines that may stand between two numbered rows.
const MOST_BETWEEN: usize = 6;
/// The same where every row so far has two sides.
const MOST_REVIEWED: usize = 24;
/// Letters of a row that is no sentence.
const LONGEST_ROW: usize = 200;

pub(super) fn raw<'a>(line: usize, number: Option<&'a str>, text: &'a str) -> Raw<'a> {
    Raw {
        line,
        number,
        text,
        sides: None,
        section: None,
        start_s: None,
        duration_s: None,
        year: None,
        ordered: false,
    }
}

/// The order in which numbers come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Unknown,
    Up,
    Down,
}

/// A run of numbered rows while it grows.
struct Growing<'a> {
    run: Run<'a>,
    form: Form,
    last: u32,
    way: Way,
    gap: usize,
}

impl Growing<'_> {
    /// Lines that may stand before the next row: reviews between the rows of a countdown are long.
    fn patience(&self) -> usize {
        if self.is_parted() && self.form == Form::Digits {
            MOST_REVIEWED
        } else {
            MOST_BETWEEN
        }
    }

    /// True where every row so far has two sides.
    fn is_parted(&self) -> bool {
        self.run.rows.iter().all(|r| parts_of(r.text).is_some())
    }

    fn goes_on(&self, form: Form, value: u32) -> bool {
        if form != self.form {
            return false;
        }
        if form == Form::Clock {
            return true;
        }
        if self.gap > MOST_BETWEEN && value.abs_diff(self.last) != 1 {
            return false;
        }
        let (last, rows) = (self.last, self.run.rows.len());
        let up = value > last && value <= last + 3;
        let down = value < last && value + 2 >= last && value > 0;
        match self.way {
            Way::Unknown => up || down || (value == last && self.gap == 0),
            Way::Down => down || (value == last && self.gap == 0),
            Way::Up => {
                up || (value == last && self.gap == 0)
                    || (value < last && value + 1 >= last && rows > 1 && self.gap == 0)
                    // Side B, disc 2, hour 3 start again.
                    || (value == 1 && (self.gap > 0 || form != Form::Digits || rows > 2))
            }
        }
    }
}

/// The sides of a row that a dash parts.
fn parts_of(text: &str) -> Option<Vec<&str>> {
    row::split(text, Separator::SpacedHyphen)
        .or_else(|| row::split(text, Separator::SpacedLongDash))
}

/// Rows with numbers that go on.
pub(super) fn numbered<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let mut out: Vec<Run<'a>> = Vec::new();
    let mut open: Option<Growing<'a>> = None;
    let mut section = None;
    for (at, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            continue;
        }
        let (headed, text) = match cues::section_before(&line.text) {
            Some((head, rest)) if row::number(rest).is_some() => (Some(head), rest),
            _ => (None, line.text.as_str()),
        };
        let number = row::number(text)
            .filter(|_| {
                !taken[at] && line.hints.cell.is_none() && line.text.chars().count() <= LONGEST_ROW
            })
            .filter(|n| n.rest.chars().any(char::is_alphanumeric) || n.rest.contains(['!', '?']));
        let Some(number) = number else {
            if let Some(growing) = &mut open {
                growing.gap += 1;
                growing.run.between.push(at);
                if cues::is_section(&line.text) {
                    section = Some(line.text.as_str());
                    growing.gap = 0;
                }
                if growing.gap > growing.patience()
                    && let Some(growing) = open.take()
                {
                    out.push(growing.run);
                    section = None;
                }
            } else {
                section = cues::is_section(&line.text).then_some(line.text.as_str());
            }
            continue;
        };
        section = headed.or(section);
        let mut one = raw(at, Some(number.printed), number.rest);
        one.section = section;
        if number.form == Form::Clock {
            one.start_s = row::clock(number.printed).map(|c| c.0);
            one.number = None;
        }
        match &mut open {
            Some(growing)
                if growing.goes_on(number.form, number.value)
                    || (headed.is_some() && number.form == growing.form && number.value == 1) =>
            {
                if growing.way == Way::Unknown && number.value != growing.last {
                    growing.way = if number.value > growing.last {
                        Way::Up
                    } else {
                        Way::Down
                    };
                }
                growing.run.rows.push(one);
                growing.last = number.value;
                growing.gap = 0;
            }
            // "48 Oxygen" within a review is no row of the countdown.
            Some(growing) if growing.is_parted() && parts_of(number.rest).is_none() => {
                growing.gap += 1;
                growing.run.between.push(at);
            }
            _ => {
                out.extend(open.take().map(|growing| growing.run));
                open = Some(Growing {
                    run: Run {
                        shape: "numbered rows",
                        rows: vec![one],
                        between: Vec::new(),
                    },
                    form: number.form,
                    last: number.value,
                    way: Way::Unknown,
                    gap: 0,
                });
            }
        }
    }
    out.extend(open.map(|growing| growing.run));
    for run in &mut out {
        let last = run.rows.last().map_or(0, |r| r.line);
        run.between.retain(|at| *at < last);
        second_numbers(run);
    }
    out.retain(|run| run.rows.len() >= 3);
    out
}

/// `1. [00:00] A - B`, `1.(A-1) B`: a second number in most rows is cut as well.
fn second_numbers(run: &mut Run<'_>) {
    let second = |text| {
        row::number(text)
            .filter(|n| n.form != Form::Digits && n.rest.chars().any(char::is_alphabetic))
    };
    let digits = |text| row::number(text).filter(|n| n.rest.chars().any(char::is_alphabetic));
    let clocks = run.rows.iter().all(|r| r.start_s.is_some());
    let find = |text| if clocks { digits(text) } else { second(text) };
    let have = run.rows.iter().filter(|r| find(r.text).is_some()).count();
    if have * 10 < run.rows.len() * 8 {
        return;
    }
    for row in &mut run.rows {
        if let Some(number) = find(row.text) {
            row.text = number.rest;
            if number.form == Form::Clock {
                row.start_s = row::clock(number.printed).map(|c| c.0);
            } else if row.number.is_none() {
                row.number = Some(number.printed);
            }
        }
    }
}

/// The two sides of a seven-inch: `A Title`, `B Title` below each other.
pub(super) fn singles<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    let side = |at: usize, letters: [&str; 2]| {
        let text = lines[at].text.as_str();
        letters.iter().find_map(|letter| {
            let rest = text.strip_prefix(letter)?;
            let rest = rest
                .strip_prefix([' ', ':', '.', ')'])?
                .trim_start_matches(['-', ':', '.', ' ', '\t']);
            let fits = rest.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || c == '(')
                && rest.chars().count() <= 70
                && !is_sentence(rest);
            fits.then_some(rest)
        })
    };
    let mut out = Vec::new();
    for at in 0..lines.len().saturating_sub(1) {
        if taken[at] || taken[at + 1] || lines[at].hints.cell.is_some() {
            continue;
        }
        let (Some(a), Some(b)) = (side(at, ["A", "AA"]), side(at + 1, ["B", "AA"])) else {
            continue;
        };
        out.push(Run {
            shape: "the sides of a single",
            rows: vec![raw(at, Some("A"), a), raw(at + 1, Some("B"), b)],
            between: Vec::new(),
        });
    }
    out
}

/// Items of one HTML or Markdown list; lists that a line or two part are one.
pub(super) fn items<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    struct Open<'a> {
        run: Run<'a>,
        list: u32,
        depth: u8,
        ordered: bool,
        /// Of the last item.
        ordinal: u32,
        /// Lines since the last item that belong to no list.
        gap: usize,
    }
    let mut done: Vec<Open<'a>> = Vec::new();
    // One open list at each depth: an inner list belongs to the item of the outer one.
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut section = None;
    for (at, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            continue;
        }
        let Some(item) = line.hints.item.filter(|_| !taken[at]) else {
            if cues::is_section(&line.text) {
                section = Some(line.text.as_str());
            } else if line.hints.heading > 0 {
                done.append(&mut open);
                section = None;
            } else if line.text.ends_with([':', '：']) || is_sentence(&line.text) {
                // Another list begins, or the list is over.
                section = None;
            }
            for one in &mut open {
                one.gap += 1;
                one.run.between.push(at);
            }
            let (kept, ended): (Vec<_>, Vec<_>) = open.into_iter().partition(|o| o.gap <= 2);
            open = kept;
            done.extend(ended);
            continue;
        };
        while let Some(inner) = open.pop_if(|o| o.depth > item.depth) {
            done.push(inner);
        }
        for outer in &mut open {
            if outer.depth < item.depth || !item.first {
                outer.run.between.push(at);
            }
        }
        if !item.first {
            continue;
        }
        let mut one = raw(at, None, &line.text);
        one.section = section;
        one.ordered = item.ordered;
        match open.last_mut().filter(|o| o.depth == item.depth) {
            Some(same)
                if same.list == item.list
                    || (same.gap > 0
                        && same.ordered == item.ordered
                        && same.run.rows.len() > 1) =>
            {
                same.list = item.list;
                same.ordinal = item.ordinal;
                same.gap = 0;
                same.run.rows.push(one);
            }
            other => {
                if other.is_some() {
                    done.extend(open.pop());
                }
                // `<ol start=11>` goes on where another list stands between items 10 and 11.
                let earlier = done.iter().rposition(|o| {
                    item.ordered
                        && item.ordinal > 1
                        && o.ordered
                        && o.depth == item.depth
                        && o.ordinal + 1 == item.ordinal
                });
                if let Some(earlier) = earlier {
                    let mut same = done.remove(earlier);
                    let from = same.run.rows.last().map_or(at, |r| r.line + 1);
                    same.run.between.retain(|b| *b < from);
                    same.run.between.extend(from..at);
                    same.list = item.list;
                    same.ordinal = item.ordinal;
                    same.gap = 0;
                    same.run.rows.push(one);
                    open.push(same);
                    continue;
                }
                open.push(Open {
                    run: Run {
                        shape: "list items",
                        rows: vec![one],
                        between: Vec::new(),
                    },
                    list: item.list,
                    depth: item.depth,
                    ordered: item.ordered,
                    ordinal: item.ordinal,
                    gap: 0,
                });
            }
        }
    }
    done.extend(open);
    let mut done: Vec<Run<'a>> = done.into_iter().map(|o| o.run).collect();
    for run in &mut done {
        let last = run.rows.last().map_or(0, |r| r.line);
        // What is nested in the last item belongs to it.
        run.between
            .retain(|at| *at < last || lines[*at].hints.item.is_some());
        second_numbers(run);
    }
    done.retain(|run| run.rows.len() >= 3);
    // The list that holds the others first.
    done.sort_by_key(|run| {
        run.rows
            .first()
            .and_then(|r| lines[r.line].hints.item)
            .map_or((0, 0), |i| (i.depth, u8::from(!i.ordered)))
    });
    done
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
        Separator::Sign,
        Separator::Slash,
        Separator::Colon,
        Separator::Bracket,
    ];
    // What does not hang on the separator, once a line.
    let told: Vec<(bool, bool, &str)> = lines
        .iter()
        .map(|line| {
            let short = line.text.chars().count() <= 140 && !is_sentence(&line.text);
            let core = row::cut_duration(&line.text).0;
            (short, cues::is_section(&line.text), core)
        })
        .collect();
    let mut out = Vec::new();
    for separator in TELLING {
        // Stretches of rows without a stranger among them, and the strangers before each.
        let mut stretches: Vec<(Vec<Raw<'a>>, Vec<usize>)> = Vec::new();
        let mut section = None;
        let mut strangers: Vec<usize> = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            if line.text.is_empty() {
                continue;
            }
            let (short, names_section, core) = told[at];
            let fits = short
                && !taken[at]
                && line.hints.cell.is_none()
                && line.hints.heading == 0
                && row::split(core, *separator).is_some_and(|parts| {
                    parts.len() <= 4
                        && !is_number(parts[0])
                        && (!separator.is_weak() || row::number(&line.text).is_none())
                        && (*separator != Separator::Bracket
                            || (!cues::is_version(parts[1])
                                && parts[1].chars().count() <= 40
                                && parts[1].chars().any(char::is_alphabetic)))
                });
            if !fits {
                if names_section {
                    section = Some(line.text.as_str());
                }
                strangers.push(at);
                continue;
            }
            let mut one = raw(at, None, &line.text);
            one.section = section;
            match stretches.last_mut() {
                Some((rows, _)) if strangers.is_empty() => rows.push(one),
                _ => stretches.push((vec![one], std::mem::take(&mut strangers))),
            }
        }
        out.extend(join(lines, stretches));
    }
    // The separator that explains the longest run wins the lines.
    out.sort_by_key(|run| std::cmp::Reverse(run.rows.len()));
    out
}

/// True for a side that holds no letter: a number that nothing else read.
fn is_number(side: &str) -> bool {
    !side.chars().any(char::is_alphabetic) && side.chars().count() <= 3
}

/// Lines in which bold, italic or a link sets one side off from the other.
pub(super) fn marked<'a>(lines: &'a [Line], taken: &[bool]) -> Vec<Run<'a>> {
    fn sides(line: &Line) -> Option<(&str, &str)> {
        let text = line.text.as_str();
        if text.chars().count() > 120 || is_sentence(text) || line.hints.heading > 0 {
            return None;
        }
        let styled = |want: &dyn Fn(&crate::text::lines::Span) -> bool| {
            let mut spans = line.hints.spans.iter().filter(|s| want(s));
            let span = spans.next()?;
            spans.next().is_none().then_some((span.start, span.end))
        };
        let (start, end) = styled(&|s| s.bold)
            .or_else(|| styled(&|s| s.italic))
            .or_else(|| styled(&|s| s.href.is_some()))?;
        fn part(t: Option<&str>) -> Option<&str> {
            let t = t?.trim_matches([' ', ',', '-', '–', '—', ':', '|']);
            t.chars().any(char::is_alphanumeric).then_some(t)
        }
        let inner = part(text.get(start..end))?;
        match (part(text.get(..start)), part(text.get(end..))) {
            (None, Some(rest)) => Some((inner, rest)),
            (Some(rest), None) => Some((rest, inner)),
            _ => None,
        }
    }
    let mut stretches: Vec<Vec<Raw<'a>>> = vec![Vec::new()];
    for (at, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            continue;
        }
        match sides(line).filter(|_| !taken[at] && line.hints.cell.is_none()) {
            Some((first, second)) => {
                let mut one = raw(at, None, second);
                one.sides = Some((first.to_owned(), second.to_owned()));
                if let Some(last) = stretches.last_mut() {
                    last.push(one);
                }
            }
            None => stretches.push(Vec::new()),
        }
    }
    stretches
        .into_iter()
        .filter(|rows| rows.len() >= 4)
        .map(|rows| Run {
            shape: "rows marked alike",
            rows,
            between: Vec::new(),
        })
        .collect()
}

/// Stretches of rows that little stands between make one run.
fn join<'a>(lines: &[Line], stretches: Vec<(Vec<Raw<'a>>, Vec<usize>)>) -> Vec<Run<'a>> {
    let mut out: Vec<Run<'a>> = Vec::new();
    let mut tail = 0;
    for (rows, strangers) in stretches {
        let sections = strangers
            .iter()
            .all(|at| cues::is_section(&lines[*at].text));
        let brief = strangers.len() == 1
            && strangers
                .iter()
                .all(|at| lines[*at].text.chars().count() <= 60);
        let close = strangers.len() <= 2
            && tail >= 2
            && rows.len() >= 2
            && strangers.iter().all(|at| lines[*at].hints.heading == 0);
        tail = rows.len();
        match out.last_mut() {
            Some(run) if sections || brief || close => {
                run.between.extend(strangers);
                run.rows.extend(rows);
            }
            _ => out.push(Run {
                shape: "rows parted alike",
                rows,
                between: Vec::new(),
            }),
        }
    }
    out.retain(|run| run.rows.len() >= 3);
    out
}

/// True where a line reads as prose.
pub(super) fn is_sentence(text: &str) -> bool {
    // Fewer bytes hold fewer words than any of the bounds below.
    if text.len() < 13 || (text.len() < 53 && !text.contains(['.', '。'])) {
        return false;
    }
    // Lines of pages have single blanks, which are counted quicker than words.
    let blanks = memchr::memchr_iter(b' ', text.as_bytes()).count();
    let folded = memchr::memmem::find(text.as_bytes(), b"  ").is_none();
    let words = match folded && text.bytes().all(|b| b >= b' ') {
        true => blanks + 1,
        false => text.split_whitespace().count(),
    };
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
        let bytes = line.text.as_bytes();
        if bytes.iter().filter(|b| b.is_ascii_digit()).count() < 4 {
            continue;
        }
        let mut starts: Vec<(usize, usize)> = Vec::new();
        let mut want = 1u32;
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
