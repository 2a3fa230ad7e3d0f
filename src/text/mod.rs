//! How do bytes become text, and text become lines and words?
//!
//! In: bytes or strings. Out: strings, a page tree, lines with hints, folded keys, tokens. Pure
//! functions: must not know posts, tracks, files or the index.

pub mod charset;
pub mod fold;
pub mod glance;
pub mod hash;
pub mod language;
mod letters;
pub mod lines;
pub mod page;
pub mod sentences;
pub mod tokens;
