//! Can a word stand in a text at all?
//!
//! In: a text as written and a folded word. Out: no, certainly; or perhaps. It looks at the places alone where a word
//! may begin with the right letter; `tokens` has the last word. Must never say no where `tokens` finds the word.

use std::cell::OnceCell;

use memchr::{memchr_iter, memchr2_iter};

use super::tokens::{MAX_TOKEN_BYTES, is_word};

/// A text that is asked for words.
pub struct Glance<'t> {
    text: &'t str,
    /// Whether a word of it begins with a character beyond ASCII: the same for all that is asked.
    other: OnceCell<bool>,
}

impl<'t> Glance<'t> {
    /// At a text.
    pub fn at(text: &'t str) -> Self {
        Self {
            text,
            other: OnceCell::new(),
        }
    }

    /// False where no word of the text is `word`, or begins with it where it need not be `whole`.
    pub fn may_have(&self, word: &str, whole: bool) -> bool {
        let bytes = self.text.as_bytes();
        let Some((first, rest)) = word.as_bytes().split_first() else {
            return true;
        };
        if !word.is_ascii() {
            // What is folded from ASCII stays ASCII.
            return !self.text.is_ascii();
        }
        let begins = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            before.is_none_or(|b| !b.is_ascii_alphanumeric())
                && goes_on(&bytes[at + 1..], rest, whole)
        };
        let upper = first.to_ascii_uppercase();
        let found = if upper == *first {
            memchr_iter(*first, bytes).any(begins)
        } else {
            memchr2_iter(*first, upper, bytes).any(begins)
        };
        found || *self.other.get_or_init(|| begins_with_other(self.text))
    }
}

/// True where a word of `text` begins with a character beyond ASCII, which may be folded to anything.
fn begins_with_other(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut before = ' ';
    text.chars().any(|c| {
        let begins = !c.is_ascii() && is_word(c) && !before.is_ascii_alphanumeric();
        before = c;
        begins
    })
}

/// True where bytes may continue a word with `rest`: letters and digits as they are, until something comes that
/// could join, be folded, or be cut.
fn goes_on(bytes: &[u8], rest: &[u8], whole: bool) -> bool {
    for (at, letter) in rest.iter().enumerate() {
        match bytes.get(at) {
            None => return false,
            Some(b) if b.is_ascii_alphanumeric() => {
                if b.to_ascii_lowercase() != *letter {
                    return false;
                }
            }
            // Signs that may join, and what stands beyond ASCII.
            Some(b) => return joins(*b),
        }
    }
    let end = rest.len();
    !whole
        || end + 1 >= MAX_TOKEN_BYTES
        || bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric())
}

/// True for bytes after which a word may go on.
fn joins(byte: u8) -> bool {
    !byte.is_ascii() || matches!(byte, b'\'' | b'.' | b'!' | b'$')
}

#[cfg(test)]
mod tests {
    use super::Glance;
    use crate::text::tokens::tokens;

    #[test]
    fn plain_texts_are_told_apart() {
        for (text, word, whole, may) in [
            ("Robert Tepper sings", "tepper", true, true),
            ("Robert Teppers sings", "tepper", true, false),
            ("Robert Teppers sings", "tepper", false, true),
            ("a stepper", "tepper", true, false),
            ("R.E.M.", "rem", true, true),
            ("don't", "dont", true, true),
            ("P!nk", "pink", true, true),
            ("nothing of it", "tepper", true, false),
            ("“nothing” of it", "tepper", true, false),
            ("Ørsted", "orsted", true, true),
            ("", "a", true, false),
        ] {
            assert_eq!(
                Glance::at(text).may_have(word, whole),
                may,
                "{text}: {word}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_missed(text in "[a-cA-C0-1éØﬁ少女 '.!$’\u{301}-]{0,40}") {
            for token in tokens(&text) {
                assert!(Glance::at(&text).may_have(&token.text, true), "{text}: {}", token.text);
                let mut beginning = token.text.clone();
                while beginning.pop().is_some() && !beginning.is_empty() {
                    assert!(Glance::at(&text).may_have(&beginning, false), "{text}: {beginning}*");
                }
            }
        }

        #[test]
        fn no_word_of_any_text_is_missed(text in "\\PC{0,60}") {
            for token in tokens(&text) {
                assert!(Glance::at(&text).may_have(&token.text, true), "{text}: {}", token.text);
            }
        }
    }
}
