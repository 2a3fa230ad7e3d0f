//! `deepcut search`: the main job.
//!
//! In: words and options. Out: a ranked answer; exit 1 where nothing is found. Builds the index first where
//! there is none yet.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use deepcut::artist::Aliases;
use deepcut::engine::tantivy::{Access, TantivyReader};
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::error::Error;
use deepcut::output::{self, Answer, SCHEMA};
use deepcut::query;

use super::{FOUND, NOTHING, Session, complete, index};

const EXAMPLES: &str = "\
Examples:
  deepcut search Robert Tepper               posts, rows and comments that name him
  deepcut search '\"no easy way out\"' -live    a phrase, without a word
  deepcut search artist:survivor track:heart  one row that has both
  deepcut search tepper in:comments           comments only
  deepcut search soundtrack date:1985..1987 sort:oldest
  deepcut search tepper --format json

The query language, whole in `deepcut help query`:

  words        all of them, anywhere in a post
  \"a phrase\"   words in a row; \"a phrase\"~3 with gaps
  word*        words that begin so; word~ those near it
  -not  OR  ( )
  title: body: artist: track: comment: by: author: tag: site: lang:
  date:1985..1987  after:1985-03  before:1990  likes:>3  has:tracks
  in:posts|tracks|comments  sort:newest|oldest|comments";

/// Ask the archive: posts, rows and comments that match, best first.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Search {
    /// What to look for; a word that starts with - is what posts must lack
    #[arg(value_name = "WORDS", add = complete::query())]
    pub(super) words: Vec<String>,
    /// How many posts to show [default: 10]
    #[arg(long, short = 'n', value_name = "N")]
    pub(super) limit: Option<usize>,
    /// How many posts to skip
    #[arg(long, default_value_t = 0, value_name = "N")]
    offset: usize,
    /// relevance, newest, oldest or comments
    #[arg(long, value_name = "ORDER", add = complete::orders())]
    sort: Option<String>,
    /// Count years, artists, tags, authors, sites and kinds
    #[arg(long)]
    facets: bool,
    /// Nothing relaxed, nothing corrected: all words as typed
    #[arg(long)]
    pub(super) exact: bool,
    /// Say how each score came about
    #[arg(long)]
    explain: bool,
    /// Say how the query is understood, and search nothing
    #[arg(long)]
    explain_query: bool,
    /// Bring this folder or file up to date in the index first
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,
}

/// Marks an argument that starts with a dash and is a word of the query; see [`mark_words`].
pub(super) const WORD: char = '\u{1}';

/// Commands whose arguments are a query.
const ASKING: &[&str] = &["search", "tracks", "export"];

/// Marks negations among the arguments of a query: what starts with one dash and is no flag. The parser of
/// arguments cannot tell them from flags once it takes dashes at all.
pub(super) fn mark_words(args: Vec<OsString>) -> Vec<OsString> {
    let Some(start) = args
        .iter()
        .skip(1)
        .position(|a| ASKING.iter().any(|asking| a == asking))
    else {
        return args;
    };
    args.into_iter()
        .enumerate()
        .map(|(at, arg)| match arg.to_str() {
            Some(text) if at > start + 1 && is_negation(text) => format!("{WORD}{text}").into(),
            _ => arg,
        })
        .collect()
}

pub(super) fn is_negation(arg: &str) -> bool {
    const SHORT_FLAGS: &str = "qvhVn";
    arg.strip_prefix('-').is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('-') && !rest.chars().all(|c| SHORT_FLAGS.contains(c))
    })
}

/// The query that words on the command line make.
pub(super) fn words(words: &[String]) -> String {
    let words: Vec<&str> = words.iter().map(|w| w.trim_start_matches(WORD)).collect();
    words.join(" ")
}

/// An answer of more posts reads more than a few places of the index.
const SHORT: usize = 100;

/// The order of a word after `--sort`.
pub(super) fn sort(word: Option<&str>) -> Result<Option<query::Sort>, Error> {
    let Some(word) = word else {
        return Ok(None);
    };
    query::sort(word).map(Some).ok_or_else(|| {
        Error::usage(
            format!("there is no order {word}"),
            "use --sort relevance, newest, oldest or comments",
        )
    })
}

pub(super) fn run(session: &Session, args: &Search) -> anyhow::Result<u8> {
    let sort = sort(args.sort.as_deref())?;
    let dir = session.config.index_dir();
    let text = words(&args.words);
    let understood = query::parse(&text);
    if args.explain_query {
        return explain_query(session, &text, &understood);
    }
    if !args.from.is_empty() {
        index::refresh(session, &args.from)?;
    } else if !TantivyReader::exists(&dir) {
        index::first(session)?;
    }
    let started = Instant::now();
    let options = SearchOptions {
        text,
        offset: args.offset,
        limit: args.limit.unwrap_or(session.config.limit),
        sort,
        facets: args.facets,
        exact: args.exact,
        explain: args.explain,
    };
    let access = match options.first(&understood) {
        Some(posts) if posts <= SHORT => Access::Places,
        _ => Access::Whole,
    };
    let engine = index::open_for(session, access)?;
    let opened = started.elapsed();
    let aliases = Aliases::load(&session.config.index)?;
    let understood = query::widen(understood, &aliases);
    let mut response = engine.search(&understood, &options)?;
    session.detail(&format!(
        "{}: opened in {:.1} ms; read as {}; answered in {:.1} ms",
        dir.display(),
        opened.as_secs_f64() * 1000.0,
        understood.understood(),
        response.took_ms
    ));
    let mut notes = understood.notes;
    notes.retain(|note| !response.notes.contains(note));
    notes.append(&mut response.notes);
    response.notes = notes;
    session.write(&Answer::Search(&response))?;
    // The process ends: the system takes maps and memory back faster at a stroke than one by one.
    std::mem::forget(engine);
    let found = response.total > 0;
    std::mem::forget(response);
    Ok(if found { FOUND } else { NOTHING })
}

/// `--explain-query`: what was understood, and what was odd.
fn explain_query(session: &Session, text: &str, query: &query::Query) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    if session.json() {
        let notes: Vec<_> = query
            .notes
            .iter()
            .map(|n| serde_json::json!({"code": n.code, "text": n.text}))
            .collect();
        let all = serde_json::json!({
            "schema": SCHEMA,
            "query": text,
            "understood": query.understood(),
            "notes": notes,
        });
        writeln!(out, "{}", output::json_text(&all))?;
    } else {
        writeln!(out, "{}", output::safe(&query.understood()))?;
        for note in &query.notes {
            writeln!(out, "note: {}", output::safe(&note.text))?;
        }
    }
    Ok(FOUND)
}
