//! Samples and the plans that were made before anybody knew the seed.

use std::collections::BTreeSet;

use artifact::id::Name;
use artifact::payload::audit::Generator;
use artifact::payload::{AuditPlan, Sample};

use crate::finding::{Finding, audit};
use crate::replay::ledger::Placed;

/// Holds a sample against the plans. `known` is the entry from which on somebody knows its seed.
/// True if the plans say by which generator it is drawn.
pub(super) fn check(
    plans: &[Placed<AuditPlan>],
    known: u64,
    index: u64,
    sample: &Sample,
    findings: &mut Vec<Finding>,
) -> bool {
    if plans.is_empty() {
        return false;
    }
    let names = |plan: &&Placed<AuditPlan>| {
        plan.what.ballot_manifest.is_none_or(|manifest| manifest == sample.ballot_manifest)
    };
    let in_force = in_force(plans, known);
    let mut own: Vec<&Placed<AuditPlan>> = in_force.into_iter().filter(names).collect();
    if own.is_empty() {
        let late = plans.iter().filter(|plan| plan.index > known).find(names);
        let (rule, expected, found) = match late {
            Some(late) => (
                &audit::PLAN_LATE,
                format!("its plan before entry {known}"),
                format!("one at entry {}", late.index),
            ),
            None => (
                &audit::PLAN_MANIFEST,
                format!("the ballot manifest of a plan before entry {known}"),
                sample.ballot_manifest.to_string(),
            ),
        };
        findings.push(Finding::entry(rule, index, expected, found));
    }
    let generators: Vec<Generator> = own.iter().filter_map(|plan| plan.what.generator).collect();
    let bound = !own.is_empty() && generators.len() == own.len();
    if bound && !generators.contains(&sample.generator) {
        let expected = generators.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        let found = sample.generator.to_string();
        findings.push(Finding::entry(&audit::PLAN_GENERATOR, index, expected, found));
        return bound;
    }
    own.retain(|plan| plan.what.generator.is_none_or(|named| named == sample.generator));
    let planned = own.iter().filter_map(|plan| plan.what.initial_sample).max();
    if let Some(planned) = planned.filter(|planned| sample.count < *planned) {
        let (expected, found) = (format!("{planned} draws"), format!("{} draws", sample.count));
        findings.push(Finding::entry(&audit::PLAN_SIZE, index, expected, found));
    }
    bound
}

/// The plans before an entry that are the last word on at least one of their contests.
fn in_force(plans: &[Placed<AuditPlan>], before: u64) -> Vec<&Placed<AuditPlan>> {
    let mut spoken: BTreeSet<&Name> = BTreeSet::new();
    let earlier = plans.iter().rev().filter(|plan| plan.index < before);
    earlier
        .filter(|plan| {
            let before = spoken.len();
            spoken.extend(&plan.what.contests);
            spoken.len() > before
        })
        .collect()
}
