//! The ballot definition: contests, choices, styles (section 6.1).

use canon::Digest;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

use super::{Broken, PayloadType, rule};
use crate::form::listed;
use crate::id::{ElectionId, Name};
use crate::kind::ArtifactKind;

/// One choice of a contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its id within the contest.
    pub id: Name,
    /// As printed.
    pub name: Name,
}

/// One contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// The choices, in the order of the definition.
    #[serde(deserialize_with = "listed")]
    pub choices: Vec<Choice>,
    /// Its id.
    pub id: Name,
    /// As printed.
    pub title: Name,
    /// How many choices a voter may mark.
    pub vote_for: u64,
}

/// One ballot style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// The ids of its contests, in their order on the ballot.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Name>,
    /// Its id.
    pub id: Name,
}

/// `ballot_definition/v1`: by what the votes are read and counted.
///
/// ```text
/// {"contests":[{"choices":[{"id":"…","name":"…"}],"id":"…","title":"…","vote_for":1}],
///  "election_id":"…","files":["<64 hex>"]?,"styles":[{"contests":["…"],"id":"…"}]}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotDefinition {
    /// The contests.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Contest>,
    /// The election.
    pub election_id: ElectionId,
    /// SHA-256 of raw files that belong to the package; a manifest lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub files: Vec<Digest>,
    /// The ballot styles.
    #[serde(deserialize_with = "listed")]
    pub styles: Vec<Style>,
}

impl PayloadType for BallotDefinition {
    const KIND: ArtifactKind = ArtifactKind::BallotDefinition;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        let ids = || self.contests.iter().map(|contest| &contest.id);
        rule::distinct(&mut broken, "contests", "no id twice", ids());
        rule::distinct(&mut broken, "files", "no file twice", self.files.iter());
        let styles = self.styles.iter().map(|style| &style.id);
        rule::distinct(&mut broken, "styles", "no id twice", styles);
        for contest in &self.contests {
            let choices = contest.choices.iter().map(|choice| &choice.id);
            rule::distinct(&mut broken, "contests", "no choice id twice in a contest", choices);
            let choices = u64::try_from(contest.choices.len()).unwrap_or(u64::MAX);
            if !(1..=choices).contains(&contest.vote_for) {
                let rule = "vote_for between 1 and the number of choices";
                broken.push(Broken::new("contests", rule, contest.vote_for));
            }
        }
        let known: HashSet<_> = ids().collect();
        for style in &self.styles {
            let contests = style.contests.iter();
            rule::distinct(&mut broken, "styles", "no contest twice in a style", contests.clone());
            for contest in contests.filter(|contest| !known.contains(contest)) {
                broken.push(Broken::new("styles", "contests of this definition", contest));
            }
        }
        broken
    }
}
