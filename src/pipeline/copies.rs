//! Which posts are seen at several places?
//!
//! In: versions as they are read, places as they go. Out: posts that can be put at once (one place), and at
//! the end the set of changes for those with several. Bounded: versions kept for later are spilled to
//! nothing but the engine, through `Copies::take`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use super::read::lock;
use crate::model::{Archived, OriginKey, PostId, Version};

/// Owners of posts, and what waits for the end of the run.
#[derive(Default)]
pub(super) struct Copies {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Origins of every post of the index; most have one.
    owners: HashMap<u64, Vec<u64>>,
    waiting: BTreeMap<PostId, Change>,
}

/// What changes for one post with several places.
#[derive(Default)]
pub(super) struct Change {
    pub versions: Vec<Version>,
    pub gone: Vec<OriginKey>,
}

impl Copies {
    /// Starts with the owners that the ledger knows.
    pub fn new(known: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut owners: HashMap<u64, Vec<u64>> = HashMap::new();
        for (post, origin) in known {
            let owners = owners.entry(post);
            owners.or_insert_with(|| Vec::with_capacity(1)).push(origin);
        }
        Self {
            state: Mutex::new(State {
                owners,
                waiting: BTreeMap::new(),
            }),
        }
    }

    /// The post to put now, where this place is its only one; else the version waits.
    pub fn first(&self, version: Version) -> Option<Archived> {
        let mut state = lock(&self.state);
        let id = version.post.id;
        let owners = state.owners.entry(id.0);
        let owners = owners.or_insert_with(|| Vec::with_capacity(1));
        if !owners.contains(&version.origin.0) {
            owners.push(version.origin.0);
        }
        if owners.len() == 1 && !state.waiting.contains_key(&id) {
            return Some(Archived {
                post: version.post.clone(),
                versions: vec![version],
            });
        }
        state.waiting.entry(id).or_default().versions.push(version);
        None
    }

    /// A place no longer holds the post.
    pub fn gone(&self, post: u64, origin: OriginKey) {
        let mut state = lock(&self.state);
        if let Some(owners) = state.owners.get_mut(&post) {
            owners.retain(|o| *o != origin.0);
        }
        state
            .waiting
            .entry(PostId(post))
            .or_default()
            .gone
            .push(origin);
    }

    /// True where no place holds the post any more.
    pub fn is_orphan(&self, post: PostId) -> bool {
        lock(&self.state)
            .owners
            .get(&post.0)
            .is_none_or(Vec::is_empty)
    }

    /// Everything that waits.
    pub fn take(&self) -> BTreeMap<PostId, Change> {
        std::mem::take(&mut lock(&self.state).waiting)
    }
}
