//! What scanners write: cast vote records and ballot records, a batch an artifact (sections 8, 9).
//!
//! Both may be withheld from the public, so both carry a salt. Records stand in ascending order of
//! their ballot identifiers: an order that says nothing about who voted when (section 13). For the
//! same reason a batch has one time, not one a ballot.

use canon::{Digest, JsonError, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType, rule};
use crate::form::{listed, present};
use crate::id::{ElectionId, HolderId, Name, Part, Rbid, Salt};
use crate::kind::ArtifactKind;

/// One contest of a cast vote record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestVotes {
    /// The contest, by its id in the ballot definition.
    pub contest: Name,
    /// Whether more choices were marked than the contest allows; then there are no votes.
    pub overvoted: bool,
    /// The choices that count, by their ids.
    pub votes: Vec<Name>,
}

/// One cast vote record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cvr {
    /// The contests on the ballot.
    pub contests: Vec<ContestVotes>,
    /// The ballot.
    pub rbid: Rbid,
    /// The ballot style.
    pub style: Name,
}

/// `cvr/v1`: a batch of cast vote records.
///
/// ```text
/// {"ballot_definition":"<64 hex>","batch":"…","container":"…","cvrs":[{"contests":[
///   {"contest":"…","overvoted":false,"votes":["…"]}],"rbid":"…","style":"…"}],
///  "election_id":"…","salt":"<64 hex>","scanner":"…","time":"…Z"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CvrBatch {
    /// Digest of the ballot definition that the votes were read by.
    pub ballot_definition: Digest,
    /// The batch.
    pub batch: Part,
    /// The container that holds the paper.
    pub container: Part,
    /// The records, in ascending order of their identifiers.
    #[serde(deserialize_with = "listed")]
    pub cvrs: Vec<Cvr>,
    /// The election.
    pub election_id: ElectionId,
    /// 32 random bytes.
    pub salt: Salt,
    /// The scanner.
    pub scanner: HolderId,
    /// When the batch was closed, as the scanner says.
    pub time: Timestamp,
}

impl CvrBatch {
    /// The digest by which a ballot record names one record of this batch:
    /// SHA-256(JCS({"cvr":record,"election_id":…,"salt":…})).
    ///
    /// The salt is the batch's: while the batch is withheld, no vote can be guessed from it.
    pub fn record_digest(&self, record: &Cvr) -> Result<Digest, JsonError> {
        #[derive(Serialize)]
        struct Salted<'a> {
            cvr: &'a Cvr,
            election_id: &'a ElectionId,
            salt: Salt,
        }
        let salted = Salted { cvr: record, election_id: &self.election_id, salt: self.salt };
        canon::json::to_canonical(&salted).map(|bytes| Digest::of(&bytes))
    }
}

impl PayloadType for CvrBatch {
    const KIND: ArtifactKind = ArtifactKind::Cvr;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        ascending(&mut broken, "cvrs", self.cvrs.iter().map(|cvr| &cvr.rbid));
        for cvr in &self.cvrs {
            if !short_distinct(cvr.contests.iter().map(|contest| &contest.contest)) {
                broken.push(Broken::new("cvrs", "no contest twice", &cvr.rbid));
            }
            for contest in &cvr.contests {
                if contest.overvoted && !contest.votes.is_empty() {
                    let rule = "no votes in an overvoted contest";
                    broken.push(Broken::new("cvrs", rule, &cvr.rbid));
                }
                if !short_distinct(contest.votes.iter()) {
                    broken.push(Broken::new("cvrs", "no choice twice", &cvr.rbid));
                }
            }
        }
        broken
    }
}

/// Whether all differ; without an allocation for the short lists of one ballot.
fn short_distinct<'a>(names: impl ExactSizeIterator<Item = &'a Name> + Clone) -> bool {
    if names.len() > 64 {
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "", "", names);
        return broken.is_empty();
    }
    let mut rest = names;
    while let Some(name) = rest.next() {
        if rest.clone().any(|other| other == name) {
            return false;
        }
    }
    true
}

fn ascending<'a>(
    broken: &mut Vec<Broken>,
    member: &'static str,
    rbids: impl Iterator<Item = &'a Rbid>,
) {
    let mut last: Option<&Rbid> = None;
    for rbid in rbids {
        if last.is_some_and(|last| last >= rbid) {
            broken.push(Broken::new(member, "ascending identifiers, none twice", rbid));
            return;
        }
        last = Some(rbid);
    }
}

/// One ballot record: where the paper of a cast vote record lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotRecord {
    /// [`CvrBatch::record_digest`] of the record.
    pub cvr: Digest,
    /// SHA-256 of each image, where images are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub images: Vec<Digest>,
    /// The ballot's place in its batch, from 1, where the system keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub position: Option<u64>,
    /// The ballot.
    pub rbid: Rbid,
    /// The ballot style.
    pub style: Name,
}

/// `ballot_record/v1`: a batch of ballot records (section 8.3).
///
/// ```text
/// {"batch":"…","container":"…","election_id":"…","records":[{"cvr":"<64 hex>",
///   "images":["<64 hex>"]?,"position":1?,"rbid":"…","style":"…"}],"salt":"<64 hex>",
///  "scanner":"…","time":"…Z"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotRecordBatch {
    /// The batch.
    pub batch: Part,
    /// The container that holds the paper.
    pub container: Part,
    /// The election.
    pub election_id: ElectionId,
    /// The records, in ascending order of their identifiers.
    #[serde(deserialize_with = "listed")]
    pub records: Vec<BallotRecord>,
    /// 32 random bytes.
    pub salt: Salt,
    /// The scanner.
    pub scanner: HolderId,
    /// When the batch was closed, as the scanner says.
    pub time: Timestamp,
}

impl PayloadType for BallotRecordBatch {
    const KIND: ArtifactKind = ArtifactKind::BallotRecord;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        ascending(&mut broken, "records", self.records.iter().map(|record| &record.rbid));
        let positions = || self.records.iter().filter_map(|record| record.position);
        if positions().any(|position| position == 0) {
            broken.push(Broken::new("records", "position at least 1", 0));
        }
        rule::distinct(&mut broken, "records", "no position twice", positions());
        broken
    }
}
