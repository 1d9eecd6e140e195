//! Manifests of files, ballot manifests, and the payloads of every other kind.
#![no_main]

use std::collections::BTreeSet;

use artifact::kind::KINDS;
use artifact::manifest::Manifest;
use artifact::payload::{Payload, check};
use canon::Digest;
use canon::json::require_canonical;
use libfuzzer_sys::fuzz_target;
use paper::audit::draw::colorado;
use paper::audit::manifest::BallotManifest;

fuzz_target!(|bytes: &[u8]| {
    ballots(bytes);
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
    assert_eq!(check(kind, bytes).is_ok(), strict.is_ok() && require_canonical(bytes).is_ok());
    let Ok(payload) = strict else { return };
    assert_eq!(payload.kind(), kind);
    let canonical = payload.to_bytes().expect("a payload that was read can be written");
    assert_eq!(Payload::decode(kind, &canonical), Ok(payload));
    if require_canonical(bytes).is_ok() {
        assert_eq!(canonical, bytes, "one payload, two spellings");
    }
}

/// Every card has one place and one id, and the batches tile the manifest.
fn ballots(bytes: &[u8]) {
    let Ok(manifest) = BallotManifest::read(bytes) else {
        return;
    };
    assert_eq!(manifest.digest(), Digest::of(bytes));
    let total = manifest.total();
    let mut next = 1;
    let mut ids = BTreeSet::new();
    for batch in manifest.batches() {
        assert_eq!(batch.first, next);
        assert!(batch.count >= 1, "an empty batch");
        next += batch.count;
        for index in [batch.first, next - 1] {
            let card = manifest.card_at(index).expect("a card of the batch");
            assert_eq!((card.tabulator, card.batch), (batch.tabulator, batch.name));
            assert_eq!((card.index, card.position), (index, index - batch.first + 1));
            assert!(ids.insert(card.id()) || batch.count == 1, "two cards called {}", card.id());
        }
    }
    assert_eq!(next, total + 1);
    assert!(manifest.card_at(0).is_none() && manifest.card_at(next).is_none());
    let walked: u64 = manifest.parts(1..=total).map(|(batch, _)| batch.count).sum();
    assert_eq!(walked, total);
    for draw in colorado(&manifest, "5").expect("a seed").take(3) {
        assert_eq!(manifest.card_at(draw.card.index), Some(draw.card));
    }
}
