//! A post as the index keeps it: the merged view, and the version of each place it was seen at.
//!
//! In: versions from extraction, a merged post from `resolve`. Out: both, so that a merge can be
//! undone when a place goes. Must not know how versions are merged.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Post;

/// The place of one version: XXH3-64 of root, path and entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OriginKey(pub u64);

/// The post as one place has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub origin: OriginKey,
    /// False where the place holds comments of the post and not the post.
    pub whole: bool,
    /// When the place was captured from the living site, in seconds since 1970, where it says so.
    pub captured: Option<i64>,
    pub post: Arc<Post>,
}

/// A post with all its places. `post` is the merge of `versions` with ambiguous lists settled: where there is one place,
/// nearly always the same as its version, and not copied.
#[derive(Clone, Debug, PartialEq)]
pub struct Archived {
    pub post: Arc<Post>,
    /// Sorted by origin; at least one.
    pub versions: Vec<Version>,
}
