//! Who is credited?
//!
//! In: artist names as written. Out: keys under which spellings of one name meet, and parsed credits.
//! Edit distance never merges. Must not know posts or the index.

mod credit;
mod key;

pub use credit::{names, parse, soft_parts};
pub use key::key;
