//! What can one document not decide alone?
//!
//! In: the versions of one post; ambiguous lists and the archive's counts of artists. Out: one merged
//! post, lists settled. The outcome depends on the set of documents, never on their order or history.
//! Must not know files or the engine's layout.

mod copies;
mod lists;

pub use copies::merge;
pub use lists::{settle, sides};
