//! Reading that no signal ends.
//!
//! In: what is read. Out: the same, without interruptions.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// Reads on where a signal came between, as files on a network or of a program's making may say: `fill_buf` does not by itself,
/// and an interruption would pass for the end of a file.
pub(super) struct Steady<R>(pub R);

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl<R: Seek> Seek for Steady<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Read, Write};
    use std::ops::ControlFlow;

    use super::Steady;
    use crate::source::FileName;
    use crate::source::open::{Outcome, read_stream};
    use crate::source::packed::Budget;

    /// Gives a few bytes at a time, each time after a signal.
    struct Disturbed<'b>(&'b [u8], bool);

    impl Read for Disturbed<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let few = into.len().min(5);
            self.0.read(&mut into[..few])
        }
    }

    #[test]
    fn signals_end_no_file() {
        let lines = "{\"title\":\"One\",\"text\":\"a\"}\n{\"title\":\"Two\",\"text\":\"b\"}\n";
        let wide: Vec<u8> = "\u{feff}"
            .chars()
            .chain(lines.chars())
            .flat_map(|c| (c as u16).to_le_bytes())
            .collect();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(lines.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        for (name, bytes) in [
            ("posts.jsonl", lines.as_bytes()),
            ("posts.jsonl", &wide),
            ("posts.jsonl.gz", &packed),
        ] {
            let file = FileName {
                path: name.into(),
                inner: String::new(),
            };
            let mut whole = Vec::new();
            let mut input = BufReader::new(Steady(Disturbed(bytes, false)));
            let budget = Budget::of(bytes.len() as u64);
            let read = read_stream(&mut input, &file, &budget, 0, &mut |document| {
                whole.push(document.is_ok());
                ControlFlow::Continue(())
            });
            assert!(
                matches!(read, Ok(Outcome::Read("jsonl"))),
                "{name}: {read:?}"
            );
            assert_eq!(whole, [true, true], "{name}");
        }
    }
}
