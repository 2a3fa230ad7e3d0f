//! What waits for tantivy's threads.
//!
//! In: documents with the bytes of their post. Out: the same documents, and a bound on the bytes that wait.
//! tantivy's own bound counts batches (10,000), which can hold gigabytes.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tantivy::{Document, TantivyDocument};

/// Bytes of posts that may wait.
const MOST_BYTES: usize = 48 << 20;

/// A wait this long means that tantivy's threads are gone; its own queue then says why.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bound. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<(Mutex<usize>, Condvar)>);

impl Queue {
    /// Waits for room. The room is free again when the last document put under the place has been taken
    /// by one of tantivy's threads. A post larger than the bound goes alone.
    pub fn wait(&self, bytes: usize) -> Arc<Place> {
        let (used, freed) = &*self.0;
        let guard = used.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut guard, _) = freed
            .wait_timeout_while(guard, PATIENCE, |used| {
                *used > 0 && *used + bytes > MOST_BYTES
            })
            .unwrap_or_else(PoisonError::into_inner);
        *guard += bytes;
        drop(guard);
        Arc::new(Place {
            queue: self.clone(),
            bytes,
        })
    }
}

/// Room for one post.
pub(super) struct Place {
    queue: Queue,
    bytes: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let (used, freed) = &*self.queue.0;
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(self.bytes);
        freed.notify_all();
    }
}

/// A document that holds its post's place until it is indexed.
pub(super) struct Queued {
    document: TantivyDocument,
    _place: Arc<Place>,
}

impl Queued {
    pub fn new(document: TantivyDocument, place: &Arc<Place>) -> Self {
        Self {
            document,
            _place: Arc::clone(place),
        }
    }
}

impl Document for Queued {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        self.document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_free_again_when_the_last_document_goes() {
        let queue = Queue::default();
        let place = queue.wait(MOST_BYTES * 2);
        let document = Queued::new(TantivyDocument::default(), &place);
        drop(place);
        let waiting = {
            let queue = queue.clone();
            std::thread::spawn(move || drop(queue.wait(1)))
        };
        assert_eq!(*queue.0.0.lock().unwrap(), MOST_BYTES * 2);
        drop(document);
        waiting.join().unwrap();
        assert_eq!(*queue.0.0.lock().unwrap(), 0);
    }
}
