//! Strict JSON in, canonical JSON (RFC 8785) out.
//!
//! The data model is RFC 8785's with fewer numbers: integers within ±(2^53-1) only, since beyond
//! that two different texts are the same IEEE double. Everything else travels as a string.
//!
//! What a reader would have to repair is refused: a duplicate name, `-0`, `1.0`, `1e2`, a lone
//! surrogate, bytes that are no UTF-8, a byte order mark, more than 64 levels, anything behind the
//! value. Canonical bytes have one form:
//!
//! ```text
//! {"a":[1,-2,true,null],"b":"text \" \\ \n \u001f é"}
//! ```
//!
//! no white space; names in ascending order of their UTF-16 code units; strings with the escapes
//! `\" \\ \b \t \n \f \r`, `\u00xx` in lower case for the other control characters below U+0020,
//! and everything else as itself.

mod check;
mod error;
mod parse;
mod serialize;
mod text;
mod typed;
mod value;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::{Fault, Found, JsonError, Position};
pub use value::{Members, Value};

pub(crate) use check::{RawString, Scanner};

/// Levels of arrays and objects that a text may have.
pub const MAX_DEPTH: usize = 64;

/// The greatest integer, 2^53-1; the least is its negative.
pub const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// Reads strict JSON in any layout.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse::Parser::new(bytes).document()
}

/// The canonical bytes of a value (RFC 8785).
///
/// A value built by hand can hold what no text may: an integer beyond ±(2^53-1) or more than 64
/// levels. Such bytes are refused by every reader; [`to_canonical`] refuses to write them.
pub fn to_vec(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write::value(&mut out, value);
    out
}

/// The canonical bytes of a strict JSON text in any layout.
pub fn canonicalize(bytes: &[u8]) -> Result<Vec<u8>, JsonError> {
    if require_canonical(bytes).is_ok() {
        return Ok(bytes.to_vec());
    }
    parse(bytes).map(|value| to_vec(&value))
}

/// Refuses whatever is not byte for byte what [`canonicalize`] would write.
///
/// One pass that builds nothing; the error points to the first byte that has to change.
pub fn require_canonical(bytes: &[u8]) -> Result<(), JsonError> {
    Scanner::new(bytes).document()
}

/// The canonical bytes of anything that serde can serialise.
///
/// A float, an integer beyond ±(2^53-1), a name that comes twice or more than 64 levels are
/// refused. The error has no place: there is no text yet.
pub fn to_canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JsonError> {
    to_canonical_within(value, 0)
}

/// The canonical bytes of a value that will lie within `depth` arrays and objects.
pub(crate) fn to_canonical_within<T: Serialize + ?Sized>(
    value: &T,
    depth: usize,
) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::with_capacity(256);
    value.serialize(serialize::Writer::new(&mut out, depth))?;
    Ok(out)
}

/// Decodes canonical bytes into a type; bytes that are not canonical are refused.
pub fn from_canonical<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    require_canonical(bytes)?;
    typed(bytes)
}

/// Decodes strict JSON in any layout into a type.
pub fn from_strict<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    parse(bytes)?;
    typed(bytes)
}

/// Decodes bytes that have been judged already.
pub(crate) fn typed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    T::deserialize(typed::Strict(&mut text))
        .and_then(|value| text.end().map(|()| value))
        .map_err(|error| JsonError::of_type(bytes, &error))
}

#[cfg(test)]
mod tests;
