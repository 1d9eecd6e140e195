//! The deleted residual of a local cubic: how far a window is from what its neighbours say.
//!
//! Savitzky and Golay's filter of five points (Analytical Chemistry 36, 1964) fits a cubic through
//! a window and two neighbours on each side. Where the window itself is left out of its fit
//! (Allen's PRESS residual, Technometrics 16, 1974), what remains of window i is
//!
//! ```text
//! e(i) = y(i) - (4 y(i-1) + 4 y(i+1) - y(i-2) - y(i+2)) / 6
//! ```
//!
//! which is 0 for any cubic: a morning's rise and an evening's peak leave nothing. The second
//! window, and the last but one, have the quadratic through 0, 2 and 3 windows away instead:
//! `e(1) = y(1) - (y(0)/3 + y(2) - y(3)/3)`. The first and the last are not judged: to go on from
//! one side only says too little.
//!
//! Its variance, for counts whose variance is their mean and with edges at which an uncertain
//! number of votes still waits for its batch:
//!
//! ```text
//! Var e(i) = Σ c(j)² mean(j) + Σ (c(j) - c(j-1))² waiting(j)
//! ```
//!
//! over the windows j and the edges j before each: what waits at an edge is missing on its one
//! side and comes on the other.

/// Residuals of all windows but the first and the last.
pub(super) fn deleted(growth: &[f64]) -> Vec<f64> {
    let quadratic = |a: f64, b: f64, c: f64, d: f64| b - (a / 3.0 + c - d / 3.0);
    let first = match growth {
        [a, b, c, d, ..] => Some(quadratic(*a, *b, *c, *d)),
        _ => None,
    };
    let middle = growth.windows(5).filter_map(|five| match five {
        [far, near, here, next, after] => Some(here - (4.0 * (near + next) - (far + after)) / 6.0),
        _ => None,
    });
    let last = match growth {
        [.., d, c, b, a] => Some(quadratic(*a, *b, *c, *d)),
        _ => None,
    };
    first.into_iter().chain(middle).chain(last).collect()
}

/// Their variances, from the means of the windows and the variance of what waits at each edge:
/// one edge more than windows.
pub(super) fn variances(means: &[f64], waiting: &[f64]) -> Vec<f64> {
    const END: [f64; 4] = [1.0 / 9.0, 1.0, 1.0, 1.0 / 9.0];
    const END_EDGES: [f64; 5] = [1.0 / 9.0, 16.0 / 9.0, 4.0, 16.0 / 9.0, 1.0 / 9.0];
    const MIDDLE: [f64; 5] = [1.0 / 36.0, 4.0 / 9.0, 1.0, 4.0 / 9.0, 1.0 / 36.0];
    const MIDDLE_EDGES: [f64; 6] =
        [1.0 / 36.0, 25.0 / 36.0, 25.0 / 9.0, 25.0 / 9.0, 25.0 / 36.0, 1.0 / 36.0];
    let first = dot(means.iter(), &END) + dot(waiting.iter(), &END_EDGES);
    let middle = means
        .windows(5)
        .zip(waiting.windows(6))
        .map(|(means, waiting)| dot(means.iter(), &MIDDLE) + dot(waiting.iter(), &MIDDLE_EDGES));
    let last = dot(means.iter().rev(), &END) + dot(waiting.iter().rev(), &END_EDGES);
    core::iter::once(first).chain(middle).chain(core::iter::once(last)).collect()
}

fn dot<'a>(values: impl Iterator<Item = &'a f64>, weights: &[f64]) -> f64 {
    values.zip(weights).map(|(value, weight)| value * weight).sum()
}

/// A smooth curve that one odd window does not move: the running median of five, then of each
/// value, its neighbours and itself again the mean (Tukey, Exploratory Data Analysis, 1977).
pub(super) fn smooth(values: &[f64]) -> Vec<f64> {
    let count = values.len();
    let median = |at: usize| {
        let reach = at.min(count.saturating_sub(at).saturating_sub(1)).min(2);
        let from = at.saturating_sub(reach);
        let near: Vec<f64> = values
            .iter()
            .skip(from)
            .take(reach.saturating_mul(2).saturating_add(1))
            .copied()
            .collect();
        middle(near)
    };
    let medians: Vec<f64> = (0..count).map(median).collect();
    let before = medians.first().into_iter().chain(&medians);
    let after = medians.iter().skip(1).chain(medians.last());
    let hanned = before.zip(&medians).zip(after);
    hanned.map(|((before, here), after)| (before + 2.0 * here + after) / 4.0).collect()
}

/// The middle value; of an even number the upper one; 0 of nothing.
pub(super) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
