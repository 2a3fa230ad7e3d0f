//! Where the words of a value stand.
//!
//! Words are those of `text::tokens`; the first of a value is at position [`GAP`]: values of one field stand so far apart
//! that no phrase crosses from one to the next (tantivy's own gap is 1).

use crate::query::MOST_SLOP;

/// Positions between two values: more than any slop. With 128 of them, positions took a sixth more bytes.
pub(super) const GAP: usize = 32;

const _: () = assert!((MOST_SLOP as usize) < GAP);
