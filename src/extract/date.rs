//! Which day is that?
//!
//! In: dates as blogs write them, in nine languages and more, in URLs and file names. Out: [`Published`]
//! with precision and provenance. Must not know where on the page the text stood, nor today's date:
//! "three days ago" is no date.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{DateSource, Figures, Published};
use crate::text::fold::fold;

/// Month names, folded: English, German, French, Spanish, Portuguese, Italian, Dutch, Danish, Norwegian, Swedish, Polish,
/// Russian. A name may be cut short to three letters or more.
const MONTHS: [&[&str]; 12] = [
    &[
        "january",
        "januari",
        "janner",
        "janvier",
        "enero",
        "janeiro",
        "gennaio",
        "stycznia",
        "января",
        "январь",
    ],
    &[
        "february",
        "februari",
        "feber",
        "fevrier",
        "febrero",
        "fevereiro",
        "febbraio",
        "lutego",
        "февраля",
        "февраль",
    ],
    &[
        "march",
        "marz",
        "mrz",
        "maerz",
        "mars",
        "marzo",
        "marco",
        "maart",
        "marts",
        "marca",
        "марта",
    ],
    &[
        "april",
        "avril",
        "abril",
        "aprile",
        "kwietnia",
        "апреля",
        "апрель",
    ],
    &[
        "may", "mai", "mayo", "maio", "maggio", "mei", "maj", "maja", "мая", "маи", "май",
    ],
    &[
        "june", "juni", "juin", "junio", "junho", "giugno", "czerwca", "июня", "июнь",
    ],
    &[
        "july", "juli", "juillet", "julio", "julho", "luglio", "lipca", "июля", "июль",
    ],
    &[
        "august",
        "augusti",
        "augustus",
        "aout",
        "agosto",
        "sierpnia",
        "августа",
    ],
    &[
        "september",
        "septembre",
        "septiembre",
        "setiembre",
        "setembro",
        "settembre",
        "wrzesnia",
        "сентября",
        "сентябрь",
    ],
    &[
        "october",
        "oktober",
        "octobre",
        "octubre",
        "outubro",
        "ottobre",
        "pazdziernika",
        "октября",
        "октябрь",
    ],
    &[
        "november",
        "novembre",
        "noviembre",
        "novembro",
        "listopada",
        "ноября",
        "ноябрь",
    ],
    &[
        "december",
        "dezember",
        "desember",
        "decembre",
        "diciembre",
        "dezembro",
        "dicembre",
        "grudnia",
        "декабря",
        "декабрь",
    ],
];

/// The same in Finnish and Czech, whole: cut short they are other words (ELO, Led).
const WHOLE_MONTHS: [[&str; 2]; 12] = [
    ["tammikuuta", "ledna"],
    ["helmikuuta", "unora"],
    ["maaliskuuta", "brezna"],
    ["huhtikuuta", "dubna"],
    ["toukokuuta", "kvetna"],
    ["kesakuuta", "cervna"],
    ["heinakuuta", "cervence"],
    ["elokuuta", "srpna"],
    ["syyskuuta", "zari"],
    ["lokakuuta", "rijna"],
    ["marraskuuta", "listopadu"],
    ["joulukuuta", "prosince"],
];

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());)*
    };
}

patterns! {
    ISO = r"(?:^|[^0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:\.[0-9]+)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?";
    // 4 March 2019, 4. März 2019, 4 de marzo de 2019, le 4 mars 2019, 4 марта 2019
    DAY_MONTH = r"(?:^|[^0-9])([0-9]{1,2})(?:st|nd|rd|th|er|º|°|o\b|\.)?\s*-?\s*(?:of\s+|de\s+|di\s+)?([\p{L}]{3,12})\.?,?\s*-?\s*(?:de\s+|del\s+|of\s+)?([0-9]{4})(?:[^0-9]|$)";
    // March 4th, 2019; Mar. 4 2019
    MONTH_DAY = r"([\p{L}]{3,12})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})(?:[^0-9]|$)";
    EAST = r"([0-9]{4})\s*[年년]\s*([0-9]{1,2})\s*[月월]\s*(?:([0-9]{1,2})\s*[日일])?";
    NUMERIC = r"(?:^|[^0-9])([0-9]{1,4})(\.\s?|[/-])([0-9]{1,2})(?:\.\s?|[/-])([0-9]{1,4})(?:[^0-9]|$)";
    // Years of the Japanese eras: 平成31年3月4日
    ERA = r"(令和|平成|昭和)\s*([0-9]{1,2}|元)\s*年\s*([0-9]{1,2})\s*月(?:\s*([0-9]{1,2})\s*日)?";
    SOLID = r"^\s*([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?\s*$";
    MONTH_YEAR = r"(?:^|[^\p{L}])([\p{L}]{3,12})\.?,?\s+(?:de\s+)?([0-9]{4})(?:[^0-9]|$)";
    CLOCK = r"(?:^|[^0-9])([0-9]{1,2})(?::|\s?h\s?)([0-9]{2})(?::[0-9]{2})?\s*([aApP])?\.?[mM]?";
    URL = r"/([0-9]{4})/([0-9]{1,2}|[A-Za-z]{3,9})(?:/([0-9]{1,2}))?(?:/|$|\.)";
    NAME = r"(?:^|/)([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[-_. ]|$)";
    NAME_SOLID = r"(?:^|/)((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[-_. ]|$)";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

/// Texts longer than this are no date lines.
const LONGEST: usize = 400;

/// Reads a date out of `text`, which may hold other words around it. `language` (ISO 639-1) settles
/// the order of day and month where figures leave it open: month first for English, day first elsewhere.
/// A text that names no day is read to its month.
pub fn parse(text: &str, language: Option<&str>, from: DateSource) -> Option<Published> {
    parse_ordered(text, None, language, from)
}

/// As [`parse`], where other dates may have told whether figures stand day first.
pub fn parse_ordered(
    text: &str,
    told: Option<bool>,
    language: Option<&str>,
    from: DateSource,
) -> Option<Published> {
    if from == DateSource::FileName {
        return of_file_name(text);
    }
    if from == DateSource::Url {
        return of_url(text);
    }
    let text = &text[..text.floor_char_boundary(LONGEST)];
    // Most texts hold none of these forms; each is ruled out by a byte it cannot do without.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 && text.is_ascii() {
        return None;
    }
    if text.contains('-')
        && let Some(c) = captures(&ISO, text)
    {
        let date = day(&c[1], &c[2], &c[3], from)?;
        return Some(match c.get(4) {
            Some(clock) => {
                let seconds = c.get(5).map_or(":00", |s| s.as_str());
                let offset = c.get(6).map_or(String::new(), |o| match o.as_str() {
                    "Z" => "Z".into(),
                    o if o.contains(':') => o.into(),
                    o => format!("{}:{}", &o[..3], &o[3..]),
                });
                date.at(&format!("{}{seconds}{offset}", clock.as_str()))
            }
            None => date,
        });
    }
    if digits >= 8
        && let Some(c) = captures(&SOLID, text)
    {
        let date = day(&c[1], &c[2], &c[3], from)?;
        return Some(match (c.get(4), c.get(5), c.get(6)) {
            (Some(h), Some(m), Some(s)) => {
                let (h, m, s) = (h.as_str(), m.as_str(), s.as_str());
                date.at(&format!(
                    "{h}:{m}:{s}{}",
                    c.get(7).map_or("", |z| z.as_str())
                ))
            }
            _ => date,
        });
    }
    let east = text.contains(['年', '년']);
    if east && let Some(c) = captures(&ERA, text) {
        let first: i16 = match &c[1] {
            "令和" => 2019,
            "平成" => 1989,
            _ => 1926,
        };
        let year = first + c[2].parse::<i16>().unwrap_or(1) - 1;
        let month = c[3].parse().ok()?;
        return match c.get(4) {
            Some(d) => Published::day(year, month, d.as_str().parse().ok()?, from),
            None => Published::month(year, month, from),
        };
    }
    if east && let Some(c) = captures(&EAST, text) {
        return match c.get(3) {
            Some(d) => day(&c[1], &c[2], d.as_str(), from),
            None => Published::month(c[1].parse().ok()?, c[2].parse().ok()?, from),
        };
    }
    let folded = fold(text);
    let figures = Figured::of(&folded);
    if figures.year {
        let named = captures(&DAY_MONTH, &folded)
            .and_then(|c| dated(&c[3], month(&c[2])?, &c[1], from))
            .or_else(|| {
                captures(&MONTH_DAY, &folded).and_then(|c| dated(&c[3], month(&c[1])?, &c[2], from))
            });
        if let Some(date) = named {
            return Some(with_clock(date, &folded));
        }
    }
    if figures.parted
        && let Some(date) =
            captures(&NUMERIC, &folded).and_then(|c| numeric(&c, told, language, from))
    {
        return Some(with_clock(date, &folded));
    }
    if figures.year
        && let Some(c) = captures(&MONTH_YEAR, &folded)
        && let Some(month) = month(&c[1])
        && folded.chars().count() <= 60
    {
        return Published::month(c[2].parse().ok()?, month, from).filter(|d| plausible(d.year));
    }
    let bare = text.trim();
    if bare.len() == 4 {
        return Published::year(bare.parse().ok()?, from).filter(|d| plausible(d.year));
    }
    None
}

/// Which figures a text has: what a form cannot do without.
struct Figured {
    /// Four in a row, as a year has.
    year: bool,
    /// One before a point, a stroke or a hyphen, as dates in figures have.
    parted: bool,
}

impl Figured {
    fn of(text: &str) -> Self {
        let (mut row, mut longest, mut parted) = (0, 0, false);
        for byte in text.bytes() {
            if byte.is_ascii_digit() {
                row += 1;
                longest = longest.max(row);
            } else {
                parted |= row > 0 && matches!(byte, b'.' | b'/' | b'-');
                row = 0;
            }
        }
        Self {
            year: longest >= 4,
            parted,
        }
    }
}

/// Whether the dates among `texts` stand day first: told by those whose day is above 12. `None` where none
/// tells, or where they disagree.
pub fn order_of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<bool> {
    let mut order = None;
    let may_tell = |t: &&str| {
        t.len() <= LONGEST
            && t.contains(['/', '-'])
            && t.bytes().filter(u8::is_ascii_digit).count() >= 3
    };
    for text in texts.filter(may_tell) {
        let Some(c) = captures(&NUMERIC, text).filter(|c| !c[2].starts_with('.')) else {
            continue;
        };
        let (Ok(first), Ok(second)) = (c[1].parse::<u16>(), c[3].parse::<u16>()) else {
            continue;
        };
        let says = match (first, second) {
            (13..=31, 1..=12) => true,
            (1..=12, 13..=31) => false,
            _ => continue,
        };
        if order.replace(says).is_some_and(|before| before != says) {
            return None;
        }
    }
    order
}

/// The date in an address: `/2019/03/04/slug`, `/2019/mar/04/`, `/2019-03-04-slug`, `/20190304/`, or to the
/// month `/2019/03/slug`.
pub fn of_url(url: &str) -> Option<Published> {
    if let Some(c) = captures(&URL, url) {
        let year: i16 = c[1].parse().ok().filter(|y| plausible(*y))?;
        let month = match c[2].parse() {
            Ok(month) => month,
            Err(_) => month(&c[2].to_ascii_lowercase())?,
        };
        return match c.get(3) {
            Some(d) => Published::day(year, month, d.as_str().parse().ok()?, DateSource::Url),
            None => Published::month(year, month, DateSource::Url),
        };
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    captures(&NAME, path)
        .or_else(|| captures(&NAME_SOLID, path))
        .and_then(|c| day(&c[1], &c[2], &c[3], DateSource::Url))
}

/// The date in a file's name or path: `2019-03-04-slug.md`, `20190304.html`, `2019/03/04/slug`.
pub fn of_file_name(path: &str) -> Option<Published> {
    if let Some(c) = captures(&NAME, path).or_else(|| captures(&NAME_SOLID, path)) {
        return day(&c[1], &c[2], &c[3], DateSource::FileName);
    }
    let mut date = of_url(&format!("/{path}"))?;
    date.from = DateSource::FileName;
    Some(date)
}

/// Beginnings of weekdays, folded, in the languages of blogs.
const WEEKDAYS: &[&str] = &[
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "die", "mit", "don", "fre", "sam", "son",
    "lun", "mar", "mer", "jeu", "ven", "dim", "mie", "jue", "vie", "sab", "dom", "seg", "ter",
    "qua", "qui", "sex", "feira", "gio", "пон", "вто", "сре", "чет", "пят", "суб", "вос",
];

/// True for words that stand in dates: months and weekdays, in full or cut short.
pub fn is_date_word(word: &str) -> bool {
    let word = fold(word);
    word.chars().count() <= 12
        && (month(&word).is_some() || WEEKDAYS.iter().any(|d| word.starts_with(d)))
}

fn plausible(year: i16) -> bool {
    (1900..2100).contains(&year)
}

fn day(year: &str, month: &str, day: &str, from: DateSource) -> Option<Published> {
    Published::day(
        year.parse().ok()?,
        month.parse().ok()?,
        day.parse().ok()?,
        from,
    )
    .filter(|d| plausible(d.year))
}

fn dated(year: &str, month: u8, day: &str, from: DateSource) -> Option<Published> {
    Published::day(year.parse().ok()?, month, day.parse().ok()?, from).filter(|d| plausible(d.year))
}

fn month(name: &str) -> Option<u8> {
    let long = name.chars().nth(2).is_some();
    let at = MONTHS
        .iter()
        .position(|names| long && names.iter().any(|full| full.starts_with(name)))
        .or_else(|| WHOLE_MONTHS.iter().position(|names| names.contains(&name)))?;
    u8::try_from(at + 1).ok()
}

fn numeric(
    c: &regex::Captures<'_>,
    told: Option<bool>,
    language: Option<&str>,
    from: DateSource,
) -> Option<Published> {
    let (a, b, y) = (&c[1], &c[3], &c[4]);
    if a.len() == 4 {
        return (y.len() <= 2).then(|| day(a, b, y, from)).flatten();
    }
    let year = match y.len() {
        4 => y.to_owned(),
        2 if y < "70" => format!("20{y}"),
        2 => format!("19{y}"),
        _ => return None,
    };
    let (first, second): (u8, u8) = (a.parse().ok()?, b.parse().ok()?);
    // Dots are written day first everywhere.
    let dotted = c[2].starts_with('.');
    let figures = match (first, second) {
        _ if dotted => None,
        (13.., _) => Some(Figures::Told { day_first: true }),
        (_, 13..) => Some(Figures::Told { day_first: false }),
        (a, b) if a == b => None,
        _ => Some(match told {
            Some(day_first) => Figures::Told { day_first },
            None => Figures::Guessed {
                day_first: language.is_some_and(|l| l != "en"),
            },
        }),
    };
    let day_first = match figures {
        Some(Figures::Told { day_first } | Figures::Guessed { day_first }) => day_first,
        None => first > 12 || second <= 12,
    };
    let mut date = match day_first {
        true => day(&year, b, a, from)?,
        false => day(&year, a, b, from)?,
    };
    date.figures = figures;
    Some(date)
}

/// Adds a time of day that stands behind the date.
fn with_clock(date: Published, text: &str) -> Published {
    let Some(c) = captures(&CLOCK, text) else {
        return date;
    };
    let (Ok(hour), Ok(minute)) = (c[1].parse::<u8>(), c[2].parse::<u8>()) else {
        return date;
    };
    let hour = match c.get(3).map(|m| m.as_str().to_ascii_lowercase()) {
        Some(half) if half == "p" && hour < 12 => hour + 12,
        Some(half) if half == "a" && hour == 12 => 0,
        _ => hour,
    };
    if hour > 23 || minute > 59 {
        return date;
    }
    date.at(&format!("{hour:02}:{minute:02}:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_many_languages() {
        let mut wrong = Vec::new();
        for (text, language, iso) in [
            (
                "2019-03-04T10:11:12+02:00",
                None,
                "2019-03-04T10:11:12+02:00",
            ),
            ("Monday, April 11, 2011", None, "2011-04-11"),
            ("March 4th, 2019 at 3:17 pm", None, "2019-03-04T15:17:00"),
            (
                "Mon, 04 Mar 2019 10:11:12 +0000",
                None,
                "2019-03-04T10:11:00",
            ),
            ("4. März 2019", Some("de"), "2019-03-04"),
            ("le 4 août 2019", Some("fr"), "2019-08-04"),
            ("4 de marzo de 2019", Some("es"), "2019-03-04"),
            ("4 de fevereiro de 2019", Some("pt"), "2019-02-04"),
            ("4 maggio 2019", Some("it"), "2019-05-04"),
            ("4 марта 2019", Some("ru"), "2019-03-04"),
            ("2019年3月4日", None, "2019-03-04"),
            ("2019년 3월 4일", None, "2019-03-04"),
            ("03/04/2019", Some("en"), "2019-03-04"),
            ("03/04/2019", Some("fr"), "2019-04-03"),
            ("13/04/2019", None, "2019-04-13"),
            ("4.3.2019", None, "2019-03-04"),
            ("March 2019", None, "2019-03"),
            ("2019", None, "2019"),
            (
                "Montag, den 4. März 2019 um 10:15 Uhr",
                Some("de"),
                "2019-03-04T10:15:00",
            ),
            ("04.03.19", Some("de"), "2019-03-04"),
            ("4. Jänner 2019", Some("de"), "2019-01-04"),
            (
                "lundi 1er avril 2019 à 10h15",
                Some("fr"),
                "2019-04-01T10:15:00",
            ),
            ("5 févr. 2019", Some("fr"), "2019-02-05"),
            ("lunes, 4 de enero de 2019", Some("es"), "2019-01-04"),
            ("4 sept. 2019", Some("es"), "2019-09-04"),
            ("marzo 4, 2019", Some("es"), "2019-03-04"),
            (
                "segunda-feira, 4 de março de 2019 às 10:15",
                Some("pt"),
                "2019-03-04T10:15:00",
            ),
            ("4 out 2019", Some("pt"), "2019-10-04"),
            (
                "Lunedì 4 marzo 2019 alle 10:15",
                Some("it"),
                "2019-03-04T10:15:00",
            ),
            ("1° maggio 2019", Some("it"), "2019-05-01"),
            ("понедельник, 4 марта 2019 г.", Some("ru"), "2019-03-04"),
            ("4 июн 2019", Some("ru"), "2019-06-04"),
            ("04.03.2019 в 10:15", Some("ru"), "2019-03-04T10:15:00"),
            ("2019. 3. 4.", Some("ko"), "2019-03-04"),
            ("2019년 3월 4일 (월)", Some("ko"), "2019-03-04"),
            ("2019.03.04", Some("ja"), "2019-03-04"),
            ("2019/03/04 10:15", Some("ja"), "2019-03-04T10:15:00"),
            ("平成31年3月4日", Some("ja"), "2019-03-04"),
            ("令和元年5月4日", Some("ja"), "2019-05-04"),
            ("2019年3月", Some("ja"), "2019-03"),
            ("Sept. 4, 2019", None, "2019-09-04"),
            ("4th of March, 2019", None, "2019-03-04"),
            ("MARCH 4 2019", None, "2019-03-04"),
            ("2019-3-4", None, "2019-03-04"),
            ("20190304", None, "2019-03-04"),
            ("20190304T101112Z", None, "2019-03-04T10:11:12Z"),
            ("Posted on 4-Mar-2019", None, "2019-03-04"),
            ("Marble 4 2019", None, ""),
            ("Maybe 12 of 2019", None, ""),
            ("three days ago", None, ""),
            ("Track 4 of 12", None, ""),
        ] {
            let date = parse(text, language, DateSource::Byline).map(|d| d.iso());
            let date = date.unwrap_or_default();
            if date != iso {
                wrong.push(format!("{text}: {date} and not {iso}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn dates_in_addresses_and_names() {
        assert_eq!(
            of_url("http://x.org/2019/03/04/rocky/").unwrap().iso(),
            "2019-03-04"
        );
        assert_eq!(
            of_url("http://x.org/2019/03/rocky.html").unwrap().iso(),
            "2019-03"
        );
        assert_eq!(
            of_file_name("_posts/2019-03-04-rocky.md").unwrap().iso(),
            "2019-03-04"
        );
        assert!(of_file_name("rocky-4.md").is_none());
    }
}
