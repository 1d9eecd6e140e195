//! The kinds of envelopes: `<entry type>/v<version>`, one row each.
//!
//! A released schema never changes; a changed form is a new version, and every earlier one stays
//! readable. A verifier that meets a version it does not know says "could not check", one that
//! meets an unknown name refuses.

use core::fmt;

use crate::role::EntryType;

/// One kind that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The kind as a value.
    pub kind: ArtifactKind,
    /// As it stands in the envelope, as `cvr/v1`.
    pub text: &'static str,
    /// The part before the slash.
    pub name: &'static str,
    /// The major version.
    pub version: u32,
    /// What the log calls it; `None` for what is signed but never logged.
    pub entry_type: Option<EntryType>,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal v $version:literal => $entry:expr; )+) => {
        /// A kind and version that this crate reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ArtifactKind {
            $( $(#[$doc])* $variant, )+
        }

        /// Every kind, in the order of the specification.
        pub const KINDS: &[Row] = &[
            $( Row {
                kind: ArtifactKind::$variant,
                text: concat!($name, "/v", $version),
                name: $name,
                version: $version,
                entry_type: $entry,
            }, )+
        ];

        impl ArtifactKind {
            /// The kind's row in [`KINDS`].
            pub const fn row(self) -> &'static Row {
                match self {
                    $( Self::$variant => &Row {
                        kind: Self::$variant,
                        text: concat!($name, "/v", $version),
                        name: $name,
                        version: $version,
                        entry_type: $entry,
                    }, )+
                }
            }
        }
    };
}

kinds! {
    /// `charter/v1`
    Charter = "charter" v 1 => Some(EntryType::Charter);
    /// `amendment/v1`
    Amendment = "amendment" v 1 => Some(EntryType::Amendment);
    /// `close/v1`
    Close = "close" v 1 => Some(EntryType::Close);
    /// `ballot_definition/v1`
    BallotDefinition = "ballot_definition" v 1 => Some(EntryType::BallotDefinition);
    /// `device_attestation/v1`
    DeviceAttestation = "device_attestation" v 1 => Some(EntryType::DeviceAttestation);
    /// `cvr/v1`
    Cvr = "cvr" v 1 => Some(EntryType::Cvr);
    /// `ballot_record/v1`
    BallotRecord = "ballot_record" v 1 => Some(EntryType::BallotRecord);
    /// `result/v1`
    Result = "result" v 1 => Some(EntryType::Result);
    /// `audit_plan/v1`
    AuditPlan = "audit_plan" v 1 => Some(EntryType::AuditPlan);
    /// `seed_commit/v1`
    SeedCommit = "seed_commit" v 1 => Some(EntryType::SeedCommit);
    /// `seed_reveal/v1`
    SeedReveal = "seed_reveal" v 1 => Some(EntryType::SeedReveal);
    /// `sample/v1`
    Sample = "sample" v 1 => Some(EntryType::Sample);
    /// `discrepancy/v1`
    Discrepancy = "discrepancy" v 1 => Some(EntryType::Discrepancy);
    /// `escalation/v1`
    Escalation = "escalation" v 1 => Some(EntryType::Escalation);
    /// `determination/v1`
    Determination = "determination" v 1 => Some(EntryType::Determination);
    /// `custody_event/v1`
    CustodyEvent = "custody_event" v 1 => Some(EntryType::CustodyEvent);
    /// `software/v1`
    Software = "software" v 1 => Some(EntryType::Software);
    /// `campaign/v1`
    Campaign = "campaign" v 1 => Some(EntryType::Campaign);
    /// `snapshot/v1`
    Snapshot = "snapshot" v 1 => Some(EntryType::Snapshot);
    /// `reveal/v1`
    Reveal = "reveal" v 1 => Some(EntryType::Reveal);
    /// `check_ins/v1`
    CheckIns = "check_ins" v 1 => Some(EntryType::CheckIns);
    /// `manifest/v1`
    Manifest = "manifest" v 1 => Some(EntryType::Manifest);
    /// `promise/v1`: the log's promise to include an entry; signed, never logged.
    Promise = "promise" v 1 => None;
}

impl ArtifactKind {
    /// The kind as it stands in an envelope.
    pub const fn as_str(self) -> &'static str {
        self.row().text
    }

    /// What the log calls it, or `None` where it is never logged.
    pub const fn entry_type(self) -> Option<EntryType> {
        self.row().entry_type
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// A kind that this crate does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// No kind of any version has this name.
    #[error("unknown kind {found:?}")]
    UnknownName {
        /// The kind as found.
        found: String,
    },
    /// The name is known, the version is not: made by newer software, or never made.
    #[error("unknown version {found:?}, this program reads {known}")]
    UnknownVersion {
        /// The kind as found.
        found: String,
        /// The kind of that name which is known.
        known: &'static str,
    },
}

/// Reads the kind of an envelope.
pub fn recognise(text: &str) -> Result<ArtifactKind, KindError> {
    if let Some(row) = KINDS.iter().find(|row| row.text == text) {
        return Ok(row.kind);
    }
    let found = || text.chars().take(80).collect();
    let name = text.split_once("/v").map(|(name, _)| name);
    match KINDS.iter().rev().find(|row| Some(row.name) == name) {
        Some(row) => Err(KindError::UnknownVersion { found: found(), known: row.text }),
        None => Err(KindError::UnknownName { found: found() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_back() {
        for row in KINDS {
            assert_eq!(recognise(row.text), Ok(row.kind));
            assert_eq!(row.kind.row(), row);
            if let Some(entry_type) = row.entry_type {
                assert_eq!(entry_type.as_str(), row.name);
            }
        }
    }

    #[test]
    fn every_entry_type_has_a_kind() {
        for entry_type in EntryType::ALL {
            assert!(KINDS.iter().any(|row| row.entry_type == Some(*entry_type)), "{entry_type}");
        }
    }

    #[test]
    fn an_unknown_version_is_not_an_unknown_name() {
        assert_eq!(
            recognise("cvr/v2"),
            Err(KindError::UnknownVersion { found: "cvr/v2".into(), known: "cvr/v1" })
        );
        for name in ["vote/v1", "cvr", "cvrs/v1", "", "/v1", "CVR/v1"] {
            assert_eq!(recognise(name), Err(KindError::UnknownName { found: name.into() }));
        }
    }

    #[test]
    fn a_promise_is_not_an_entry() {
        assert_eq!(ArtifactKind::Promise.entry_type(), None);
    }
}
