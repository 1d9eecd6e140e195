//! The log's promise: signed at once, never logged.

use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType};
use crate::id::ElectionId;
use crate::kind::ArtifactKind;

/// `promise/v1`: an entry will stand at `index` in every head made after `deadline`.
///
/// Signed by a charter key of role `log`. A head after the deadline that does not cover it is
/// public proof of a broken promise.
///
/// ```text
/// {"artifact_sha256":"<64 hex>","deadline":"…Z","election_id":"…","index":7,
///  "leaf_hash":"<64 hex>","log_id":"<64 hex>","timestamp":"…Z"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// The artifact.
    pub artifact_sha256: Digest,
    /// When a head must cover the entry at the latest.
    pub deadline: Timestamp,
    /// The election.
    pub election_id: ElectionId,
    /// The entry's place.
    pub index: u64,
    /// The entry's leaf hash.
    pub leaf_hash: Digest,
    /// SHA-256 of the log's raw 0x01 public key.
    pub log_id: Digest,
    /// The leaf's timestamp.
    pub timestamp: Timestamp,
}

impl PayloadType for Promise {
    const KIND: ArtifactKind = ArtifactKind::Promise;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        if self.deadline > self.timestamp {
            return Vec::new();
        }
        vec![Broken::new("deadline", "after the timestamp", self.deadline)]
    }
}
