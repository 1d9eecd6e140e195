//! Lines for a poster, each judged by itself.

use super::{Base32Error, check_symbol, decode, encode};

/// The most bytes that one line holds: 24 symbols.
pub const LINE_BYTES: usize = 15;

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

/// A character as Crockford's reader takes it.
fn fold(found: char) -> char {
    match found.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}
