//! The lines about the booth path; none where nothing of it is in the log.

use super::{Seen, of};
use crate::checks::booth::{
    CAMPAIGN_RULES, CHECK_IN_RULES, LIST_RULES, Listed, MANDATE_RULES, OWED_RULES, RECEIPT_RULES,
    RESULT_RULES, SNAPSHOT_RULES, Told, VOTE_RULES,
};
use crate::finding::{Findings, Rule};
use crate::report::Line;

/// All rules of the path, by line.
pub(super) const ALL: &[&[&Rule]] = &[
    CAMPAIGN_RULES,
    SNAPSHOT_RULES,
    OWED_RULES,
    CHECK_IN_RULES,
    LIST_RULES,
    VOTE_RULES,
    MANDATE_RULES,
    RESULT_RULES,
    RECEIPT_RULES,
];

pub(super) fn lines(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    let held = &seen.booths.held;
    if held.is_empty() && !findings.any_of(&ALL.concat()) {
        return;
    }
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let revealed = held.iter().filter(|held| held.revealed.is_there).count();
    let campaigns = of(count(held.len()), "campaign");
    let what = format!("{campaigns}, {revealed} revealed");
    lines.push(Line::checked("booth", what, CAMPAIGN_RULES, findings));
    let snapshots = held.iter().map(|held| count(held.chain.len())).sum();
    let what = format!("{} that follow each other", of(snapshots, "snapshot"));
    lines.push(Line::checked("booth", what, SNAPSHOT_RULES, findings));
    let ended = held.iter().filter(|held| held.last().is_some()).count();
    let what = format!("{ended} of {campaigns} with a last snapshot");
    lines.push(Line::checked("booth", what, OWED_RULES, findings));
    lines.push(match held.iter().map(|held| count(held.check_ins.len())).sum() {
        0 if !findings.any_of(CHECK_IN_RULES) => {
            Line::not_checked("booth", "check-ins", "none were committed to", CHECK_IN_RULES)
        }
        many => {
            let what = format!("{} of check-ins, held against the votes", of(many, "count"));
            Line::checked("booth", what, CHECK_IN_RULES, findings)
        }
    });
    list_lines(seen, findings, lines);
    result_line(seen, findings, lines);
    lines.push(match count(seen.options.receipts.len()) {
        0 => Line::not_checked("booth", "receipts", "none was given", RECEIPT_RULES),
        many => Line::checked("booth", of(many, "receipt"), RECEIPT_RULES, findings),
    });
}

fn list_lines(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    let listed: Vec<&Listed> = seen.booths.listed.iter().flatten().collect();
    let read = u64::try_from(listed.len()).unwrap_or(u64::MAX).saturating_mul(2);
    let sum = |count: fn(&Listed) -> u64| {
        listed.iter().map(|listed| count(listed)).fold(0, u64::saturating_add)
    };
    let (votes, voters) = (sum(|listed| listed.votes), sum(|listed| listed.voters));
    let is_revealed = seen.booths.held.iter().all(|held| held.revealed.stamp_key.is_some());
    let stamps = if is_revealed { "stamp, period, work, option" } else { "period, work, option" };
    let lists = format!("{} as committed to, sorted", of(read, "list"));
    let votes = format!("{}: {stamps}", of(votes, "vote"));
    let voters = format!("{}, each once", of(voters, "mandate"));
    let each = [
        ("the lists", lists, LIST_RULES),
        ("votes", votes, VOTE_RULES),
        ("mandates", voters, MANDATE_RULES),
    ];
    for (unread, what, rules) in each {
        lines.push(if listed.is_empty() && !findings.any_of(rules) {
            let why = if seen.options.lists.is_some() { "not read" } else { "not given" };
            Line::not_checked("booth", unread, why, rules)
        } else {
            Line::checked("booth", what, rules, findings)
        });
    }
}

/// The pages that a publisher shows beside the lists.
fn result_line(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    let pages = seen.booths.told.iter().map(Told::judged).fold(0, u64::saturating_add);
    lines.push(if pages == 0 && !findings.any_of(RESULT_RULES) {
        let why = if seen.booths.told.is_empty() { "not given" } else { "not there" };
        Line::not_checked("booth", "published results", why, RESULT_RULES)
    } else {
        let what = format!("{} of results as log and lists have them", of(pages, "page"));
        Line::checked("booth", what, RESULT_RULES, findings)
    });
}
