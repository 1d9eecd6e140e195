//! The record of a snapshot: a line of `snapshots.log`.
//!
//! ```text
//! <CRC-32C of the JSON, 8 hexadecimal digits> SP <JSON> LF
//! ```
//!
//! A line is written with one call and made durable with one sync, after everything that it
//! describes. The last one may be a write that was interrupted: it lacks its line feed, or a page
//! of it is zeros. A line that is whole in these respects and has another checksum is damage.

use booth::campaign::{Campaign, Shard};
use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

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

/// A snapshot, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// A digest of the campaign's rules, but for its end, which may move.
    pub campaign: Digest,
    /// Votes by option, in the ballot's order.
    pub counts: Vec<u64>,
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
    /// When it was taken; never before the one before.
    pub taken_at: Timestamp,
}

impl Record {
    /// Its line.
    pub(super) fn line(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_string(self).ok()?;
        Some(format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes())).into_bytes())
    }

    fn read(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
        let (crc, json) = text.split_once(' ')?;
        (crc == format!("{:08x}", crc32c::crc32c(json.as_bytes()))).then_some(())?;
        serde_json::from_str(json).ok()
    }
}

/// The records of a file, and where the last whole one ends; `Err` is where damage is.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Record>, u64), u64> {
    let (mut records, mut end): (Vec<Record>, u64) = (Vec::new(), 0);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        match Record::read(line) {
            Some(record) if follows(records.last(), &record) => records.push(record),
            None if lines.peek().is_none() && is_torn(line) => return Ok((records, end)),
            _ => return Err(end),
        }
        end = end.saturating_add(line.len() as u64);
    }
    Ok((records, end))
}

fn is_torn(line: &[u8]) -> bool {
    // All of it but another last byte is no write that was interrupted.
    let is_whole = |begin: &[u8]| Record::read(&[begin, b"\n"].concat()).is_some();
    let is_open = line.split_last().is_some_and(|(last, rest)| *last != b'\n' && !is_whole(rest));
    is_open || line.contains(&0)
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
        && record.shards.len() == before.shards.len()
        && { files }.all(|(before, after)| after.bytes >= before.bytes)
}

/// The digest of the rules that are fixed for a campaign.
pub(super) fn rules(campaign: &Campaign) -> Digest {
    let mut text = format!(
        "scrutineer/publisher/v1\n{}\n{}\n{}\n{}\n{}\n{}\n",
        campaign.name(),
        campaign.purpose(),
        campaign.start(),
        campaign.stamp_period_s(),
        campaign.k(),
        campaign.shards(),
    );
    let keys = campaign.authorities().keys().iter();
    let receipts = (0..campaign.shards()).filter_map(|shard| campaign.receipt_key(Shard(shard)));
    for key in keys.chain(receipts) {
        text.push_str(&key.to_base64());
        text.push('\n');
    }
    for option in campaign.options() {
        text.push_str(option);
        text.push('\n');
    }
    Digest::of(text.as_bytes())
}
