//! What stands in the index folder before a run?
//!
//! In: the folder. Out: an index with its ledger; or none; or one that cannot be used, with the roots that
//! can still be learned from it. Writes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use super::ledger::{self, Ledger};
use crate::engine::ReadEngine;
use crate::engine::tantivy::TantivyReader;
use crate::error::{Error, Result};

/// What a run begins with.
pub(super) struct Standing {
    /// The index; `None` where there is none or it is to be built anew.
    pub reader: Option<TantivyReader>,
    /// Empty where there is no `reader`.
    pub ledger: Ledger,
    /// Why what stands there is built anew, where it is.
    pub anew: Option<String>,
    /// Roots that it was built from, with their documents, where it is built anew.
    pub recovered: BTreeMap<String, usize>,
    /// The publication that was seen; `None` where it could not be read.
    pub generation: Option<u64>,
}

/// Looks at the folder. With `anew` even a sound index is to be built again.
///
/// # Errors
/// Where the system refuses to read it.
pub(super) fn look(index: &Path, anew: bool) -> Result<Standing> {
    let mut standing = Standing {
        reader: None,
        ledger: Ledger::default(),
        anew: None,
        recovered: BTreeMap::new(),
        generation: Some(0),
    };
    if !TantivyReader::exists(index) {
        return Ok(standing);
    }
    match open(index) {
        Ok((reader, ledger)) => {
            standing.generation = Some(reader.generation());
            if anew {
                standing.anew = Some(format!("the index at {} is built anew", index.display()));
                standing.recovered = ledger.sizes();
            } else {
                standing.reader = Some(reader);
                standing.ledger = ledger;
            }
        }
        Err(error @ (Error::Damaged { .. } | Error::OtherVersion { .. })) => {
            standing.generation = None;
            standing.anew = Some(error.to_string());
            standing.recovered =
                ledger::recover(|name| TantivyReader::attachments_left(index, name))
                    .unwrap_or_default();
        }
        Err(error) => return Err(error),
    }
    Ok(standing)
}

/// True where the folder is still as it was looked at: asked once the lock is held.
pub(super) fn is_same(index: &Path, before: &Standing) -> bool {
    let now = match TantivyReader::exists(index) {
        false => Some(0),
        true => open(index).ok().map(|(reader, _)| reader.generation()),
    };
    now == before.generation
}

fn open(index: &Path) -> Result<(TantivyReader, Ledger)> {
    let reader = TantivyReader::open_whole(index)?;
    let ledger = load(&reader)?;
    Ok((reader, ledger))
}

/// What a run begins with where what it needs of an index turns out to be damaged.
pub(super) fn damaged(index: &Path, standing: &Standing, why: &Error) -> Standing {
    Standing {
        reader: None,
        ledger: Ledger::default(),
        anew: Some(why.to_string()),
        recovered: ledger::recover(|name| TantivyReader::attachments_left(index, name))
            .unwrap_or_default(),
        generation: standing.generation,
    }
}

/// The ledger of a publication with the documents of all files.
pub(super) fn load_whole(engine: &dyn ReadEngine) -> Result<Ledger> {
    let mut ledger = load(engine)?;
    for file in ledger.roots.values_mut().flat_map(|r| r.files.values_mut()) {
        file.load(engine)?;
    }
    Ok(ledger)
}

/// The ledger of a publication, without the documents that lie aside.
pub(super) fn load(engine: &dyn ReadEngine) -> Result<Ledger> {
    Ledger::decode(engine.attachment(ledger::NAME)?.as_deref())
}
