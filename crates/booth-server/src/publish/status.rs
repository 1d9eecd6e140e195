//! `/status.json`: how a publisher stands, for programs. None of it tells what is not shown.

use artifact::charter::Purpose;
use booth::campaign::Shard;
use canon::Timestamp;
use serde::{Deserialize, Serialize};

/// How a publisher stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The campaign's name.
    pub campaign: String,
    /// What it is held for.
    pub purpose: Purpose,
    /// The first instant at which a vote counts.
    pub start: Timestamp,
    /// The first instant at which none does, by the publisher's file.
    pub end: Timestamp,
    /// The publisher's clock.
    pub now: Timestamp,
    /// Seconds from one snapshot to the next.
    pub snapshot_s: u32,
    /// Seconds until the next one.
    pub next_s: u32,
    /// The last snapshot; none before the first.
    pub snapshot: Option<SnapshotStatus>,
    /// The shards.
    pub shards: ShardsStatus,
    /// How the log was told; none where nothing is committed.
    pub log: Option<LogStatus>,
    /// What is wrong, as `/healthz` says it.
    pub troubles: Vec<String>,
}

/// The last snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotStatus {
    /// Its number.
    pub number: u64,
    /// Lines of each list.
    pub records: u64,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Seconds since then.
    pub age_s: u64,
    /// Whether none follows.
    pub is_last: bool,
}

/// The shards, by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardsStatus {
    /// How many there are.
    pub count: u16,
    /// Those that were not reached at the last barrier.
    pub away: Vec<u16>,
    /// Those of which nothing is taken any more, for what all their instances told.
    pub stopped: Vec<u16>,
    /// Those one of whose instances told what cannot be.
    pub doubted: Vec<u16>,
    /// Those for which the last snapshot waits.
    pub awaited: Vec<u16>,
}

/// How the log was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStatus {
    /// Artifacts that it has.
    pub placed: u64,
    /// Artifacts that wait.
    pub waiting: u64,
    /// Whether the last attempt failed.
    pub is_failing: bool,
}

/// Seconds for which a barrier may go on: what a shard is asked, twice.
const BARRIER_S: u64 = 120;

impl Status {
    /// How many seconds ago a snapshot was taken that should not have been the last for so long.
    pub fn is_overdue(&self) -> Option<u64> {
        let began = self.now.unix_u64().saturating_sub(self.start.unix_u64());
        let (age_s, is_last) = match &self.snapshot {
            Some(snapshot) => (snapshot.age_s.min(began), snapshot.is_last),
            None => (began, false),
        };
        let patience = u64::from(self.snapshot_s).saturating_mul(3).saturating_add(BARRIER_S);
        (self.now >= self.start && !is_last && age_s > patience).then_some(age_s)
    }

    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.troubles.is_empty() && self.is_overdue().is_none()
    }
}

/// The numbers of shards.
pub(super) fn numbers(shards: &[Shard]) -> Vec<u16> {
    shards.iter().map(|shard| shard.0).collect()
}
