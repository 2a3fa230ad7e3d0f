//! Where memory comes from, and what happens where it is not there.
//!
//! In: requests for memory. Out: memory; where a large request is refused, an error in words and the end of the
//! program. A bit that changed on the disk without a trace can be a length, and nothing that asks for so much can be
//! caught in time: without this the program would abort.
//!
//! Small blocks come from mimalloc. A post is read by one thread and let go by another, for which both waited in the C
//! library's allocator: 30,000 posts a line take 0.83 of the time, pages 0.96. It needs a tenth of a whole search to begin, as it
//! has pages of their own for each size: until the program knows that it will take long, its first thread has small blocks of the C library.
//!
//! While an index is written, large blocks lie in huge pages of the system: a word is looked up among some 50 MB, hundreds of
//! times a post, and most of that was waiting for the tables that say where a small page lies.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mimalloc::MiMalloc;

use super::TROUBLE;

/// What is smaller and refused is left to whoever asked.
const LARGE: usize = 1 << 30;

/// Bytes from which on a block lies apart from the others, and goes back to the system at once.
const APART: usize = 1 << 20;
/// Bytes of a page of the system, at least.
const PAGE: usize = 4096;
/// Bytes of a huge page of the system.
const HUGE: usize = 2 << 20;
/// Blocks from this size on are told to the system.
const BROAD: usize = 2 * HUGE;

/// Whether an index is written.
static WRITING: AtomicBool = AtomicBool::new(false);

/// Whether small blocks of the first thread come from the C library.
static BRIEF: AtomicBool = AtomicBool::new(cfg!(all(target_os = "linux", target_env = "gnu")));

/// The first thread, by the place of its [`HERE`]; none before anything was asked for.
static FIRST: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static HERE: u8 = const { 0 };
}

/// The lowest of those blocks, and the end of the page in which the highest ends: they lie in the one heap that the C library
/// grows where the program is loaded, in which nothing else is.
static LOWEST: AtomicUsize = AtomicUsize::new(usize::MAX);
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

/// Says that the program will take long.
pub(super) fn for_long() {
    BRIEF.store(false, Ordering::Relaxed);
}

/// Says that an index is going to be written.
pub(super) fn for_writing() {
    for_long();
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

/// Small blocks come from mimalloc, or those of the first thread of a short program from the C library; large ones from the
/// system. None is refused in silence. Whose a block is tells its size, which whoever gives it back states, and its place.
pub(super) struct Allocator;

// SAFETY: every request is handed on as it is. From `APART` on it goes to the system's allocator. Below, a block is the
// system's where it lies between `LOWEST` and `HIGHEST`, and else mimalloc's. `brief` hands out none that does not lie there, and
// the span grows over the heap alone, where mimalloc has none; where the heap shrank and mimalloc has one of the pages that it gave
// up, `of_mimalloc` does not hand it out. What is given back or resized names the size that it was asked with, so all of
// this is known of every block.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() < APART {
            // SAFETY: as the caller promises.
            return unsafe { small(layout, System::alloc, MiMalloc::alloc) };
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe {
            match layout.size() < APART && !is_brief(at) {
                true => MiMalloc.dealloc(at, layout),
                false => System.dealloc(at, layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < APART {
            // SAFETY: as the caller promises.
            return unsafe { small(layout, System::alloc_zeroed, MiMalloc::alloc_zeroed) };
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
        if after && is_brief(at) {
            // SAFETY: as the caller promises; the block is the system's.
            return unsafe { self.brief_moved(at, layout, size) };
        }
        if after {
            // SAFETY: as the caller promises.
            let block = unsafe { MiMalloc.realloc(at, layout, size) };
            if !is_brief(block) {
                return block;
            }
            // SAFETY: it has the size and alignment, and is never given back.
            return unsafe { copy_elsewhere(block, layout.align(), size) };
        }
        // SAFETY: as the caller promises.
        given(unsafe { System.realloc(at, layout, size) }, size)
    }
}

/// A small block.
///
/// # Safety
/// The size of the layout is not zero.
#[inline]
unsafe fn small(
    layout: Layout,
    system: unsafe fn(&System, Layout) -> *mut u8,
    mimalloc: unsafe fn(&MiMalloc, Layout) -> *mut u8,
) -> *mut u8 {
    if BRIEF.load(Ordering::Relaxed) {
        // SAFETY: as the caller promises.
        let block = unsafe { brief(layout, system) };
        if !block.is_null() {
            return block;
        }
    }
    // SAFETY: as the caller promises.
    unsafe { of_mimalloc(mimalloc, layout) }
}

/// A small block of the C library, in its heap; null for other threads than the first, and where there is none.
///
/// # Safety
/// As for [`small`].
#[inline(never)]
unsafe fn brief(layout: Layout, system: unsafe fn(&System, Layout) -> *mut u8) -> *mut u8 {
    let here = HERE.with(|here| std::ptr::from_ref(here).addr());
    match FIRST.load(Ordering::Relaxed) {
        // Memory is asked for before a second thread is begun.
        0 => FIRST.store(here, Ordering::Relaxed),
        first if first != here => return std::ptr::null_mut(),
        _ => {}
    }
    // SAFETY: as the caller promises.
    let block = unsafe { system(&System, layout) };
    if noted_in_heap(block, layout.size()) {
        return block;
    }
    for_long();
    if !block.is_null() {
        // SAFETY: it was given just now, for this layout.
        unsafe { System.dealloc(block, layout) };
    }
    std::ptr::null_mut()
}

/// True for what lies below the end of the heap that the C library grows (sbrk(2)), which is noted as brief. Where that cannot
/// grow, it asks the system for memory elsewhere, far above.
fn noted_in_heap(block: *mut u8, size: usize) -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            // SAFETY: asked to grow by nothing, it tells where the heap ends.
            safe fn sbrk(by: isize) -> *mut u8;
        }
        let end = block.addr() + size;
        // Known already. To ask where the heap ends, and to note it, for each block took longer than to find one.
        if is_brief(block) && end <= HIGHEST.load(Ordering::Relaxed) {
            return true;
        }
        let is = !block.is_null() && block.addr() < sbrk(0).addr();
        if is {
            LOWEST.fetch_min(block.addr(), Ordering::Relaxed);
            // The heap keeps a page of which a block has a part.
            HIGHEST.fetch_max(end.next_multiple_of(PAGE), Ordering::Relaxed);
        }
        is
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    {
        let _ = (block, size);
        false
    }
}

/// True for small blocks of the C library.
#[inline]
fn is_brief(at: *mut u8) -> bool {
    at.addr() < HIGHEST.load(Ordering::Relaxed) && at.addr() >= LOWEST.load(Ordering::Relaxed)
}

/// A block of mimalloc's that does not lie where those of the C library do. One that does is never given back, nor handed out.
///
/// # Safety
/// As for [`small`].
#[inline]
unsafe fn of_mimalloc(
    mimalloc: unsafe fn(&MiMalloc, Layout) -> *mut u8,
    layout: Layout,
) -> *mut u8 {
    loop {
        // SAFETY: as the caller promises.
        let block = unsafe { mimalloc(&MiMalloc, layout) };
        if !is_brief(block) {
            return block;
        }
    }
}

/// A block of mimalloc's with what is in this one. The old block of a request was resized to this one and is gone, so without memory
/// there is no way back.
///
/// # Safety
/// The block has this size, not zero, and alignment; rounded up to that, the size is no more than `isize::MAX`.
#[cold]
unsafe fn copy_elsewhere(block: *mut u8, align: usize, size: usize) -> *mut u8 {
    // SAFETY: as the caller promises; both blocks have as many bytes as are copied.
    unsafe {
        let wanted = Layout::from_size_align_unchecked(size, align);
        let new = of_mimalloc(MiMalloc::alloc, wanted);
        if new.is_null() {
            std::process::abort();
        }
        std::ptr::copy_nonoverlapping(block, new, size);
        new
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

    /// A small block of the C library of another small size.
    ///
    /// # Safety
    /// As for `GlobalAlloc::realloc`, of a block that [`is_brief`].
    unsafe fn brief_moved(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let block = unsafe { System.realloc(at, layout, size) };
        if block.is_null() {
            return block;
        }
        if noted_in_heap(block, size) {
            return block;
        }
        // SAFETY: as the caller promises; the block has that size, and is the system's.
        unsafe {
            let new = copy_elsewhere(block, layout.align(), size);
            System.dealloc(
                block,
                Layout::from_size_align_unchecked(size, layout.align()),
            );
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
