//! Can a word stand in a text at all?
//!
//! In: a text as written and a folded word. Out: no, certainly; or perhaps. It looks at the places alone where a word
//! may begin with the right letter; `tokens` has the last word. Must never say no where `tokens` finds the word.

use memchr::{memchr_iter, memchr2_iter};

use super::tokens::{MAX_TOKEN_BYTES, is_word};

/// False where no word of `text` is `word`, or begins with it where it need not be `whole`.
pub fn may_stand_in(text: &str, word: &str, whole: bool) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = word.bytes().next() else {
        return true;
    };
    if !word.is_ascii() {
        // What is folded from ASCII stays ASCII.
        return !text.is_ascii();
    }
    let begins = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|b| !b.is_ascii_alphanumeric())
            && goes_on(&bytes[at + 1..], &word.as_bytes()[1..], whole)
    };
    let upper = first.to_ascii_uppercase();
    let found = if upper == first {
        memchr_iter(first, bytes).any(begins)
    } else {
        memchr2_iter(first, upper, bytes).any(begins)
    };
    found || begins_with_other(text)
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
    let mut at = 0;
    for letter in rest {
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
        at += 1;
    }
    !whole || at + 1 >= MAX_TOKEN_BYTES || bytes.get(at).is_none_or(|b| !b.is_ascii_alphanumeric())
}

/// True for bytes after which a word may go on.
fn joins(byte: u8) -> bool {
    !byte.is_ascii() || matches!(byte, b'\'' | b'.' | b'!' | b'$')
}

#[cfg(test)]
mod tests {
    use super::may_stand_in;
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
            assert_eq!(may_stand_in(text, word, whole), may, "{text}: {word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_missed(text in "[a-cA-C0-1éØﬁ少女 '.!$’\u{301}-]{0,40}") {
            for token in tokens(&text) {
                assert!(may_stand_in(&text, &token.text, true), "{text}: {}", token.text);
                let mut beginning = token.text.clone();
                while beginning.pop().is_some() && !beginning.is_empty() {
                    assert!(may_stand_in(&text, &beginning, false), "{text}: {beginning}*");
                }
            }
        }

        #[test]
        fn no_word_of_any_text_is_missed(text in "\\PC{0,60}") {
            for token in tokens(&text) {
                assert!(may_stand_in(&text, &token.text, true), "{text}: {}", token.text);
            }
        }
    }
}
