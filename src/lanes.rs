//! Bytes looked at together.
//!
//! In: bytes, and a question of one of them and the next. Out: where the answer is yes. A loop without branches takes many
//! bytes in a few instructions; so a question must have none: `&` and `|`, not `&&` and `||`.

/// Bytes that are looked at together.
const LANE: usize = 32;

/// Calls `visit` where `is` says so of a byte and the next one, or 0 after the last. Of bytes that are 0 it must not.
#[inline]
pub fn each(bytes: &[u8], is: impl Fn(u8, u8) -> bool, visit: impl FnMut(usize)) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has the instructions that the function is compiled for.
        return unsafe { each_wide(bytes, is, visit) };
    }
    each_of(bytes, is, visit);
}

/// The same, where a lane is one register: 0.6 of the time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn each_wide(bytes: &[u8], is: impl Fn(u8, u8) -> bool, visit: impl FnMut(usize)) {
    each_of(bytes, is, visit);
}

#[inline(always)]
fn each_of(bytes: &[u8], is: impl Fn(u8, u8) -> bool, mut visit: impl FnMut(usize)) {
    let mut end = [0; LANE + 1];
    let mut start = 0;
    while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
        let lane = rest.first_chunk().unwrap_or_else(|| {
            end[..rest.len()].copy_from_slice(rest);
            &end
        });
        let hits = eights(&hits(lane, &is));
        // Most have none.
        if hits.iter().fold(0, |all, eight| all | eight) != 0 {
            let mut bits = bits(hits);
            while bits != 0 {
                visit(start + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
        start += LANE;
    }
}

/// A bit for each of the bytes, which are 0 or 1.
#[inline(always)]
fn bits(hits: [u64; LANE / 8]) -> u32 {
    let eights = (0..).step_by(8).zip(hits);
    eights.fold(0, |all, (at, eight)| {
        all | (side_by_side(eight) as u32) << at
    })
}

/// Eight bytes, which are 0 or 1, as eight bits; the lowest is that of the lowest byte.
#[inline(always)]
pub fn side_by_side(bytes: u64) -> u64 {
    // The bit of byte n is moved from 8n to 56 + n; no two of these meet.
    const SIDE_BY_SIDE: u64 = 0x0102_0408_1020_4080;
    bytes.wrapping_mul(SIDE_BY_SIDE) >> 56
}

/// The first place where `is` says so of a byte and the next one, or `after` behind the last.
#[inline]
pub fn first(bytes: &[u8], after: u8, is: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let mut start = 0;
    while let Some(lane) = bytes.get(start..).and_then(<[u8]>::first_chunk) {
        for (base, bits) in (start..).step_by(8).zip(eights(&hits(lane, &is))) {
            if bits != 0 {
                return Some(base + bits.trailing_zeros() as usize / 8);
            }
        }
        start += LANE;
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let next = rest.iter().skip(1).chain([&after]);
    let at = rest.iter().zip(next).position(|(a, b)| is(*a, *b))?;
    Some(start + at)
}

#[inline(always)]
fn hits(lane: &[u8; LANE + 1], is: &impl Fn(u8, u8) -> bool) -> [u8; LANE] {
    let mut hits = [0; LANE];
    for (hit, pair) in hits.iter_mut().zip(lane.array_windows::<2>()) {
        *hit = u8::from(is(pair[0], pair[1]));
    }
    hits
}

/// Eight bytes as one number each.
#[inline(always)]
fn eights(hits: &[u8; LANE]) -> [u64; LANE / 8] {
    let mut out = [0; LANE / 8];
    for (own, eight) in out.iter_mut().zip(hits.as_chunks::<8>().0) {
        *own = u64::from_le_bytes(*eight);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{each, first};

    proptest::proptest! {
        #[test]
        fn places_are_those_of_a_plain_search(
            bytes in proptest::collection::vec(1u8..6, 0..100),
            after in 1u8..6,
        ) {
            let is = |a: u8, b: u8| (a == 1) & (b > 3) | (a == 5) & (b == 5);
            let places = |after: u8| -> Vec<usize> {
                let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(after);
                (0..bytes.len()).filter(|at| is(bytes[*at], next(*at))).collect()
            };
            let mut found = Vec::new();
            each(&bytes, is, |at| found.push(at));
            proptest::prop_assert_eq!(found, places(0));
            proptest::prop_assert_eq!(first(&bytes, after, is), places(after).first().copied());
        }
    }
}
