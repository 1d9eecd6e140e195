//! The day cut into windows of equal length, and the growth within each.
//!
//! Windows are as short as the votes allow and no shorter: at least 100 votes and four batches of
//! every shard in a mean one, so that lumps of `k` do not look like jumps; at most 96. Where
//! snapshots come at regular times, windows begin and end with one, so that what comes between two
//! is in one window; otherwise there are at least two steps between snapshots in a window, and
//! growth between two is taken to be even. Fewer than 20 windows are not judged: a morning's rush
//! is no smooth curve in windows of an hour.
//!
//! Where snapshots are missing for more than half a window, the windows that they would have cut
//! are left out. What was left out stands as one **piece** of its own length among the windows, so
//! that what waits and what adds up stays right, and windows one after another are a **run**.
//!
//! ```text
//! edges    |  w  |  w  |  w  |   what was left out   |  w  |  w  |  w  |
//! pieces      0     1     2              3              4     5     6
//! runs      0..3                                      4..7
//! ```

use core::ops::Range;

use canon::Timestamp;

use super::number::{add, floor, mean, real};
use super::series::{Series, Snapshot};

mod cut;

use cut::{Cut, FEWEST, Hole, Uncut};

/// Stations that are looked at one by one: those with the most stamps. The rest count as one.
const STATIONS: usize = 48;

/// Why the growth cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unjudged {
    /// Too few votes or snapshots for twenty windows.
    #[error("there are too few votes or snapshots for {FEWEST} windows")]
    TooFew,
    /// Snapshots are missing.
    #[error("too much came while snapshots were missing, most after the one of {0}")]
    Gap(Timestamp),
    /// What waits when a stamp period ends waits until the close.
    #[error("votes of several stamp periods wait apart, so that growth in batches is not even")]
    Periods,
}

/// The growth within each piece. What is not published is `None`.
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

/// A time without snapshots, and what came in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gap {
    /// The last snapshot before.
    pub from: Timestamp,
    /// The first one after.
    pub to: Timestamp,
    /// Votes between the two.
    pub votes: u64,
    /// Votes that would have come at the pace of the windows on both sides.
    pub usual: Option<f64>,
}

/// The windows of a series.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// Seconds since 1970 of the edges: one more than pieces.
    pub edges: Vec<f64>,
    /// The pieces that are windows, those of each run together.
    pub runs: Vec<Range<usize>>,
    /// What grew in each piece.
    pub counts: Counts,
    /// Nothing had been published when the first began.
    pub began_empty: bool,
    /// The names of the stations that `counts` has; the last may stand for several.
    pub stations: Vec<String>,
    /// When snapshots were missing.
    pub gaps: Vec<Gap>,
    /// Seconds of a window.
    pub seconds: f64,
}

impl Windows {
    /// Cuts a series.
    ///
    /// # Errors
    /// Why it cannot be cut, and when snapshots were missing.
    pub(super) fn cut(series: &Series) -> Result<Self, (Unjudged, Vec<Gap>)> {
        let told = |uncut: Uncut| {
            let gaps = uncut.holes.iter().filter_map(|hole| gap(series, *hole)).collect();
            (uncut.why, gaps)
        };
        let Cut { runs, holes, seconds } = cut::cut(series).map_err(told)?;
        let (edges, runs) = pieces(series, &runs, &holes);
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
        let mut windows =
            Self { edges, runs, counts, began_empty, stations: names, gaps: Vec::new(), seconds };
        windows.gaps = holes.iter().filter_map(|hole| windows.gap(series, *hole)).collect();
        // Besides the gaps themselves, that is what is too short between them.
        let all: f64 = windows.counts.votes.iter().sum();
        if !holes.is_empty() && windows.left_out().0 > cut::LEFT_OUT * all {
            return Err(told(cut::too_few(series, holes)));
        }
        Ok(windows)
    }

    /// The number of windows.
    pub(super) fn count(&self) -> usize {
        self.runs.iter().map(Range::len).sum()
    }

    /// When an edge is.
    pub(super) fn edge(&self, at: usize) -> Timestamp {
        let seconds = self.edges.get(at).or(self.edges.last()).copied().unwrap_or_default();
        let whole = i64::try_from(floor(seconds)).unwrap_or_default();
        Timestamp::from_unix(whole).unwrap_or(Timestamp::MAX)
    }

    /// How many windows after the first each piece begins.
    pub(super) fn places(&self) -> Vec<usize> {
        let first = self.edges.first().copied().unwrap_or_default();
        let place = |edge: &f64| floor(((edge - first) / self.seconds).round());
        self.edges.iter().take(self.counts.votes.len()).map(place).collect()
    }

    /// Votes in pieces that are no windows, and how many windows of the usual length they are.
    pub(super) fn left_out(&self) -> (f64, usize) {
        let (mut votes, mut seconds) = (0.0, 0.0);
        for (at, (pair, grown)) in self.edges.windows(2).zip(&self.counts.votes).enumerate() {
            if let [from, to] = pair
                && !self.runs.iter().any(|run| run.contains(&at))
            {
                votes += grown;
                seconds += to - from;
            }
        }
        (votes, floor((seconds / self.seconds).ceil()))
    }

    /// A gap, with what the two windows on each side of it would have made of its time.
    fn gap(&self, series: &Series, hole: Hole) -> Option<Gap> {
        let gap = gap(series, hole)?;
        let [from, to] = [gap.from, gap.to].map(|time| real(time.unix_u64()));
        let is_before = |run: &&Range<usize>| self.edges.get(run.end).is_some_and(|at| *at <= from);
        let before = self.runs.iter().rfind(is_before).into_iter();
        let after = self.runs.iter().find(|run| !is_before(run)).into_iter();
        let near = before.flat_map(|run| run.clone().rev().take(2));
        let near = near.chain(after.flat_map(|run| run.clone().take(2)));
        let pace = |at: usize| {
            let seconds = self.edges.get(at.saturating_add(1))? - self.edges.get(at)?;
            Some(self.counts.votes.get(at)? / seconds)
        };
        let paces: Vec<f64> = near.filter_map(pace).collect();
        let usual = (!paces.is_empty()).then(|| mean(&paces) * (to - from));
        Some(Gap { usual, ..gap })
    }
}

fn gap(series: &Series, hole: Hole) -> Option<Gap> {
    let before = series.snapshots.get(hole.after)?;
    let after = series.snapshots.get(hole.after.saturating_add(1))?;
    let votes = after.votes.saturating_sub(before.votes);
    Some(Gap { from: before.time, to: after.time, votes, usual: None })
}

/// The median step between snapshots, in seconds, and the longest one.
pub(super) fn pace(series: &Series) -> (f64, f64) {
    let times: Vec<f64> = series.snapshots.iter().map(|one| real(one.time.unix_u64())).collect();
    let longest = times.windows(2).fold(0.0, |most: f64, pair| match pair {
        [from, to] => most.max(to - from),
        _ => most,
    });
    (cut::cadence(&times), longest)
}

/// The edges of all pieces, and which of them are windows. Without holes what is left over at the
/// ends is in no piece.
fn pieces(series: &Series, runs: &[cut::Run], holes: &[Hole]) -> (Vec<f64>, Vec<Range<usize>>) {
    let mut edges: Vec<f64> = Vec::new();
    let mut ranges = Vec::new();
    let (first, last) = series.span();
    let [first, last] = [first, last].map(|time| real(time.unix_u64()));
    let begins = |edge: f64| holes.iter().any(|hole| time(series, hole.after) < edge);
    let ends = |edge: f64| holes.iter().any(|hole| time(series, hole.after) >= edge);
    for run in runs {
        let (Some(from), Some(to)) = (run.edges.first(), run.edges.last()) else { continue };
        if edges.is_empty() && first < *from && begins(*from) {
            edges.push(first);
        }
        if edges.last() == Some(from) {
            edges.pop();
        }
        let start = edges.len();
        edges.extend(&run.edges);
        ranges.push(start..edges.len().saturating_sub(1));
        let is_last = runs.last().and_then(|run| run.edges.last()) == Some(to);
        if is_last && *to < last && ends(*to) {
            edges.push(last);
        }
    }
    (edges, ranges)
}

fn time(series: &Series, at: usize) -> f64 {
    series.snapshots.get(at).map_or(0.0, |one| real(one.time.unix_u64()))
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
