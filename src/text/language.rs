//! Which language is this text in?
//!
//! In: prose. Out: an ISO 639-1 code where the text is long enough to tell. The script decides first, then the little
//! words that every sentence needs where many of one language stand there and few of any other, then letter statistics,
//! then, where those are unsure, the little words again.

use std::sync::LazyLock;

use crate::text::hash::HashMap;

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

/// The language of a text, or `None` where it is too short or nothing tells.
pub fn detect(text: &str) -> Option<&'static str> {
    let end = text
        .char_indices()
        .nth(2000)
        .map_or(text.len(), |(at, _)| at);
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

/// Which languages of [`LITTLE`] have a word: a bit each.
static LANGUAGES_OF: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut all = HashMap::default();
    for (at, (_, words)) in LITTLE.iter().enumerate() {
        for word in *words {
            *all.entry(*word).or_default() |= 1 << at;
        }
    }
    all
});

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
        let mut seen: Vec<&str> = Vec::new();
        let mut lower = String::new();
        for word in text
            .split(|c: char| !c.is_alphabetic())
            .filter(|w| !w.is_empty())
        {
            found.words += 1;
            // None is longer.
            if word.len() > 8 {
                continue;
            }
            let plain = word.bytes().all(|b| b.is_ascii_lowercase());
            let word = if plain {
                word
            } else {
                lower.clear();
                lower.extend(word.chars().flat_map(char::to_lowercase));
                &lower
            };
            let Some((known, languages)) = LANGUAGES_OF.get_key_value(word) else {
                continue;
            };
            let first = !seen.contains(known);
            if first {
                seen.push(known);
            }
            for at in (0..LITTLE.len()).filter(|at| languages & (1 << at) != 0) {
                found.counts[at] += 1;
                found.kinds[at] += usize::from(first);
            }
        }
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
        ] {
            assert_eq!(detect(text), code, "{text}");
        }
    }
}
