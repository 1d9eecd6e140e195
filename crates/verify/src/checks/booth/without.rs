//! Shards that the last snapshot of a campaign is without.
//!
//! A platform may end a campaign without a shard whose instance is gone, or has told what cannot
//! be, and says so. What that shard had accepted and not given is missing, and nobody can say how
//! much that is: so the results are never whole, and the evidence never more than incomplete.

use std::collections::BTreeMap;

use artifact::payload::platform::LeftOut;
use booth::campaign::Shard;

use super::campaign::Held;
use crate::finding::{Finding, Findings, booth as rules};

impl Held {
    /// The shards that the last snapshot is without.
    pub(crate) fn without(&self) -> &[LeftOut] {
        self.last().map_or(&[], |last| &last.snapshot.without)
    }

    /// Whether the last snapshot is without a shard.
    pub(super) fn is_without(&self, shard: Shard) -> bool {
        self.without().iter().any(|one| one.shard == u64::from(shard.0))
    }

    /// Those whose records are to be counted, each with none yet.
    pub(super) fn uncounted(&self) -> BTreeMap<Shard, u64> {
        let shards = self.without().iter().filter_map(|one| u16::try_from(one.shard).ok());
        shards.map(|shard| (Shard(shard), 0)).collect()
    }
}

/// Finds each shard that is left out.
pub(super) fn judge(held: &Held, findings: &mut Findings) {
    let Some(last) = held.last() else { return };
    let shards = u64::try_from(held.published.receipt_keys.len()).unwrap_or(u64::MAX);
    let name = held.name();
    for LeftOut { reason, records, shard } in held.without() {
        if *shard >= shards {
            let expected = format!("one of {shards} shards, counted from 0");
            let rule = &rules::LEFT_OUT_COUNT;
            findings.push(Finding::entry(rule, last.index, expected, format!("shard {shard}")));
            continue;
        }
        let expected = format!("all records of campaign {name}, of {shards} shards");
        let found = format!(
            "without what shard {shard} had accepted behind its {records} published records \
             (\"{reason}\")"
        );
        findings.push(Finding::entry(&rules::SHARD_LEFT_OUT, last.index, expected, found));
    }
}

/// Holds the records of each of them against those that the list of voters has.
pub(super) fn hold(
    held: &Held,
    counted: &BTreeMap<Shard, u64>,
    path: &str,
    findings: &mut Findings,
) {
    for LeftOut { records, shard, .. } in held.without() {
        let Ok(number) = u16::try_from(*shard) else { continue };
        let found = counted.get(&Shard(number)).copied().unwrap_or(0);
        if found != *records {
            let expected =
                format!("{records} mandates of shard {shard}, as the last snapshot says");
            let found = format!("{found}");
            findings.push(Finding::new(&rules::LEFT_OUT_COUNT, path, expected, found));
        }
    }
}
