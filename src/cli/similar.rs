//! `deepcut similar`: posts like one.
//!
//! In: a post. Out: posts that list the same artists or have the same rare words, and which; exit 1 where
//! there is none.

use clap::Args;
use deepcut::artist::{self, Aliases};
use deepcut::engine::ReadEngine;
use deepcut::model::PostRef;
use deepcut::output::{Answer, RelatedPosts};

use super::{FOUND, NOTHING, Session, index, show};

/// Find posts that have artists and rare words in common with one, and say which.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut similar text/soundtrack-saturday-rocky-iv.txt
  deepcut similar Rocky IV --limit 3 --format json")]
pub(super) struct Similar {
    /// Its id (as search prints it in JSON), its address, its source path, or words of its title
    #[arg(value_name = "POST", required = true)]
    post: Vec<String>,
    /// How many posts to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    limit: usize,
}

pub(super) fn run(session: &Session, args: &Similar) -> anyhow::Result<u8> {
    let engine = index::open(session)?;
    let wanted = args.post.join(" ");
    let Some(found) = show::find(&engine, &wanted)? else {
        show::unknown(session, &wanted);
        return Ok(NOTHING);
    };
    let aliases = Aliases::load(&session.config.index)?;
    let same = |key: &str| -> Vec<String> {
        let others = aliases.others(key);
        others.into_iter().map(artist::key).collect()
    };
    let related = engine.related(&found, &same, args.limit)?;
    let nothing = related.is_empty();
    session.write(&Answer::Sheet(&RelatedPosts {
        post: PostRef::of(&found.post),
        related,
    }))?;
    Ok(if nothing { NOTHING } else { FOUND })
}
