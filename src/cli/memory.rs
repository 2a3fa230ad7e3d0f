//! What happens where memory is not there.
//!
//! In: requests for memory. Out: memory; where a large request is refused, an error in words and the end of the
//! program. A bit that changed on the disk without a trace can be a length, and nothing that asks for so much can be
//! caught in time: without this the program would abort.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;

use super::TROUBLE;

/// What is smaller and refused is left to whoever asked.
const LARGE: usize = 1 << 30;

/// The system's allocator, which never refuses a large request in silence.
pub(super) struct Allocator;

// SAFETY: every request is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        given(unsafe { System.realloc(at, layout, size) }, size)
    }
}

#[inline]
fn given(at: *mut u8, size: usize) -> *mut u8 {
    if at.is_null() && size >= LARGE {
        refused(size);
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
