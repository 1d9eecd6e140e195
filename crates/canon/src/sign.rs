//! Signing, whatever holds the key.

use crate::key::PublicKey;

/// Whoever can sign: a [`PrivateKey`](crate::PrivateKey) in memory, or a device that keeps its key.
pub trait Signer {
    /// The public key that the signatures verify under.
    fn public_key(&self) -> PublicKey;

    /// A signature over the message, in the form that [`PublicKey::verify`] takes.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why a signature does not hold, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A signature of the wrong length.
    #[error("a signature has {expected} bytes, found {found}")]
    Length {
        /// Bytes that a signature has.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// A part of the signature is zero or beyond the group's order.
    #[error("a number within the signature is out of range")]
    Scalar,
    /// `s` lies in the upper half, where anybody can move it.
    #[error("the signature is in its second form: s lies in the upper half of its range")]
    HighS,
    /// The signature is not this key's over this message.
    #[error("the signature does not belong to this message and this key")]
    Mismatch,
    /// The library that signs made no signature. It does not say why; it signs everything that it
    /// has memory for.
    #[error(
        "the library that signs made no signature and does not say why: see that there is memory \
         left, and try again"
    )]
    NotSigned,
    /// A device that keeps the key did not sign.
    #[error("the device did not sign: {reason}")]
    Device {
        /// What it said.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
