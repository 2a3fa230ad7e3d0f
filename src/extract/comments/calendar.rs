//! The words that dates are made of, in the languages of music blogs.
//!
//! In: a line. Out: its words, each with what it may be in a date: a figure, a month, a connecting word. Must
//! not know which day is meant: that is `extract::date`.

use crate::text::hash::HashMap;
use std::sync::LazyLock;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Figure,
    Month,
    Link,
    /// "years", "hours": a length of time unless "ago" is near.
    Relative,
    Ago,
    Other,
}

pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub class: Class,
}

pub(super) fn tokens(line: &str) -> impl DoubleEndedIterator<Item = Token> {
    line.split_whitespace().map(|word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        Token {
            start,
            end: start + word.len(),
            class: classify(word),
        }
    })
}

/// The tokens up to the first that belongs to no date; `None` where all do.
pub(super) fn before_other(tokens: impl Iterator<Item = Token>) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    for token in tokens {
        if token.class == Class::Other {
            return Some(out);
        }
        out.push(token);
    }
    None
}

fn classify(token: &str) -> Class {
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return Class::Link;
    }
    if token.len() > 60 {
        return Class::Other;
    }
    let lower = bare.to_lowercase();
    if lower.starts_with(|c: char| c.is_ascii_digit()) {
        return figure(&lower);
    }
    let word = lower.trim_end_matches('.');
    WORDS.get(word).copied().unwrap_or(Class::Other)
}

fn figure(lower: &str) -> Class {
    let digits = lower.chars().take_while(char::is_ascii_digit).count();
    if digits == lower.len() {
        // A long number that is no year belongs to a name: "Studio 114".
        let year = digits == 4 && (lower.starts_with("19") || lower.starts_with("20"));
        return if digits <= 2 || year {
            Class::Figure
        } else {
            Class::Other
        };
    }
    let tail = &lower[digits..];
    let ordinal = matches!(
        tail,
        "st" | "nd"
            | "rd"
            | "th"
            | "er"
            | "º"
            | "ª"
            | "h"
            | "am"
            | "pm"
            | "a.m"
            | "p.m"
            | "uhr"
            | "г"
    );
    let east = [
        "年", "月", "日", "時", "分", "년", "월", "일", "시", "분", "秒", "초",
    ];
    let calendar = lower.chars().all(|c| {
        c.is_ascii_digit()
            || matches!(c, '.' | ':' | '/' | '-' | '+' | 't' | 'z' | ',' | '：')
            || east.iter().any(|e| e.starts_with(c))
            || matches!(
                c,
                '(' | ')' | '月' | '火' | '水' | '木' | '金' | '土' | '日'
            )
    });
    let clock = lower
        .trim_end_matches("pm")
        .trim_end_matches("am")
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ':' | 'h' | '.'))
        && digits <= 2;
    if ordinal || calendar || clock {
        Class::Figure
    } else {
        Class::Other
    }
}

/// Each word of the lists below; one that is in two of them is what the first says.
static WORDS: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    let mut words = HashMap::default();
    // "ago" is a month in three languages, and how long it is since in English: dates are read either way.
    for (list, class) in [
        (AGO, Class::Ago),
        (MONTHS, Class::Month),
        (WEEKDAYS, Class::Month),
        (LINKS, Class::Link),
        (RELATIVE, Class::Relative),
    ] {
        for word in list.split_ascii_whitespace() {
            words.entry(word).or_insert(class);
        }
    }
    words
});

const MONTHS: &str = "\
    january february march april may june july august september october november december jan feb \
    mar apr jun jul aug sep sept oct nov dec januar jänner februar feber märz mai juni juli oktober \
    dezember mär mrz okt dez janvier février fevrier mars avril juin juillet août aout septembre \
    octobre novembre décembre decembre janv févr avr juil déc enero febrero marzo abril mayo junio \
    julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic janeiro fevereiro \
    março maio junho julho setembro outubro novembro dezembro fev out set gennaio febbraio aprile \
    maggio giugno luglio settembre ottobre dicembre gen mag giu lug ott января февраля марта апреля \
    мая июня июля августа сентября октября ноября декабря янв фев мар апр июн июл авг сен сент окт \
    ноя дек januari februari maart augustus augusti mei";
const WEEKDAYS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri \
    sat sun montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa \
    so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes \
    sábado domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira lunedì martedì \
    mercoledì giovedì venerdì sabato domenica понедельник вторник среда среду четверг пятница \
    пятницу суббота субботу воскресенье пн вт ср чт пт сб вс 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 월요일 화요일 \
    수요일 목요일 금요일 토요일 일요일";
const LINKS: &str = "\
    at on of the am pm a.m p.m um den der vom uhr à le h min el a las los la de del em às as do il \
    alle ore di в г года utc gmt est edt pst pdt cst cdt mst bst cet cest msk мск 午前 午後 오전 오후 \
    permalink permanent link edit edited hrs homepage reply posted published lien permalien enlace \
    коммент";
const RELATIVE: &str = "\
    jahren jahr monaten monat tagen tag wochen stunden years year months month weeks week days day \
    hours hour minutes minute an about over años año meses mes días semanas horas anos anni mesi \
    giorni ans mois jours y лет месяцев дней";
const AGO: &str = "\
    ago yesterday today vor gestern heute hace há fa atrás il назад 年前 か月前 日前 전";
