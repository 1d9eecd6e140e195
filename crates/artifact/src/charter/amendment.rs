//! Amendments and the close.

use canon::key::KeyId;
use serde::{Deserialize, Serialize};

use super::{CharterKey, MAX_KEYS, MAX_ORGANISATIONS, MAX_WITNESSES, Organisation, Witness};
use crate::form::{listed_within, present};
use crate::id::{ElectionId, KeyName, Text};
use crate::kind::ArtifactKind;
use crate::payload::{Broken, CitedHead, PayloadType, rule};

/// `amendment/v1`: changes who counts, from the entry after it on.
///
/// A key or witness is replaced by revoking one and adding another in the same amendment.
///
/// ```text
/// {"add_keys":[…]?,"add_organisations":[…]?,"add_witnesses":[…]?,"election_id":"…",
///  "reason":"…","remove_witnesses":["…"]?,"revoke_keys":["<64 hex>"]?,"sequence":1,
///  "threshold":2?}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Keys that come into force; none that was ever listed before.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_KEYS, _, _>"
    )]
    pub add_keys: Vec<CharterKey>,
    /// New organisations.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_ORGANISATIONS, _, _>"
    )]
    pub add_organisations: Vec<Organisation>,
    /// New witnesses.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_WITNESSES, _, _>"
    )]
    pub add_witnesses: Vec<Witness>,
    /// The election.
    pub election_id: ElectionId,
    /// Why.
    pub reason: Text,
    /// Witnesses that no longer count, by name.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_WITNESSES, _, _>"
    )]
    pub remove_witnesses: Vec<KeyName>,
    /// Keys that go out of force, by id.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_KEYS, _, _>"
    )]
    pub revoke_keys: Vec<KeyId>,
    /// 1 for the first amendment, then one more each: an old one cannot be brought up later.
    pub sequence: u64,
    /// A new witness threshold.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub threshold: Option<u64>,
}

impl PayloadType for Amendment {
    const KIND: ArtifactKind = ArtifactKind::Amendment;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let empty = self.add_keys.is_empty()
            && self.add_organisations.is_empty()
            && self.add_witnesses.is_empty()
            && self.remove_witnesses.is_empty()
            && self.revoke_keys.is_empty()
            && self.threshold.is_none();
        if empty {
            broken.push(Broken::new("reason", "at least one change", "none"));
        }
        if self.sequence == 0 {
            broken.push(Broken::new("sequence", "at least 1", 0));
        }
        if self.threshold == Some(0) {
            broken.push(Broken::new("threshold", "at least 1", 0));
        }
        rule::distinct(&mut broken, "revoke_keys", "no key twice", self.revoke_keys.iter());
        let removed = self.remove_witnesses.iter();
        rule::distinct(&mut broken, "remove_witnesses", "no witness twice", removed);
        broken
    }
}

/// `close/v1`: the last entry. After it nothing may follow.
///
/// ```text
/// {"election_id":"…","entries":27,"head":{"root_hash":"<64 hex>","tree_size":27},
///  "statement":"…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// The election.
    pub election_id: ElectionId,
    /// How many entries stand before it: its own index.
    pub entries: u64,
    /// A witnessed head of the entries before it.
    pub head: CitedHead,
    /// In words.
    pub statement: Text,
}

impl PayloadType for Close {
    const KIND: ArtifactKind = ArtifactKind::Close;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = self.head.rules("head");
        if self.head.tree_size > self.entries {
            let rule = "tree_size at most the entries before the close";
            broken.push(Broken::new("head", rule, self.head.tree_size));
        }
        broken
    }
}
