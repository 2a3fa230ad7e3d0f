//! Where memory comes from, and what happens where it is not there.
//!
//! In: requests for memory. Out: memory; where a large request is refused, an error in words and the end of the
//! program. A bit that changed on the disk without a trace can be a length, and nothing that asks for so much can be
//! caught in time: without this the program would abort.
//!
//! Small blocks come from mimalloc. A post is read by one thread and let go by another, for which both waited in the C
//! library's allocator: 30,000 posts a line take 0.83 of the time, pages 0.96, and a search begins as soon as before.
//!
//! While an index is written, large blocks lie in huge pages of the system: a word is looked up among some 50 MB, hundreds of
//! times a post, and most of that was waiting for the tables that say where a small page lies.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use mimalloc::MiMalloc;

use super::TROUBLE;

/// What is smaller and refused is left to whoever asked.
const LARGE: usize = 1 << 30;

/// Bytes from which on a block lies apart from the others, and goes back to the system at once.
const APART: usize = 1 << 20;
/// Bytes of a huge page of the system.
const HUGE: usize = 2 << 20;
/// Blocks from this size on are told to the system.
const BROAD: usize = 2 * HUGE;

/// Whether an index is written.
static WRITING: AtomicBool = AtomicBool::new(false);

/// Says that an index is going to be written.
pub(super) fn for_writing() {
    WRITING.store(cfg!(target_os = "linux"), Ordering::Relaxed);
}

/// Tells the C library what to keep of what is freed (mallopt(3)). It gives the end of the heap back as soon as 128 kB of it
/// are free, and reading a post of the store takes and frees 95 kB: each of ten posts of an answer had its memory zeroed
/// anew. Large blocks lie apart and go back at once: it would learn from them to keep more and more, which came to
/// 300 MB while an index was written.
pub(super) fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const M_TRIM_THRESHOLD: std::ffi::c_int = -1;
        const M_MMAP_THRESHOLD: std::ffi::c_int = -3;
        unsafe extern "C" {
            // SAFETY: it takes two numbers and keeps no pointer; what it does not know it refuses.
            safe fn mallopt(what: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        }
        const APART: std::ffi::c_int = self::APART as std::ffi::c_int;
        mallopt(M_MMAP_THRESHOLD, APART);
        mallopt(M_TRIM_THRESHOLD, 2 * APART);
    }
}

/// Ends the program. The system takes its memory back at a stroke; mimalloc would first give it back piece by piece, which
/// takes longer than to print an answer.
pub(super) fn leave(code: u8) -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            // SAFETY: it takes a number, and nothing of the program runs after it.
            safe fn _exit(status: std::ffi::c_int) -> !;
        }
        // What the standard library does when `main` returns. A reader that is gone wants nothing more.
        let _ = std::io::stdout().flush();
        _exit(std::ffi::c_int::from(code))
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    ExitCode::from(code)
}

/// Small blocks come from mimalloc, large ones from the system; none is refused in silence. Whose a block is tells its size,
/// which whoever gives it back states.
pub(super) struct Allocator;

// SAFETY: every request is handed on as it is, to the allocator that its size names: to mimalloc below `APART`, to the
// system's from there on. What is given back or resized names the size that it was asked with, and goes to where it is from.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() < APART {
            // SAFETY: as the caller promises.
            return unsafe { MiMalloc.alloc(layout) };
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe {
            match layout.size() < APART {
                true => MiMalloc.dealloc(at, layout),
                false => System.dealloc(at, layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < APART {
            // SAFETY: as the caller promises.
            return unsafe { MiMalloc.alloc_zeroed(layout) };
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (before, after) = (layout.size() < APART, size < APART);
        let broad = size >= BROAD && size > layout.size() && WRITING.load(Ordering::Relaxed);
        if before != after || broad {
            // SAFETY: as the caller promises.
            return unsafe { self.moved(at, layout, size) };
        }
        if after {
            // SAFETY: as the caller promises.
            return unsafe { MiMalloc.realloc(at, layout, size) };
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.realloc(at, layout, size) }, size)
    }
}

impl Allocator {
    /// A block of another size with what is in this one. The C library would copy a broad one into small pages before
    /// anybody can ask for huge ones.
    ///
    /// # Safety
    /// As for `GlobalAlloc::realloc`.
    unsafe fn moved(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises a size that, rounded up to the alignment, is no more than `isize::MAX`.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: neither size is zero, as many bytes are copied as both blocks have, and the old block is given back only
        // where there is a new one.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(at, new, layout.size().min(size));
                self.dealloc(at, layout);
            }
            new
        }
    }
}

#[cfg(target_os = "linux")]
fn advise(at: *mut u8, bytes: usize) {
    use rustix::mm::{Advice, madvise};
    // SAFETY: the memory is ours, and the advice changes nothing of what is in it. Where it is refused, small pages do.
    let _ = unsafe { madvise(at.cast(), bytes, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: *mut u8, _: usize) {}

#[inline]
fn given(at: *mut u8, size: usize) -> *mut u8 {
    if size >= BROAD {
        if at.is_null() && size >= LARGE {
            refused(size);
        }
        if !at.is_null() && WRITING.load(Ordering::Relaxed) {
            // The huge pages that lie within it.
            let skip = at.addr().next_multiple_of(HUGE) - at.addr();
            advise(at.wrapping_add(skip), (size - skip) / HUGE * HUGE);
        }
    }
    at
}

#[cold]
fn refused(size: usize) -> ! {
    let _ = writeln!(
        std::io::stderr(),
        "error: {size} bytes of memory were asked for and are not there\n\
         hint: a damaged index can be the reason: `deepcut doctor` says whether it is sound"
    );
    std::process::exit(i32::from(TROUBLE))
}
