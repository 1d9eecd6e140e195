//! A serde serialiser that writes canonical bytes at once.
//!
//! Members are written in the order in which they come; where that is not the canonical order, the
//! finished object is put into order before anything is written behind it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::error::{Fault, JsonError, shown};
use super::text::utf16_order;
use super::{MAX_DEPTH, MAX_INTEGER, write};

impl ser::Error for JsonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        fault(Fault::Type {
            message: message.to_string(),
        })
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
    pub(super) const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, depth: 0 }
    }

    fn opened(self, bracket: u8) -> Result<Self, JsonError> {
        if self.depth >= MAX_DEPTH {
            return Err(fault(Fault::TooDeep));
        }
        self.out.push(bracket);
        Ok(Self {
            out: self.out,
            depth: self.depth.saturating_add(1),
        })
    }

    fn array(self, close: &'static [u8]) -> Result<Array<'a>, JsonError> {
        let Self { out, depth } = self.opened(b'[')?;
        Ok(Array {
            out,
            depth,
            empty: true,
            close,
        })
    }

    fn object(self, close: &'static [u8]) -> Result<Object<'a>, JsonError> {
        let Self { out, depth } = self.opened(b'{')?;
        Ok(Object {
            out,
            depth,
            members: Vec::new(),
            close,
        })
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

/// An array that is being written.
pub(super) struct Array<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    empty: bool,
    close: &'static [u8],
}

impl Array<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        value.serialize(Writer {
            out: self.out,
            depth: self.depth,
        })
    }
}

macro_rules! array {
    ($($role:ident $item:ident),*) => {$(
        impl ser::$role for Array<'_> {
            type Ok = ();
            type Error = JsonError;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
                self.item(value)
            }

            fn end(self) -> Result<(), JsonError> {
                self.out.extend_from_slice(self.close);
                Ok(())
            }
        }
    )*};
}

array!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    members: Vec<Member>,
    close: &'static [u8],
}

/// A member that has been written: `"name":value` from `start` to the next comma or the end.
struct Member {
    name: Cow<'static, str>,
    start: usize,
    end: usize,
}

impl Object<'_> {
    /// Where the next member begins.
    fn next(&mut self) -> usize {
        if !self.members.is_empty() {
            self.out.push(b',');
        }
        self.out.len()
    }

    fn name(&mut self, name: Cow<'static, str>, start: usize) {
        self.out.push(b':');
        self.members.push(Member {
            name,
            start,
            end: start,
        });
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        value.serialize(Writer {
            out: self.out,
            depth: self.depth,
        })?;
        let end = self.out.len();
        if let Some(member) = self.members.last_mut() {
            member.end = end;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), JsonError> {
        let Self {
            out,
            mut members,
            close,
            ..
        } = self;
        let order = |a: &Member, b: &Member| utf16_order(a.name.bytes(), b.name.bytes());
        let ascending = |pair: &[Member]| match pair {
            [a, b] => order(a, b) == Ordering::Less,
            _ => true,
        };
        if !members.windows(2).all(ascending) {
            let start = members.first().map_or(0, |member| member.start);
            members.sort_by(order);
            if let Some([_, twice]) = members.windows(2).find(|pair| !ascending(pair)) {
                return Err(fault(Fault::DuplicateName {
                    name: shown(&twice.name),
                }));
            }
            let mut ordered = Vec::with_capacity(out.len().saturating_sub(start));
            for (at, member) in members.iter().enumerate() {
                if at > 0 {
                    ordered.push(b',');
                }
                ordered.extend_from_slice(out.get(member.start..member.end).unwrap_or_default());
            }
            out.truncate(start);
            out.append(&mut ordered);
        }
        out.extend_from_slice(close);
        Ok(())
    }
}

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), JsonError> {
        // A name is whatever serialises to a string, or to an integer that is put into one.
        let start = self.next();
        name.serialize(Writer {
            out: self.out,
            depth: MAX_DEPTH,
        })?;
        if matches!(self.out.get(start), Some(b'-' | b'0'..=b'9')) {
            self.out.insert(start, b'"');
            self.out.push(b'"');
        }
        let name = written_name(self.out.get(start..).unwrap_or_default())?;
        self.name(name.into(), start);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        self.value(value)
    }

    fn end(self) -> Result<(), JsonError> {
        self.finish()
    }
}

/// The name that has just been written as a string.
fn written_name(bytes: &[u8]) -> Result<String, JsonError> {
    let quoted = bytes
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let plain = quoted.filter(|name| !name.contains(&b'\\'));
    if let Some(Ok(name)) = plain.map(std::str::from_utf8) {
        return Ok(name.to_owned());
    }
    match super::parse(bytes)? {
        super::Value::String(name) => Ok(name),
        _ => Err(fault(Fault::Type {
            message: "a member is named by a string".to_owned(),
        })),
    }
}

macro_rules! object {
    ($($role:ident),*) => {$(
        impl ser::$role for Object<'_> {
            type Ok = ();
            type Error = JsonError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), JsonError> {
                let start = self.next();
                write::string(self.out, name);
                self.name(name.into(), start);
                self.value(value)
            }

            fn end(self) -> Result<(), JsonError> {
                self.finish()
            }
        }
    )*};
}

object!(SerializeStruct, SerializeStructVariant);
