//! Who is credited?
//!
//! In: artist names as written. Out: keys under which spellings of one name meet, parsed credits, the
//! artists of an archive, and the user's overlay of names that are one. Edit distance never merges. Must
//! not know posts or the index.

mod alias;
mod credit;
mod key;
mod roster;
mod spelling;

pub use alias::{ALIASES_FILE, Alias, Aliases, Apart};
pub use credit::{names, parse, soft_parts};
pub use key::key;
pub use roster::{Artist, Companion, Credits, Roster};
pub use spelling::spelling;
