//! Keys, campaigns and times for the tests.

use artifact::charter::Purpose;
use canon::{Algorithm, PrivateKey, Timestamp};

use subtle::Choice;

use crate::Secret;
use crate::campaign::{Campaign, Draft, Period};
use crate::edge::EdgeSecrets;
use crate::mandate::Mandate;
use crate::request::VoteRequest;
use crate::stamp::{StampKeys, VoterStamp};
use crate::vote::Vote;
use crate::work::Nonce;

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
        stations: Vec::new(),
        stamps_per_code: None,
        receipt_keys: Vec::new(),
        stamp_key_sha256: None,
        decoy_key_sha256: None,
        totp_seed_sha256: None,
        snapshot_salt_sha256: None,
        link_auditors: Vec::new(),
        remote_of: None,
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

pub(crate) fn secrets() -> EdgeSecrets {
    EdgeSecrets { stamps: stamp_keys(), edge_key: edge_key() }
}

/// A request as an honest voter makes it, at noon: mandate and randomness by number, work done.
pub(crate) fn request(number: u32, say: &str) -> VoteRequest {
    request_in(Period::beginning(time(START)), number, say)
}

/// The same in another stamp period.
pub(crate) fn request_in(period: Period, number: u32, say: &str) -> VoteRequest {
    let secrets = secrets();
    let drawn = drawn(u64::from(number));
    let platform = secrets.stamps.issue(period, Choice::from(1), &drawn);
    let random = *drawn.first_chunk().unwrap();
    let stamp = VoterStamp::issue(&secrets.edge_key, random, &platform, noon());
    let nonce = Nonce::from(u64::from(number) << 32);
    mined(VoteRequest {
        vote: Vote { platform, stamp, nonce, say: say.to_owned() },
        mandate: mandate(number),
    })
}

/// The same request with a nonce that shows the work of [`draft`].
pub(crate) fn mined(mut request: VoteRequest) -> VoteRequest {
    let start = u64::from_be_bytes(*request.vote.nonce.bytes().first_chunk().unwrap());
    let nonces = (start..).map(Nonce::from);
    let puzzle = request.vote.puzzle();
    request.vote.nonce = nonces.into_iter().find(|nonce| puzzle.score(nonce) >= 4).unwrap();
    request
}

/// A vector of `vectors/booth`.
pub(crate) fn vector(name: &str) -> serde_json::Value {
    let path = format!("{}/../../vectors/booth/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
