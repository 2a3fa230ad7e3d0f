//! Character references: `&amp;`, `&#8217;`, `&copy`.
//!
//! In: text with references. Out: the text they stand for, by the rules of the HTML standard.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;

/// No name is longer than this, in bytes with its semicolon; the table's longest has 32.
const MAX_NAME: usize = 40;

/// Appends `text` to `out` with its references resolved. In attributes, a name without semicolon before
/// a letter, digit or `=` is no reference (`?a=1&copy=2`).
pub(super) fn decode(text: &str, attribute: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match reference(rest, attribute) {
            Some((first, second, length)) => {
                out.push(first);
                out.extend(second);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
}

/// The reference whose `&` stands before `text`: one or two characters, and how many bytes it takes.
fn reference(text: &str, attribute: bool) -> Option<(char, Option<char>, usize)> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'#' => numeric(bytes).map(|(c, length)| (c, None, length)),
        c if c.is_ascii_alphanumeric() => named(text, attribute),
        _ => None,
    }
}

fn numeric(bytes: &[u8]) -> Option<(char, usize)> {
    let (base, start) = match bytes.get(1) {
        Some(b'x' | b'X') => (16, 2),
        _ => (10, 1),
    };
    let mut value = 0u32;
    let mut at = start;
    while let Some(digit) = bytes.get(at).and_then(|b| char::from(*b).to_digit(base)) {
        value = value.saturating_mul(base).saturating_add(digit);
        at += 1;
    }
    if at == start {
        return None;
    }
    if bytes.get(at) == Some(&b';') {
        at += 1;
    }
    let c = match value {
        0 => None,
        // Windows-1252 written as if it were Unicode.
        0x80..=0x9F => C1_REPLACEMENTS[(value - 0x80) as usize].or(char::from_u32(value)),
        _ => char::from_u32(value),
    };
    Some((c.unwrap_or('\u{fffd}'), at))
}

fn named(text: &str, attribute: bool) -> Option<(char, Option<char>, usize)> {
    let bytes = text.as_bytes();
    let run = bytes
        .iter()
        .take(MAX_NAME)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    if bytes.get(run) == Some(&b';')
        && let Some((first, second)) = lookup(&text[..=run])
    {
        return Some((first, second, run + 1));
    }
    // Without semicolon, the longest of the names that may stand so.
    let (length, (first, second)) = (1..=run)
        .rev()
        .find_map(|n| lookup(&text[..n]).map(|found| (n, found)))?;
    let next = bytes.get(length);
    if attribute && next.is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric()) {
        return None;
    }
    Some((first, second, length))
}

fn lookup(name: &str) -> Option<(char, Option<char>)> {
    // The table holds every prefix of a name as well, with zeros.
    let (first, second) = *NAMED_ENTITIES.get(name)?;
    let first = char::from_u32(first).filter(|c| *c != '\0')?;
    Some((first, char::from_u32(second).filter(|c| *c != '\0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, plain, in_attribute) in [
            ("a &amp; b", "a & b", "a & b"),
            ("&AMP &amp &ampx", "& & &x", "& & &ampx"),
            ("&notit; &notin;", "\u{ac}it; \u{2209}", "&notit; \u{2209}"),
            ("?a=1&copy=2", "?a=1\u{a9}=2", "?a=1&copy=2"),
            ("&bogus; &; & &&lt;", "&bogus; &; & &<", "&bogus; &; & &<"),
            ("&#65;&#x41;&#X41 &#65x", "AAA Ax", "AAA Ax"),
            ("&#; &#x; &#xg;", "&#; &#x; &#xg;", "&#; &#x; &#xg;"),
            (
                "&#150;&#x80;&#129;",
                "\u{2013}\u{20ac}\u{81}",
                "\u{2013}\u{20ac}\u{81}",
            ),
            (
                "&#0;&#xD800;&#x110000;",
                "\u{fffd}\u{fffd}\u{fffd}",
                "\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&#99999999999999999999;", "\u{fffd}", "\u{fffd}"),
            (
                "&NotEqualTilde;&fjlig;",
                "\u{2242}\u{338}fj",
                "\u{2242}\u{338}fj",
            ),
            ("&eacuté &eacute", "&eacuté é", "&eacuté é"),
            ("&", "&", "&"),
            ("&#", "&#", "&#"),
        ] {
            for (attribute, wanted) in [(false, plain), (true, in_attribute)] {
                let mut out = String::new();
                decode(text, attribute, &mut out);
                assert_eq!(out, wanted, "{text} (attribute: {attribute})");
            }
        }
    }
}
