//! JSON values that borrow.
//!
//! In: a JSON text. Out: its values; text without escapes is a part of the input, and the fields of an object lie in one
//! piece of memory: a post of some twenty tracks and comments has hundreds of both. How many values there may be is
//! bounded, as `serde_json`'s and `serde_json_borrow`'s own are not.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A value.
pub(super) enum Value<'j> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'j, str>),
    Array(Vec<Value<'j>>),
    Object(Fields<'j>),
}

impl<'j> Value<'j> {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(all) => Some(all),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Fields<'j>> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

impl From<serde_json::Value> for Value<'static> {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(is) => Self::Bool(is),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => Self::String(text.into()),
            serde_json::Value::Array(all) => Self::Array(all.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => Self::Object(fields.into_iter().collect()),
        }
    }
}

/// The fields of an object, as they come. One that comes twice counts as it comes last.
#[derive(Default)]
pub(super) struct Fields<'j>(Vec<(Cow<'j, str>, Value<'j>)>);

/// Fields that there is room for as soon as there is one.
const FIELDS: usize = 8;

impl<'j> Fields<'j> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, name: Cow<'j, str>, value: Value<'j>) {
        if self.0.is_empty() {
            self.0.reserve(FIELDS);
        }
        self.0.push((name, value));
    }

    pub fn get(&self, name: &str) -> Option<&Value<'j>> {
        let found = self.0.iter().rfind(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// A field by name; one in other ASCII case where there is none, the least of them.
    pub fn find(&self, name: &str) -> Option<&Value<'j>> {
        let mut other: Option<&(Cow<'j, str>, Value<'j>)> = None;
        for field in self.0.iter().rev() {
            if !field.0.eq_ignore_ascii_case(name) {
                continue;
            }
            if field.0 == name {
                return Some(&field.1);
            }
            if other.is_none_or(|other| field.0 < other.0) {
                other = Some(field);
            }
        }
        other.map(|(_, value)| value)
    }

    /// All fields, by name.
    pub fn by_name(&self) -> Vec<(&str, &Value<'j>)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, v)| (name.as_ref(), v)).collect();
        all.reverse();
        all.sort_by_key(|(name, _)| *name);
        all.dedup_by_key(|(name, _)| *name);
        all
    }
}

impl FromIterator<(String, serde_json::Value)> for Fields<'static> {
    fn from_iter<I: IntoIterator<Item = (String, serde_json::Value)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        Self(fields.map(|(name, v)| (name.into(), v.into())).collect())
    }
}

/// Values that one part of a file may have, an object counting as [`OBJECT`]. No post has so many; a value takes many times
/// the bytes that it was written in.
pub(super) const MOST_VALUES: u32 = 1_500_000;

/// What an object takes, in values.
const OBJECT: u32 = 8;

/// A value, while any are left.
pub(super) struct Bounded<'c>(pub &'c Cell<u32>);

impl Bounded<'_> {
    fn count<E: serde::de::Error>(&self, values: u32) -> Result<(), E> {
        let left = self.0.get().saturating_sub(values);
        self.0.set(left);
        if left == 0 {
            return Err(E::custom("too many values: not one post"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value<'de>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(value.to_owned().into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value<'de>, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Value<'de>, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = all.next_element_seed(Bounded(self.0))? {
            self.count(1)?;
            out.push(value);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Value<'de>, A::Error> {
        self.count(OBJECT)?;
        let mut out = Fields::default();
        while let Some(name) = all.next_key_seed(Name)? {
            self.count(1)?;
            out.push(name, all.next_value_seed(Bounded(self.0))?);
        }
        Ok(Value::Object(out))
    }
}

/// The name of a field.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;
    use serde::de::DeserializeSeed;

    use super::{Bounded, Fields, Value};

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec(("[aAbB\n]{0,2}", inner), 0..6)
                    .prop_map(|all| serde_json::Value::Object(all.into_iter().collect())),
            ]
        })
    }

    fn as_serde(value: &Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(is) => (*is).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.as_ref().into(),
            Value::Array(all) => all.iter().map(as_serde).collect(),
            Value::Object(fields) => {
                let all = fields.by_name().into_iter();
                all.map(|(name, value)| (name.to_owned(), as_serde(value)))
                    .collect()
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_has_the_values_that_serde_json_reads(value in json()) {
            let text = value.to_string();
            let left = Cell::new(1_000);
            let mut from = serde_json::Deserializer::from_str(&text);
            let read = Bounded(&left).deserialize(&mut from).unwrap();
            let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(as_serde(&read), expected.clone());
            prop_assert_eq!(as_serde(&Value::from(expected.clone())), expected);
        }

        /// As if the fields lay in a map, where the last of a name stays, and they are looked through by name.
        #[test]
        fn a_field_is_found_as_in_a_map(names in prop::collection::vec("[aA][bB]?", 0..8)) {
            let mut fields = Fields::default();
            let mut map = serde_json::Map::new();
            for (at, name) in names.into_iter().enumerate() {
                fields.push(name.clone().into(), Value::Number(at.into()));
                map.insert(name, at.into());
            }
            for name in ["a", "A", "ab", "AB", "aB", "Ab", "b"] {
                let exact = map.get(name);
                let any = || map.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v);
                prop_assert_eq!(fields.get(name).map(as_serde), exact.cloned());
                prop_assert_eq!(fields.find(name).map(as_serde), exact.or_else(any).cloned());
            }
            let all: Vec<_> = fields.by_name().into_iter().map(|(n, v)| (n.to_owned(), as_serde(v))).collect();
            prop_assert_eq!(all, map.into_iter().collect::<Vec<_>>());
        }
    }
}
