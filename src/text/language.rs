//! Which language is this text in?
//!
//! In: prose. Out: an ISO 639-1 code where the text is long enough to tell. The script decides first, then the little
//! words that every sentence needs where many of one language stand there and few of any other, then letter statistics,
//! then, where those are unsure, the little words again.

use std::sync::LazyLock;

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
struct Little {
    words: usize,
    counts: [usize; LITTLE.len()],
    /// How many different ones.
    kinds: [usize; LITTLE.len()],
}

impl Little {
    fn of(text: &str) -> Self {
        let mut found = Self {
            words: 0,
            counts: [0; LITTLE.len()],
            kinds: [0; LITTLE.len()],
        };
        let known = &*KNOWN;
        let mut seen = 0u128;
        let mut add = |(number, bytes): (u64, usize)| {
            if bytes == 0 {
                return;
            }
            found.words += 1;
            if bytes > LONGEST {
                return;
            }
            let Some((languages, ordinal)) = known.find(number) else {
                return;
            };
            let first = seen & 1 << ordinal == 0;
            seen |= 1 << ordinal;
            for at in (0..LITTLE.len()).filter(|at| languages & (1 << at) != 0) {
                found.counts[at] += 1;
                found.kinds[at] += usize::from(first);
            }
        };
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
                None => add(std::mem::take(&mut word)),
            }
        }
        add(word);
        found
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
