//! A sample drawn again and compared draw by draw.

use artifact::payload::Sample;
use artifact::payload::audit::Generator;
use paper::audit::BallotManifest;
use paper::audit::draw::{self, Draw as Drawn, Tickets};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::finding::{Finding, audit};

/// Cards whose tickets one task computes.
const TASK_CARDS: u64 = 1 << 16;

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
        Generator::HkdfV1 => match hkdf(manifest, seed, election_id, sample.count) {
            Ok(draws) => each(index, sample, draws, |drawn| drawn.card.id(), findings),
            Err(error) => refused(error.to_string()),
        },
    }
}

/// [`draw::hkdf`] on all cores.
fn hkdf<'a>(
    manifest: &'a BallotManifest,
    seed: &str,
    election_id: &str,
    count: u64,
) -> Result<Vec<Drawn<'a>>, draw::DrawError> {
    let tickets = Tickets::new(manifest, seed, election_id)?;
    let total = manifest.total();
    let parts: Vec<_> = (0..total.div_ceil(TASK_CARDS))
        .into_par_iter()
        .map(|task| {
            let first = task.saturating_mul(TASK_CARDS).saturating_add(1);
            let last = first.saturating_add(TASK_CARDS.saturating_sub(1)).min(total);
            let mut lowest = tickets.selection(count)?;
            tickets.offer(first..=last, &mut lowest);
            Ok(lowest)
        })
        .collect::<Result<_, draw::DrawError>>()?;
    let mut lowest = tickets.selection(count)?;
    for part in parts {
        lowest.merge(part);
    }
    Ok(tickets.draws(lowest))
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
