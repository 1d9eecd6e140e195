//! Devices, paper in custody, software (sections 6.1, 7.1, 12.1).

use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType, rule};
use crate::form::{listed, present, words};
use crate::id::{BootMethod, ElectionId, HolderId, Name, Part, Text};
use crate::kind::ArtifactKind;
use crate::role::{EntryType, Role, may_submit};

/// The measured state of a device at boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// PCR digest or equivalent.
    pub digest: Digest,
    /// How it was measured.
    pub method: BootMethod,
}

/// `device_attestation/v1`: what a device says it runs (section 7.1).
///
/// ```text
/// {"application":"<64 hex>","boot":{"digest":"<64 hex>","method":"tpm2-pcr"},
///  "device":"…","election_id":"…","role":"scanning","time":"…Z"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceAttestation {
    /// Digest of the application bundle.
    pub application: Digest,
    /// The boot state.
    pub boot: Boot,
    /// The device: holder of the key that signs.
    pub device: HolderId,
    /// The election.
    pub election_id: ElectionId,
    /// The device's role.
    pub role: Role,
    /// When, by the device's clock.
    pub time: Timestamp,
}

impl PayloadType for DeviceAttestation {
    const KIND: ArtifactKind = ArtifactKind::DeviceAttestation;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        if may_submit(self.role, EntryType::DeviceAttestation) {
            return Vec::new();
        }
        vec![Broken::new("role", "a role that devices have", self.role)]
    }
}

words! {
    /// What happened to a seal or container.
    pub enum CustodyStep ("a custody event") {
        /// A seal was put on.
        Applied = "applied",
        /// The container was handed over.
        Transferred = "transferred",
        /// The container was taken over.
        Received = "received",
        /// The container was put into storage.
        Stored = "stored",
        /// The seal was broken.
        Broken = "broken",
    }
}

/// `custody_event/v1`: a seal or container changes hands or state (section 12.1).
///
/// Witnesses sign the same envelope.
///
/// ```text
/// {"container":"…","election_id":"…","event":"transferred","from":"…"?,"note":"…"?,
///  "seal":"…","time":"…Z","to":"…"?}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyEvent {
    /// The container.
    pub container: Part,
    /// The election.
    pub election_id: ElectionId,
    /// What happened.
    pub event: CustodyStep,
    /// From where; a transfer has one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub from: Option<Name>,
    /// In words, where there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub note: Option<Text>,
    /// The seal.
    pub seal: Name,
    /// When, as the people say.
    pub time: Timestamp,
    /// To where; a transfer, a receipt and a storage have one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub to: Option<Name>,
}

impl PayloadType for CustodyEvent {
    const KIND: ArtifactKind = ArtifactKind::CustodyEvent;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let arrives = matches!(
            self.event,
            CustodyStep::Transferred | CustodyStep::Received | CustodyStep::Stored
        );
        if arrives && self.to.is_none() {
            broken.push(Broken::new("to", "a place, when a container moves", "none"));
        }
        if self.event == CustodyStep::Transferred && self.from.is_none() {
            broken.push(Broken::new("from", "a place, when a container moves", "none"));
        }
        broken
    }
}

/// One build of a software release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// SHA-256 of the built file.
    pub sha256: Digest,
    /// What it runs on.
    pub target: Name,
}

/// `software/v1`: builds and bills of materials (section 6.1).
///
/// ```text
/// {"builds":[{"sha256":"<64 hex>","target":"…"}],"election_id":"…","name":"…",
///  "sboms":["<64 hex>"]?,"source":"…"?,"version":"…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// The builds in use.
    #[serde(deserialize_with = "listed")]
    pub builds: Vec<Build>,
    /// The election.
    pub election_id: ElectionId,
    /// The product.
    pub name: Name,
    /// Digests of the bills of materials.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub sboms: Vec<Digest>,
    /// The source it was built from, as a revision.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub source: Option<Name>,
    /// The release.
    pub version: Name,
}

impl PayloadType for Software {
    const KIND: ArtifactKind = ArtifactKind::Software;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let targets = self.builds.iter().map(|build| &build.target);
        rule::distinct(&mut broken, "builds", "no target twice", targets);
        rule::distinct(&mut broken, "sboms", "no digest twice", self.sboms.iter());
        broken
    }
}
