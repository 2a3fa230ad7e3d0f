//! Which bytes of a text are letters?
//!
//! In: a stretch of text. Out: a bit for each of its bytes: letters and digits of ASCII, capitals, and what is beyond ASCII.
//! Words are runs of such bits, so that no branch depends on a byte: 0.95 of the time of looking at eight bytes together for
//! each word anew (20 MB of posts a line), which had taken 0.6 of byte by byte.

/// Bytes of a stretch, at most.
pub(super) const STRETCH: usize = u64::BITS as usize;

/// Some bytes of a text. Of the bits, the lowest is that of the first byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretch {
    /// Letters and digits of ASCII.
    pub words: u64,
    pub capitals: u64,
    /// Bytes of characters beyond ASCII.
    pub beyond: u64,
}

const EACH: u64 = u64::from_le_bytes([1; LANE]);
const HIGH: u64 = EACH << 7;
/// Bytes that are looked at as one number.
const LANE: usize = size_of::<u64>();

impl Stretch {
    /// The first bytes of `bytes`, as many as a stretch has.
    pub fn of(bytes: &[u8]) -> Self {
        let mut stretch = Self::default();
        let bytes = bytes.get(..STRETCH).unwrap_or(bytes);
        let (lanes, rest) = bytes.as_chunks();
        for (lane, at) in lanes.iter().zip((0..).step_by(LANE)) {
            stretch.add(*lane, at);
        }
        if !rest.is_empty() {
            // What follows the text is no letter.
            let mut last = [0; LANE];
            last[..rest.len()].copy_from_slice(rest);
            stretch.add(last, lanes.len() * LANE);
        }
        stretch
    }

    fn add(&mut self, lane: [u8; LANE], at: usize) {
        let bytes = u64::from_le_bytes(lane);
        let ascii = bytes & !HIGH;
        // The high bit of each byte that is not below a character; of bytes below 0x80.
        let from = |bytes: u64, least: u8| bytes + EACH * u64::from(0x80 - least);
        let among = |bytes: u64, least: u8, most: u8| from(bytes, least) & !from(bytes, most + 1);
        let letters = among(ascii | EACH << 5, b'a', b'z');
        // A letter whose sixth bit is not set; what that bit is moves to the high one.
        let capitals = letters & !(bytes << 2);
        let words = letters | among(ascii, b'0', b'9');
        self.words |= bits(words & !bytes) << at;
        self.capitals |= bits(capitals & !bytes) << at;
        self.beyond |= bits(bytes) << at;
    }
}

/// The high bits of eight bytes side by side.
fn bits(bytes: u64) -> u64 {
    // The bit of byte n is moved from 8n to 56 + n; no two of these meet.
    const SIDE_BY_SIDE: u64 = 0x0102_0408_1020_4080;
    ((bytes & HIGH) >> 7).wrapping_mul(SIDE_BY_SIDE) >> 56
}

#[cfg(test)]
mod tests {
    use super::{STRETCH, Stretch};

    proptest::proptest! {
        #[test]
        fn a_bit_tells_what_its_byte_is(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let stretch = Stretch::of(&bytes);
            for at in 0..STRETCH {
                let byte = bytes.get(at).copied().unwrap_or(b' ');
                let is = |bits: u64| bits >> at & 1 == 1;
                proptest::prop_assert_eq!(is(stretch.words), byte.is_ascii_alphanumeric());
                proptest::prop_assert_eq!(is(stretch.capitals), byte.is_ascii_uppercase());
                proptest::prop_assert_eq!(is(stretch.beyond), !byte.is_ascii());
            }
        }
    }
}
