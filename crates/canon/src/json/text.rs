//! The parts that the strict parser and the canonical scanner share: runs of plain text, UTF-8,
//! integers, and the order of names.

use std::cmp::Ordering;

use super::MAX_INTEGER;
use super::error::{Fault, Found};

/// Bytes at the start that stand for themselves in a string: printable ASCII but `"` and `\`.
///
/// Eight at a time: a byte has its high bit set in the mask when it is below 0x20, one of the two,
/// or beyond ASCII ("Bit Twiddling Hacks", haszero and hasless).
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const fn zero_bytes(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word
    }
    let mut run = 0_usize;
    let (words, rest) = bytes.as_chunks::<8>();
    for chunk in words {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
        let quote = zero_bytes(word ^ ONES.wrapping_mul(0x22));
        let backslash = zero_bytes(word ^ ONES.wrapping_mul(0x5c));
        let stop = (control | quote | backslash | word) & HIGH;
        if stop != 0 {
            // The lowest mark is exact: a borrow can only spoil the marks above it.
            return run.saturating_add((stop.trailing_zeros() / 8) as usize);
        }
        run = run.saturating_add(8);
    }
    run.saturating_add(rest.iter().take_while(|byte| plain(**byte)).count())
}

/// Whether a byte stands for itself in a string.
const fn plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7f) && byte != b'"' && byte != b'\\'
}

/// The length of the UTF-8 sequence of two to four bytes at the start (RFC 3629, table 3-7 of the
/// Unicode standard), or `None` when there is none: overlong, surrogate, beyond U+10FFFF, cut off.
pub(crate) const fn utf8_length(bytes: &[u8]) -> Option<usize> {
    const fn follows(byte: u8) -> bool {
        byte & 0xc0 == 0x80
    }
    match *bytes {
        [0xc2..=0xdf, b, ..] if follows(b) => Some(2),
        [0xe0, 0xa0..=0xbf, c, ..] | [0xed, 0x80..=0x9f, c, ..] if follows(c) => Some(3),
        [0xe1..=0xec | 0xee | 0xef, b, c, ..] if follows(b) && follows(c) => Some(3),
        [0xf0, 0x90..=0xbf, c, d, ..] | [0xf4, 0x80..=0x8f, c, d, ..]
            if follows(c) && follows(d) =>
        {
            Some(4)
        }
        [0xf1..=0xf3, b, c, d, ..] if follows(b) && follows(c) && follows(d) => Some(4),
        _ => None,
    }
}

/// The integer at the start and its length in bytes.
pub(crate) fn integer(bytes: &[u8]) -> Result<(i64, usize), Fault> {
    let (negative, digits) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    let mut value = 0_i64;
    let mut count = 0_usize;
    for byte in digits {
        if !byte.is_ascii_digit() {
            break;
        }
        value = value.saturating_mul(10).saturating_add(i64::from(byte & 0x0f));
        count = count.saturating_add(1);
    }
    let next = digits.get(count).copied();
    if count == 0 {
        let found = next.map_or(Found::End, Found::Byte);
        return Err(Fault::Unexpected { expected: "a digit", found });
    }
    if matches!(next, Some(b'.' | b'e' | b'E')) {
        return Err(Fault::NotInteger);
    }
    if count > 1 && digits.first() == Some(&b'0') {
        return Err(Fault::LeadingZero);
    }
    if negative && value == 0 {
        return Err(Fault::NegativeZero);
    }
    if value > MAX_INTEGER {
        return Err(Fault::IntegerRange);
    }
    let value = if negative { value.saturating_neg() } else { value };
    Ok((value, count.saturating_add(usize::from(negative))))
}

/// The order of two names by their UTF-16 code units (RFC 8785, 3.2.3), given as UTF-8.
///
/// UTF-8 sorts like code points. UTF-16 differs in one thing: characters from U+10000 on begin with
/// a surrogate and so come before U+E000 to U+FFFF. In UTF-8 these begin with 0xee and 0xef, those
/// with 0xf0 to 0xf4, so moving two lead bytes up gives the order of UTF-16.
pub(crate) fn utf16_order(
    left: impl IntoIterator<Item = u8>,
    right: impl IntoIterator<Item = u8>,
) -> Ordering {
    const fn rank(byte: u8) -> u8 {
        match byte {
            0xee | 0xef => byte | 0x10,
            _ => byte,
        }
    }
    left.into_iter().map(rank).cmp(right.into_iter().map(rank))
}
