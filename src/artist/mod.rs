//! Who is credited?
//!
//! In: artist names as written. Out: keys under which spellings of one name meet, and parsed credits.
//! Edit distance never merges. Must not know posts or the index.

mod credit;
mod key;
mod spelling;

pub use credit::parse;
pub use key::key;
pub use spelling::spelling;
