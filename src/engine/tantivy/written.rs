//! What was written in this process?
//!
//! In: files as tantivy writes them. Out: their sizes and checksums; the system's reason where one could not be written. Files are
//! synced by threads of their own: whoever builds a segment goes on with the next one, and only a publication waits until
//! all of them are on disk.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tantivy::directory::{AntiCallToken, TerminatingWrite, WritePtr};
use xxhash_rust::xxh3::Xxh3;

use super::seal::Content;
use crate::error::Error;

/// Bytes that are handed to the system at a time: tantivy hands on 8 kB.
const AT_ONCE: usize = 128 << 10;

/// Files that are synced at a time, at most. Small ones share what the system writes to its journal for each.
const SYNCING: usize = 4;

/// The files that were written, shared by all who write.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Shared>);

#[derive(Default)]
struct Shared {
    log: Mutex<Log>,
    synced: Condvar,
}

#[derive(Default)]
struct Log {
    /// By file name.
    files: HashMap<String, Content>,
    /// Complete files that are not synced yet.
    waiting: VecDeque<(String, File)>,
    /// Threads that sync.
    syncing: usize,
    /// The first file that could not be written, and the system's reason. tantivy loses it between its threads.
    failed: Option<(String, i32)>,
}

impl Written {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the content of what is written through it once it is complete, and has it synced then.
    pub fn watch(&self, path: &Path, file: File) -> WritePtr {
        BufWriter::new(Box::new(Watched {
            name: path.to_string_lossy().into_owned(),
            file: Some(BufWriter::with_capacity(AT_ONCE, file)),
            hash: Xxh3::new(),
            bytes: 0,
            written: self.clone(),
        }))
    }

    /// Everything so far.
    pub fn all(&self) -> HashMap<String, Content> {
        self.log().files.clone()
    }

    /// What the system refused to write, as an error.
    pub fn failure(&self, dir: &Path) -> Option<Error> {
        let log = self.log();
        let (name, code) = log.failed.as_ref()?;
        let cause = io::Error::from_raw_os_error(*code);
        Some(Error::io("writing", dir.join(name), cause))
    }

    /// Notes why a file could not be written.
    pub fn refused(&self, name: &str, error: &io::Error) {
        if let Some(code) = error.raw_os_error() {
            let mut log = self.log();
            log.failed.get_or_insert_with(|| (name.to_owned(), code));
        }
    }

    /// Has a complete file synced.
    fn sync(&self, name: String, file: File) -> io::Result<()> {
        let mut log = self.log();
        log.waiting.push_back((name, file));
        if log.syncing >= SYNCING {
            return Ok(());
        }
        let written = self.clone();
        log.syncing += 1;
        let thread = std::thread::Builder::new().spawn(move || written.sync_waiting());
        if thread.is_ok() {
            return Ok(());
        }
        // No thread is to be had: it is done here.
        log.syncing -= 1;
        let mine = log.waiting.pop_back();
        drop(log);
        mine.map_or(Ok(()), |(_, file)| file.sync_data())
    }

    fn sync_waiting(&self) {
        loop {
            let next = {
                let mut log = self.log();
                let next = log.waiting.pop_front();
                if next.is_none() {
                    log.syncing -= 1;
                    self.0.synced.notify_all();
                }
                next
            };
            let Some((name, file)) = next else { return };
            if let Err(error) = file.sync_data() {
                self.refused(&name, &error);
            }
        }
    }

    /// Waits until everything that is complete is on disk.
    ///
    /// # Errors
    /// Where a file could not be written, in the system's words.
    pub fn synced(&self, dir: &Path) -> Result<(), Error> {
        let mut log = self.log();
        while log.syncing > 0 {
            let woken = self.0.synced.wait(log);
            log = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(log);
        self.failure(dir).map_or(Ok(()), Err)
    }
}

struct Watched {
    name: String,
    /// `None` once it is complete.
    file: Option<BufWriter<File>>,
    hash: Xxh3,
    bytes: u64,
    written: Written,
}

impl Watched {
    fn told<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| self.written.refused(&self.name, error))
    }

    fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file
            .as_mut()
            .ok_or_else(|| io::Error::other("the file was complete"))
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.file().and_then(|file| file.write(bytes));
        let count = self.told(done)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        self.told(done)
    }
}

impl TerminatingWrite for Watched {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let file = self.told(file.into_inner().map_err(io::IntoInnerError::into_error))?;
        let content = Content {
            bytes: self.bytes,
            checksum: self.hash.digest(),
        };
        let name = std::mem::take(&mut self.name);
        self.written.log().files.insert(name.clone(), content);
        let synced = self.written.sync(name.clone(), file);
        synced.inspect_err(|error| self.written.refused(&name, error))
    }
}
