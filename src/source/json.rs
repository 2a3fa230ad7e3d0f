//! The parts of a large JSON file, one by one.
//!
//! In: bytes, and which parts are wanted. Out: the elements of wanted arrays and whole wanted values as they
//! come by. Memory holds one element. Must not know what the parts mean.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::value::{Bounded, MOST_VALUES, Value};

/// What to do with the value at a path of keys.
#[derive(Clone, Copy)]
pub(super) enum Want {
    /// Look into it; the elements of an array have the path of the array.
    Descend,
    /// Hand on each element of the array.
    Elements,
    /// Hand it on.
    Whole,
    Skip,
}

/// Why and where a file could not be read to its end.
pub(super) struct Torn {
    pub offset: u64,
    pub reason: String,
}

/// Reads a JSON value; `visit` gets each part with its path and says whether to go on.
pub(super) fn each(
    input: &mut dyn BufRead,
    want: &dyn Fn(&[String]) -> Want,
    visit: &mut dyn FnMut(&[String], Value<'static>) -> bool,
) -> Result<(), Torn> {
    let offset = Cell::new(0);
    let mut counted = Counted {
        input,
        offset: &offset,
        first: true,
    };
    let mut walk = Walk {
        want,
        visit,
        path: Vec::new(),
        stopped: false,
    };
    let mut json = serde_json::Deserializer::from_reader(&mut counted);
    match walk.deserialize(&mut json) {
        Err(error) if !walk.stopped => Err(Torn {
            offset: offset.get(),
            reason: format!("not JSON: {error}"),
        }),
        _ => Ok(()),
    }
}

/// A whole JSON text, if it has not too many values.
pub(super) fn parse(bytes: &[u8]) -> Result<Value<'_>, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(MOST_VALUES);
    let value = Bounded(&left).deserialize(&mut json);
    let value = value.and_then(|value| json.end().map(|()| value));
    value.map_err(|e| match left.get() {
        0 => format!("more than {MOST_VALUES} values: not one post"),
        _ => format!("not JSON: {e}"),
    })
}

/// True where a file opens as a JSON object.
pub(super) fn opens_object(head: &str) -> bool {
    head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t'])
        .starts_with('{')
}

/// Counts the bytes that are read, and drops a byte-order mark.
struct Counted<'a> {
    input: &'a mut dyn BufRead,
    offset: &'a Cell<u64>,
    first: bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.first) && self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.input.consume(3);
            self.offset.set(3);
        }
        let count = self.input.read(buffer)?;
        self.offset.set(self.offset.get() + count as u64);
        Ok(count)
    }
}

struct Walk<'a> {
    want: &'a dyn Fn(&[String]) -> Want,
    visit: &'a mut dyn FnMut(&[String], Value<'static>) -> bool,
    path: Vec<String>,
    stopped: bool,
}

impl Walk<'_> {
    fn hand_on<E: serde::de::Error>(&mut self, value: Value<'static>) -> Result<(), E> {
        if (self.visit)(&self.path, value) {
            return Ok(());
        }
        self.stopped = true;
        Err(E::custom("stopped"))
    }
}

impl DeserializeSeed<'static> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'static>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(Inside(self))
    }
}

/// Looks into a value.
struct Inside<'w, 'a>(&'w mut Walk<'a>);

impl Visitor<'static> for Inside<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'static>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.path.push(key);
            match (self.0.want)(&self.0.path) {
                Want::Descend => map.next_value_seed(&mut *self.0)?,
                Want::Elements => map.next_value_seed(Elements(self.0))?,
                Want::Whole => {
                    let left = Cell::new(MOST_VALUES);
                    let value = map.next_value_seed(Bounded(&left))?;
                    self.0.hand_on(value)?;
                }
                Want::Skip => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            self.0.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'static>>(self, mut all: A) -> Result<(), A::Error> {
        while all.next_element_seed(&mut *self.0)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Hands on the elements of an array; anything else is passed over.
struct Elements<'w, 'a>(&'w mut Walk<'a>);

impl DeserializeSeed<'static> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'static>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl Visitor<'static> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'static>>(self, mut all: A) -> Result<(), A::Error> {
        loop {
            let left = Cell::new(MOST_VALUES);
            match all.next_element_seed(Bounded(&left))? {
                Some(value) => self.0.hand_on(value)?,
                None => return Ok(()),
            }
        }
    }

    fn visit_map<A: MapAccess<'static>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
