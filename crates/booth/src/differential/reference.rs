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

use super::fit::{Fit, Spread, turned};
use super::measure::Measure;
use super::number::{floor, length, mean};
use super::random::Stream;
use super::test::Test;

/// The least scale, where hardly anything varies at all.
const LEAST: f64 = 0.25;

/// How the values of a test are made comparable.
#[derive(Debug, Clone)]
enum Norm {
    /// By the day's own scale; the mean of the lower four fifths, over all days.
    Own(f64),
    /// They are already.
    Plain,
    /// Each by its mean over all days, and by so much as an honest day may exceed that.
    Bound { usual: Vec<f64>, limits: Vec<f64> },
    /// Each by its mean and deviation over all days.
    Standard(Vec<(f64, f64)>),
}

/// What honest days gave.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    norm: Norm,
    /// The greatest value of each day, made comparable, greatest first.
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
        let mut days: Vec<Vec<Vec<f64>>> = vec![Vec::new(); measures.len()];
        for number in 0..u64::from(draws) {
            let mut stream = Stream::new(seed, "honest", number);
            let day = fit.draw(Spread::NONE, &mut stream);
            for (measure, days) in measures.iter().zip(&mut days) {
                let values = measure.values(fit, &day);
                // Of many values only what is needed is kept.
                days.push(match measure.test {
                    Test::Spread | Test::Rhythm | Test::Lean => values,
                    _ => vec![lower(&values), most(&values)],
                });
            }
        }
        measures.iter().zip(days).map(|(measure, days)| Self::of(measure, &days)).collect()
    }

    fn of(measure: &Measure, days: &[Vec<f64>]) -> Self {
        let columns = turned(days);
        let means = || columns.iter().map(|column| mean(column));
        let norm = match measure.test {
            Test::Drift => Norm::Plain,
            Test::Spread => {
                Norm::Bound { usual: means().collect(), limits: vec![1.0; columns.len()] }
            }
            Test::Rhythm | Test::Lean => {
                let deviation = |(column, mean): (&Vec<f64>, f64)| {
                    let squares: f64 = column.iter().map(|one| (one - mean) * (one - mean)).sum();
                    (mean, (squares / length(column.len().max(1))).sqrt())
                };
                Norm::Standard(columns.iter().zip(means()).map(deviation).collect())
            }
            _ => Norm::Own(means().next().unwrap_or_default()),
        };
        let mut one = Self { norm, greatest: Vec::new() };
        one.greatest = match measure.test {
            Test::Spread | Test::Rhythm | Test::Lean => {
                days.iter().map(|values| one.greatest(values)).collect()
            }
            _ => days
                .iter()
                .map(|day| {
                    if let [lower, most] = day.as_slice() {
                        most / one.scale_of(*lower)
                    } else {
                        0.0
                    }
                })
                .collect(),
        };
        one.greatest.sort_by(|a, b| b.total_cmp(a));
        // Simulated days have the model's own spread; a real one may have more.
        if let Norm::Bound { limits, .. } = &mut one.norm {
            *limits = measure.limits().to_vec();
        }
        one
    }

    /// How much more a day's values vary than those of simulated days: a ratio of variances.
    pub(super) fn scale(&self, values: &[f64]) -> f64 {
        self.scale_of(lower(values))
    }

    fn scale_of(&self, lower: f64) -> f64 {
        match self.norm {
            Norm::Own(usual) if usual > 0.0 => (lower / usual).max(LEAST),
            _ => 1.0,
        }
    }

    /// Each value as it is compared.
    pub(super) fn compared(&self, values: &[f64]) -> Vec<f64> {
        let ratio = |value: f64, usual: f64| if usual > 0.0 { value / usual } else { 0.0 };
        match &self.norm {
            Norm::Own(_) => {
                let scale = self.scale(values);
                values.iter().map(|value| value.abs() / scale).collect()
            }
            Norm::Plain => values.iter().map(|value| value.abs()).collect(),
            Norm::Bound { usual, limits } => {
                let usual = usual.iter().zip(limits).map(|(usual, limit)| usual * limit);
                values.iter().zip(usual).map(|(value, usual)| ratio(*value, usual)).collect()
            }
            Norm::Standard(norms) => values
                .iter()
                .zip(norms)
                .map(|(value, (mean, deviation))| ratio(value - mean, *deviation))
                .collect(),
        }
    }

    /// The greatest value of a day as it is compared.
    pub(super) fn greatest(&self, values: &[f64]) -> f64 {
        self.compared(values).into_iter().fold(f64::NEG_INFINITY, f64::max)
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
}

/// The greatest size.
fn most(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

/// The mean of the lower four fifths of the sizes.
pub(super) fn lower(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let kept = sizes.len().saturating_mul(4).div_ceil(5);
    mean(sizes.get(..kept).unwrap_or_default())
}
