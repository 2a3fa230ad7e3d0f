//! What are the words of a text?
//!
//! In: text as written. Out: folded tokens with byte offsets. The same code reads documents and queries.
//!
//! Letters and digits make words. Apostrophes within a word, and dots between single letters, join ("don't"
//! is `dont`, "R.E.M." is `rem`); `!` and `$` between letters are the letters they stand for ("P!nk" is
//! `pink`, "Ke$ha" is `kesha`). Everything else separates. Chinese, Japanese and Korean runs become
//! overlapping pairs of characters.

use super::fold::fold;

/// Longer words are cut to this many bytes (folded): they are noise, not names.
const MAX_TOKEN_BYTES: usize = 64;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Folded.
    pub text: String,
    /// Byte offsets of what was written.
    pub start: usize,
    pub end: usize,
}

/// The words of a text, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::with_capacity(text.len() / 6 + 1);
    each(text, &mut |token, start, end| {
        out.push(Token {
            text: token.to_owned(),
            start,
            end,
        });
    });
    out
}

/// Calls `visit` for every word of a text with its folded form and byte offsets.
pub fn each(text: &str, visit: &mut dyn FnMut(&str, usize, usize)) {
    let bytes = text.as_bytes();
    let mut buffer = String::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            if !bytes[at].is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            if let Some(end) = plain_word(bytes, at) {
                let word = &text[at..end];
                if word.bytes().any(|b| b.is_ascii_uppercase()) {
                    buffer.clear();
                    buffer.push_str(word);
                    buffer.make_ascii_lowercase();
                    visit(&buffer, at, end);
                } else {
                    visit(word, at, end);
                }
                at = end;
                continue;
            }
        }
        let c = char_at(text, at);
        if !is_word(c) {
            at += c.len_utf8();
            continue;
        }
        if is_cjk(c) {
            at = cjk_run(text, at, visit);
            continue;
        }
        let start = at;
        let mut end = at;
        let mut plain = true;
        buffer.clear();
        let mut letters = 0usize;
        while at < bytes.len() {
            let c = char_at(text, at);
            let next = at + c.len_utf8();
            if is_word(c) && !is_cjk(c) {
                plain &= c.is_ascii_lowercase() || c.is_ascii_digit();
                buffer.push(c);
                letters += 1;
                at = next;
                end = next;
                continue;
            }
            let follows = next < bytes.len() && is_word(char_at(text, next));
            if !follows {
                break;
            }
            match c {
                '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' => {
                    plain = false;
                    at = next;
                }
                '.' if letters == 1 && single_letter(text, next) => {
                    letters = 0;
                    at = next;
                }
                '!' | '$'
                    if buffer.ends_with(char::is_alphabetic)
                        && char_at(text, next).is_alphabetic() =>
                {
                    buffer.push(if c == '!' { 'i' } else { 's' });
                    at = next;
                }
                _ => break,
            }
        }
        at = at.max(end);
        if plain && buffer.len() <= MAX_TOKEN_BYTES {
            visit(&buffer, start, end);
        } else {
            let folded = fold(&buffer);
            let mut cut = folded.len().min(MAX_TOKEN_BYTES);
            while !folded.is_char_boundary(cut) {
                cut -= 1;
            }
            visit(&folded[..cut], start, end);
        }
    }
}

/// Where the word that starts at `start` ends, if it is of ASCII letters and digits alone and what follows cannot
/// continue it: nearly every word, and all that folding does to it is lower case.
fn plain_word(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let length = rest
        .iter()
        .position(|b| !b.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let ends = match rest.get(length) {
        None => true,
        Some(b'.') => length > 1,
        Some(b'\'' | b'!' | b'$') => false,
        Some(next) => next.is_ascii(),
    };
    (ends && length <= MAX_TOKEN_BYTES).then_some(start + length)
}

/// Emits a run of CJK characters as overlapping pairs; a lone one as itself. Returns where the run ends.
fn cjk_run(text: &str, start: usize, visit: &mut dyn FnMut(&str, usize, usize)) -> usize {
    let mut previous: Option<usize> = None;
    let mut at = start;
    let mut count = 0;
    while at < text.len() {
        let c = char_at(text, at);
        if !is_cjk(c) {
            break;
        }
        let next = at + c.len_utf8();
        if let Some(before) = previous {
            visit(&fold(&text[before..next]), before, next);
        }
        count += 1;
        previous = Some(at);
        at = next;
    }
    if count == 1 {
        visit(&fold(&text[start..at]), start, at);
    }
    at
}

fn char_at(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or(' ')
}

/// True where exactly one letter stands at `at`: an initial.
fn single_letter(text: &str, at: usize) -> bool {
    let mut chars = text[at..].chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none_or(|c| !is_word(c))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Scripts that are written without blanks, and Hangul, whose words carry their particles.
fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x11ff | 0x2e80..=0x2fdf | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x3130..=0x318f
        | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
        | 0xff66..=0xff9f | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn names_become_words() {
        for (text, words) in [
            ("Robert Tepper", "robert tepper"),
            ("R.E.M. and N.W.A", "rem and nwa"),
            ("AC/DC", "ac dc"),
            ("P!nk, Ke$ha!", "pink kesha"),
            ("Guns N’ Roses don't", "guns n roses dont"),
            ("Motörhead MØ", "motorhead mo"),
            ("end.Next 3.5", "end next 3 5"),
            ("!!! +44 alt‐J", "44 alt j"),
            ("少女時代 X", "少女 女時 時代 x"),
            ("Vol.2", "vol 2"),
            ("", ""),
        ] {
            let found: Vec<String> = tokens(text).into_iter().map(|t| t.text).collect();
            assert_eq!(found.join(" "), words, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn offsets_are_boundaries(text in "\\PC*") {
            for token in tokens(&text) {
                assert!(token.start < token.end && text.get(token.start..token.end).is_some());
            }
        }
    }
}
