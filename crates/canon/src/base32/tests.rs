use proptest::prelude::*;

use super::*;

#[test]
fn people_are_understood() {
    assert_eq!(decode("oOiIlL10").unwrap(), decode("00111110").unwrap());
    assert_eq!(decode("-c-s-q-g-"), Ok(b"fo".to_vec()));
    let line = encode_line(10, b"charter").unwrap();
    let typed = format!("  {} ", line.to_lowercase().replace('1', "i").replace('0', "O"));
    assert_eq!(decode_line(&typed), Ok((10, b"charter".to_vec())));
}

/// Every character at every place, and every length: only the spelling that is written is taken.
#[test]
fn groups_have_one_spelling() {
    const WRITTEN: &str = "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G";
    let written = |bytes: &[u8; 20]| {
        let symbols = encode(bytes);
        let groups = symbols.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap());
        groups.collect::<Vec<_>>().join("-")
    };
    let bytes = decode_groups::<20>(WRITTEN).unwrap();
    assert_eq!((decode(WRITTEN), written(&bytes).as_str()), (Ok(bytes.to_vec()), WRITTEN));
    for at in 0..WRITTEN.len() {
        for other in (0..=255).map(char::from) {
            let text = format!("{}{other}{}", &WRITTEN[..at], &WRITTEN[at + 1..]);
            let is_symbol = WRITTEN.as_bytes()[at] != b'-'
                && SYMBOLS[..32].iter().any(|symbol| char::from(*symbol) == other);
            let is_taken = is_symbol || text == WRITTEN;
            let found = decode_groups::<20>(&text);
            assert_eq!(found.is_some(), is_taken, "{text:?}");
            assert!(found.is_none_or(|bytes| written(&bytes) == text), "{text:?}");
        }
        assert_eq!(decode_groups::<20>(&WRITTEN[..at]), None, "{at}");
    }
    for other in [format!("{WRITTEN}-"), format!("{WRITTEN}-0000"), format!("-{WRITTEN}")] {
        assert_eq!(decode_groups::<20>(&other), None, "{other}");
    }
    assert_eq!(decode_groups::<25>(WRITTEN), None);
    assert_eq!(decode_groups::<15>(WRITTEN), None);
    assert_eq!(decode_groups::<0>(""), Some([]));
}

#[test]
fn wrong_texts_are_refused() {
    assert_eq!(decode("AUA"), Err(Base32Error::Symbol { found: 'U', at: 2 }));
    assert_eq!(decode("A A"), Err(Base32Error::Symbol { found: ' ', at: 2 }));
    assert_eq!(decode("AÄ"), Err(Base32Error::Symbol { found: 'Ä', at: 2 }));
    // The Kelvin sign and the dotless i look like letters, and are none.
    assert_eq!(decode("\u{212a}"), Err(Base32Error::Symbol { found: '\u{212a}', at: 1 }));
    assert_eq!(decode("\u{131}"), Err(Base32Error::Symbol { found: '\u{131}', at: 1 }));
    for symbols in [1, 3, 6, 9, 11] {
        let text = "0".repeat(symbols);
        assert_eq!(decode(&text), Err(Base32Error::Length { symbols }));
    }
    assert_eq!(decode("CS"), Err(Base32Error::Remainder));
    assert_eq!(decode("CSQPZ"), Err(Base32Error::Remainder));
    assert_eq!(check_symbol("*"), Err(Base32Error::Symbol { found: '*', at: 1 }));
}

#[test]
fn wrong_lines_are_refused() {
    for (number, data) in [(0, &[1_u8][..]), (100, &[1]), (1, &[]), (1, &[0; 16])] {
        assert_eq!(encode_line(number, data), Err(Base32Error::Line));
    }
    for text in ["", " ", "0", "00", "000", "01 1"] {
        assert!(decode_line(text).is_err(), "{text:?}");
    }
    // Numbers are decimal, and there is no line 0: both with the check symbol that would fit.
    for symbols in ["AA00", "0000"] {
        let check = check_symbol(symbols).unwrap();
        assert_eq!(decode_line(&format!("{symbols}{check}")), Err(Base32Error::Line));
    }
    let check = check_symbol("01").unwrap();
    assert_eq!(decode_line(&format!("01{check}")), Err(Base32Error::Line));
}

#[test]
fn one_wrong_symbol_and_one_swap_are_found_in_their_line() {
    let line = encode_line(7, b"fifteen bytes !").unwrap();
    let symbols: Vec<char> = line.chars().collect();
    for at in 0..symbols.len() {
        if [' ', '-'].contains(&symbols[at]) {
            continue;
        }
        for other in SYMBOLS.iter().map(|byte| char::from(*byte)) {
            let mut changed = symbols.clone();
            changed[at] = other;
            let text: String = changed.into_iter().collect();
            assert_eq!(decode_line(&text).is_ok(), text == line, "{text}");
        }
    }
    let dense: Vec<char> = symbols.into_iter().filter(|c| ![' ', '-'].contains(c)).collect();
    for at in 1..dense.len() {
        let mut swapped = dense.clone();
        swapped.swap(at - 1, at);
        assert_eq!(decode_line(&swapped.iter().collect::<String>()).is_ok(), swapped == dense);
    }
}

proptest! {
    #[test]
    fn round_trip(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
    }

    #[test]
    fn lines_round_trip(number in 1..=99_u8, bytes in prop::collection::vec(any::<u8>(), 1..16)) {
        prop_assert_eq!(decode_line(&encode_line(number, &bytes).unwrap()), Ok((number, bytes)));
    }

    #[test]
    fn one_spelling(text in "[0-9A-HJKMNP-TV-Z]{0,20}") {
        if let Ok(bytes) = decode(&text) {
            prop_assert_eq!(encode(&bytes), text);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = (decode(&text), check_symbol(&text), decode_line(&text));
    }
}
