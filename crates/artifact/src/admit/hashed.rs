//! Bytes with their digest.

use canon::Digest;

/// Bytes with their SHA-256. Only [`Hashed::of`] makes one, so the digest is that of the bytes.
///
/// It is for a caller that needs the digest before the judgement: the log looks there whether the
/// artifact stands in it already, and nothing is hashed a second time.
#[derive(Clone, Copy, Debug)]
pub struct Hashed<'a> {
    bytes: &'a [u8],
    digest: Digest,
}

impl<'a> Hashed<'a> {
    /// Hashes the bytes, however many they are.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, digest: Digest::of(bytes) }
    }

    /// The bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Their digest.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}
