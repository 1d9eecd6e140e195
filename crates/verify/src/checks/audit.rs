//! The audit: the seed committed before it was revealed, and the samples drawn again.
//!
//! Whoever commits to a seed knows it from then on. So everything that a sample rests on has to
//! stand before the first commitment to it: the ballot manifest, the plan, the results.

use artifact::bundle::Source;
use artifact::register::Register;

use crate::error::CouldNotCheck;
use crate::finding::{Findings, Rule, audit};
use crate::replay::ledger::Ledger;

mod paper;
mod plan;
mod redraw;
mod sample;
mod seed;

/// The rules about the seed.
pub(crate) static SEED_RULES: &[&Rule] = &[
    &audit::COMMIT_MISSING,
    &audit::COMMITMENT,
    &audit::NOT_BEFORE,
    &audit::HEAD_SHORT,
    &audit::CHOICE_OF_SEEDS,
    &audit::REVEALED_TWICE,
    &audit::RESULT_LATE,
    &audit::REVEAL_UNUSED,
    &audit::SEED_AGAIN,
];

/// The rules about samples.
pub(crate) static SAMPLE_RULES: &[&Rule] = &[
    &audit::REVEAL_MISSING,
    &audit::MANIFEST_MISSING,
    &audit::MANIFEST_LATE,
    &audit::MANIFEST_FAULTY,
    &audit::CARDS,
    &audit::DRAW,
    &audit::TWO_SEEDS,
    &audit::PLAN_LATE,
    &audit::PLAN_MANIFEST,
    &audit::PLAN_SIZE,
    &audit::MANIFEST_LARGE,
    &audit::MANIFEST_AGAIN,
    &audit::PLAN_GENERATOR,
];

/// How much of the audit was looked at.
#[derive(Debug, Default)]
pub(crate) struct Audited {
    /// Index of each commitment with that of its reveal.
    pub(crate) seeds: Vec<(u64, u64)>,
    /// Cards drawn again.
    pub(crate) draws: u64,
    /// Samples drawn again.
    pub(crate) samples: u64,
    /// Samples that were not drawn again.
    pub(crate) not_drawn: u64,
    /// Whether samples were to be drawn again at all.
    pub(crate) redraw: bool,
    /// Samples by a second generator from one seed and ballot manifest, where no plan names one.
    pub(crate) choices: u64,
    /// Audit plans in the log.
    pub(crate) plans: u64,
}

/// Checks seeds and samples. Samples are drawn again only if asked for.
pub(crate) fn check(
    source: &dyn Source,
    register: &Register,
    ledger: &Ledger,
    redraw: bool,
    findings: &mut Findings,
) -> Result<Audited, CouldNotCheck> {
    let plans = u64::try_from(ledger.plans.len()).unwrap_or(u64::MAX);
    let mut audited = Audited { redraw, plans, ..Audited::default() };
    let seeds = seed::check(register, ledger, &mut audited, findings);
    seed::results_first(register, ledger, &seeds, findings);
    let mut bench = sample::Bench::new(source, register, ledger, &seeds, redraw);
    for placed in &ledger.samples {
        let mut own = Vec::new();
        let drawn = bench.sample(placed, &mut own)?;
        findings.extend(own);
        match drawn {
            Some(cards) => {
                audited.samples = audited.samples.saturating_add(1);
                audited.draws = audited.draws.saturating_add(cards);
            }
            None => audited.not_drawn = audited.not_drawn.saturating_add(1),
        }
    }
    seed::all_used(register, ledger, &bench.used, findings);
    audited.choices = bench.choices();
    Ok(audited)
}
