//! How much memory of its own does this process take?
//!
//! In: the system's account. Out: the most that was seen while something ran. Files that are mapped (the index)
//! are the system's cache and do not count.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The account is read so often.
const EVERY: Duration = Duration::from_millis(5);

/// Runs `work` and says the most anonymous memory in bytes that was seen; `None` where the system does not
/// tell.
pub(super) fn peak<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = anonymous();
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(EVERY);
                most = most.max(anonymous());
            }
            most
        });
        let out = work();
        done.store(true, Ordering::Relaxed);
        (out, watcher.join().unwrap_or(None))
    })
}

fn anonymous() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
