//! Which stretch of a text is shown?
//!
//! In: a text and the bytes that matched. Out: about as much of it as readers take in, never cut within a word or a
//! letter, and marks.

use crate::model::Mark;

/// Letters of a sentence or of a comment that are shown around its matches.
const EXTRACT: usize = 240;

/// Byte ranges of `text` as marks in Unicode scalar values.
pub(super) fn marks(text: &str, ranges: &[(usize, usize)]) -> Vec<Mark> {
    let mut out = Vec::with_capacity(ranges.len());
    let mut chars = 0u32;
    let mut byte = 0;
    let mut to = |at: usize| {
        chars += text.get(byte..at).map_or(0, |s| s.chars().count()) as u32;
        byte = at;
        chars
    };
    for (start, end) in ranges {
        let start = to(*start);
        out.push((start, to(*end)));
    }
    out
}

/// A stretch of `text` of about [`EXTRACT`] letters around its first matches, cut between words.
pub(super) fn extract(text: &str, ranges: &[(usize, usize)]) -> (String, Vec<Mark>) {
    if text.chars().nth(EXTRACT).is_none() {
        return (text.to_owned(), marks(text, ranges));
    }
    let first = ranges.first().map_or(0, |r| r.0);
    let mut start = text.floor_char_boundary(first.saturating_sub(EXTRACT / 3));
    if start > 0 {
        start = text[start..first]
            .find(char::is_whitespace)
            .map_or(first, |n| start + n);
        start += text[start..].len() - text[start..].trim_start().len();
    }
    let wide = text[start..]
        .char_indices()
        .nth(EXTRACT)
        .map_or(text.len(), |(n, _)| start + n);
    let mut end = wide;
    if end < text.len() {
        let inside = ranges
            .iter()
            .filter(|r| r.0 < end)
            .map(|r| r.1)
            .max()
            .unwrap_or(start);
        end = text[start..end]
            .rfind(char::is_whitespace)
            .map_or_else(|| whole_graphemes(text, start, end), |n| start + n)
            .max(text.floor_char_boundary(inside));
    }
    let lead = if start > 0 { "… " } else { "" };
    let tail = if end < text.len() { " …" } else { "" };
    let inner: Vec<(usize, usize)> = ranges
        .iter()
        .filter(|r| r.0 >= start && r.1 <= end)
        .map(|r| (r.0 - start + lead.len(), r.1 - start + lead.len()))
        .collect();
    let text = format!("{lead}{}{tail}", &text[start..end]);
    let marks = marks(&text, &inner);
    (text, marks)
}

/// The last end of a grapheme in `start..=end`: text without blanks is cut between what readers see as letters.
fn whole_graphemes(text: &str, start: usize, end: usize) -> usize {
    use unicode_segmentation::UnicodeSegmentation;
    text[start..]
        .grapheme_indices(true)
        .map(|(at, _)| start + at)
        .take_while(|at| *at <= end)
        .last()
        .unwrap_or(end)
}
