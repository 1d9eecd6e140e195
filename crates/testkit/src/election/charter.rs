//! The charter of a small election.

use artifact::charter::{
    Charter, CharterKey, CustodyTerms, LogTerms, Organisation, Phase, Publication,
    PublicationRules, Purpose, Witness, Witnesses,
};
use artifact::role::{EntryType, Role};
use canon::Timestamp;
use tlog::note::KeyType;

use super::keys::Keys;

/// What an election is to be like.
#[derive(Debug, Clone)]
pub struct Plan {
    /// All keys follow from it.
    pub seed: u64,
    /// The election id.
    pub election_id: String,
    /// The title.
    pub title: String,
    /// When the charter is drawn up.
    pub begins: &'static str,
    /// The log's origin.
    pub origin: String,
    /// Holders with their organisation and role.
    pub holders: Vec<(&'static str, &'static str, Role)>,
    /// The witnesses.
    pub witnesses: Vec<WitnessPlan>,
    /// Organisations that must cosign.
    pub threshold: u64,
    /// What the phases owe.
    pub phases: Vec<(&'static str, Vec<EntryType>)>,
    /// What is published of cast vote records.
    pub cvrs: Publication,
    /// Seconds from a promise to its deadline.
    pub promise_s: u64,
    /// What the election is held for.
    pub purpose: Purpose,
}

/// A witness and its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPlan {
    /// The name of the witness and of its key.
    pub name: &'static str,
    /// Who runs it.
    pub organisation: &'static str,
}

/// Three witnesses of three organisations, all of whom must sign, and an audit that owes seed and
/// sample.
impl Default for Plan {
    fn default() -> Self {
        let witness = |name, organisation| WitnessPlan { name, organisation };
        Self {
            seed: 1,
            election_id: "example-2026".to_owned(),
            title: "Example county, election of 3 November 2026: audit records".to_owned(),
            begins: "2026-11-01T08:00:00Z",
            origin: "log.example/example-2026".to_owned(),
            holders: vec![
                ("clerk", "county", Role::Authority),
                ("designer", "county", Role::Definition),
                ("scanner-1", "county", Role::Scanning),
                ("totals", "county", Role::Aggregation),
                ("auditor", "state", Role::Audit),
                ("warehouse", "county", Role::Custody),
                ("maker", "vendor", Role::Supply),
                ("log-promises", "operator", Role::Log),
            ],
            witnesses: vec![
                witness("witness.example/league", "league"),
                witness("witness.example/university", "university"),
                witness("witness.example/herald", "herald"),
            ],
            threshold: 3,
            phases: vec![(
                "audit",
                vec![
                    EntryType::Manifest,
                    EntryType::Result,
                    EntryType::SeedCommit,
                    EntryType::SeedReveal,
                    EntryType::Sample,
                ],
            )],
            cvrs: Publication::Full,
            promise_s: 3600,
            purpose: Purpose::Test,
        }
    }
}

impl Plan {
    /// The charter, which a test may still change.
    pub(super) fn charter(&self, keys: &Keys) -> Charter {
        Charter {
            created: self.begins.parse::<Timestamp>().expect("a time"),
            custody: CustodyTerms { max_delay_s: 86_400 },
            election_id: self.election_id.parse().expect("an election id"),
            keys: self.holders.iter().map(|holder| charter_key(keys, holder)).collect(),
            log: LogTerms {
                checkpoint_key: vkey(keys, &self.origin, KeyType::Ed25519),
                head_interval_s: 60,
                organisation: "operator".parse().expect("an organisation"),
                origin: self.origin.parse().expect("an origin"),
                promise_s: self.promise_s,
                timestamp_key: vkey(keys, &self.origin, KeyType::Cosignature),
            },
            organisations: self.organisations(),
            phases: self
                .phases
                .iter()
                .map(|(name, owes)| Phase {
                    name: name.parse().expect("a phase"),
                    owes: owes.clone(),
                })
                .collect(),
            publication: PublicationRules {
                cvrs: self.cvrs,
                images: Publication::Withheld,
                interim_figures: Publication::Withheld,
            },
            purpose: self.purpose,
            risk_limit: "0.03".parse().expect("a risk limit"),
            title: self.title.parse().expect("a title"),
            witnesses: Witnesses {
                list: self.witnesses.iter().map(|plan| witness(keys, plan)).collect(),
                threshold: self.threshold,
            },
        }
    }

    fn organisations(&self) -> Vec<Organisation> {
        let holders = self.holders.iter().map(|(_, organisation, _)| *organisation);
        let watchers = self.witnesses.iter().map(|witness| witness.organisation);
        let mut ids: Vec<&str> = holders.chain(watchers).chain(["operator"]).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(organisation).collect()
    }
}

/// An organisation named after its id.
pub(super) fn organisation(id: &str) -> Organisation {
    Organisation { id: id.parse().expect("an organisation"), name: id.parse().expect("a name") }
}

/// A holder's key as the charter lists it.
pub(super) fn charter_key(
    keys: &Keys,
    (holder, organisation, role): &(&'static str, &'static str, Role),
) -> CharterKey {
    CharterKey {
        holder: holder.parse().expect("a holder"),
        key: keys.key(holder).public().clone(),
        organisation: organisation.parse().expect("an organisation"),
        role: *role,
    }
}

/// A witness as the charter lists it.
pub(super) fn witness(keys: &Keys, plan: &WitnessPlan) -> Witness {
    Witness {
        key: vkey(keys, plan.name, KeyType::Cosignature),
        name: plan.name.parse().expect("a witness"),
        organisation: plan.organisation.parse().expect("an organisation"),
    }
}

fn vkey(keys: &Keys, name: &str, kind: KeyType) -> artifact::id::VkeyText {
    keys.note(name, kind).verifier().to_string().parse().expect("a verifier key")
}
