//! Where may a word stand in a text?
//!
//! In: a text as written and a folded word. Out: the stretches of the text that may hold it, each to be read by `tokens`
//! alone: most of a text is never read word by word. Must never leave out a stretch in which `tokens` finds the word.
//!
//! A word of ASCII is written as it is, letter by letter, wherever the stretch is plain. What may be folded or joined
//! (accents, "don't", "R.E.M.", "P!nk", scripts without blanks) is odd, and odd stretches may hold anything.

use std::cell::Cell;

use memchr::memchr2_iter;

use super::tokens::MAX_TOKEN_BYTES;
use crate::lanes;

/// Bytes from and to.
pub type Stretch = (usize, usize);

/// A word to be looked for.
pub struct Needle<'w> {
    word: &'w str,
    /// False where words that begin with it are looked for.
    whole: bool,
    /// Where the two neighbouring letters stand that are rarest in prose.
    rare: usize,
}

/// Letters and digits, the rarest in prose last.
const BY_FREQUENCY: &[u8] = b"etaoinsrhldcumfpgwybv0k123456789xjqz";

impl<'w> Needle<'w> {
    /// A folded word, or what words may begin with where it is not `whole`.
    pub fn new(word: &'w str, whole: bool) -> Self {
        let rarity = |byte: &u8| BY_FREQUENCY.iter().position(|b| b == byte).unwrap_or(0);
        let pairs = word.as_bytes().windows(2).enumerate();
        let rare = pairs.max_by_key(|(_, pair)| pair.iter().map(rarity).sum::<usize>());
        Self {
            word,
            whole,
            rare: rare.map_or(0, |(at, _)| at),
        }
    }

    /// True where its two rare letters tell where it may stand: what is not of ASCII stands in odd stretches only.
    fn is_pair(&self) -> bool {
        self.word.is_ascii() && self.word.len() > 1
    }

    /// Its two rarest letters that stand side by side; of words without these none that stand anywhere.
    fn pair(&self) -> Pair {
        match self.word.as_bytes().get(self.rare..self.rare + 2) {
            Some([first, second]) if self.is_pair() => Pair(*first, *second),
            _ => Pair::default(),
        }
    }

    /// True where its rare letters, or its only one, are a byte and the next one.
    fn may_stand(&self, a: u8, b: u8) -> bool {
        match *self.word.as_bytes() {
            [one @ 0..0x80] => a.eq_ignore_ascii_case(&one),
            _ => self.pair().is(a, b),
        }
    }

    /// Where its letters begin and end, if its rare ones at `at` are a part of them.
    fn letters(&self, bytes: &[u8], at: usize) -> Option<Stretch> {
        let start = at.checked_sub(self.rare)?;
        let end = start + self.word.len();
        let here = bytes.get(start..end)?;
        here.eq_ignore_ascii_case(self.word.as_bytes())
            .then_some((start, end))
    }

    /// Appends the stretch of a text where it stands, if its rare letters stand at `at` as a part of it.
    fn check(&self, bytes: &[u8], at: usize, out: &mut Vec<Stretch>) {
        // One stretch may hold it thousands of times.
        if out.last().is_some_and(|last| at < last.1) {
            return;
        }
        let Some((start, end)) = self.letters(bytes, at) else {
            return;
        };
        let begins = |at: usize| bytes.get(at).is_none_or(|b| !b.is_ascii_alphanumeric());
        // Longer words are cut.
        let ends = !self.whole || self.word.len() >= MAX_TOKEN_BYTES || begins(end);
        if ends && start.checked_sub(1).is_none_or(begins) {
            out.push(stretch(bytes, start, end));
        }
    }

    /// False where an odd stretch cannot hold it, as each of its letters comes from one byte: there are fewer, or none is its first.
    fn may_be_in(&self, stretch: &[u8]) -> bool {
        let word = self.word.as_bytes();
        let Some(first) = word.first() else {
            return true;
        };
        let is_first = |b: &u8| letter(*b) == *first;
        stretch.len() >= word.len() && stretch.iter().any(is_first)
    }
}

/// The letter that a byte of ASCII is read as within a word ("P!nk", "A$AP"), in lower case; other bytes as they are.
pub fn letter(byte: u8) -> u8 {
    match byte {
        b'!' => b'i',
        b'$' => b's',
        byte => byte.to_ascii_lowercase(),
    }
}

/// Two neighbouring letters or digits in lower case. No text has the default.
#[derive(Clone, Copy, Default)]
struct Pair(u8, u8);

impl Pair {
    /// Whether they are a byte and the next one, in lower case or not; and, rarely, whether others are.
    fn is(self, a: u8, b: u8) -> bool {
        // Makes capitals small, leaves small letters and digits as they are. No byte with that bit is a zero.
        const SMALL: u8 = 0x20;
        (a | SMALL == self.0) & (b | SMALL == self.1)
    }
}

/// Words that are looked for together.
const TOGETHER: usize = 4;

/// The places in a piece of memory at which words may stand, or what may be folded or joined. It is gone through once, however
/// many texts lie there.
pub struct Glance<'t> {
    bytes: &'t [u8],
    /// In order. Of bytes that are not of ASCII and follow each other the first one.
    places: Vec<u32>,
    /// How many places lie before the text that was asked for last: the next one is near it, most often.
    before: Cell<usize>,
}

impl<'t> Glance<'t> {
    /// Of these words in this memory, which may hold anything besides texts.
    pub fn new<'n>(bytes: &'t [u8], needles: impl Iterator<Item = &'n Needle<'n>> + Clone) -> Self {
        // What lies beyond is no post; its texts are looked at one by one.
        let bytes = match u32::try_from(bytes.len()) {
            Ok(_) => bytes,
            Err(_) => &[],
        };
        let mut places = Vec::new();
        let mut pairs = Vec::new();
        for needle in needles.clone() {
            match *needle.word.as_bytes() {
                [one @ 0..0x80] => {
                    let all = memchr2_iter(one, one.to_ascii_uppercase(), bytes);
                    places.extend(all.map(|at| at as u32));
                }
                _ => pairs.push(needle.pair()),
            }
        }
        let mut each = |at: usize| {
            let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
            let (own, next) = (byte(at), byte(at + 1));
            let is_place = if own >= 0x80 {
                at.checked_sub(1).is_none_or(|before| byte(before) < 0x80)
            } else {
                let stands = |n: &Needle<'_>| n.letters(bytes, at).is_some();
                may_join(own, next) || needles.clone().any(stands)
            };
            if is_place {
                places.push(at as u32);
            }
        };
        // What is odd is looked for on the way to the first words.
        let (first, others) = pairs.split_at(pairs.len().min(TOGETHER));
        match *first {
            [] => lanes::each(bytes, begins_odd, &mut each),
            [one] => lanes::each(bytes, odd_or([one]), &mut each),
            [one, other] => lanes::each(bytes, odd_or([one, other]), &mut each),
            _ => lanes::each(bytes, odd_or(padded(first)), &mut each),
        }
        for pairs in others.chunks(TOGETHER) {
            lanes::each(bytes, any(padded(pairs)), &mut each);
        }
        places.sort_unstable();
        places.dedup();
        Self {
            bytes,
            places,
            before: Cell::new(0),
        }
    }

    /// Where a text begins in this memory, and its places there; `None` for texts that lie elsewhere.
    fn of(&self, text: &str) -> Option<(usize, &[u32])> {
        let start = text
            .as_ptr()
            .addr()
            .checked_sub(self.bytes.as_ptr().addr())?;
        let end = start + text.len();
        if end > self.bytes.len() {
            return None;
        }
        let mut from = self.before.get();
        let is_from = |at: usize, start| self.places.get(at).is_none_or(|at| *at as usize >= start);
        while from > 0 && is_from(from - 1, start) {
            from -= 1;
        }
        while !is_from(from, start) {
            from += 1;
        }
        self.before.set(from);
        let mut to = from;
        while !is_from(to, end) {
            to += 1;
        }
        Some((start, self.places.get(from..to)?))
    }
}

/// Whether any of some pairs is a byte and the next one.
fn any<const MANY: usize>(pairs: [Pair; MANY]) -> impl Fn(u8, u8) -> bool {
    move |a, b| pairs.iter().fold(false, |is, pair| is | pair.is(a, b))
}

/// The same, or whether they may join letters.
fn odd_or<const MANY: usize>(pairs: [Pair; MANY]) -> impl Fn(u8, u8) -> bool {
    let any = any(pairs);
    move |a, b| begins_odd(a, b) | any(a, b)
}

fn padded(pairs: &[Pair]) -> [Pair; TOGETHER] {
    let mut out = [Pair::default(); TOGETHER];
    for (own, pair) in out.iter_mut().zip(pairs) {
        *own = *pair;
    }
    out
}

/// The stretches of a text that may hold one of some words, in order; what was seen at a `glance` at these words is made use of.
pub fn stretches<'n>(
    text: &str,
    glance: &Glance<'_>,
    needles: impl Iterator<Item = &'n Needle<'n>> + Clone,
) -> Vec<Stretch> {
    let Some((start, places)) = glance.of(text) else {
        return stretches(
            text,
            &Glance::new(text.as_bytes(), needles.clone()),
            needles,
        );
    };
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    // What is not of ASCII may have begun before.
    let first = text.chars().next().filter(|c| !c.is_ascii()).map(|_| 0);
    let places = places.iter().map(|place| *place as usize - start);
    for at in first.into_iter().chain(places) {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let (own, next) = (byte(at), byte(at + 1));
        if may_join(own, next) {
            odd(text, at, needles.clone(), &mut out);
        } else {
            let here = needles.clone().filter(|n| n.may_stand(own, next));
            here.for_each(|needle| needle.check(bytes, at, &mut out));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether a stretch may be odd because of a byte and the next one. Letters and digits begin at the digits: most signs end a
/// sentence, and a blank follows.
fn may_join(byte: u8, next: u8) -> bool {
    (byte >= 0x80) | begins_odd(byte, next)
}

/// The same, of bytes beyond ASCII only where a character begins: some that follow each other do so with one.
fn begins_odd(byte: u8, next: u8) -> bool {
    (byte >= 0xc0) | (joins_ascii(byte) & (next >= b'0'))
}

/// Appends the stretch around a byte if it is odd and may hold one of the words.
fn odd<'n>(
    text: &str,
    at: usize,
    mut needles: impl Iterator<Item = &'n Needle<'n>>,
    out: &mut Vec<Stretch>,
) {
    let bytes = text.as_bytes();
    let goes_on = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
    };
    let joins = |at: usize| goes_on(Some(at + 1)) && goes_on(at.checked_sub(1));
    let is_plain = bytes.get(at).is_some_and(u8::is_ascii);
    let is_known = out
        .last()
        .is_some_and(|last| (last.0..last.1).contains(&at));
    if is_known || is_plain && !joins(at) {
        return;
    }
    let (start, end) = stretch(bytes, at, at + 1);
    // Dashes, quotes and the like are no letters. A long stretch is not gone through for each of its signs.
    let is_sign = |c: char| c.is_ascii() || ('\u{2010}'..='\u{2027}').contains(&c);
    let own = text.get(start..end).unwrap_or_default();
    let can_hold = end - start > MAX_TOKEN_BYTES
        || !own.chars().all(is_sign)
        || needles.any(|n| n.may_be_in(own.as_bytes()));
    if can_hold {
        out.push((start, end));
    }
}

/// True for bytes at which a word may go on otherwise than with a letter or digit of ASCII.
fn is_joining(byte: u8) -> bool {
    (byte >= 0x80) | joins_ascii(byte)
}

/// True for signs of ASCII within a word.
fn joins_ascii(byte: u8) -> bool {
    // Without branches, so that many are looked at together.
    (byte == b'\'') | (byte == b'.') | (byte == b'!') | (byte == b'$')
}

/// The stretch around some bytes: to the next ones, before and after, that part words whatever stands beside them.
fn stretch(bytes: &[u8], start: usize, end: usize) -> Stretch {
    let belongs = |b: &u8| b.is_ascii_alphanumeric() || is_joining(*b);
    let before = bytes.get(..start).unwrap_or_default();
    let after = bytes.get(end..).unwrap_or_default();
    let back = before.iter().rev().position(|b| !belongs(b));
    let on = after.iter().position(|b| !belongs(b));
    (
        back.map_or(0, |back| start - back),
        on.map_or(bytes.len(), |on| end + on),
    )
}

#[cfg(test)]
mod tests {
    use super::{Glance, Needle, stretches};
    use crate::text::tokens::{folded, tokens};

    /// True where a stretch that is found holds the word.
    fn has(text: &str, word: &str, whole: bool) -> bool {
        let needle = Needle::new(word, whole);
        let glance = Glance::new(text.as_bytes(), [&needle].into_iter());
        stretches(text, &glance, [&needle].into_iter())
            .iter()
            .any(|(start, end)| {
                folded(&text[*start..*end])
                    .iter()
                    .any(|t| t == word || !whole && t.starts_with(word))
            })
    }

    #[test]
    fn words_are_found_however_written() {
        for (text, word, whole, found) in [
            ("Robert Tepper sings", "tepper", true, true),
            ("Robert Teppers sings", "tepper", true, false),
            ("Robert Teppers sings", "tepper", false, true),
            ("a stepper", "tepper", true, false),
            ("R.E.M.", "rem", true, true),
            ("I don't", "dont", true, true),
            ("(P!nk)", "pink", true, true),
            ("the end.Next", "next", true, true),
            ("nothing of it", "tepper", true, false),
            ("“nothing” of it", "tepper", true, false),
            ("Ørsted", "orsted", true, true),
            ("a U2 b", "u2", true, true),
            ("I am", "i", true, true),
            ("", "a", true, false),
        ] {
            assert_eq!(has(text, word, whole), found, "{text}: {word}");
        }
    }

    #[test]
    fn plain_stretches_without_it_are_not_read() {
        let text = "Thirty songs of an evening that nobody heard of, and one by Robert Tepper, who isn't dead.";
        let told = |words: &[&str]| -> Vec<&str> {
            let needles: Vec<Needle<'_>> = words.iter().map(|w| Needle::new(w, true)).collect();
            let found = stretches(
                text,
                &Glance::new(text.as_bytes(), needles.iter()),
                needles.iter(),
            );
            found.iter().map(|(a, b)| &text[*a..*b]).collect()
        };
        assert_eq!(told(&["tepper"]), ["Tepper"]);
        assert_eq!(told(&["isnt"]), ["isn't"]);
        assert_eq!(told(&["tepper", "is"]), ["Tepper", "isn't"]);
    }

    #[test]
    fn a_stretch_is_found_once_however_often_it_holds_the_word() {
        let text = "solo.".repeat(1_000);
        let needle = Needle::new("solo", true);
        // A piece of memory, a part of it, and another one.
        let memory = format!("\0{text}\u{1}");
        for glance in
            [text.as_bytes(), memory.as_bytes(), b""].map(|b| Glance::new(b, [&needle].into_iter()))
        {
            let part = memory.trim_matches(char::is_control);
            assert_eq!(
                stretches(part, &glance, [&needle].into_iter()),
                [(0, part.len())]
            );
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]
        #[test]
        fn no_word_is_missed(text in "[a-cA-C0-1éØﬁ少女 '.!$’\u{301}-]{0,70}") {
            for token in tokens(&text) {
                assert!(has(&text, &token.text, true), "{text}: {}", token.text);
                let mut beginning = token.text.clone();
                while beginning.pop().is_some() && !beginning.is_empty() {
                    assert!(has(&text, &beginning, false), "{text}: {beginning}*");
                }
            }
        }

        #[test]
        fn no_word_of_any_text_is_missed(text in "\\PC{0,60}") {
            for token in tokens(&text) {
                assert!(has(&text, &token.text, true), "{text}: {}", token.text);
            }
        }
    }
}
