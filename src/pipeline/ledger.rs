//! What is known of the sources: the memory between two runs.
//!
//! In: attachments of the last publication. Out: files with size and time, documents with content hash
//! and post. Two lines of text (form and checksum; the roots), which every version can read, then postcard.
//! Written with the publication it belongs to. The documents of a file that has many lie in an attachment of their own, which is
//! read where that file is, and written where it changed: one changed post costs no list of a million others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::engine::ReadEngine;
use crate::error::{Error, Result};

/// The attachment's name.
pub(super) const NAME: &str = "ledger";

/// The attachment that repeats the ledger's two lines: where one of the two is damaged, the other still says what
/// the index was built from.
const SOURCES: &str = "sources";

/// Raised whenever the form below changes: an index with another ledger is built anew.
const VERSION: u32 = 2;

/// The form in which all documents stood with their files. It is still read.
const TOGETHER: u32 = 1;

/// How the names of attachments begin that hold the documents of one file.
const ASIDE: &str = "documents-";

/// A file of so many documents has them aside.
const MANY: usize = 1_024;

const MAGIC: &str = "deepcut-ledger";

/// Everything known of the sources.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// By absolute path.
    pub roots: BTreeMap<String, Root>,
    /// Identities that several different posts share, and the ids those have; see `resolve::posts`.
    pub shared: BTreeMap<u64, Vec<u64>>,
    /// Attachments of the publication that it was read from.
    asides: BTreeSet<String>,
}

/// A ledger as it is written.
#[derive(Serialize, Deserialize)]
struct Form<F> {
    roots: BTreeMap<String, BTreeMap<String, F>>,
    shared: BTreeMap<u64, Vec<u64>>,
}

/// One root: a folder or file that the user named.
#[derive(Clone, Debug, Default)]
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
    /// Empty where they lie aside and were not read.
    pub documents: Vec<Document>,
    pub aside: Option<Aside>,
}

/// Where the documents of a file are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Aside {
    /// The attachment.
    name: String,
    /// How many there are.
    count: usize,
}

/// A file as the first form has it.
#[derive(Deserialize)]
struct Together {
    size: u64,
    modified: i64,
    extractor: u32,
    skipped: Option<String>,
    failed: Vec<(String, String)>,
    documents: Vec<Document>,
}

impl From<Together> for File {
    fn from(old: Together) -> Self {
        Self {
            size: old.size,
            modified: old.modified,
            extractor: old.extractor,
            skipped: old.skipped,
            failed: old.failed,
            documents: old.documents,
            aside: None,
        }
    }
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
        let unreadable = |e| damaged(&format!("cannot be decoded: {e}"));
        match found {
            VERSION => postcard::from_bytes::<Form<File>>(body).map(Self::of),
            TOGETHER => postcard::from_bytes::<Form<Together>>(body).map(Self::of),
            _ => {
                return Err(Error::OtherVersion {
                    path: NAME.into(),
                    found,
                    expected: VERSION,
                });
            }
        }
        .map_err(unreadable)
    }

    fn of<F: Into<File>>(form: Form<F>) -> Self {
        let root = |files: BTreeMap<String, F>| Root {
            files: files.into_iter().map(|(n, f)| (n, f.into())).collect(),
        };
        let roots: BTreeMap<String, Root> =
            form.roots.into_iter().map(|(n, f)| (n, root(f))).collect();
        let files = roots.values().flat_map(|root| root.files.values());
        let asides = files.filter_map(|file| Some(file.aside.as_ref()?.name.clone()));
        Self {
            asides: asides.collect(),
            roots,
            shared: form.shared,
        }
    }

    /// The attachments of a publication: the ledger, its head once more, and what lies aside; those of files that are as they
    /// were stay as they are.
    ///
    /// # Errors
    /// Where it cannot be encoded, which memory alone can cause.
    pub fn attachments(self) -> Result<BTreeMap<String, Option<Vec<u8>>>> {
        let head = self.head()?;
        let mut all = BTreeMap::new();
        let mut gone = self.asides;
        let mut form = Form {
            roots: BTreeMap::new(),
            shared: self.shared,
        };
        for (root, known) in self.roots {
            let mut files = known.files;
            for (name, file) in &mut files {
                if file.documents.len() >= MANY {
                    let bytes =
                        postcard::to_stdvec(&file.documents).map_err(|e| unencodable(&e))?;
                    let place = xxh3_64(format!("{root}\0{name}").as_bytes());
                    let aside = Aside {
                        name: format!("{ASIDE}{place:016x}"),
                        count: std::mem::take(&mut file.documents).len(),
                    };
                    all.insert(aside.name.clone(), Some(bytes));
                    file.aside = Some(aside);
                }
                if let Some(aside) = &file.aside {
                    gone.remove(&aside.name);
                }
            }
            form.roots.insert(root, files);
        }
        all.extend(gone.into_iter().map(|name| (name, None)));
        let room: usize = form.roots.values().map(|files| files.len() * 96).sum();
        let mut bytes = head.clone();
        bytes.reserve(room);
        let bytes = postcard::to_extend(&form, bytes).map_err(|e| unencodable(&e))?;
        all.insert(NAME.to_owned(), Some(bytes));
        all.insert(SOURCES.to_owned(), Some(head));
        Ok(all)
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
        self.files.values().map(File::count).sum()
    }
}

impl File {
    /// How many documents it has.
    pub fn count(&self) -> usize {
        match &self.aside {
            Some(aside) => aside.count,
            None => self.documents.len(),
        }
    }

    /// Its documents, also where they lie aside.
    ///
    /// # Errors
    /// Where the attachment is missing or damaged.
    pub fn read(&self, engine: &dyn ReadEngine) -> Result<Cow<'_, [Document]>> {
        let Some(aside) = &self.aside else {
            return Ok(Cow::Borrowed(&self.documents));
        };
        let damaged = |what: &str| Error::Damaged {
            path: aside.name.clone().into(),
            what: format!("the documents of a file of the sources {what}"),
        };
        let bytes = engine.attachment(&aside.name)?;
        let bytes = bytes.ok_or_else(|| damaged("are missing"))?;
        let documents: Vec<Document> = postcard::from_bytes(&bytes)
            .map_err(|e| damaged(&format!("cannot be decoded: {e}")))?;
        Ok(Cow::Owned(documents))
    }

    /// Takes in the documents that lie aside.
    ///
    /// # Errors
    /// As [`File::read`].
    pub fn load(&mut self, engine: &dyn ReadEngine) -> Result<()> {
        if self.aside.is_some() {
            self.documents = self.read(engine)?.into_owned();
            self.aside = None;
        }
        Ok(())
    }

    /// Posts of all its documents, with their origins, once they are loaded.
    pub fn posts(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.documents.iter().flat_map(|d| d.posts.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_with_all_documents_in_it_is_still_read() {
        let document = Document {
            key: 1,
            content: 2,
            posts: vec![(3, 4)],
        };
        // A file in the order of its first form.
        let failed = vec![("entry", "reason")];
        let file = (7u64, 8i64, 9u32, None::<String>, failed, vec![document]);
        let roots = BTreeMap::from([("/a", BTreeMap::from([("b", file)]))]);
        let shared = BTreeMap::from([(5u64, vec![6u64])]);
        let mut ledger = Ledger::default();
        ledger.roots.entry("/a".into()).or_default();
        let head = String::from_utf8(ledger.head().unwrap()).unwrap();
        let head = head.replacen(" 2 ", " 1 ", 1).into_bytes();
        let bytes = postcard::to_extend(&(roots, shared.clone()), head).unwrap();
        let read = Ledger::decode(Some(&bytes)).unwrap();
        let file = &read.roots["/a"].files["b"];
        assert_eq!((file.size, file.modified, file.extractor), (7, 8, 9));
        assert_eq!(file.posts().collect::<Vec<_>>(), [(3, 4)]);
        assert_eq!((file.count(), read.shared), (1, shared));
    }

    #[test]
    fn a_ledger_survives_a_round_trip_and_tells_its_roots_in_any_version() {
        let mut ledger = Ledger::decode(None).unwrap();
        ledger
            .roots
            .entry("/a\nb".into())
            .or_default()
            .files
            .insert("b".into(), File::default());
        let bytes = ledger.attachments().unwrap();
        let bytes = bytes[NAME].clone().unwrap();
        assert_eq!(Ledger::decode(Some(&bytes)).unwrap().roots.len(), 1);
        assert!(Ledger::decode(Some(&bytes[..bytes.len() - 1])).is_err());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let other = text.replacen(" 2 ", " 99 ", 1).into_bytes();
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
