//! Manifests of files, ballot manifests, and the payloads of every other kind.
#![no_main]

use artifact::kind::KINDS;
use artifact::manifest::Manifest;
use artifact::payload::{Payload, check};
use canon::json::require_canonical;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for row in KINDS {
        payload(row.kind, bytes);
    }
    if let Ok(manifest) = canon::json::from_canonical::<Manifest>(bytes) {
        // Each file is told from any other bytes by its digest and size.
        let raw: Vec<&[u8]> = manifest.files.iter().map(|_| bytes).collect();
        assert!(manifest.compare(&raw).len() >= manifest.files.len());
    }
});

fn payload(kind: artifact::kind::ArtifactKind, bytes: &[u8]) {
    let strict = Payload::decode_strict(kind, bytes);
    assert_eq!(
        check(kind, bytes).is_ok(),
        strict.is_ok() && require_canonical(bytes).is_ok()
    );
    let Ok(payload) = strict else { return };
    assert_eq!(payload.kind(), kind);
    let canonical = payload
        .to_bytes()
        .expect("a payload that was read can be written");
    assert_eq!(Payload::decode(kind, &canonical), Ok(payload));
    if require_canonical(bytes).is_ok() {
        assert_eq!(canonical, bytes, "one payload, two spellings");
    }
}
