//! What stays of a name however it is spelled.
//!
//! In: a name as written or typed. Out: its letters and digits in one piece, equal for "AC/DC", "ACDC" and
//! "AC DC", for "R.E.M." and "REM", for "Earth, Wind & Fire" and "earth wind and fire". Names are looked up by it;
//! nothing is merged by it.

use crate::text::fold::fold;
use crate::text::tokens;

/// What "&" is written as between the words of a name.
const AND: &[&str] = &["and", "n", "und", "et", "y"];

/// The letters and digits of a name, folded, without blanks. A leading article and the words for "&" between
/// others are left out. A name without letters and digits keeps its folded signs ("!!!").
pub fn spelling(name: &str) -> String {
    let words = tokens::tokens(name);
    let mut out = String::with_capacity(name.len());
    let mut end = 0;
    for (at, word) in words.iter().enumerate() {
        let inner = at > 0 && at + 1 < words.len();
        let article =
            at == 0 && word.text == "the" && words.get(1).is_some_and(|w| w.text != "the");
        if article || (inner && AND.contains(&word.text.as_str())) {
            continue;
        }
        // Pairs of Chinese, Japanese and Korean characters overlap.
        if word.start < end {
            out.push_str(&fold(name.get(end..word.end).unwrap_or_default()));
        } else {
            out.push_str(&word.text);
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
    use super::spelling;

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
}
