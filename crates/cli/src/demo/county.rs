//! The figures of a real audit: Hinsdale County, Colorado, November 2024.
//!
//! The files are public records of the Colorado Secretary of State and the county, carried in
//! `vectors/colorado-2024`, where their sources are named.

use std::collections::BTreeSet;

use artifact::payload::result::ContestResult;
use serde::Deserialize;

use crate::message::Failure;

/// The county's ballot manifest, as it published it.
pub(super) const MANIFEST: &[u8] =
    include_bytes!("../../../../vectors/colorado-2024/HinsdaleBallotManifest.csv");

/// The sample sizes of the state's first round, of which two lines are this county's own contests.
const SAMPLE_SIZES: &str = include_str!("../../../../vectors/colorado-2024/sample-sizes.csv");

/// Seed and number of draws of two counties. The cards in it were computed, and are not used here.
const DRAWS: &str = include_str!("../../../../vectors/colorado-2024/draws.json");

/// The cards that were found in the county's audit report.
const AUDITED_CARDS: &str =
    include_str!("../../../../vectors/colorado-2024/hinsdale-audited-cards.txt");

pub(super) const ELECTION_ID: &str = "hinsdale-2024-general";
pub(super) const TITLE: &str =
    "Hinsdale County, general election of 5 November 2024: audit records";
pub(super) const COUNTY: &str = "Hinsdale";
pub(super) const RISK_LIMIT: &str = "0.03";
pub(super) const GAMMA: &str = "1.03905";

/// By what the county's cards were drawn.
#[derive(Deserialize)]
pub(super) struct Drawing {
    county: String,
    /// The contest that the sample was sized for.
    pub(super) contest: String,
    /// The seed, rolled with dice in public.
    pub(super) seed: String,
}

/// The seed of the county, and the contest that its sample was sized for.
pub(super) fn drawing() -> Result<Drawing, Failure> {
    let all: Vec<Drawing> = serde_json::from_str(DRAWS).map_err(damaged)?;
    all.into_iter().find(|drawing| drawing.county == COUNTY).ok_or_else(|| damaged(COUNTY))
}

/// The cards that were found in the county's audit report, as `vectors/colorado-2024` says.
pub(super) fn audited_cards() -> BTreeSet<String> {
    AUDITED_CARDS.lines().map(str::to_owned).collect()
}

/// The results that the sample was sized by: cards, winners and the smallest margin.
pub(super) fn contests() -> Result<Vec<ContestResult>, Failure> {
    let own = SAMPLE_SIZES.lines().filter(|line| line.starts_with("round1,Hinsdale County"));
    own.map(contest).collect::<Option<Vec<_>>>().ok_or_else(|| damaged("sample-sizes.csv"))
}

/// `round1,<contest>,<winners>,<cards>,<margin>,…`; these names hold no comma.
fn contest(line: &str) -> Option<ContestResult> {
    let mut fields = line.split(',').skip(1);
    Some(ContestResult {
        contest: fields.next()?.parse().ok()?,
        winners: fields.next()?.parse().ok()?,
        ballot_cards: fields.next()?.parse().ok()?,
        min_margin: Some(fields.next()?.parse().ok()?),
        choices: Vec::new(),
    })
}

fn damaged(what: impl std::fmt::Display) -> Failure {
    Failure::new(format_args!("the figures built into this program are damaged: {what}"))
        .hint("build it anew from a clean checkout")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_the_state_and_the_county() {
        let contests = contests().unwrap();
        let figures: Vec<_> = contests
            .iter()
            .map(|c| (c.contest.as_str(), c.winners, c.ballot_cards, c.min_margin))
            .collect();
        assert_eq!(
            figures,
            [
                ("Hinsdale County Commissioner District 1", 1, 618, Some(104)),
                ("Hinsdale County Sheriff", 1, 618, Some(160)),
            ]
        );
        let drawing = drawing().unwrap();
        assert_eq!(drawing.seed, "53417960661093690826");
        let cards = audited_cards();
        assert_eq!(cards.len(), 43);
        assert!(cards.contains("102-23-5") && cards.iter().all(|card| card.starts_with("102-")));
    }
}
