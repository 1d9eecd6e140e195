//! What a report says of a campaign of the booth path.

use canon::Timestamp;
use serde::Serialize;

/// Votes for an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionCount {
    /// The option.
    pub option: String,
    /// Its votes in the list.
    pub votes: u64,
}

/// What the two lists hold, as far as the log speaks of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListCounts {
    /// Lines of the list of votes that were judged.
    pub votes: u64,
    /// Lines of the list of voters that were judged.
    pub voters: u64,
    /// Votes by option, counted again, in the order of the ballot.
    pub options: Vec<OptionCount>,
    /// Hashes that the work of all votes took, on average: decimal digits. A throttle, no wall.
    pub work_hashes: String,
    /// Snapshots whose votes all agree: each says how its voters voted.
    pub unanimous: u64,
    /// Mandates that voted although they had been declared void; none if no such file was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided: Option<u64>,
}

/// Stamps that codes of booths have got, as the platform told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StampCount {
    /// Genuine stamps, of all stations.
    pub issued: u64,
    /// Votes by the same snapshot: each took a stamp.
    pub votes: u64,
}

/// An end that has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndMove {
    /// The end that stood before.
    pub from: Timestamp,
    /// The one since.
    pub to: Timestamp,
}

/// An entry that changed a campaign's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Amendment {
    /// The entry.
    pub entry: u64,
    /// When it was logged, by the log's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_at: Option<Timestamp>,
    /// How the end moved; none where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<EndMove>,
    /// Whether it names another deployment map, or none any more.
    pub another_map: bool,
    /// Whether the campaign had begun.
    pub has_begun: bool,
}

/// Check-ins that the authority has committed to, as told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CheckInCount {
    /// As of when.
    pub time: Timestamp,
    /// Voters who had checked in.
    pub voters: u64,
}

/// A shard that the last snapshot is without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOutShard {
    /// Why, in the platform's words.
    pub reason: String,
    /// Records of it that stand in the lists, as the platform says.
    pub records: u64,
    /// Its number, from 0.
    pub shard: u64,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CampaignReport {
    /// Its name.
    pub name: String,
    /// Snapshots that follow each other.
    pub snapshots: u64,
    /// Records of the newest one.
    pub records: u64,
    /// Whether that is the last.
    pub is_last: bool,
    /// Whether its keys are revealed.
    pub is_revealed: bool,
    /// What changed of its rules, in the order of the log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
    /// Stamps issued; none if no snapshot tells of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamps: Option<StampCount>,
    /// Check-ins; none if nobody committed to any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_ins: Option<CheckInCount>,
    /// What the lists hold; none if they were not given or are not told yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<ListCounts>,
    /// Shards that the last snapshot is without: what they had accepted and not given is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<LeftOutShard>,
}
