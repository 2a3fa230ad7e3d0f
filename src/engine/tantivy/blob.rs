//! How does a post lie in the store?
//!
//! In: an encoded post. Out: the same, packed; and back. Each post is packed by itself, so that one is unpacked without its
//! neighbours, and the contexts that this takes are made once a thread: tantivy makes one for each block.

use std::cell::RefCell;

use tantivy::IndexSettings;
use tantivy::store::{Compressor as Store, ZstdCompressor};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{CParameter, compress_bound};

use crate::error::{Error, Result};

/// Of zstd (RFC 8878).
const LEVEL: i32 = 1;

/// Posts of up to so many bytes are packed with a small table.
const SHORT: usize = 16 << 10;

/// The logarithm of the places of that table, of four bytes each. zstd would take up to 2^15, more than the first cache of a core
/// holds: with 2^13 indexing posts a line takes 0.98 of the time, and an index 1.001 of the bytes.
const SHORT_LOG: u32 = 13;

/// A block of packed posts is copied whole to read one of them, in bytes.
const BLOCK: usize = 4096;

/// What a thread keeps of the memory into which it unpacks, in bytes.
const KEPT: usize = 1 << 20;

thread_local! {
    static PACKING: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKING: RefCell<Option<Unpacking>> = const { RefCell::new(None) };
}

/// How posts, which are packed already, and rows, of which nothing is stored, lie in their stores.
pub(super) fn settings() -> (IndexSettings, IndexSettings) {
    let posts = IndexSettings {
        docstore_compression: Store::None,
        docstore_blocksize: BLOCK,
        ..IndexSettings::default()
    };
    let rows = IndexSettings {
        docstore_compression: Store::Zstd(ZstdCompressor {
            compression_level: Some(LEVEL),
        }),
        ..IndexSettings::default()
    };
    (posts, rows)
}

struct Unpacking {
    context: Decompressor<'static>,
    into: Vec<u8>,
}

/// One frame of zstd that says how long its content is, in place of what `packed` holds.
///
/// # Errors
/// Where memory runs out.
pub(super) fn pack(encoded: &[u8], packed: &mut Vec<u8>) -> Result<()> {
    packed.clear();
    packed.reserve(compress_bound(encoded.len()));
    let done = PACKING.with_borrow_mut(|packing| {
        let context = match packing {
            Some(context) => context,
            None => packing.insert(Compressor::new(LEVEL)?),
        };
        // 0 is what zstd thinks best.
        let log = if encoded.len() <= SHORT { SHORT_LOG } else { 0 };
        context.set_parameter(CParameter::HashLog(log))?;
        context.compress_to_buffer(encoded, packed)
    });
    done.map_err(|e| damaged(&format!("cannot be packed: {e}")))?;
    Ok(())
}

/// What `read` makes of what was [`pack`]ed.
///
/// # Errors
/// Where it is damaged, and those of `read`.
pub(super) fn unpack<T>(packed: &[u8], read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    // Of nothing at all the bound is 0: it would pass for an empty post.
    let bound = Decompressor::upper_bound(packed).filter(|_| !packed.is_empty());
    let length = bound.ok_or_else(|| damaged("is no frame"))?;
    // Taken out meanwhile: what reads may unpack another one.
    let known = UNPACKING.with_borrow_mut(Option::take);
    let mut unpacking = match known {
        Some(unpacking) => unpacking,
        None => Unpacking {
            context: Decompressor::new().map_err(|e| damaged(&e.to_string()))?,
            into: Vec::new(),
        },
    };
    unpacking.into.clear();
    let room = unpacking.into.try_reserve(length);
    room.map_err(|e| damaged(&format!("has no room in memory: {e}")))?;
    let context = &mut unpacking.context;
    let unpacked = context.decompress_to_buffer(packed, &mut unpacking.into);
    unpacked.map_err(|e| damaged(&format!("cannot be unpacked: {e}")))?;
    let out = read(&unpacking.into);
    if unpacking.into.capacity() <= KEPT {
        UNPACKING.with_borrow_mut(|known| *known = Some(unpacking));
    }
    out
}

fn damaged(what: &str) -> Error {
    Error::Damaged {
        path: "posts".into(),
        what: format!("a stored post {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};
    use crate::error::Error;

    #[test]
    fn nothing_is_no_packed_post() {
        let told = unpack(&[], |own| Ok(own.to_vec()));
        assert!(matches!(told, Err(Error::Damaged { .. })), "{told:?}");
    }

    proptest::proptest! {
        #[test]
        fn what_was_packed_comes_back_and_a_part_of_it_is_an_error(
            bytes in proptest::collection::vec(0u8..4, 0..5_000),
            cut in 0usize..5_000,
        ) {
            let mut packed = Vec::new();
            pack(&bytes, &mut packed).unwrap();
            let back = unpack(&packed, |own| unpack(&packed, |again| Ok((own.to_vec(), again.to_vec()))));
            proptest::prop_assert_eq!(back.unwrap(), (bytes.clone(), bytes));
            let part = &packed[..cut % packed.len()];
            let told = unpack(part, |own| Ok(own.to_vec()));
            proptest::prop_assert!(matches!(told, Err(Error::Damaged { .. })), "{told:?}");
        }
    }
}
