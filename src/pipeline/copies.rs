//! Which posts are seen at several places?
//!
//! In: versions as they are read, places as they go. Out: posts that can be put at once (one place), and at
//! the end the set of changes for those with several. Bounded: versions kept for later are spilled to
//! nothing but the engine, through `Copies::take`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use super::read::lock;
use crate::engine::ReadEngine;
use crate::error::Result;
use crate::model::{Archived, OriginKey, PostId, Version};

/// Owners of posts, and what waits for the end of the run.
#[derive(Default)]
pub(super) struct Copies<'a> {
    state: Mutex<State>,
    /// Who is asked for owners that are not known yet.
    published: Option<Published<'a>>,
}

#[derive(Default)]
struct State {
    /// Origins of posts; most have one.
    owners: HashMap<u64, Vec<u64>>,
    waiting: BTreeMap<PostId, Change>,
}

/// The index that a run changes, and what the ledger says of identities with several posts.
struct Published<'a> {
    engine: &'a dyn ReadEngine,
    shared: &'a BTreeMap<u64, Vec<u64>>,
}

/// What changes for one post with several places.
#[derive(Default)]
pub(super) struct Change {
    pub versions: Vec<Version>,
    pub gone: Vec<OriginKey>,
}

impl<'a> Copies<'a> {
    /// Starts with all owners that the ledger knows.
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
            published: None,
        }
    }

    /// Asks the index for the owners of each post that comes up: for runs with few of them.
    pub fn asking(engine: &'a dyn ReadEngine, shared: &'a BTreeMap<u64, Vec<u64>>) -> Self {
        Self {
            state: Mutex::default(),
            published: Some(Published { engine, shared }),
        }
    }

    /// Learns the owners of a post.
    fn learn(&self, post: u64) -> Result<()> {
        let Some(published) = &self.published else {
            return Ok(());
        };
        if lock(&self.state).owners.contains_key(&post) {
            return Ok(());
        }
        let several = published.shared.get(&post);
        let mut owners = Vec::new();
        for id in several.map_or(&[post][..], Vec::as_slice) {
            if let Some(archived) = published.engine.get(PostId(*id))? {
                owners.extend(archived.versions.iter().map(|v| v.origin.0));
            }
        }
        lock(&self.state).owners.entry(post).or_insert(owners);
        Ok(())
    }

    /// The post to put now, where this place is its only one; else the version waits.
    ///
    /// # Errors
    /// Where the index cannot be asked.
    pub fn first(&self, version: Version) -> Result<Option<Archived>> {
        let id = version.post.id;
        self.learn(id.0)?;
        let mut state = lock(&self.state);
        let owners = state.owners.entry(id.0);
        let owners = owners.or_insert_with(|| Vec::with_capacity(1));
        if !owners.contains(&version.origin.0) {
            owners.push(version.origin.0);
        }
        if owners.len() == 1 && !state.waiting.contains_key(&id) {
            return Ok(Some(Archived {
                post: Arc::clone(&version.post),
                versions: vec![version],
            }));
        }
        state.waiting.entry(id).or_default().versions.push(version);
        Ok(None)
    }

    /// A place no longer holds the post.
    ///
    /// # Errors
    /// Where the index cannot be asked.
    pub fn gone(&self, post: u64, origin: OriginKey) -> Result<()> {
        self.learn(post)?;
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
        Ok(())
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
