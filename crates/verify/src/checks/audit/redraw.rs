//! A sample drawn again and compared draw by draw.

use artifact::payload::Sample;
use artifact::payload::audit::Generator;
use paper::audit::BallotManifest;
use paper::audit::draw::{self, Draw as Drawn};

use crate::finding::{Finding, audit};

/// Draws a sample again and says where it differs.
pub(super) fn compare(
    index: u64,
    sample: &Sample,
    manifest: &BallotManifest,
    seed: &str,
    election_id: &str,
    findings: &mut Vec<Finding>,
) {
    let mut refused = |why: String| {
        let expected = "a sample that can be drawn";
        findings.push(Finding::entry(&audit::DRAW, index, expected, why));
    };
    match sample.generator {
        Generator::ColoradoV1 => match draw::colorado(manifest, seed) {
            Ok(draws) => each(index, sample, draws, |drawn| drawn.card.to_string(), findings),
            Err(error) => refused(error.to_string()),
        },
        Generator::HkdfV1 => match draw::hkdf(manifest, seed, election_id, sample.count, |_| ()) {
            Ok(draws) => each(index, sample, draws, |drawn| drawn.card.id(), findings),
            Err(error) => refused(error.to_string()),
        },
    }
}

/// Compares each draw of a sample with the one that follows from the seed.
fn each<'a>(
    index: u64,
    sample: &Sample,
    drawn: impl IntoIterator<Item = Drawn<'a>>,
    name: impl Fn(&Drawn<'a>) -> String,
    findings: &mut Vec<Finding>,
) {
    let mut drawn = drawn.into_iter();
    for given in &sample.draws {
        let Some(right) = drawn.next() else { break };
        let card = name(&right);
        if given.index != right.index || given.card != *card {
            let expected = format!("draw {}: card {} at {card}", right.draw, right.index);
            let found = format!("card {} at {}", given.index, given.card);
            findings.push(Finding::entry(&audit::DRAW, index, expected, found));
        }
    }
}
