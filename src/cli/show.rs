//! `deepcut show`: one post of the index, whole.
//!
//! In: an id, an address, or words. Out: the post with rows and comments; exit 1 where there is none.

use clap::Args;
use deepcut::engine::tantivy::Access;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::model::{Archived, PostId};
use deepcut::output::Answer;
use deepcut::query;

use super::{FOUND, NOTHING, Session, index};

/// Print one post of the index.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut show text/soundtrack-saturday-rocky-iv.txt
  deepcut show Soundtrack Saturday Rocky
  deepcut show 5d1f0c9be2a47733 --format json")]
pub(super) struct Show {
    /// Its id (as search prints it in JSON), its address, its source path, or words of its title
    #[arg(value_name = "POST", required = true)]
    post: Vec<String>,
}

pub(super) fn run(session: &Session, args: &Show) -> anyhow::Result<u8> {
    let engine = index::open_for(session, Access::Places)?;
    let wanted = args.post.join(" ");
    match find(&engine, &wanted)? {
        Some(found) => {
            session.write(&Answer::Post(&found))?;
            Ok(FOUND)
        }
        None => {
            unknown(session, &wanted);
            Ok(NOTHING)
        }
    }
}

/// Says that there is no such post.
pub(super) fn unknown(session: &Session, wanted: &str) {
    session.say(&format!("no post is called {wanted}"));
    session.say("hint: find its id with `deepcut search --format json`");
}

pub(super) fn find(engine: &impl ReadEngine, wanted: &str) -> anyhow::Result<Option<Archived>> {
    if wanted.len() == 16
        && let Ok(id) = wanted.parse::<PostId>()
        && let Some(found) = engine.get(id)?
    {
        return Ok(Some(found));
    }
    for id in [PostId::of_url(wanted), PostId::of_place(wanted, "")] {
        if let Some(found) = engine.get(id)? {
            return Ok(Some(found));
        }
    }
    let (path, entry) = wanted.split_once('#').unwrap_or((wanted, ""));
    if let Some(found) = engine.get(PostId::of_place(path, entry))? {
        return Ok(Some(found));
    }
    // A post that states its address is known by that; where it lies is then written in it alone.
    if !wanted.contains(' ') && wanted.contains(['/', '.']) {
        let mut found = None;
        engine.for_each(&mut |archived| {
            let mut places = archived.versions.iter().map(|v| v.post.source.as_str());
            if archived.post.source.as_str() == wanted || places.any(|place| place == wanted) {
                found = Some(archived);
            }
            found.is_none()
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let response = engine.search(
        &query::parse(wanted),
        &SearchOptions {
            exact: true,
            ..SearchOptions::new(wanted, 1)
        },
    )?;
    match response.hits.first() {
        Some(hit) => Ok(engine.get(hit.id)?),
        None => Ok(None),
    }
}
