//! Crockford's base 32 against `vectors/base32`.

use canon::base32::{
    Base32Error, check_symbol, decode, decode_line, decode_lines, encode, encode_line, encode_lines,
};
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
struct Lines {
    bytes: String,
    lines: Vec<String>,
}

#[test]
fn lines() {
    for Lines { bytes, lines } in cases(include_str!("../../../../vectors/base32/lines.json")) {
        let bytes = hex(&bytes);
        assert_eq!(encode_lines(&bytes), Ok(lines.clone()));
        assert_eq!(decode_lines(&lines.join("\n")), Ok(bytes.clone()));
        for (number, line) in (1..).zip(&lines) {
            let (found, data) = decode_line(line).unwrap();
            assert_eq!(found, number);
            assert_eq!(&encode_line(number, &data).unwrap(), line);
        }
        for (missing, number) in (0..lines.len()).zip(1..) {
            let mut fewer = lines.clone();
            fewer.remove(missing);
            let error = decode_lines(&fewer.join("\n")).unwrap_err();
            match error {
                Base32Error::Order { expected, .. } => assert_eq!(expected, number),
                Base32Error::Total { .. } => assert_eq!(number, lines.len()),
                Base32Error::Line => assert_eq!(lines.len(), 1),
                other => panic!("{other}"),
            }
        }
    }
}
