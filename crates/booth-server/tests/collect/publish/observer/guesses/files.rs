//! Guesses by what lies open on the disks of the instances.

use std::collections::BTreeMap;

use super::super::disk::{Change, lines_of, shorts};
use super::super::seen::{CutSeen, Seen, Visitor};
use super::{Guesses, by_place, in_cuts};

/// The line at the place where an instance's list of votes grew when somebody came.
pub(super) fn growth(seen: &Seen) -> Guesses {
    let guess = |visitor: &Visitor| {
        let change = change(visitor, "solar-vote.log")?;
        let of = |cut: &&CutSeen| cut.shard == visitor.shard && cut.from == change.before;
        seen.cuts.iter().find(of)?.lines[0].first().cloned()
    };
    seen.visitors.iter().map(guess).collect()
}

/// What of a file of their instance changed when somebody came.
fn change<'a>(visitor: &'a Visitor, name: &str) -> Option<&'a Change> {
    let file = format!("solar/collect-{}/state/{name}", visitor.shard);
    visitor.changes.iter().find(|change| change.file == file)
}

/// The more the spool grew when somebody came, the longer their line.
pub(super) fn spool(seen: &Seen) -> Guesses {
    let grown = |at: usize| -> u64 {
        let changes = seen.visitors[at].changes.iter();
        let spools = changes.filter(|change| change.file.contains(".spool"));
        spools.map(|change| change.after.saturating_sub(change.before)).sum()
    };
    in_cuts(seen, |cut, mut visitors| {
        visitors.sort_by_cached_key(|at| grown(*at));
        let mut lines: Vec<&String> = cut.lines[0].iter().collect();
        lines.sort_by_key(|line| line.len());
        visitors.into_iter().zip(lines).collect()
    })
}

pub(super) fn order(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| visitors.into_iter().zip(&cut.short[0]).collect())
}

pub(super) fn places(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| by_place(seen, visitors, &cut.short[1], &cut.short[0]))
}

/// The first line by whose short form the file grew when somebody came.
pub(super) fn written(seen: &Seen) -> Guesses {
    let [stamps, _] = shorts(&seen.lists);
    let guess = |visitor: &Visitor| {
        let change = change(visitor, "stamps.seen")?;
        lines_of(&change.added, 0, &stamps).into_iter().next()
    };
    seen.visitors.iter().map(guess).collect()
}

/// The mark tells how many records there were with somebody's; the lines of a cut are taken to
/// stand in the order of their records.
pub(super) fn marks(seen: &Seen) -> Guesses {
    let records = |at: &usize| seen.visitors[*at].changes.iter().filter_map(Change::records).max();
    in_cuts(seen, |cut, mut visitors| {
        visitors.sort_by_key(records);
        visitors.into_iter().zip(&cut.short[0]).collect()
    })
}

/// Frames of the spool tell the batch of each record, and `cuts.log` the batches of each cut: its
/// lines are taken to stand batch by batch.
pub(super) fn batches(seen: &Seen) -> Guesses {
    let batch = |at: &usize| seen.visitors[*at].changes.iter().find_map(Change::batch);
    in_cuts(seen, |cut, visitors| {
        let mut by_batch: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for at in visitors {
            by_batch.entry(batch(&at).unwrap_or(u64::MAX)).or_default().push(at);
        }
        let order = cut.covers.iter().filter_map(|number| by_batch.get(number)).flatten();
        order.copied().zip(&cut.lines[0]).collect()
    })
}
