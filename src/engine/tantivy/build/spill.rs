//! Lists put aside while a segment grows.
//!
//! In: the log of the documents so far. Out: their lists in a file without a name, and at the end the lists of all its parts
//! as those of one segment: an external sort. A segment can so hold many times the posts whose words fit into memory,
//! and nothing has to be merged afterwards, which would unpack and pack every list and copy every post.
//!
//! A part has, by field and bytes of the term: a head ([`Head`]), the field (two bytes, the higher one first), the bytes of the
//! term, and the list. A list has, for each document, how far it is from the one before, and where the field counts them,
//! how many words, and where it keeps places, how far each is from the one before, all in LEB128.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use tantivy::fieldnorm::FieldNormReaders;
use tantivy::postings::{FieldSerializer, InvertedIndexSerializer};
use tantivy::schema::{Field, IndexRecordOption, Schema};

use super::postings::{Content, Lists, Place, deltas_of, doc_of, option_of};

/// After all terms: no field has so high a number.
const END: u64 = u64::MAX;

/// Bytes that are read or written at a time.
const BUFFER: usize = 128 << 10;

/// The lists of documents that are no longer in memory.
///
/// However many times words are put aside, one file is open: a process may have few, 256 on some systems.
#[derive(Default)]
pub(super) struct Spills {
    file: Option<File>,
    /// Where the lists are of some documents that follow one another, in the order of the documents.
    parts: Vec<Range<u64>>,
}

impl Spills {
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Puts aside what was logged, on the disk of `dir`; `places` is memory to sort it in.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn add(
        &mut self,
        content: &Content<'_>,
        schema: &Schema,
        dir: &Path,
        places: &mut Vec<Place>,
    ) -> io::Result<()> {
        let mut file: &File = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(dir)?),
        };
        let start = self.parts.last().map_or(0, |part| part.end);
        file.seek(SeekFrom::Start(start))?;
        let sorted = content.terms.sorted();
        let mut lists = Lists::new(content, &sorted, places);
        let mut out = Vec::with_capacity(2 * BUFFER);
        for (rank, number) in sorted.iter().enumerate() {
            let (field, term) = content.terms.get(*number);
            let option = option_of(schema, field);
            let head_at = out.len();
            out.extend_from_slice(&[0; HEAD]);
            out.extend_from_slice(&field.to_be_bytes());
            out.extend_from_slice(term);
            let list_at = out.len();
            let docs = write_list(lists.of(rank), option, &mut out);
            let head = Head {
                key: term.len() as u32 + 2,
                docs,
                list: (out.len() - list_at) as u32,
            };
            out[head_at..head_at + HEAD].copy_from_slice(&head.bytes());
            if out.len() >= BUFFER {
                file.write_all(&out)?;
                out.clear();
                out.shrink_to(2 * BUFFER);
            }
        }
        file.write_all(&out)?;
        self.parts.push(start..file.stream_position()?);
        Ok(())
    }
}

/// Bytes of a [`Head`].
const HEAD: usize = 12;

/// What stands before a term: of fixed length, so that it is filled in when the list is written, and read at once.
#[derive(Default)]
struct Head {
    /// Bytes of field and term.
    key: u32,
    docs: u32,
    /// Bytes of the list.
    list: u32,
}

impl Head {
    fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        for (place, number) in bytes
            .chunks_exact_mut(4)
            .zip([self.key, self.docs, self.list])
        {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn of(bytes: [u8; HEAD]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        let number = |at: usize| {
            numbers
                .get(at)
                .map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        Self {
            key: number(0),
            docs: number(1),
            list: number(2),
        }
    }
}

/// Appends the list of one term; how many documents it has.
fn write_list(places: &[Place], option: IndexRecordOption, body: &mut Vec<u8>) -> u32 {
    let (mut docs, mut last) = (0, 0);
    for of_doc in places.chunk_by(|a, b| doc_of(*a) == doc_of(*b)) {
        let Some(doc) = of_doc.first().map(|first| doc_of(*first)) else {
            continue;
        };
        docs += 1;
        put(body, doc - std::mem::replace(&mut last, doc));
        if option.has_freq() {
            put(body, of_doc.len() as u32);
        }
        if option.has_positions() {
            for delta in deltas_of(of_doc) {
                put(body, delta);
            }
        }
    }
    docs
}

/// Writes the lists of all that was put aside, in the order of their documents, as those of one segment; `totals` are the
/// words in each field.
///
/// # Errors
/// Where a file cannot be read or written.
pub(super) fn merge(
    spills: &Spills,
    totals: &[u64],
    schema: &Schema,
    norms: &FieldNormReaders,
    serializer: &mut InvertedIndexSerializer,
) -> tantivy::Result<()> {
    let Some(file) = &spills.file else {
        return Ok(());
    };
    let mut merged = Merged::new(file, &spills.parts)?;
    while let Some(number) = merged.field() {
        let field = Field::from_field_id(u32::from(number));
        let option = option_of(schema, number);
        let total = totals.get(usize::from(number)).copied().unwrap_or(0);
        let mut lists = serializer.new_field(field, total, norms.get_field(field)?)?;
        while merged.field() == Some(number) {
            merged.write_next(&mut lists, option)?;
        }
        lists.close()?;
    }
    Ok(())
}

/// What was put aside, term by term.
struct Merged<'f> {
    spills: Vec<Reading<'f>>,
    /// The first bytes of their terms, which tell nearly all of them apart; the highest number at the end of a part.
    starts: Vec<u64>,
    /// Which of them have the least term, in the order of their documents.
    least: Vec<usize>,
    body: Vec<u8>,
    deltas: Vec<u32>,
}

/// A part of a file, at one of its terms.
struct Reading<'f> {
    file: BufReader<Part<'f>>,
    /// Field and bytes; empty at the end of the part.
    key: Vec<u8>,
    head: Head,
}

/// What is left of a part. Its file may have been read elsewhere meanwhile.
struct Part<'f> {
    file: &'f File,
    left: Range<u64>,
}

impl Read for Part<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX);
        let most = bytes.len().min(left);
        self.file.seek(SeekFrom::Start(self.left.start))?;
        let read = self.file.read(&mut bytes[..most])?;
        self.left.start += read as u64;
        Ok(read)
    }
}

impl<'f> Merged<'f> {
    fn new(file: &'f File, parts: &[Range<u64>]) -> io::Result<Self> {
        let spills = parts.iter().map(|part| {
            let part = Part {
                file,
                left: part.clone(),
            };
            let mut reading = Reading {
                file: BufReader::with_capacity(BUFFER, part),
                key: Vec::new(),
                head: Head::default(),
            };
            reading.next()?;
            Ok(reading)
        });
        let spills = spills.collect::<io::Result<Vec<_>>>()?;
        let mut merged = Self {
            starts: spills.iter().map(|reading| reading.start()).collect(),
            spills,
            least: Vec::new(),
            body: Vec::new(),
            deltas: Vec::new(),
        };
        merged.find();
        Ok(merged)
    }

    /// Finds the least term.
    fn find(&mut self) {
        self.least.clear();
        let start = self.starts.iter().copied().min().unwrap_or(END);
        let mut key: &[u8] = &[];
        for (at, reading) in self.spills.iter().enumerate() {
            if self.starts[at] != start || reading.key.is_empty() {
                continue;
            }
            if self.least.is_empty() || reading.key.as_slice() < key {
                self.least.clear();
                key = &reading.key;
            }
            if reading.key == key {
                self.least.push(at);
            }
        }
    }

    /// The field of the least term; `None` where all are written.
    fn field(&self) -> Option<u16> {
        let key = &self.spills.get(*self.least.first()?)?.key;
        key.first_chunk().map(|field| u16::from_be_bytes(*field))
    }

    /// Writes the list of the least term.
    fn write_next(
        &mut self,
        lists: &mut FieldSerializer<'_>,
        option: IndexRecordOption,
    ) -> tantivy::Result<()> {
        let mut begun = false;
        let docs = self.least.iter().filter_map(|at| self.spills.get(*at));
        let docs = if option.has_freq() {
            docs.map(|reading| reading.head.docs).sum()
        } else {
            0
        };
        for at in &self.least {
            let Some(reading) = self.spills.get_mut(*at) else {
                continue;
            };
            if !std::mem::replace(&mut begun, true) {
                let term = reading.key.get(2..).unwrap_or_default();
                lists.new_term(term, docs, option.has_freq())?;
            }
            self.body.resize(reading.head.list as usize, 0);
            reading.file.read_exact(&mut self.body)?;
            let mut body = self.body.as_slice();
            let docs = reading.head.docs;
            copy_list(&mut body, docs, option, &mut self.deltas, lists).ok_or_else(cut_short)?;
            reading.next()?;
            self.starts[*at] = reading.start();
        }
        lists.close_term()?;
        self.find();
        Ok(())
    }
}

/// Copies the list of a term; `None` where it ends too soon.
fn copy_list(
    body: &mut &[u8],
    docs: u32,
    option: IndexRecordOption,
    deltas: &mut Vec<u32>,
    lists: &mut FieldSerializer<'_>,
) -> Option<()> {
    let mut doc = 0u32;
    for _ in 0..docs {
        doc = doc.checked_add(take(body)?)?;
        let frequency = if option.has_freq() { take(body)? } else { 0 };
        deltas.clear();
        if option.has_positions() {
            for _ in 0..frequency {
                deltas.push(take(body)?);
            }
        }
        lists.write_doc(doc, frequency, deltas);
    }
    Some(())
}

impl Reading<'_> {
    /// Goes on to the next term; its list is to be read from here.
    fn next(&mut self) -> io::Result<()> {
        self.key.clear();
        if self.file.fill_buf()?.is_empty() {
            return Ok(());
        }
        let mut head = [0; HEAD];
        self.file.read_exact(&mut head)?;
        self.head = Head::of(head);
        self.key.resize(self.head.key as usize, 0);
        self.file.read_exact(&mut self.key)?;
        Ok(())
    }

    /// The first bytes of the term.
    fn start(&self) -> u64 {
        if self.key.is_empty() {
            return END;
        }
        let mut start = [0; 8];
        let length = self.key.len().min(8);
        start[..length].copy_from_slice(&self.key[..length]);
        u64::from_be_bytes(start)
    }
}

fn cut_short() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "what was put aside for a segment is not what was written",
    )
}

/// The bit of a byte that says that more follow.
const MORE: u8 = 0x80;

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= u32::from(MORE) {
        bytes.push(number as u8 | MORE);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[inline]
fn take(bytes: &mut &[u8]) -> Option<u32> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    if *first < MORE {
        return Some(u32::from(*first));
    }
    let mut number = u32::from(first & !MORE);
    for shift in (7..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & !MORE) << shift;
        if *byte < MORE {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{put, take};

    proptest::proptest! {
        #[test]
        fn numbers_are_what_was_put(numbers in proptest::collection::vec(proptest::num::u32::ANY, 0..20), shift in 0u32..32) {
            let numbers: Vec<u32> = numbers.into_iter().map(|n| n >> shift).collect();
            let mut bytes = Vec::new();
            for number in &numbers {
                put(&mut bytes, *number);
            }
            let mut rest = bytes.as_slice();
            for number in numbers {
                assert_eq!(take(&mut rest), Some(number));
            }
            assert_eq!(take(&mut rest), None);
        }
    }
}
