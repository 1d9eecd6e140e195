//! What a manipulator does to a day.

use super::super::fit::overall;
use super::super::window::Counts;
use super::Manipulation;

/// The two options that votes are moved between.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    leading: usize,
    next: usize,
}

/// The two options with the most votes.
pub(super) fn pair(options: &[Vec<f64>]) -> Option<Pair> {
    let mut order: Vec<(usize, f64)> = overall(options).into_iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    match order.as_slice() {
        [(leading, _), (next, _), ..] => Some(Pair { leading: *leading, next: *next }),
        _ => None,
    }
}

pub(super) fn at_once(
    manipulation: Manipulation,
    votes: f64,
    counts: &mut Counts,
    (window, station): (usize, usize),
    pair: Option<Pair>,
) {
    match (manipulation, pair) {
        (Manipulation::MovedAtOnce, Some(pair)) => moved(counts, votes, window, pair),
        (Manipulation::WithheldAtOnce, _) => withheld(counts, votes, window),
        (Manipulation::AddedAtAStation, _) => {
            added(counts, votes, window, pair);
            let row = counts.stations.as_mut().and_then(|rows| rows.get_mut(station));
            put(row, window, votes);
        }
        _ => added(counts, votes, window, pair),
    }
}

fn put(row: Option<&mut Vec<f64>>, window: usize, votes: f64) {
    if let Some(count) = row.and_then(|row| row.get_mut(window)) {
        *count += votes;
    }
}

/// Votes for the option that is behind.
pub(super) fn added(counts: &mut Counts, votes: f64, window: usize, pair: Option<Pair>) {
    put(Some(&mut counts.votes), window, votes);
    let next = pair.map(|pair| pair.next);
    let row = counts.options.as_mut().zip(next).and_then(|(rows, next)| rows.get_mut(next));
    put(row, window, votes);
}

fn withheld(counts: &mut Counts, votes: f64, window: usize) {
    let there = counts.votes.get(window).copied().unwrap_or_default();
    let kept = if there > votes { 1.0 - votes / there } else { 0.0 };
    let rows = counts.options.iter_mut().flatten();
    for row in rows.chain(core::iter::once(&mut counts.votes)) {
        if let Some(count) = row.get_mut(window) {
            *count *= kept;
        }
    }
}

pub(super) fn moved(counts: &mut Counts, votes: f64, window: usize, pair: Pair) {
    let Some(rows) = counts.options.as_mut() else { return };
    let there = rows.get(pair.leading).and_then(|row| row.get(window)).copied();
    let votes = votes.min(there.unwrap_or_default());
    put(rows.get_mut(pair.leading), window, -votes);
    put(rows.get_mut(pair.next), window, votes);
}
