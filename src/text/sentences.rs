//! Where do sentences end?
//!
//! In: a paragraph. Out: its sentences by Unicode's rules (UAX 29), trimmed. Text of ASCII letters alone, which most
//! prose is, is cut by the same rules without tables.

use memchr::{memchr2, memchr3};
use unicode_segmentation::UnicodeSegmentation;

/// Sentences of a paragraph.
pub fn sentences(paragraph: &str) -> Vec<&str> {
    let mut all = Vec::new();
    each(paragraph, |piece| all.push(piece.trim()));
    all.retain(|sentence| !sentence.is_empty());
    all
}

/// Calls `visit` with the sentences of a paragraph and the blanks around them: with all of it, piece by piece.
pub fn each<'t>(paragraph: &'t str, mut visit: impl FnMut(&'t str)) {
    if paragraph.is_ascii() {
        ascii(paragraph, visit);
    } else {
        paragraph.split_sentence_bounds().for_each(&mut visit);
    }
}

fn ascii<'t>(text: &'t str, mut visit: impl FnMut(&'t str)) {
    let bytes = text.as_bytes();
    let at = |n: usize| bytes.get(n).copied();
    let mut start = 0;
    let mut n = 0;
    // Most letters end nothing: where the next stop and the next end of a line stand is found many letters at once.
    let next = |n: usize, found: fn(&[u8]) -> Option<usize>| {
        bytes
            .get(n..)
            .and_then(found)
            .map_or(bytes.len(), |at| n + at)
    };
    let stops: fn(&[u8]) -> Option<usize> = |rest| memchr3(b'.', b'!', b'?', rest);
    let lines: fn(&[u8]) -> Option<usize> = |rest| memchr2(b'\r', b'\n', rest);
    let (mut a_stop, mut a_line) = (next(0, stops), next(0, lines));
    loop {
        if a_stop < n {
            a_stop = next(n, stops);
        }
        if a_line < n {
            a_line = next(n, lines);
        }
        n = a_stop.min(a_line);
        let Some(byte) = at(n) else { break };
        n += 1;
        let end = match byte {
            b'\r' if at(n) == Some(b'\n') => continue,
            b'\r' | b'\n' => Some(n),
            b'.' | b'!' | b'?' => stop(bytes, &mut n, byte == b'.'),
            _ => None,
        };
        if let Some(end) = end {
            text.get(start..end).into_iter().for_each(&mut visit);
            start = end;
            n = n.max(end);
        }
    }
    text.get(start..).into_iter().for_each(visit);
}

/// Where the sentence ends whose stop stands before `n`; `None` where it goes on. Moves `n` behind further stops.
fn stop(bytes: &[u8], n: &mut usize, mut is_dot: bool) -> Option<usize> {
    let at = |n: usize| bytes.get(n).copied();
    // The letter or digit before and after a dot alone: "3.5", "R.E.M".
    if is_dot {
        let before = n.checked_sub(2).and_then(at);
        let after = at(*n);
        if after.is_some_and(|b| b.is_ascii_digit())
            || (after.is_some_and(|b| b.is_ascii_uppercase())
                && before.is_some_and(|b| b.is_ascii_alphabetic()))
        {
            return None;
        }
    }
    while let Some(byte @ (b'.' | b'!' | b'?')) = at(*n) {
        *n += 1;
        is_dot = byte == b'.';
        if is_dot && at(*n).is_some_and(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let mut end = *n;
    while at(end).is_some_and(|b| b"()[]{}\"'".contains(&b)) {
        end += 1;
    }
    while at(end).is_some_and(|b| matches!(b, b' ' | b'\t' | 0x0b | 0x0c)) {
        end += 1;
    }
    match at(end) {
        None => return Some(end),
        Some(b',' | b'-' | b':' | b';') => return None,
        // Another stop goes on with this sentence.
        Some(b'.' | b'!' | b'?') => return None,
        Some(b'\r') => {
            return Some(end + 1 + usize::from(at(end + 1) == Some(b'\n')));
        }
        Some(b'\n') => return Some(end + 1),
        Some(_) => {}
    }
    if is_dot {
        let mut next = end;
        while let Some(byte) = at(next) {
            match byte {
                b'a'..=b'z' => return None,
                b'A'..=b'Z' | b'\r' | b'\n' | b'.' | b'!' | b'?' => break,
                _ => next += 1,
            }
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::{ascii, sentences};
    use unicode_segmentation::UnicodeSegmentation;

    #[test]
    fn sentences_end_where_readers_say() {
        let text = "He came. \"She went!\" 3.5 of them (R.E.M. too) stayed... and sang. Ok?";
        assert_eq!(
            sentences(text),
            [
                "He came.",
                "\"She went!\"",
                "3.5 of them (R.E.M. too) stayed... and sang.",
                "Ok?"
            ]
        );
        assert_eq!(sentences("Où? Là."), ["Où?", "Là."]);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]
        #[test]
        fn ascii_is_cut_as_unicode_says(text in "[aB3 .!?,;:()'\"\n\r-]{0,14}") {
            let expected: Vec<&str> = text.split_sentence_bounds().collect();
            let mut found = Vec::new();
            ascii(&text, |piece| found.push(piece));
            found.retain(|piece| !piece.is_empty());
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
