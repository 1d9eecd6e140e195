//! Check-ins that the election authority has committed to, held against each other and the votes.

use artifact::payload::CheckIns;
use canon::Timestamp;

use super::campaign::{Campaigns, Held};
use super::chain::AHEAD_S;
use crate::finding::{Finding, Findings, booth as rules};
use crate::replay::platform::{Logged, Platform};
use crate::replay::times::Times;

/// A count of check-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// When all were counted who had checked in.
    pub(crate) time: Timestamp,
    /// How many.
    pub(crate) voters: u64,
}

/// Puts the check-ins to their campaigns. After the snapshots: a later entry may be of an earlier
/// time.
pub(super) fn hold(
    all: &mut Campaigns,
    platform: &Platform,
    times: &Times,
    findings: &mut Findings,
) {
    for logged in &platform.check_ins {
        if let Some(held) = all.named(&logged.what.campaign, logged.index, findings) {
            judge(held, logged, times, findings);
        }
    }
}

fn judge(held: &mut Held, logged: &Logged<CheckIns>, times: &Times, findings: &mut Findings) {
    let Logged { index, what: CheckIns { time, voters, .. }, .. } = logged;
    let (index, time, voters) = (*index, *time, *voters);
    let mut find = |rule, expected: String, found: String| {
        findings.push(Finding::entry(rule, index, expected, found));
    };
    let most = times.at(index).map(|time| time.saturating_plus_seconds(AHEAD_S));
    if let Some(most) = most.filter(|most| time > *most) {
        find(&rules::CHECK_INS_FELL, format!("check-ins of {most} or earlier"), time.to_string());
    }
    if let Some(before) = held.check_ins.last() {
        if time < before.time {
            let expected = format!("check-ins of {} or later", before.time);
            find(&rules::CHECK_INS_FELL, expected, time.to_string());
        }
        if voters < before.voters {
            let expected = format!("{} check-ins or more", before.voters);
            find(&rules::CHECK_INS_FELL, expected, voters.to_string());
        }
    }
    // What the log had by then was cast by people who had checked in by then.
    let until = held.chain.partition_point(|link| link.logged_at.is_some_and(|at| at <= time));
    let newest = until.checked_sub(1).and_then(|newest| held.chain.get(newest));
    if let Some(link) = newest.filter(|link| link.snapshot.votes.records > voters) {
        let votes = link.snapshot.votes.records;
        let of = format!("snapshot {} at entry {}", link.snapshot.number, link.index);
        let expected = format!("{votes} check-ins or more by {time}, the votes of {of}");
        find(&rules::VOTES_ABOVE_CHECK_INS, expected, voters.to_string());
    }
    held.check_ins.push(Counted { time, voters });
}
