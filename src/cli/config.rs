//! `deepcut config`: every setting, its value, and where that came from.
//!
//! In: settings. Out: a table of them and the files that were looked for.

use clap::Args;
use deepcut::output::{Answer, SettingsTable};

use super::{FOUND, Session};

/// Show every setting with its value and where that came from.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut config
  deepcut config --json
  DEEPCUT_LIMIT=3 deepcut config

A flag beats a DEEPCUT_* variable, which beats the nearest deepcut.toml upward from here, which beats the
user's own. Paths in a file start from its folder:

  index = \"index\"
  sources = [\"posts\", \"old-blog.jsonl\"]")]
pub(super) struct Config {}

pub(super) fn run(session: &Session) -> anyhow::Result<u8> {
    session.write(&Answer::Sheet(&SettingsTable {
        settings: &session.config.settings,
        places: &session.config.places,
    }))?;
    Ok(FOUND)
}
