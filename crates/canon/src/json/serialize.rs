//! A serde serialiser that writes canonical bytes at once.
//!
//! Members are written in the order in which they come; where that is not the canonical order, the
//! finished object is put into order before anything is written behind it.

mod compound;

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::error::{Fault, JsonError};
use super::{MAX_DEPTH, MAX_INTEGER, write};

use compound::{Array, Object};

impl ser::Error for JsonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        fault(Fault::Type { message: message.to_string() })
    }
}

const fn fault(fault: Fault) -> JsonError {
    JsonError { fault, at: None }
}

/// Writes one value to the end of `out`.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// Arrays and objects around the value.
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(out: &'a mut Vec<u8>, depth: usize) -> Self {
        Self { out, depth }
    }

    fn opened(self, bracket: u8) -> Result<Self, JsonError> {
        if self.depth >= MAX_DEPTH {
            return Err(fault(Fault::TooDeep));
        }
        self.out.push(bracket);
        Ok(Self { out: self.out, depth: self.depth.saturating_add(1) })
    }

    fn array(self, close: &'static [u8]) -> Result<Array<'a>, JsonError> {
        Ok(Array::new(self.opened(b'[')?, close))
    }

    fn object(self, close: &'static [u8]) -> Result<Object<'a>, JsonError> {
        Ok(Object::new(self.opened(b'{')?, close))
    }

    /// `{"variant":`, to be closed by the one who writes the value.
    fn variant(self, name: &'static str) -> Result<Self, JsonError> {
        let inner = self.opened(b'{')?;
        write::string(inner.out, name);
        inner.out.push(b':');
        Ok(inner)
    }

    fn literal(self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = JsonError;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = Array<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), JsonError> {
        self.literal(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_i64(self, number: i64) -> Result<(), JsonError> {
        if !(-MAX_INTEGER..=MAX_INTEGER).contains(&number) {
            return Err(fault(Fault::IntegerRange));
        }
        write::integer(self.out, number);
        Ok(())
    }

    fn serialize_i128(self, number: i128) -> Result<(), JsonError> {
        self.serialize_i64(i64::try_from(number).map_err(|_| fault(Fault::IntegerRange))?)
    }

    fn serialize_u8(self, number: u8) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Result<(), JsonError> {
        self.serialize_i64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Result<(), JsonError> {
        self.serialize_i64(i64::try_from(number).map_err(|_| fault(Fault::IntegerRange))?)
    }

    fn serialize_u128(self, number: u128) -> Result<(), JsonError> {
        self.serialize_i64(i64::try_from(number).map_err(|_| fault(Fault::IntegerRange))?)
    }

    /// Whatever its value: a type with a float in it is a mistake, and `1.0` may not slip through.
    fn serialize_f32(self, _: f32) -> Result<(), JsonError> {
        Err(fault(Fault::NotInteger))
    }

    fn serialize_f64(self, _: f64) -> Result<(), JsonError> {
        Err(fault(Fault::NotInteger))
    }

    fn serialize_char(self, value: char) -> Result<(), JsonError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), JsonError> {
        write::string(self.out, text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), JsonError> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<(), JsonError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), JsonError> {
        self.literal(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), JsonError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), JsonError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        let Self { out, depth } = self.variant(variant)?;
        value.serialize(Writer { out, depth })?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Array<'a>, JsonError> {
        self.array(b"]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Array<'a>, JsonError> {
        self.array(b"]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Array<'a>, JsonError> {
        self.array(b"]")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Array<'a>, JsonError> {
        self.variant(variant)?.array(b"]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, JsonError> {
        self.object(b"}")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, JsonError> {
        self.object(b"}")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, JsonError> {
        self.variant(variant)?.object(b"}}")
    }
}
