//! Writes down what a program does to files below one folder, in the order in which it does it.
//!
//! Built by the test that needs it (`rustc --crate-type cdylib`) and loaded in front of the C library
//! (`LD_PRELOAD`). `RECORD_BELOW` is the folder, `RECORD_TO` the file that is appended to. A record is one byte that
//! says what was done, then fields, each with its length before it (eight bytes, little end first):
//!
//! `W` path, offset, bytes written · `T` path, length · `S` path synced · `C` path created or emptied ·
//! `R` path, new path · `U` path removed · `D` folder made

#![allow(unused_unsafe)]

use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_long, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn lseek(fd: c_int, offset: i64, whence: c_int) -> i64;
    fn syscall(number: c_long, ...) -> c_long;
}

const NEXT: *mut c_void = -1isize as *mut c_void;
const CREATE: c_int = 0o100;
const EMPTY: c_int = 0o1000;
const APPEND: c_int = 0o2000;
const CURRENT: c_int = 1;
const AT_CWD: c_int = -100;

#[cfg(target_arch = "x86_64")]
const SYS_WRITE: c_long = 1;
#[cfg(target_arch = "aarch64")]
const SYS_WRITE: c_long = 64;

struct State {
    log: c_int,
    below: PathBuf,
    /// Open files below the folder.
    open: HashMap<c_int, PathBuf>,
}

static STATE: OnceLock<Option<Mutex<State>>> = OnceLock::new();

fn state() -> Option<MutexGuard<'static, State>> {
    let state = STATE.get_or_init(|| {
        let below = PathBuf::from(std::env::var_os("RECORD_BELOW")?);
        let mut to = std::env::var_os("RECORD_TO")?.as_bytes().to_vec();
        to.push(0);
        let log = unsafe { real_open()(to.as_ptr().cast(), 1 | CREATE | APPEND, 0o644) };
        (log >= 0).then(|| {
            Mutex::new(State {
                log,
                below,
                open: HashMap::new(),
            })
        })
    });
    let state = state.as_ref()?;
    Some(state.lock().unwrap_or_else(PoisonError::into_inner))
}

impl State {
    /// The path below the folder; `None` elsewhere.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let full = if path.is_absolute() {
            path.to_path_buf()
        } else {
            std::env::current_dir().ok()?.join(path)
        };
        let mut clean = PathBuf::new();
        for part in full.components() {
            match part {
                Component::ParentDir => {
                    clean.pop();
                }
                Component::CurDir => {}
                other => clean.push(other),
            }
        }
        Some(clean.strip_prefix(&self.below).ok()?.to_path_buf())
    }

    fn note(&self, what: u8, fields: &[&[u8]]) {
        let mut record = vec![what];
        for field in fields {
            record.extend_from_slice(&(field.len() as u64).to_le_bytes());
            record.extend_from_slice(field);
        }
        let mut rest = record.as_slice();
        while !rest.is_empty() {
            let wrote = unsafe { syscall(SYS_WRITE, self.log, rest.as_ptr(), rest.len()) };
            match usize::try_from(wrote) {
                Ok(count) if count > 0 => rest = &rest[count..],
                _ => return,
            }
        }
    }
}

unsafe fn path<'a>(text: *const c_char) -> &'a Path {
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(text) }.to_bytes()))
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

/// The function of the C library that one of ours stands before.
macro_rules! real {
    ($name:literal, $type:ty) => {{
        static REAL: OnceLock<usize> = OnceLock::new();
        let at = *REAL.get_or_init(|| unsafe { dlsym(NEXT, $name.as_ptr()) } as usize);
        unsafe { std::mem::transmute::<usize, $type>(at) }
    }};
}

type Open = unsafe extern "C" fn(*const c_char, c_int, ...) -> c_int;

fn real_open() -> Open {
    real!(c"open64", Open)
}

unsafe fn opened(fd: c_int, name: *const c_char, flags: c_int, existed: bool) {
    if fd < 0 {
        return;
    }
    let Some(mut state) = state() else { return };
    let Some(inside) = state.inside(unsafe { path(name) }) else {
        return;
    };
    if flags & EMPTY != 0 || (flags & CREATE != 0 && !existed) {
        state.note(b'C', &[bytes(&inside)]);
    }
    state.open.insert(fd, inside);
}

fn exists(name: *const c_char) -> bool {
    unsafe { path(name) }.symlink_metadata().is_ok()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: c_int) -> c_int {
    unsafe {
        let existed = flags & CREATE == 0 || exists(name);
        let fd = real_open()(name, flags, mode);
        opened(fd, name, flags, existed);
        fd
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: c_int) -> c_int {
    unsafe { open64(name, flags, mode) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn openat64(
    at: c_int,
    name: *const c_char,
    flags: c_int,
    mode: c_int,
) -> c_int {
    type Real = unsafe extern "C" fn(c_int, *const c_char, c_int, ...) -> c_int;
    unsafe {
        if at == AT_CWD {
            return open64(name, flags, mode);
        }
        real!(c"openat64", Real)(at, name, flags, mode)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn close(fd: c_int) -> c_int {
    type Real = unsafe extern "C" fn(c_int) -> c_int;
    if let Some(mut state) = state() {
        state.open.remove(&fd);
    }
    unsafe { real!(c"close", Real)(fd) }
}

unsafe fn wrote(fd: c_int, data: *const c_void, count: isize, offset: Option<i64>) {
    let Ok(count) = usize::try_from(count) else {
        return;
    };
    let Some(state) = state() else { return };
    if let Some(name) = state.open.get(&fd) {
        let end = unsafe { lseek(fd, 0, CURRENT) };
        let at = offset.unwrap_or(end - count as i64);
        let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), count) };
        state.note(b'W', &[bytes(name), &at.to_le_bytes(), data]);
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, data: *const c_void, count: usize) -> isize {
    type Real = unsafe extern "C" fn(c_int, *const c_void, usize) -> isize;
    unsafe {
        let done = real!(c"write", Real)(fd, data, count);
        wrote(fd, data, done, None);
        done
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    fd: c_int,
    data: *const c_void,
    count: usize,
    offset: i64,
) -> isize {
    type Real = unsafe extern "C" fn(c_int, *const c_void, usize, i64) -> isize;
    unsafe {
        let done = real!(c"pwrite64", Real)(fd, data, count, offset);
        wrote(fd, data, done, Some(offset));
        done
    }
}

#[repr(C)]
pub struct Part {
    data: *const c_void,
    count: usize,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(fd: c_int, parts: *const Part, count: c_int) -> isize {
    let parts = unsafe { std::slice::from_raw_parts(parts, count as usize) };
    let mut all = 0;
    for part in parts {
        let done = unsafe { write(fd, part.data, part.count) };
        if done < 0 {
            return if all > 0 { all } else { done };
        }
        all += done;
        if (done as usize) < part.count {
            break;
        }
    }
    all
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: i64) -> c_int {
    type Real = unsafe extern "C" fn(c_int, i64) -> c_int;
    let done = unsafe { real!(c"ftruncate64", Real)(fd, length) };
    if done == 0
        && let Some(state) = state()
        && let Some(name) = state.open.get(&fd)
    {
        state.note(b'T', &[bytes(name), &length.to_le_bytes()]);
    }
    done
}

unsafe fn synced(fd: c_int, done: c_int) -> c_int {
    if done == 0
        && let Some(state) = state()
        && let Some(name) = state.open.get(&fd)
    {
        state.note(b'S', &[bytes(name)]);
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    type Real = unsafe extern "C" fn(c_int) -> c_int;
    unsafe { synced(fd, real!(c"fsync", Real)(fd)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    type Real = unsafe extern "C" fn(c_int) -> c_int;
    unsafe { synced(fd, real!(c"fdatasync", Real)(fd)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    type Real = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;
    let done = unsafe { real!(c"rename", Real)(from, to) };
    if done == 0
        && let Some(state) = state()
    {
        let (from, to) = unsafe { (path(from), path(to)) };
        if let (Some(from), Some(to)) = (state.inside(from), state.inside(to)) {
            state.note(b'R', &[bytes(&from), bytes(&to)]);
        }
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    type Real = unsafe extern "C" fn(*const c_char) -> c_int;
    let done = unsafe { real!(c"unlink", Real)(name) };
    if done == 0
        && let Some(state) = state()
        && let Some(inside) = state.inside(unsafe { path(name) })
    {
        state.note(b'U', &[bytes(&inside)]);
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(name: *const c_char, mode: u32) -> c_int {
    type Real = unsafe extern "C" fn(*const c_char, u32) -> c_int;
    let done = unsafe { real!(c"mkdir", Real)(name, mode) };
    if done == 0
        && let Some(state) = state()
        && let Some(inside) = state.inside(unsafe { path(name) })
    {
        state.note(b'D', &[bytes(&inside)]);
    }
    done
}
