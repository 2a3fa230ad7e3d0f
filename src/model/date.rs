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

/// A publication date: proleptic Gregorian calendar, as printed by the source (its own time zone).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Published {
    /// 1..=9999.
    pub year: i16,
    /// 1..=12; 0 where unknown.
    pub month: u8,
    /// 1..=31; 0 where unknown.
    pub day: u8,
    /// `HH:MM:SS` with offset (`Z`, `+02:00`) where the source gives one.
    pub time: Option<Text>,
    pub precision: Precision,
    pub from: DateSource,
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
