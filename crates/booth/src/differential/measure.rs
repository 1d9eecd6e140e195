//! The statistics: what each test computes from the growth in windows.

use super::fit::{Fit, overall};
use super::mixture;
use super::number::mean;
use super::residual::{deleted, variances};
use super::test::Test;
use super::window::Counts;

/// Counts a series has in a window, on average at least, to be judged by itself.
const COUNT: f64 = 20.0;

/// One curve of growth, and how far its deleted residuals usually lie from 0.
#[derive(Debug, Clone)]
struct Curve {
    /// The option or station; `None` for all together.
    number: Option<usize>,
    /// Its share of all votes.
    share: f64,
    /// Standard deviations, of all windows but the first and the last.
    deviations: Vec<f64>,
}

/// A test with all that its statistic needs besides the counts.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub test: Test,
    curves: Vec<Curve>,
}

/// Where a value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// The option or station; `None` for all together.
    pub number: Option<usize>,
    /// The window; of a shift, the one behind the edge.
    pub window: usize,
}

impl Measure {
    /// `None` where the counts do not have what the test compares.
    pub(super) fn of(test: Test, fit: &Fit, counts: &Counts) -> Option<Self> {
        let waiting = fit.lots.variances(fit.votes.len());
        let curve = |number: Option<usize>, share: f64, means: &[f64], held: f64| {
            let waiting: Vec<f64> = waiting.iter().map(|one| one * held * held).collect();
            // A lone vote is no news, however quiet the day.
            let deviations =
                variances(means, &waiting).into_iter().map(|one| one.max(1.0).sqrt()).collect();
            Curve { number, share, deviations }
        };
        let parts = |shares: &[f64], rates: &[f64], held: bool| -> Vec<Curve> {
            let enough = |share: f64| mean(rates) * share >= COUNT;
            let parts = shares.iter().copied().enumerate().filter(|(_, share)| enough(*share));
            let part = |(number, share): (usize, f64)| {
                let means: Vec<f64> = rates.iter().map(|rate| rate * share).collect();
                curve(Some(number), share, &means, if held { share } else { 0.0 })
            };
            parts.map(part).collect()
        };
        let curves = match test {
            Test::Growth => {
                let mut curves = vec![curve(None, 1.0, &fit.votes, 1.0)];
                let shares = counts.options.as_deref().map(overall).unwrap_or_default();
                curves.extend(parts(&shares, &fit.votes, true));
                curves
            }
            Test::Stations => {
                let stamps = counts.stamps()?;
                let shares = counts.stations.as_deref().map(overall)?;
                parts(&shares, &super::residual::smooth(&stamps), false)
            }
            Test::Stamps => vec![curve(None, 1.0, fit.unused.as_deref()?, 1.0)],
            Test::CheckIns => vec![curve(None, 1.0, fit.absent.as_deref()?, 1.0)],
            Test::Mixture | Test::Drift => {
                counts.options.as_ref()?;
                return Some(Self { test, curves: Vec::new() });
            }
        };
        (!curves.is_empty()).then_some(Self { test, curves })
    }

    /// The options or stations that are judged one by one.
    pub(super) fn numbers(&self) -> Vec<usize> {
        self.curves.iter().filter_map(|curve| curve.number).collect()
    }

    /// The curves that are judged, as growth of what arrived.
    pub(super) fn rows(&self, fit: &Fit, counts: &Counts) -> Vec<Vec<f64>> {
        let votes = fit.lots.settle(&counts.votes, 1.0);
        let surplus = |whole: Option<Vec<f64>>| -> Vec<f64> {
            let whole = whole.unwrap_or_default();
            whole.iter().zip(&votes).map(|(whole, votes)| whole - votes).collect()
        };
        let part = |rows: &Option<Vec<Vec<f64>>>, number: usize| -> Vec<f64> {
            rows.as_ref().and_then(|rows| rows.get(number)).cloned().unwrap_or_default()
        };
        let row = |curve: &Curve| match (self.test, curve.number) {
            (Test::Stations, Some(number)) => part(&counts.stations, number),
            (Test::Stamps, _) => surplus(counts.stamps()),
            (Test::CheckIns, _) => surplus(counts.check_ins.clone()),
            (_, Some(number)) => fit.lots.settle(&part(&counts.options, number), curve.share),
            (_, None) => votes.clone(),
        };
        self.curves.iter().map(row).collect()
    }

    /// The variance that each window would have by itself, were it `spread` times as large as the
    /// model's, less the model's.
    pub(super) fn unrest(&self, spread: f64) -> f64 {
        // Σ c(j)² of an inner window.
        const WEIGHT: f64 = 70.0 / 36.0;
        let deviations = self.curves.iter().flat_map(|curve| &curve.deviations);
        let variances: Vec<f64> = deviations.map(|one| one * one).collect();
        (spread - 1.0).max(0.0) * mean(&variances) / WEIGHT
    }

    /// The residuals of rows in standard deviations, each squared with its sign.
    pub(super) fn residuals(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let one = |(row, curve): (&Vec<f64>, &Curve)| -> Vec<f64> {
            let scaled = deleted(row).into_iter().zip(&curve.deviations);
            scaled.map(|(rest, deviation)| rest / deviation).map(|z| z * z.abs()).collect()
        };
        rows.iter().zip(&self.curves).flat_map(one).collect()
    }

    /// The values that are compared, in the order of [`Self::cells`].
    pub(super) fn values(&self, fit: &Fit, counts: &Counts) -> Vec<f64> {
        let options = counts.options.as_deref().unwrap_or_default();
        match self.test {
            Test::Mixture => {
                let windows = super::fit::turned(options);
                let pairs = windows.windows(2);
                pairs.map(|pair| if let [a, b] = pair { mixture::g(a, b) } else { 0.0 }).collect()
            }
            Test::Drift => {
                options.iter().map(|option| mixture::trend(option, &counts.votes)).collect()
            }
            _ => self.residuals(&self.rows(fit, counts)),
        }
    }

    /// Where the values belong, among `windows` windows and `options` options.
    pub(super) fn cells(&self, windows: usize, options: usize) -> Vec<Cell> {
        match self.test {
            Test::Mixture => (1..windows).map(|window| Cell { number: None, window }).collect(),
            Test::Drift => {
                (0..options).map(|number| Cell { number: Some(number), window: 0 }).collect()
            }
            _ => {
                let judged = 1..windows.saturating_sub(1);
                let curve = |curve: &Curve| {
                    let number = curve.number;
                    judged.clone().map(move |window| Cell { number, window })
                };
                self.curves.iter().flat_map(curve).collect()
            }
        }
    }
}
