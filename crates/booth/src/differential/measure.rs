//! The statistics: what each test computes from the growth in windows.

use core::ops::Range;

use super::bursts::{self, Fold};
use super::fit::{Fit, overall, smooth_runs};
use super::mixture;
use super::number::{length, mean};
use super::reference::lower;
use super::residual::{deleted, variances};
use super::test::Test;
use super::window::Counts;

/// Counts a series has in a window, on average at least, to be judged by itself.
const COUNT: f64 = 20.0;

/// How much more than a Poisson stream the growth of an honest day may vary, and the stamps of a
/// station: groups of one to four that come together, each size as often, have
/// E(size²) / E(size) = 3.
const GROUPS: f64 = 3.0;

/// The same of the mixture, where half of each group vote as its first does:
/// 1 + (3 - 1) / 2 (Kish's design effect).
const ALIKE: f64 = 2.0;

/// Rates wander besides, by 3 in a hundred from one window to the next, and shares by half of that:
/// that adds a thousandth of the counts of a window, which only the largest campaigns notice.
const WANDER: f64 = 1000.0;

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
    /// The tests whose spread is judged, or whose curves are folded.
    parts: Vec<Measure>,
    /// Which options' shares are looked at by themselves.
    shares: Vec<usize>,
    /// What each spread is held against.
    limits: Vec<f64>,
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
        if let Test::Spread | Test::Rhythm | Test::Lean = test {
            return Self::of_bursts(test, fit, counts);
        }
        let waiting = fit.lots.variances(fit.votes.len());
        let curve = |number: Option<usize>, share: f64, means: &[f64], held: f64| {
            let waiting: Vec<f64> = waiting.iter().map(|one| one * held * held).collect();
            let run = |run: &Range<usize>| {
                let means = means.get(run.clone()).unwrap_or_default();
                variances(means, waiting.get(run.start..=run.end).unwrap_or_default())
            };
            // A lone vote is no news, however quiet the day.
            let deviations = fit.runs.iter().flat_map(run).map(|one| one.max(1.0).sqrt()).collect();
            Curve { number, share, deviations }
        };
        let parts = |shares: &[f64], rates: &[f64], held: bool| -> Vec<Curve> {
            let enough = |share: f64| fit.mean(rates) * share >= COUNT;
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
                parts(&shares, &smooth_runs(&stamps, &fit.runs), false)
            }
            Test::Stamps => vec![curve(None, 1.0, fit.unused.as_deref()?, 1.0)],
            Test::CheckIns => vec![curve(None, 1.0, fit.absent.as_deref()?, 1.0)],
            Test::Mixture | Test::Drift => {
                counts.options.as_ref()?;
                return Some(Self::bare(test));
            }
            Test::Spread | Test::Rhythm | Test::Lean => return None,
        };
        (!curves.is_empty()).then_some(Self { curves, ..Self::bare(test) })
    }

    fn bare(test: Test) -> Self {
        let (parts, shares, limits) = (Vec::new(), Vec::new(), Vec::new());
        Self { test, curves: Vec::new(), parts, shares, limits }
    }

    /// The tests for bursts, each of what other tests look at.
    fn of_bursts(test: Test, fit: &Fit, counts: &Counts) -> Option<Self> {
        let part = |test: Test| Self::of(test, fit, counts);
        let votes = fit.mean(&fit.votes);
        let overall = counts.options.as_deref().map(overall).unwrap_or_default();
        let many = |(_, share): &(usize, f64)| votes * share >= COUNT;
        let shares: Vec<usize> =
            overall.into_iter().enumerate().filter(many).map(|(number, _)| number).collect();
        let one = match test {
            Test::Spread => {
                let tests = [Test::Growth, Test::Stations, Test::Mixture];
                let parts: Vec<Self> = tests.into_iter().filter_map(part).collect();
                let limits = parts.iter().map(|part| part.limit(votes)).collect();
                Self { parts, limits, ..Self::bare(test) }
            }
            Test::Rhythm => {
                let tests = [Test::Growth, Test::Stations, Test::Stamps, Test::CheckIns];
                let mut parts: Vec<Self> = tests.into_iter().filter_map(part).collect();
                // An option's share says more than its growth.
                for part in parts.iter_mut().filter(|part| part.test == Test::Growth) {
                    part.curves.retain(|curve| curve.number.is_none());
                }
                Self { parts, shares, ..Self::bare(test) }
            }
            _ => Self { shares, ..Self::bare(test) },
        };
        let is_empty = one.parts.is_empty() && one.shares.is_empty();
        (!is_empty).then_some(one)
    }

    /// The greatest spread that groups of voters explain.
    fn limit(&self, votes: f64) -> f64 {
        let curves = length(self.curves.len().max(1));
        match self.test {
            Test::Mixture => ALIKE + votes / WANDER,
            Test::Stations => GROUPS + votes / curves / WANDER,
            _ => GROUPS + votes / WANDER,
        }
    }

    /// What each spread is held against.
    pub(super) fn limits(&self) -> &[f64] {
        &self.limits
    }

    /// The tests whose spread is judged.
    pub(super) fn parts(&self) -> impl Iterator<Item = Test> {
        self.parts.iter().map(|part| part.test)
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

    /// What is left of a row, and the window of each.
    pub(super) fn rests(fit: &Fit, row: &[f64]) -> Vec<(usize, f64)> {
        let run = |run: &Range<usize>| {
            let rests = deleted(row.get(run.clone()).unwrap_or_default());
            (run.start.saturating_add(1)..).zip(rests).collect::<Vec<_>>()
        };
        fit.runs.iter().flat_map(run).collect()
    }

    /// The residuals of rows in standard deviations, each with its window.
    fn deviates(&self, fit: &Fit, rows: &[Vec<f64>]) -> Vec<Vec<(usize, f64)>> {
        let one = |(row, curve): (&Vec<f64>, &Curve)| {
            let scaled = Self::rests(fit, row).into_iter().zip(&curve.deviations);
            scaled.map(|((at, rest), deviation)| (at, rest / deviation)).collect()
        };
        rows.iter().zip(&self.curves).map(one).collect()
    }

    /// The residuals of rows in standard deviations, each squared with its sign.
    pub(super) fn residuals(&self, fit: &Fit, rows: &[Vec<f64>]) -> Vec<f64> {
        self.deviates(fit, rows).into_iter().flatten().map(|(_, z)| z * z.abs()).collect()
    }

    /// The shares that are looked at, as far as they are from their running medians, window by
    /// window.
    pub(super) fn shares(&self, fit: &Fit, counts: &Counts) -> Vec<(usize, Vec<f64>)> {
        let windows = |row: &Vec<f64>| -> Vec<f64> {
            let runs = fit.runs.iter().filter_map(|run| row.get(run.clone()));
            runs.flatten().copied().collect()
        };
        let rows = counts.options.iter().flatten().map(windows).collect::<Vec<_>>();
        let rows = bursts::shares(&rows).into_iter().enumerate();
        rows.filter(|(number, _)| self.shares.contains(number)).collect()
    }

    /// The folded day: for each row and period the phase that stands out most.
    pub(super) fn folds(&self, fit: &Fit, counts: &Counts) -> Vec<(Test, Option<usize>, Fold)> {
        let place = |at: usize| fit.places.get(at).copied().unwrap_or_default();
        let places: Vec<usize> = fit.runs.iter().flat_map(Clone::clone).map(place).collect();
        let mut folds = Vec::new();
        let mut add = |test: Test, number: Option<usize>, values: &[f64], places: &[usize]| {
            let found = bursts::folds(values, places);
            folds.extend(found.into_iter().map(|fold| (test, number, fold)));
        };
        for (number, row) in self.shares(fit, counts) {
            add(Test::Mixture, Some(number), &row, &places);
        }
        for part in &self.parts {
            let rows = part.deviates(fit, &part.rows(fit, counts));
            for (row, curve) in rows.into_iter().zip(&part.curves) {
                let (at, values): (Vec<usize>, Vec<f64>) = row.into_iter().unzip();
                let places: Vec<usize> = at.into_iter().map(place).collect();
                add(part.test, curve.number, &values, &places);
            }
        }
        folds
    }

    /// How each option's share leans.
    pub(super) fn leans(&self, fit: &Fit, counts: &Counts) -> Vec<(usize, f64)> {
        let rows = self.shares(fit, counts).into_iter();
        rows.map(|(number, row)| (number, bursts::lean(&row))).collect()
    }

    /// The values that are compared, in the order of [`Self::cells`] where they have cells.
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
            Test::Spread => {
                self.parts.iter().map(|part| lower(&part.values(fit, counts))).collect()
            }
            Test::Rhythm => {
                self.folds(fit, counts).iter().map(|(_, _, fold)| fold.t.abs()).collect()
            }
            Test::Lean => self.leans(fit, counts).iter().map(|(_, lean)| lean.abs()).collect(),
            _ => self.residuals(fit, &self.rows(fit, counts)),
        }
    }

    /// Where the values belong, among `options` options.
    pub(super) fn cells(&self, fit: &Fit, options: usize) -> Vec<Cell> {
        match self.test {
            Test::Mixture => {
                (1..fit.votes.len()).map(|window| Cell { number: None, window }).collect()
            }
            Test::Drift => {
                (0..options).map(|number| Cell { number: Some(number), window: 0 }).collect()
            }
            Test::Spread | Test::Rhythm | Test::Lean => Vec::new(),
            _ => {
                let inner =
                    |run: &Range<usize>| run.start.saturating_add(1)..run.end.saturating_sub(1);
                let judged: Vec<usize> = fit.runs.iter().flat_map(inner).collect();
                let curve = |curve: &Curve| {
                    let number = curve.number;
                    let cell = move |window: &usize| Cell { number, window: *window };
                    judged.iter().map(cell).collect::<Vec<_>>()
                };
                self.curves.iter().flat_map(curve).collect()
            }
        }
    }
}
