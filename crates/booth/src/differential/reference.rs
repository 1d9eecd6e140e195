//! How great a statistic gets on honest days: a Monte Carlo test of the greatest value.
//!
//! Of a test's values the greatest is compared with the greatest of each of `draws` simulated
//! honest days (Barnard 1963; Besag and Clifford, Biometrika 78, 1991), which accounts for all
//! windows, options and stations at once (the single-step max-T of Westfall and Young,
//! Resampling-Based Multiple Testing, 1993):
//!
//! ```text
//! p = (1 + simulated days whose greatest value is as great) / (1 + simulated days)
//! ```
//!
//! People come in groups, so that a day varies more than a Poisson stream. Each day, real or
//! simulated, is therefore measured by its own scale, the mean of the lower four fifths of its
//! values: a trimmed form of the genomic control of Devlin and Roeder (Biometrics 55, 1999), which
//! a few great values do not move.

use canon::Digest;

use super::fit::{Fit, Spread};
use super::measure::Measure;
use super::number::{floor, length, mean};
use super::random::Stream;

/// The least scale, where hardly anything varies at all.
const LEAST: f64 = 0.25;

/// What honest days gave.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    is_scaled: bool,
    /// The mean of the lower four fifths, over all days.
    usual: f64,
    /// The greatest value of each day in its scale, greatest first.
    greatest: Vec<f64>,
}

impl Reference {
    /// Simulates honest days, and measures all of them by all measures.
    pub(super) fn simulate(
        measures: &[Measure],
        fit: &Fit,
        seed: &Digest,
        draws: u32,
    ) -> Vec<Self> {
        let mut days: Vec<Vec<(f64, f64)>> = vec![Vec::new(); measures.len()];
        for number in 0..u64::from(draws) {
            let mut stream = Stream::new(seed, "honest", number);
            let day = fit.draw(Spread::NONE, &mut stream);
            for (measure, days) in measures.iter().zip(&mut days) {
                let sizes = sizes(&measure.values(fit, &day));
                days.push((lower(&sizes), sizes.last().copied().unwrap_or_default()));
            }
        }
        let reference = |(measure, days): (&Measure, Vec<(f64, f64)>)| {
            let is_scaled = measure.test.is_scaled();
            let usual = mean(&days.iter().map(|(lower, _)| *lower).collect::<Vec<_>>());
            let mut one = Self { is_scaled, usual, greatest: Vec::new() };
            one.greatest = days.iter().map(|(lower, most)| most / one.scale_of(*lower)).collect();
            one.greatest.sort_by(|a, b| b.total_cmp(a));
            one
        };
        measures.iter().zip(days).map(reference).collect()
    }

    /// How much more a day's values vary than those of simulated days: a ratio of variances.
    pub(super) fn scale(&self, values: &[f64]) -> f64 {
        self.scale_of(lower(&sizes(values)))
    }

    fn scale_of(&self, lower: f64) -> f64 {
        if !self.is_scaled {
            return 1.0;
        }
        if self.usual > 0.0 { (lower / self.usual).max(LEAST) } else { 1.0 }
    }

    /// The chance of a greatest value as great as this on an honest day.
    pub(super) fn p(&self, scaled: f64) -> f64 {
        let as_great = self.greatest.partition_point(|one| *one >= scaled);
        (1.0 + length(as_great)) / (1.0 + length(self.greatest.len()))
    }

    /// What a scaled value has to exceed to have a p of at most `level`.
    pub(super) fn critical(&self, level: f64) -> f64 {
        // A hair more, so that 0.002 of 2000 is 4.
        let allowed = floor(level * (1.0 + length(self.greatest.len())) + 1e-9);
        let at = allowed.checked_sub(1).and_then(|at| self.greatest.get(at));
        at.copied().unwrap_or(f64::INFINITY)
    }

    /// The greatest value of a day, in its scale.
    pub(super) fn greatest(&self, values: &[f64]) -> f64 {
        let sizes = sizes(values);
        sizes.last().copied().unwrap_or_default() / self.scale_of(lower(&sizes))
    }
}

/// The values without their signs, smallest first.
fn sizes(values: &[f64]) -> Vec<f64> {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes
}

/// The mean of the lower four fifths.
fn lower(sizes: &[f64]) -> f64 {
    let kept = sizes.len().saturating_mul(4).div_ceil(5);
    mean(sizes.get(..kept).unwrap_or_default())
}
