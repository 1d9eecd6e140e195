//! Artifacts of the booth path's platform: its campaign, snapshots of the two lists, and what is
//! revealed at the close.
//!
//! None of them holds a vote or a mandate: a snapshot names the lists by digest and size, and the
//! lists themselves are served beside the log (section 13).

use std::collections::BTreeSet;

use canon::key::{Algorithm, PublicKey};
use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType, rule};
use crate::charter::Purpose;
use crate::form::{listed_within, only_true, present};
use crate::id::{AgeKey, CampaignName, ElectionId, KeyText, Name, Salt, StationId};
use crate::kind::ArtifactKind;

/// The most options of a ballot.
pub const MAX_OPTIONS: usize = 99;

/// The most authorities, shards or stations of a campaign.
pub const MAX_PARTS: usize = 1024;

/// What a platform commits to before the opening and reveals at the close: SHA-256 of 32 bytes
/// each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitments {
    /// Of the public key of the decoys.
    pub decoy_key: Digest,
    /// Of the salt that hides the digests of snapshots while voting is open.
    pub snapshot_salt: Digest,
    /// Of the public key of the genuine stamps.
    pub stamp_key: Digest,
    /// Of the seed of the booths' codes.
    pub totp_seed: Digest,
}

/// `campaign/v1`: the rules of a campaign, and what its platform commits to.
///
/// ```text
/// {"authorities":["<base64>"],"commitments":{"decoy_key":"<64 hex>","snapshot_salt":"<64 hex>",
///  "stamp_key":"<64 hex>","totp_seed":"<64 hex>"},"deployment_map":"<64 hex>"?,
///  "election_id":"…","end":"…Z","k":50,"link_auditors":["age1…"]?,"name":"solar",
///  "options":["…"],"purpose":"official","receipt_keys":["<base64>"],"remote_of":"…"?,
///  "stamp_period_s":86400,"start":"…Z","stations":["…"]?,"work_bits":25}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Whose mandates count: Ed25519 public keys.
    #[serde(deserialize_with = "listed_within::<MAX_PARTS, _, _>")]
    pub authorities: Vec<KeyText>,
    /// What is revealed at the close.
    pub commitments: Commitments,
    /// SHA-256 of the deployment map, the file that says which generator stands where.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub deployment_map: Option<Digest>,
    /// The election.
    pub election_id: ElectionId,
    /// The first instant at which no vote is taken any more.
    pub end: Timestamp,
    /// Votes that are published together, at least; 0 for one by one.
    pub k: u64,
    /// Who can tell who voted how; in a trial only.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_PARTS, _, _>"
    )]
    pub link_auditors: Vec<AgeKey>,
    /// The campaign.
    pub name: CampaignName,
    /// What can be voted for, in the order of the ballot.
    #[serde(deserialize_with = "listed_within::<MAX_OPTIONS, _, _>")]
    pub options: Vec<Name>,
    /// What the campaign is held for.
    pub purpose: Purpose,
    /// The keys that sign acceptances and receipts, one a shard.
    #[serde(deserialize_with = "listed_within::<MAX_PARTS, _, _>")]
    pub receipt_keys: Vec<KeyText>,
    /// The campaign whose remote votes these are, given without a code of a booth.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote_of: Option<CampaignName>,
    /// Seconds of a stamp period: what a published vote tells of its time.
    pub stamp_period_s: u64,
    /// The first instant at which a vote counts.
    pub start: Timestamp,
    /// The stations that have seeds of their own; none when one seed is in all of them.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_PARTS, _, _>"
    )]
    pub stations: Vec<StationId>,
    /// Leading zero bits that a vote has to show.
    pub work_bits: u64,
}

impl PayloadType for Campaign {
    const KIND: ArtifactKind = ArtifactKind::Campaign;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "options", "no option twice", self.options.iter());
        rule::distinct(&mut broken, "stations", "no station twice", self.stations.iter());
        let member = "authorities, receipt_keys";
        rule::distinct(&mut broken, member, "no key twice", self.keys());
        usable(&mut broken, member, self.keys());
        let Commitments { decoy_key, snapshot_salt, stamp_key, totp_seed } = &self.commitments;
        let commitments = [decoy_key, snapshot_salt, stamp_key, totp_seed];
        rule::distinct(&mut broken, "commitments", "no digest twice", commitments.into_iter());
        let auditors = self.link_auditors.iter();
        rule::distinct(&mut broken, "link_auditors", "no auditor twice", auditors);
        if !self.link_auditors.is_empty() && self.purpose != Purpose::Trial {
            broken.push(Broken::new("link_auditors", "in a trial only", self.purpose));
        }
        if let Some(booths) = &self.remote_of {
            if *self.name.as_str() != *format!("{booths}-remote") {
                let rule = "the name is that of remote_of with -remote";
                broken.push(Broken::new("name", rule, &self.name));
            }
            if !self.stations.is_empty() {
                let rule = "none where no code is asked for";
                broken.push(Broken::new("stations", rule, self.stations.len()));
            }
        }
        if self.end <= self.start {
            broken.push(Broken::new("end", "after the start", self.end));
        }
        if self.stamp_period_s == 0 {
            broken.push(Broken::new("stamp_period_s", "at least 1", 0));
        }
        if self.work_bits > 256 {
            broken.push(Broken::new("work_bits", "at most 256", self.work_bits));
        }
        broken
    }
}

impl Campaign {
    /// The keys of the authorities, then those of the receipts.
    pub fn keys(&self) -> impl Iterator<Item = &KeyText> {
        self.authorities.iter().chain(&self.receipt_keys)
    }
}

/// Reports every key under which signatures mean nothing: no point, or not one of prime order.
fn usable<'a>(
    broken: &mut Vec<Broken>,
    member: &'static str,
    keys: impl Iterator<Item = &'a KeyText>,
) {
    let is_key = |key: &KeyText| PublicKey::from_base64(Algorithm::Ed25519, key.as_str()).is_ok();
    let bad = keys.filter(|key| !is_key(key));
    broken.extend(bad.map(|key| Broken::new(member, "Ed25519 keys of prime order", key)));
}

/// One of the two lists as it stood when a snapshot was taken.
///
/// Either its digest is told, or, where interim results are not, a commitment to it:
///
/// ```text
/// salt       = HMAC-SHA-256(snapshot_salt, "scrutineer/snapshot-salt/v1" LF number LF list LF)
/// commitment = SHA-256("scrutineer/snapshot/v1" LF salt digest)
/// ```
///
/// with the number in decimal, `votes` or `voters` for the list, and 32 bytes each of salt and
/// digest. A name is 8 to 600 bytes long, so the size of a list tells something of its options:
/// it is told with the digest only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListState {
    /// Bytes of the list.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bytes: Option<u64>,
    /// The commitment to the digest.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub commitment: Option<Digest>,
    /// SHA-256 of the list.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub digest: Option<Digest>,
    /// Its lines.
    pub records: u64,
}

impl ListState {
    fn rules(&self, member: &'static str, broken: &mut Vec<Broken>) {
        match (&self.digest, &self.commitment, &self.bytes) {
            (Some(_), None, Some(_)) | (None, Some(_), None) => {}
            _ => {
                let rule = "digest and bytes, or a commitment alone";
                broken.push(Broken::new(member, rule, "another set of members"));
            }
        }
    }
}

/// Stamps that a station's codes have got, up to the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationStamps {
    /// Genuine stamps issued so far.
    pub stamps: u64,
    /// The station; absent where all have one seed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub station: Option<StationId>,
}

/// A shard that gave nothing more, and without which the last snapshot was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Why, in the platform's words.
    pub reason: Name,
    /// Records of it that were published before, and stand in the lists.
    pub records: u64,
    /// Its number, from 0.
    pub shard: u64,
}

/// `snapshot/v1`: the two lists at one instant.
///
/// ```text
/// {"campaign":"solar","election_id":"…","is_last":true?,"number":17,
///  "stamps_issued":[{"stamps":812,"station":"…"?}]?,"taken_at":"…Z",
///  "voters":{"bytes":…,"digest":"<64 hex>","records":800},
///  "votes":{"commitment":"<64 hex>","records":800},
///  "without":[{"reason":"…","records":120,"shard":1}]?}
/// ```
///
/// That the two are equally long is no rule of the form: a pair that is not is evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The campaign.
    pub campaign: CampaignName,
    /// The election.
    pub election_id: ElectionId,
    /// Whether it is the last one, after the close.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "only_true")]
    pub is_last: bool,
    /// Counted from 0, without gaps.
    pub number: u64,
    /// Stamps issued, by station.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_PARTS, _, _>"
    )]
    pub stamps_issued: Vec<StationStamps>,
    /// When the platform says that it was taken.
    pub taken_at: Timestamp,
    /// The list of voters.
    pub voters: ListState,
    /// The list of votes.
    pub votes: ListState,
    /// The shards that the last one is without.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_PARTS, _, _>"
    )]
    pub without: Vec<LeftOut>,
}

impl PayloadType for Snapshot {
    const KIND: ArtifactKind = ArtifactKind::Snapshot;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        self.voters.rules("voters", &mut broken);
        self.votes.rules("votes", &mut broken);
        if self.voters.digest.is_some() != self.votes.digest.is_some() {
            let rule = "digests of both lists or of neither";
            broken.push(Broken::new("voters, votes", rule, "one of them"));
        }
        let stations = self.stamps_issued.iter().map(|one| one.station.as_ref());
        let distinct: BTreeSet<_> = stations.collect();
        if distinct.len() != self.stamps_issued.len() {
            let found = self.stamps_issued.len();
            broken.push(Broken::new("stamps_issued", "no station twice", found));
        }
        let shards = self.without.iter().map(|one| one.shard);
        rule::distinct(&mut broken, "without", "no shard twice", shards);
        if !self.without.is_empty() && !self.is_last {
            broken.push(Broken::new("without", "in the last one only", self.number));
        }
        broken
    }
}

/// `reveal/v1`: what a campaign committed to, told after the close.
///
/// ```text
/// {"campaign":"solar","decoy_key":"<base64>","election_id":"…","snapshot_salt":"<64 hex>",
///  "stamp_key":"<base64>","totp_seed":"<64 hex>"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// The campaign.
    pub campaign: CampaignName,
    /// The public key of the decoys.
    pub decoy_key: KeyText,
    /// The election.
    pub election_id: ElectionId,
    /// What the commitments of snapshots are salted from.
    pub snapshot_salt: Salt,
    /// The public key of the genuine stamps.
    pub stamp_key: KeyText,
    /// The seed of the booths' codes, so that a code seen in a booth can be checked.
    pub totp_seed: Salt,
}

impl PayloadType for Reveal {
    const KIND: ArtifactKind = ArtifactKind::Reveal;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let keys = [&self.decoy_key, &self.stamp_key];
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "decoy_key, stamp_key", "no key twice", keys.into_iter());
        usable(&mut broken, "decoy_key, stamp_key", keys.into_iter());
        broken
    }
}
