//! The day cut into windows of equal length, and the growth within each.
//!
//! Windows are as short as the votes allow and no shorter: at least 100 votes and four batches of
//! every shard in a mean one, so that lumps of `k` do not look like jumps; at least two steps
//! between snapshots; at most 96. Where snapshots come at regular times, windows begin and end with
//! one, so that what comes between two is in one window; otherwise growth between two is taken to
//! be even. Fewer than 20 windows are not judged: a morning's rush is no smooth curve in windows of
//! an hour.

use canon::Timestamp;

use super::number::{add, floor, length, mean, real};
use super::series::{Series, Snapshot};

/// The most windows.
const MOST: f64 = 96.0;

/// The fewest windows that say anything.
const FEWEST: usize = 20;

/// Votes in a window, on average at least.
const VOTES: f64 = 100.0;

/// Batches of every shard in a window, on average at least.
const BATCHES: f64 = 4.0;

/// Stations that are looked at one by one: those with the most stamps. The rest count as one.
const STATIONS: usize = 48;

/// Why the growth cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unjudged {
    /// Too few votes or snapshots for twenty windows.
    #[error("there are too few votes or snapshots for {FEWEST} windows")]
    TooFew,
    /// Snapshots are missing.
    #[error("more than half a window lies between the snapshot of {0} and the next")]
    Gap(Timestamp),
    /// What waits when a stamp period ends waits until the close.
    #[error("votes of several stamp periods wait apart, so that growth in batches is not even")]
    Periods,
}

/// The growth within each window. What is not published is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counts {
    /// New votes.
    pub votes: Vec<f64>,
    /// The same by option.
    pub options: Option<Vec<Vec<f64>>>,
    /// Stamps issued, by station.
    pub stations: Option<Vec<Vec<f64>>>,
    /// Voters checked in.
    pub check_ins: Option<Vec<f64>>,
}

impl Counts {
    /// Stamps issued at all stations together.
    pub(super) fn stamps(&self) -> Option<Vec<f64>> {
        self.stations.as_deref().map(add)
    }
}

/// The windows of a series.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// Seconds since 1970 of the edges: one more than windows.
    pub edges: Vec<f64>,
    /// What grew in each.
    pub counts: Counts,
    /// Nothing had been published when the first began.
    pub began_empty: bool,
    /// The names of the stations that `counts` has; the last may stand for several.
    pub stations: Vec<String>,
}

impl Windows {
    /// Cuts a series.
    pub(super) fn cut(series: &Series) -> Result<Self, Unjudged> {
        let edges = edges(series)?;
        let column = |count: &dyn Fn(&Snapshot) -> Option<u64>| growth(series, &edges, count);
        let votes = column(&|one| Some(one.votes)).unwrap_or_default();
        let option = |at: usize| column(&|one| one.by_option.as_ref()?.get(at).copied());
        let options = (0..series.options.len()).map(option).collect();
        let station = |at: usize| column(&|one| one.stamps.as_ref()?.get(at).copied());
        let stations: Option<Vec<Vec<f64>>> = (0..series.stations.len()).map(station).collect();
        let stations = stations.filter(|rows| !rows.is_empty());
        let check_ins = column(&|one| one.check_ins);
        let (names, stations) = match stations {
            Some(rows) => {
                let (names, rows) = busiest(&series.stations, rows);
                (names, Some(rows))
            }
            None => (Vec::new(), None),
        };
        let counts = Counts { votes, options, stations, check_ins };
        let first = edges.first().copied().unwrap_or_default();
        let before = |one: &&Snapshot| real(one.time.unix_u64()) <= first;
        let began_empty = series.snapshots.iter().take_while(before).all(|one| one.votes == 0);
        Ok(Self { edges, counts, began_empty, stations: names })
    }

    /// The number of windows.
    pub(super) const fn count(&self) -> usize {
        self.counts.votes.len()
    }

    /// Seconds of a window.
    pub(super) fn seconds(&self) -> f64 {
        match self.edges.as_slice() {
            [first, second, ..] => second - first,
            _ => 0.0,
        }
    }

    /// When an edge is.
    pub(super) fn edge(&self, at: usize) -> Timestamp {
        let seconds = self.edges.get(at).or(self.edges.last()).copied().unwrap_or_default();
        let whole = i64::try_from(floor(seconds)).unwrap_or_default();
        Timestamp::from_unix(whole).unwrap_or(Timestamp::MAX)
    }
}

fn edges(series: &Series) -> Result<Vec<f64>, Unjudged> {
    let times: Vec<f64> = series.snapshots.iter().map(|one| real(one.time.unix_u64())).collect();
    let steps = times.len().saturating_sub(1);
    let (first, last) = series.span();
    let span = real(last.unix_u64()) - real(first.unix_u64());
    if series.k > 0 && span > 1.05 * real(series.stamp_period_s) {
        return Err(Unjudged::Periods);
    }
    let end = |one: Option<&Snapshot>| one.map_or(0.0, |one| real(one.votes));
    let votes = end(series.snapshots.last()) - end(series.snapshots.first());
    let batches = BATCHES * f64::from(series.k) * f64::from(series.shards);
    let by_votes = votes / VOTES.max(batches);
    let count = floor(MOST.min(by_votes).min(length(steps) / 2.0));
    if count < FEWEST {
        return Err(Unjudged::TooFew);
    }
    if is_regular(&times) {
        let width = steps.div_ceil(count);
        // What is left over is at the beginning, and in no window.
        let over = steps.checked_rem(width).unwrap_or_default();
        let edges: Vec<f64> = times.iter().skip(over).step_by(width).copied().collect();
        return if edges.len() > FEWEST { Ok(edges) } else { Err(Unjudged::TooFew) };
    }
    let seconds = span / length(count);
    for (pair, one) in times.windows(2).zip(&series.snapshots) {
        if let [from, to] = pair
            && to - from > seconds / 2.0
        {
            return Err(Unjudged::Gap(one.time));
        }
    }
    let start = real(first.unix_u64());
    Ok((0..=count).map(|at| start + seconds * length(at)).collect())
}

/// Whether all steps are about as long as the middle one, but for the last: the snapshot of after
/// the close comes when it can.
fn is_regular(times: &[f64]) -> bool {
    let mut steps: Vec<f64> = times
        .windows(2)
        .filter_map(|pair| if let [from, to] = pair { Some(to - from) } else { None })
        .collect();
    let last = steps.pop().unwrap_or_default();
    steps.sort_by(f64::total_cmp);
    let middle = steps.get(steps.len() / 2).copied().unwrap_or_default();
    let about = |step: Option<&f64>| step.is_none_or(|step| (step - middle).abs() <= middle / 5.0);
    about(steps.first()) && about(steps.last()) && last <= 2.0 * middle
}

/// The growth of one count between the edges, even between two snapshots; `None` where a snapshot
/// has none.
fn growth(
    series: &Series,
    edges: &[f64],
    count: &dyn Fn(&Snapshot) -> Option<u64>,
) -> Option<Vec<f64>> {
    let points: Option<Vec<(f64, f64)>> = series
        .snapshots
        .iter()
        .map(|one| count(one).map(|count| (real(one.time.unix_u64()), real(count))))
        .collect();
    let points = points?;
    let mut pairs = points.windows(2).peekable();
    let mut levels = Vec::with_capacity(edges.len());
    for edge in edges {
        while pairs.next_if(|pair| pair.last().is_some_and(|(time, _)| time < edge)).is_some() {}
        let level = match pairs.peek() {
            Some([(from, low), (to, high)]) => {
                low + (high - low) * ((edge - from) / (to - from)).clamp(0.0, 1.0)
            }
            // The last edge, up to rounding.
            _ => points.last().map_or(0.0, |(_, count)| *count),
        };
        levels.push(level);
    }
    let steps = levels.windows(2);
    Some(steps.map(|pair| pair.last().unwrap_or(&0.0) - pair.first().unwrap_or(&0.0)).collect())
}

/// The stations with the most stamps one by one, and the rest together.
fn busiest(names: &[String], rows: Vec<Vec<f64>>) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut stations: Vec<(f64, &String, Vec<f64>)> =
        names.iter().zip(rows).map(|(name, row)| (mean(&row), name, row)).collect();
    stations.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let rest = stations.split_off(stations.len().min(STATIONS));
    let mut names: Vec<String> = stations.iter().map(|(_, name, _)| (*name).clone()).collect();
    let mut rows: Vec<Vec<f64>> = stations.into_iter().map(|(_, _, row)| row).collect();
    if !rest.is_empty() {
        names.push(format!("{} other stations", rest.len()));
        rows.push(add(&rest.into_iter().map(|(_, _, row)| row).collect::<Vec<_>>()));
    }
    (names, rows)
}
