//! The audit's seed: committed first, revealed later (section 11.1).

use canon::Digest;
use serde::{Deserialize, Serialize};

use crate::form::words;
use crate::id::{ElectionId, Salt, Seed};
use crate::kind::ArtifactKind;
use crate::payload::{Broken, CitedHead, PayloadType};

words! {
    /// How a commitment is computed.
    pub enum CommitMethod ("a commitment method") {
        /// SHA-256 over the canonical bytes of `{"election_id","salt","seed"}`.
        Sha256JcsV1 = "sha256/jcs/v1",
    }
}

/// `seed_commit/v1`: binds the audit to a seed that nobody else knows yet.
///
/// ```text
/// {"commitment":"<64 hex>","election_id":"…","method":"sha256/jcs/v1"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCommit {
    /// SHA-256(JCS({"election_id":…,"salt":…,"seed":…})).
    pub commitment: Digest,
    /// The election.
    pub election_id: ElectionId,
    /// How the commitment is computed.
    pub method: CommitMethod,
}

impl PayloadType for SeedCommit {
    const KIND: ArtifactKind = ArtifactKind::SeedCommit;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }
}

/// `seed_reveal/v1`: opens the commitment.
///
/// The head it cites covers the commitment, so the seed was told after the log held it.
///
/// ```text
/// {"commit":"<64 hex>","election_id":"…","head":{"root_hash":"<64 hex>","tree_size":4},
///  "salt":"<64 hex>","seed":"<1 to 200 digits>"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedReveal {
    /// Digest of the artifact that committed to the seed.
    pub commit: Digest,
    /// The election.
    pub election_id: ElectionId,
    /// A witnessed head that covers the commitment.
    pub head: CitedHead,
    /// 32 random bytes that hid the seed.
    pub salt: Salt,
    /// The seed.
    pub seed: Seed,
}

impl PayloadType for SeedReveal {
    const KIND: ArtifactKind = ArtifactKind::SeedReveal;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        self.head.rules("head")
    }
}
