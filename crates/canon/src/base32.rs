//! Crockford's base 32, for people who copy from paper.
//!
//! The alphabet is `0123456789ABCDEFGHJKMNPQRSTVWXYZ` (Douglas Crockford, "Base 32"): five bits a
//! symbol, most significant first; a last symbol is filled up with zero bits. A reader takes lower
//! case, `i` and `l` for `1`, `o` for `0`, and skips hyphens. A check symbol is the number that
//! the symbols write, modulo 37; it catches every single wrong symbol and every swap of
//! two neighbours.
//!
//! A line for a poster stands by itself, so that a typing error is found in the line where it is:
//!
//! ```text
//! 01 A1B2-C3D4-E5F6-G7H8-J9K0-M1N2 *
//! |  |                             |
//! |  |                             check symbol over number and data
//! |  1 to 15 bytes, in groups of four symbols
//! number of the line, 01 to 99
//! ```

mod line;

pub use line::{LINE_BYTES, decode_line, encode_line};

/// The 32 symbols of data, then the five that only a check symbol can be.
const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// The value of each ASCII character as a symbol of data, as a person may have written it;
/// [`NO_VALUE`] for what is none.
#[allow(clippy::indexing_slicing, reason = "the compiler computes it, and refuses what panics")]
const VALUES: [u8; 128] = {
    let mut values = [NO_VALUE; 128];
    let mut value = 0;
    while value < 32 {
        let symbol = SYMBOLS[value as usize];
        values[symbol as usize] = value;
        values[symbol.to_ascii_lowercase() as usize] = value;
        value += 1;
    }
    (values[b'I' as usize], values[b'i' as usize]) = (1, 1);
    (values[b'L' as usize], values[b'l' as usize]) = (1, 1);
    (values[b'O' as usize], values[b'o' as usize]) = (0, 0);
    values
};

const NO_VALUE: u8 = u8::MAX;

/// Why a text is not in Crockford's base 32.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Base32Error {
    /// A character that is no symbol.
    #[error("{found:?} is not a symbol (character {at})")]
    Symbol {
        /// The character.
        found: char,
        /// Its place among the characters of the text, from 1.
        at: usize,
    },
    /// A number of symbols that no number of whole bytes has.
    #[error("{symbols} symbols are no whole number of bytes")]
    Length {
        /// Symbols found, without hyphens.
        symbols: usize,
    },
    /// Bits set beyond the last whole byte.
    #[error("the last symbol has bits set that belong to no byte")]
    Remainder,
    /// The check symbol belongs to another text.
    #[error("the check symbol does not fit: something in it is mistyped")]
    Check,
    /// A line that does not consist of number, data and check symbol.
    #[error("a line is a number from 01 to 99, 1 to 15 bytes of data and a check symbol")]
    Line,
}

/// The bytes in symbols: upper case, no hyphens, no check symbol.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let mut pending = 0_u32;
    let mut bits = 0_u32;
    for byte in bytes {
        pending = pending << 8 | u32::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            text.push(symbol(pending >> bits & 31));
        }
        // At most four bits are still to be written.
        pending &= 15;
    }
    if bits > 0 {
        let fill = 5_u32.saturating_sub(bits);
        text.push(symbol(pending << fill & 31));
    }
    text
}

/// The bytes that some symbols write; hyphens are skipped.
///
/// Refuses a length that no whole number of bytes has, and bits set in the filling.
pub fn decode(text: &str) -> Result<Vec<u8>, Base32Error> {
    let mut bytes = Vec::with_capacity(text.len().saturating_mul(5) / 8);
    let mut pending = 0_u32;
    let mut bits = 0_u32;
    let mut symbols = 0_usize;
    for value in values(text) {
        pending = pending << 5 | value?;
        bits = bits.saturating_add(5);
        symbols = symbols.saturating_add(1);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push((pending >> bits & 255) as u8);
        }
        // At most seven bits are still to be written.
        pending &= 127;
    }
    if bits >= 5 {
        return Err(Base32Error::Length { symbols });
    }
    let filling = 1_u32.unbounded_shl(bits).saturating_sub(1);
    if pending & filling != 0 {
        return Err(Base32Error::Remainder);
    }
    Ok(bytes)
}

/// The `N` bytes, a multiple of five, that stand in groups of four symbols with hyphens between,
/// without an allocation; `None` unless each symbol is one that [`encode`] writes.
pub fn decode_groups<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut pairs = text.as_bytes().chunks(PAIR).peekable();
    for five in bytes.chunks_mut(5) {
        let pair = pairs.next()?;
        // Behind the last group stands nothing.
        if pairs.peek().is_none() && pair.len() != PAIR - 1 {
            return None;
        }
        let mut number = 0_u64;
        for (at, symbol) in pair.iter().enumerate() {
            if at % 5 != 4 {
                let value = VALUES.get(usize::from(*symbol))?;
                let written = SYMBOLS.get(usize::from(*value))?;
                number = number << 5 | u64::from(*value);
                if written != symbol {
                    return None;
                }
            } else if *symbol != b'-' {
                return None;
            }
        }
        let [_, _, _, number @ ..] = number.to_be_bytes();
        *<&mut [u8; 5]>::try_from(five).ok()? = number;
    }
    pairs.next().is_none().then_some(bytes)
}

/// Characters of two groups, which are five bytes, and of a hyphen behind each.
const PAIR: usize = 10;

/// The check symbol of some symbols: the number they write in base 32, modulo 37, as one of
/// `0…9 A…Z` without `I`, `L`, `O`, `U`, then `* ~ $ = U` for 32 to 36. Hyphens are skipped.
pub fn check_symbol(text: &str) -> Result<char, Base32Error> {
    let mut sum = 0_u32;
    for value in values(text) {
        sum = sum.saturating_mul(32).saturating_add(value?) % 37;
    }
    Ok(symbol(sum))
}

/// The symbol of a value below 37.
fn symbol(value: u32) -> char {
    let byte = usize::try_from(value).ok().and_then(|at| SYMBOLS.get(at)).copied();
    debug_assert!(byte.is_some(), "values are below 37");
    char::from(byte.unwrap_or(b'?'))
}

/// The value of each symbol of data, hyphens left out.
fn values(text: &str) -> impl Iterator<Item = Result<u32, Base32Error>> {
    text.chars().enumerate().filter(|(_, found)| *found != '-').map(|(index, found)| {
        value(found).ok_or(Base32Error::Symbol { found, at: index.saturating_add(1) })
    })
}

/// The value of a symbol of data, as a person may have written it.
fn value(found: char) -> Option<u32> {
    let found = VALUES.get(usize::try_from(u32::from(found)).ok()?)?;
    (*found != NO_VALUE).then_some(u32::from(*found))
}

#[cfg(test)]
mod tests;
