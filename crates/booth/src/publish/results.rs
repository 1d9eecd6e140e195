//! What a publisher tells of its lists beside them: `results.json` and `snapshots.json`.
//!
//! ```text
//! /solar/results.json     {"campaign":"solar","counts":[{"option":"…","votes":612}]?,
//!                          "doubled_stamps":1?,"is_last":true,"number":17,"purpose":"official",
//!                          "records":800,"taken_at":"…Z","voters":{…},"votes":{…},
//!                          "without":[{"reason":"…","records":120,"shard":1}]?}
//! /solar/snapshots.json   {"snapshots":[a payload of snapshot/v1, ...]}
//! ```
//!
//! Nobody signs them. The publisher writes what `verify` reads: what they say of a snapshot stands
//! on the log, and the counts follow from the list of votes.

use artifact::charter::Purpose;
use artifact::id::CampaignName;
use artifact::payload::Snapshot;
use artifact::payload::platform::{LeftOut, ListState};
use canon::Timestamp;
use serde::{Deserialize, Serialize};

/// `results.json`: the newest snapshot, and what its votes come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The campaign.
    pub campaign: CampaignName,
    /// Votes by option, in the order of the ballot; none while the lists are not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<OptionVotes>,
    /// Votes whose stamp another vote of the same snapshot has too, of all snapshots so far. Left
    /// out where there is none, as in every campaign of one shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubled_stamps: Option<u64>,
    /// Whether the snapshot is the last one.
    pub is_last: bool,
    /// The snapshot, from 0.
    pub number: u64,
    /// What the campaign is held for.
    pub purpose: Purpose,
    /// Lines of each list.
    pub records: u64,
    /// When the snapshot was taken, by the platform's clock.
    pub taken_at: Timestamp,
    /// The list of voters.
    pub voters: ListState,
    /// The list of votes.
    pub votes: ListState,
    /// The shards that the last snapshot is without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<LeftOut>,
}

/// Votes for an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionVotes {
    /// The option.
    pub option: String,
    /// Its votes.
    pub votes: u64,
}

/// `snapshots.json`: what a log is told of each snapshot, from the first on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshots {
    /// By their numbers, without gaps.
    pub snapshots: Vec<Snapshot>,
}

impl Results {
    /// Where the page of a campaign stands, beside the lists.
    pub fn path(campaign: &str) -> String {
        format!("{campaign}/results.json")
    }
}

impl Snapshots {
    /// Where the page of a campaign stands, beside the lists.
    pub fn path(campaign: &str) -> String {
        format!("{campaign}/snapshots.json")
    }
}
