//! Reading what may be damaged.
//!
//! In: something that reads tantivy's files. Out: its result, or an error that says what is wrong. A bit that
//! changed on the disk without a trace makes tantivy fail anywhere, by a panic too: nothing of that leaves the
//! engine, and only then every file is verified, so that the error names the one that is damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::manifest::Manifest;
use super::seal::Seals;
use crate::error::{Error, Result};

/// Runs `read` on the index of a folder whose publication has these files.
///
/// # Errors
/// Those of `read`; where a file of the index is damaged, that one.
pub(super) fn guarded<T>(
    dir: &Path,
    generation: u64,
    files: &Seals,
    read: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let told = match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(told @ (Error::Engine(_) | Error::Damaged { .. }))) => told,
        Ok(Err(other)) => return Err(other),
        Err(panic) => Error::of_panic(&*panic),
    };
    // Files of a publication that another has replaced may be gone.
    let current = Manifest::read(dir).is_ok_and(|now| now.generation == generation);
    if current {
        for (name, seal) in files {
            if let Err(damaged @ Error::Damaged { .. }) = seal.verify(&dir.join(name)) {
                return Err(damaged);
            }
        }
    }
    Err(told)
}
