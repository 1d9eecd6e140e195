//! Results reports (sections 6.1, 9.1).

use canon::Digest;
use serde::{Deserialize, Serialize};

use super::{Broken, PayloadType, rule};
use crate::form::{listed, present};
use crate::id::{ElectionId, Name};
use crate::kind::ArtifactKind;

/// The votes of one choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceVotes {
    /// The choice.
    pub name: Name,
    /// Its votes.
    pub votes: u64,
}

/// The result of one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestResult {
    /// Cards that the margin is diluted over: all that may hold the contest.
    pub ballot_cards: u64,
    /// Votes by choice; absent where only the margin is published.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub choices: Vec<ChoiceVotes>,
    /// The contest.
    pub contest: Name,
    /// The smallest margin in votes between a winner and a loser; absent where nobody lost.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub min_margin: Option<u64>,
    /// How many win.
    pub winners: u64,
}

/// `result/v1`: what aggregation reports, and from what (section 9.1).
///
/// ```text
/// {"ballot_definition":"<64 hex>"?,"contests":[{"ballot_cards":618,"choices":[
///   {"name":"…","votes":1}]?,"contest":"…","min_margin":104?,"winners":1}],
///  "cvrs":["<64 hex>"]?,"election_id":"…","scope":"…"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectionResult {
    /// Digest of the ballot definition used.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ballot_definition: Option<Digest>,
    /// The contests.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<ContestResult>,
    /// Digests of the batches of cast vote records used.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub cvrs: Vec<Digest>,
    /// The election.
    pub election_id: ElectionId,
    /// What is counted here: a precinct, a county, all.
    pub scope: Name,
}

impl PayloadType for ElectionResult {
    const KIND: ArtifactKind = ArtifactKind::Result;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let contests = self.contests.iter().map(|contest| &contest.contest);
        rule::distinct(&mut broken, "contests", "no contest twice", contests);
        rule::distinct(&mut broken, "cvrs", "no digest twice", self.cvrs.iter());
        for contest in &self.contests {
            let choices = contest.choices.iter().map(|choice| &choice.name);
            rule::distinct(&mut broken, "contests", "no choice twice in a contest", choices);
            if contest.winners == 0 {
                broken.push(Broken::new("contests", "winners at least 1", &contest.contest));
            }
            if contest.min_margin.is_some_and(|margin| margin > contest.ballot_cards) {
                let rule = "min_margin at most ballot_cards";
                broken.push(Broken::new("contests", rule, &contest.contest));
            }
        }
        broken
    }
}
