//! Reader of plain-text captures of pages.
//!
//! In: `.txt`, or a file without an ending that holds text. Out: one document.

use std::io::BufRead;
use std::path::Path;

use super::open::{is_binary, whole};
use super::{Content, FileName, Head, Reader, Sink};
use crate::error::Result;
use crate::text::charset;

/// Plain text.
pub(super) struct Plain;

impl Reader for Plain {
    fn name(&self) -> &'static str {
        "text"
    }

    fn sign(&self) -> &'static str {
        "the name ends in `.txt`, or there is no ending and no binary"
    }

    fn sniff(&self, name: &Path, head: &Head<'_>) -> bool {
        match name.extension().and_then(|e| e.to_str()) {
            Some(e) => e.eq_ignore_ascii_case("txt") || e.eq_ignore_ascii_case("text"),
            None => !is_binary(head.bytes),
        }
    }

    fn read(&self, input: &mut dyn BufRead, file: &FileName, sink: &mut Sink<'_>) -> Result<()> {
        let Some(bytes) = whole(input, sink)? else {
            return Ok(());
        };
        let (text, _) = charset::decode(&bytes, None, false);
        let _ = sink(Ok(file.document(
            self.name(),
            String::new(),
            Content::Text(text),
        )));
        Ok(())
    }
}
