//! `deepcut artists` and `deepcut artist`: who is in the archive.
//!
//! In: a pattern, or a name. Out: the list of artists, or the page of one; exit 1 where there is none.

use clap::{Args, ValueEnum};
use deepcut::artist::Aliases;
use deepcut::engine::artists::{ArtistSort, Artists as Known};
use deepcut::output::{Answer, Unknown};

use super::{FOUND, NOTHING, Session, complete, index};

/// Names near an unknown one that are offered.
const OFFERED: usize = 8;

/// List the artists of the archive with what it has of them.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut artists                     the most listed first
  deepcut artists tepper              whose name has this in it
  deepcut artists 'the *' --sort name
  deepcut artists --sort last --limit 20 --format csv

Spellings that differ only in case, accents, quotes, dashes or dots are one artist; others are joined by
`deepcut alias join`. \"A feat. B\" counts for both. \"A & B\" is one artist, unless the archive knows its parts
better. Comments are those that have the name, its words in a row.")]
pub(super) struct Artists {
    /// Part of a name; * and ? stand for letters of the whole name
    #[arg(value_name = "PATTERN")]
    pattern: Vec<String>,
    /// The order of the list
    #[arg(long, value_enum, default_value_t = Sort::Posts, value_name = "ORDER")]
    sort: Sort,
    /// How many artists to show
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    /// How many artists to skip
    #[arg(long, default_value_t = 0, value_name = "N")]
    offset: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Posts,
    Tracks,
    Comments,
    Name,
    First,
    Last,
}

pub(super) fn list(session: &Session, args: &Artists) -> anyhow::Result<u8> {
    let engine = index::open(session)?;
    let aliases = Aliases::load(&session.config.index)?;
    let known = Known::read(&engine, &aliases)?;
    let sort = match args.sort {
        Sort::Posts => ArtistSort::Posts,
        Sort::Tracks => ArtistSort::Tracks,
        Sort::Comments => ArtistSort::Comments,
        Sort::Name => ArtistSort::Name,
        Sort::First => ArtistSort::First,
        Sort::Last => ArtistSort::Last,
    };
    let pattern = args.pattern.join(" ");
    let pattern = Some(pattern.as_str()).filter(|p| !p.is_empty());
    let found = known.list(pattern, sort, args.offset, args.limit)?;
    session.write(&Answer::Sheet(&found))?;
    Ok(if found.total == 0 { NOTHING } else { FOUND })
}

/// Show what the archive has of one artist: rows, mentions, years, company.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut artist Robert Tepper
  deepcut artist 'AC/DC' --limit 100
  deepcut artist Survivor --support 3 --format json

\"Shares listings with\" names artists in the same posts, ordered by how many times more often than by chance;
--support is the least number of posts that count.")]
pub(super) struct Artist {
    /// The artist's name, in any spelling
    #[arg(value_name = "NAME", required = true, add = complete::artists())]
    name: Vec<String>,
    /// How many rows, mentions and companions to show
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Posts that must list both for company
    #[arg(long, default_value_t = 2, value_name = "N")]
    support: u64,
}

pub(super) fn page(session: &Session, args: &Artist) -> anyhow::Result<u8> {
    let engine = index::open(session)?;
    let aliases = Aliases::load(&session.config.index)?;
    let known = Known::read(&engine, &aliases)?;
    let name = args.name.join(" ");
    match known.page(&name, args.support, args.limit)? {
        Some(page) => {
            session.write(&Answer::Sheet(&page))?;
            Ok(FOUND)
        }
        None => {
            let near = known.near(&name, OFFERED);
            session.write(&Answer::Sheet(&Unknown { name: &name, near }))?;
            Ok(NOTHING)
        }
    }
}
