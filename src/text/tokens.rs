//! What are the words of a text?
//!
//! In: text as written. Out: folded tokens with byte offsets. The same code reads documents and queries.
//!
//! Letters and digits make words. Apostrophes within a word, and dots between single letters, join ("don't"
//! is `dont`, "R.E.M." is `rem`); `!` and `$` between letters are the letters they stand for ("P!nk" is
//! `pink`, "Ke$ha" is `kesha`). Everything else separates. Chinese, Japanese and Korean runs become
//! overlapping pairs of characters.

use super::fold::fold;
use super::letters::{STRETCH, Stretch};

/// Longer words are cut to this many bytes (folded): they are noise, not names.
pub(super) const MAX_TOKEN_BYTES: usize = 64;

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

/// The folded words of a text, in order.
pub fn folded(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.text).collect()
}

/// Calls `visit` for every word of a text with its folded form and byte offsets.
pub fn each(text: &str, visit: &mut dyn FnMut(&str, usize, usize)) {
    let mut words = Words::new(text);
    while let Some(word) = words.next() {
        visit(word.text, word.start, word.end);
    }
}

/// One word where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'w> {
    /// Folded.
    pub text: &'w str,
    /// Byte offsets of what was written.
    pub start: usize,
    pub end: usize,
}

/// The words of a text, one at a time.
#[derive(Clone, Debug)]
pub struct Words<'t> {
    text: &'t str,
    at: usize,
    /// What bytes around `at` are, and which.
    known: Stretch,
    known_from: usize,
    known_to: usize,
    /// Holds the word where folding changes it.
    buffer: String,
    /// The character before `at`, within a run of Chinese, Japanese or Korean ones, and whether it stands in a pair.
    run: Option<(usize, bool)>,
}

impl<'t> Words<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            known: Stretch::default(),
            known_from: 0,
            known_to: 0,
            buffer: String::new(),
            run: None,
        }
    }

    /// The same with memory of the words of another text, which [`Self::memory`] gives back.
    pub fn within(text: &'t str, memory: String) -> Self {
        Self {
            buffer: memory,
            ..Self::new(text)
        }
    }

    /// The memory that words were folded in.
    pub fn memory(self) -> String {
        self.buffer
    }

    /// The next word; what it borrows ends with the call after it.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Word<'_>> {
        let bytes = self.text.as_bytes();
        loop {
            if let Some((previous, paired)) = self.run {
                let next = self.text.get(self.at..).and_then(|rest| {
                    let c = rest.chars().next().filter(|c| is_cjk(*c))?;
                    Some(self.at + c.len_utf8())
                });
                let (start, end) = match next {
                    Some(next) => {
                        self.run = Some((self.at, true));
                        self.at = next;
                        (previous, next)
                    }
                    None => {
                        self.run = None;
                        if paired {
                            continue;
                        }
                        (previous, self.at)
                    }
                };
                self.buffer.clear();
                self.buffer.push_str(&fold(&self.text[start..end]));
                return Some(self.buffered(start, end));
            }
            if self.at >= self.known_to {
                if self.at >= bytes.len() {
                    return None;
                }
                self.look();
            }
            let passed = self.at - self.known_from;
            let before =
                ((self.known.words | self.known.beyond) >> passed).trailing_zeros() as usize;
            if before >= self.known_to - self.at {
                // No word begins in the rest.
                self.at = self.known_to;
                continue;
            }
            self.at += before;
            let passed = passed + before;
            let length = (!(self.known.words >> passed)).trailing_zeros() as usize;
            if length > 0 {
                let start = self.at;
                let end = start + length;
                if end >= self.known_to && end < bytes.len() && passed > 0 {
                    // The word may go on behind what is known.
                    self.look();
                    continue;
                }
                if length < STRETCH && ends(bytes, end, length) {
                    self.at = end;
                    let word = &self.text[start..end];
                    // The bits behind the word are shifted out.
                    if self.known.capitals >> passed << (STRETCH - length) == 0 {
                        let text = word;
                        return Some(Word { text, start, end });
                    }
                    self.buffer.clear();
                    // Room for all words of this text, taken once.
                    self.buffer.reserve(MAX_TOKEN_BYTES);
                    self.buffer.push_str(word);
                    self.buffer.make_ascii_lowercase();
                    return Some(self.buffered(start, end));
                }
            }
            let c = char_at(self.text, self.at);
            if is_cjk(c) && is_word(c) {
                self.run = Some((self.at, false));
                self.at += c.len_utf8();
                continue;
            }
            if !is_word(c) {
                self.at += c.len_utf8();
                continue;
            }
            let start = self.at;
            let end = self.joined();
            return Some(self.buffered(start, end));
        }
    }

    /// Looks what the bytes from `at` on are.
    fn look(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.known = Stretch::of(rest);
        self.known_from = self.at;
        self.known_to = self.at + rest.len().min(STRETCH);
    }

    fn buffered(&self, start: usize, end: usize) -> Word<'_> {
        let text = &self.buffer;
        Word { text, start, end }
    }

    /// Reads a word that may hold signs which join, folded into the buffer; where it ends.
    fn joined(&mut self) -> usize {
        let text = self.text;
        let mut at = self.at;
        let mut end = at;
        let mut plain = true;
        let mut letters = 0usize;
        let buffer = &mut self.buffer;
        buffer.clear();
        buffer.reserve(MAX_TOKEN_BYTES);
        while at < text.len() {
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
            let follows = next < text.len() && is_word(char_at(text, next));
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
        self.at = at.max(end);
        if !plain || buffer.len() > MAX_TOKEN_BYTES {
            let mut folded = fold(buffer).into_owned();
            folded.truncate(folded.floor_char_boundary(MAX_TOKEN_BYTES));
            *buffer = folded;
        }
        end
    }
}

/// True where a word of ASCII letters and digits, so many, ends at `end`, as what follows cannot continue it: nearly every word
/// does, and all that folding does to it is lower case.
fn ends(bytes: &[u8], end: usize, length: usize) -> bool {
    match bytes.get(end) {
        None => true,
        Some(b'.') => length > 1,
        Some(b'\'' | b'!' | b'$') => false,
        Some(next) => next.is_ascii(),
    }
}

fn char_at(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or(' ')
}

/// True where exactly one letter stands at `at`: an initial.
fn single_letter(text: &str, at: usize) -> bool {
    let mut chars = text[at..].chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none_or(|c| !is_word(c))
}

pub(super) fn is_word(c: char) -> bool {
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
    use super::{Token, Words, char_at, is_word, tokens};

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
        /// Read one character after the other, as words are that may hold signs which join.
        #[test]
        fn words_are_those_read_character_by_character(
            pieces in proptest::collection::vec("[a-zA-Z0-9]{1,70}|[a-zA-Z0-9éÉ]{1,4}|[ .'!$’—]{1,3}|[\u{0}-\u{10ff}]", 0..40),
        ) {
            let text = pieces.concat();
            let mut expected = Vec::new();
            let mut slow = Words::new(&text);
            while slow.at < text.len() {
                let c = char_at(&text, slow.at);
                if !is_word(c) {
                    slow.at += c.len_utf8();
                    continue;
                }
                let start = slow.at;
                let end = slow.joined();
                expected.push(Token { text: slow.buffer.clone(), start, end });
            }
            proptest::prop_assert_eq!(tokens(&text), expected);
        }

        #[test]
        fn offsets_are_boundaries(text in "\\PC*") {
            for token in tokens(&text) {
                assert!(token.start < token.end && text.get(token.start..token.end).is_some());
            }
        }
    }
}
