//! Strict JSON in, canonical JSON out: one form, the same value, and two outside judges.
#![no_main]

use canon::json::{canonicalize, parse, require_canonical, to_vec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = parse(bytes) else {
        assert!(require_canonical(bytes).is_err(), "canonical, but not JSON");
        assert!(canonicalize(bytes).is_err(), "canonicalised, but not JSON");
        return;
    };
    let canonical = to_vec(&value);
    // Built or not built, the two passes agree on what is canonical.
    assert_eq!(require_canonical(bytes).is_ok(), canonical == bytes);
    assert_eq!(canonicalize(bytes).as_deref(), Ok(canonical.as_slice()));
    // Canonical bytes are a fixed point, and the value is the same.
    assert_eq!(require_canonical(&canonical), Ok(()));
    assert_eq!(parse(&canonical), Ok(value));
    // Whatever is accepted here, others read and write in the same way.
    let outside: serde_json::Value = serde_json::from_slice(bytes).expect("JSON by serde_json");
    let theirs = serde_json_canonicalizer::to_vec(&outside).expect("canonical by others");
    assert_eq!(theirs, canonical);
});
