//! Envelopes: the borrowed and the owned reader agree, and what was read is what is written.
#![no_main]

use canon::envelope::{Envelope, MAX_SIGNATURES, SignedBytes, message};
use canon::json::{Value, parse, require_canonical};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let borrowed = SignedBytes::parse(bytes);
    let owned = Envelope::<Value>::from_bytes(bytes);
    assert_eq!(borrowed.is_ok(), owned.is_ok(), "{borrowed:?} {owned:?}");
    let (Ok(borrowed), Ok(owned)) = (borrowed, owned) else {
        return;
    };

    assert_eq!(require_canonical(bytes), Ok(()));
    assert_eq!(owned.to_bytes().expect("written again"), bytes);
    assert_eq!(owned.kind.to_string(), borrowed.kind);
    assert_eq!(owned.signatures, borrowed.signatures);
    assert_eq!(parse(borrowed.payload), Ok(owned.payload));
    assert!((1..=MAX_SIGNATURES).contains(&borrowed.signatures.len()));

    // The signed bytes name the kind and the payload, and nothing else.
    let signed = message(borrowed.kind, borrowed.payload);
    let expected = [b"scrutineer/v1\n", borrowed.kind.as_bytes(), b"\n", borrowed.payload].concat();
    assert_eq!(signed, expected);
});
