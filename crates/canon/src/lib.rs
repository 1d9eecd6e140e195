//! Bytes one can sign: canonical JSON, digests, keys, signatures, envelopes.
//!
//! In scope: everything that turns a value into the one sequence of bytes that is hashed or
//! signed, and back. Out of scope: the meaning of a payload, the clock, files and the network;
//! randomness is handed in by the caller.
//!
//! - [`json`] reads strict JSON and writes RFC 8785;
//! - [`Digest`] is SHA-256, [`derive`](mod@derive) is HKDF-SHA-256;
//! - [`key`] and [`sign`] put Ed25519 and ECDSA P-256 behind one interface;
//! - [`envelope`] carries a payload with its signatures;
//! - [`Timestamp`] is a whole second in UTC;
//! - [`base32`] is for people who type from a poster.
//!
//! The wire forms are specified, with examples, in `docs/spec/canonical.md`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod base32;
pub mod base64;
pub mod derive;
mod digest;
pub mod envelope;
pub mod json;
pub mod key;
pub mod sign;
mod time;

pub use digest::{Digest, DigestError, Hasher};
pub use envelope::{AlgorithmName, Envelope, EnvelopeError, Kind, SignatureEntry, SignedBytes};
pub use json::JsonError;
pub use key::{Algorithm, KeyError, KeyId, PrivateKey, PublicKey};
pub use sign::{SignError, Signer};
pub use time::{TimeError, Timestamp};
