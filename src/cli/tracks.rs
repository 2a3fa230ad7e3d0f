//! `deepcut tracks` and `deepcut export`: the rows of an answer, to read or as a playlist.
//!
//! In: a query. Out: rows; exit 1 where there is none.

use std::io::Write;

use clap::{Args, ValueEnum};
use deepcut::artist::Aliases;
use deepcut::engine::rows::{self, RowOptions, Rows};
use deepcut::error::Error;
use deepcut::output::{self, Answer};
use deepcut::query;

use super::{FOUND, NOTHING, Session, complete, index, search};

const ROWS: &str = "\
The rows are those that have the words of the query themselves. Where no row has them all, those that have most
of them; where none has any, every row of the posts that match. Conditions on posts (date: tag: title: site: …)
choose posts, not rows; a query of such conditions alone gives whole listings, and so does --whole.";

/// List the track rows that match, post by post.
#[derive(Args)]
#[command(after_long_help = format!("\
Examples:
  deepcut tracks tepper
  deepcut tracks artist:survivor --sort oldest
  deepcut tracks tag:soundtrack date:1985..1987 --format csv
  deepcut tracks supernatural --whole

{ROWS}"))]
pub(super) struct Tracks {
    #[command(flatten)]
    asked: Asked,
    /// How many rows to show
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    /// How many rows to skip
    #[arg(long, default_value_t = 0, value_name = "N")]
    offset: usize,
}

/// Write the track rows that match as a playlist.
#[derive(Args)]
#[command(after_long_help = format!("\
Examples:
  deepcut export artist:tepper --to xspf > tepper.xspf
  deepcut export tag:soundtrack date:1985 --to m3u8 --limit 100
  deepcut export \"rocky\" --whole --to csv

{ROWS}"))]
pub(super) struct Export {
    #[command(flatten)]
    asked: Asked,
    /// The form of the playlist
    #[arg(long, value_enum, default_value_t = Form::Xspf, value_name = "FORM")]
    to: Form,
    /// How many rows to write [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Args)]
struct Asked {
    /// What to look for, as `deepcut search` takes it
    #[arg(value_name = "WORDS", required = true, add = complete::query())]
    words: Vec<String>,
    /// Order of the posts: relevance, newest, oldest or comments
    #[arg(long, value_name = "ORDER", add = complete::orders())]
    sort: Option<String>,
    /// Every row of the posts that match
    #[arg(long)]
    whole: bool,
    /// Nothing relaxed, nothing corrected: all words as typed
    #[arg(long)]
    exact: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Xspf,
    Jspf,
    M3u8,
    Csv,
    Jsonl,
    Markdown,
}

pub(super) fn list(session: &Session, args: &Tracks) -> anyhow::Result<u8> {
    let rows = find(session, &args.asked, args.offset, args.limit)?;
    session.write(&Answer::Sheet(&rows))?;
    Ok(if rows.total == 0 { NOTHING } else { FOUND })
}

pub(super) fn export(session: &Session, args: &Export) -> anyhow::Result<u8> {
    let rows = find(session, &args.asked, 0, args.limit.unwrap_or(usize::MAX))?;
    for note in &rows.notes {
        session.say(&format!("note: {}", note.text));
    }
    if rows.total == 0 {
        session.say(&format!("no row found for {}", rows.query));
        return Ok(NOTHING);
    }
    let name = match args.to {
        Form::Xspf => "xspf",
        Form::Jspf => "jspf",
        Form::M3u8 => "m3u8",
        Form::Csv => "csv",
        Form::Jsonl => "jsonl",
        Form::Markdown => "markdown",
    };
    let form = output::playlist(name)
        .ok_or_else(|| Error::usage(format!("no form {name}"), "see --help"))?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    form.write(&rows, &mut out)?;
    out.flush()?;
    Ok(FOUND)
}

fn find(session: &Session, asked: &Asked, offset: usize, limit: usize) -> anyhow::Result<Rows> {
    let text = search::words(&asked.words);
    let sort = search::sort(asked.sort.as_deref())?;
    let engine = index::open(session)?;
    let aliases = Aliases::load(&session.config.index)?;
    let understood = query::widen(query::parse(&text), &aliases);
    let options = RowOptions {
        text,
        offset,
        limit,
        sort,
        whole: asked.whole,
        exact: asked.exact,
    };
    let mut rows = rows::rows(&engine, &understood, &options)?;
    let mut notes = understood.notes;
    notes.retain(|note| !rows.notes.contains(note));
    notes.append(&mut rows.notes);
    rows.notes = notes;
    Ok(rows)
}
