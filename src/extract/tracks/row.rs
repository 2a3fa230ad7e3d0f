//! One row: number, sides, tails.
//!
//! In: the text of a line. Out: its parts under a given separator. Must not decide anything for a list.

use crate::model::Text;

/// The number before a row, as printed, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number<'a> {
    pub printed: &'a str,
    /// Letters of the form, to tell one form from another: `1.`, `A1`, `1-01`.
    pub form: Form,
    /// The number itself; 0 for forms with letters only.
    pub value: u32,
    pub rest: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Digits,
    /// `A1`, `B-2`.
    Side,
    /// `1-07`, `s1t02`.
    Disc,
    /// `[12:34]`, `1:02:03`.
    Clock,
}

/// Words that stand before a number: "Track 3", "No. 4", "Nr. 5".
const NUMBER_WORDS: &[&str] = &[
    "track ", "track", "tr.", "no. ", "no.", "nr. ", "nr.", "titel ", "piste ", "m-",
];

/// Reads a leading number.
pub(super) fn number(text: &str) -> Option<Number<'_>> {
    let trimmed = text.trim_start();
    let mut body = trimmed
        .trim_start_matches(['(', '[', '#', '№', '*', '•', '·'])
        .trim_start();
    let bracketed = body.len() < trimmed.len() && trimmed.starts_with(['(', '[']);
    let signed = trimmed.starts_with(['#', '№']);
    if let Some(rest) = NUMBER_WORDS.iter().find_map(|word| {
        let head = body.get(..word.len())?;
        let rest = body.get(word.len()..)?;
        (head.eq_ignore_ascii_case(word) && rest.starts_with(|c: char| c.is_ascii_digit()))
            .then_some(rest)
    }) {
        body = rest;
    }
    let (end, form, value) = digits(body)
        .or_else(|| circled(body))
        .or_else(|| wide(body))
        .or_else(|| side(body))?;
    let after = &body[end..];
    const MARKS: [char; 15] = [
        '.', ')', ']', ':', '-', '–', '—', '/', '_', '、', '．', '）', 'º', 'ª', '°',
    ];
    let mut rest = after.trim_start_matches(MARKS);
    let mut marked = rest.len() < after.len() || bracketed || signed;
    if !marked {
        // "7 - Artist": a dash between blanks marks a number as well.
        let spaced = after.trim_start();
        if let Some(beyond) = spaced
            .strip_prefix(['-', '–', '—', '.', ')', '|'])
            .filter(|b| spaced.len() < after.len() && b.starts_with(char::is_whitespace))
        {
            rest = beyond;
            marked = true;
        }
    }
    let circle = form == Form::Digits && !body.starts_with(|c: char| c.is_ascii_digit());
    // A bare number must be followed by a blank: "99 Luftballons" is a title unless its neighbours count.
    if !marked && !circle && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    rest = rest.trim_start();
    (!rest.is_empty() || marked).then(|| Number {
        printed: &body[..end],
        form,
        value,
        rest,
    })
}

/// The form of a printed number.
pub(super) fn number_form(printed: &str) -> Option<Form> {
    digits(printed).or_else(|| side(printed)).map(|n| n.1)
}

/// True for a number and nothing else: "7", "A1", "1-07".
pub(super) fn is_number(cell: &str) -> bool {
    cell.parse::<u16>().is_ok()
        || digits(cell)
            .or_else(|| side(cell))
            .or_else(|| circled(cell))
            .is_some_and(|n| n.0 == cell.len() && n.1 != Form::Clock)
}

/// Length, form and value of leading digits.
fn digits(body: &str) -> Option<(usize, Form, u32)> {
    let run = |t: &str| t.len() - t.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let n = run(body);
    if n == 0 || n > 3 {
        return None;
    }
    let value: u32 = body[..n].parse().ok()?;
    if let Some(clock) = clock(body) {
        return Some((clock.1, Form::Clock, value));
    }
    if let Some(track) = body[n..]
        .strip_prefix('-')
        .filter(|t| n == 1 && t.starts_with(|c: char| c.is_ascii_digit()))
    {
        let m = run(track);
        return (m == 2).then_some((n + 1 + m, Form::Disc, track[..m].parse().ok()?));
    }
    Some((n, Form::Digits, value))
}

/// `①` to `⑳`.
fn circled(body: &str) -> Option<(usize, Form, u32)> {
    let c = body.chars().next()?;
    let value = (c as u32).checked_sub('①' as u32).filter(|v| *v < 20)? + 1;
    Some((c.len_utf8(), Form::Digits, value))
}

/// Full-width digits.
fn wide(body: &str) -> Option<(usize, Form, u32)> {
    let mut value = 0u32;
    let mut end = 0;
    for c in body.chars().take(3) {
        let Some(digit) = (c as u32).checked_sub('０' as u32).filter(|d| *d < 10) else {
            break;
        };
        value = value * 10 + digit;
        end += c.len_utf8();
    }
    (end > 0).then_some((end, Form::Digits, value))
}

/// `A1`, `B-2`, `s1t02`.
fn side(body: &str) -> Option<(usize, Form, u32)> {
    let run = |t: &str| t.len() - t.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut chars = body.chars();
    let letter = chars
        .next()
        .filter(|c| ('A'..='H').contains(c) || *c == 's')?;
    let after = chars.as_str();
    if letter == 's' {
        let (disc, track) = after.split_once('t')?;
        disc.parse::<u8>().ok()?;
        let n = run(track);
        return (n > 0).then_some((1 + disc.len() + 1 + n, Form::Disc, track[..n].parse().ok()?));
    }
    let after = after.strip_prefix('-').unwrap_or(after);
    let n = run(after);
    (n == 1 || n == 2).then_some((
        body.len() - after.len() + n,
        Form::Side,
        after[..n].parse().ok()?,
    ))
}

/// Seconds and length of a leading `1:23` or `1:02:03`.
pub(super) fn clock(text: &str) -> Option<(u32, usize)> {
    let bytes = text.as_bytes();
    let mut total = 0u32;
    let mut at = 0;
    let mut parts = 0;
    loop {
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() && at - start < 3 {
            at += 1;
        }
        let value: u32 = text[start..at].parse().ok()?;
        if parts > 0 && (at - start != 2 || value > 59) {
            return None;
        }
        total = total * 60 + value;
        parts += 1;
        if parts < 3 && at + 1 < bytes.len() && bytes[at] == b':' && bytes[at + 1].is_ascii_digit()
        {
            at += 1;
        } else {
            break;
        }
    }
    (parts >= 2).then_some((total, at))
}

/// How the sides of a row are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Separator {
    Tab,
    Pipe,
    SpacedLongDash,
    DoubleDash,
    SpacedHyphen,
    Colon,
    /// `"T" by A`, `T by A`.
    By,
    Slash,
    /// `A, "T"`, `A "T"`.
    Quoted,
    /// A dash with a blank on one side only.
    LooseDash,
    /// A long dash without blanks.
    GluedDash,
    /// A star, a dot, an arrow between blanks.
    Sign,
    /// The only hyphen of a row, without blanks.
    GluedHyphen,
    /// `T (A)`.
    Bracket,
}

impl Separator {
    /// True for signs that part ordinary items too: "Onions: four".
    pub(super) fn is_weak(self) -> bool {
        matches!(
            self,
            Separator::Colon | Separator::Slash | Separator::Bracket | Separator::GluedHyphen
        )
    }
}

/// Every separator, the least likely to occur by chance first.
pub(super) const SEPARATORS: &[Separator] = &[
    Separator::Tab,
    Separator::Pipe,
    Separator::SpacedLongDash,
    Separator::DoubleDash,
    Separator::SpacedHyphen,
    Separator::By,
    Separator::Quoted,
    Separator::LooseDash,
    Separator::GluedDash,
    Separator::Sign,
    Separator::GluedHyphen,
    Separator::Slash,
    Separator::Colon,
    Separator::Bracket,
];

/// The parts of a row under a separator; `None` where it does not occur.
pub(super) fn split(text: &str, by: Separator) -> Option<Vec<&str>> {
    if !may_part(text, by) {
        return None;
    }
    let parts: Vec<&str> = match by {
        // Dotted leaders part a row as a tab does.
        Separator::Tab => text
            .split('\t')
            .flat_map(|part| part.split("...."))
            .map(|part| part.trim_matches('.'))
            .collect(),
        Separator::Pipe => text.split('|').collect(),
        Separator::SpacedLongDash => split_any(text, &[" – ", " — ", " ― ", " − ", " ‐ ", " ‑ "]),
        Separator::DoubleDash => split_any(text, &["--", "––"]),
        Separator::SpacedHyphen => split_any(text, &[" - ", " ~ ", " // "]),
        Separator::Slash => split_any(text, &[" / ", "／"]),
        Separator::Sign => split_any(
            text,
            &[
                " * ", " · ", " • ", " » ", " > ", " → ", " ♪ ", " ♫ ", " ★ ", " = ", " :: ",
                "・・", " _ ", " + + ", " ◆ ", " ● ", " ☆ ", " ： ",
            ],
        ),
        Separator::Colon => {
            let at = text.find([':', '：'])?;
            let next = text[at..].chars().next().map_or(1, char::len_utf8);
            // A clock time has no blank behind its colon.
            text[at + next..]
                .starts_with(|c: char| c.is_whitespace() || is_quote(c))
                .then_some(())?;
            vec![&text[..at], &text[at + next..]]
        }
        Separator::By => {
            // In the order of their likelihood: names hold "By" and "von" too.
            let (at, word) = [" by ", " By ", " par ", " von ", " por ", " di "]
                .iter()
                .find_map(|w| text.rfind(w).map(|at| (at, *w)))?;
            vec![&text[..at], &text[at + word.len()..]]
        }
        Separator::Quoted => {
            let (before, title, after) = quoted(text)?;
            let name = before.trim_end_matches([',', ' ', '-', '–', '—', ':']);
            if name.is_empty() {
                let tail = after.trim_start_matches([',', ' ', '-', '–', '—', ':']);
                vec![title, tail]
            } else {
                let bracket = after.trim_start().starts_with(['(', '[']);
                vec![
                    name,
                    if bracket {
                        &text[before.len()..]
                    } else {
                        title
                    },
                ]
            }
        }
        Separator::LooseDash => {
            let at = text.char_indices().find(|(at, c)| {
                matches!(c, '-' | '–' | '—')
                    && *at > 0
                    && (text[at + c.len_utf8()..].starts_with(char::is_whitespace)
                        || text[..*at].ends_with(char::is_whitespace)
                        || text[at + c.len_utf8()..].starts_with(is_quote))
            })?;
            vec![&text[..at.0], &text[at.0 + at.1.len_utf8()..]]
        }
        Separator::GluedDash => {
            let at = text.find(['–', '—'])?;
            let wide = text[at..].chars().next().map_or(1, char::len_utf8);
            vec![&text[..at], &text[at + wide..]]
        }
        Separator::GluedHyphen => {
            let (first, second) = text
                .split_once('-')
                .filter(|(_, rest)| !rest.contains('-'))?;
            vec![first, second]
        }
        Separator::Bracket => {
            let close = text.trim_end_matches(['*', '.', ' ', '†']);
            let open = close.strip_suffix(')')?.rfind('(')?;
            vec![&text[..open], &close[open + 1..close.len() - 1]]
        }
    };
    let parts: Vec<&str> = parts
        .into_iter()
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect();
    (parts.len() >= 2
        && parts.iter().all(|p| {
            p.chars()
                .any(|c| c.is_alphanumeric() || c == '!' || c == '?')
        }))
    .then_some(parts)
}

/// False where the text lacks a byte without which it cannot be parted so: most texts, most separators.
fn may_part(text: &str, by: Separator) -> bool {
    let bytes = text.as_bytes();
    let any = |signs: &[u8]| bytes.iter().any(|b| signs.contains(b) || !b.is_ascii());
    match by {
        Separator::Tab => memchr::memchr2(b'\t', b'.', bytes).is_some(),
        Separator::Pipe => memchr::memchr(b'|', bytes).is_some(),
        Separator::SpacedLongDash | Separator::GluedDash => !text.is_ascii(),
        Separator::DoubleDash | Separator::LooseDash => any(b"-"),
        Separator::GluedHyphen => memchr::memchr(b'-', bytes).is_some(),
        Separator::SpacedHyphen => memchr::memchr3(b'-', b'~', b'/', bytes).is_some(),
        Separator::Slash => any(b"/"),
        Separator::Sign => any(b"*>=:_+"),
        Separator::Colon => any(b":"),
        Separator::By => memchr::memchr(b' ', bytes).is_some(),
        Separator::Quoted => any(b"\"'"),
        Separator::Bracket => memchr::memchr(b'(', bytes).is_some(),
    }
}

/// Where a sign stands. Rows are short: what finds it soonest is a look for its second byte, which is the sign
/// itself where blanks stand around it.
fn find(row: &[u8], sign: &[u8]) -> Option<usize> {
    let byte = *sign.get(1)?;
    memchr::memchr_iter(byte, row)
        .filter_map(|at| at.checked_sub(1))
        .find(|at| row[*at..].starts_with(sign))
}

fn split_any<'a>(text: &'a str, signs: &[&str]) -> Vec<&'a str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((at, sign)) = signs
        .iter()
        .filter_map(|s| find(rest.as_bytes(), s.as_bytes()).map(|at| (at, *s)))
        .min()
    {
        out.push(&rest[..at]);
        rest = &rest[at + sign.len()..];
    }
    out.push(rest);
    out
}

pub(super) fn is_quote(c: char) -> bool {
    is_open_quote(c) || is_close_quote(c)
}

fn is_open_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '„' | '«' | '‘' | '’' | '「' | '『' | '”' | '\'' | '‹'
    )
}

fn is_close_quote(c: char) -> bool {
    matches!(c, '"' | '”' | '“' | '»' | '’' | '」' | '』' | '\'' | '›')
}

/// What stands before, within and after the first quotation of a text.
pub(super) fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (start, open) = text.char_indices().find(|(at, c)| {
        is_open_quote(*c)
            && (matches!(c, '「' | '『') || !text[..*at].ends_with(char::is_alphanumeric))
            && text[at + c.len_utf8()..].starts_with(|n: char| !n.is_whitespace())
    })?;
    let single = matches!(open, '\'' | '‘' | '’');
    let closes = |c: char| match open {
        '\'' | '‘' | '’' => matches!(c, '\'' | '’'),
        '「' => c == '」',
        '『' => c == '』',
        '«' => c == '»',
        '»' => c == '«',
        '‹' => c == '›',
        _ => matches!(c, '"' | '”' | '“'),
    };
    let inner = start + open.len_utf8();
    let mut depth = 0usize;
    let mut first = None;
    let mut chosen = None;
    for (at, c) in text[inner..].char_indices() {
        if !closes(c) {
            continue;
        }
        let (before, after) = (&text[inner..inner + at], &text[inner + at + c.len_utf8()..]);
        let ends = after.chars().next().is_none_or(|n| !n.is_alphanumeric());
        if before.ends_with(char::is_whitespace) || before.is_empty() {
            // A quotation within the quotation.
            depth += usize::from(!single);
            continue;
        }
        if !ends && c != '」' && c != '』' && c != '»' {
            continue;
        }
        if depth > 0 {
            depth -= 1;
            continue;
        }
        first = first.or(Some((at, c)));
        let rest = after.trim_start();
        // An apostrophe ends a word as a closing quote does: the quotation ends where the row goes on
        // in another way.
        let parts = rest.is_empty()
            || rest.starts_with(['(', '[', '-', '–', '—', ',', ':', '|', '/', '*'])
            || ["from ", "by ", "feat"].iter().any(|w| rest.starts_with(w));
        if !single || parts {
            chosen = Some((at, c));
            break;
        }
    }
    let (at, c) = chosen.or(first)?;
    (at > 0).then(|| {
        (
            &text[..start],
            &text[inner..inner + at],
            &text[inner + at + c.len_utf8()..],
        )
    })
}

/// A row without the duration at its end, and the duration in seconds.
pub(super) fn cut_duration(text: &str) -> (&str, Option<u32>) {
    let bare = trim_end(text);
    let (inner, open) = match bare.chars().last() {
        Some(')') => bracket(bare, '('),
        Some(']') => bracket(bare, '['),
        _ => None,
    }
    .unwrap_or_else(|| {
        let at = bare.rfind(char::is_whitespace).unwrap_or(bare.len());
        (bare.get(at..).unwrap_or_default().trim(), at)
    });
    let inner = inner.trim_end_matches("min").trim_end();
    match clock(inner) {
        Some((seconds, length)) if length == inner.len() && open > 0 => {
            let rest = bare[..open].trim_end_matches([
                ' ', '-', '–', '—', '|', '/', '\t', '.', '…', ',', ':', '(', '[',
            ]);
            (rest, Some(seconds))
        }
        _ => (bare, None),
    }
}

/// A row without the marks at its end.
fn trim_end(text: &str) -> &str {
    text.trim_end_matches([' ', '*', '†', '‡', ',', ';', '|', '\t'])
        .trim_end()
}

/// A row without what the link to its file or video is called: "MP3: …", "… (mp3)", "… [download]".
pub(super) fn without_media(text: &str) -> &str {
    // Looked at from both ends of every row: the shortest way out first.
    if !text.contains([':', ')', ']', '(', '[']) {
        return text;
    }
    const MEDIA: &[&str] = &[
        "mp3",
        "mp3s",
        "m4a",
        "flac",
        "wav",
        "zip",
        "download",
        "dl",
        "link",
        "listen",
        "play",
        "stream",
        "video",
        "youtube",
        "spotify",
        "soundcloud",
        "bandcamp",
        "itunes",
        "amazon",
        "buy",
        "watch",
        "audio",
        "kbps",
        "right",
        "click",
        "save",
        "as",
        "here",
        "via",
        "on",
    ];
    let media = |inner: &str| {
        let folded = crate::text::fold::fold(inner);
        folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .all(|w| MEDIA.contains(&w) || w.chars().all(|c| c.is_ascii_digit()))
            && folded.chars().any(char::is_alphabetic)
    };
    let mut text = text;
    if let Some((head, rest)) = text.split_once(':')
        && head.len() <= 12
        && media(head)
        && rest.chars().any(char::is_alphabetic)
    {
        text = rest.trim_start();
    }
    while let Some(tail) = tail(text).filter(|t| media(t.inner)) {
        text = tail.core;
    }
    text
}

/// A bracket at the end of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail<'a> {
    /// The row before it.
    pub core: &'a str,
    pub inner: &'a str,
    pub square: bool,
}

/// The bracket that ends a row; a few words may follow it behind a comma: `(Album), Label`.
pub(super) fn tail(text: &str) -> Option<Tail<'_>> {
    let bare = trim_end(text);
    let closed = match bare.rfind([')', ']']) {
        Some(at) => {
            let behind = &bare[at + 1..];
            let fits = behind.is_empty()
                || (behind.starts_with([',', '.', ':'])
                    && behind.chars().count() <= 40
                    && !behind.contains(['(', '[', '"', '“']));
            fits.then(|| &bare[..=at])
        }
        // A bracket that nobody closed.
        None => {
            let at = bare.rfind(['(', '['])?;
            let inner = &bare[at + 1..];
            return (at > 0 && !inner.is_empty()).then(|| Tail {
                core: bare[..at].trim_end(),
                inner,
                square: bare[at..].starts_with('['),
            });
        }
    }?;
    let square = closed.ends_with(']');
    let (inner, at) = bracket(closed, if square { '[' } else { '(' }).or_else(|| {
        // One kind of bracket opened, the other closed.
        let at = closed.rfind(['(', '['])?;
        Some((closed.get(at + 1..closed.len() - 1)?.trim(), at))
    })?;
    (at > 0 && !bare[..at].trim().is_empty()).then(|| Tail {
        core: bare[..at].trim_end_matches([' ', '-', '–', '—', '|', '/', '\t', ',']),
        inner,
        square,
    })
}

/// True where a text ends with a year in brackets or behind a comma.
pub(super) fn year_at_end(text: &str) -> bool {
    tail(text).is_some_and(|t| year(t.inner).is_some())
        || text
            .rsplit_once(", ")
            .is_some_and(|(_, last)| last.len() == 4 && year(last).is_some())
}

/// The year that a bracket holds: alone, or at either end of it.
pub(super) fn year(inner: &str) -> Option<u16> {
    let year = |t: &str| {
        (t.len() == 4)
            .then(|| t.parse::<u16>().ok())
            .flatten()
            .filter(|y| (1900..2100).contains(y))
    };
    year(inner).or_else(|| {
        let mut words = inner
            .split([',', ' ', '/', ':', ';'])
            .filter(|w| !w.is_empty());
        year(words.next()?).or_else(|| year(words.next_back()?))
    })
}

/// The last balanced bracket of a text that ends with one: what it holds, and where it opens.
fn bracket(text: &str, open: char) -> Option<(&str, usize)> {
    let close = if open == '(' { ')' } else { ']' };
    let mut depth = 0;
    for (at, c) in text.char_indices().rev() {
        if c == close {
            depth += 1;
        } else if c == open {
            depth -= 1;
            if depth == 0 {
                return Some((text[at + 1..text.len() - 1].trim(), at));
            }
        }
    }
    None
}

/// A side without the quotes around it and the signs at its ends; a version behind the quotes stays.
pub(super) fn clean(side: &str) -> Text {
    let mut text = side.trim().trim_matches([',', ';', '\t']).trim();
    text = text
        .trim_start_matches(['•', '·', '►', '▶', '♫', '♪', '→', '*', '~'])
        .trim();
    if let Some((before, inside, after)) = quoted(text)
        && before.trim().is_empty()
    {
        let after = after.trim().trim_matches(['*', '†', ',', ' ', '.']);
        if after.is_empty() {
            return Text::line(inside.trim().trim_end_matches(','));
        }
        if after.starts_with(['(', '[']) && after.ends_with([')', ']']) {
            let version = tail(text).is_some_and(|t| super::cues::is_version(t.inner));
            let inside = inside.trim().trim_end_matches(',');
            return if version {
                Text::line(&format!("{inside} {after}"))
            } else {
                Text::line(inside)
            };
        }
        if after.starts_with("from ") {
            return Text::line(inside.trim());
        }
    }
    Text::line(text.trim_end_matches(['*', '†', '‡', '|']).trim_end())
}
