//! Where in a text do the words of a query stand?
//!
//! In: a text and the positive conditions of a query. Out: which conditions it meets, and with which of its words. Only
//! the stretches that may hold one of the words are read word by word; where a condition has several words, those between
//! are counted.

use foldhash::HashMap;

use crate::query::{self, Field, Test};
use crate::text::glance::{self, Glance, Needle};
use crate::text::tokens::{self, Token};

/// One positive condition of a query, as it is looked for in texts.
pub(super) struct Want {
    field: Option<Field>,
    /// Words in a row; the last may stand for several.
    words: Vec<Word>,
    slop: usize,
}

impl Want {
    /// What a test looks for; `None` where that is no text. `near` are the words that a word with slips stands for.
    pub fn new(field: Option<Field>, test: &Test, near: Vec<String>) -> Option<Self> {
        let (text, last): (&str, fn(String) -> Word) = match test {
            Test::OneOf(words) => {
                return Some(Self {
                    field,
                    words: vec![Word::OneOf(words.clone())],
                    slop: 0,
                });
            }
            Test::Word(w) | Test::Phrase { words: w, .. } | Test::Fuzzy(w) => (w, Word::Is),
            Test::Prefix(w) => (w, Word::Starts),
            Test::Range { .. } => return None,
        };
        let mut words: Vec<Word> = tokens::tokens(text)
            .into_iter()
            .map(|t| Word::Is(t.text))
            .collect();
        if let Some(Word::Is(end)) = words.pop() {
            words.push(match test {
                Test::Fuzzy(_) => Word::OneOf(near),
                _ => last(end),
            });
        }
        (!words.is_empty()).then_some(Self {
            field,
            words,
            slop: match test {
                Test::Phrase { slop, .. } => (*slop).min(query::MOST_SLOP) as usize,
                _ => 0,
            },
        })
    }

    fn is_asked_of(&self, part: &[Field]) -> bool {
        self.field.is_none_or(|field| part.contains(&field))
    }
}

enum Word {
    Is(String),
    OneOf(Vec<String>),
    Starts(String),
}

impl Word {
    /// The words it stands for.
    fn all(&self) -> &[String] {
        match self {
            Self::Is(word) | Self::Starts(word) => std::slice::from_ref(word),
            Self::OneOf(words) => words,
        }
    }

    fn matches(&self, token: &str) -> bool {
        match self {
            Self::Is(word) => word == token,
            Self::OneOf(words) => words.iter().any(|word| word == token),
            Self::Starts(stem) => token.starts_with(stem.as_str()),
        }
    }
}

/// What stands between two paragraphs.
const PARTING: &str = "\n\n";

/// More words than these are looked up, in all of a text, instead of being searched for one by one.
const FEW: usize = 12;

/// The conditions by their words: a text is gone through once, however many there are.
pub(super) struct Words<'a> {
    wants: &'a [Want],
    /// A word, its condition, and whether that may begin with it. Few are compared one by one.
    few: Vec<(&'a Word, usize, bool)>,
    many: HashMap<&'a str, Vec<(usize, bool)>>,
    /// What is searched for, with its condition; none where there are many.
    needles: Vec<(Needle<'a>, usize)>,
    /// True where it matters how many other words stand between two.
    pub counts: bool,
}

impl<'a> Words<'a> {
    pub fn new(wants: &'a [Want]) -> Self {
        let mut few = Vec::new();
        for (n, want) in wants.iter().enumerate() {
            for (at, word) in want.words.iter().enumerate() {
                few.push((word, n, at == 0 || want.slop > 0));
            }
        }
        let mut many: HashMap<&str, Vec<(usize, bool)>> = HashMap::default();
        let mut needles = Vec::new();
        if few.iter().map(|(word, ..)| word.all().len()).sum::<usize>() > FEW {
            few.retain(|(word, n, first)| {
                if matches!(word, Word::Starts(_)) {
                    return true;
                }
                for word in word.all() {
                    many.entry(word).or_default().push((*n, *first));
                }
                false
            });
        } else {
            for (word, n, _) in &few {
                let whole = !matches!(word, Word::Starts(_));
                let found = word.all().iter().map(|w| (Needle::new(w, whole), *n));
                needles.extend(found);
            }
        }
        Self {
            wants,
            few,
            many,
            needles,
            counts: wants.len() > 1 || wants.iter().any(|want| want.words.len() > 1),
        }
    }

    /// How many conditions there are.
    pub fn conditions(&self) -> usize {
        self.wants.len()
    }

    /// Looks for the words in a piece of memory in which texts lie.
    pub fn over<'t>(&'a self, memory: &'t [u8]) -> Over<'a, 't> {
        Over {
            words: self,
            glance: Glance::new(memory, self.needles.iter().map(|(needle, _)| needle)),
        }
    }

    /// Calls `each` with every condition on these fields that has a word, and whether it may begin with that.
    fn having(&self, token: &str, part: &[Field], each: &mut dyn FnMut(usize, bool)) {
        let mut asked = |n: usize, first: bool| {
            if self.wants.get(n).is_some_and(|want| want.is_asked_of(part)) {
                each(n, first);
            }
        };
        for (word, n, first) in &self.few {
            if word.matches(token) {
                asked(*n, *first);
            }
        }
        if !self.many.is_empty() {
            for (n, first) in self.many.get(token).into_iter().flatten() {
                asked(*n, *first);
            }
        }
    }
}

/// Conditions, and where in a piece of memory their words may stand.
pub(super) struct Over<'w, 't> {
    words: &'w Words<'w>,
    glance: Glance<'t>,
}

impl Over<'_, '_> {
    /// The stretches of a text that may hold words, in order.
    fn stretches(&self, text: &str, part: &[Field]) -> Vec<glance::Stretch> {
        let words = self.words;
        if words.needles.is_empty() {
            return vec![(0, text.len())];
        }
        let asked = words.needles.iter().filter(|(_, n)| {
            let want = words.wants.get(*n);
            want.is_some_and(|want| want.is_asked_of(part))
        });
        glance::stretches(text, &self.glance, asked.map(|(needle, _)| needle))
    }
}

/// A text with the conditions found in it. Its words are numbered; where it does not matter how many stand between two that
/// are looked for, others are not counted one by one.
#[derive(Default)]
pub(super) struct Looked {
    /// Which condition, from which word to which.
    pub found: Vec<(usize, usize, usize)>,
    /// Words of conditions with their numbers, in order.
    words: Vec<(usize, Token)>,
}

impl Looked {
    pub fn at(text: &str, over: &Over<'_, '_>, part: &[Field]) -> Self {
        Self::within(text, over.words, part, &over.stretches(text, part))
    }

    /// Calls `visit` with the paragraphs of a text in which conditions are found, and what is found there.
    pub fn in_paragraphs<'t>(
        text: &'t str,
        over: &Over<'_, '_>,
        part: &[Field],
        mut visit: impl FnMut(&'t str, Self),
    ) {
        let words = over.words;
        let mut stretches = over.stretches(text, part);
        let mut rest = stretches.as_mut_slice();
        let mut start = 0;
        let ends = memchr::memmem::find_iter(text.as_bytes(), PARTING);
        for end in ends.chain([text.len()]) {
            let paragraph = text.get(start..end).unwrap_or_default();
            let found = match words.needles.is_empty() {
                true => Self::at(paragraph, over, part),
                false => {
                    // None goes beyond a paragraph: line breaks part words.
                    let here = rest.partition_point(|(from, _)| *from < end);
                    let (own, others) = std::mem::take(&mut rest).split_at_mut(here);
                    rest = others;
                    for (from, to) in own.iter_mut() {
                        *from -= start;
                        *to -= start;
                    }
                    Self::within(paragraph, words, part, own)
                }
            };
            if !found.found.is_empty() {
                visit(paragraph, found);
            }
            if rest.is_empty() {
                break;
            }
            start = end + PARTING.len();
        }
    }

    /// Reads some stretches of a text.
    fn within(
        text: &str,
        words: &Words<'_>,
        part: &[Field],
        stretches: &[glance::Stretch],
    ) -> Self {
        let mut out = Self::default();
        if stretches.is_empty() {
            return out;
        }
        // Where a condition may begin: at which of the words found.
        let mut begins: Vec<(usize, usize)> = Vec::new();
        let (mut number, mut read) = (0, 0);
        for (start, end) in stretches {
            if !out.words.is_empty() {
                let mut between = tokens::Words::new(text.get(read..*start).unwrap_or_default());
                while between.next().is_some() {
                    number += 1;
                    if !words.counts {
                        break;
                    }
                }
            }
            read = *end;
            tokens::each(
                text.get(*start..*end).unwrap_or_default(),
                &mut |word, from, to| {
                    let mut matches = false;
                    words.having(word, part, &mut |n, first| {
                        matches = true;
                        if first {
                            begins.push((n, out.words.len()));
                        }
                    });
                    if matches {
                        let token = Token {
                            text: word.to_owned(),
                            start: start + from,
                            end: start + to,
                        };
                        out.words.push((number, token));
                    }
                    number += 1;
                },
            );
        }
        begins.sort_unstable();
        begins.dedup();
        for (n, at) in begins {
            let (Some(want), Some(rest)) = (words.wants.get(n), out.words.get(at..)) else {
                continue;
            };
            if let (Some(length), Some((first, _))) = (run(rest, want), rest.first()) {
                out.found.push((n, *first, first + length));
            }
        }
        out.found.sort_by_key(|f| f.1);
        out
    }

    /// True where no word of a condition stands in the text.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words of conditions between two numbers.
    pub fn words(&self, start: usize, end: usize) -> &[(usize, Token)] {
        let from = self.words.partition_point(|(number, _)| *number < start);
        let to = self.words.partition_point(|(number, _)| *number < end);
        self.words.get(from..to).unwrap_or_default()
    }

    /// How many different conditions were found.
    pub fn count(&self) -> usize {
        match self.found.as_slice() {
            [] => 0,
            [_] => 1,
            found => {
                let mut seen: Vec<usize> = found.iter().map(|f| f.0).collect();
                seen.sort_unstable();
                seen.dedup();
                seen.len()
            }
        }
    }

    /// The smallest number of words that holds all of `all` conditions; `None` where one is missing.
    pub fn window(&self, all: usize) -> Option<usize> {
        let mut counts = vec![0usize; all];
        let mut missing = all;
        let mut best: Option<usize> = None;
        let mut left = 0;
        for right in &self.found {
            counts[right.0] += 1;
            if counts[right.0] == 1 {
                missing -= 1;
            }
            while missing == 0 {
                let first = self.found[left];
                let wide = right.2.max(first.2) - first.1;
                best = Some(best.map_or(wide, |b| b.min(wide)));
                counts[first.0] -= 1;
                if counts[first.0] == 0 {
                    missing += 1;
                }
                left += 1;
            }
        }
        best
    }

    /// True where the conditions follow each other as typed.
    pub fn in_order(&self, all: usize) -> bool {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for (n, start, end) in &self.found {
            if *n == 0 {
                ends.push((1, *end));
            }
            for slot in &mut ends {
                if slot.0 == *n && slot.1 == *start {
                    *slot = (n + 1, *end);
                }
            }
            ends.retain(|slot| slot.1 + 1 > *start || slot.0 == all);
            if ends.iter().any(|slot| slot.0 == all) {
                return true;
            }
        }
        all == 1 && !self.found.is_empty()
    }

    pub fn byte_ranges(&self) -> Vec<(usize, usize)> {
        let mut out: Vec<(usize, usize)> = Vec::new();
        for (_, start, end) in &self.found {
            // The first and the last word of what was found are words of the condition.
            if let [(_, first), ..] = self.words(*start, *end)
                && let [.., (_, last)] = self.words(*start, *end)
            {
                out.push((first.start, last.end));
            }
        }
        out.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for range in out {
            match merged.last_mut() {
                Some(last) if range.0 < last.1 => last.1 = last.1.max(range.1),
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// How many words from the first of `words` on meet a condition. With a slop they may stand in any order, as the
/// index has it.
fn run(words: &[(usize, Token)], want: &Want) -> Option<usize> {
    let (start, first) = words.first()?;
    if want.slop == 0 {
        let here = words.get(..want.words.len())?;
        let met = (*start..)
            .zip(here)
            .zip(&want.words)
            .all(|((number, (own, token)), word)| number == *own && word.matches(&token.text));
        return met.then_some(want.words.len());
    }
    if !want.words.iter().any(|w| w.matches(&first.text)) {
        return None;
    }
    let mut missing: Vec<&Word> = want.words.iter().collect();
    let end = start + missing.len() + want.slop;
    for (number, token) in words.iter().take_while(|(number, _)| *number < end) {
        if let Some(n) = missing.iter().position(|w| w.matches(&token.text)) {
            missing.swap_remove(n);
        }
        if missing.is_empty() {
            return Some(number - start + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Looked, Want, Words};
    use crate::query::{Field, Node, parse};

    fn wants(query: &str) -> Vec<Want> {
        let mut out = Vec::new();
        let mut open = vec![parse(query).root];
        while let Some(node) = open.pop() {
            match node {
                Node::And(all) | Node::Or(all) => open.extend(all.into_iter().rev()),
                Node::Leaf(leaf) => out.extend(Want::new(leaf.field, &leaf.test, Vec::new())),
                Node::Not(_) | Node::Everything => {}
            }
        }
        out
    }

    /// Conditions, bytes, width and order of what is found in a text.
    type Told = (Vec<usize>, Vec<(usize, usize)>, Option<usize>, bool);

    fn told(looked: &Looked, all: usize) -> Told {
        let conditions = looked.found.iter().map(|f| f.0).collect();
        // Of one word alone it is never asked.
        let (window, in_order) = match all {
            1 => (None, false),
            _ => (looked.window(all), looked.in_order(all)),
        };
        (conditions, looked.byte_ranges(), window, in_order)
    }

    #[test]
    fn what_stands_between_is_counted() {
        let text = "Robert, who isn't the Tepper of old, sang; Robert Tepper sang.";
        let wants = wants("tepper robert \"robert tepper\"");
        let words = Words::new(&wants);
        let looked = Looked::at(text, &words.over(text.as_bytes()), &[Field::Body]);
        assert_eq!(looked.window(3), Some(2));
        assert_eq!(looked.byte_ranges(), [(0, 6), (22, 28), (43, 56)]);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(4_000))]
        #[test]
        fn stretches_tell_what_the_whole_text_tells(
            text in "([abAé’'.!,]{1,3} {0,2}){0,16}",
            query in "([ab]{1,2}|a\\*|\"a b\"|\"ab a b\"~2|bé)( ([ab]{1,2}|\"b ab\")){0,2}",
        ) {
            let wants = wants(&query);
            let words = Words::new(&wants);
            let part = [Field::Body];
            let by_parts = Looked::at(&text, &words.over(text.as_bytes()), &part);
            let whole = Looked::within(&text, &words, &part, &[(0, text.len())]);
            proptest::prop_assert_eq!(told(&by_parts, wants.len()), told(&whole, wants.len()));
        }

        #[test]
        fn paragraphs_are_told_as_each_by_itself(
            text in "([abAé’'.!]{1,3}[ \n]{0,3}){0,24}",
            query in "([ab]{1,2}|a\\*|bé)( [ab]{1,2}){0,2}( OR a b a b a b a b a b a b a)?",
        ) {
            let wants = wants(&query);
            let words = Words::new(&wants);
            let part = [Field::Body];
            // A part of the memory that was looked over.
            let memory = format!("é{text}\u{0}a");
            let over = words.over(memory.as_bytes());
            let text = &memory["é".len()..][..text.len()];
            let mut all = Vec::new();
            Looked::in_paragraphs(text, &over, &part, |paragraph, looked| {
                all.push((paragraph, told(&looked, wants.len())));
            });
            let alone = |text: &str| Looked::at(text, &words.over(text.as_bytes()), &part);
            let each = text.split("\n\n").map(|text| (text, alone(text)));
            let having = each.filter(|(_, looked)| !looked.found.is_empty());
            let each: Vec<_> = having.map(|(text, looked)| (text, told(&looked, wants.len()))).collect();
            proptest::prop_assert_eq!(all, each);
        }
    }
}
