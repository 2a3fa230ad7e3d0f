//! `deepcut stats`: what the index holds.
//!
//! In: the index. Out: counts, sizes, a timeline, the most listed artists and busiest commenters.

use std::collections::HashMap;

use clap::Args;
use deepcut::artist::Aliases;
use deepcut::engine::ReadEngine;
use deepcut::engine::artists::{ArtistSort, Artists};
use deepcut::output::{self, Answer, Overview};
use deepcut::pipeline;

use super::{FOUND, Session, index};

/// Languages, readers and sites that are named at least.
const LISTED: usize = 12;

/// Count what the index holds.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut stats
  deepcut stats --top 50
  deepcut stats --sources
  deepcut stats --format csv > counts.csv")]
pub(super) struct Stats {
    /// How many artists and commenters to name
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,
    /// Show what came from which source and reader, and which posts are nearly equal
    #[arg(long)]
    sources: bool,
}

pub(super) fn run(session: &Session, args: &Stats) -> anyhow::Result<u8> {
    let engine = index::open(session)?;
    if args.sources {
        session.write(&Answer::Sheet(&pipeline::origins(&engine)?))?;
        return Ok(FOUND);
    }
    let mut years: HashMap<String, u64> = HashMap::new();
    let mut languages = HashMap::new();
    let mut readers = HashMap::new();
    let mut sites = HashMap::new();
    let mut span: Option<(i64, i64)> = None;
    let mut commenters = HashMap::new();
    let count = |map: &mut HashMap<String, u64>, value: &str| match map.get_mut(value) {
        Some(n) => *n += 1,
        None => {
            map.insert(value.to_owned(), 1);
        }
    };
    engine.for_each(&mut |archived| {
        let post = &archived.post;
        let year = post.published.as_ref().map(|d| format!("{:04}", d.year));
        count(&mut years, year.as_deref().unwrap_or("unknown"));
        count(
            &mut languages,
            post.language.as_deref().unwrap_or("unknown"),
        );
        count(&mut readers, &post.reader);
        if let Some(site) = &post.site {
            count(&mut sites, site);
        }
        if let Some(date) = &post.published {
            let key = date.key();
            let (first, last) = span.unwrap_or((key, key));
            span = Some((first.min(key), last.max(key)));
        }
        for comment in &post.comments {
            if let Some(author) = &comment.author {
                count(&mut commenters, author);
            }
        }
        true
    })?;
    let mut years: Vec<(String, u64)> = years.into_iter().collect();
    years.sort();
    let aliases = Aliases::load(&session.config.index)?;
    let known = Artists::read(&engine, &aliases)?;
    let artists = known.list(None, ArtistSort::Tracks, 0, args.top)?;
    let overview = Overview {
        failed: pipeline::failures(&engine)?,
        span: span.map(|(first, last)| (output::date(first), output::date(last))),
        index: session.config.index_dir().display().to_string(),
        statistics: engine.statistics()?,
        roots: pipeline::roots(&engine)?,
        years,
        languages: most(languages, args.top.max(LISTED)),
        readers: most(readers, args.top.max(LISTED)),
        sites: most(sites, args.top.max(LISTED)),
        artists_total: artists.total,
        artists: artists
            .artists
            .iter()
            .map(|a| (a.artist.name.clone(), a.tracks))
            .collect(),
        commenters: most(commenters, args.top),
    };
    session.write(&Answer::Sheet(&overview))?;
    Ok(FOUND)
}

/// The most frequent values; equal ones by name.
fn most(counts: HashMap<String, u64>, top: usize) -> Vec<(String, u64)> {
    let mut sorted: Vec<(String, u64)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted.truncate(top);
    sorted
}
