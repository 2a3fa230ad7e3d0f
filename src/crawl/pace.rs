//! How fast may a site be asked?
//!
//! In: the user's delay, the site's, how long answers take, and what a server that is tired says. Out: when the
//! next request may go. Must not send it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A slow server waits at most so long for the next request.
const MOST: Duration = Duration::from_secs(30);

/// The longest wait between two tries of one page.
const MOST_BACKOFF: Duration = Duration::from_secs(120);

/// How often somebody who waits looks whether he should.
const LOOK: Duration = Duration::from_millis(40);

/// The clock of one host.
pub(super) struct Pace {
    /// What the user asked for.
    least: Duration,
    /// What robots.txt asks for.
    asked: Duration,
    /// Smoothed time of an answer.
    answer: Duration,
    next: Instant,
    random: u64,
}

impl Pace {
    pub fn new(least: Duration) -> Self {
        Self {
            least,
            asked: Duration::ZERO,
            answer: Duration::ZERO,
            next: Instant::now(),
            random: u64::from(std::process::id()) | 1,
        }
    }

    /// What robots.txt says.
    pub fn ask(&mut self, delay: Option<Duration>) {
        let before = self.delay();
        self.asked = delay.unwrap_or_default();
        // It holds for the request after robots.txt, too.
        self.next += self.delay().saturating_sub(before);
    }

    /// The time between two requests: never less than user and site want, and twice as long as the site needs
    /// for an answer, so that it is busy with us a third of its time at most.
    pub fn delay(&self) -> Duration {
        // Who asks for no delay at all may ask so of his own machine only.
        let adapted = if self.least.is_zero() {
            Duration::ZERO
        } else {
            (self.answer * 2).min(MOST)
        };
        self.least.max(self.asked).max(adapted)
    }

    /// An answer came.
    pub fn answered(&mut self, took: Duration) {
        self.answer = if self.answer.is_zero() {
            took
        } else {
            (self.answer * 3 + took) / 4
        };
        self.next = Instant::now() + self.delay();
    }

    /// No answer came, or the server wants time: how long to wait before try `tries` + 1.
    pub fn backoff(&mut self, tries: u32, wanted: Option<Duration>) -> Duration {
        let base = self.delay().max(Duration::from_millis(25));
        let grown = (base * 2u32.saturating_pow(tries.min(10))).min(MOST_BACKOFF);
        // Half of it by chance: many clients that were turned away together do not come back together.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let jittered = grown / 2 + grown.mul_f64((self.random % 1000) as f64 / 2000.0);
        let wait = wanted.map_or(jittered, |wanted| wanted.max(jittered.min(wanted + base)));
        self.next = Instant::now() + wait;
        wait
    }

    /// Waits for the time of the next request; false where `cancel` came first.
    pub fn wait(&self, cancel: &AtomicBool) -> bool {
        loop {
            if cancel.load(Ordering::SeqCst) {
                return false;
            }
            let left = self.next.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }

    /// How long so many requests will take.
    pub fn time_of(&self, requests: u64) -> Duration {
        let each = self.delay() + self.answer;
        each.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX))
    }
}

/// What `Retry-After` asks for: seconds, or a date.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let left = date.timestamp().as_second() - jiff::Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_with_the_time_of_an_answer_and_never_below_what_is_asked() {
        let mut pace = Pace::new(Duration::from_secs(1));
        pace.answered(Duration::from_millis(100));
        assert_eq!(pace.delay(), Duration::from_secs(1));
        for _ in 0..40 {
            pace.answered(Duration::from_secs(3));
        }
        assert!(
            pace.delay() > Duration::from_millis(5900),
            "{:?}",
            pace.delay()
        );
        for _ in 0..40 {
            pace.answered(Duration::from_secs(60));
        }
        assert_eq!(pace.delay(), MOST);
        pace.ask(Some(Duration::from_secs(90)));
        assert_eq!(pace.delay(), Duration::from_secs(90));
        let mut own = Pace::new(Duration::ZERO);
        own.answered(Duration::from_secs(3));
        assert_eq!(own.delay(), Duration::ZERO);
    }

    #[test]
    fn tries_are_further_and_further_apart() {
        let mut pace = Pace::new(Duration::from_secs(1));
        for (tries, least, most) in [(1, 1, 2), (2, 2, 4), (3, 4, 8), (30, 60, 120)] {
            let wait = pace.backoff(tries, None);
            let range = Duration::from_secs(least)..=Duration::from_secs(most);
            assert!(range.contains(&wait), "{tries}: {wait:?}");
        }
        let wait = pace.backoff(1, Some(Duration::from_secs(40)));
        assert!(wait >= Duration::from_secs(40) && wait < Duration::from_secs(42));
        assert_eq!(retry_after("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            retry_after("Fri, 31 Dec 1999 23:59:59 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon"), None);
    }
}
