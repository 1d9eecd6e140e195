//! The report: what was checked, what was found, and what that does not show.
//!
//! The JSON form has a schema of its own, `schemas/report.schema.json`. It holds no time of day and
//! no duration, and findings in one order: the same bundle and the same options give the same
//! bytes, whoever runs it and on however many cores.

use std::collections::BTreeMap;

use artifact::charter::Purpose;
use canon::{Digest, Timestamp};
use serde::Serialize;

use crate::finding::{Effect, Finding, Findings};

mod campaign;
mod line;
mod words;

pub use campaign::{
    Amendment, CampaignReport, CheckInCount, EndMove, LeftOutShard, ListCounts, OptionCount,
    StampCount,
};
pub use line::{Line, Status};
pub use words::{DOES_NOT_SHOW, NOT_CHECKED, SHARED_BOOTH_CODE, SHARED_CODE};

/// The name of this JSON form.
pub const FORMAT: &str = "scrutineer/report/v1";

/// The answer to the one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was checked holds, and an anchor vouches for the charter. Exit code 0.
    Holds,
    /// The evidence is bad. Exit code 1.
    Fails,
    /// Some of it cannot be judged by this verifier. Exit code 2.
    CouldNotCheck,
    /// Something is owed, or the election is not closed. Exit code 2.
    Incomplete,
    /// Consistent, but nothing outside the bundle vouches for it. Exit code 2.
    NotAuthenticated,
}

impl Verdict {
    /// The verdict that findings lead to: the gravest effect decides.
    pub fn of(findings: &Findings) -> Self {
        [
            (Effect::Fails, Self::Fails),
            (Effect::CouldNotCheck, Self::CouldNotCheck),
            (Effect::Incomplete, Self::Incomplete),
            (Effect::NotAuthenticated, Self::NotAuthenticated),
        ]
        .into_iter()
        .find(|(effect, _)| findings.any_with(*effect))
        .map_or(Self::Holds, |(_, verdict)| verdict)
    }

    /// The exit code of a program that says so.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Fails => 1,
            Self::CouldNotCheck | Self::Incomplete | Self::NotAuthenticated => 2,
        }
    }
}

/// The election that the charter names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Election {
    /// The election id.
    pub id: String,
    /// The title.
    pub title: String,
    /// Official, test, trial or demonstration.
    pub purpose: Purpose,
    /// SHA-256 of the charter's bytes.
    pub charter_sha256: Digest,
    /// The first symbols of the anchor's poster, by which people recognise the charter.
    pub charter_short: String,
}

/// A witness that signed the head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigner {
    /// The witness's name.
    pub name: String,
    /// The organisation that it counts for.
    pub organisation: String,
    /// When it signed, by its own clock.
    pub timestamp: Timestamp,
}

/// The head that the report rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Number of entries.
    pub tree_size: u64,
    /// The root over them.
    pub root_hash: Digest,
    /// The origin line.
    pub origin: String,
    /// SHA-256 of the log's raw 0x01 public key.
    pub log_id: Digest,
    /// The log's own time; none if its line is missing or fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// When as many organisations as are needed had cosigned, by the witnesses' clocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnessed_by: Option<Timestamp>,
    /// The witnesses in force whose lines verify.
    pub witnesses: Vec<Cosigner>,
    /// How many organisations they count for.
    pub organisations: u64,
    /// How many organisations are needed.
    pub threshold: u64,
    /// How many organisations have a witness in force.
    pub organisations_in_force: u64,
}

/// A witness policy that amendments made another than the charter's, and so than the anchor's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// The amendment that changed it last.
    pub index: u64,
    /// How many organisations are needed now.
    pub threshold: u64,
    /// How many organisations have a witness now.
    pub organisations: u64,
    /// How many were needed by the charter.
    pub charter_threshold: u64,
    /// How many had a witness by the charter.
    pub charter_organisations: u64,
}

/// Whether something outside the bundle vouches for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchored {
    /// An anchor was given and the charter is the one it names.
    Yes,
    /// An anchor was given and it names something else.
    Mismatch,
    /// No anchor was given.
    No,
}

/// How much was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries of the log.
    pub entries: u64,
    /// Artifacts judged.
    pub artifacts: u64,
    /// Artifacts by kind.
    pub by_kind: BTreeMap<String, u64>,
    /// Signatures verified on artifacts.
    pub signatures: u64,
    /// Keys that made them.
    pub keys: u64,
    /// Amendments applied.
    pub amendments: u64,
    /// Raw files hashed.
    pub raw_files: u64,
    /// Tiles, entry bundles and leaf tiles compared.
    pub tiles: u64,
    /// Heads judged, the last included.
    pub heads: u64,
    /// Cards redrawn.
    pub draws: u64,
    /// Artifacts and raw files that the charter withholds and that were not seen.
    pub withheld: u64,
    /// Files in the bundle; none if the source cannot be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
}

/// What `replay` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The exit code that goes with it.
    pub exit_code: u8,
    /// Where the bundle was read from.
    pub bundle: String,
    /// The election; none if there is no charter to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election: Option<Election>,
    /// Whether an anchor vouches for it.
    pub anchored: Anchored,
    /// Campaigns of a trial whose auditors can tell who voted how.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<String>,
    /// How amendments have changed the witnesses; none if they have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnesses_amended: Option<Amended>,
    /// The head; none if there is none to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// The campaigns of the booth path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<CampaignReport>,
    /// One line a check.
    pub checks: Vec<Line>,
    /// How much was looked at.
    pub counts: Counts,
    /// How many findings there are by id, those beyond the listed ones included.
    pub finding_counts: BTreeMap<&'static str, u64>,
    /// The findings, at most [`crate::finding::LISTED_PER_ID`] of each id.
    #[serde(serialize_with = "line::findings")]
    pub findings: Vec<Finding>,
    /// What was not checked.
    pub not_checked: Vec<String>,
    /// The checks that run code which the producers of evidence run too.
    pub shared_code: Vec<String>,
    /// What a verdict of `holds` does not show.
    pub does_not_show: Vec<String>,
}

impl Report {
    /// The canonical JSON form.
    pub fn to_json(&self) -> Result<Vec<u8>, canon::json::JsonError> {
        canon::json::to_canonical(self)
    }

    /// True if a finding of this id was made.
    pub fn has(&self, id: &str) -> bool {
        self.finding_counts.contains_key(id)
    }
}

#[cfg(test)]
mod tests;
