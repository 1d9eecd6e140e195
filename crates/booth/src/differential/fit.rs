//! What an honest day of this campaign would look like, and such days by simulation.
//!
//! The model: votes arrive as a Poisson stream whose rate is smooth over the day; each shard holds
//! back `k` to `2k - 1` of them, as [`crate::batch`] does; what is published is dealt out to the
//! options by shares that are smooth over the day. Stamps are issued for the votes that arrive and
//! for some more that are never used, and are dealt out to the stations; check-ins likewise.
//! Rates and shares are the campaign's own, smoothed so that one odd window does not move them.

use core::ops::Range;

use super::number::{add, mean};
use super::random::Stream;
use super::residual::smooth;
use super::series::Series;
use super::window::{Counts, Windows};

/// Stamps and check-ins that no vote stands for, a vote, at least: somebody is always on the way
/// from the one to the other.
const SURPLUS: f64 = 0.01;

/// How batches hold votes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lots {
    pub k: f64,
    pub shards: u16,
    /// Nothing had been published at the first edge, so nothing waited.
    pub began_empty: bool,
    /// At the last edge nothing waits any more.
    pub closed: bool,
}

impl Lots {
    pub(super) fn of(series: &Series, began_empty: bool) -> Self {
        Self { k: f64::from(series.k), shards: series.shards, began_empty, closed: series.closed }
    }

    /// Votes that wait in all shards, on average: each holds back `k` to `2k - 1`.
    fn waiting(&self) -> f64 {
        if self.k > 0.0 { (1.5 * self.k - 0.5) * f64::from(self.shards) } else { 0.0 }
    }

    /// The variance of what waits, at each edge of `count` windows.
    pub(super) fn variances(&self, count: usize) -> Vec<f64> {
        let one = if self.k > 0.0 {
            f64::from(self.shards) * (self.k * self.k - 1.0) / 12.0
        } else {
            0.0
        };
        let mut edges = vec![one; count.saturating_add(1)];
        if let (true, Some(first)) = (self.began_empty, edges.first_mut()) {
            *first = 0.0;
        }
        if let (true, Some(last)) = (self.closed, edges.last_mut()) {
            *last = 0.0;
        }
        edges
    }

    /// Published growth as growth of what arrived: in the first window some votes stayed behind,
    /// in the last they came. `share` is how much of all votes the series has.
    pub(super) fn settle(&self, growth: &[f64], share: f64) -> Vec<f64> {
        let mut settled = growth.to_vec();
        if let (true, Some(first)) = (self.began_empty, settled.first_mut()) {
            *first += share * self.waiting();
        }
        if let (true, Some(last)) = (self.closed, settled.last_mut()) {
            *last -= share * self.waiting();
        }
        settled
    }

    /// What is published of one shard's arrivals, window by window.
    fn publish(&self, arrivals: &[f64], stream: &mut Stream) -> Vec<f64> {
        if self.k < 1.0 {
            return arrivals.to_vec();
        }
        let mut waiting =
            if self.began_empty { 0.0 } else { self.k + (self.k * stream.uniform()).floor() };
        let mut published: Vec<f64> = arrivals
            .iter()
            .map(|arrived| {
                waiting += arrived;
                let cut = self.k * (waiting / self.k - 1.0).floor().max(0.0);
                waiting -= cut;
                cut
            })
            .collect();
        if let (true, Some(last)) = (self.closed, published.last_mut()) {
            *last += waiting;
        }
        published
    }
}

/// How much more a day varies than the model: ratios of variances, 1 where it does not, and
/// variances, 0 where it does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub votes: f64,
    pub mixture: f64,
    pub stations: f64,
    /// Further variance of the stamps that are not used, in a window.
    pub unused: f64,
    /// The same of people who check in and do not vote.
    pub absent: f64,
}

impl Spread {
    /// None.
    pub(super) const NONE: Self =
        Self { votes: 1.0, mixture: 1.0, stations: 1.0, unused: 0.0, absent: 0.0 };
}

/// A campaign's smooth rates and shares.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub lots: Lots,
    /// Votes that arrive, a window.
    pub votes: Vec<f64>,
    /// Shares of the options, a row a window.
    pub mixture: Option<Vec<Vec<f64>>>,
    /// Stamps that are never used, a window.
    pub unused: Option<Vec<f64>>,
    /// Shares of the stations, a row a window.
    pub stations: Option<Vec<Vec<f64>>>,
    /// Voters who check in and do not vote, a window.
    pub absent: Option<Vec<f64>>,
    /// Which pieces of the day are windows.
    pub runs: Vec<Range<usize>>,
    /// How many windows after the first each piece begins.
    pub places: Vec<usize>,
}

impl Fit {
    pub(super) fn of(windows: &Windows, lots: Lots) -> Self {
        let (counts, runs) = (&windows.counts, windows.runs.as_slice());
        let settled = lots.settle(&counts.votes, 1.0);
        let rate = |values: &[f64]| -> Vec<f64> {
            smooth_runs(values, runs).into_iter().map(|value| value.max(0.0)).collect()
        };
        let votes = rate(&settled);
        // In proportion to the votes, since in a window there are few: a rate of its own would be
        // 0 here and there, and the next lone stamp a sensation.
        let surplus = |whole: &[f64]| -> Vec<f64> {
            let rest: Vec<f64> = whole.iter().zip(&settled).map(|(a, b)| a - b).collect();
            let share = mean(&rate(&rest)) / mean(&votes).max(1.0);
            votes.iter().map(|rate| rate * share.max(SURPLUS)).collect()
        };
        Self {
            lots,
            mixture: counts.options.as_deref().map(shares),
            unused: counts.stamps().map(|stamps| surplus(&stamps)),
            stations: counts.stations.as_deref().map(shares),
            absent: counts.check_ins.as_deref().map(surplus),
            votes,
            runs: runs.to_vec(),
            places: windows.places(),
        }
    }

    /// The mean of the windows, without what was left out between them.
    pub(super) fn mean(&self, values: &[f64]) -> f64 {
        let windows = self.runs.iter().filter_map(|run| values.get(run.clone()));
        mean(&windows.flatten().copied().collect::<Vec<f64>>())
    }

    /// The same day with shares that do not change from window to window.
    pub(super) fn without_drift(&self, counts: &Counts) -> Self {
        let all = counts.options.as_deref().map(overall);
        let mixture = all.map(|shares| vec![shares; self.votes.len()]);
        Self { mixture, ..self.clone() }
    }

    /// One simulated day.
    pub(super) fn draw(&self, spread: Spread, stream: &mut Stream) -> Counts {
        let rates: Vec<f64> =
            self.votes.iter().map(|rate| varied(*rate, spread.votes, stream)).collect();
        let shard = |stream: &mut Stream| {
            let one = |rate: &f64| rate / f64::from(self.lots.shards);
            rates.iter().map(|rate| stream.poisson(one(rate))).collect::<Vec<f64>>()
        };
        let (mut arrived, mut published) = (Vec::new(), Vec::new());
        for _ in 0..self.lots.shards {
            let arrivals = shard(stream);
            published.push(self.lots.publish(&arrivals, stream));
            arrived.push(arrivals);
        }
        let (arrived, votes) = (add(&arrived), add(&published));
        let with = |surplus: &[f64], more: f64, stream: &mut Stream| -> Vec<f64> {
            let pairs = arrived.iter().zip(surplus);
            let unrest = |stream: &mut Stream| {
                if more > 0.0 { (more.sqrt() * stream.normal()).round() } else { 0.0 }
            };
            let one = |(arrived, rate): (&f64, &f64)| {
                (arrived + stream.poisson(*rate) + unrest(stream)).max(0.0)
            };
            pairs.map(one).collect()
        };
        let check_ins = self.absent.as_deref().map(|absent| with(absent, spread.absent, stream));
        let stamps = self.unused.as_deref().map(|unused| with(unused, spread.unused, stream));
        let options =
            self.mixture.as_deref().map(|shares| deal(&votes, shares, spread.mixture, stream));
        let stations = match (stamps, self.stations.as_deref()) {
            (Some(stamps), Some(shares)) => Some(deal(&stamps, shares, spread.stations, stream)),
            _ => None,
        };
        Counts { votes, options, stations, check_ins }
    }
}

/// A rate that itself varies, so that a count's variance is `spread` times its mean.
fn varied(rate: f64, spread: f64, stream: &mut Stream) -> f64 {
    if spread <= 1.0 {
        return rate;
    }
    (rate + ((spread - 1.0) * rate).sqrt() * stream.normal()).max(0.0)
}

/// Deals counts out, window by window; gives rows by share, as [`Counts`] has them.
fn deal(counts: &[f64], shares: &[Vec<f64>], spread: f64, stream: &mut Stream) -> Vec<Vec<f64>> {
    let dealt: Vec<Vec<f64>> = counts
        .iter()
        .zip(shares)
        .map(|(count, shares)| {
            if spread <= 1.0 || *count < 1.0 {
                return stream.multinomial(*count, shares);
            }
            let expected = shares.iter().map(|share| share * count);
            let varied: Vec<f64> =
                expected.map(|expected| varied(expected, spread, stream)).collect();
            let sum: f64 = varied.iter().sum();
            let varied: Vec<f64> = varied.iter().map(|value| value / sum).collect();
            stream.multinomial(*count, if sum > 0.0 { &varied } else { shares })
        })
        .collect();
    turned(&dealt)
}

/// The smooth curve of each run; what is left out between runs is as it is.
pub(super) fn smooth_runs(values: &[f64], runs: &[Range<usize>]) -> Vec<f64> {
    let mut smoothed = values.to_vec();
    for run in runs {
        if let (Some(from), Some(to)) = (values.get(run.clone()), smoothed.get_mut(run.clone())) {
            to.copy_from_slice(&smooth(from));
        }
    }
    smoothed
}

/// Rows as columns.
pub(super) fn turned(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    let column = |at: usize| rows.iter().filter_map(|row| row.get(at).copied()).collect();
    (0..width).map(column).collect()
}

/// Each row's share of the whole over all windows.
pub(super) fn overall(rows: &[Vec<f64>]) -> Vec<f64> {
    let sums: Vec<f64> = rows.iter().map(|row| mean(row).max(0.0)).collect();
    let whole: f64 = sums.iter().sum();
    sums.iter().map(|sum| if whole > 0.0 { sum / whole } else { 0.0 }).collect()
}

/// Smooth shares, a row a window.
fn shares(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let usual = overall(rows);
    let raw: Vec<Vec<f64>> = turned(rows)
        .into_iter()
        .map(|counts| {
            let counts: Vec<f64> = counts.into_iter().map(|count| count.max(0.0)).collect();
            let whole: f64 = counts.iter().sum();
            if whole > 0.0 { counts.iter().map(|one| one / whole).collect() } else { usual.clone() }
        })
        .collect();
    let smoothed: Vec<Vec<f64>> = turned(&raw).iter().map(|row| smooth(row)).collect();
    let normal = |row: Vec<f64>| {
        let whole: f64 = row.iter().sum();
        if whole > 0.0 { row.iter().map(|one| one / whole).collect() } else { usual.clone() }
    };
    turned(&smoothed).into_iter().map(normal).collect()
}
