//! The writer of RFC 8785.

use super::value::Value;

/// Appends the canonical bytes of a value.
pub(super) fn value(out: &mut Vec<u8>, from: &Value) {
    match from {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Integer(number) => integer(out, *number),
        Value::String(text) => string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                value(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (at, (name, item)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                value(out, item);
            }
            out.push(b'}');
        }
    }
}

/// Appends an integer in decimal.
pub(super) fn integer(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0_u8; 20];
    let mut rest = number.unsigned_abs();
    let mut count = 0_usize;
    for place in digits.iter_mut().rev() {
        *place = b'0' | (rest % 10) as u8;
        rest /= 10;
        count = count.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    let start = digits.len().saturating_sub(count);
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Appends a string with the escapes of RFC 8785, 3.2.2.2.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| special(*byte)) {
        let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else {
            break;
        };
        match *byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            control => {
                let digit = |value: u8| match value {
                    0..10 => b'0' | value,
                    _ => value.wrapping_add(b'a'.wrapping_sub(10)),
                };
                let (high, low) = (digit(control >> 4), digit(control & 0x0f));
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
