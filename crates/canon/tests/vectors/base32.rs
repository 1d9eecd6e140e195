//! Crockford's base 32 against `vectors/base32`.

use canon::base32::{check_symbol, decode, decode_line, encode, encode_line};
use serde::Deserialize;

use crate::{cases, hex};

#[derive(Deserialize)]
struct Bytes {
    bytes: String,
    symbols: String,
}

#[test]
fn bytes() {
    for Bytes { bytes, symbols } in cases(include_str!("../../../../vectors/base32/bytes.json")) {
        let bytes = hex(&bytes);
        assert_eq!(encode(&bytes), symbols);
        assert_eq!(decode(&symbols), Ok(bytes.clone()));
        assert_eq!(decode(&symbols.to_lowercase().replace('0', "o")), Ok(bytes.clone()));
        let spoken: String = symbols.replace('1', "l").chars().flat_map(|c| ['-', c]).collect();
        assert_eq!(decode(&spoken), Ok(bytes));
    }
}

#[derive(Deserialize)]
struct Check {
    symbols: String,
    check: char,
}

#[test]
fn check_symbols() {
    let file = include_str!("../../../../vectors/base32/check-symbols.json");
    for Check { symbols, check } in cases(file) {
        assert_eq!(check_symbol(&symbols), Ok(check), "{symbols}");
    }
}

#[derive(Deserialize)]
struct Line {
    number: u8,
    bytes: String,
    #[serde(rename = "line")]
    text: String,
}

#[test]
fn lines() {
    let file = include_str!("../../../../vectors/base32/lines.json");
    for Line { number, bytes, text } in cases(file) {
        let bytes = hex(&bytes);
        assert_eq!(encode_line(number, &bytes), Ok(text.clone()));
        assert_eq!(decode_line(&text), Ok((number, bytes)));
    }
}
