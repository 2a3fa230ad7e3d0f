//! `--format csv`: rows for a spreadsheet (RFC 4180).
//!
//! In: an answer. Out: a header and a row per hit, post or figure. A cell that a spreadsheet would
//! take for a formula is led by an apostrophe.

use std::borrow::Cow;
use std::io::{self, Write};

use super::paint::safe_lines;
use super::{Answer, Format, Screen, sheet};
use crate::model::Post;

/// Comma-separated values.
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, answer: &Answer<'_>, _: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match answer {
            Answer::Search(response) => {
                row(
                    out,
                    &[
                        "rank", "score", "tier", "id", "title", "url", "site", "source", "author",
                        "date", "rows", "comments", "snippet",
                    ],
                )?;
                for hit in &response.hits {
                    let date = hit.published.as_ref().map(|d| d.iso()).unwrap_or_default();
                    row(
                        out,
                        &[
                            &hit.rank.to_string(),
                            &format!("{:.3}", hit.score),
                            hit.tier.as_str(),
                            &hit.id.to_string(),
                            &hit.title,
                            hit.url.as_deref().unwrap_or_default(),
                            hit.site.as_deref().unwrap_or_default(),
                            &hit.source,
                            hit.author.as_deref().unwrap_or_default(),
                            &date,
                            &hit.evidence.tracks_total.to_string(),
                            &hit.evidence.comments_total.to_string(),
                            hit.evidence.snippet.as_ref().map_or("", |s| &s.text),
                        ],
                    )?;
                }
                Ok(())
            }
            Answer::Inspection(documents, _) => {
                header(out)?;
                documents.each(&mut |one| one.posts.iter().try_for_each(|post| tracks(out, post)))
            }
            Answer::Post(archived) => {
                header(out)?;
                tracks(out, &archived.post)
            }
            Answer::Run(report) => {
                row(out, &["path", "entry", "reason"])?;
                for failure in &report.failed {
                    row(out, &[&failure.path, &failure.entry, &failure.reason])?;
                }
                Ok(())
            }
            Answer::Sheet(sheet) => sheet::write_csv(*sheet, out),
        }
    }
}

fn header(out: &mut dyn Write) -> io::Result<()> {
    row(
        out,
        &[
            "post",
            "title",
            "list",
            "position",
            "number",
            "artist",
            "track",
            "album",
            "year",
            "duration_s",
            "raw",
        ],
    )
}

fn tracks(out: &mut dyn Write, post: &Post) -> io::Result<()> {
    for (list, found) in post.tracklists.iter().enumerate() {
        for track in &found.tracks {
            row(
                out,
                &[
                    &post.id.to_string(),
                    &post.title,
                    &list.to_string(),
                    &track.position.to_string(),
                    track.number.as_deref().unwrap_or_default(),
                    found.artist_of(track).map_or("", |a| a.as_str()),
                    &track.title,
                    track.album.as_deref().unwrap_or_default(),
                    &track.year.map(|y| y.to_string()).unwrap_or_default(),
                    &track.duration_s.map(|d| d.to_string()).unwrap_or_default(),
                    &track.raw,
                ],
            )?;
        }
    }
    Ok(())
}

pub(super) fn row(out: &mut dyn Write, cells: &[&str]) -> io::Result<()> {
    let cells: Vec<Cow<'_, str>> = cells.iter().map(|c| cell(c)).collect();
    writeln!(out, "{}\r", cells.join(","))
}

/// What begins a formula.
const SIGNS: [char; 9] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}',
];

/// Quotes a cell where RFC 4180 asks for it, and disarms formulas.
fn cell(text: &str) -> Cow<'_, str> {
    // Names of files and what a user typed may hold what hides.
    let text = safe_lines(text);
    // With blanks before them, and in the width of Asian scripts, the signs work too.
    let formula = text.trim_start().starts_with(SIGNS) && text.parse::<f64>().is_err();
    if !formula && !text.contains(['"', ',', ';', '\n', '\r']) {
        return text;
    }
    let lead = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{lead}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+44", "+44"),
            ("@home", "\"'@home\""),
            ("-1.5", "-1.5"),
            (" =1+1", "\"' =1+1\""),
            ("＝1+1", "\"'＝1+1\""),
            ("a;=1+1", "\"a;=1+1\""),
            ("a\u{1b}\nb\u{202e}", "\"a\\u{1b}\nb\\u{202e}\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
