//! The options of a ballot, and how a header carries them.
//!
//! A header carries printable ASCII as it is, and every other byte of UTF-8 percent-encoded with
//! upper-case digits: `Caf%C3%A9`. No option holds a percent sign, so each option has one
//! spelling. What is hashed is always the UTF-8.

use super::CampaignFault;

/// The most options: they are numbered with two digits.
pub const MAX_OPTIONS: usize = 99;

/// The longest option, in bytes of UTF-8.
pub const MAX_OPTION_BYTES: usize = 200;

/// Something wrong with the options. Options are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionFault {
    /// Nothing to choose from, or more than two digits can number.
    #[error("a ballot has 2 to {MAX_OPTIONS} options, found {found}")]
    Count {
        /// Options found.
        found: usize,
    },
    /// Too short or too long.
    #[error("option {number} has {found} bytes, allowed are 1 to {MAX_OPTION_BYTES}")]
    Length {
        /// The option.
        number: usize,
        /// Its bytes in UTF-8.
        found: usize,
    },
    /// A space at an end, which a header loses.
    #[error("option {number} begins or ends with a space")]
    Space {
        /// The option.
        number: usize,
    },
    /// A character that lists and headers cannot carry, or that nobody can see.
    #[error("option {number} holds {found:?}, which lists cannot carry or readers cannot see")]
    Character {
        /// The option.
        number: usize,
        /// The character.
        found: char,
    },
    /// The same as an earlier one.
    #[error("option {number} is the same as option {of}")]
    Same {
        /// The later one.
        number: usize,
        /// The earlier one.
        of: usize,
    },
    /// The beginning of another. What is hashed is the option followed by the nonce, so one hash
    /// could then be the work for two votes.
    #[error("option {number} is the beginning of option {of}, so that work for one fits the other")]
    Prefix {
        /// The shorter one.
        number: usize,
        /// The longer one.
        of: usize,
    },
}

/// Everything that is wrong with some options.
pub(crate) fn faults(options: &[String]) -> Vec<CampaignFault> {
    let mut faults = Vec::new();
    if !(2..=MAX_OPTIONS).contains(&options.len()) {
        faults.push(OptionFault::Count { found: options.len() });
    }
    for (number, option) in (1..).zip(options) {
        if !(1..=MAX_OPTION_BYTES).contains(&option.len()) {
            faults.push(OptionFault::Length { number, found: option.len() });
        }
        if option.starts_with(' ') || option.ends_with(' ') {
            faults.push(OptionFault::Space { number });
        }
        if let Some(found) = option.chars().find(|found| is_unfit(*found)) {
            faults.push(OptionFault::Character { number, found });
        }
        for (of, other) in (1..).zip(options) {
            if option == other && of < number {
                faults.push(OptionFault::Same { number, of });
            } else if option != other && !option.is_empty() && other.starts_with(option.as_str()) {
                faults.push(OptionFault::Prefix { number, of });
            }
        }
    }
    faults.into_iter().map(CampaignFault::from).collect()
}

/// Control characters; the quotation mark that ends an option in the list; the percent sign of the
/// encoding; white space other than a space; and what changes the look of others unseen.
fn is_unfit(found: char) -> bool {
    found.is_control()
        || matches!(found, '"' | '\\' | '%')
        || (found.is_whitespace() && found != ' ')
        || matches!(
            found,
            // What Unicode lets a reader leave out (Default_Ignorable_Code_Point), and a letter
            // that is drawn as a space.
            '\u{00ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// An option as a header carries it.
pub fn to_header(option: &str) -> String {
    let mut text = String::with_capacity(option.len());
    for byte in option.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => text.push(char::from(byte)),
            _ => text.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    text
}

/// A hexadecimal digit, upper case.
fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

/// The option that a header carries; `None` unless it is the one spelling of it.
pub fn from_header(text: &str) -> Option<String> {
    if text.len() > MAX_OPTION_BYTES.saturating_mul(3) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (rest.next()?, rest.next()?);
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let option = String::from_utf8(bytes).ok()?;
    (to_header(&option) == text).then_some(option)
}
