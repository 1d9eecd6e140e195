//! The charter: the first entry, and what changes or ends it.
//!
//! The charter says whose keys count for what, what the log and its witnesses owe, and what the
//! election owes the public. Whoever holds its digest (the [anchor](crate::anchor)) holds all of
//! that. An *amendment* changes keys, organisations and witnesses from its index on; a *close*
//! ends the election. All three are signed by a key of role `authority`.

mod amendment;
mod check;
mod fault;
mod parties;

use canon::Timestamp;
use canon::key::{Algorithm, KeyId, PublicKey};
use serde::{Deserialize, Serialize};

use crate::form::{at_most, listed_within, parsed, words};
use crate::id::{
    Decimal, ElectionId, HolderId, KeyName, Name, OrganisationId, PhaseName, VkeyText,
};
use crate::kind::ArtifactKind;
use crate::payload::{Broken, PayloadType};
use crate::role::{EntryType, Role};

pub use amendment::{Amendment, Close};
pub use check::LogKeys;
pub(crate) use check::{Opened, open};
pub use fault::{Fault, Place};
pub(crate) use parties::Parties;

/// The most keys that a charter or an amendment lists.
pub const MAX_KEYS: usize = 1024;

/// The most keys of an election, charter and all amendments together.
pub const MAX_KEYS_EVER: usize = 8192;

/// The most organisations that a charter or an amendment lists.
pub const MAX_ORGANISATIONS: usize = 256;

/// The most organisations of an election, charter and all amendments together.
pub const MAX_ORGANISATIONS_EVER: usize = 1024;

/// The most witnesses that are in force, or that an amendment lists.
pub const MAX_WITNESSES: usize = 256;

/// The most phases of an election.
pub const MAX_PHASES: usize = 64;

/// The most entry types that a phase owes: there are no more.
pub const MAX_OWED: usize = EntryType::ALL.len();

/// The longest time that custody events may take to reach the log: 30 days, in seconds.
pub const MAX_CUSTODY_DELAY_S: u64 = 2_592_000;

/// The longest interval between heads: a day, in seconds.
pub const MAX_HEAD_INTERVAL_S: u64 = 86_400;

/// The longest term of a promise: a week, in seconds.
pub const MAX_PROMISE_S: u64 = 604_800;

words! {
    /// What an election is held for; evidence of one purpose never counts for another.
    pub enum Purpose ("a purpose") {
        /// Binding.
        Official = "official",
        /// A test of equipment (logic and accuracy).
        Test = "test",
        /// A trial with real people and no binding outcome.
        Trial = "trial",
        /// A demonstration.
        Demonstration = "demonstration",
    }
}

words! {
    /// What of a class of artifacts is published.
    pub enum Publication ("a publication rule") {
        /// All of it.
        Full = "full",
        /// Pooled, so that small groups do not stand out.
        Pooled = "pooled",
        /// Cut apart by contest.
        ByContest = "by_contest",
        /// Digests only.
        Withheld = "withheld",
    }
}

/// An organisation that holds keys or runs witnesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Name,
}

/// A key with its one role.
///
/// ```text
/// {"alg":"ed25519","holder":"county-clerk","key":"<base64>","organisation":"county",
///  "role":"authority"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "KeyForm", into = "KeyForm")]
pub struct CharterKey {
    /// Who or what holds it.
    pub holder: HolderId,
    /// The public key.
    pub key: PublicKey,
    /// The organisation that answers for the holder.
    pub organisation: OrganisationId,
    /// What it is for.
    pub role: Role,
}

impl CharterKey {
    /// The id by which signatures name it.
    pub fn id(&self) -> KeyId {
        self.key.id()
    }
}

/// [`CharterKey`] as it stands on the wire.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    #[serde(deserialize_with = "parsed")]
    alg: Algorithm,
    holder: HolderId,
    key: String,
    organisation: OrganisationId,
    role: Role,
}

impl TryFrom<KeyForm> for CharterKey {
    type Error = String;

    fn try_from(form: KeyForm) -> Result<Self, String> {
        let key = PublicKey::from_base64(form.alg, &form.key)
            .map_err(|error| format!("key of {} is not usable: {error}", form.holder))?;
        Ok(Self { holder: form.holder, key, organisation: form.organisation, role: form.role })
    }
}

impl From<CharterKey> for KeyForm {
    fn from(key: CharterKey) -> Self {
        Self {
            alg: key.key.alg(),
            holder: key.holder,
            key: key.key.to_base64(),
            organisation: key.organisation,
            role: key.role,
        }
    }
}

/// The log: its name, keys and terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogTerms {
    /// The verifier key of its plain signature, type 0x01; its name is the origin.
    pub checkpoint_key: VkeyText,
    /// Seconds between heads at the most.
    pub head_interval_s: u64,
    /// Who runs it.
    pub organisation: OrganisationId,
    /// The first line of its checkpoints.
    pub origin: KeyName,
    /// Seconds from a promise to its deadline.
    pub promise_s: u64,
    /// The verifier key of its timestamped signature, type 0x04; never counted as a witness.
    pub timestamp_key: VkeyText,
}

/// A witness whose cosignature counts for its organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its verifier key, type 0x04.
    pub key: VkeyText,
    /// Its name in reports.
    pub name: KeyName,
    /// Who runs it.
    pub organisation: OrganisationId,
}

/// The witnesses, and how many organisations must have cosigned a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// The witnesses.
    #[serde(deserialize_with = "listed_within::<MAX_WITNESSES, _, _>")]
    pub list: Vec<Witness>,
    /// Distinct organisations needed.
    pub threshold: u64,
}

/// A phase of the election and the entries it owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name.
    pub name: PhaseName,
    /// Entry types of which at least one must stand in the log.
    #[serde(deserialize_with = "at_most::<MAX_OWED, _, _>")]
    pub owes: Vec<EntryType>,
}

/// The terms of custody (section 12.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyTerms {
    /// Seconds from a custody event to its entry, at the most.
    pub max_delay_s: u64,
}

/// What is published (section 13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationRules {
    /// Cast vote records.
    pub cvrs: Publication,
    /// Ballot images.
    pub images: Publication,
    /// Figures before the polls close.
    pub interim_figures: Publication,
}

impl PublicationRules {
    /// Whether artifacts of this type stay out of the public bundle.
    pub fn withhold(&self, entry_type: EntryType) -> bool {
        let is_vote = matches!(entry_type, EntryType::Cvr | EntryType::BallotRecord);
        is_vote && self.cvrs != Publication::Full
    }

    /// Whether raw files of this type stay out of the public bundle: the part before the slash
    /// is `cvr` for cast vote records and `image` for pictures of ballots.
    pub fn withhold_file(&self, file_type: &str) -> bool {
        match file_type.split('/').next() {
            Some("cvr") => self.cvrs != Publication::Full,
            Some("image") => self.images != Publication::Full,
            _ => false,
        }
    }
}

/// `charter/v1`. The whole form is drawn in `docs/spec/charter.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// When it was drawn up.
    pub created: Timestamp,
    /// Custody.
    pub custody: CustodyTerms,
    /// The election.
    pub election_id: ElectionId,
    /// The keys, each with one role.
    #[serde(deserialize_with = "listed_within::<MAX_KEYS, _, _>")]
    pub keys: Vec<CharterKey>,
    /// The log.
    pub log: LogTerms,
    /// Everyone who holds a key or runs a witness.
    #[serde(deserialize_with = "listed_within::<MAX_ORGANISATIONS, _, _>")]
    pub organisations: Vec<Organisation>,
    /// The phases and what they owe.
    #[serde(deserialize_with = "at_most::<MAX_PHASES, _, _>")]
    pub phases: Vec<Phase>,
    /// What is published.
    pub publication: PublicationRules,
    /// What the election is held for.
    pub purpose: Purpose,
    /// The audit's risk limit, above 0 and below 1.
    pub risk_limit: Decimal,
    /// The election's title.
    pub title: Name,
    /// The witnesses.
    pub witnesses: Witnesses,
}

impl Charter {
    /// Everything that is wrong with the charter, all at once; empty when it may be used.
    pub fn check(&self) -> Vec<Fault> {
        open(self).err().unwrap_or_default()
    }

    /// Every entry type that some phase owes, each once.
    pub fn owed(&self) -> Vec<EntryType> {
        let mut owed: Vec<_> = self.phases.iter().flat_map(|phase| &phase.owes).copied().collect();
        owed.sort_unstable();
        owed.dedup();
        owed
    }
}

impl PayloadType for Charter {
    const KIND: ArtifactKind = ArtifactKind::Charter;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        self.check().iter().map(Fault::as_broken).collect()
    }
}

#[cfg(test)]
mod tests;
