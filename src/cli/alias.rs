//! `deepcut alias`: names that are one artist, as the user says.
//!
//! In: names. Out: `aliases.toml` beside the index, edited; joins worth a look.

use clap::{Args, Subcommand};
use deepcut::artist::{ALIASES_FILE, Aliases};
use deepcut::engine::artists::Artists;
use deepcut::engine::tantivy::TantivyReader;
use deepcut::output::{AliasList, Answer, Suggestions};

use super::{FOUND, NOTHING, Session, complete, index};

const EXAMPLES: &str = "\
Examples:
  deepcut alias suggest
  deepcut alias join \"Vinnie DiCola\" \"Vince DiCola\"
  deepcut alias split \"Vince DiCola\"
  deepcut alias split \"Hearts of Fire\" \"Hearts on Fire\"
  deepcut alias list

Joins stand in aliases.toml beside the index. The file is yours: edit it as you like. It is read whenever a
question is asked; the index holds nothing of it, so that a split undoes a join at once.";

/// Say which names are one artist.
#[derive(Subcommand)]
#[command(after_long_help = EXAMPLES)]
pub(super) enum Alias {
    /// Propose joins, with what speaks for them; nothing is joined
    Suggest(Suggest),
    /// Make names one artist; the first is the name that is shown
    Join(Join),
    /// Take a name out of its join; two names are kept apart from then on
    Split(Split),
    /// Show what is joined and what is kept apart
    List,
}

#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut alias suggest
  deepcut alias suggest --limit 100 --format csv")]
pub(super) struct Suggest {
    /// How many pairs to show
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
}

#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut alias join \"Vince DiCola\" \"Vinnie DiCola\"")]
pub(super) struct Join {
    /// The names, the one to show first
    #[arg(value_name = "NAME", required = true, num_args = 2.., add = complete::artists())]
    names: Vec<String>,
}

#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut alias split \"Vinnie DiCola\"
  deepcut alias split \"Hearts of Fire\" \"Hearts on Fire\"")]
pub(super) struct Split {
    /// One name to take out, or two to keep apart
    #[arg(value_name = "NAME", required = true, add = complete::artists())]
    names: Vec<String>,
}

pub(super) fn run(session: &Session, alias: &Alias) -> anyhow::Result<u8> {
    let dir = &session.config.index;
    let aliases = Aliases::load(dir)?;
    let changed = match alias {
        Alias::Suggest(args) => {
            let engine = index::open(session)?;
            let found = Artists::read(&engine, &aliases)?.suggestions(args.limit)?;
            let nothing = found.is_empty();
            session.write(&Answer::Sheet(&Suggestions(found)))?;
            return Ok(if nothing { NOTHING } else { FOUND });
        }
        Alias::Join(args) => {
            check(session, &aliases, &args.names)?;
            aliases.join(&args.names)?
        }
        Alias::Split(args) => aliases.split(&args.names)?,
        Alias::List => {
            show(session, &aliases)?;
            return Ok(FOUND);
        }
    };
    changed.save(dir)?;
    show(session, &changed)?;
    Ok(FOUND)
}

fn show(session: &Session, aliases: &Aliases) -> anyhow::Result<()> {
    let file = session.config.index.join(ALIASES_FILE);
    session.write(&Answer::Sheet(&AliasList {
        file: file.display().to_string(),
        aliases,
    }))
}

/// Says which names the archive does not list; they may come later, so it is no error.
fn check(session: &Session, aliases: &Aliases, names: &[String]) -> anyhow::Result<()> {
    if !TantivyReader::exists(&session.config.index_dir()) {
        return Ok(());
    }
    let engine = index::open(session)?;
    let known = Artists::read(&engine, aliases)?;
    for name in names.iter().filter(|name| !known.lists(name)) {
        session.say(&format!("note: no row credits {name} yet"));
    }
    Ok(())
}
