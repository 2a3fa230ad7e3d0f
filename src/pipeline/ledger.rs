//! What is known of the sources: the memory between two runs.
//!
//! In: the attachment of the last publication. Out: files with size and time, documents with content hash
//! and post. Encoded with postcard behind a version number; written with the publication it belongs to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The attachment's name.
pub(super) const NAME: &str = "ledger";

/// Raised whenever the form below changes: an older ledger makes the next run read everything.
const VERSION: u32 = 1;

/// Everything known of the sources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    version: u32,
    /// By absolute path.
    pub roots: BTreeMap<String, Root>,
}

/// One root: a folder or file that the user named.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Root {
    /// Files by path relative to the root; "" where the root is a file.
    pub files: BTreeMap<String, File>,
}

/// One file as it was when it was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct File {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970; `i64::MIN` makes the next run read it again.
    pub modified: i64,
    /// The extractor that read it.
    pub extractor: u32,
    /// Why it is no document, where it is none.
    pub skipped: Option<String>,
    /// What of it could not be read: entry and reason.
    pub failed: Vec<(String, String)>,
    pub documents: Vec<Document>,
}

/// One document of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Document {
    /// XXH3-64 of its entry name and ordinal among equal names.
    pub key: u64,
    /// XXH3-64 of its content.
    pub content: u64,
    /// Posts it gave: post id and origin.
    pub posts: Vec<(u64, u64)>,
}

impl Ledger {
    /// Reads an attachment; an empty ledger where there is none or it is of another version.
    ///
    /// # Errors
    /// Where it is of this version and cannot be decoded.
    pub fn decode(bytes: Option<&[u8]>) -> Result<Self> {
        let fresh = Self {
            version: VERSION,
            roots: BTreeMap::new(),
        };
        let Some(bytes) = bytes else {
            return Ok(fresh);
        };
        let Ok((version, _)) = postcard::take_from_bytes::<u32>(bytes) else {
            return Ok(fresh);
        };
        if version != VERSION {
            return Ok(fresh);
        }
        postcard::from_bytes(bytes).map_err(|e| Error::Damaged {
            path: NAME.into(),
            what: format!("the ledger of sources cannot be decoded: {e}"),
        })
    }

    /// The attachment's bytes.
    ///
    /// # Errors
    /// Where it cannot be encoded, which memory alone can cause.
    pub fn encode(&self) -> Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(|e| Error::Damaged {
            path: NAME.into(),
            what: format!("the ledger of sources cannot be encoded: {e}"),
        })
    }
}

impl File {
    /// Posts of all its documents, with their origins.
    pub fn posts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.documents.iter().flat_map(|d| d.posts.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_survives_a_round_trip_and_another_version_is_empty() {
        let mut ledger = Ledger::decode(None).unwrap();
        ledger
            .roots
            .entry("/a".into())
            .or_default()
            .files
            .insert("b".into(), File::default());
        let bytes = ledger.encode().unwrap();
        assert_eq!(Ledger::decode(Some(&bytes)).unwrap().roots.len(), 1);
        let mut other = bytes.clone();
        other[0] = 99;
        assert_eq!(Ledger::decode(Some(&other)).unwrap().roots.len(), 0);
        assert!(Ledger::decode(Some(&bytes[..bytes.len() - 1])).is_err());
    }
}
