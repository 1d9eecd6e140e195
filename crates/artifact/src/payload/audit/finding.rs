//! What people found on paper, and what follows from it (sections 11.3, 11.4).

use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::form::{listed, present, words};
use crate::id::{Decimal, ElectionId, Name, Rbid, Text};
use crate::kind::ArtifactKind;
use crate::payload::{Broken, PayloadType, rule};

words! {
    /// Whether the paper was there.
    pub enum Ballot ("a ballot's state") {
        /// The ballot was found and read.
        Found = "found",
        /// It was not found.
        NotFound = "not_found",
    }
}

words! {
    /// How the record differs from the paper, for the contest's margin.
    pub enum Classification ("a classification") {
        /// Record and paper agree.
        Agreement = "agreement",
        /// They differ without bearing on the margin.
        Neutral = "neutral",
        /// The record overstates the margin by one vote.
        OneOver = "one_over",
        /// The record overstates the margin by two votes.
        TwoOver = "two_over",
        /// The record understates the margin by one vote.
        OneUnder = "one_under",
        /// The record understates the margin by two votes.
        TwoUnder = "two_under",
    }
}

/// What people read in one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpretation {
    /// Whether more choices were marked than the contest allows; then there are no votes.
    pub overvoted: bool,
    /// The choices that count.
    pub votes: Vec<Name>,
}

/// One contest of an audited ballot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestReading {
    /// How record and paper differ.
    pub classification: Classification,
    /// The contest.
    pub contest: Name,
    /// What people read; absent when the contest or the ballot is not there.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub interpretation: Option<Interpretation>,
}

/// `discrepancy/v1`: one audited ballot, whether or not it differs (section 11.3).
///
/// ```text
/// {"ballot":"found","contests":[{"classification":"agreement","contest":"…",
///   "interpretation":{"overvoted":false,"votes":["…"]}}],"cvr":"<64 hex>"?,
///  "election_id":"…","rbid":"…","sample":"<64 hex>","time":"…Z"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discrepancy {
    /// Whether the paper was there.
    pub ballot: Ballot,
    /// Contest by contest.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<ContestReading>,
    /// Digest of the record compared with; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub cvr: Option<Digest>,
    /// The election.
    pub election_id: ElectionId,
    /// The ballot.
    pub rbid: Rbid,
    /// Digest of the sample artifact that drew it.
    pub sample: Digest,
    /// When it was read, as the audit board says.
    pub time: Timestamp,
}

impl PayloadType for Discrepancy {
    const KIND: ArtifactKind = ArtifactKind::Discrepancy;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let contests = || self.contests.iter();
        let names = contests().map(|reading| &reading.contest);
        rule::distinct(&mut broken, "contests", "no contest twice", names);
        for reading in contests() {
            let Some(read) = &reading.interpretation else {
                continue;
            };
            if self.ballot == Ballot::NotFound {
                let rule = "no interpretation of a ballot that was not found";
                broken.push(Broken::new("contests", rule, &reading.contest));
            }
            if read.overvoted && !read.votes.is_empty() {
                let rule = "no votes in an overvoted contest";
                broken.push(Broken::new("contests", rule, &reading.contest));
            }
            rule::distinct(&mut broken, "contests", "no choice twice", read.votes.iter());
        }
        broken
    }
}

words! {
    /// What an audit goes on with.
    pub enum EscalationAction ("an escalation") {
        /// A larger sample.
        LargerSample = "larger_sample",
        /// A full count by hand.
        FullHandCount = "full_hand_count",
    }
}

/// `escalation/v1`: the audit needs more (section 11.4).
///
/// ```text
/// {"action":"larger_sample","contests":["…"],"election_id":"…","plan":"<64 hex>"?,
///  "reason":"…","round":2}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// With what the audit goes on.
    pub action: EscalationAction,
    /// The contests whose risk limit is not met.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Name>,
    /// The election.
    pub election_id: ElectionId,
    /// Digest of the audit plan.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub plan: Option<Digest>,
    /// Why.
    pub reason: Text,
    /// The round that begins, from 2.
    pub round: u64,
}

impl PayloadType for Escalation {
    const KIND: ArtifactKind = ArtifactKind::Escalation;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "contests", "no contest twice", self.contests.iter());
        if self.round < 2 {
            broken.push(Broken::new("round", "at least 2", self.round));
        }
        broken
    }
}

words! {
    /// What the audit says of a reported outcome.
    pub enum AuditOutcome ("an audit's outcome") {
        /// The risk limit is met: the reported outcome stands.
        Confirmed = "confirmed",
        /// A full hand count decided.
        HandCounted = "hand_counted",
        /// Neither: the reported outcome is not confirmed.
        NotConfirmed = "not_confirmed",
    }
}

/// The determination for one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestFinding {
    /// The contest.
    pub contest: Name,
    /// What the audit says.
    pub outcome: AuditOutcome,
    /// The risk measured, from 0 to 1; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub risk: Option<Decimal>,
}

/// `determination/v1`: the end of the audit (section 11.4).
///
/// ```text
/// {"contests":[{"contest":"…","outcome":"confirmed","risk":"0.0271"}],"election_id":"…",
///  "plan":"<64 hex>"?,"statement":"…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determination {
    /// Contest by contest.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<ContestFinding>,
    /// The election.
    pub election_id: ElectionId,
    /// Digest of the audit plan.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub plan: Option<Digest>,
    /// In words.
    pub statement: Text,
}

impl PayloadType for Determination {
    const KIND: ArtifactKind = ArtifactKind::Determination;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let names = self.contests.iter().map(|finding| &finding.contest);
        rule::distinct(&mut broken, "contests", "no contest twice", names);
        for finding in &self.contests {
            if let Some(risk) = finding.risk.as_ref().filter(|risk| risk.exceeds_one()) {
                broken.push(Broken::new("contests", "risk from 0 to 1", risk));
            }
        }
        broken
    }
}
