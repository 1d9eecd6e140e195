//! The booth path: what its platform logged, and the two lists that stand beside the log.

use artifact::register::Register;

use crate::finding::{Findings, Rule, booth};
use crate::replay::ledger::Ledger;
use crate::replay::times::Times;

mod between;
pub(crate) mod campaign;
mod chain;
pub(crate) mod check_ins;
pub(crate) mod lists;
mod once;
mod reading;
pub(crate) mod receipt;
pub(crate) mod results;
mod reveal;
mod stream;
#[cfg(test)]
mod tests;
mod voters;
mod votes;
mod without;

pub(crate) use campaign::Held;
pub(crate) use lists::{LIST_RULES, Listed, MANDATE_RULES, Search, VOTE_RULES};
pub(crate) use receipt::RECEIPT_RULES;
pub(crate) use results::{RESULT_RULES, Told};
pub(crate) use voters::{LookUp, void};

/// The rules about campaigns and what they reveal.
pub(crate) static CAMPAIGN_RULES: &[&Rule] = &[
    &booth::CAMPAIGN_FAULTY,
    &booth::CAMPAIGN_CHANGED,
    &booth::CAMPAIGN_MISSING,
    &booth::OTHER_PLATFORM,
    &booth::REVEAL_EARLY,
    &booth::COMMITMENT,
    &booth::KEY_SHARED,
    &booth::REMOTE_ALONE,
    &booth::CAMPAIGNS_MANY,
    &booth::RULES_LATE,
    &booth::MAP_MISSING,
];

/// The rules about snapshots by themselves.
pub(crate) static SNAPSHOT_RULES: &[&Rule] = &[
    &booth::SNAPSHOT_GAP,
    &booth::TWO_FACES,
    &booth::SHRUNK,
    &booth::UNEQUAL,
    &booth::AFTER_LAST,
    &booth::LAST_EARLY,
    &booth::TOLD_EARLY,
    &booth::CROWD_SMALL,
    &booth::STAMPS_FELL,
    &booth::TAKEN_AT,
    &booth::LEFT_OUT_COUNT,
];

/// The rules about check-ins.
pub(crate) static CHECK_IN_RULES: &[&Rule] =
    &[&booth::CHECK_INS_FELL, &booth::VOTES_ABOVE_CHECK_INS];

/// The rules about what is still to come.
pub(crate) static OWED_RULES: &[&Rule] =
    &[&booth::LAST_MISSING, &booth::REVEAL_MISSING, &booth::SHARD_LEFT_OUT];

/// Judges the entries of all platforms, and what authorities say of them. The campaigns, in the
/// order of their first entries.
pub(crate) fn entries(
    register: &Register,
    ledger: &Ledger,
    times: &Times,
    findings: &mut Findings,
) -> Vec<Held> {
    let mut all = campaign::all(&ledger.platform, times, findings);
    chain::build(&mut all, &ledger.platform, times, findings);
    check_ins::hold(&mut all, &ledger.platform, times, findings);
    reveal::hold(&mut all, &ledger.platform, times, findings);
    let held = all.held;
    let is_closed = register.closed_at().is_some();
    between::judge(&held, register, findings);
    for campaign in &held {
        without::judge(campaign, findings);
        if is_closed {
            campaign.owed(findings);
        }
    }
    held
}
