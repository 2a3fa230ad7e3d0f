//! A progress bar for terminals.
//!
//! In: what a run tells its observer. Out: one line on stderr: stage, counts, rate, time left; as much of it as
//! the terminal has room for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deepcut::pipeline::Stage;
use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressState, ProgressStyle};

/// Drawn so often a second, at most: drawing must not slow the work.
const TICK: Duration = Duration::from_millis(120);

/// Time left is not told before: the first files say little of the rest.
const SETTLED: Duration = Duration::from_secs(1);

/// The bar of a run.
pub(super) struct Bar {
    bar: ProgressBar,
    files: AtomicU64,
    posts: AtomicU64,
    told: AtomicU64,
    begun: Instant,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(TICK);
        Self {
            bar,
            files: AtomicU64::new(0),
            posts: AtomicU64::new(0),
            told: AtomicU64::new(0),
            begun: Instant::now(),
        }
    }

    /// Takes the bar away while something else is written.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    pub(super) fn stage(&self, stage: Stage, files: u64, bytes: u64) {
        let columns = terminal_size::terminal_size().map_or(80, |(w, _)| w.0);
        // The line never fills the terminal: what the terminal echoes of a Ctrl-C must not break it in two.
        let bar = |rest: u16| columns.saturating_sub(rest).clamp(5, 40);
        let middle = format!(
            "{{spinner}} reading {{bar:{}}} {{msg}} · {{rate}} · {{left}}",
            bar(66)
        );
        let wide = format!(
            "{{spinner}} reading {{bar:{}}} {{bytes}}/{{total_bytes}} · {{msg}} · {{rate}} · {{left}}",
            bar(90)
        );
        let (name, template) = match stage {
            Stage::Plan => ("looking for changes", "{spinner} {msg} {elapsed}"),
            Stage::Read if columns < 60 => ("reading", "{spinner} {percent}% {msg} {left}"),
            Stage::Read if columns < 100 => ("reading", middle.as_str()),
            Stage::Read => ("reading", wide.as_str()),
            Stage::Settle => ("settling copies and artists", "{spinner} {msg} {elapsed}"),
            Stage::Publish => ("writing the index", "{spinner} {msg} {elapsed}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style
                .with_key(
                    "rate",
                    |state: &ProgressState, w: &mut dyn std::fmt::Write| {
                        let _ = write!(w, "{}/s", HumanBytes(state.per_sec() as u64));
                    },
                )
                .with_key(
                    "left",
                    |state: &ProgressState, w: &mut dyn std::fmt::Write| {
                        if state.elapsed() >= SETTLED {
                            let _ = write!(w, "{:#} left", HumanDuration(state.eta()));
                        }
                    },
                )
                .progress_chars("━╸─");
            self.bar.set_style(style);
        }
        if stage == Stage::Read {
            self.files.store(files, Ordering::Relaxed);
            self.bar.reset();
            self.bar.set_length(bytes);
        }
        self.bar.set_message(name);
    }

    pub(super) fn file(&self, bytes: u64, posts: u64) {
        let all = self.posts.fetch_add(posts, Ordering::Relaxed) + posts;
        self.bar.inc(bytes);
        // Words are made when the line may be drawn, not for every file.
        let now = self.begun.elapsed().as_millis() as u64;
        let told = self.told.load(Ordering::Relaxed);
        let due = now >= told + TICK.as_millis() as u64;
        let mine = due
            && self
                .told
                .compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if mine {
            let files = HumanCount(self.files.load(Ordering::Relaxed));
            self.bar
                .set_message(format!("{} posts of {files} files", HumanCount(all)));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
