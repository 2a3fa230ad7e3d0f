//! What came from where?
//!
//! In: an index with its ledger. Out: for each root and reader how much it brought, and how much of that other
//! places have too; posts of which only comments are known; posts that are nearly equal. Reads no source.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::standing;
use crate::engine::ReadEngine;
use crate::error::Result;
use crate::model::{OriginKey, PostId, Text};
use crate::resolve::Near;

/// What one reader found in one root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub root: String,
    /// "" for files that gave nothing.
    pub reader: String,
    pub files: u64,
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    /// Of `posts`: those that other places have too.
    pub shared: u64,
    /// Threads that were joined with a post of another place.
    pub joined: u64,
    /// Threads whose post is at no place.
    pub alone: u64,
    /// Documents that could not be read.
    pub failed: u64,
}

/// A post as a report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: PostId,
    pub title: Text,
    /// Path and entry of one of its places.
    pub source: Text,
}

/// Where everything in an index came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// By root, then reader.
    pub shares: Vec<Share>,
    /// Groups of posts that are nearly equal and are not merged.
    pub near: Vec<Vec<Named>>,
}

/// Counts what came from where.
///
/// # Errors
/// Where the index cannot be read.
pub fn origins(engine: &dyn ReadEngine) -> Result<Origins> {
    let ledger = standing::load_whole(engine)?;
    let roots: Vec<&String> = ledger.roots.keys().collect();
    // Root and file of every place.
    let mut places: HashMap<u64, (usize, usize)> = HashMap::new();
    let mut failures: Vec<(usize, u64)> = Vec::new();
    for (at, root) in ledger.roots.values().enumerate() {
        for file in root.files.values() {
            let number = failures.len();
            let failed = file.failed.iter();
            let failed = failed.map(|(entry, reason)| super::documents(entry, reason));
            failures.push((at, failed.sum()));
            for (_, origin) in file.posts() {
                places.insert(origin, (at, number));
            }
        }
    }
    let mut shares: BTreeMap<(usize, Text), Share> = BTreeMap::new();
    let mut files: BTreeMap<(usize, Text), HashSet<usize>> = BTreeMap::new();
    let mut readers: HashMap<usize, Text> = HashMap::new();
    let mut near = Near::default();
    engine.for_each(&mut |archived| {
        let whole = archived.versions.iter().filter(|v| v.whole).count();
        if whole > 0 {
            near.add(&archived.post);
        }
        for version in &archived.versions {
            let OriginKey(origin) = version.origin;
            let Some((root, file)) = places.get(&origin).copied() else {
                continue;
            };
            let reader = &version.post.reader;
            let key = (root, reader.clone());
            files.entry(key.clone()).or_default().insert(file);
            readers.entry(file).or_insert_with(|| reader.clone());
            let share = shares.entry(key).or_default();
            if version.whole {
                share.posts += 1;
                share.shared += u64::from(archived.versions.len() > 1);
            } else if whole > 0 {
                share.joined += 1;
            } else {
                share.alone += 1;
            }
            let lists = version.post.tracklists.iter();
            share.tracks += lists.map(|l| l.tracks.len() as u64).sum::<u64>();
            share.comments += version.post.comments.len() as u64;
        }
        true
    })?;
    for (number, (root, failed)) in failures.iter().enumerate() {
        if *failed > 0 {
            let reader = readers.get(&number).cloned().unwrap_or_default();
            let key = (*root, reader);
            files.entry(key.clone()).or_default().insert(number);
            shares.entry(key).or_default().failed += failed;
        }
    }
    let shares = shares
        .into_iter()
        .map(|(key, share)| Share {
            root: roots.get(key.0).map_or_else(String::new, |r| (*r).clone()),
            reader: key.1.as_str().to_owned(),
            files: files.get(&key).map_or(0, |f| f.len() as u64),
            ..share
        })
        .collect();
    let mut groups = Vec::new();
    for group in near.groups() {
        let mut named = Vec::new();
        for id in group {
            if let Some(archived) = engine.get(id)? {
                named.push(Named {
                    id,
                    title: archived.post.title.clone(),
                    source: archived.post.source.clone(),
                });
            }
        }
        groups.push(named);
    }
    Ok(Origins {
        shares,
        near: groups,
    })
}
