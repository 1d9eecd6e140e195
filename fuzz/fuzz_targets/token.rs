//! Mandates as tokens, bytes and lines of the list of voters: each form gives back what it was
//! given.
#![no_main]

use booth::mandate::{LOOK_UP_CHARS, Mandate, VOTERS_LINE_BYTES};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mandate) = Mandate::from_bytes(bytes) {
        assert_eq!(mandate.to_bytes(), bytes);
        forms(&mandate);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(mandate) = Mandate::from_token(text) {
        let digits: String = text.split_whitespace().collect();
        assert_eq!(mandate.token(), digits.to_ascii_lowercase());
        forms(&mandate);
    }
    if let Ok(mandate) = Mandate::from_voters_line(text) {
        let line = text.strip_suffix('\n').unwrap_or(text);
        assert_eq!(mandate.voters_line(), format!("{line}\n"), "one line, two spellings");
        forms(&mandate);
    }
});

fn forms(mandate: &Mandate) {
    assert_eq!(Mandate::from_bytes(&mandate.to_bytes()).as_ref(), Ok(mandate));
    assert_eq!(Mandate::from_token(&mandate.token()).as_ref(), Ok(mandate));
    let line = mandate.voters_line();
    assert_eq!(line.len(), VOTERS_LINE_BYTES);
    assert_eq!(Mandate::from_voters_line(&line).as_ref(), Ok(mandate));
    assert_eq!(mandate.look_up().len(), LOOK_UP_CHARS);
    assert!(mandate.fields()[1].starts_with(&mandate.look_up()));
}
