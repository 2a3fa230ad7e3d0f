//! `deepcut stats`: what the index holds.
//!
//! In: the index. Out: counts, sizes, a timeline, the most listed artists and busiest commenters.

use std::collections::HashMap;

use clap::Args;
use deepcut::artist::Aliases;
use deepcut::engine::ReadEngine;
use deepcut::output::{Answer, Overview};
use deepcut::pipeline;

use super::{FOUND, Session, index};

/// Count what the index holds.
#[derive(Args)]
pub(super) struct Stats {
    /// How many artists, commenters and sites to name
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,
}

pub(super) fn run(session: &Session, args: &Stats) -> anyhow::Result<u8> {
    let engine = index::open(session)?;
    let aliases = Aliases::load(&session.config.index)?;
    let mut years: HashMap<String, u64> = HashMap::new();
    let mut languages = HashMap::new();
    let mut readers = HashMap::new();
    let mut sites = HashMap::new();
    let mut artists = HashMap::new();
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
        for list in &post.tracklists {
            for track in &list.tracks {
                if let Some(artist) = list.artist_of(track) {
                    count(&mut artists, aliases.shown(artist));
                }
            }
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
    let overview = Overview {
        index: session.config.index_dir().display().to_string(),
        statistics: engine.statistics()?,
        roots: pipeline::roots(&engine)?,
        years,
        languages: most(languages, args.top),
        readers: most(readers, args.top),
        sites: most(sites, args.top),
        artists: most(artists, args.top),
        commenters: most(commenters, args.top),
    };
    session.write(&Answer::Statistics(&overview))?;
    Ok(FOUND)
}

/// The most frequent values; equal ones by name.
fn most(counts: HashMap<String, u64>, top: usize) -> Vec<(String, u64)> {
    let mut sorted: Vec<(String, u64)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted.truncate(top);
    sorted
}
