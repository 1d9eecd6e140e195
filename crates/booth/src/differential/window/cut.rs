//! Where the day is cut: into runs of windows of equal length, with what is left out between.

use canon::Timestamp;

use super::super::number::{floor, length, real};
use super::super::series::Series;
use super::Unjudged;

/// The most windows.
const MOST: f64 = 96.0;

/// The fewest windows that say anything.
pub(super) const FEWEST: usize = 20;

/// Votes in a window, on average at least.
const VOTES: f64 = 100.0;

/// Batches of every shard in a window, on average at least.
const BATCHES: f64 = 4.0;

/// The fewest windows one after another: a window needs two neighbours on each side.
const RUN: usize = 5;

/// No more than this share of the votes may have come in what is left out.
pub(super) const LEFT_OUT: f64 = 0.25;

/// A step longer than this many usual ones may be a gap.
const LONG: f64 = 1.5;

/// Windows get shorter as gaps are left out, which may show more of them; no day needs more rounds.
const ROUNDS: usize = 64;

/// Windows of equal length one after another.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Run {
    /// Seconds since 1970: one more than windows.
    pub edges: Vec<f64>,
}

/// A time without snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hole {
    /// The last snapshot before, by its number from 0.
    pub after: usize,
}

/// How a series is cut.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cut {
    pub runs: Vec<Run>,
    pub holes: Vec<Hole>,
    /// Seconds of a window.
    pub seconds: f64,
}

/// A series that is not cut.
pub(super) struct Uncut {
    pub why: Unjudged,
    pub holes: Vec<Hole>,
}

/// What a series has outside its holes.
struct Plan {
    count: usize,
    seconds: f64,
    steps: usize,
}

/// The step that half of all steps exceed.
pub(super) fn cadence(times: &[f64]) -> f64 {
    let mut steps = steps(times);
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or_default()
}

fn steps(times: &[f64]) -> Vec<f64> {
    let step = |pair: &[f64]| if let [from, to] = pair { Some(to - from) } else { None };
    times.windows(2).filter_map(step).collect()
}

/// Cuts a series, or says why it cannot be.
pub(super) fn cut(series: &Series) -> Result<Cut, Uncut> {
    let times: Vec<f64> = series.snapshots.iter().map(|one| real(one.time.unix_u64())).collect();
    let (first, last) = series.span();
    let span = real(last.unix_u64()) - real(first.unix_u64());
    if series.k > 0 && span > 1.05 * real(series.stamp_period_s) {
        return Err(Uncut { why: Unjudged::Periods, holes: Vec::new() });
    }
    let middle = cadence(&times);
    let (plan, holes) = plan(series, &times, middle)?;
    let width = plan.steps.div_ceil(plan.count).max(1);
    let mut runs = Vec::new();
    let mut from = 0;
    let ends = holes.iter().map(|hole| hole.after).chain([times.len().saturating_sub(1)]);
    for end in ends {
        let part = times.get(from..=end).unwrap_or_default();
        let is_last = end.saturating_add(1) == times.len();
        let edges = if is_regular(part, middle, is_last) {
            by_steps(part, width)
        } else {
            by_time(part, plan.seconds)
        };
        // Without holes the run is the day, however short: the day is judged by its windows.
        if edges.len() > RUN || holes.is_empty() {
            runs.push(Run { edges });
        }
        from = end.saturating_add(1);
    }
    let windows: usize = runs.iter().map(|run| run.edges.len().saturating_sub(1)).sum();
    let seconds = runs.first().map_or(plan.seconds, |run| match run.edges.as_slice() {
        [one, two, ..] => two - one,
        _ => plan.seconds,
    });
    match windows {
        FEWEST.. => Ok(Cut { runs, holes, seconds }),
        _ => Err(too_few(series, holes)),
    }
}

/// How many windows there are to be, and where snapshots are missing for more than half of one.
/// A hole takes its votes and its time with it, so that windows may be other ones without it.
fn plan(series: &Series, times: &[f64], middle: f64) -> Result<(Plan, Vec<Hole>), Uncut> {
    let steps = steps(times);
    let mut gone = vec![false; steps.len()];
    for _ in 0..ROUNDS {
        let kept = |at: &usize| gone.get(*at).is_some_and(|gone| !gone);
        let inside: Vec<usize> = (0..steps.len()).filter(kept).collect();
        let span: f64 = inside.iter().filter_map(|at| steps.get(*at)).sum();
        let votes: f64 = inside.iter().map(|at| grown(series, *at)).sum();
        let all: f64 = (0..steps.len()).map(|at| grown(series, at)).sum();
        let holes: Vec<Hole> =
            (0..steps.len()).filter(|at| !kept(at)).map(|after| Hole { after }).collect();
        let batches = BATCHES * f64::from(series.k) * f64::from(series.shards);
        let by_votes = votes / VOTES.max(batches);
        // Between snapshots at regular times nothing has to be supposed: one step will do.
        let part: Vec<f64> = inside.iter().filter_map(|at| steps.get(*at)).copied().collect();
        let least = if is_even(&part, middle) { 1.0 } else { 2.0 };
        let count = floor(MOST.min(by_votes).min(length(part.len()) / least));
        if count < FEWEST || all - votes > LEFT_OUT * all {
            return Err(too_few(series, holes));
        }
        let seconds = span / length(count);
        let last = steps.len().saturating_sub(1);
        let most = |at: usize| {
            // The snapshot of after the close comes when it can.
            (seconds / 2.0).max(if at == last { 2.0 } else { LONG } * middle)
        };
        let long = |at: &usize| steps.get(*at).is_some_and(|step| *step > most(*at));
        let more: Vec<usize> = inside.iter().copied().filter(long).collect();
        if more.is_empty() {
            return Ok((Plan { count, seconds, steps: part.len() }, holes));
        }
        for at in more {
            gone.get_mut(at).into_iter().for_each(|gone| *gone = true);
        }
    }
    let holes = (0..steps.len()).filter(|at| gone.get(*at) == Some(&true));
    Err(too_few(series, holes.map(|after| Hole { after }).collect()))
}

/// Votes that came between a snapshot and the next.
fn grown(series: &Series, after: usize) -> f64 {
    let votes = |at: usize| series.snapshots.get(at).map_or(0.0, |one| real(one.votes));
    votes(after.saturating_add(1)) - votes(after)
}

/// Where there are holes, they are why.
pub(super) fn too_few(series: &Series, holes: Vec<Hole>) -> Uncut {
    let time = |at: usize| series.snapshots.get(at).map_or(Timestamp::MIN, |one| one.time);
    let long = |hole: &&Hole| {
        let next = time(hole.after.saturating_add(1)).unix_u64();
        next.saturating_sub(time(hole.after).unix_u64())
    };
    let longest = holes.iter().max_by_key(long).map(|hole| time(hole.after));
    Uncut { why: longest.map_or(Unjudged::TooFew, Unjudged::Gap), holes }
}

/// Whether all steps are about as long as the middle one.
fn is_even(steps: &[f64], middle: f64) -> bool {
    let inner = steps.split_last().map_or(steps, |(_, inner)| inner);
    inner.iter().all(|step| (step - middle).abs() <= middle / 5.0)
}

/// The same of the times of a run, but for the last step of the day: the snapshot of after the
/// close comes when it can.
fn is_regular(times: &[f64], middle: f64, is_last: bool) -> bool {
    let mut steps = steps(times);
    let last = if is_last { steps.pop().unwrap_or_default() } else { 0.0 };
    last <= 2.0 * middle && steps.iter().all(|step| (step - middle).abs() <= middle / 5.0)
}

/// Windows that begin and end with a snapshot. What is left over is at the beginning, and in none.
fn by_steps(times: &[f64], width: usize) -> Vec<f64> {
    let steps = times.len().saturating_sub(1);
    let over = steps.checked_rem(width).unwrap_or_default();
    times.iter().skip(over).step_by(width).copied().collect()
}

/// Windows by time; what is left over is at the end, and in none.
fn by_time(times: &[f64], seconds: f64) -> Vec<f64> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    let count = floor((last - first) / seconds + 1e-9);
    (0..=count).map(|at| first + seconds * length(at)).collect()
}
