//! The key of an artist name.
//!
//! In: a name as written. Out: a folded key: equal for spellings of one name that differ in case,
//! accents, quotes, dashes, dots or blanks only.

use crate::text::fold::fold;

/// The key of an artist, track or post title: folded, letters and digits only, one blank between words;
/// dots and apostrophes join ("R.E.M." is "rem"), other punctuation separates ("AC/DC" is "ac dc").
/// A name without letters and digits keeps its folded punctuation ("!!!").
pub fn key(name: &str) -> String {
    let folded = fold(name);
    let mut out = String::with_capacity(folded.len());
    let mut gap = false;
    for c in folded.chars() {
        if c.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        } else if !matches!(c, '.' | '\'' | '\u{3099}' | '\u{309a}') {
            gap = true;
        }
    }
    if out.is_empty() {
        folded.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        out
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn odd_names_have_keys() {
        for (name, expected) in [
            ("R.E.M.", "rem"),
            ("AC/DC", "ac dc"),
            ("!!!", "!!!"),
            ("Guns N’ Roses", "guns n roses"),
            ("MØ", "mo"),
            ("+44", "44"),
            ("Earth, Wind & Fire", "earth wind fire"),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
    }
}
