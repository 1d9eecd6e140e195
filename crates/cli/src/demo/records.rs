//! The artifacts of the audit and of the clerk, unsigned.

use artifact::leaf::Originator;
use artifact::manifest::{File, Manifest, Purpose};
use artifact::payload::audit::{AuditMethod, CommitMethod, Draw, Generator};
use artifact::payload::result::ContestResult;
use artifact::payload::{
    AuditPlan, CheckIns, CitedHead, Close, ElectionResult, Sample, SeedCommit, SeedReveal,
};
use artifact::role::Role;
use canon::{Digest, Timestamp};
use paper::audit::draw;
use paper::audit::manifest::BallotManifest;
use paper::audit::seed::commitment;
use rla::risk::{DilutedMargin, Discrepancies, Gamma, RiskLimit, sample_size};

use super::county::{self, Drawing, ELECTION_ID, GAMMA, MANIFEST, RISK_LIMIT};
use super::text;

/// The county's raw ballot manifest, listed for the log.
pub(super) fn manifest() -> anyhow::Result<Manifest> {
    let csv = File::of(text!("HinsdaleBallotManifest.csv"), text!("ballot_manifest/csv"), MANIFEST);
    Ok(Manifest {
        election_id: text!(ELECTION_ID),
        files: vec![csv],
        origin: Originator { id: text!("county-clerk"), role: Role::Authority },
        purpose: Purpose::Records,
    })
}

/// The results of the two county contests, as far as the state's audit states them.
pub(super) fn result() -> anyhow::Result<ElectionResult> {
    let contests = county::contests().map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    Ok(ElectionResult {
        ballot_definition: None,
        contests,
        cvrs: Vec::new(),
        election_id: text!(ELECTION_ID),
        scope: text!("Hinsdale County"),
    })
}

/// A plan for each contest, with the sample size that its margin and risk limit ask for. The
/// contest that the state sized its sample for is audited by the state's generator, others by
/// ticket.
pub(super) fn plans(drawing: &Drawing, result: &ElectionResult) -> anyhow::Result<Vec<AuditPlan>> {
    let is_sized = |contest: &&ContestResult| contest.contest.as_str() == drawing.contest;
    anyhow::ensure!(result.contests.iter().any(|c| is_sized(&c)), "no {}", drawing.contest);
    let plan = |contest: &ContestResult| {
        let generator = if is_sized(&contest) { Generator::ColoradoV1 } else { Generator::HkdfV1 };
        plan(contest, generator)
    };
    result.contests.iter().map(plan).collect()
}

fn plan(contest: &ContestResult, generator: Generator) -> anyhow::Result<AuditPlan> {
    let margin = DilutedMargin::new(contest.min_margin.unwrap_or_default(), contest.ballot_cards)?;
    let size = sample_size(text!(RISK_LIMIT), text!(GAMMA), margin, Discrepancies::NONE)?;
    let _: (RiskLimit, Gamma) = (text!(RISK_LIMIT), text!(GAMMA));
    Ok(AuditPlan {
        ballot_manifest: Some(Digest::of(MANIFEST)),
        contests: vec![contest.contest.clone()],
        election_id: text!(ELECTION_ID),
        escalation: text!("more cards are drawn while the measured risk exceeds the limit"),
        gamma: Some(text!(GAMMA)),
        generator: Some(generator),
        initial_sample: Some(size),
        method: AuditMethod::BallotComparison,
        risk_limit: text!(RISK_LIMIT),
    })
}

/// The commitment to the seed under a salt.
pub(super) fn seed_commit(seed: &str, salt: &[u8; 32]) -> anyhow::Result<SeedCommit> {
    Ok(SeedCommit {
        commitment: commitment(ELECTION_ID, salt, seed)?,
        election_id: text!(ELECTION_ID),
        method: CommitMethod::Sha256JcsV1,
    })
}

/// The seed itself, after a witnessed head that covers the commitment.
pub(super) fn seed_reveal(
    seed: &str,
    salt: [u8; 32],
    commit: Digest,
    head: CitedHead,
) -> anyhow::Result<SeedReveal> {
    Ok(SeedReveal {
        commit,
        election_id: text!(ELECTION_ID),
        head,
        salt: artifact::id::Salt::new(salt),
        seed: text!(seed),
    })
}

/// A sample, drawn from the raw manifest.
pub(super) fn sample(
    seed: &str,
    count: u64,
    generator: Generator,
    reveal: Digest,
) -> anyhow::Result<Sample> {
    let manifest = BallotManifest::read(MANIFEST)?;
    let draws: Vec<draw::Draw<'_>> = match generator {
        Generator::ColoradoV1 => {
            draw::colorado(&manifest, seed)?.take(usize::try_from(count)?).collect()
        }
        Generator::HkdfV1 => draw::hkdf(&manifest, seed, ELECTION_ID, count, |_| ())?,
    };
    Ok(Sample {
        ballot_manifest: manifest.digest(),
        cards: manifest.total(),
        count,
        draws: draws.iter().map(|draw| listed(draw, generator)).collect::<anyhow::Result<_>>()?,
        election_id: text!(ELECTION_ID),
        generator,
        reveal,
    })
}

fn listed(draw: &draw::Draw<'_>, generator: Generator) -> anyhow::Result<Draw> {
    let card = match generator {
        Generator::ColoradoV1 => draw.card.to_string(),
        Generator::HkdfV1 => draw.card.id(),
    };
    Ok(Draw { card: text!(card), draw: draw.draw, index: draw.index })
}

/// How many had checked in to vote in a campaign, whose election has its name.
pub(super) fn check_ins(campaign: &str, time: Timestamp, voters: u64) -> anyhow::Result<CheckIns> {
    Ok(CheckIns {
        campaign: text!(campaign),
        election_id: text!(campaign),
        places: Vec::new(),
        time,
        voters,
    })
}

/// The end of an election.
pub(super) fn close(election: &str, entries: u64, head: CitedHead) -> anyhow::Result<Close> {
    Ok(Close {
        election_id: text!(election),
        entries,
        head,
        statement: text!("The records are complete."),
    })
}
