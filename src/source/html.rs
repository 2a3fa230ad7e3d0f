//! Reader `html`.
use super::{FileName, Reader, Sink};
use crate::error::Result;
use std::path::Path;
/// Reader `html`.
pub struct Html;
impl Reader for Html {
    fn name(&self) -> &'static str {
        "html"
    }
    fn sniff(&self, _: &Path, _: &[u8]) -> bool {
        false
    }
    fn read(&self, _: &mut dyn std::io::BufRead, _: &FileName, _: &mut Sink<'_>) -> Result<()> {
        Ok(())
    }
}
