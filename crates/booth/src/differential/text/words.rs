//! What was found, in words.

use canon::Timestamp;

use super::super::bursts::Fold;
use super::super::fit::Fit;
use super::super::measure::Cell;
use super::super::number::floor;
use super::super::series::Series;
use super::super::test::Test;
use super::super::window::Counts;
use super::{clock, duration};

/// What a jump or a stall is.
pub(in super::super) fn step(test: Test, grown: f64, expected: f64) -> String {
    let (grown, expected) = (grown.round(), expected.round());
    let more = if grown > expected { "jump" } else { "stall" };
    match test {
        Test::Stamps => surplus("stamps", grown, expected),
        Test::CheckIns => surplus("check-ins", grown, expected),
        Test::Stations => format!("{more}: {grown} stamps where {expected} were expected"),
        _ => format!("{more}: {grown} votes where {expected} were expected"),
    }
}

/// Stamps or check-ins against votes.
fn surplus(what: &str, grown: f64, expected: f64) -> String {
    let kind = if grown > expected {
        format!("{what} without votes")
    } else {
        format!("votes without {what}")
    };
    let side = |count: f64| if count < 0.0 { "fewer" } else { "more" };
    format!(
        "{kind}: {} {what} {} than votes, where {} {} were expected",
        grown.abs(),
        side(grown),
        expected.abs(),
        side(expected)
    )
}

/// What a shift or a drift is: the option whose share changes most, or the one it is about.
pub(in super::super) fn shift(counts: &Counts, series: &Series, cell: Cell) -> String {
    let options = counts.options.as_deref().unwrap_or_default();
    let share = |number: usize, from: usize, to: usize| -> f64 {
        let width = to.saturating_sub(from);
        let sum = |row: &[f64]| row.iter().skip(from).take(width).sum::<f64>();
        let whole = sum(&counts.votes);
        let part = options.get(number).map_or(0.0, |row| sum(row));
        if whole > 0.0 { part / whole } else { 0.0 }
    };
    let count = counts.votes.len();
    if let Some(number) = cell.number {
        let third = count / 3;
        let (early, late) =
            (share(number, 0, third), share(number, count.saturating_sub(third), count));
        return format!(
            "from {:.1} % in the first third of the day to {:.1} % in the last",
            early * 100.0,
            late * 100.0
        );
    }
    let (before, after) = (cell.window.saturating_sub(1), cell.window.saturating_add(1));
    let change = |number: usize| {
        (share(number, before, cell.window), share(number, cell.window, after), number)
    };
    let most = (0..options.len())
        .map(change)
        .max_by(|one, other| (one.1 - one.0).abs().total_cmp(&(other.1 - other.0).abs()));
    let Some((from, to, number)) = most else { return String::new() };
    let name = series.options.get(number).map_or("", String::as_str);
    format!("the mixture shifts: {name} from {:.1} % to {:.1} %", from * 100.0, to * 100.0)
}

/// A day that varies more than groups of voters explain.
pub(in super::super) fn spread(test: Test, spread: f64, limit: f64) -> String {
    let what = match test {
        Test::Stations => "the stamps of stations vary",
        Test::Mixture => "the mixture varies",
        _ => "the growth varies",
    };
    format!(
        "{what} {spread:.1} times as much from window to window as voters who come one by one; \
         groups of up to four make it at most {limit:.1}"
    )
}

/// A phase of the folded day. `first` is the first window of it and how long a window is.
pub(in super::super) fn rhythm(
    test: Test,
    fold: Fold,
    (first, seconds): (Timestamp, f64),
    more: Option<String>,
) -> String {
    let side = if fold.t > 0.0 { "more" } else { "fewer" };
    let what = match test {
        Test::Stations => format!("{side} stamps"),
        Test::Stamps => format!("{side} stamps without votes"),
        Test::CheckIns => format!("{side} check-ins without votes"),
        Test::Mixture => format!("{side} of all votes"),
        _ => format!("{side} votes"),
    };
    let window = duration(u64::try_from(floor(seconds)).unwrap_or_default());
    let more = more.map(|more| format!(": {more}")).unwrap_or_default();
    format!(
        "every {} window of {window}, from {} on, has {what} than the others (t {:.1}){more}",
        ordinal(fold.period),
        clock(first),
        fold.t.abs()
    )
}

/// `4th`, of what is counted here: 2 to 8.
pub(in super::super) fn ordinal(number: usize) -> String {
    let end = match number {
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// The shares of an option in the windows of a phase and in all others, and what that makes.
pub(in super::super) fn folded(
    counts: &Counts,
    fit: &Fit,
    number: usize,
    fold: Fold,
) -> Option<String> {
    let row = counts.options.as_ref()?.get(number)?;
    let (mut there, mut others) = ((0.0, 0.0), (0.0, 0.0));
    for at in fit.runs.iter().flat_map(Clone::clone) {
        let is_there = fit.places.get(at)?.checked_rem(fold.period) == Some(fold.phase);
        let sums = if is_there { &mut there } else { &mut others };
        sums.0 += row.get(at)?;
        sums.1 += counts.votes.get(at)?;
    }
    let [share, rest] = [there, others].map(|(part, whole)| 100.0 * part / f64::max(whole, 1.0));
    let votes = (there.0 - there.1 * rest / 100.0).round().abs();
    Some(format!("{share:.1} % there and {rest:.1} % else, which is {votes} votes"))
}

/// Values that lie farther from the middle on one side.
pub(in super::super) fn lean(lean: f64) -> String {
    let side = if lean > 0.0 { "above" } else { "below" };
    format!(
        "in some windows its share is far {side} the usual one, and in none as far on the other \
         side: squares of 1 to {:.1}",
        lean.abs().exp()
    )
}
