//! Arrays and objects that are being written.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::ser::{self, Serialize};

use super::{Writer, fault};
use crate::json::error::{Fault, JsonError, shown};
use crate::json::text::utf16_order;
use crate::json::{MAX_DEPTH, Value, parse, write};

/// An array that is being written.
pub(in crate::json) struct Array<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    empty: bool,
    close: &'static [u8],
}

impl<'a> Array<'a> {
    pub(super) const fn new(inner: Writer<'a>, close: &'static [u8]) -> Self {
        let Writer { out, depth } = inner;
        Self { out, depth, empty: true, close }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        value.serialize(Writer { out: self.out, depth: self.depth })
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
pub(in crate::json) struct Object<'a> {
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

impl<'a> Object<'a> {
    pub(super) const fn new(inner: Writer<'a>, close: &'static [u8]) -> Self {
        let Writer { out, depth } = inner;
        Self { out, depth, members: Vec::new(), close }
    }

    /// Where the next member begins.
    fn next(&mut self) -> usize {
        if !self.members.is_empty() {
            self.out.push(b',');
        }
        self.out.len()
    }

    fn name(&mut self, name: Cow<'static, str>, start: usize) {
        self.out.push(b':');
        self.members.push(Member { name, start, end: start });
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        value.serialize(Writer { out: self.out, depth: self.depth })?;
        let end = self.out.len();
        if let Some(member) = self.members.last_mut() {
            member.end = end;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), JsonError> {
        let Self { out, mut members, close, .. } = self;
        let order = |a: &Member, b: &Member| utf16_order(a.name.bytes(), b.name.bytes());
        let ascending = |pair: &[Member]| match pair {
            [a, b] => order(a, b) == Ordering::Less,
            _ => true,
        };
        if !members.windows(2).all(ascending) {
            let start = members.first().map_or(0, |member| member.start);
            members.sort_by(order);
            if let Some([_, twice]) = members.windows(2).find(|pair| !ascending(pair)) {
                return Err(fault(Fault::DuplicateName { name: shown(&twice.name) }));
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
        name.serialize(Writer { out: self.out, depth: MAX_DEPTH })?;
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
    let quoted = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let plain = quoted.filter(|name| !name.contains(&b'\\'));
    if let Some(Ok(name)) = plain.map(std::str::from_utf8) {
        return Ok(name.to_owned());
    }
    match parse(bytes)? {
        Value::String(name) => Ok(name),
        _ => Err(fault(Fault::Type { message: "a member is named by a string".to_owned() })),
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
