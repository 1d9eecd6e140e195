//! What many small bursts leave, where none of them stands out by itself.
//!
//! Each row has one value a window that is about as uncertain everywhere: of an option, how far its
//! share is from the running median of nine windows, in binomial standard deviations.
//!
//! **Fold.** Something that is done in every n-th window is seen where the day is folded to n
//! windows (epoch folding: D. A. Leahy and others, Astrophysical Journal 266, 1983): Student's t
//! (Biometrika 6, 1908) between the windows of one phase and all others, the greatest of the n
//! phases. It divides by what the windows vary within the two, so that bursts do not hide
//! themselves by making the day restless.
//!
//! **Lean.** Something that is done in fewer than half the windows, whichever, makes the values
//! lean to one side. Overdispersion does not:
//!
//! ```text
//! lean = |ln(Σ above² / Σ below²)|, each value's distance from the median of all
//! ```
//!
//! the ratio of the two semivariances (H. Markowitz, Portfolio Selection, 1959, chapter 9) about
//! the median.

use super::fit::turned;
use super::number::length;
use super::residual::middle;

/// Windows on each side that a running median looks at.
const REACH: usize = 4;

/// Periods that are looked for, in windows.
pub(super) const PERIODS: core::ops::RangeInclusive<usize> = 2..=8;

/// How far each option's share is from its running median, in binomial standard deviations; a row
/// an option.
pub(super) fn shares(options: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let whole: Vec<f64> = turned(options).iter().map(|row| row.iter().sum::<f64>()).collect();
    let row = |option: &Vec<f64>| -> Vec<f64> {
        let shares: Vec<f64> =
            option.iter().zip(&whole).map(|(part, whole)| part / whole.max(1.0)).collect();
        let usual = medians(&shares);
        let one = |((part, whole), usual): ((&f64, &f64), f64)| {
            let usual = usual.clamp(0.001, 0.999);
            (part - whole * usual) / (whole.max(1.0) * usual * (1.0 - usual)).sqrt()
        };
        option.iter().zip(&whole).zip(usual).map(one).collect()
    };
    options.iter().map(row).collect()
}

/// The running median of nine, of fewer at the ends.
fn medians(values: &[f64]) -> Vec<f64> {
    let near = |at: usize| {
        let from = at.saturating_sub(REACH);
        let to = at.saturating_add(REACH).saturating_add(1).min(values.len());
        middle(values.get(from..to).unwrap_or_default().to_vec())
    };
    (0..values.len()).map(near).collect()
}

/// For each period the greatest t of its phases, and the phase. `places` says which window of the
/// day each value is of.
pub(super) fn folds(values: &[f64], places: &[usize]) -> Vec<Fold> {
    let (count, sum) = (length(values.len()), values.iter().sum::<f64>());
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let of = |period: usize| {
        let mut parts = vec![(0.0, 0.0); period];
        for (value, place) in values.iter().zip(places) {
            let phase = place.checked_rem(period).unwrap_or_default();
            if let Some((number, part)) = parts.get_mut(phase) {
                *number += 1.0;
                *part += value;
            }
        }
        let t = |(phase, (number, part)): (usize, &(f64, f64))| {
            let t = student((*number, *part), (count - number, sum - part), squares);
            Fold { period, phase, t }
        };
        let none = Fold { period, phase: 0, t: 0.0 };
        let folds = parts.iter().enumerate().map(t);
        folds.fold(none, |most, one| if one.t.abs() > most.t.abs() { one } else { most })
    };
    PERIODS.map(of).collect()
}

/// A phase of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fold {
    pub period: usize,
    pub phase: usize,
    /// Student's t; above 0 where the windows of the phase have more.
    pub t: f64,
}

/// Student's t of two samples, from the number and the sum of each and the sum of all squares.
fn student(one: (f64, f64), other: (f64, f64), squares: f64) -> f64 {
    let freedom = one.0 + other.0 - 2.0;
    if one.0 < 2.0 || other.0 < 2.0 {
        return 0.0;
    }
    let within = squares - one.1 * one.1 / one.0 - other.1 * other.1 / other.0;
    let variance = within / freedom * (1.0 / one.0 + 1.0 / other.0);
    let difference = one.1 / one.0 - other.1 / other.0;
    if variance > 0.0 { difference / variance.sqrt() } else { 0.0 }
}

/// How far values lean, above 0 to the upper side.
pub(super) fn lean(values: &[f64]) -> f64 {
    let usual = middle(values.to_vec());
    let (mut above, mut below) = (0.0_f64, 0.0_f64);
    for value in values {
        let rest = value - usual;
        if rest > 0.0 {
            above += rest * rest;
        } else {
            below += rest * rest;
        }
    }
    // A hair more on both sides, so that values that are all alike lean to neither.
    let hair = 1e-9;
    ((above + hair) / (below + hair)).ln()
}

/// Which values lie farther from the middle, on the side to which they lean, than any does on the
/// other.
pub(super) fn far(values: &[f64], is_above: bool) -> Vec<bool> {
    let usual = middle(values.to_vec());
    let sign = if is_above { 1.0 } else { -1.0 };
    let rests: Vec<f64> = values.iter().map(|value| sign * (value - usual)).collect();
    let other = rests.iter().fold(0.0_f64, |most, rest| most.max(-rest));
    rests.into_iter().map(|rest| rest > other).collect()
}
