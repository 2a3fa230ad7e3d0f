//! What is known of the sources: the memory between two runs.
//!
//! In: the attachment of the last publication. Out: files with size and time, documents with content hash
//! and post. Two lines of text (form and checksum; the roots), which every version can read, then postcard.
//! Written with the publication it belongs to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

/// The attachment's name.
pub(super) const NAME: &str = "ledger";

/// The attachment that repeats the ledger's two lines: where one of the two is damaged, the other still says what
/// the index was built from.
const SOURCES: &str = "sources";

/// Raised whenever the form below changes: an index with another ledger is built anew.
const VERSION: u32 = 1;

const MAGIC: &str = "deepcut-ledger";

/// Everything known of the sources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// By absolute path.
    pub roots: BTreeMap<String, Root>,
    /// Identities that several different posts share, and the ids those have; see `resolve::posts`.
    pub shared: BTreeMap<u64, Vec<u64>>,
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
    /// Of its entry name and ordinal among equal names.
    pub key: u64,
    /// XXH3-64 of its content.
    pub content: u64,
    /// Posts it gave: id as extraction gives it, and origin.
    pub posts: Vec<(u64, u64)>,
}

impl Ledger {
    /// Reads an attachment; an empty ledger where there is none.
    ///
    /// # Errors
    /// Where it is of another version or cannot be decoded.
    pub fn decode(bytes: Option<&[u8]>) -> Result<Self> {
        let Some(bytes) = bytes else {
            return Ok(Self::default());
        };
        let damaged = |what: &str| Error::Damaged {
            path: NAME.into(),
            what: format!("the ledger of sources {what}"),
        };
        let (found, _, body) = open(bytes).ok_or_else(|| damaged("is none"))?;
        if found != VERSION {
            return Err(Error::OtherVersion {
                path: NAME.into(),
                found,
                expected: VERSION,
            });
        }
        postcard::from_bytes(body).map_err(|e| damaged(&format!("cannot be decoded: {e}")))
    }

    /// The attachment's bytes.
    ///
    /// # Errors
    /// Where it cannot be encoded, which memory alone can cause.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = self.head()?;
        let room = self.roots.values().map(|r| r.files.len() * 96).sum();
        bytes.reserve(room);
        postcard::to_extend(self, bytes).map_err(|e| unencodable(&e))
    }

    /// The attachments of a publication: itself, and its head once more.
    ///
    /// # Errors
    /// As [`Ledger::encode`].
    pub fn attachments(&self) -> Result<BTreeMap<String, Option<Vec<u8>>>> {
        Ok(BTreeMap::from([
            (NAME.to_owned(), Some(self.encode()?)),
            (SOURCES.to_owned(), Some(self.head()?)),
        ]))
    }

    /// The two lines that every version can read.
    fn head(&self) -> Result<Vec<u8>> {
        let roots = serde_json::to_string(&self.sizes()).map_err(|e| unencodable(&e))?;
        let sum = xxh3_64(roots.as_bytes());
        Ok(format!("{MAGIC} {VERSION} {sum:016x}\n{roots}\n").into_bytes())
    }

    /// Documents of each root.
    pub fn sizes(&self) -> BTreeMap<String, usize> {
        self.roots
            .iter()
            .map(|(name, root)| (name.clone(), root.documents()))
            .collect()
    }

    /// Roots with their documents from a ledger of any version, even where the rest of it is damaged.
    pub fn roots_of(bytes: &[u8]) -> Option<BTreeMap<String, usize>> {
        open(bytes).map(|(_, roots, _)| roots)
    }
}

fn unencodable(why: &dyn std::fmt::Display) -> Error {
    Error::Damaged {
        path: NAME.into(),
        what: format!("the ledger of sources cannot be encoded: {why}"),
    }
}

/// What the index of a folder was built from, as far as any file there still says so; the newest that does.
pub(super) fn recover(left: impl Fn(&str) -> Vec<Vec<u8>>) -> Option<BTreeMap<String, usize>> {
    let files = [NAME, SOURCES].into_iter().flat_map(left);
    files.into_iter().find_map(|bytes| Ledger::roots_of(&bytes))
}

/// Version, roots and the rest.
fn open(bytes: &[u8]) -> Option<(u32, BTreeMap<String, usize>, &[u8])> {
    let mut parts = bytes.splitn(3, |b| *b == b'\n');
    let (head, roots, body) = (parts.next()?, parts.next()?, parts.next()?);
    let mut words = std::str::from_utf8(head).ok()?.split(' ');
    if words.next() != Some(MAGIC) {
        return None;
    }
    let version = words.next()?.parse().ok()?;
    let sum = u64::from_str_radix(words.next()?, 16).ok()?;
    if sum != xxh3_64(roots) {
        return None;
    }
    Some((version, serde_json::from_slice(roots).ok()?, body))
}

impl Root {
    /// How many documents its files hold.
    pub fn documents(&self) -> usize {
        self.files.values().map(|f| f.documents.len()).sum()
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
    fn a_ledger_survives_a_round_trip_and_tells_its_roots_in_any_version() {
        let mut ledger = Ledger::decode(None).unwrap();
        ledger
            .roots
            .entry("/a\nb".into())
            .or_default()
            .files
            .insert("b".into(), File::default());
        let bytes = ledger.encode().unwrap();
        assert_eq!(Ledger::decode(Some(&bytes)).unwrap().roots.len(), 1);
        assert!(Ledger::decode(Some(&bytes[..bytes.len() - 1])).is_err());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let other = text.replacen(" 1 ", " 99 ", 1).into_bytes();
        assert!(matches!(
            Ledger::decode(Some(&other)),
            Err(Error::OtherVersion { found: 99, .. })
        ));
        let roots = BTreeMap::from([("/a\nb".to_owned(), 0)]);
        assert_eq!(Ledger::roots_of(&other[..other.len() - 1]), Some(roots));
        assert_eq!(Ledger::roots_of(&bytes[1..]), None);
        assert_eq!(
            Ledger::roots_of(&text.replacen("/a", "/z", 1).into_bytes()),
            None
        );
    }
}
