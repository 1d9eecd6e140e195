//! What can be wrong with a key.

use super::{Algorithm, KeyId};

/// Why something is no key, or a private key cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name that is no algorithm.
    #[error("{name:?} is not an algorithm: ed25519 or ecdsa-p256")]
    Algorithm {
        /// The name found.
        name: String,
    },
    /// A public key of the wrong length.
    #[error("a public key of {alg} has {expected} bytes, found {found}")]
    Length {
        /// The algorithm.
        alg: Algorithm,
        /// Bytes that its public keys have.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// Bytes that encode no point of the curve, or encode it in a second way.
    #[error("the bytes are not the encoding of a point of {alg}")]
    Point {
        /// The algorithm.
        alg: Algorithm,
    },
    /// An Ed25519 point outside the subgroup of prime order.
    #[error("the key is weak: it has a part of small order, so verifiers could disagree about it")]
    Weak,
    /// Text that is no padded standard base64.
    #[error("a key is written in padded standard base64 (RFC 4648, 4)")]
    Base64,
    /// 32 bytes that are no private key of P-256.
    #[error("the seed is not a private key of P-256")]
    Seed,
    /// No randomness to be had.
    #[error("the random number generator failed: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// An empty passphrase for a new key file.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A text that is no encrypted private key.
    #[error("not an encrypted private key: no PEM of the type ENCRYPTED PRIVATE KEY")]
    NotEncryptedPem,
    /// An encryption that is not supported.
    #[error("the key file is encrypted in a way that is not supported: {scheme}")]
    Scheme {
        /// The object identifier, or what is wrong with its parameters.
        scheme: String,
    },
    /// A cost for the passphrase that could only be an attack on memory or time.
    #[error("the key file asks for {wanted} of {what} to try one passphrase, allowed are {limit}")]
    Cost {
        /// What is limited.
        what: &'static str,
        /// What the file asks for.
        wanted: u64,
        /// The limit.
        limit: u64,
    },
    /// The library that signs did not take the key. It does not say why; every seed is a key, so
    /// what is left is a lack of memory, or a fault of the machine.
    #[error(
        "the library that signs did not take the private key and does not say why: see that there \
         is memory left, and try again"
    )]
    NotTaken,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open this key file, or the file is damaged")]
    Passphrase,
    /// The file opens, but the key within is of no known algorithm.
    #[error("the key file opens, but holds a key of another algorithm: {oid}")]
    ForeignKey {
        /// Its object identifier.
        oid: String,
    },
    /// The file opens, but the key within is malformed.
    #[error("the key file opens, but the key within is malformed")]
    Malformed,
    /// The file opens, but holds another key than the line in front of it says.
    #[error("the key file opens, but holds the key {found}, not the one that it names")]
    OtherKey {
        /// The key within.
        found: KeyId,
    },
}
