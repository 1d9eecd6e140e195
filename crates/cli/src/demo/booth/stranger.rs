//! A stranger who verifies a campaign: from a bundle, an anchor, both lists, and perhaps a receipt.

use std::time::Instant;

use verify::{Options, Report, Silent, Verdict, replay};

use super::election::Evidence;
use crate::demo::stage::Stage;

/// Verifies the evidence; `receipts` are voters' records.
pub(super) fn verify(evidence: &Evidence, receipts: &[Vec<u8>]) -> anyhow::Result<Report> {
    let options = Options {
        anchor: Some(evidence.anchor.clone()),
        lists: Some(verify::open_lists(&evidence.lists)?),
        receipts: receipts.to_vec(),
        ..Options::default()
    };
    let source = verify::open(&evidence.bundle.to_string_lossy())?;
    Ok(replay(&*source, &options, &Silent)?)
}

/// Verifies an honest campaign of so many votes, and tells what came of it; whether all of it holds
/// and all was read.
pub(super) fn look(
    evidence: &Evidence,
    receipt: Vec<u8>,
    votes: u64,
    stage: &mut Stage<'_>,
) -> anyhow::Result<bool> {
    let begun = Instant::now();
    let report = verify(evidence, &[receipt])?;
    let seconds = begun.elapsed().as_secs_f64();
    let campaign = report.campaigns.first();
    let lists = campaign.and_then(|campaign| campaign.lists.as_ref());
    let (read, voters) = lists.map_or((0, 0), |lists| (lists.votes, lists.voters));
    let snapshots = campaign.map_or(0, |campaign| campaign.snapshots);
    let artifacts = report.counts.artifacts;
    let found = match findings(&report).as_slice() {
        [] => "no finding".to_owned(),
        ids => ids.join(", "),
    };
    let whole =
        format!("{artifacts} artifacts, {snapshots} snapshots, {read} votes, {voters} voters");
    stage.step("verified", &format!("{whole}: {found}"))?;
    stage.more(&format!("each stamp, nonce and mandate was judged, in {seconds:.1} s"))?;
    let stamps = campaign.and_then(|campaign| campaign.stamps.as_ref());
    let stamps = stamps.map_or(0, |stamps| stamps.issued);
    stage.more(&format!("the platform has told of {stamps} stamps that it gave"))?;
    stage.more("the receipt that a voter has kept is held against the list")?;
    let is_whole = (read, voters) == (votes, votes) && stamps >= votes;
    Ok(report.verdict == Verdict::Holds && report.findings.is_empty() && is_whole)
}

/// The ids of what was found, in their order.
pub(super) fn findings(report: &Report) -> Vec<&'static str> {
    report.finding_counts.keys().copied().collect()
}
