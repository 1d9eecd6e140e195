//! The leaf: what the log records about one artifact (section 10.2).
//!
//! ```text
//! {"artifact_sha256":"<64 hex>","artifact_size":<bytes>,"election_id":"<id>",
//!  "entry_type":"<type>","originator":{"id":"<holder>","role":"<role>"},
//!  "timestamp":"<RFC 3339, Z>","type":"pvtl-x/leaf/v1"}            (without the line breaks)
//!
//! entry    = SHA-256(the canonical bytes)            32 bytes, what the log's tiles carry
//! leafhash = SHA-256(0x00 || entry)                  section 10.3
//! ```
//!
//! A leaf carries no content: an artifact that is withheld stays withheld, and no leaf grows with
//! the number of ballots.

use canon::{Digest, JsonError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::form::words;
use crate::id::{ElectionId, HolderId};
use crate::role::{EntryType, Role};

/// The longest canonical leaf, in bytes: every member at its greatest length.
pub const MAX_LEAF_BYTES: usize = 512;

/// The most bytes of a file of 256 leaves, each with its line feed.
pub const MAX_LEAVES_BYTES: u64 = 256 * (MAX_LEAF_BYTES as u64 + 1);

words! {
    /// The form of a leaf, with its version.
    pub enum LeafType ("a leaf type") {
        /// The only form so far.
        V1 = "pvtl-x/leaf/v1",
    }
}

/// On whose authority an artifact stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Originator {
    /// The holder of the first signature's key, as the charter names it.
    pub id: HolderId,
    /// The role of that key.
    pub role: Role,
}

/// One leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// SHA-256 of the artifact's bytes.
    pub artifact_sha256: Digest,
    /// Bytes of the artifact.
    pub artifact_size: u64,
    /// The election.
    pub election_id: ElectionId,
    /// What the artifact is.
    pub entry_type: EntryType,
    /// Whose it is.
    pub originator: Originator,
    /// When the log took it, by the log's clock; never earlier than the leaf before.
    pub timestamp: Timestamp,
    /// The form of the leaf.
    pub r#type: LeafType,
}

impl Leaf {
    /// Reads a leaf; anything but its one canonical form is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        canon::json::from_canonical(bytes)
    }

    /// The canonical bytes.
    ///
    /// No member's grammar admits a character that JSON escapes, so they are written straight.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!(
            "{{\"artifact_sha256\":\"{}\",\"artifact_size\":{},\"election_id\":\"{}\",\
             \"entry_type\":\"{}\",\"originator\":{{\"id\":\"{}\",\"role\":\"{}\"}},\
             \"timestamp\":\"{}\",\"type\":\"{}\"}}",
            self.artifact_sha256,
            self.artifact_size,
            self.election_id,
            self.entry_type,
            self.originator.id,
            self.originator.role,
            self.timestamp,
            self.r#type,
        )
        .into_bytes()
    }

    /// The log's entry: SHA-256 of the canonical bytes.
    pub fn entry(&self) -> [u8; 32] {
        entry_of(&self.to_bytes())
    }

    /// The hash of the leaf in the tree: SHA-256(0x00 || entry).
    pub fn leaf_hash(&self) -> Digest {
        tlog::merkle::leaf_hash(&self.entry())
    }
}

/// The entry for canonical bytes that are at hand already.
pub fn entry_of(canonical: &[u8]) -> [u8; 32] {
    Digest::of(canonical).0
}

#[cfg(test)]
mod tests;
