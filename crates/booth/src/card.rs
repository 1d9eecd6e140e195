//! Voting cards: a mandate as 12 lines that a person types.
//!
//! ```text
//!  1: Q0C1 E147 7AZR YM3Q N
//!  |  |                   |
//!  |  |                   check symbol: the 16 symbols as a number, modulo 37
//!  |  10 bytes of the mandate, most significant symbol first, in groups of four
//!  number, for the eye; it is not covered by the check symbol
//! ```
//!
//! Each line is judged by itself, so that a typing error is found in the line where it is. The
//! check symbol finds every single wrong symbol and every swap of two symbols. It does not find
//! lines that change places or come twice: for that, the signature is judged when all 12 are
//! there.

use canon::base32::{self, Base32Error};

use crate::mandate::MANDATE_BYTES;

mod whole;

pub use whole::{CardError, read, write};

/// Lines of a card.
pub const LINES: usize = 12;

/// Symbols of data in a line; the check symbol follows.
pub const LINE_SYMBOLS: usize = 16;

/// Bytes in a line.
pub const LINE_BYTES: usize = MANDATE_BYTES / LINES;

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// A character that is no symbol.
    #[error("{found:?} is not a symbol (character {at})")]
    Symbol {
        /// The character.
        found: char,
        /// Its place among the characters that are not spaces or dashes, from 1.
        at: usize,
    },
    /// Too few or too many symbols.
    #[error("a line has 16 symbols and a check symbol, found {found}")]
    Length {
        /// Symbols found, the check symbol counted.
        found: usize,
    },
    /// The line says another number than the one it was typed for.
    #[error("this line is number {found} of the card")]
    Number {
        /// The number that stands before its colon.
        found: usize,
    },
    /// The check symbol belongs to other symbols.
    #[error("the check symbol does not fit")]
    Check,
    /// The same line was typed before.
    #[error("this line is the same as line {of}")]
    Repeated {
        /// The number of the earlier one, from 1.
        of: usize,
    },
}

impl LineFault {
    /// What the person who types can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Symbol { found: 'U' | 'u', .. } => {
                "the letter U stands only at the end of a line; look whether it is a V".to_owned()
            }
            Self::Symbol { found, .. } => {
                format!("there is no {found:?} on a card; look at that place again")
            }
            Self::Length { found } if *found <= LINE_SYMBOLS => {
                "something is missing: a line is four groups of four and one symbol".to_owned()
            }
            Self::Length { .. } => {
                "there is too much: a line is four groups of four and one symbol".to_owned()
            }
            Self::Number { found } => format!("type it as line {found}"),
            Self::Check => {
                "one symbol is wrong or two have changed places; compare the line with the card, \
                 group by group"
                    .to_owned()
            }
            Self::Repeated { of } => {
                format!(
                    "no two lines of a card are alike: type this one again, and look at line {of}"
                )
            }
        }
    }
}

/// One line as it stands on a card, without its number: `Q0C1 E147 7AZR YM3Q N`.
pub fn write_line(bytes: &[u8; LINE_BYTES]) -> String {
    let symbols = base32::encode(bytes);
    let check = base32::check_symbol(&symbols).ok();
    let mut line = String::with_capacity(LINE_SYMBOLS.saturating_add(6));
    for (at, symbol) in symbols.chars().chain(check).enumerate() {
        if at > 0 && at % 4 == 0 {
            line.push(' ');
        }
        line.push(symbol);
    }
    line
}

/// The ten bytes of one line, judged by itself.
///
/// Lower case is taken, `O` for `0`, `I` and `L` for `1`; spaces and dashes are skipped. The
/// number with its colon may stand before it; then it has to be the number that the line is typed
/// for (from 1).
pub fn read_line(text: &str, number: usize) -> Result<[u8; LINE_BYTES], LineFault> {
    let symbols = match text.split_once(':') {
        None => text,
        Some((before, after)) => {
            let found = before.trim().parse::<usize>().ok();
            match found {
                Some(found) if found == number => after,
                Some(found @ 1..=LINES) => return Err(LineFault::Number { found }),
                _ => text,
            }
        }
    };
    let symbols: Vec<char> =
        symbols.chars().filter(|found| !found.is_whitespace() && !is_dash(*found)).collect();
    let data: String = symbols.iter().take(LINE_SYMBOLS).collect();
    // A wrong character is named before a wrong length: it is what the eye finds first.
    let expected = base32::check_symbol(&data).map_err(|error| match error {
        Base32Error::Symbol { found, at } => LineFault::Symbol { found, at },
        _ => LineFault::Check,
    })?;
    let (Some(check), true) =
        (symbols.get(LINE_SYMBOLS), symbols.len() == LINE_SYMBOLS.saturating_add(1))
    else {
        return Err(LineFault::Length { found: symbols.len() });
    };
    if fold(*check) != expected {
        let at = symbols.len();
        let could = could_check(*check);
        return Err(if could { LineFault::Check } else { LineFault::Symbol { found: *check, at } });
    }
    let bytes = base32::decode(&data).map_err(|_| LineFault::Check)?;
    bytes.try_into().map_err(|_| LineFault::Length { found: symbols.len() })
}

/// Dashes that keyboards and word processors make of a hyphen.
const fn is_dash(found: char) -> bool {
    matches!(found, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// True for what may stand at the end of a line.
fn could_check(found: char) -> bool {
    let folded = fold(found);
    matches!(folded, '*' | '~' | '$' | '=') || folded.is_ascii_alphanumeric()
}

/// A symbol as Crockford's reader takes it.
const fn fold(found: char) -> char {
    match found.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}

#[cfg(test)]
mod tests;
