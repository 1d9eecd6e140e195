//! Days like an honest one on which one thing is wrong.

use std::collections::{HashMap, HashSet};

use canon::Digest;

use super::disk::Change;
use super::seen::{CutSeen, Day, say, stamp, vote};

/// Changes each cut: it is given with its visitors, in the order in which they came.
pub(super) fn with_cuts(day: &Day, change: impl Fn(&[usize], &mut CutSeen)) -> Day {
    let mut other = day.clone();
    for (cut, visitors) in other.seen.cuts.iter_mut().zip(day.seen.visitors_by_cut()) {
        change(&visitors, cut);
    }
    let of = |list: usize| other.seen.cuts.iter().flat_map(|cut| cut.lines[list].clone()).collect();
    other.seen.lists = [of(0), of(1)];
    other
}

/// The lines of some visitors.
pub(super) fn truth(day: &Day, visitors: &[usize]) -> Vec<String> {
    visitors.iter().map(|at| day.truth[*at].clone()).collect()
}

/// The line of each voter, in the order of a list of voters.
pub(super) fn paired(day: &Day, visitors: &[usize], voters: &[String]) -> Vec<String> {
    let of = |mandate: &String| {
        let is_theirs = |at: &&usize| day.seen.visitors[**at].mandate == *mandate;
        day.truth[*visitors.iter().find(is_theirs).unwrap()].clone()
    };
    voters.iter().map(of).collect()
}

/// Whoever cuts puts lines together that were cast at one station.
pub(super) fn by_station(day: &Day) -> Day {
    with_cuts(day, |visitors, cut| {
        let mut lines: Vec<(&String, Digest, &String)> = visitors
            .iter()
            .map(|at| (&day.stations[*at], &day.truth[*at]))
            .map(|(station, line)| (station, Digest::of(line.as_bytes()), line))
            .collect();
        lines.sort_unstable();
        cut.lines[0] = lines.into_iter().map(|(_, _, line)| line.clone()).collect();
    })
}

/// Whoever makes the last cut leaves its batches as they came.
pub(super) fn batch_by_batch(day: &Day) -> Day {
    let seen = &day.seen;
    let batch = |at: &usize| seen.visitors[*at].changes.iter().find_map(Change::batch).unwrap();
    with_cuts(day, |visitors, cut| {
        let place = |at: &usize| cut.covers.iter().position(|number| *number == batch(at)).unwrap();
        let mut visitors = visitors.to_vec();
        visitors.sort_by_key(place);
        cut.lines[0] = truth(day, &visitors);
    })
}

/// The short form of a vote is written when it is recorded, and not when it is cut.
pub(super) fn shortened_at_once(day: &Day) -> Day {
    let mut other = day.clone();
    for (visitor, line) in other.seen.visitors.iter_mut().zip(&day.truth) {
        let mut added = [0; super::disk::SHORT_BYTES[0]];
        added[..20].copy_from_slice(vote(line).stamp.bytes());
        let file = format!("solar/collect-{}/state/stamps.seen", visitor.shard);
        let (before, after) = (0, added.len() as u64);
        visitor.changes = vec![Change { file, before, after, added: added.to_vec() }];
    }
    other
}

/// Records lie in the spool as they are.
pub(super) fn unpadded(day: &Day) -> Day {
    let mut other = day.clone();
    for (visitor, line) in other.seen.visitors.iter_mut().zip(&day.truth) {
        let (file, after) = ("solar/collect-0/state/spool/0.spool".to_owned(), line.len() as u64);
        visitor.changes = vec![Change { file, before: 0, after, added: Vec::new() }];
    }
    other
}

/// Whoever draws for a receipt takes the vote beside the holder's, for its option: the one before
/// it in the batch, or the one behind.
pub(super) fn drawn_beside(day: &Day, is_before: bool) -> Day {
    let mut beside = HashMap::new();
    for visitors in day.seen.visitors_by_cut() {
        for two in visitors.windows(2) {
            let (holder, other) = if is_before { (two[1], two[0]) } else { (two[0], two[1]) };
            beside.insert(holder, &day.truth[other]);
        }
    }
    redrawn(day, |receipt, option| {
        let line = beside.get(&receipt.0)?;
        (say(line) == option).then(|| stamp(line).to_owned())
    })
}

/// Whoever draws takes the last vote of each option that was recorded, cut or not.
pub(super) fn drawn_from_the_last(day: &Day) -> Day {
    redrawn(day, |(_, came), option| {
        let line = day.truth[..came].iter().rev().find(|line| say(line) == option)?;
        Some(stamp(line).to_owned())
    })
}

/// Receipts with other stamps, where there is one for who holds it, how many had come, and the
/// option; the holder's own stays.
fn redrawn(day: &Day, draw: impl Fn((usize, usize), &str) -> Option<String>) -> Day {
    let by_stamp = day.seen.by_stamp();
    let mut other = day.clone();
    for receipt in &mut other.seen.receipts {
        let own = stamp(&day.truth[receipt.visitor]);
        let others: HashSet<String> =
            receipt.stamps.iter().filter(|stamp| *stamp != own).cloned().collect();
        let again = others.into_iter().map(|stamp| {
            draw((receipt.visitor, receipt.came), say(by_stamp[&stamp])).unwrap_or(stamp)
        });
        receipt.stamps = again.chain([own.to_owned()]).collect();
    }
    other
}
