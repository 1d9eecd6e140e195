//! A JSON value in the data model of canonical JSON.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::text::utf16_order;

/// A JSON value: what a strict text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer; within ±(2^53-1) when it comes from a text.
    Integer(i64),
    /// A string of Unicode scalar values.
    String(String),
    /// Values in their order.
    Array(Vec<Value>),
    /// Names with values, in canonical order.
    Object(Members),
}

/// The members of an object, in ascending order of the UTF-16 code units of their names; no name
/// comes twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(Vec<(String, Value)>);

fn order(left: &str, right: &str) -> Ordering {
    utf16_order(left.bytes(), right.bytes())
}

impl Members {
    /// Sorts members, each with its place in the text; a name that comes twice is returned with
    /// the place of the later one.
    pub(super) fn from_unsorted(
        mut members: Vec<(String, Value, usize)>,
    ) -> Result<Self, (String, usize)> {
        // A stable sort keeps equal names in the order of the text.
        members.sort_by(|left, right| order(&left.0, &right.0));
        let twice = members.windows(2).find_map(|pair| match pair {
            [first, second] if first.0 == second.0 => Some((second.0.clone(), second.2)),
            _ => None,
        });
        match twice {
            Some(twice) => Err(twice),
            None => Ok(Self(members.into_iter().map(|(name, value, _)| (name, value)).collect())),
        }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(other, _)| order(other, name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Puts a value under a name, and returns what stood there.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) -> Option<Value> {
        let name = name.into();
        match self.0.binary_search_by(|(other, _)| order(other, &name)) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a name out, and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.binary_search_by(|(other, _)| order(other, name)).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Names with values, in canonical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Later members replace earlier ones of the same name.
impl<N: Into<String>> FromIterator<(N, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        let mut members: Vec<(String, Value)> =
            members.into_iter().map(|(name, value)| (name.into(), value)).collect();
        // A stable sort keeps equal names in their order.
        members.sort_by(|left, right| order(&left.0, &right.0));
        let mut kept: Vec<(String, Value)> = Vec::with_capacity(members.len());
        for member in members {
            match kept.last_mut().filter(|last| last.0 == member.0) {
                Some(last) => *last = member,
                None => kept.push(member),
            }
        }
        Self(kept)
    }
}

impl Value {
    /// The member of that name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object().and_then(|members| members.get(name))
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is an integer.
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub const fn as_object(&self) -> Option<&Members> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value whose numbers are integers within ±(2^53-1)")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        if number.unsigned_abs() > super::MAX_INTEGER.unsigned_abs() {
            return Err(E::invalid_value(de::Unexpected::Signed(number), &self));
        }
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut unsorted = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            unsorted.push((name, value, 0));
        }
        Members::from_unsorted(unsorted).map(Value::Object).map_err(|(name, _)| {
            de::Error::custom(format_args!("the name {name:?} comes twice in one object"))
        })
    }
}
