//! What stays of a name however it is spelled.
//!
//! In: a name as written or typed. Out: its letters and digits in one piece, equal for "AC/DC", "ACDC" and
//! "AC DC", for "R.E.M." and "REM", for "Earth, Wind & Fire" and "earth wind and fire". Names are looked up by it;
//! nothing is merged by it.

use crate::text::fold::fold;
use crate::text::tokens::Words;

/// What "&" is written as between the words of a name.
const AND: &[&str] = &["and", "n", "und", "et", "y"];

/// The letters and digits of a name, folded, without blanks. A leading article and the words for "&" between
/// others are left out. A name without letters and digits keeps its folded signs ("!!!").
pub fn spelling(name: &str) -> String {
    let mut words = Words::new(name);
    let mut out = String::with_capacity(name.len());
    let mut end = 0;
    // How long `out` was before a word that the next one makes an article, or a word for "&" between others.
    let mut article = None;
    let mut between = None;
    let mut first = true;
    while let Some(word) = words.next() {
        let leading = article.take().filter(|_| word.text != "the");
        if let Some(before) = leading.or(between.take()) {
            out.truncate(before);
        }
        match std::mem::take(&mut first) {
            true => article = (word.text == "the").then_some(0),
            false => between = AND.contains(&word.text).then_some(out.len()),
        }
        // Pairs of Chinese, Japanese and Korean characters overlap.
        if word.start < end {
            out.push_str(&fold(name.get(end..word.end).unwrap_or_default()));
        } else {
            out.push_str(word.text);
        }
        end = end.max(word.end);
    }
    if out.is_empty() {
        let signs = fold(name);
        out.extend(signs.chars().filter(|c| !c.is_whitespace()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{AND, spelling};
    use crate::text::fold::fold;
    use crate::text::tokens;

    #[test]
    fn usual_spellings_of_a_name_meet() {
        for (names, expected) in [
            (&["AC/DC", "ACDC", "AC DC", "ac-dc", "A.C.D.C."][..], "acdc"),
            (&["R.E.M.", "REM", "r e m"], "rem"),
            (
                &[
                    "Earth, Wind & Fire",
                    "earth wind and fire",
                    "Earth Wind Fire",
                ],
                "earthwindfire",
            ),
            (
                &[
                    "Guns N' Roses",
                    "guns n roses",
                    "Guns and Roses",
                    "Guns & Roses",
                ],
                "gunsroses",
            ),
            (&["The Beatles", "beatles"], "beatles"),
            (&["The The", "the the"], "thethe"),
            (&["The", "the"], "the"),
            (&["A-ha", "aha", "a‐ha"], "aha"),
            (&["P!nk", "pink"], "pink"),
            (&["+44", "44"], "44"),
            (&["!!!", "! ! !"], "!!!"),
            (&["Sunn O)))", "sunn o"], "sunno"),
            (&["MØ", "mo"], "mo"),
            (&["少女時代", "少女 時代"], "少女時代"),
            (&["N", "n"], "n"),
        ] {
            for name in names {
                assert_eq!(spelling(name), expected, "{name}");
            }
        }
    }

    /// All words of a name first, then those that stay.
    fn of_words(name: &str) -> String {
        let words = tokens::tokens(name);
        let mut end = 0;
        let mut out = String::new();
        for (at, word) in words.iter().enumerate() {
            let inner = at > 0 && at + 1 < words.len();
            let the = |at: usize| words.get(at).map(|word| word.text == "the");
            let article = at == 0 && the(0) == Some(true) && the(1) == Some(false);
            let between = inner && AND.contains(&word.text.as_str());
            if !article && !between {
                let new = fold(&name[end.max(word.start)..word.end.max(end)]);
                out.push_str(if word.start < end { &new } else { &word.text });
                end = end.max(word.end);
            }
        }
        match out.is_empty() {
            true => fold(name).split_whitespace().collect(),
            false => out,
        }
    }

    proptest::proptest! {
        #[test]
        fn words_one_at_a_time_spell_what_all_of_them_do(
            name in "((The|the|AND|and|n|N'|&|y|et|und|Y|[A-Z]{1,2}|[a-zé]{1,3}|少[年女]{0,2}|ガ|\\PC)[ ,.-]?){0,7}",
        ) {
            proptest::prop_assert_eq!(spelling(&name), of_words(&name), "{:?}", name);
        }
    }
}
