//! Terms as numbers.
//!
//! In: a field and the bytes of a term. Out: its number, counted from 0 in the order of first appearance.
//!
//! Nearly all of the work is waiting for memory: a segment has some hundred thousand terms, looked up in the order of
//! prose. So a slot of the table has all that a lookup needs, within one line of the cache, and words are looked up
//! many at a time: their slots are asked for at once, and then seen through one by one.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes of a term that stand in its slot.
const HEAD: usize = 16;
/// Slots at the start; a power of two.
const FEWEST: usize = 1 << 12;

/// The terms of one segment.
pub(super) struct Terms {
    /// Their bytes, one after the other.
    bytes: Vec<u8>,
    all: Vec<Term>,
    /// As many as a power of two, a quarter of them empty at least. A term stands in the first that is free from the place
    /// on that its hash tells.
    slots: Vec<Slot>,
    /// Others in each process: nobody writes a post whose words all meet.
    seeds: [u64; 2],
}

#[derive(Clone, Copy)]
struct Term {
    start: u32,
    length: u16,
    field: u16,
}

#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    /// How the term begins, filled up with zeros.
    head: u128,
    hash: u32,
    /// Its number, counted from 1; 0 where the slot is empty.
    number: u32,
    length: u16,
    field: u16,
}

const _: () = assert!(size_of::<Slot>() == 32);

/// Terms that wait to be looked up, each of at most 65,535 bytes.
#[derive(Default)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    /// Where each ends, and its field.
    ends: Vec<(usize, u16)>,
    /// The heads and hashes of those that are being looked up.
    keys: Vec<(u128, u32)>,
}

impl Waiting {
    /// Adds a term; how many there are now.
    pub fn push(&mut self, field: u16, term: &[u8]) -> usize {
        self.bytes.extend_from_slice(term);
        self.ends.push((self.bytes.len(), field));
        self.ends.len()
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

impl Terms {
    pub fn new() -> Self {
        let random = RandomState::new();
        Self {
            bytes: Vec::new(),
            all: Vec::new(),
            slots: vec![Slot::default(); FEWEST],
            seeds: [0, 1].map(|n| random.hash_one(n)),
        }
    }

    /// Looks up what waits, and appends the numbers to `numbers`.
    pub fn numbers(&mut self, waiting: &mut Waiting, numbers: &mut Vec<u32>) {
        // A head can be read wherever a term ends.
        let length = waiting.bytes.len();
        waiting.bytes.resize(length + HEAD, 0);
        let Waiting { bytes, ends, keys } = waiting;
        let mut start = 0;
        keys.clear();
        keys.extend(ends.iter().map(|(end, field)| {
            let term = std::mem::replace(&mut start, *end)..*end;
            let head = head(bytes, term.clone());
            (
                head,
                self.hash(*field, head, bytes.get(term).unwrap_or_default()),
            )
        }));
        // None of these waits for another.
        let fetched = keys.iter().fold(0, |sum: u32, (_, hash)| {
            sum ^ self.slots.get(self.place(*hash)).map_or(0, |s| s.hash)
        });
        std::hint::black_box(fetched);
        start = 0;
        for ((end, field), (head, hash)) in ends.iter().zip(&*keys) {
            let term = bytes.get(start..*end).unwrap_or_default();
            numbers.push(self.number(*field, term, *head, *hash));
            start = *end;
        }
        bytes.clear();
        ends.clear();
    }

    fn hash(&self, field: u16, head: u128, term: &[u8]) -> u32 {
        let [one, two] = self.seeds;
        if term.len() > HEAD {
            return xxh3_64_with_seed(term, one ^ u64::from(field)) as u32;
        }
        // Both halves multiplied, and the halves of the product folded: as foldhash does.
        let of_field = u64::from(field) << 8 | term.len() as u64;
        let product =
            u128::from(head as u64 ^ one) * u128::from((head >> 64) as u64 ^ two ^ of_field);
        (product as u64 ^ (product >> 64) as u64) as u32
    }

    fn number(&mut self, field: u16, term: &[u8], head: u128, hash: u32) -> u32 {
        let mut at = self.place(hash);
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.number > 0) {
            if slot.head == head
                && slot.hash == hash
                && slot.field == field
                && usize::from(slot.length) == term.len()
                && (term.len() <= HEAD || self.get(slot.number - 1).1 == term)
            {
                return slot.number - 1;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        let number = self.all.len() as u32;
        let length = term.len() as u16;
        self.slots[at] = Slot {
            head,
            hash,
            number: number + 1,
            length,
            field,
        };
        self.all.push(Term {
            start: self.bytes.len() as u32,
            length,
            field,
        });
        self.bytes.extend_from_slice(term);
        if self.all.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        number
    }

    fn place(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let double = vec![Slot::default(); self.slots.len() * 2];
        let slots = std::mem::replace(&mut self.slots, double);
        for slot in slots.into_iter().filter(|slot| slot.number > 0) {
            let mut at = self.place(slot.hash);
            while self.slots[at].number > 0 {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = slot;
        }
    }

    /// Field and bytes of a term; nothing where there is none of this number.
    pub fn get(&self, number: u32) -> (u16, &[u8]) {
        let term = self.all.get(number as usize);
        term.map_or((0, &[]), |term| (term.field, term.of(&self.bytes)))
    }

    /// Gives back what only lookups need, and tells how many slots that were: from now on no term is looked up.
    pub fn close(&mut self) -> usize {
        std::mem::take(&mut self.slots).len()
    }

    /// Forgets all terms, and has so many slots for others.
    pub fn reopen(&mut self, slots: usize) {
        self.bytes.clear();
        self.all.clear();
        self.slots = vec![Slot::default(); slots];
    }

    /// All numbers, by field and then by bytes.
    pub fn sorted(&self) -> Vec<u32> {
        // The first seven bytes decide nearly always, and stand beside the number.
        let mut keys: Vec<(u64, u32)> = (0u32..)
            .zip(&self.all)
            .map(|(number, term)| {
                let bytes = term.of(&self.bytes);
                let mut key = [0; 8];
                let start = &bytes[..bytes.len().min(7)];
                key[..start.len()].copy_from_slice(start);
                let key = u64::from_be_bytes(key) >> 8;
                (u64::from(term.field) << 56 | key, number)
            })
            .collect();
        keys.sort_unstable_by(|a, b| {
            let rest = || self.get(a.1).cmp(&self.get(b.1));
            a.0.cmp(&b.0).then_with(rest)
        });
        keys.into_iter().map(|(_, number)| number).collect()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.bytes.len() + self.all.len() * (size_of::<Term>() + 2 * size_of::<Slot>())
    }
}

/// The first bytes of a term, filled up with zeros; there are as many bytes as a head has after it.
fn head(bytes: &[u8], term: Range<usize>) -> u128 {
    let read = bytes.get(term.start..).and_then(|rest| rest.first_chunk());
    let head = u128::from_le_bytes(read.copied().unwrap_or_default());
    match term.len() {
        0 => 0,
        length @ 1..HEAD => head & (u128::MAX >> ((HEAD - length) * 8)),
        _ => head,
    }
}

impl Term {
    fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.start as usize;
        bytes
            .get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST, Terms, Waiting};

    fn numbers(terms: &mut Terms, field: u16, asked: &[Vec<u8>]) -> Vec<u32> {
        let mut waiting = Waiting::default();
        for (count, term) in asked.iter().enumerate() {
            assert_eq!(waiting.push(field, term), count + 1);
        }
        let mut numbers = Vec::new();
        terms.numbers(&mut waiting, &mut numbers);
        numbers
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_kept_and_sorted(
            asked in proptest::collection::vec(
                (0u16..3, proptest::collection::vec(proptest::collection::vec(0u8..3, 0..20), 0..20)),
                0..20,
            ),
        ) {
            let mut terms = Terms::new();
            let known: Vec<Vec<u32>> = asked.iter().map(|(f, t)| numbers(&mut terms, *f, t)).collect();
            let mut expected = Vec::new();
            for ((field, asked), known) in asked.iter().zip(&known) {
                assert_eq!(&numbers(&mut terms, *field, asked), known);
                for (term, number) in asked.iter().zip(known) {
                    assert_eq!(terms.get(*number), (*field, term.as_slice()));
                    expected.push((*field, term.as_slice()));
                }
            }
            expected.sort();
            expected.dedup();
            let sorted: Vec<(u16, &[u8])> = terms.sorted().into_iter().map(|n| terms.get(n)).collect();
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn a_table_grows() {
        let mut terms = Terms::new();
        let many = (0..FEWEST * 5).map(|n| format!("a word of some bytes, {n}").into_bytes());
        let cut = many.enumerate().map(|(n, term)| term[n % 22..].to_vec());
        let many: Vec<Vec<u8>> = cut.collect();
        for _ in 0..2 {
            let expected: Vec<u32> = (0..many.len() as u32).collect();
            assert_eq!(numbers(&mut terms, 1, &many), expected);
        }
    }
}
