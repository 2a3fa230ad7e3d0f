//! When a post or a comment was published, how precisely that is known, and from where.
//!
//! In: calendar fields already read. Out: ISO 8601 text and sort keys. Must not know how dates are
//! written on pages (that is `extract::date`).

use serde::{Deserialize, Serialize};

use super::Text;

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Year,
    Month,
    Day,
    /// To the second; `Published::time` is set.
    Time,
}

/// What told the date, most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateSource {
    /// A structured export, feed or front matter.
    Entry,
    Meta,
    JsonLd,
    TimeElement,
    Byline,
    Url,
    FileName,
}

/// The order of day and month in a date that was written in figures: 03/04/2019.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Figures {
    /// The date itself, or the page's other dates, tell the order.
    Told { day_first: bool },
    /// Either could be meant; by its language, the page has this order.
    Guessed { day_first: bool },
}

/// A publication date: proleptic Gregorian calendar, as printed by the source (its own time zone).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Published<T = Text> {
    /// 1..=9999.
    pub year: i16,
    /// 1..=12; 0 where unknown.
    pub month: u8,
    /// 1..=31; 0 where unknown.
    pub day: u8,
    /// `HH:MM:SS` with offset (`Z`, `+02:00`) where the source gives one.
    pub time: Option<T>,
    pub precision: Precision,
    pub from: DateSource,
    /// Set where figures stood in an order that differs from country to country.
    pub figures: Option<Figures>,
}

impl<T: Into<Text>> Published<T> {
    /// The same with texts of its own.
    pub fn into_owned(self) -> Published {
        Published {
            year: self.year,
            month: self.month,
            day: self.day,
            time: self.time.map(Into::into),
            precision: self.precision,
            from: self.from,
            figures: self.figures,
        }
    }
}

impl Published {
    /// A date known to the day; `None` for an impossible one (31 February).
    pub fn day(year: i16, month: u8, day: u8, from: DateSource) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        Some(Self {
            year,
            month,
            day,
            time: None,
            precision: Precision::Day,
            from,
            figures: None,
        })
    }

    /// A date known to the month; `None` for an impossible one.
    pub fn month(year: i16, month: u8, from: DateSource) -> Option<Self> {
        let mut date = Self::day(year, month, 1, from)?;
        date.day = 0;
        date.precision = Precision::Month;
        Some(date)
    }

    /// A date known to the year; `None` outside 1..=9999.
    pub fn year(year: i16, from: DateSource) -> Option<Self> {
        let mut date = Self::day(year, 1, 1, from)?;
        date.month = 0;
        date.day = 0;
        date.precision = Precision::Year;
        Some(date)
    }

    /// Guesses anew: in a date whose order was guessed, day and month change places where `day_first` says
    /// so. It stays a guess. Other dates stay as they are.
    pub fn guess(&mut self, day_first: bool) {
        if let Some(Figures::Guessed { day_first: guessed }) = self.figures {
            if guessed != day_first {
                std::mem::swap(&mut self.month, &mut self.day);
            }
            self.figures = Some(Figures::Guessed { day_first });
        }
    }

    /// As [`Published::guess`], where the order is known: the date is a guess no more.
    pub fn settle(&mut self, day_first: bool) {
        if let Some(Figures::Guessed { .. }) = self.figures {
            self.guess(day_first);
            self.figures = Some(Figures::Told { day_first });
        }
    }

    /// The same day with a time of day (`HH:MM:SS`, offset optional).
    #[must_use]
    pub fn at(mut self, time: &str) -> Self {
        self.time = Some(Text::line(time));
        self.precision = Precision::Time;
        self
    }

    /// ISO 8601 to its precision: `2019`, `2019-03`, `2019-03-04`, `2019-03-04T10:11:12Z`.
    pub fn iso(&self) -> String {
        match (self.precision, &self.time) {
            (Precision::Year, _) => format!("{:04}", self.year),
            (Precision::Month, _) => format!("{:04}-{:02}", self.year, self.month),
            (Precision::Time, Some(time)) => {
                format!("{:04}-{:02}-{:02}T{time}", self.year, self.month, self.day)
            }
            _ => format!("{:04}-{:02}-{:02}", self.year, self.month, self.day),
        }
    }

    /// Days as `year * 10_000 + month * 100 + day`: the sort and range key. Unknown parts are 0,
    /// so a bare year sorts before its days.
    pub fn key(&self) -> i64 {
        i64::from(self.year) * 10_000 + i64::from(self.month) * 100 + i64::from(self.day)
    }
}

impl Published {
    /// Reads ISO 8601: `2019`, `2019-03`, `2019-03-04`, `2019-03-04T10:11:12Z` (a blank may stand for
    /// the `T`). Anything behind the time but an offset is dropped.
    pub fn from_iso(text: &str, from: DateSource) -> Option<Self> {
        let text = text.trim();
        let number =
            |range: std::ops::Range<usize>| -> Option<u8> { text.get(range)?.parse().ok() };
        let year: i16 = text.get(..4)?.parse().ok()?;
        match text.len() {
            4 => Self::year(year, from),
            7 if text.as_bytes()[4] == b'-' => Self::month(year, number(5..7)?, from),
            _ if text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-') => {
                let date = Self::day(year, number(5..7)?, number(8..10)?, from)?;
                let Some(rest) = text.get(10..).filter(|r| r.starts_with(['T', 't', ' '])) else {
                    return text.get(10..).is_none_or(str::is_empty).then_some(date);
                };
                let rest = rest[1..].trim_start();
                let (Some(clock), Some(h), Some(m)) = (
                    rest.get(..5),
                    rest.get(..2).and_then(|h| h.parse::<u8>().ok()),
                    rest.get(3..5).and_then(|m| m.parse::<u8>().ok()),
                ) else {
                    return Some(date);
                };
                if h > 23 || m > 59 || clock.as_bytes()[2] != b':' {
                    return Some(date);
                }
                let seconds = rest
                    .get(5..8)
                    .filter(|s| s.starts_with(':') && s[1..].parse::<u8>().is_ok_and(|s| s < 61))
                    .unwrap_or(":00");
                let tail = rest.get(5..).unwrap_or_default();
                let offset = match tail.find(['Z', '+', '-']) {
                    Some(at) if tail[at..].starts_with('Z') => "Z".to_owned(),
                    Some(at) => {
                        let digits: String = tail[at + 1..]
                            .chars()
                            .filter(char::is_ascii_digit)
                            .collect();
                        match (digits.get(..2), digits.get(2..4)) {
                            (Some(h), m) => format!("{}{h}:{}", &tail[at..=at], m.unwrap_or("00")),
                            _ => String::new(),
                        }
                    }
                    None => String::new(),
                };
                Some(date.at(&format!("{clock}{seconds}{offset}")))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_dates_keep_their_precision() {
        for (text, iso) in [
            ("2019", Some("2019")),
            ("2019-03", Some("2019-03")),
            ("2019-03-04", Some("2019-03-04")),
            ("2019-03-04T10:11:12Z", Some("2019-03-04T10:11:12Z")),
            (
                "2019-03-04 10:11:12 +0200",
                Some("2019-03-04T10:11:12+02:00"),
            ),
            (
                "2019-03-04T10:11:12.123-06:00",
                Some("2019-03-04T10:11:12-06:00"),
            ),
            ("2019-02-31", None),
            ("2019-3-4", None),
            ("soon", None),
        ] {
            let date = Published::from_iso(text, DateSource::Entry).map(|d| d.iso());
            assert_eq!(date.as_deref(), iso, "{text}");
        }
    }
}
