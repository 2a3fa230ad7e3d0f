//! Ctrl-C and SIGTERM.
//!
//! In: signals. Out: a flag for a run to stop at, or the end of the program. The first interrupt of a run
//! asks it to stop and commit, the second ends at once; while a pager shows an answer, the interrupt is the
//! pager's. Anywhere else it just ends the program: nothing is half written.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::INTERRUPTED;

const PLAIN: u8 = 0;
const RUNNING: u8 = 1;
const PAGING: u8 = 2;

static MODE: AtomicU8 = AtomicU8::new(PLAIN);
static CANCEL: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

fn enter(mode: u8) {
    MODE.store(mode, Ordering::SeqCst);
    INSTALL.call_once(|| {
        // Where no handler can be set an interrupt ends the program: the last publication stands.
        let _ = ctrlc::set_handler(|| match MODE.load(Ordering::SeqCst) {
            PAGING => {}
            RUNNING if !CANCEL.swap(true, Ordering::SeqCst) => {}
            _ => std::process::exit(i32::from(INTERRUPTED)),
        });
    });
}

/// From here on an interrupt asks a run to stop; the flag says that it was asked.
pub(super) fn watch() -> &'static AtomicBool {
    enter(RUNNING);
    &CANCEL
}

/// From here on interrupts end the program again.
pub(super) fn unwatch() {
    MODE.store(PLAIN, Ordering::SeqCst);
}

/// Runs `show` while interrupts are left to the pager.
pub(super) fn leave_to_pager<T>(show: impl FnOnce() -> T) -> T {
    enter(PAGING);
    let out = show();
    unwatch();
    out
}
