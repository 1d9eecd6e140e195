//! Roles, entry types, and the one table of who may submit what (section 14.2).
//!
//! The table is [`may_submit`]; the log and every verifier ask it and nothing else. A key has one
//! role for the whole election: [`crate::charter`] and [`crate::register`] refuse a second.

use crate::form::words;
use crate::id::FileType;

words! {
    /// What a key is for.
    pub enum Role ("a role") {
        /// The election authority: charter, amendments, close.
        Authority = "authority",
        /// Makes ballot definitions.
        Definition = "definition",
        /// Scans ballots into cast vote records.
        Scanning = "scanning",
        /// Adds records up into results.
        Aggregation = "aggregation",
        /// Runs the audit.
        Audit = "audit",
        /// Keeps and moves the paper.
        Custody = "custody",
        /// Builds and supplies software.
        Supply = "supply",
        /// Runs the platform of the booth path.
        Platform = "platform",
        /// A device in a booth.
        Station = "station",
        /// The log's operator: signs promises.
        Log = "log",
    }
}

impl Role {
    /// Whether it is one of the duties that distinct people are to have (section 14.2): whoever
    /// makes the ballots, reads them, adds them up or audits them does one of these.
    pub const fn is_kept_apart(self) -> bool {
        matches!(self, Self::Definition | Self::Scanning | Self::Aggregation | Self::Audit)
    }
}

words! {
    /// What an entry of the log is: the name of its kind without the version.
    pub enum EntryType ("an entry type") {
        /// The first entry: rules, organisations and keys of the election.
        Charter = "charter",
        /// A change of keys, organisations or witnesses.
        Amendment = "amendment",
        /// The last entry.
        Close = "close",
        /// A ballot definition package.
        BallotDefinition = "ballot_definition",
        /// A device's statement of what it runs.
        DeviceAttestation = "device_attestation",
        /// A batch of cast vote records.
        Cvr = "cvr",
        /// A batch of ballot records.
        BallotRecord = "ballot_record",
        /// A results report.
        Result = "result",
        /// The plan of the audit.
        AuditPlan = "audit_plan",
        /// The commitment to the audit's seed.
        SeedCommit = "seed_commit",
        /// The audit's seed.
        SeedReveal = "seed_reveal",
        /// The cards drawn.
        Sample = "sample",
        /// What people read on one audited ballot.
        Discrepancy = "discrepancy",
        /// The audit goes on to a larger sample.
        Escalation = "escalation",
        /// What the audit found.
        Determination = "determination",
        /// A seal or container changes hands or state.
        CustodyEvent = "custody_event",
        /// Builds and bills of materials of software in use.
        Software = "software",
        /// The rules of a campaign of the booth path.
        Campaign = "campaign",
        /// The lists of votes and voters at one instant, by digest.
        Snapshot = "snapshot",
        /// What a campaign committed to, told after its close.
        Reveal = "reveal",
        /// How many voters had checked in, at one instant.
        CheckIns = "check_ins",
        /// A list of raw files.
        Manifest = "manifest",
    }
}

/// Whether an artifact of this entry type counts when its first signature is by a key of `role`.
pub const fn may_submit(role: Role, entry_type: EntryType) -> bool {
    match entry_type {
        EntryType::Charter | EntryType::Amendment | EntryType::Close | EntryType::CheckIns => {
            matches!(role, Role::Authority)
        }
        EntryType::BallotDefinition => matches!(role, Role::Definition),
        EntryType::DeviceAttestation => {
            matches!(role, Role::Scanning | Role::Aggregation | Role::Station)
        }
        EntryType::Cvr | EntryType::BallotRecord => matches!(role, Role::Scanning),
        EntryType::Result => matches!(role, Role::Aggregation),
        EntryType::AuditPlan
        | EntryType::SeedCommit
        | EntryType::SeedReveal
        | EntryType::Sample
        | EntryType::Discrepancy
        | EntryType::Escalation
        | EntryType::Determination => matches!(role, Role::Audit),
        EntryType::CustodyEvent => matches!(role, Role::Custody),
        EntryType::Software => matches!(role, Role::Supply | Role::Authority),
        EntryType::Campaign | EntryType::Snapshot | EntryType::Reveal => {
            matches!(role, Role::Platform)
        }
        EntryType::Manifest => true,
    }
}

/// Whether raw files of this type may stand in a manifest by a key of `role`.
///
/// Every role lists what it has, with one exception: who draws the audit's sample, and who runs the
/// log, do not supply the list that is drawn from.
pub fn may_vouch(role: Role, file_type: &FileType) -> bool {
    let class = file_type.as_str().split('/').next();
    class != Some("ballot_manifest") || !matches!(role, Role::Audit | Role::Log)
}

impl EntryType {
    /// The roles that may submit this entry type, in the order of [`Role::ALL`].
    pub fn submitters(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| may_submit(*role, self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the specification, written out a second time by hand.
    const TABLE: &[(&str, &[&str])] = &[
        ("charter", &["authority"]),
        ("amendment", &["authority"]),
        ("close", &["authority"]),
        ("ballot_definition", &["definition"]),
        ("device_attestation", &["scanning", "aggregation", "station"]),
        ("cvr", &["scanning"]),
        ("ballot_record", &["scanning"]),
        ("result", &["aggregation"]),
        ("audit_plan", &["audit"]),
        ("seed_commit", &["audit"]),
        ("seed_reveal", &["audit"]),
        ("sample", &["audit"]),
        ("discrepancy", &["audit"]),
        ("escalation", &["audit"]),
        ("determination", &["audit"]),
        ("custody_event", &["custody"]),
        ("software", &["authority", "supply"]),
        ("campaign", &["platform"]),
        ("snapshot", &["platform"]),
        ("reveal", &["platform"]),
        ("check_ins", &["authority"]),
        (
            "manifest",
            &[
                "authority",
                "definition",
                "scanning",
                "aggregation",
                "audit",
                "custody",
                "supply",
                "platform",
                "station",
                "log",
            ],
        ),
    ];

    #[test]
    fn the_table_is_the_specification() {
        assert_eq!(TABLE.len(), EntryType::ALL.len());
        for (entry_type, roles) in TABLE {
            let entry_type: EntryType = entry_type.parse().unwrap();
            let found: Vec<_> = entry_type.submitters().map(Role::as_str).collect();
            assert_eq!(&found, roles, "{entry_type}");
        }
    }

    #[test]
    fn who_draws_does_not_supply_the_list() {
        for role in Role::ALL.iter().copied() {
            let vouches = |text: &str| may_vouch(role, &text.parse().unwrap());
            let listed = !matches!(role.as_str(), "audit" | "log");
            for file_type in ["ballot_manifest/csv", "ballot_manifest/xlsx", "ballot_manifest"] {
                assert_eq!(vouches(file_type), listed, "{role} {file_type}");
            }
            for file_type in ["ballot_manifests/csv", "text", "cvr/ballot_manifest"] {
                assert!(vouches(file_type), "{role} {file_type}");
            }
        }
    }

    #[test]
    fn words_read_back_and_nothing_else_does() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().as_ref(), Ok(role));
        }
        for word in ["", "Authority", "auditor", "log "] {
            assert!(word.parse::<Role>().is_err(), "{word:?}");
        }
    }

    #[test]
    fn a_word_is_a_string_on_the_wire() {
        assert_eq!(serde_json::from_str::<Role>("\"audit\"").unwrap(), Role::Audit);
        for json in ["{\"audit\":null}", "4", "null", "[\"audit\"]", "\"auditor\""] {
            assert!(serde_json::from_str::<Role>(json).is_err(), "{json}");
        }
    }
}
