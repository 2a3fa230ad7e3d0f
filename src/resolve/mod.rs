//! What can one document not decide alone?
//!
//! In: versions of one identity; ambiguous lists and the archive's counts of artists. Out: merged posts,
//! lists settled. The outcome depends on the set of documents, never on their order or history.
//! Must not know files or the engine's layout.

mod copies;
mod lists;
mod near;

pub use copies::{merge, posts};
pub use lists::{settle, sides};
pub use near::Near;
