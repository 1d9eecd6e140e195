//! The charters of the demonstration: one for the audit, one for the campaign in booths.

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

/// The name of the campaign, and of its election.
pub(super) const CAMPAIGN: &str = "solar";

const CAMPAIGN_TITLE: &str = "Campaign Solar: votes in public booths, a demonstration";

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

/// The public keys that the audit's charter names.
pub(super) struct Publics<'a> {
    pub(super) clerk: &'a PublicKey,
    pub(super) totals: &'a PublicKey,
    pub(super) auditor: &'a PublicKey,
    pub(super) log: &'a Description,
    pub(super) witnesses: &'a [VerifierKey],
}

/// Draws up the charter of the audit: three roles of two offices, the log, and the witnesses.
pub(super) fn of_audit(now: Timestamp, publics: &Publics<'_>) -> anyhow::Result<Charter> {
    let own = Own {
        id: ELECTION_ID,
        title: TITLE,
        keys: vec![
            key("county-clerk", "county", Role::Authority, publics.clerk)?,
            key("county-totals", "county", Role::Aggregation, publics.totals)?,
            key("state-auditor", "state", Role::Audit, publics.auditor)?,
        ],
        offices: &[
            ("county", "The county's election office"),
            ("state", "The state's audit office"),
        ],
        phase: "audit",
        owes: vec![
            EntryType::Manifest,
            EntryType::Result,
            EntryType::AuditPlan,
            EntryType::SeedCommit,
            EntryType::SeedReveal,
            EntryType::Sample,
        ],
    };
    draw_up(now, own, publics.log, publics.witnesses)
}

/// Draws up the charter of the campaign's own election: an authority, a platform, the log, and the
/// witnesses.
pub(super) fn of_campaign(
    now: Timestamp,
    (clerk, platform): (&PublicKey, &PublicKey),
    log: &Description,
    witnesses: &[VerifierKey],
) -> anyhow::Result<Charter> {
    let own = Own {
        id: CAMPAIGN,
        title: CAMPAIGN_TITLE,
        keys: vec![
            key("county-clerk", "county", Role::Authority, clerk)?,
            key("platform", "platform-operator", Role::Platform, platform)?,
        ],
        offices: &[
            ("county", "The county's election office"),
            ("platform-operator", "The operator of the platform"),
        ],
        phase: "voting",
        owes: vec![EntryType::Campaign, EntryType::Snapshot, EntryType::Reveal],
    };
    draw_up(now, own, log, witnesses)
}

/// What an election has of its own.
struct Own<'a> {
    id: &'a str,
    title: &'a str,
    keys: Vec<CharterKey>,
    /// Id and name of each organisation beside those of log and witnesses.
    offices: &'a [(&'a str, &'a str)],
    phase: &'a str,
    owes: Vec<EntryType>,
}

fn draw_up(
    now: Timestamp,
    own: Own<'_>,
    log: &Description,
    keys: &[VerifierKey],
) -> anyhow::Result<Charter> {
    let promises = key("log-promises", "log-operator", Role::Log, &log.promise_key)?;
    Ok(Charter {
        created: now,
        custody: CustodyTerms { max_delay_s: 86_400 },
        election_id: text!(own.id),
        keys: own.keys.into_iter().chain([promises]).collect(),
        log: LogTerms {
            checkpoint_key: text!(log.checkpoint_key),
            head_interval_s: HEAD_INTERVAL_S,
            organisation: text!("log-operator"),
            origin: text!(log.origin),
            promise_s: PROMISE_S,
            timestamp_key: text!(log.timestamp_key),
        },
        organisations: organisations(own.offices)?,
        phases: vec![Phase { name: text!(own.phase), owes: own.owes }],
        publication: PublicationRules {
            cvrs: Publication::Withheld,
            images: Publication::Withheld,
            interim_figures: Publication::Withheld,
        },
        purpose: Purpose::Demonstration,
        risk_limit: text!(RISK_LIMIT),
        title: text!(own.title),
        witnesses: witnesses(keys)?,
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

fn organisations(offices: &[(&str, &str)]) -> anyhow::Result<Vec<Organisation>> {
    let others = [("log-operator", "The operator of the log")];
    let watchers = WITNESSES.map(|(name, id)| (id, name));
    let all = offices.iter().copied().chain(others).chain(watchers);
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
