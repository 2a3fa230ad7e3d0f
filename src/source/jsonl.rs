//! Reader `jsonl`.
use super::{FileName, Reader, Sink};
use crate::error::Result;
use std::path::Path;
/// Reader `jsonl`.
pub struct JsonLines;
impl Reader for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }
    fn sniff(&self, _: &Path, _: &[u8]) -> bool {
        false
    }
    fn read(&self, _: &mut dyn std::io::BufRead, _: &FileName, _: &mut Sink<'_>) -> Result<()> {
        Ok(())
    }
}
