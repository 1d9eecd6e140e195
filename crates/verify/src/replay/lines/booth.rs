//! The lines about the booth path; none where nothing of it is in the log.

use super::{Seen, of};
use crate::checks::booth::{CAMPAIGN_RULES, OWED_RULES, SNAPSHOT_RULES};
use crate::finding::{Findings, Rule};
use crate::report::Line;

/// All rules of the path, by line.
pub(super) const ALL: &[&[&Rule]] = &[CAMPAIGN_RULES, SNAPSHOT_RULES, OWED_RULES];

pub(super) fn lines(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    if seen.held.is_empty() && !findings.any_of(&ALL.concat()) {
        return;
    }
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let revealed = seen.held.iter().filter(|held| held.revealed.is_there).count();
    let campaigns = of(count(seen.held.len()), "campaign");
    let what = format!("{campaigns}, {revealed} revealed");
    lines.push(Line::checked("booth", what, CAMPAIGN_RULES, findings));
    let snapshots = seen.held.iter().map(|held| count(held.chain.len())).sum();
    let what = format!("{} that follow each other", of(snapshots, "snapshot"));
    lines.push(Line::checked("booth", what, SNAPSHOT_RULES, findings));
    let ended = seen.held.iter().filter(|held| held.last().is_some()).count();
    let what = format!("{ended} of {campaigns} with a last snapshot");
    lines.push(Line::checked("booth", what, OWED_RULES, findings));
}
