//! The charter of the demonstration.

use artifact::charter::{
    Charter, CharterKey, CustodyTerms, LogTerms, Organisation, Phase, Publication,
    PublicationRules, Purpose, Witness, Witnesses,
};
use artifact::role::{EntryType, Role};
use canon::{PublicKey, Timestamp};
use log_server::log::Description;
use tlog::note::VerifierKey;

use super::county::{ELECTION_ID, RISK_LIMIT, TITLE};
use super::text;

/// Seconds between heads.
const HEAD_INTERVAL_S: u64 = 1;

/// Seconds from a promise to its deadline.
const PROMISE_S: u64 = 60;

/// Who watches, each for an organisation of its own.
pub(super) const WITNESSES: [(&str, &str); 3] = [
    ("witness-1.localhost/demo", "watchers-1"),
    ("witness-2.localhost/demo", "watchers-2"),
    ("witness-3.localhost/demo", "watchers-3"),
];

/// How many organisations must cosign a head.
const THRESHOLD: u64 = 2;

/// The public keys that the charter names.
pub(super) struct Publics<'a> {
    pub(super) clerk: &'a PublicKey,
    pub(super) totals: &'a PublicKey,
    pub(super) auditor: &'a PublicKey,
    pub(super) log: &'a Description,
    pub(super) witnesses: &'a [VerifierKey],
}

/// Draws up the charter: three roles of two offices, the log, and the witnesses.
pub(super) fn draw_up(now: Timestamp, publics: &Publics<'_>) -> anyhow::Result<Charter> {
    Ok(Charter {
        created: now,
        custody: CustodyTerms { max_delay_s: 86_400 },
        election_id: text!(ELECTION_ID),
        keys: vec![
            key("county-clerk", "county", Role::Authority, publics.clerk)?,
            key("county-totals", "county", Role::Aggregation, publics.totals)?,
            key("state-auditor", "state", Role::Audit, publics.auditor)?,
            key("log-promises", "log-operator", Role::Log, &publics.log.promise_key)?,
        ],
        log: LogTerms {
            checkpoint_key: text!(publics.log.checkpoint_key),
            head_interval_s: HEAD_INTERVAL_S,
            organisation: text!("log-operator"),
            origin: text!(publics.log.origin),
            promise_s: PROMISE_S,
            timestamp_key: text!(publics.log.timestamp_key),
        },
        organisations: organisations()?,
        phases: vec![Phase {
            name: text!("audit"),
            owes: vec![
                EntryType::Manifest,
                EntryType::Result,
                EntryType::AuditPlan,
                EntryType::SeedCommit,
                EntryType::SeedReveal,
                EntryType::Sample,
            ],
        }],
        publication: PublicationRules {
            cvrs: Publication::Withheld,
            images: Publication::Withheld,
            interim_figures: Publication::Withheld,
        },
        purpose: Purpose::Demonstration,
        risk_limit: text!(RISK_LIMIT),
        title: text!(TITLE),
        witnesses: witnesses(publics.witnesses)?,
    })
}

fn key(
    holder: &str,
    organisation: &str,
    role: Role,
    key: &PublicKey,
) -> anyhow::Result<CharterKey> {
    Ok(CharterKey {
        holder: text!(holder),
        key: key.clone(),
        organisation: text!(organisation),
        role,
    })
}

fn organisations() -> anyhow::Result<Vec<Organisation>> {
    let offices = [
        ("county", "The county's election office"),
        ("state", "The state's audit office"),
        ("log-operator", "The operator of the log"),
    ];
    let watchers = WITNESSES.map(|(name, id)| (id, name));
    let all = offices.into_iter().chain(watchers);
    all.map(|(id, name)| Ok(Organisation { id: text!(id), name: text!(name) })).collect()
}

fn witnesses(keys: &[VerifierKey]) -> anyhow::Result<Witnesses> {
    let list = WITNESSES.iter().zip(keys).map(|((name, organisation), key)| {
        Ok(Witness {
            key: text!(key.to_string()),
            name: text!(name),
            organisation: text!(organisation),
        })
    });
    Ok(Witnesses { list: list.collect::<anyhow::Result<_>>()?, threshold: THRESHOLD })
}
