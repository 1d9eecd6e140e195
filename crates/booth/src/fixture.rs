//! Keys, campaigns and times for the tests.

use artifact::charter::Purpose;
use canon::{Algorithm, PrivateKey, Timestamp};

use crate::Secret;
use crate::campaign::{Campaign, Draft};
use crate::mandate::Mandate;
use crate::stamp::StampKeys;

pub(crate) const START: &str = "2026-11-03T07:00:00Z";
pub(crate) const END: &str = "2026-11-04T20:00:00Z";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An hour after the start.
pub(crate) fn noon() -> Timestamp {
    time(START).plus_seconds(3_600).unwrap()
}

pub(crate) fn authority(number: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &[number; 32]).unwrap()
}

pub(crate) fn mandate(number: u32) -> Mandate {
    let mut id = [0; 24];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Mandate::issue(&authority(1), id).unwrap()
}

pub(crate) fn draft() -> Draft {
    Draft {
        name: "solar".to_owned(),
        purpose: Purpose::Test,
        options: ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"].map(str::to_owned).to_vec(),
        authorities: vec![authority(1).public().to_base64()],
        start: time(START),
        end: time(END),
        stamp_period_s: 86_400,
        k: 3,
        work_bits: 4,
        shards: 1,
        stations: false,
        stamps_per_code: None,
    }
}

pub(crate) fn campaign() -> Campaign {
    Campaign::check(draft()).unwrap()
}

pub(crate) fn stamp_keys() -> StampKeys {
    StampKeys::new(&[21; 32], &[22; 32]).unwrap()
}

pub(crate) fn edge_key() -> Secret {
    Secret::new(&[23; 32])
}

/// The bytes that a test draws, another 32 for each number.
pub(crate) fn drawn(number: u64) -> [u8; 32] {
    canon::Digest::of(&number.to_be_bytes()).0
}

/// A vector of `vectors/booth`.
pub(crate) fn vector(name: &str) -> serde_json::Value {
    let path = format!("{}/../../vectors/booth/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
