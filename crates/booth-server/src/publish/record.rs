//! The record of a snapshot: a line of `snapshots.log`.
//!
//! It is written after everything that it describes is durable. What the world and the log are told
//! of a snapshot follows from its record alone, so that it never changes, whatever is known later.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use artifact::id::Name;
use booth::campaign::{Campaign, Shard};
use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::lines;

/// Bytes of a file, and their SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileState {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of all of them.
    pub digest: Digest,
}

/// What was taken of a shard, up to a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// A digest of what the instance said of all these cuts.
    pub chain: Digest,
    /// Cuts.
    pub cuts: u64,
    /// The ledger of the shard; none until one was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// Votes, and voters.
    pub records: u64,
    /// Bytes of its list of votes.
    pub vote_bytes: u64,
}

impl Default for Taken {
    fn default() -> Self {
        Self { chain: Digest([0; 32]), cuts: 0, ledger: None, records: 0, vote_bytes: 0 }
    }
}

/// A shard that the last snapshot is without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Why, for everybody to read.
    pub reason: Name,
    /// Records of it that were taken before, and stand in the lists.
    pub records: u64,
    /// Its number.
    pub shard: u16,
}

/// Genuine stamps by station, `""` where all have one seed.
pub type ByStation = BTreeMap<String, u64>;

/// Genuine stamps that edges have given, each from its start on.
pub type Boots = BTreeMap<String, ByStation>;

/// A snapshot, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// A digest of the campaign's rules, but for its end, which may move.
    pub campaign: Digest,
    /// Commitments to votes and voters; none where their digests are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitments: Option<[Digest; 2]>,
    /// Votes by option, in the ballot's order.
    pub counts: Vec<u64>,
    /// Votes whose stamp another shard's vote of the same snapshot has too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub doubled: u64,
    /// The four files: votes, voters, and the same compressed.
    pub files: [FileState; 4],
    /// Whether it is the last one.
    pub is_last: bool,
    /// From 0, without gaps.
    pub number: u64,
    /// Lines of each list.
    pub records: u64,
    /// What was taken of each shard.
    pub shards: Vec<Taken>,
    /// What edges have given; nothing where this snapshot does not tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stamps: Boots,
    /// When it was taken; never before the one before.
    pub taken_at: Timestamp,
    /// The shards that the last one is without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<LeftOut>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none(number: &u64) -> bool {
    *number == 0
}

/// The records of a file, and where the last whole one ends; `Err` is where damage is.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Record>, u64), u64> {
    lines::read(bytes, follows)
}

/// Whether a record can stand behind another, or first.
fn follows(before: Option<&Record>, record: &Record) -> bool {
    let Some(before) = before else { return record.number == 0 };
    let files = before.files.iter().zip(&record.files);
    !before.is_last
        && record.number == before.number.saturating_add(1)
        && record.campaign == before.campaign
        && record.taken_at >= before.taken_at
        && record.records >= before.records
        && record.doubled >= before.doubled
        && record.shards.len() == before.shards.len()
        && { files }.all(|(before, after)| after.bytes >= before.bytes)
}

/// The digest of the rules that are fixed for a campaign: all that stands on the log but the end,
/// which may be amended.
pub(super) fn rules(campaign: &Campaign) -> Digest {
    let mut text = "scrutineer/publisher/v3\n".to_owned();
    let mut say = |what: &str, value: &dyn fmt::Display| {
        let _ = writeln!(text, "{what} {value}");
    };
    say("name", &campaign.name());
    say("purpose", &campaign.purpose());
    say("start", &campaign.start());
    say("stamp_period_s", &campaign.stamp_period_s());
    say("k", &campaign.k());
    say("work_bits", &campaign.work_bits());
    say("shards", &campaign.shards());
    say("remote_of", &campaign.remote_of().unwrap_or_default());
    for (what, digest) in [
        ("decoy_key_sha256", campaign.decoy_key_sha256()),
        ("snapshot_salt_sha256", campaign.snapshot_salt_sha256()),
        ("stamp_key_sha256", campaign.stamp_key_sha256()),
        ("totp_seed_sha256", campaign.totp_seed_sha256()),
    ] {
        say(what, &digest.map(ToString::to_string).unwrap_or_default());
    }
    for key in campaign.authorities().keys() {
        say("authority", &key.to_base64());
    }
    let receipts = (0..campaign.shards()).filter_map(|shard| campaign.receipt_key(Shard(shard)));
    receipts.for_each(|key| say("receipt_key", &key.to_base64()));
    campaign.options().iter().for_each(|option| say("option", option));
    campaign.stations().iter().for_each(|station| say("station", &station.as_str()));
    campaign.link_auditors().iter().for_each(|auditor| say("link_auditor", auditor));
    Digest::of(text.as_bytes())
}
