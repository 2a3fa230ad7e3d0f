//! Values that must wait for the end of a file, however many there are.
//!
//! In: values in some order. Out: the same values in the same order, later. Memory holds a part, a temporary
//! file without a name the rest. Must not know what the values are.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes kept in memory.
const HELD: usize = 16 << 20;

/// A queue that is filled, then emptied.
pub(super) struct Spool<T> {
    held: Vec<u8>,
    file: Option<File>,
    values: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    pub fn new() -> Self {
        Self {
            held: Vec::new(),
            file: None,
            values: PhantomData,
        }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// Where the temporary file cannot be written.
    pub fn push(&mut self, value: &T) -> io::Result<()> {
        let at = self.held.len();
        self.held.extend_from_slice(&[0; 8]);
        self.held = postcard::to_extend(value, std::mem::take(&mut self.held))
            .map_err(|e| io::Error::other(e.to_string()))?;
        let length = (self.held.len() - at - 8) as u64;
        if let Some(slot) = self.held.get_mut(at..at + 8) {
            slot.copy_from_slice(&length.to_le_bytes());
        }
        if self.held.len() > HELD {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile()?),
            };
            file.write_all(&self.held)?;
            self.held.clear();
        }
        Ok(())
    }

    /// Hands on every value in order, until `visit` says false.
    ///
    /// # Errors
    /// Where the temporary file cannot be read.
    pub fn drain(mut self, visit: &mut dyn FnMut(T) -> bool) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.seek(SeekFrom::Start(0))?;
            if !values(&mut BufReader::new(file), visit)? {
                return Ok(());
            }
        }
        values(&mut self.held.as_slice(), visit)?;
        Ok(())
    }
}

fn values<T: DeserializeOwned>(
    input: &mut dyn Read,
    visit: &mut dyn FnMut(T) -> bool,
) -> io::Result<bool> {
    let mut length = [0u8; 8];
    let mut bytes = Vec::new();
    loop {
        match input.read_exact(&mut length) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(true),
            Err(e) => return Err(e),
        }
        bytes.clear();
        input
            .take(u64::from_le_bytes(length))
            .read_to_end(&mut bytes)?;
        let value = postcard::from_bytes(&bytes).map_err(|e| io::Error::other(e.to_string()))?;
        if !visit(value) {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_order_also_from_the_file() {
        let mut spool = Spool::new();
        let value = |n: usize| (n, "x".repeat(1 << 20));
        for n in 0..40 {
            spool.push(&value(n)).unwrap();
        }
        assert!(spool.file.is_some());
        let mut seen = 0;
        spool
            .drain(&mut |found: (usize, String)| {
                assert_eq!(found, value(seen));
                seen += 1;
                true
            })
            .unwrap();
        assert_eq!(seen, 40);
    }
}
