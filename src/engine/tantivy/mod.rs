//! The embedded engine: two tantivy indexes under one manifest.
//!
//! In: archived posts; queries. Out: publications; ranked answers. `writer` and `reader` implement the two
//! traits of `engine`; `reading` says what a query may mean, `compile` turns that into
//! tantivy's, `order`, `top` and `rank` order what matched, `evidence` says why. Must not know sources or output.

mod about;

mod any;
mod artists;
mod aside;
mod blob;
mod build;
mod change;
mod chosen;
mod compile;
mod evidence;
mod examine;
mod facets;
mod folder;
mod gap;
mod guard;
mod looked;
mod manifest;
mod matched;
mod meeting;
mod near;
mod opening;
mod order;
mod owners;
mod part;
mod parts;
mod prose;
mod rank;
mod reader;
mod reading;
mod reworded;
mod seal;
mod snippet;
mod stems;
mod store;
mod stored;
#[cfg(test)]
mod tests;
mod together;
mod top;
mod values;
mod weighs;
mod without;
mod works;
mod writer;
mod written;

use std::path::Path;

pub use examine::{Examined, Fault, Records, examine, records};
pub use manifest::FORMAT_VERSION;
pub use reader::{TantivyReader, let_go};
pub use store::Access;
pub use values::Column;
pub use writer::TantivyWriter;

use crate::error::{Error, Result};
use manifest::Manifest;

/// XXH3-64 of the analyzer's version and both schemas, as `tests` makes it: made by every search, it took a fortieth of it.
const FINGERPRINT: u64 = 16_570_698_001_794_821_646;

/// An index with other fields or another analyzer must not be searched: answers would be wrong.
fn check_fingerprint(dir: &Path, manifest: &Manifest) -> Result<()> {
    if manifest.fingerprint == FINGERPRINT {
        return Ok(());
    }
    Err(Error::Damaged {
        path: dir.to_path_buf(),
        what: "it was written with other fields or another analyzer".into(),
    })
}
