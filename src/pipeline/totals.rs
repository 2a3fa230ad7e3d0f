//! How much does the index hold?
//!
//! In: the index, and what a run changed. Out: counts for the report. They are noted with the publication, so that a run that
//! changes little counts only what it changed, and one that changes nothing counts nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Report;
use crate::artist::{Aliases, Roster};
use crate::engine::{Change, ReadEngine};
use crate::error::Result;

/// The note's name.
const NAME: &str = "totals";

/// Counts of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Totals {
    posts: u64,
    tracks: u64,
    comments: u64,
    artists: u64,
    /// What the user had joined when the artists were counted.
    aliases: u64,
}

impl Totals {
    /// Those that were noted with a publication, where they are still right.
    pub fn noted(engine: &dyn ReadEngine, aliases: &Aliases) -> Option<Self> {
        let noted: Self = serde_json::from_str(engine.noted(NAME)?).ok()?;
        (noted.aliases == aliases.fingerprint()).then_some(noted)
    }

    /// Counts all there is.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn counted(engine: &dyn ReadEngine, aliases: &Aliases) -> Result<Self> {
        let all = engine.statistics()?;
        Ok(Self {
            posts: all.posts,
            tracks: all.tracks,
            comments: all.comments,
            // As many as `artists` lists.
            artists: Roster::new(&engine.credits()?, aliases).artists.len() as u64,
            aliases: aliases.fingerprint(),
        })
    }

    /// What these become; `None` where the artists have to be counted again.
    pub fn changed(self, change: Change) -> Option<Self> {
        (!change.credits).then_some(Self {
            posts: self.posts.checked_add_signed(change.posts)?,
            tracks: self.tracks.checked_add_signed(change.tracks)?,
            comments: self.comments.checked_add_signed(change.comments)?,
            ..self
        })
    }

    /// The note that keeps them: name and text.
    pub fn note(&self) -> (&'static str, String) {
        (NAME, serde_json::to_string(self).unwrap_or_default())
    }

    /// Enters them in a report.
    pub fn tell(self, report: &mut Report) {
        report.posts = self.posts;
        report.tracks = self.tracks;
        report.comments = self.comments;
        report.artists = self.artists;
    }
}

/// What the user has joined. A file of aliases that is not understood is told of where names are asked for.
pub(super) fn aliases(index: &Path) -> Aliases {
    let aliases = index.parent().map(Aliases::load).transpose();
    aliases.ok().flatten().unwrap_or_default()
}
