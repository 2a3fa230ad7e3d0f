//! Which side is the artist?
//!
//! In: the two sides of every row of one list. Out: the likelier order and how sure it is. Looks at the whole
//! list: one row never decides.

use crate::text::hash::HashMap;

use super::lexicon;
use super::row::{Separator, is_quote};
use crate::artist;

/// Above 0: the first side is the artist; below 0: the second. At ±1 and beyond it is sure.
pub(super) fn lean(rows: &[(&str, &str)], separator: Separator) -> f32 {
    match separator {
        Separator::By => return -2.0,
        Separator::Bracket => return -1.2,
        _ => {}
    }
    let n = rows.len().max(1) as f32;
    let mut lean = 0.25;
    // Japanese listings write the title before the slash.
    let eastern = rows
        .iter()
        .filter(|r| has_kana(r.0) || has_kana(r.1))
        .count();
    if separator == Separator::Slash && eastern * 2 >= rows.len() {
        lean -= 0.9;
    }
    // Artists repeat within a list, titles do not.
    let repeats = |side: &dyn Fn(&(&str, &str)) -> String| {
        let mut counts: HashMap<String, usize> = HashMap::default();
        for row in rows {
            *counts.entry(side(row)).or_insert(0) += 1;
        }
        counts
            .values()
            .filter(|c| **c > 1)
            .map(|c| c - 1)
            .sum::<usize>() as f32
    };
    let first = repeats(&|r| artist::key(r.0));
    let second = repeats(&|r| artist::key(r.1));
    lean += 2.0 * ((first - second) / n).clamp(-1.0, 1.0);
    if (first - second).abs() >= 1.0 {
        lean += 0.5 * (first - second).signum();
    }
    let mut words = 0.0;
    let mut quotes = 0.0;
    for (a, b) in rows {
        words += (lexicon::title_like(b) - lexicon::title_like(a)).clamp(-1.5, 1.5);
        let quoted = |t: &str| t.trim().starts_with(is_quote) && !t.trim().starts_with('\'');
        quotes += f32::from(u8::from(quoted(b))) - f32::from(u8::from(quoted(a)));
    }
    lean += 1.6 * words / n;
    lean += 2.5 * quotes / n;
    lean
}

fn has_kana(text: &str) -> bool {
    text.chars()
        .any(|c| ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c))
}
