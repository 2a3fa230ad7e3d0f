//! Which language is this text in?
//!
//! In: prose. Out: an ISO 639-1 code where the text is long enough to tell. The script decides first, then
//! letter statistics, then, where those are unsure, the little words that every sentence needs.

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
    let guess = whatlang::detect(text);
    let sure = guess
        .as_ref()
        .filter(|i| i.is_reliable() && text.chars().take(60).count() == 60);
    match sure {
        Some(info) => code_of(info.lang()),
        None => by_little_words(text),
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

/// The language whose little words the text uses, where no other comes near.
fn by_little_words(text: &str) -> Option<&'static str> {
    let mut counts = [0usize; LITTLE.len()];
    let mut words = 0;
    for word in text
        .split(|c: char| !c.is_alphabetic())
        .filter(|w| !w.is_empty())
    {
        words += 1;
        let word = word.to_lowercase();
        for (count, (_, little)) in counts.iter_mut().zip(LITTLE) {
            *count += usize::from(little.contains(&word.as_str()));
        }
    }
    let (best, most) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
    let second = counts
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != best)
        .map(|(_, n)| *n)
        .max()
        .unwrap_or(0);
    (*most * 9 >= words && *most > 2 * second).then(|| LITTLE[best].0)
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
