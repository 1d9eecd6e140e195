//! Artifacts of the audit (section 11): plan, seed, sample, discrepancies, determination.

mod finding;
mod seed;

use canon::Digest;
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType, rule};
use crate::form::{listed, present, words};
use crate::id::{Decimal, ElectionId, Name, Text};
use crate::kind::ArtifactKind;

pub use finding::{
    AuditOutcome, Ballot, Classification, ContestFinding, ContestReading, Determination,
    Discrepancy, Escalation, EscalationAction, Interpretation,
};
pub use seed::{CommitMethod, SeedCommit, SeedReveal};

words! {
    /// How an audit compares paper with records.
    pub enum AuditMethod ("an audit method") {
        /// Card by card against its cast vote record.
        BallotComparison = "ballot_comparison",
        /// Batch by batch against its reported total.
        BatchComparison = "batch_comparison",
        /// Cards alone, without records.
        BallotPolling = "ballot_polling",
    }
}

/// `audit_plan/v1`: risk limit, method and criteria of escalation (section 11.4).
///
/// ```text
/// {"election_id":"…","ballot_manifest":"<64 hex>"?,"contests":["…"],"escalation":"…",
///  "gamma":"1.03905"?,"generator":"hkdf/v1"?,"initial_sample":1?,
///  "method":"ballot_comparison","risk_limit":"0.03"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditPlan {
    /// SHA-256 of the raw ballot manifest that cards are drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ballot_manifest: Option<Digest>,
    /// The contests audited.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Name>,
    /// The election.
    pub election_id: ElectionId,
    /// When and how the audit goes on to more cards.
    pub escalation: Text,
    /// The error inflation factor of Kaplan–Markov, above 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub gamma: Option<Decimal>,
    /// How the cards are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub generator: Option<Generator>,
    /// Cards of the first round.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub initial_sample: Option<u64>,
    /// How paper is compared.
    pub method: AuditMethod,
    /// The risk limit, above 0 and below 1.
    pub risk_limit: Decimal,
}

impl PayloadType for AuditPlan {
    const KIND: ArtifactKind = ArtifactKind::AuditPlan;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "contests", "no contest twice", self.contests.iter());
        if !self.risk_limit.is_fraction() {
            broken.push(Broken::new("risk_limit", "above 0 and below 1", &self.risk_limit));
        }
        if let Some(gamma) = self.gamma.as_ref().filter(|gamma| !gamma.exceeds_one()) {
            broken.push(Broken::new("gamma", "above 1", gamma));
        }
        if self.initial_sample == Some(0) {
            broken.push(Broken::new("initial_sample", "at least 1", 0));
        }
        broken
    }
}

words! {
    /// How cards are drawn from seed and ballot manifest.
    pub enum Generator ("a generator") {
        /// SHA-256 of seed and draw number, with replacement: a card may be drawn again.
        ColoradoV1 = "colorado/v1",
        /// Cards in ascending order of their HKDF tickets, without replacement.
        HkdfV1 = "hkdf/v1",
    }
}

/// One draw of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// The card: `tabulator-batch-position` for Colorado, `container/batch/position` for HKDF.
    pub card: Name,
    /// The number of the draw, from 1.
    pub draw: u64,
    /// The card's place in the ballot manifest, from 1.
    pub index: u64,
}

/// `sample/v1`: the cards that seed and ballot manifest yield (section 11.2).
///
/// ```text
/// {"election_id":"…","ballot_manifest":"<64 hex>","cards":618,"count":44,
///  "draws":[{"card":"102-23-5","draw":1,"index":555}],"generator":"colorado/v1",
///  "reveal":"<64 hex>"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// SHA-256 of the raw ballot manifest.
    pub ballot_manifest: Digest,
    /// Cards in the manifest.
    pub cards: u64,
    /// Draws.
    pub count: u64,
    /// Every draw, in order.
    #[serde(deserialize_with = "listed")]
    pub draws: Vec<Draw>,
    /// The election.
    pub election_id: ElectionId,
    /// How they were drawn.
    pub generator: Generator,
    /// Digest of the artifact that revealed the seed.
    pub reveal: Digest,
}

impl PayloadType for Sample {
    const KIND: ArtifactKind = ArtifactKind::Sample;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        if u64::try_from(self.draws.len()) != Ok(self.count) {
            broken.push(Broken::new("count", "the number of draws", self.count));
        }
        for (expected, draw) in (1_u64..).zip(&self.draws) {
            if draw.draw != expected {
                broken.push(Broken::new("draws", "numbered from 1 without a gap", draw.draw));
                break;
            }
        }
        if let Some(draw) = self.draws.iter().find(|draw| !(1..=self.cards).contains(&draw.index)) {
            broken.push(Broken::new("draws", "index between 1 and cards", draw.index));
        }
        if self.generator == Generator::HkdfV1 {
            let indexes = self.draws.iter().map(|draw| draw.index);
            rule::distinct(&mut broken, "draws", "no card twice without replacement", indexes);
        }
        broken
    }
}
