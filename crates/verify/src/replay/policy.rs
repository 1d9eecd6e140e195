//! The witness policy as reports state it: that of the head, and how it stands to the charter's.

use std::collections::BTreeSet;

use artifact::register::{Register, WitnessPolicy};

use crate::checks::head::{HeadRead, LogKeys};
use crate::report::{Amended, Head};

/// The head as the report states it.
pub(super) fn stated(head: &HeadRead, register: &Register, keys: &LogKeys) -> Head {
    let policy = register.witness_policy_at(head.size);
    Head {
        tree_size: head.size,
        root_hash: head.root,
        origin: head.origin.clone(),
        log_id: keys.log_id(),
        timestamp: head.time,
        witnessed_by: head.threshold_met,
        witnesses: policy.map_or_else(Vec::new, |policy| head.cosigners(policy)),
        organisations: policy.map_or(0, |policy| head.organisations(policy)),
        threshold: policy.map_or(0, |policy| policy.threshold),
        organisations_in_force: policy.map_or(0, organisations),
    }
}

/// How the policy for a head of this size stands to the charter's, if amendments have changed it.
///
/// `policy_sizes` are the sizes at which a policy begins, ascending.
pub(super) fn amended(register: &Register, policy_sizes: &[u64], size: u64) -> Option<Amended> {
    let mut policies = policy_sizes
        .iter()
        .filter(|from| **from <= size)
        .filter_map(|from| register.witness_policy_at(*from));
    let charter = policies.next()?;
    let (mut current, mut index) = (charter, 0);
    for policy in policies {
        if !is_same(policy, current) {
            // A policy begins two after the amendment's index.
            index = policy.from_size.saturating_sub(2);
        }
        current = policy;
    }
    (!is_same(current, charter)).then(|| Amended {
        index,
        threshold: current.threshold,
        organisations: organisations(current),
        charter_threshold: charter.threshold,
        charter_organisations: organisations(charter),
    })
}

fn is_same(one: &WitnessPolicy, other: &WitnessPolicy) -> bool {
    one.threshold == other.threshold && one.witnesses == other.witnesses
}

/// How many organisations have a witness.
fn organisations(policy: &WitnessPolicy) -> u64 {
    let all: BTreeSet<&str> =
        policy.witnesses.iter().map(|witness| witness.organisation.as_str()).collect();
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}
