//! A reader of types that takes each value in one spelling only.
//!
//! `serde_json` is generous: it decodes a struct from an array of its members' values, a word of
//! an enum from `{"word":null}`, and an optional member that is left out from `null` too. Two
//! spellings of one statement have two digests, and a schema refuses the second; so does this. A
//! struct is an object, an enum is a string, and what is not there is left out.

use core::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

/// Wraps a deserializer, a visitor or an access, all the way down.
pub(super) struct Strict<T>(pub(super) T);

macro_rules! forward {
    ($($method:ident)+) => {
        $( fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Strict(visitor))
        } )+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward! {
        deserialize_any deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_option deserialize_unit
        deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Strict(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Strict(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Strict(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Strict(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Strict(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_str(Word(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visits {
    ($($method:ident($type:ty))+) => {
        $( fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        } )+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visits! {
        visit_bool(bool)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
        visit_f32(f32) visit_f64(f64) visit_char(char)
        visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        Err(E::custom("null where something is due (leave the member out)"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(members))
    }
}

impl<'de, A: de::SeqAccess<'de>> de::SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Strict(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(inner))
    }
}

/// Takes the word of an enum from a string.
struct Word<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Word<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<V::Value, E> {
        let word: StrDeserializer<'_, E> = word.into_deserializer();
        self.0.visit_enum(word)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::json::{Value, from_canonical, from_strict};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        first: u64,
        inner: Option<Inner>,
        list: Vec<Inner>,
        value: Option<Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        word: Word,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Word {
        One,
    }

    #[test]
    fn an_object_is_a_struct_and_a_string_a_word() {
        let read: Pair =
            from_canonical(br#"{"first":1,"inner":{"word":"One"},"list":[{"word":"One"}]}"#)
                .unwrap();
        let inner = || Inner { word: Word::One };
        let value = None;
        assert_eq!(read, Pair { first: 1, inner: Some(inner()), list: vec![inner()], value });
    }

    #[test]
    fn what_is_not_there_is_left_out_and_never_null() {
        let left_out = br#"{"first":1,"list":[]}"#;
        let expected = Pair { first: 1, inner: None, list: Vec::new(), value: None };
        assert_eq!(from_canonical::<Pair>(left_out).unwrap(), expected);
        assert_eq!(from_strict::<Pair>(left_out).unwrap(), expected);
        for text in [
            r#"{"first":1,"inner":null,"list":[]}"#,
            r#"{"first":1,"list":[],"value":null}"#,
            r#"{"first":1,"list":[null]}"#,
        ] {
            let refused = from_canonical::<Pair>(text.as_bytes()).unwrap_err();
            assert!(refused.to_string().contains("null"), "{text}: {refused}");
            assert_eq!(from_strict::<Pair>(text.as_bytes()).unwrap_err(), refused);
        }
        assert!(from_canonical::<Option<u64>>(b"null").is_err());
    }

    #[test]
    fn a_value_may_hold_null() {
        // A value of any kind is itself, not something optional.
        let text = br#"{"a":[null]}"#;
        let value: Value = from_canonical(text).unwrap();
        assert_eq!(crate::json::to_vec(&value), text);
        assert_eq!(from_canonical::<Value>(b"null").unwrap(), Value::Null);
    }

    #[test]
    fn a_second_spelling_is_refused_at_every_depth() {
        for text in [
            r#"[1,{"word":"One"},[],1]"#,
            r#"{"first":1,"inner":["One"],"list":[]}"#,
            r#"{"first":1,"list":[["One"]]}"#,
            r#"{"first":1,"inner":{"word":{"One":null}},"list":[]}"#,
            r#"{"first":1,"inner":{"word":0},"list":[]}"#,
        ] {
            assert!(from_canonical::<Pair>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_follows_the_value() {
        assert!(super::super::typed::<u64>(b"1 2").is_err());
    }
}
