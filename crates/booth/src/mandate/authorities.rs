//! The authorities of a campaign, and the judgement of a mandate.

use canon::{Algorithm, PublicKey};

use super::{Mandate, MandateError};

/// The public keys whose mandates count in a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities(Vec<PublicKey>);

/// Why a mandate does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthorised {
    /// Status 484.
    #[error("the mandate's key is not among the authorities of this campaign")]
    BadAuthority,
    /// Status 483.
    #[error("the mandate's signature is not its authority's over its id")]
    BadSignature,
}

impl Authorities {
    /// The authorities with these keys, all of Ed25519.
    pub fn new(mut keys: Vec<PublicKey>) -> Result<Self, MandateError> {
        if let Some(other) = keys.iter().find(|key| key.alg() != Algorithm::Ed25519) {
            return Err(MandateError::Algorithm { found: other.alg() });
        }
        keys.sort_by(|one, other| one.bytes().cmp(other.bytes()));
        keys.dedup();
        Ok(Self(keys))
    }

    /// Whether the mandate was given by one of these authorities.
    ///
    /// The authority is judged before the signature. The signature is judged strictly, so that
    /// nobody but the authority can make a second one from the first.
    pub fn check(&self, mandate: &Mandate) -> Result<(), Unauthorised> {
        let at = self.position(&mandate.id.authority).ok_or(Unauthorised::BadAuthority)?;
        let key = self.0.get(at).ok_or(Unauthorised::BadAuthority)?;
        key.verify(&mandate.id.id, &mandate.signature).map_err(|_| Unauthorised::BadSignature)
    }

    /// The place of a key among the authorities, in the order of their bytes. A store keeps this
    /// number instead of 32 bytes.
    pub fn position(&self, authority: &[u8; 32]) -> Option<usize> {
        self.0.binary_search_by(|key| key.bytes().cmp(authority.as_slice())).ok()
    }

    /// The keys, in the order of their bytes.
    pub fn keys(&self) -> &[PublicKey] {
        &self.0
    }
}
