//! Reader `plain`.
use super::{FileName, Reader, Sink};
use crate::error::Result;
use std::path::Path;
/// Reader `plain`.
pub struct Plain;
impl Reader for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }
    fn sniff(&self, _: &Path, _: &[u8]) -> bool {
        false
    }
    fn read(&self, _: &mut dyn std::io::BufRead, _: &FileName, _: &mut Sink<'_>) -> Result<()> {
        Ok(())
    }
}
