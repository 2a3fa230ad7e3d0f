//! Where memory comes from, and what happens where it is not there.
//!
//! In: requests for memory. Out: memory; where a large request is refused, an error in words and the end of the
//! program. A bit that changed on the disk without a trace can be a length, and nothing that asks for so much can be
//! caught in time: without this the program would abort.
//!
//! While an index is written, the pages of tantivy's arenas lie in huge pages of the system. A word is looked up in
//! 100 MB of them at random, hundreds of times a post, and most of that was waiting for the tables that say where a
//! small page lies: indexing takes a seventh less time (30,000 posts a line, four rounds side by side on a virtual machine).

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::TROUBLE;

/// What is smaller and refused is left to whoever asked.
const LARGE: usize = 1 << 30;

/// Bytes of a page of tantivy's arenas; whatever else is as large may lie among them.
const PAGE: usize = 1 << 20;
/// Bytes of a huge page of the system.
const HUGE: usize = 2 << 20;
/// Other blocks from this size on, such as the table of an arena's words, are told to the system as well.
const BROAD: usize = 2 * HUGE;
/// Bytes that are taken from the system at a time, for pages.
const SLAB: usize = 32 << 20;
/// Slabs that are taken at most; further pages are the system's own.
const MOST_SLABS: usize = 64;

/// Whether pages are taken from slabs.
static WRITING: AtomicBool = AtomicBool::new(false);
/// Where slabs begin; they are never given back.
static SLABS: [AtomicPtr<u8>; MOST_SLABS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; MOST_SLABS];
static SLAB_COUNT: AtomicUsize = AtomicUsize::new(0);
static FREE: Mutex<Free> = Mutex::new(Free(std::ptr::null_mut()));

/// The first free page; each begins with the address of the next.
struct Free(*mut u8);

// SAFETY: the pages that it leads to belong to it alone, whichever thread holds the lock.
unsafe impl Send for Free {}

/// Says that an index is going to be written.
pub(super) fn for_writing() {
    WRITING.store(cfg!(target_os = "linux"), Ordering::Relaxed);
}

/// Tells the C library to keep what is freed. It gives the end of the heap back as soon as 128 kB of it are free, and
/// reading a post of the store takes and frees 95 kB: each of ten posts of an answer had its memory zeroed anew. What
/// glibc keeps rises with the largest block that it mapped and was given back (mallopt(3), `M_TRIM_THRESHOLD`).
pub(super) fn keep_freed() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(PAGE - 1)));
}

/// The system's allocator, which never refuses a large request in silence.
pub(super) struct Allocator;

// SAFETY: every request is handed to the system's allocator as it is, but for pages of slabs. These are `PAGE` bytes
// long, aligned to `PAGE`, and in the hands of one owner: taken off the list of free pages under its lock, and put
// back only by `dealloc` or `realloc`, which know them by their address.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(page) = page_for(layout) {
            return page;
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if is_page(at, layout.size()) {
            give_back(at);
            return;
        }
        // SAFETY: as the caller promises, and it came from the system.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some(page) = page_for(layout) {
            // SAFETY: a page has `PAGE` bytes, and nobody else has it.
            unsafe { page.write_bytes(0, PAGE) };
            return page;
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !is_page(at, layout.size()) {
            // SAFETY: as the caller promises, and it came from the system.
            return given(unsafe { System.realloc(at, layout, size) }, size);
        }
        // SAFETY: as the caller promises: `size`, rounded up to the alignment, does not overflow.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: as the caller promises: `size` is not 0.
        let to = unsafe { self.alloc(new) };
        if !to.is_null() {
            // SAFETY: both are as long, and two owners' memory does not overlap.
            unsafe { to.copy_from_nonoverlapping(at, PAGE.min(size)) };
            give_back(at);
        }
        to
    }
}

/// A page, where pages are wanted and there is one.
#[inline]
fn page_for(layout: Layout) -> Option<*mut u8> {
    let fits = layout.size() == PAGE && layout.align() <= PAGE;
    if fits && WRITING.load(Ordering::Relaxed) {
        take()
    } else {
        None
    }
}

/// True for what [`take`] gave.
#[inline]
fn is_page(at: *mut u8, size: usize) -> bool {
    size == PAGE
        && SLABS[..SLAB_COUNT.load(Ordering::Acquire)]
            .iter()
            .any(|slab| {
                let start = slab.load(Ordering::Relaxed).addr();
                (start..start + SLAB).contains(&at.addr())
            })
}

fn take() -> Option<*mut u8> {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.0.is_null() {
        more(&mut free);
    }
    if free.0.is_null() {
        return None;
    }
    let page = free.0;
    // SAFETY: a free page begins with the address of the next one, written by `put`.
    free.0 = unsafe { page.cast::<*mut u8>().read() };
    Some(page)
}

fn give_back(page: *mut u8) {
    put(
        &mut FREE.lock().unwrap_or_else(PoisonError::into_inner),
        page,
    );
}

fn put(free: &mut Free, page: *mut u8) {
    // SAFETY: the page is aligned, long enough, and nobody's: its owner gave it back, or it never had one.
    unsafe { page.cast::<*mut u8>().write(free.0) };
    free.0 = page;
}

/// Adds the pages of one more slab.
fn more(free: &mut Free) {
    let count = SLAB_COUNT.load(Ordering::Relaxed);
    let (Some(place), Ok(layout)) = (SLABS.get(count), Layout::from_size_align(SLAB, HUGE)) else {
        return;
    };
    // SAFETY: the layout has a size.
    let slab = unsafe { System.alloc(layout) };
    if slab.is_null() {
        return;
    }
    advise(slab, SLAB);
    place.store(slab, Ordering::Relaxed);
    SLAB_COUNT.store(count + 1, Ordering::Release);
    for at in (0..SLAB / PAGE).rev() {
        // SAFETY: within the slab.
        put(free, unsafe { slab.add(at * PAGE) });
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
