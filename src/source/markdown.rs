//! Reader `markdown`.
use super::{FileName, Reader, Sink};
use crate::error::Result;
use std::path::Path;
/// Reader `markdown`.
pub struct Markdown;
impl Reader for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }
    fn sniff(&self, _: &Path, _: &[u8]) -> bool {
        false
    }
    fn read(&self, _: &mut dyn std::io::BufRead, _: &FileName, _: &mut Sink<'_>) -> Result<()> {
        Ok(())
    }
}
