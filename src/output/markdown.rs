//! `--format markdown`: for notes and wikis.
//!
//! In: an answer. Out: CommonMark with matches in bold and rows as ordered lists.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::paint::{safe, safe_lines};
use super::{Answer, Format, Screen, sheet};
use crate::model::{Mark, Post, Response};

/// CommonMark.
pub(super) struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, answer: &Answer<'_>, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        match answer {
            Answer::Search(response) => search(response, out),
            Answer::Inspection(documents, _) => {
                documents.each(&mut |one| one.posts.iter().try_for_each(|p| post(p, out)))
            }
            Answer::Post(archived) => post(&archived.post, out),
            Answer::Sheet(sheet) => sheet::write_markdown(*sheet, out),
            // Figures read the same in both.
            Answer::Run(_) => {
                writeln!(out, "```")?;
                super::text::PlainText.write(
                    answer,
                    &Screen {
                        color: false,
                        ..*screen
                    },
                    out,
                )?;
                writeln!(out, "```")
            }
        }
    }
}

fn search(response: &Response, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", escape(&safe(&response.query)))?;
    for note in &response.notes {
        writeln!(out, "> {}\n", escape(&note.text))?;
    }
    for hit in &response.hits {
        let title = marked(&hit.title, &hit.title_marks);
        let date = hit
            .published
            .as_ref()
            .map(|d| format!(" ({})", d.iso()))
            .unwrap_or_default();
        match &hit.url {
            Some(url) => writeln!(out, "{}. [{title}](<{}>){date}", hit.rank, address(url))?,
            None => writeln!(out, "{}. {title}{date}", hit.rank)?,
        }
        for track in &hit.evidence.tracks {
            let artist = track
                .artist
                .as_ref()
                .map(|a| format!("{} – ", marked(a, &track.marks.artist)))
                .unwrap_or_default();
            writeln!(
                out,
                "   - {artist}{}",
                marked(&track.title, &track.marks.title)
            )?;
        }
        if let Some(snippet) = &hit.evidence.snippet {
            writeln!(
                out,
                "   - {}",
                marked(&one_line(&snippet.text), &snippet.marks)
            )?;
        }
        for comment in &hit.evidence.comments {
            let author = comment
                .author
                .as_ref()
                .map(|a| format!("{}: ", escape(a)))
                .unwrap_or_default();
            writeln!(
                out,
                "   - {author}{}",
                marked(&one_line(&comment.text), &comment.marks)
            )?;
        }
    }
    Ok(())
}

fn post(post: &Post, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", escape(&post.title))?;
    let facts: Vec<String> = [
        post.published.as_ref().map(|d| d.iso()),
        post.author.as_ref().map(|a| escape(a)),
        post.url.as_ref().map(|u| format!("<{}>", address(u))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !facts.is_empty() {
        writeln!(out, "{}\n", facts.join(" · "))?;
    }
    for paragraph in post.body.split("\n\n").filter(|p| !p.is_empty()) {
        writeln!(out, "{}\n", escape(paragraph))?;
    }
    for list in &post.tracklists {
        writeln!(
            out,
            "## {}\n",
            escape(list.heading.as_deref().unwrap_or("Tracks"))
        )?;
        for track in &list.tracks {
            let artist = list
                .artist_of(track)
                .map(|a| format!("{} – ", escape(a)))
                .unwrap_or_default();
            writeln!(out, "{}. {artist}{}", track.position, escape(&track.title))?;
        }
        writeln!(out)?;
    }
    if !post.comments.is_empty() {
        writeln!(out, "## Comments\n")?;
        for comment in &post.comments {
            let author = comment.author.as_deref().unwrap_or("anonymous");
            writeln!(
                out,
                "- **{}**: {}",
                escape(author),
                escape(&one_line(&comment.text))
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// An address that cannot end the brackets around it; what is none of the web leads nowhere.
fn address(url: &str) -> String {
    let web = url.starts_with("http://") || url.starts_with("https://");
    let mut out = String::from(if web { "" } else { "#" });
    for c in url.chars() {
        match c {
            '<' | '>' | '\\' | ' ' | '"' | '\'' => {
                let _ = write!(out, "%{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

fn marked(text: &str, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in (0u32..).zip(text.chars()) {
        if marks.iter().any(|m| m.1 == at) {
            out.push_str("**");
        }
        if marks.iter().any(|m| m.0 == at) {
            out.push_str("**");
        }
        push_escaped(&mut out, c);
    }
    let end = text.chars().count() as u32;
    if marks.iter().any(|m| m.1 == end) {
        out.push_str("**");
    }
    out
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe_lines(text).chars() {
        push_escaped(&mut out, c);
    }
    out
}

fn push_escaped(out: &mut String, c: char) {
    if matches!(
        c,
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|'
    ) {
        out.push('\\');
    }
    out.push(c);
}
