//! Which language is this text in?
//!
//! In: prose. Out: an ISO 639-1 code where the text is long enough to tell. The script decides first, then the little
//! words that every sentence needs where many of one language stand there and few of any other, then letter statistics,
//! then, where those are unsure, the little words again.

use std::sync::LazyLock;

use super::letters::{STRETCH, Stretch};

/// Little words that are frequent in one of the languages of blogs and rare in the others.
const LITTLE: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "of", "with", "this", "that", "was", "for", "his", "her", "from", "are",
            "have", "not", "you", "they", "which",
        ],
    ),
    (
        "de",
        &[
            "der", "und", "das", "ist", "nicht", "mit", "ein", "eine", "auf", "für", "den", "dem",
            "auch", "wie", "ich", "von", "zum",
        ],
    ),
    (
        "fr",
        &[
            "les", "des", "est", "dans", "une", "et", "pas", "pour", "qui", "sur", "avec", "du",
            "je", "ce", "sont", "aux",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "y", "una", "del", "con", "pero", "por", "muy", "es", "lo", "más",
            "como", "está",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "não", "uma", "um", "do", "da", "dos", "em", "com", "mas", "ao", "na",
            "são", "muito", "é",
        ],
    ),
    (
        "it",
        &[
            "il", "di", "che", "gli", "della", "del", "sono", "nel", "è", "per", "più", "anche",
            "con", "questo", "una",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "van", "en", "niet", "dat", "op", "voor", "zijn", "ook", "maar",
        ],
    ),
];

/// Letters of a text that are looked at; those after them say the same.
const MOST: usize = 2000;

/// The language of a text, or `None` where it is too short or nothing tells.
pub fn detect(text: &str) -> Option<&'static str> {
    // Of plain letters a byte is one.
    let plain = text.len() <= MOST || text.as_bytes()[..MOST].is_ascii();
    let end = match plain {
        true => text.len().min(MOST),
        false => text
            .char_indices()
            .nth(MOST)
            .map_or(text.len(), |(at, _)| at),
    };
    let text = &text[..end];
    if let Some(code) = by_script(text) {
        return Some(code);
    }
    if text.chars().take(30).count() < 30 {
        return None;
    }
    // A tenth of the work of letter statistics, and nearly all prose is told by it.
    let little = Little::of(text);
    if let Some(code) = little.certain() {
        return Some(code);
    }
    let guess = whatlang::detect(text);
    let sure = guess
        .as_ref()
        .filter(|i| i.is_reliable() && text.chars().take(60).count() == 60);
    match sure {
        Some(info) => code_of(info.lang()),
        None => little.likely(),
    }
}

/// The language of a text whose page says `declared`. Themes declare their author's language and not the
/// post's, so a script that speaks for itself wins.
pub fn settle<'a>(declared: Option<&'a str>, text: &str) -> Option<&'a str> {
    match by_script(text) {
        Some(script) => Some(script),
        None => declared.or_else(|| detect(text)),
    }
}

/// Scripts that one of the languages writes.
fn by_script(text: &str) -> Option<&'static str> {
    let (mut letters, mut kana, mut hangul, mut cyrillic) = (0usize, 0usize, 0usize, 0usize);
    let (mut russian, mut ukrainian) = (0usize, 0usize);
    if text.is_ascii() {
        return None;
    }
    for c in text.chars() {
        if c.is_ascii() {
            letters += usize::from(c.is_ascii_alphabetic());
            continue;
        }
        letters += usize::from(c.is_alphabetic());
        match c {
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => hangul += 1,
            '\u{400}'..='\u{4ff}' => {
                cyrillic += 1;
                match c {
                    'ы' | 'э' | 'ё' | 'Ы' | 'Э' | 'Ё' => russian += 1,
                    'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => ukrainian += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if letters < 16 {
        return None;
    }
    if kana * 6 > letters {
        return Some("ja");
    }
    if hangul * 3 > letters {
        return Some("ko");
    }
    if cyrillic * 2 > letters && russian > ukrainian {
        return Some("ru");
    }
    None
}

/// The bytes of the longest little word: each is one number, its first byte the lowest.
const LONGEST: usize = 8;

/// Places of [`Known`]: eight for each word, so that nearly all lie where they are looked for first.
const PLACES: usize = 1024;

/// The little words, found by their bytes.
struct Known {
    /// The bytes of a word, 0 where there is none; which languages have it, a bit each; its ordinal.
    places: [(u64, u8, u8); PLACES],
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known {
        places: [(0, 0, 0); PLACES],
    };
    let mut words = 0;
    for (language, (_, little)) in LITTLE.iter().enumerate() {
        for word in *little {
            let bytes = word.bytes().rev();
            let number = bytes.fold(0, |number, byte| number << 8 | u64::from(byte));
            let place = &mut known.places[known.place(number)];
            if place.0 == 0 {
                *place = (number, 0, words);
                words += 1;
            }
            place.1 |= 1 << language;
        }
    }
    known
});

impl Known {
    /// Where a word is, or would be. There are far fewer words than places.
    fn place(&self, number: u64) -> usize {
        let mut at = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        while self.places[at].0 != 0 && self.places[at].0 != number {
            at = (at + 1) % PLACES;
        }
        at
    }

    /// The languages of a word, and its ordinal.
    fn find(&self, number: u64) -> Option<(u8, u8)> {
        let (known, languages, ordinal) = self.places[self.place(number)];
        (known != 0).then_some((languages, ordinal))
    }
}

/// The little words of a text, counted by language.
#[derive(Default)]
struct Little {
    words: usize,
    counts: [usize; LITTLE.len()],
    /// How many different ones.
    kinds: [usize; LITTLE.len()],
    /// A bit for each word that was seen.
    seen: u128,
}

/// So many bytes of ASCII letters and digits as one number in lower case, any where they are too many; `None` where one is
/// a digit.
fn letters(bytes: &[u8], length: usize) -> Option<u64> {
    if length > LONGEST {
        let own = bytes.iter().take(length);
        return own
            .fold(true, |all, b| all & b.is_ascii_alphabetic())
            .then_some(0);
    }
    let number = match bytes.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => {
            let own = bytes.iter().take(length).rev();
            own.fold(0, |number, byte| number << 8 | u64::from(*byte))
        }
    };
    let all = u64::MAX >> (8 * (LONGEST - length));
    // Of letters one bit tells them from digits, and one capitals from others.
    let bits = |bit: u8| u64::from_le_bytes([bit; LONGEST]) & all;
    let is = number & bits(0x40) == bits(0x40);
    is.then_some((number & all) | bits(0x20))
}

impl Little {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) {
            let stretch = Stretch::of(rest);
            // Words, and what may be one.
            let runs = stretch.words | stretch.beyond;
            let mut at = 0;
            while at < STRETCH {
                let ahead = runs >> at;
                if ahead == 0 {
                    at = STRETCH;
                    break;
                }
                at += ahead.trailing_zeros() as usize;
                let mut end = at + (!(runs >> at)).trailing_zeros() as usize;
                if end == STRETCH {
                    if at > 0 {
                        // It may go on behind what is known.
                        break;
                    }
                    let more = rest.iter().skip(end);
                    end += more
                        .take_while(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
                        .count();
                }
                let (length, beyond) = (end - at, stretch.beyond >> at);
                let plain = beyond.trailing_zeros() as usize >= length;
                match plain.then(|| letters(&rest[at..], length)).flatten() {
                    Some(number) => found.add(number, length),
                    None => found.add_all(text.get(from + at..from + end).unwrap_or_default()),
                }
                at = end;
            }
            from += at;
        }
        found
    }

    /// Adds a word of so many bytes, given as a number where they are few.
    fn add(&mut self, number: u64, bytes: usize) {
        if bytes == 0 {
            return;
        }
        self.words += 1;
        if bytes > LONGEST {
            return;
        }
        let Some((languages, ordinal)) = KNOWN.find(number) else {
            return;
        };
        let first = self.seen & 1 << ordinal == 0;
        self.seen |= 1 << ordinal;
        for at in (0..LITTLE.len()).filter(|at| languages & (1 << at) != 0) {
            self.counts[at] += 1;
            self.kinds[at] += usize::from(first);
        }
    }

    /// Adds the words of a text letter by letter.
    fn add_all(&mut self, text: &str) {
        // The bytes of a word so far, a mixture of them where they are too many, and their number.
        let mut word = (0u64, 0usize);
        let longer = |(number, bytes): (u64, usize), byte: u8| {
            let place = 8 * (bytes % LONGEST);
            (number | u64::from(byte) << place, bytes + 1)
        };
        let mut rest = text.bytes().enumerate();
        while let Some((at, byte)) = rest.next() {
            if byte.is_ascii_alphabetic() {
                word = longer(word, byte.to_ascii_lowercase());
                continue;
            }
            let letter = match byte.is_ascii() {
                true => None,
                false => text[at..].chars().next(),
            };
            // Its other bytes.
            for _ in 1..letter.map_or(1, char::len_utf8) {
                rest.next();
            }
            match letter.filter(|c| c.is_alphabetic()) {
                Some(letter) => {
                    let mut bytes = [0; 4];
                    for lower in letter.to_lowercase() {
                        let lower = lower.encode_utf8(&mut bytes).bytes();
                        word = lower.fold(word, longer);
                    }
                }
                None => {
                    self.add(word.0, word.1);
                    word = (0, 0);
                }
            }
        }
        self.add(word.0, word.1);
    }

    /// The language with most, and by how many: its own count and that of the next.
    fn best(&self) -> (usize, usize, usize) {
        let most = (0..LITTLE.len()).max_by_key(|at| self.counts[*at]);
        let best = most.unwrap_or(0);
        let others = (0..LITTLE.len()).filter(|at| *at != best);
        let second = others.map(|at| self.counts[at]).max().unwrap_or(0);
        (best, self.counts[best], second)
    }

    /// The language that the words leave no doubt of.
    fn certain(&self) -> Option<&'static str> {
        let (best, most, second) = self.best();
        let many = most >= 12 && most * 10 >= self.words && self.kinds[best] >= 6;
        (many && most > 4 * second).then(|| LITTLE[best].0)
    }

    /// The language whose little words the text uses, where no other comes near.
    fn likely(&self) -> Option<&'static str> {
        let (best, most, second) = self.best();
        (most * 9 >= self.words && most > 2 * second).then(|| LITTLE[best].0)
    }
}

fn code_of(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Rus => "ru",
        Lang::Pol => "pl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "nb",
        Lang::Fin => "fi",
        Lang::Ces => "cs",
        Lang::Hun => "hu",
        Lang::Tur => "tr",
        Lang::Ell => "el",
        Lang::Ron => "ro",
        Lang::Ukr => "uk",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn little_words_are_those_read_letter_by_letter(
            pieces in proptest::collection::vec("the|und|É|[a-zA-Z0-9]{1,9}|[a-z]{60,70}|[ .'é’—\u{130}]{1,3}|[ ]{1,70}|\\PC", 0..60),
        ) {
            let text = pieces.concat();
            let mut slow = Little::default();
            slow.add_all(&text);
            let told = |found: &Little| (found.words, found.counts, found.kinds);
            proptest::prop_assert_eq!(told(&Little::of(&text)), told(&slow));
        }
    }

    #[test]
    fn short_texts_in_many_languages() {
        for (text, code) in [
            ("Nobody oiled the wheels of the trolley.", Some("en")),
            (
                "Wer hat die Kassette in den Ofen gelegt, und wann ist das passiert?",
                Some("de"),
            ),
            (
                "Le facteur est venu dans la cuisine avec une radio et un chat.",
                Some("fr"),
            ),
            ("Лента высохла, но песни мы всё-таки услышали.", Some("ru")),
            (
                "このテープは台所で録音しました。二階の窓が開いていました。",
                Some("ja"),
            ),
            (
                "이 테이프는 부엌에서 녹음했습니다. 창문이 열려 있었습니다.",
                Some("ko"),
            ),
            ("Alison Moyet, Vince Clarke, Andy Bell", None),
            ("", None),
            // Little words beyond the plain letters, in capitals, and at the end.
            (
                "O QUE NÃO SE VÊ NÃO SE OUVE, E ELES SÃO MUITO BONS NA RUA É",
                Some("pt"),
            ),
            (
                "Più volte il gruppo di Bari suonò anche per noi. Questo è il disco più bello",
                Some("it"),
            ),
        ] {
            assert_eq!(detect(text), code, "{text}");
        }
    }
}
