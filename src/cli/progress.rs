//! A progress bar for terminals.
//!
//! In: what a run tells its observer. Out: one line on stderr: stage, counts, rate, time left.

use std::sync::atomic::{AtomicU64, Ordering};

use deepcut::pipeline::Stage;
use indicatif::{ProgressBar, ProgressStyle};

/// The bar of a run.
pub(super) struct Bar {
    bar: ProgressBar,
    posts: AtomicU64,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Self {
            bar,
            posts: AtomicU64::new(0),
        }
    }

    /// Takes the bar away while something else is written.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    pub(super) fn stage(&self, stage: Stage, _: u64, bytes: u64) {
        let (name, template) = match stage {
            Stage::Plan => ("looking for changes", "{spinner} {msg}"),
            Stage::Read => (
                "reading",
                "{spinner} {msg} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            ),
            Stage::Settle => ("settling copies and artists", "{spinner} {msg}"),
            Stage::Publish => ("writing the index", "{spinner} {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("━╸─"));
        }
        if stage == Stage::Read {
            self.bar.set_length(bytes);
            self.bar.set_position(0);
        }
        self.bar.set_message(name);
    }

    pub(super) fn file(&self, bytes: u64, posts: u64) {
        let all = self.posts.fetch_add(posts, Ordering::Relaxed) + posts;
        self.bar.inc(bytes);
        self.bar.set_message(format!("reading: {all} posts"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
