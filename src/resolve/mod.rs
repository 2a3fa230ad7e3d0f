//! What can one document not decide alone?
//!
//! In: versions of one identity; ambiguous lists and the archive's counts of artists; dates in figures. Out: merged posts,
//! lists and dates settled. The outcome depends on the set of documents, never on their order or history.
//! Must not know files or the engine's layout.

mod copies;
mod dates;
mod lists;
mod near;

pub use copies::{merge, posts};
pub use dates::settle_dates;
pub use lists::{settle, sides};
pub use near::Near;
