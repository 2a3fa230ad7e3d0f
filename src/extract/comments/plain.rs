//! Comments in captures of a page's visible text.
//!
//! In: lines. Out: the thread below the post, and where it starts. A thread is found by a heading that counts
//! it, or by entries that follow the line that closes a post. Its entries are numbered, led by a line that
//! names the author and often the date, or followed by one; which of these is settled per thread by its first
//! lines and its last.

use super::byline::{self, Byline, Form};
use super::{Thread, whole, words};
use crate::model::{Comment, Ping, Published, Text};
use crate::text::lines::Line;

/// Finds the thread; the index is that of the first line that is no longer the post.
pub(super) fn of_lines(lines: &[Line], language: Option<&str>) -> (Thread, Option<usize>) {
    let mut thread = Thread::default();
    let form = lines.iter().position(|l| words::form(&l.text));
    let Some(start) = start_of(lines, language) else {
        return (thread, form);
    };
    thread.stated = start.stated;
    let end = lines[start.body..]
        .iter()
        .position(|l| words::after(&l.text))
        .map_or(lines.len(), |n| start.body + n);
    let texts: Vec<(&str, u16)> = lines[start.body..end]
        .iter()
        .map(|l| (l.text.as_str(), l.hints.indent))
        .collect();
    entries(&texts, language, &mut thread);
    // What is there and cannot be read as comments is not thrown away: it stays with the post.
    let is_prose = |text: &str| text.split(' ').nth(PROSE).is_some();
    let below = &lines[start.body..form.map_or(end, |form| form.clamp(start.body, end))];
    if thread.comments.is_empty() && below.iter().any(|l| is_prose(&l.text)) {
        return (thread, form);
    }
    thread.rule = Some(start.rule);
    (thread, Some(start.first))
}

/// A line of more words is nobody's furniture.
const PROSE: usize = 8;

struct Start {
    /// The first line that is not the post's.
    first: usize,
    /// The first line that may be an entry's.
    body: usize,
    stated: Option<u32>,
    rule: &'static str,
}

fn start_of(lines: &[Line], language: Option<&str>) -> Option<Start> {
    // The last heading with entries below it: posts talk about comments too.
    for (at, line) in lines.iter().enumerate().rev() {
        let stated = words::stated(&line.text);
        // "Antworten" is a button more often than a heading.
        let bare = || words::bare_heading(&line.text) && !words::widget(&line.text);
        if stated.is_none() && !bare() {
            continue;
        }
        let below = &lines[at + 1..];
        if stated == Some(0) || opens(below, language) {
            return Some(Start {
                first: at,
                body: at + 1,
                stated,
                rule: "a heading that counts responses",
            });
        }
    }
    // A number alone, with nothing captured below it.
    let counted = lines.iter().enumerate().rev().find_map(|(at, line)| {
        let alone = line.text.chars().count() <= 120 && !words::widget(&line.text);
        words::stated(&line.text)
            .filter(|_| alone)
            .map(|stated| (at, stated))
    });
    if let Some((at, stated)) = counted {
        return Some(Start {
            first: at,
            body: at + 1,
            stated: Some(stated),
            rule: "a heading that counts responses",
        });
    }
    // Blogger: "Labels: a, b", then "Anonymous said..." at once.
    let (closing, _) = lines
        .iter()
        .enumerate()
        .rev()
        .find(|(_, l)| words::closes_post(&l.text))?;
    let first = lines[closing + 1..]
        .iter()
        .position(|l| !l.text.is_empty())?
        + closing
        + 1;
    let lead = byline::read(&lines[first].text, language)?;
    (lead.form == Form::Says && lead.rest.is_empty()).then_some(Start {
        first,
        body: first,
        stated: None,
        rule: "entries below the line that closes the post",
    })
}

/// True where the first lines look like those of an entry.
fn opens(lines: &[Line], language: Option<&str>) -> bool {
    let next: Vec<&str> = lines
        .iter()
        .map(|l| l.text.as_str())
        .filter(|t| !t.is_empty())
        .take(12)
        .collect();
    let Some(first) = next.first() else {
        return false;
    };
    if words::after(first) {
        return false;
    }
    if numbered(first).is_some_and(|(n, _)| n == 1) {
        return true;
    }
    let near = next.iter().take(4);
    if near
        .clone()
        .any(|t| byline::read(t, language).is_some() || byline::date_only(t, language).is_some())
    {
        return true;
    }
    // "Anna:", or a text with its byline below it.
    colon_name(first).is_some()
        || next
            .iter()
            .any(|t| byline::read(t, language).is_some_and(|b| b.form == Form::Posted && b.dated))
}

/// "3. text", "#3 text", "[3] text".
fn numbered(line: &str) -> Option<(u32, &str)> {
    let line = line.trim_start();
    let bare = line.trim_start_matches(['#', '[', '(']);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return None;
    }
    let number = bare[..digits].parse().ok()?;
    let rest = &bare[digits..];
    let marked = bare.len() < line.len();
    let rest = match rest.strip_prefix(['.', ')', ']', ':']) {
        Some(rest) => rest,
        None if marked || rest.is_empty() || rest.starts_with('\t') => rest,
        None => return None,
    };
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| (number, rest.trim()))
}

/// "Anna:" alone on its line.
fn colon_name(line: &str) -> Option<String> {
    byline::before_colon(line.trim().strip_suffix([':', '：'])?)
}

/// What a line of a thread is by itself.
enum Kind<'a> {
    Blank,
    Lead(Byline),
    Date(Option<Published>),
    Liked(u32),
    Widget,
    Ping(&'a str),
    Text,
}

struct Entry<'a> {
    text: &'a str,
    indent: u16,
    /// "3." before what is in `text`.
    number: Option<u32>,
    kind: Kind<'a>,
}

/// How the entries of one thread are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    /// "3." begins an entry.
    Numbers,
    /// A byline of this form begins an entry.
    Lead(Form),
    /// "Anna:" begins an entry.
    Colon,
    /// A name, then a date.
    NameThenDate,
    /// A date, then a name.
    DateThenName,
    /// A byline of this form ends an entry.
    Tail(Form),
}

/// Splits the lines below a thread's heading into its entries. True where each was a line of its own, with a name that
/// nothing but its place tells.
pub(super) fn entries(lines: &[(&str, u16)], language: Option<&str>, thread: &mut Thread) -> bool {
    by_layout(lines, language, thread);
    if !thread.comments.is_empty() {
        return false;
    }
    let texts: Vec<&str> = lines.iter().map(|(text, _)| *text).collect();
    let Some(found) = whole::read(&texts, language, thread.stated) else {
        return false;
    };
    let drafts = found.into_iter().map(|whole| Draft {
        author: Some(whole.author),
        published: whole.published,
        text: whole.text,
        ..Draft::default()
    });
    finish(drafts.collect(), false, thread);
    true
}

fn by_layout(lines: &[(&str, u16)], language: Option<&str>, thread: &mut Thread) {
    let mut expected = 1;
    let mut all: Vec<Entry> = Vec::with_capacity(lines.len());
    for (raw, indent) in lines {
        let mut text = *raw;
        let mut number = None;
        // "1. September 2008" is a date.
        if let Some((n, rest)) = numbered(text)
            && n == expected
            && byline::date_only(text, language).is_none()
        {
            number = Some(n);
            text = rest;
            expected += 1;
        }
        all.push(Entry {
            text,
            indent: *indent,
            number,
            kind: kind(text, language),
        });
    }
    let Some(layout) = layout(&all) else { return };
    let mut drafts: Vec<Draft> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let taken = step(&all, at, layout, &mut drafts, thread);
        at += taken.max(1);
    }
    finish(drafts, matches!(layout, Layout::Tail(_)), thread);
}

fn kind<'a>(text: &'a str, language: Option<&str>) -> Kind<'a> {
    if text.is_empty() {
        return Kind::Blank;
    }
    if let Some(likes) = words::liked(text) {
        return Kind::Liked(likes);
    }
    if words::widget(text) {
        return Kind::Widget;
    }
    if let Some(title) = words::ping(text) {
        return Kind::Ping(title);
    }
    if let Some(date) = byline::date_only(text, language) {
        return Kind::Date(date);
    }
    byline::read(text, language).map_or(Kind::Text, Kind::Lead)
}

fn layout(all: &[Entry]) -> Option<Layout> {
    let solid: Vec<&Entry> = all
        .iter()
        .filter(|e| {
            !matches!(
                e.kind,
                Kind::Blank | Kind::Widget | Kind::Liked(_) | Kind::Ping(_)
            )
        })
        .collect();
    let first = solid.first()?;
    if first.number.is_some() {
        return Some(Layout::Numbers);
    }
    let second = solid.get(1);
    match &first.kind {
        Kind::Lead(lead) => return Some(Layout::Lead(lead.form)),
        Kind::Date(_) => return Some(Layout::DateThenName),
        _ => {}
    }
    if let Some(second) = second
        && matches!(second.kind, Kind::Date(_))
        && byline::plausible(first.text)
    {
        return Some(Layout::NameThenDate);
    }
    let ends = solid.iter().rev().find_map(|e| match &e.kind {
        Kind::Lead(lead) if lead.dated => Some(lead.form),
        _ => None,
    });
    if let Some(last) = solid.last()
        && matches!(last.kind, Kind::Lead(_))
        && let Some(form) = ends
    {
        return Some(Layout::Tail(form));
    }
    colon_name(first.text).map(|_| Layout::Colon)
}

/// Reads the line at `at`; the number of lines that were read.
fn step(
    all: &[Entry],
    at: usize,
    layout: Layout,
    drafts: &mut Vec<Draft>,
    thread: &mut Thread,
) -> usize {
    let entry = &all[at];
    let next = |from: usize| {
        all[from..]
            .iter()
            .position(|e| !matches!(e.kind, Kind::Blank | Kind::Widget))
            .map(|n| from + n)
    };
    if let Kind::Ping(title) = entry.kind {
        if let Some(title) = Text::some_line(title) {
            thread.pings.push(Ping { title, url: None });
        }
        // Whatever stands below it up to the next entry is the other site's.
        drafts.push(Draft {
            ping: true,
            ..Draft::default()
        });
        return 1;
    }
    let open = |draft: Draft, drafts: &mut Vec<Draft>| {
        drafts.push(Draft {
            indent: entry.indent,
            number: entry.number,
            ..draft
        });
    };
    let by = |lead: &Byline| Draft {
        author: Some(lead.author.clone()),
        published: lead.published.clone(),
        text: if lead.rest.is_empty() {
            String::new()
        } else {
            format!("{}\n", lead.rest)
        },
        ..Draft::default()
    };
    match layout {
        Layout::Numbers if entry.number.is_some() => {
            match &entry.kind {
                Kind::Lead(lead) => open(by(lead), drafts),
                Kind::Date(date) => open(
                    Draft {
                        published: date.clone(),
                        ..Draft::default()
                    },
                    drafts,
                ),
                // "1. Anna", then a line with the date.
                _ if !entry.text.is_empty()
                    && byline::plausible(entry.text)
                    && next(at + 1)
                        .is_some_and(|n| n == at + 1 && matches!(all[n].kind, Kind::Date(_))) =>
                {
                    open(
                        Draft {
                            author: byline::name(entry.text),
                            ..Draft::default()
                        },
                        drafts,
                    );
                }
                _ => {
                    open(Draft::default(), drafts);
                    if let Some(last) = drafts.last_mut() {
                        last.push(entry.text);
                    }
                }
            }
            return 1;
        }
        Layout::Lead(form) => {
            if let Kind::Lead(lead) = &entry.kind
                && lead.form == form
                && (form != Form::Says || lead.rest.is_empty() || all_rest(all))
            {
                open(by(lead), drafts);
                return 1;
            }
        }
        Layout::Colon => {
            if let Some(author) = colon_name(entry.text)
                && (at == 0 || matches!(all[at - 1].kind, Kind::Blank | Kind::Date(_)))
            {
                open(
                    Draft {
                        author: Some(author),
                        ..Draft::default()
                    },
                    drafts,
                );
                return 1;
            }
        }
        Layout::NameThenDate => {
            if matches!(entry.kind, Kind::Text | Kind::Lead(_))
                && byline::plausible(entry.text)
                && let Some(n) = next(at + 1)
                && let Kind::Date(date) = &all[n].kind
            {
                open(
                    Draft {
                        author: byline::name(entry.text),
                        published: date.clone(),
                        ..Draft::default()
                    },
                    drafts,
                );
                return n + 1 - at;
            }
        }
        Layout::DateThenName => {
            if let Kind::Date(date) = &entry.kind {
                let name = next(at + 1)
                    .and_then(|n| (byline::plausible(all[n].text)).then_some((n, all[n].text)));
                let (author, taken) = match name {
                    // A name is followed by a text; a text may be as short as a name.
                    Some((n, text))
                        if next(n + 1).is_some_and(|t| !matches!(all[t].kind, Kind::Date(_))) =>
                    {
                        let author = match &all[n].kind {
                            Kind::Lead(lead) => Some(lead.author.clone()),
                            _ => byline::name(text),
                        };
                        (author, n + 1 - at)
                    }
                    _ => (None, 1),
                };
                open(
                    Draft {
                        author,
                        published: date.clone(),
                        ..Draft::default()
                    },
                    drafts,
                );
                return taken;
            }
        }
        Layout::Tail(form) => {
            if drafts.last().is_none_or(|d| d.closed) {
                drafts.push(Draft::default());
            }
            if let Kind::Lead(lead) = &entry.kind
                && lead.form == form
                && lead.dated
                && let Some(last) = drafts.last_mut()
            {
                last.author = Some(lead.author.clone());
                last.published = lead.published.clone();
                last.closed = true;
                return 1;
            }
        }
        Layout::Numbers => {}
    }
    if let Some(last) = drafts.last_mut() {
        last.line(entry, at, all);
        if matches!(entry.kind, Kind::Liked(_)) {
            thread.platform = Some("wordpress");
        }
    }
    1
}

/// True where the texts of a thread stand behind the names: "Anna says: Nice find."
fn all_rest(all: &[Entry]) -> bool {
    all.iter()
        .find_map(|e| match &e.kind {
            Kind::Lead(lead) => Some(!lead.rest.is_empty()),
            _ => None,
        })
        .unwrap_or(false)
}

#[derive(Default)]
struct Draft {
    number: Option<u32>,
    author: Option<String>,
    published: Option<Published>,
    likes: Option<u32>,
    text: String,
    indent: u16,
    ping: bool,
    /// Its byline below the text was met.
    closed: bool,
}

impl Draft {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn line(&mut self, entry: &Entry, at: usize, all: &[Entry]) {
        match &entry.kind {
            Kind::Liked(likes) => self.likes = Some(*likes),
            Kind::Widget | Kind::Ping(_) => {}
            Kind::Blank => self.push(""),
            Kind::Date(date) => {
                let begins = self.text.trim().is_empty();
                // Below the text it is the comment's where nothing of the comment follows.
                let ends = all[at + 1..]
                    .iter()
                    .find(|e| !matches!(e.kind, Kind::Widget | Kind::Liked(_)))
                    .is_none_or(|e| {
                        matches!(e.kind, Kind::Blank | Kind::Lead(_)) || e.number.is_some()
                    });
                if self.published.is_none() && (begins || ends) {
                    self.published.clone_from(date);
                } else if !ends {
                    self.push(entry.text);
                }
            }
            // "Anna says:" may lead the text of a numbered comment.
            Kind::Lead(lead)
                if self.author.is_none()
                    && self.text.trim().is_empty()
                    && matches!(lead.form, Form::Says | Form::Posted | Form::NameDate) =>
            {
                self.author = Some(lead.author.clone());
                if self.published.is_none() {
                    self.published.clone_from(&lead.published);
                }
                if !lead.rest.is_empty() {
                    self.push(&lead.rest);
                }
            }
            // A numbered text may have its byline below it.
            Kind::Lead(lead)
                if self.author.is_none()
                    && lead.dated
                    && lead.rest.is_empty()
                    && self.number.is_some()
                    && all[at + 1..]
                        .iter()
                        .find(|e| !matches!(e.kind, Kind::Blank | Kind::Widget))
                        .is_none_or(|e| e.number.is_some()) =>
            {
                self.author = Some(lead.author.clone());
                self.published.clone_from(&lead.published);
            }
            // A name stands on a line of its own between the number and the date.
            Kind::Text
                if self.author.is_none()
                    && self.published.is_none()
                    && self.text.trim().is_empty()
                    && entry.number.is_none()
                    && byline::plausible(entry.text)
                    && all[at + 1..]
                        .iter()
                        .find(|e| !matches!(e.kind, Kind::Blank))
                        .is_some_and(|e| matches!(e.kind, Kind::Date(_))) =>
            {
                self.author = byline::name(entry.text);
            }
            // A bare number beside the buttons counts votes.
            Kind::Text
                if entry.text.bytes().all(|b| b.is_ascii_digit())
                    && all
                        .get(at + 1)
                        .is_some_and(|e| matches!(e.kind, Kind::Widget)) =>
            {
                self.likes = self.likes.or(entry.text.parse().ok());
            }
            Kind::Lead(_) | Kind::Text => {
                // Numbers are part of the text where they do not begin an entry.
                match entry.number {
                    Some(n) => self.push(&format!("{n}. {}", entry.text)),
                    None => self.push(entry.text),
                }
            }
        }
    }
}

/// Who wrote, and whom they answer: "Anna > Wendel".
fn answered(author: &str) -> Option<(&str, &str)> {
    let (own, other) = [" > ", " ➤ ", " → ", " » ", " ▶ "]
        .iter()
        .find_map(|sign| author.split_once(sign))?;
    let (own, other) = (own.trim(), other.trim());
    (!own.is_empty() && !other.is_empty()).then_some((own, other))
}

fn finish(drafts: Vec<Draft>, needs_byline: bool, thread: &mut Thread) {
    // Replies are indented deeper than what they answer.
    let mut open: Vec<(u16, Text)> = Vec::new();
    let mut count = 0;
    for draft in drafts {
        let text = Text::block(&draft.text);
        // "Anna > Wendel" answers what Wendel wrote last.
        let written = draft.author.unwrap_or_default();
        let answers = answered(&written);
        let author = answers.map_or(written.as_str(), |(own, _)| own);
        if draft.ping || text.is_empty() || (needs_byline && !draft.closed) {
            continue;
        }
        count += 1;
        let id = Text::line(&count.to_string());
        while open
            .last()
            .is_some_and(|(indent, _)| *indent >= draft.indent)
        {
            open.pop();
        }
        let named = answers.and_then(|(_, other)| {
            let wrote = |c: &&Comment| c.author.as_deref() == Some(other);
            thread
                .comments
                .iter()
                .rev()
                .find(wrote)
                .map(|c| c.id.clone())
        });
        let parent = open.last().map(|(_, id)| id.clone()).or(named);
        open.push((draft.indent, id.clone()));
        thread.comments.push(Comment {
            id,
            number: draft.number,
            parent,
            author: Text::some_line(author),
            published: draft.published,
            likes: draft.likes,
            text,
            ..Comment::default()
        });
    }
}
