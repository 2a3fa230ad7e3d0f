//! `--format text`: for people at a terminal, and for pipes that people read.
//!
//! In: an answer. Out: lines that fit the screen; matches in colour, or between asterisks.

use std::io::{self, Write};

use super::paint::{Screen, cut, safe, width};
use super::{Answer, Format};
use crate::extract::Extracted;
use crate::model::{CommentEvidence, Hit, How, Post, Response, TrackEvidence, TrackList};
use crate::pipeline::{Failure, Report};

/// Text for people.
pub(super) struct PlainText;

impl Format for PlainText {
    fn name(&self) -> &'static str {
        "text"
    }

    fn write(&self, answer: &Answer<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match answer {
            Answer::Search(response) => search(response, screen, out),
            Answer::Inspection(documents, why) => {
                let mut first = true;
                documents.each(&mut |one| {
                    if !std::mem::take(&mut first) {
                        writeln!(out)?;
                    }
                    inspection(one, *why, screen, out)
                })
            }
            Answer::Post(archived) => {
                post(&archived.post, screen, out)?;
                if archived.versions.len() > 1 {
                    writeln!(out, "\n{}", screen.dim("Seen at"))?;
                    for version in &archived.versions {
                        writeln!(out, "  {} ({})", version.post.source, version.post.reader)?;
                    }
                }
                Ok(())
            }
            Answer::Run(report) => run(report, screen, out),
            Answer::Sheet(sheet) => sheet.text(screen, out),
        }
    }
}

fn search(response: &Response, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    for note in &response.notes {
        writeln!(
            out,
            "{}",
            screen.dim(&format!("note: {}", safe(&note.text)))
        )?;
    }
    if response.total == 0 {
        return writeln!(out, "Nothing found for {}.", safe(&response.query));
    }
    if response.hits.is_empty() {
        return writeln!(
            out,
            "{} in all, but none from {} on.",
            posts(response.total),
            response.offset + 1
        );
    }
    let about = if response.total_exact {
        ""
    } else {
        "more than "
    };
    let shown = if (response.hits.len() as u64) < response.total {
        format!(
            ", {}–{} shown",
            response.offset + 1,
            response.offset + response.hits.len()
        )
    } else {
        String::new()
    };
    writeln!(
        out,
        "{}",
        screen.dim(&format!(
            "{about}{}{shown} ({:.1} ms)",
            posts(response.total),
            response.took_ms
        ))
    )?;
    for found in &response.hits {
        writeln!(out)?;
        hit(found, screen, out)?;
    }
    for (name, counts) in &response.facets {
        if counts.is_empty() {
            continue;
        }
        let values: Vec<String> = counts
            .iter()
            .take(10)
            .map(|c| format!("{} ({})", c.value, c.count))
            .collect();
        writeln!(out)?;
        let line = screen.paragraph(&values.join(", "), &[], 10, "");
        writeln!(out, "{}{line}", screen.bold(&format!("{name:<10}")))?;
    }
    Ok(())
}

fn posts(count: u64) -> String {
    counted(count, "post", "posts")
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn hit(hit: &Hit, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let lead = format!("{}. ", hit.rank);
    let indent = width(&lead);
    let base = if screen.color { "\x1b[1m" } else { "" };
    let title = screen.paragraph(&hit.title, &hit.title_marks, indent, base);
    writeln!(out, "{lead}{}", screen.link(&title, hit.url.as_deref()))?;
    let mut facts: Vec<String> = Vec::new();
    facts.extend(
        hit.published
            .as_ref()
            .map(|d| d.iso().chars().take(10).collect()),
    );
    facts.extend(hit.author.as_ref().map(|a| a.to_string()));
    facts.extend(hit.site.as_ref().map(|s| s.to_string()));
    facts.push(safe(&hit.source).into_owned());
    let pad = " ".repeat(indent);
    let facts = screen.paragraph(&facts.join(" · "), &[], indent, "\x1b[2m");
    writeln!(out, "{pad}{facts}")?;
    for row in &hit.evidence.tracks {
        track(row, indent, screen, out)?;
    }
    if let Some(snippet) = &hit.evidence.snippet {
        let text = snippet.text.replace('\n', " ");
        writeln!(
            out,
            "{pad}{}",
            screen.paragraph(&text, &snippet.marks, indent, "")
        )?;
    }
    for found in &hit.evidence.comments {
        comment(found, indent, screen, out)?;
    }
    let rows =
        u64::from(hit.evidence.tracks_total).saturating_sub(hit.evidence.tracks.len() as u64);
    let comments =
        u64::from(hit.evidence.comments_total).saturating_sub(hit.evidence.comments.len() as u64);
    let mut more = Vec::new();
    if rows > 0 {
        more.push(counted(rows, "more row", "more rows"));
    }
    if comments > 0 {
        more.push(counted(comments, "more comment", "more comments"));
    }
    let sentences = u64::from(hit.evidence.sentences_total)
        .saturating_sub(u64::from(hit.evidence.snippet.is_some()));
    if sentences > 0 {
        more.push(counted(sentences, "more sentence", "more sentences"));
    }
    if !more.is_empty() {
        writeln!(
            out,
            "{pad}{}",
            screen.dim(&format!("… {}", more.join(", ")))
        )?;
    }
    let guessed: Vec<String> = hit
        .evidence
        .matched
        .iter()
        .filter(|m| matches!(m.how, How::Stemmed | How::Corrected))
        .map(|m| format!("{} ({})", safe(&m.text), m.how.as_str()))
        .collect();
    if !guessed.is_empty() {
        let line = screen.paragraph(&format!("≈ {}", guessed.join(", ")), &[], indent, "\x1b[2m");
        writeln!(out, "{pad}{line}")?;
    }
    if let Some(explanation) = &hit.explanation {
        for line in explanation.lines() {
            writeln!(out, "{pad}{}", screen.dim(line))?;
        }
    }
    Ok(())
}

fn track(
    row: &TrackEvidence,
    indent: usize,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let number = match &row.number {
        Some(number) => number.to_string(),
        None => row.position.to_string(),
    };
    let lead = format!("♪ {number}. ");
    let inner = indent + width(&lead);
    let (text, marks) = match &row.artist {
        Some(artist) => {
            let dash = " – ";
            let shift = (artist.chars().count() + dash.chars().count()) as u32;
            let mut marks = row.marks.artist.clone();
            marks.extend(row.marks.title.iter().map(|m| (m.0 + shift, m.1 + shift)));
            (format!("{artist}{dash}{}", row.title), marks)
        }
        None => (row.title.to_string(), row.marks.title.clone()),
    };
    writeln!(
        out,
        "{}{}{}",
        " ".repeat(indent),
        screen.lead(&lead),
        screen.paragraph(&text, &marks, inner, "")
    )
}

fn comment(
    found: &CommentEvidence,
    indent: usize,
    screen: &Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    let author = found.author.as_deref().unwrap_or("a reader");
    let lead = format!("“{author}” ");
    let lead = if width(&lead) > 40 {
        format!("“{}” ", cut(author, 30))
    } else {
        lead
    };
    let inner = indent + 2;
    let mut text = found.text.replace('\n', " ");
    if let Some(likes) = found.likes.filter(|l| *l > 0) {
        text.push_str(&format!(
            " ({})",
            counted(u64::from(likes), "like", "likes")
        ));
    }
    let shift = lead.chars().count() as u32;
    let marks: Vec<_> = found
        .marks
        .iter()
        .map(|m| (m.0 + shift, m.1 + shift))
        .collect();
    writeln!(
        out,
        "{}{}{}",
        " ".repeat(indent),
        screen.lead("> "),
        screen.paragraph(&format!("{lead}{text}"), &marks, inner, "")
    )?;
    if let Some(answered) = &found.context {
        let whom = answered.author.as_deref().unwrap_or("a reader");
        let line = format!("to {whom}: {}", answered.text.replace('\n', " "));
        let line = screen.paragraph(&cut(&line, 100), &[], inner, "\x1b[2m");
        writeln!(out, "{}{line}", " ".repeat(inner))?;
    }
    Ok(())
}

fn inspection(one: &Extracted, why: bool, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    for (at, found) in one.posts.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        post(found, screen, out)?;
    }
    for warning in &one.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    if why {
        writeln!(out, "\n{}", screen.bold("Why"))?;
        for reason in &one.why {
            let lines = match (reason.lines.first(), reason.lines.last()) {
                (Some(first), Some(last)) if first != last => format!(" (lines {first}–{last})"),
                (Some(first), _) => format!(" (line {first})"),
                _ => String::new(),
            };
            writeln!(out, "  {:<9} {}{lines}", reason.what, safe(&reason.rule))?;
        }
    }
    Ok(())
}

fn post(post: &Post, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let base = if screen.color { "\x1b[1m" } else { "" };
    let title = screen.paragraph(&post.title, &[], 0, base);
    writeln!(out, "{}", screen.link(&title, post.url.as_deref()))?;
    let fact = |out: &mut dyn Write, name: &str, value: Option<String>| match value {
        Some(value) => writeln!(
            out,
            "{} {}",
            screen.dim(&format!("{name:<9}")),
            screen.paragraph(&value, &[], 10, "")
        ),
        None => Ok(()),
    };
    fact(out, "id", Some(post.id.to_string()))?;
    fact(
        out,
        "source",
        Some(format!("{} ({})", post.source, post.reader)),
    )?;
    fact(out, "url", post.url.as_ref().map(ToString::to_string))?;
    fact(out, "site", post.site.as_ref().map(ToString::to_string))?;
    fact(out, "author", post.author.as_ref().map(ToString::to_string))?;
    fact(out, "date", post.published.as_ref().map(|d| d.iso()))?;
    fact(
        out,
        "language",
        post.language.as_ref().map(ToString::to_string),
    )?;
    let tags: Vec<&str> = post.tags.iter().map(|t| t.as_str()).collect();
    fact(out, "tags", Some(tags.join(", ")).filter(|t| !t.is_empty()))?;
    for link in &post.links {
        let to = [link.title.as_deref(), link.url.as_deref()];
        let to: Vec<&str> = to.into_iter().flatten().collect();
        fact(out, &link.rel, Some(to.join(" ")))?;
    }
    for warning in &post.warnings {
        fact(out, "warning", Some(warning.to_string()))?;
    }
    for paragraph in post.body.split("\n\n").filter(|p| !p.is_empty()) {
        writeln!(out)?;
        for line in paragraph.lines() {
            writeln!(out, "{}", screen.paragraph(line, &[], 0, ""))?;
        }
    }
    for list in &post.tracklists {
        writeln!(out)?;
        track_list(list, screen, out)?;
    }
    if !post.comments.is_empty() || post.comments_stated.is_some() {
        let here = counted(post.comments.len() as u64, "comment", "comments");
        let stated = match post.comments_stated {
            Some(stated) if stated as usize != post.comments.len() => {
                format!(" of {stated} stated")
            }
            _ => String::new(),
        };
        writeln!(out, "\n{}", screen.bold(&format!("{here}{stated}")))?;
    }
    let mut depth_of: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for comment in &post.comments {
        let depth = comment
            .parent
            .as_ref()
            .and_then(|p| depth_of.get(p.as_str()))
            .map_or(0, |d| d + 1);
        depth_of.insert(&comment.id, depth);
        let indent = 2 + 2 * depth.min(6);
        let mut facts = vec![comment.author.as_deref().unwrap_or("a reader").to_owned()];
        facts.extend(comment.published.as_ref().map(|d| d.iso()));
        facts.extend(
            comment
                .likes
                .map(|l| counted(u64::from(l), "like", "likes")),
        );
        writeln!(out)?;
        let pad = " ".repeat(indent);
        let facts = screen.paragraph(&facts.join(" · "), &[], indent, "\x1b[2m");
        writeln!(out, "{pad}{facts}")?;
        for line in comment.text.lines().filter(|l| !l.is_empty()) {
            writeln!(out, "{pad}{}", screen.paragraph(line, &[], indent, ""))?;
        }
    }
    if !post.pings.is_empty() {
        let count = post.pings.len() as u64;
        writeln!(
            out,
            "\n{}",
            screen.dim(&counted(count, "pingback", "pingbacks"))
        )?;
    }
    Ok(())
}

fn track_list(list: &TrackList, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let heading = list.heading.as_deref().unwrap_or("Tracks");
    let facts = format!(
        "{}, {}, confidence {:.2}",
        counted(list.tracks.len() as u64, "row", "rows"),
        list.order.as_str(),
        list.confidence
    );
    writeln!(
        out,
        "{} {}",
        screen.bold(heading),
        screen.dim(&format!("({facts})"))
    )?;
    let mut section = None;
    for track in &list.tracks {
        if track.section != section {
            section.clone_from(&track.section);
            if let Some(section) = &section {
                writeln!(out, "  {}", screen.dim(section))?;
            }
        }
        let number = track
            .number
            .as_deref()
            .map_or_else(|| track.position.to_string(), str::to_owned);
        let lead = format!("  {number:>3}. ");
        let artist = list
            .artist_of(track)
            .map(|a| format!("{a} – "))
            .unwrap_or_default();
        let mut tails = Vec::new();
        tails.extend(track.album.as_ref().map(ToString::to_string));
        tails.extend(track.label.as_ref().map(ToString::to_string));
        tails.extend(track.year.map(|y| y.to_string()));
        tails.extend(
            track
                .duration_s
                .map(|d| format!("{}:{:02}", d / 60, d % 60)),
        );
        let tails = if tails.is_empty() {
            String::new()
        } else {
            format!(" ({})", tails.join(", "))
        };
        let text = format!("{artist}{}{tails}", track.title);
        writeln!(
            out,
            "{lead}{}",
            screen.paragraph(&text, &[], width(&lead), "")
        )?;
    }
    Ok(())
}

pub(super) fn run(report: &Report, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let rate = |n: u64| n as f64 / report.seconds.max(0.001);
    if report.dry_run {
        writeln!(out, "{}", screen.dim("dry run: nothing was written"))?;
    }
    writeln!(
        out,
        "{} with {}, {} and {} in the index",
        screen.bold(&posts(report.posts)),
        counted(report.tracks, "track", "tracks"),
        counted(report.comments, "comment", "comments"),
        counted(report.artists, "artist", "artists"),
    )?;
    writeln!(
        out,
        "{} new, {} changed, {} unchanged, {} removed, {} skipped, {} failed",
        report.new,
        report.changed,
        report.unchanged,
        report.removed,
        report.skipped.len(),
        report.failed.iter().map(Failure::documents).sum::<u64>()
    )?;
    if report.bytes == 0 && !report.dry_run {
        let took = format!("nothing to read ({:.2} s)", report.seconds);
        return writeln!(out, "{}", screen.dim(&took));
    }
    writeln!(
        out,
        "{}",
        screen.dim(&format!(
            "read {} in {:.2} s ({:.0} documents/s, {}/s)",
            bytes(report.bytes),
            report.seconds,
            rate(report.new + report.changed),
            bytes(rate(report.bytes) as u64),
        ))
    )
}

/// A size for people: binary units, three digits.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}
