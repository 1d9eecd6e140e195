//! The twelve lines of a card: a line that is taken has one writing, a card that is taken holds.
#![no_main]

use booth::card::{LINE_SYMBOLS, LINES, read, read_line, write, write_line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for (number, typed) in (1..=LINES).zip(text.lines()) {
        match read_line(typed, number) {
            Ok(bytes) => line(&bytes, number),
            Err(fault) => assert!(!fault.hint().is_empty()),
        }
    }
    match read(text) {
        Ok(mandate) => {
            assert!(mandate.holds(), "a card that nobody signed");
            assert_eq!(read(&write(&mandate).join("\n")), Ok(mandate));
        }
        Err(error) => assert!(!error.hint().is_empty()),
    }
});

/// Written and read again it is the same, and with any one symbol wrong it is refused.
fn line(bytes: &[u8; 10], number: usize) {
    let written = write_line(bytes);
    assert_eq!(read_line(&written, number).as_ref(), Ok(bytes));
    assert_eq!(read_line(&format!(" {number}: {written}"), number).as_ref(), Ok(bytes));
    let symbols: Vec<char> = written.chars().filter(|found| *found != ' ').collect();
    for at in 0..LINE_SYMBOLS {
        let mut other = symbols.clone();
        other[at] = if other[at] == 'Z' { '7' } else { 'Z' };
        let other: String = other.into_iter().collect();
        assert!(read_line(&other, number).is_err(), "{other} and {written}");
    }
}
