//! Bytes of fixed length in texts: base64 and hexadecimal, each in its one spelling.

use canon::base64;
use data_encoding::HEXLOWER;

/// The bytes of a base64 text (RFC 4648, with padding); `None` unless it is the one spelling of
/// exactly `N` bytes.
pub(crate) fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    base64::decode_array(text.as_bytes())
}

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// A number in decimal digits, without sign and without leading zeros.
pub(crate) fn from_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let spelt_once = text == "0" || !text.starts_with('0');
    if digits && spelt_once { text.parse().ok() } else { None }
}
