//! Lines for a poster, each judged by itself.

use super::{Base32Error, check_symbol, decode, encode};
use crate::Digest;

/// The most bytes that one line holds: 24 symbols.
pub const LINE_BYTES: usize = 15;

/// Bytes of SHA-256 that close a block of lines.
const SUM_BYTES: usize = 4;

/// One line: its number (1 to 99), 1 to 15 bytes of data, and a check symbol over both.
pub fn encode_line(number: u8, data: &[u8]) -> Result<String, Base32Error> {
    if !(1..=99).contains(&number) || data.is_empty() || data.len() > LINE_BYTES {
        return Err(Base32Error::Line);
    }
    let symbols = format!("{number:02}{}", encode(data));
    let check = check_symbol(&symbols)?;
    let mut text = String::with_capacity(40);
    for (at, symbol) in symbols.chars().enumerate() {
        match at {
            2 => text.push(' '),
            _ if at > 2 && at % 4 == 2 => text.push('-'),
            _ => {}
        }
        text.push(symbol);
    }
    text.push(' ');
    text.push(check);
    Ok(text)
}

/// The number and the data of one line; spaces and hyphens are skipped.
pub fn decode_line(text: &str) -> Result<(u8, Vec<u8>), Base32Error> {
    let symbols: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let mut rest = symbols.chars();
    let written = rest.next_back().ok_or(Base32Error::Line)?;
    let body = rest.as_str();
    let expected = check_symbol(body)?;
    if fold(written) != fold(expected) {
        return Err(Base32Error::Check);
    }
    let (number, data) = body.split_at_checked(2).ok_or(Base32Error::Line)?;
    let number = number.chars().map(fold).collect::<String>();
    let number = number.parse::<u8>().ok().filter(|number| *number > 0);
    let number = number.ok_or(Base32Error::Line)?;
    let data = decode(data)?;
    if data.is_empty() || data.len() > LINE_BYTES {
        return Err(Base32Error::Line);
    }
    Ok((number, data))
}

/// The lines for data of any length up to 99 lines.
///
/// ```text
/// length of the data (2 bytes, big-endian) || data || first 4 bytes of SHA-256(length || data)
/// ```
///
/// in lines of 15 bytes, numbered from 1. The length in the first line shows a missing last line,
/// the sum shows lines of different posters, and what one check symbol in 37 lets through.
pub fn encode_lines(data: &[u8]) -> Result<Vec<String>, Base32Error> {
    let too_long = || Base32Error::TooLong { bytes: data.len() };
    let length = u16::try_from(data.len()).map_err(|_| too_long())?;
    let mut block = length.to_be_bytes().to_vec();
    block.extend_from_slice(data);
    let sum = Digest::of(&block);
    block.extend(sum.as_bytes().iter().take(SUM_BYTES));
    let mut lines = Vec::new();
    for (number, part) in (1_u8..).zip(block.chunks(LINE_BYTES)) {
        if number > 99 {
            return Err(too_long());
        }
        lines.push(encode_line(number, part)?);
    }
    Ok(lines)
}

/// The data of a block of lines; empty lines are skipped, the first faulty line is named.
pub fn decode_lines(text: &str) -> Result<Vec<u8>, Base32Error> {
    let mut block = Vec::new();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    for (expected, line) in (1_usize..).zip(lines) {
        let (found, data) = decode_line(line)
            .map_err(|error| Base32Error::InLine { line: expected, error: Box::new(error) })?;
        let found = usize::from(found);
        if found != expected {
            return Err(Base32Error::Order { expected, found });
        }
        block.extend_from_slice(&data);
    }
    let Some((length, rest)) = block.split_first_chunk::<2>() else {
        return Err(Base32Error::Line);
    };
    let expected = usize::from(u16::from_be_bytes(*length));
    let found = rest.len().saturating_sub(SUM_BYTES);
    let Some((covered, sum)) = block.split_last_chunk::<SUM_BYTES>() else {
        return Err(Base32Error::Total { expected, found });
    };
    if found != expected || covered.len() < 2 {
        return Err(Base32Error::Total { expected, found });
    }
    if !Digest::of(covered).as_bytes().starts_with(sum) {
        return Err(Base32Error::Sum);
    }
    Ok(covered.get(2..).unwrap_or_default().to_vec())
}

/// A character as Crockford's reader takes it.
fn fold(found: char) -> char {
    match found.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}
