//! The key of an artist name.
//!
//! In: a name as written. Out: a folded key: equal for spellings of one name that differ in case,
//! accents, quotes, dashes, dots or blanks only.

use crate::text::fold::fold;

/// The key of an artist, track or post title: folded, letters and digits only, one blank between words;
/// dots and apostrophes join ("R.E.M." is "rem"), other punctuation separates ("AC/DC" is "ac dc").
/// A name without letters and digits keeps its folded punctuation ("!!!").
pub fn key(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    if name.is_ascii() {
        // Lower case is all that folding does to it.
        join(&mut out, name.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        join(&mut out, fold(name).chars());
    }
    if out.is_empty() {
        let signs = fold(name);
        let signs: Vec<&str> = signs.split_whitespace().collect();
        return signs.join(" ");
    }
    out
}

/// Appends the letters and digits of a folded name, with blanks where other signs separate them.
fn join(out: &mut String, folded: impl Iterator<Item = char>) {
    let mut gap = false;
    for c in folded {
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
