//! How does a document lie in a store?
//!
//! In: the bytes that a document keeps. Out: the document in tantivy's own form, and back. tantivy writes and reads such
//! bytes one by one, which took 2 % of the time of indexing.
//!
//! A document is how many values it has, and for each the number of its field (four bytes, the lowest first), its kind (one
//! byte), its length, its bytes (`tantivy::schema::document::se`, 0.27). Numbers are in tantivy's variable form: seven bits a
//! byte, the lowest first, the last byte marked.

use tantivy::schema::Field;

/// The kind of a value of bytes.
const BYTES: u8 = 4;

/// The mark of the last byte of a number.
const LAST: u8 = 0x80;

/// A document in the making.
#[derive(Default)]
pub(super) struct Document {
    count: u64,
    values: Vec<u8>,
    /// Where it is put together.
    whole: Vec<u8>,
}

impl Document {
    pub fn add(&mut self, field: Field, bytes: &[u8]) {
        self.count += 1;
        let values = &mut self.values;
        values.extend_from_slice(&field.field_id().to_le_bytes());
        values.push(BYTES);
        put(values, bytes.len() as u64);
        values.extend_from_slice(bytes);
    }

    /// The document, and begins another.
    pub fn take(&mut self) -> &[u8] {
        self.whole.clear();
        put(&mut self.whole, std::mem::take(&mut self.count));
        self.whole.append(&mut self.values);
        &self.whole
    }
}

/// The value of a document that consists of one field of bytes; `None` where it is anything else.
pub(super) fn only(document: &[u8], field: Field) -> Option<&[u8]> {
    let (count, rest) = number(document)?;
    let (id, rest) = rest.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first()?;
    let (length, value) = number(rest)?;
    let right = count == 1 && u32::from_le_bytes(*id) == field.field_id() && *kind == BYTES;
    (right && value.len() as u64 == length).then_some(value)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= u64::from(LAST) {
        bytes.push(number as u8 & !LAST);
        number >>= 7;
    }
    bytes.push(number as u8 | LAST);
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (n, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & !LAST) << (7 * n);
        if byte & LAST != 0 {
            return Some((value, bytes.get(n + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use tantivy::schema::Field;

    use super::{Document, only};

    #[test]
    fn the_only_value_is_told_from_others() {
        let field = Field::from_field_id(7);
        for length in [0, 1, 127, 128, 70_000] {
            let value = vec![5; length];
            let mut document = Document::default();
            document.add(field, &value);
            let one = document.take().to_vec();
            assert_eq!(only(&one, field), Some(value.as_slice()));
            assert_eq!(only(&one, Field::from_field_id(8)), None);
            assert_eq!(only(&one[..one.len() - 1], field), None);
            document.add(field, &value);
            document.add(field, &value);
            assert_eq!(only(document.take(), field), None);
            assert_eq!(only(document.take(), field), None, "no value");
        }
    }
}
