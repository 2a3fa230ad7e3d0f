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

/// Reads a leading number.
pub(super) fn number(text: &str) -> Option<Number<'_>> {
    let trimmed = text.trim_start();
    let body = trimmed
        .trim_start_matches(['(', '[', '#', '№', '*', '•', '·'])
        .trim_start();
    let bracketed = body.len() < trimmed.len() && trimmed.starts_with(['(', '[']);
    let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (end, form, value) = if digits > 0 && digits <= 3 {
        let value: u32 = body[..digits].parse().ok()?;
        let after = &body[digits..];
        if let Some(clock) = clock(body) {
            (clock.1, Form::Clock, value)
        } else if let Some(track) = after
            .strip_prefix('-')
            .filter(|t| digits == 1 && t.starts_with(|c: char| c.is_ascii_digit()))
        {
            let n = track.len() - track.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (n == 2).then_some(())?;
            (digits + 1 + n, Form::Disc, track[..n].parse().ok()?)
        } else {
            (digits, Form::Digits, value)
        }
    } else {
        let mut chars = body.chars();
        let side = chars
            .next()
            .filter(|c| ('A'..='H').contains(c) || *c == 's')?;
        let after = chars.as_str();
        if side == 's' {
            let (disc, track) = after.split_once('t')?;
            disc.parse::<u8>().ok()?;
            let n = track.len() - track.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (n > 0).then_some(())?;
            (1 + disc.len() + 1 + n, Form::Disc, track[..n].parse().ok()?)
        } else {
            let after = after.strip_prefix('-').unwrap_or(after);
            let n = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (n == 1 || n == 2).then_some(())?;
            (
                body.len() - after.len() + n,
                Form::Side,
                after[..n].parse().ok()?,
            )
        }
    };
    let after = &body[end..];
    let mut rest = after.trim_start_matches([
        '.', ')', ']', ':', '-', '–', '—', '/', '_', '、', '．', '）', 'º', 'ª', '°',
    ]);
    let marked = rest.len() < after.len() || bracketed;
    // A bare number must be followed by a blank: "99 Luftballons" is a title unless its neighbours count.
    if !marked && !rest.starts_with(char::is_whitespace) {
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
    /// The only hyphen of a row, without blanks.
    GluedHyphen,
    /// `T (A)`.
    Bracket,
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
    Separator::GluedHyphen,
    Separator::Slash,
    Separator::Colon,
    Separator::Bracket,
];

/// The parts of a row under a separator; `None` where it does not occur.
pub(super) fn split(text: &str, by: Separator) -> Option<Vec<&str>> {
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
        Separator::Slash => split_any(text, &[" / "]),
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
            let (at, word) = [" by ", " By ", " von ", " par ", " por ", " di "]
                .iter()
                .filter_map(|w| text.rfind(w).map(|at| (at, *w)))
                .max()?;
            vec![&text[..at], &text[at + word.len()..]]
        }
        Separator::Quoted => {
            let open = text.char_indices().find(|(_, c)| is_open_quote(*c))?;
            let inner = open.0 + open.1.len_utf8();
            let close = text[inner..]
                .char_indices()
                .rfind(|(_, c)| is_close_quote(*c))?;
            let title = &text[inner..inner + close.0];
            let tail = &text[inner + close.0 + close.1.len_utf8()..];
            let name = text[..open.0].trim_end_matches([',', ' ', '-', '–', '—', ':']);
            if name.is_empty() {
                let tail = tail.trim_start_matches([',', ' ', '-', '–', '—', ':']);
                vec![title, tail]
            } else {
                vec![name, title]
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

fn split_any<'a>(text: &'a str, signs: &[&str]) -> Vec<&'a str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((at, sign)) = signs
        .iter()
        .filter_map(|s| rest.find(s).map(|at| (at, *s)))
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
        '"' | '“' | '„' | '«' | '‘' | '「' | '『' | '”' | '\'' | '‹'
    )
}

fn is_close_quote(c: char) -> bool {
    matches!(c, '"' | '”' | '“' | '»' | '’' | '」' | '』' | '\'' | '›')
}

/// What stood at the end of a row and is not its title.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tails {
    pub duration_s: Option<u32>,
    pub year: Option<u16>,
}

/// Cuts durations and years off the end.
pub(super) fn cut_tails(text: &str) -> (&str, Tails) {
    let mut tails = Tails::default();
    let mut rest = text.trim_end();
    loop {
        let bare = rest.trim_end_matches([' ', '*', '†', ',', ';']);
        let (inner, open) = match bare.chars().last() {
            Some(')') => bracket(bare, '(', ')'),
            Some(']') => bracket(bare, '[', ']'),
            _ => None,
        }
        .unwrap_or_else(|| {
            let at = bare.rfind(char::is_whitespace).map_or(bare.len(), |n| n);
            (bare.get(at..).unwrap_or_default().trim(), at)
        });
        let in_brackets = bare.ends_with([')', ']']);
        if let Some((seconds, length)) = clock(inner)
            && length == inner.len()
            && tails.duration_s.is_none()
            && open > 0
        {
            tails.duration_s = Some(seconds);
        } else if in_brackets
            && tails.year.is_none()
            && inner.len() == 4
            && open > 0
            && inner
                .parse::<u16>()
                .is_ok_and(|y| (1900..2100).contains(&y))
        {
            tails.year = inner.parse().ok();
        } else {
            return (
                bare.trim_end_matches([' ', '-', '–', '—', '|', '/', '\t']),
                tails,
            );
        }
        rest = bare[..open].trim_end_matches([' ', '-', '–', '—', '|', '/', '\t', '.', '…']);
    }
}

fn bracket(text: &str, open: char, close: char) -> Option<(&str, usize)> {
    let at = text.rfind(open)?;
    Some((text[at + 1..].strip_suffix(close)?.trim(), at))
}

/// A side without the quotes around it and the signs at its ends.
pub(super) fn clean(side: &str) -> Text {
    let mut text = side.trim().trim_matches([',', ';', '\t']).trim();
    text = text
        .trim_start_matches(['•', '·', '►', '▶', '♫', '♪', '→'])
        .trim();
    let quoted = |t: &str| {
        let mut chars = t.chars();
        let (first, last) = (chars.next(), chars.next_back());
        matches!((first, last), (Some(a), Some(b)) if is_open_quote(a) && is_close_quote(b))
            && t.chars().filter(|c| is_quote(*c)).count() == 2
            || matches!(
                (first, last),
                (
                    Some('"' | '“' | '„' | '«' | '「' | '『'),
                    Some('"' | '”' | '“' | '»' | '」' | '』')
                )
            )
    };
    if quoted(text) {
        let mut chars = text.chars();
        chars.next();
        chars.next_back();
        text = chars.as_str().trim().trim_end_matches(',');
    }
    Text::line(text.trim_end_matches(['*', '†']).trim_end())
}
