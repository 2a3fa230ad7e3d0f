//! Is an index whole?
//!
//! In: an index folder. Out: what is wrong with its files, what lies there that no publication names, and the
//! records as far as they must agree with each other. Reads everything, writes nothing.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, Term};

use super::folder::segment_of;
use super::guard::guarded;
use super::manifest::{Attachment, Manifest};
use super::reader::TantivyReader;
use super::seal::Seal;
use super::store::Store;
use crate::error::{Error, Result};
use crate::record::{COMMENT, TRACK};

/// A file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Within the index folder.
    pub file: String,
    pub what: String,
}

/// The files of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Counts publications.
    pub generation: u64,
    /// False where fields or analyzer are other ones.
    pub fingerprint: bool,
    /// Files that the publication names, and their bytes.
    pub files: u64,
    pub bytes: u64,
    pub faults: Vec<Fault>,
    /// Files that are sound and lie there otherwise than they were written: every search verifies them.
    pub moved: u64,
    /// Files of segments or attachments that no publication names, and their bytes.
    pub strays: u64,
    pub stray_bytes: u64,
}

/// Examines every file of an index.
///
/// # Errors
/// Where the manifest cannot be read or is of another version.
pub fn examine(dir: &Path) -> Result<Examined> {
    let manifest = Manifest::read(dir)?;
    let mut out = Examined {
        generation: manifest.generation,
        fingerprint: manifest.fingerprint == super::FINGERPRINT,
        ..Examined::default()
    };
    for (name, seal) in &manifest.files {
        out.files += 1;
        out.bytes += seal.bytes;
        match seal.verify(&dir.join(name)) {
            Ok(()) => {
                let as_written = fs::metadata(dir.join(name)).is_ok_and(|meta| seal.is_on(&meta));
                out.moved += u64::from(!as_written);
            }
            Err(error) => out.faults.push(fault(name, &error)),
        }
    }
    for attachment in manifest.attachments.values() {
        out.files += 1;
        out.bytes += attachment.bytes;
        if let Err(error) = sealed(attachment).verify(&dir.join(&attachment.file)) {
            out.faults.push(fault(&attachment.file, &error));
        }
    }
    let whole = out.faults.is_empty();
    for (sub, meta) in [("posts", &manifest.posts), ("rows", &manifest.rows)] {
        // What tantivy says of files that are known to be damaged adds nothing.
        if whole {
            out.faults.extend(by_tantivy(dir, sub, meta, &manifest));
        }
    }
    let named: BTreeSet<&str> = manifest
        .files
        .keys()
        .map(String::as_str)
        .chain(manifest.attachments.values().map(|a| a.file.as_str()))
        .collect();
    for (name, bytes) in of_the_engine(dir, &manifest) {
        if !named.contains(name.as_str()) {
            out.strays += 1;
            out.stray_bytes += bytes;
        }
    }
    Ok(out)
}

fn sealed(attachment: &Attachment) -> Seal {
    Seal {
        bytes: attachment.bytes,
        checksum: attachment.checksum,
        modified: 0,
        inode: 0,
    }
}

fn fault(name: &str, error: &Error) -> Fault {
    let what = match error {
        Error::Damaged { what, .. } => what.clone(),
        other => other.to_string(),
    };
    Fault {
        file: name.to_owned(),
        what,
    }
}

/// What tantivy itself finds wrong: a list of segments that it cannot read, a file that its own checksum does
/// not fit.
fn by_tantivy(dir: &Path, sub: &str, meta: &str, manifest: &Manifest) -> Vec<Fault> {
    let prefix = format!("{sub}/");
    let files: Vec<&str> = manifest
        .files
        .keys()
        .filter_map(|name| name.strip_prefix(&prefix))
        .collect();
    let check = || -> Result<Vec<Fault>> {
        let store = Store::open(&dir.join(sub), Some(meta)).map_err(Error::Engine)?;
        let damaged = Index::open(store.managing(&files))?.validate_checksum()?;
        Ok(damaged
            .iter()
            .map(|path| Fault {
                file: format!("{prefix}{}", path.display()),
                what: "tantivy's own checksum is wrong".into(),
            })
            .collect())
    };
    guarded(dir, manifest.generation, &manifest.files, check).unwrap_or_else(|error| {
        vec![Fault {
            file: sub.to_owned(),
            what: error.to_string(),
        }]
    })
}

/// Files that bear names which this engine gives, with their bytes.
fn of_the_engine(dir: &Path, manifest: &Manifest) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    let list = |sub: &str| {
        let entries = fs::read_dir(dir.join(sub)).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name, entry.metadata().ok().filter(|m| m.is_file())?.len()))
        })
    };
    for sub in ["posts", "rows"] {
        let segments = list(sub).filter(|(name, _)| segment_of(name).is_some());
        all.extend(segments.map(|(name, bytes)| (format!("{sub}/{name}"), bytes)));
    }
    all.extend(list("").filter(|(name, _)| {
        name.rsplit_once('.').is_some_and(|(stem, number)| {
            manifest.attachments.contains_key(stem) && number.bytes().all(|b| b.is_ascii_digit())
        }) || name == "manifest.new"
            || name == "rebuilding"
    }));
    all
}

/// What the records say of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    /// Rows whose post is not there.
    pub orphans: u64,
    /// Posts whose rows are not as many as they say.
    pub incomplete: u64,
    /// Posts that are there more than once.
    pub twice: u64,
    /// Origins of all versions of all posts.
    pub origins: BTreeSet<u64>,
}

/// Reads every record.
///
/// # Errors
/// Where one cannot be read.
pub fn records(reader: &TantivyReader) -> Result<Records> {
    reader.guarded(|| read(reader))
}

fn read(reader: &TantivyReader) -> Result<Records> {
    let mut out = Records::default();
    // Tracks and comments that each post says it has.
    let mut posts: HashMap<u64, [u64; 2]> = HashMap::new();
    for segment in reader.posts.segment_readers() {
        let columns = segment.fast_fields();
        let [id, tracks, comments] = ["id", "tracks", "comments"].map(|name| columns.u64(name));
        let (id, tracks, comments) = (id?, tracks?, comments?);
        for doc in segment.doc_ids_alive() {
            let Some(id) = id.first(doc) else {
                continue;
            };
            let said = [&tracks, &comments].map(|column| column.first(doc).unwrap_or(0));
            out.posts += 1;
            out.twice += u64::from(posts.insert(id, said).is_some());
        }
    }
    for address in reader.addresses(&tantivy::query::AllQuery)? {
        let archived = reader.archived(address)?;
        out.origins
            .extend(archived.versions.iter().map(|v| v.origin.0));
        if !posts.contains_key(&archived.post.id.0) {
            return Err(Error::Damaged {
                path: reader.dir.clone(),
                what: format!("post {} is filed under another id", archived.post.id),
            });
        }
    }
    let rows = reader.rows()?;
    let mut found: HashMap<u64, [u64; 2]> = HashMap::new();
    for (at, kind) in [TRACK, COMMENT].into_iter().enumerate() {
        let term = Term::from_field_u64(reader.row_fields().kind, kind);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        for address in rows.search(&query, &DocSetCollector)? {
            let segment = rows.segment_reader(address.segment_ord);
            let post = segment.fast_fields().u64("post_id")?.first(address.doc_id);
            match post.filter(|id| posts.contains_key(id)) {
                Some(id) => found.entry(id).or_default()[at] += 1,
                None => out.orphans += 1,
            }
        }
    }
    for (id, said) in &posts {
        let has = found.get(id).copied().unwrap_or_default();
        out.tracks += has[0];
        out.comments += has[1];
        out.incomplete += u64::from(has != *said);
    }
    Ok(out)
}
