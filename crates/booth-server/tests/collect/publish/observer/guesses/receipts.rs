//! Guesses by the receipts of the observer's own people, who ask again and again.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::seen::{CutSeen, Seen, say, stamp};
use super::Guesses;

/// What the receipts of somebody after a visit show, and those of somebody before it did not: the
/// last lines of them, in the order of the visitors.
pub(super) fn sandwich(seen: &Seen) -> Guesses {
    let (lines, cuts, own) = (Lines::of(seen), seen.cut_of_each(), seen.own());
    let mut shown: BTreeMap<usize, HashSet<&String>> = BTreeMap::new();
    for receipt in &seen.receipts {
        shown.entry(receipt.visitor).or_default().extend(&receipt.stamps);
    }
    let guess = |at: usize| {
        let shard = seen.visitors[at].shard;
        let is_asked =
            |other: &usize| seen.visitors[*other].shard == shard && shown.contains_key(other);
        let after = (at..seen.visitors.len()).find(is_asked);
        let before = (0..at).rev().find(is_asked);
        let cut = cuts[at].map(|cut| &seen.cuts[cut]);
        let may_be = |line: &&String| {
            !own.contains(line) && cut.is_none_or(|cut| cut.lines[0].contains(line))
        };
        let newest = after.and_then(|after| {
            let is_new = |stamp: &&&String| before.is_none_or(|one| !shown[&one].contains(*stamp));
            let new = shown[&after].iter().filter(is_new);
            let mut new: Vec<usize> = new.filter_map(|stamp| lines.place(stamp)).collect();
            new.sort_unstable_by(|one, other| other.cmp(one));
            let between = seen.visitors[at + 1..after].iter().filter(|one| one.shard == shard);
            let lines = new.into_iter().map(|place| &seen.lists[0][place]);
            lines.filter(may_be).nth(between.count())
        });
        newest.or_else(|| cut?.lines[0].iter().find(may_be)).cloned()
    };
    let is_own = |at: usize| seen.visitors[at].own.is_some();
    (0..seen.visitors.len()).map(|at| if is_own(at) { None } else { guess(at) }).collect()
}

/// The places of the published lines by stamp.
struct Lines(HashMap<String, usize>);

impl Lines {
    fn of(seen: &Seen) -> Self {
        let lines = seen.lists[0].iter().enumerate();
        Self(lines.map(|(at, line)| (stamp(line).to_owned(), at)).collect())
    }

    fn place(&self, stamp: &str) -> Option<usize> {
        self.0.get(stamp).copied()
    }
}

/// Of the lines of a cut that were on no receipt before the visit, the one that is shown first.
pub(super) fn first_shown(seen: &Seen) -> Guesses {
    let own = seen.own();
    let mut first: HashMap<&str, usize> = HashMap::new();
    for receipt in &seen.receipts {
        for stamp in &receipt.stamps {
            let came = first.entry(stamp).or_insert(receipt.came);
            *came = receipt.came.min(*came);
        }
    }
    let mut guesses = vec![None; seen.visitors.len()];
    for (cut, visitors) in seen.cuts.iter().zip(seen.visitors_by_cut()) {
        let others = cut.lines[0].iter().filter(|line| !own.contains(line));
        let mut shown: Vec<(usize, &String)> =
            others.filter_map(|line| Some((*first.get(stamp(line))?, line))).collect();
        shown.sort_unstable();
        for at in visitors.into_iter().filter(|at| seen.visitors[*at].own.is_none()) {
            let next = shown.iter().find(|(came, _)| *came > at);
            guesses[at] = next.map(|(_, line)| (*line).clone());
        }
    }
    guesses
}

pub(super) fn often_of_the_next(seen: &Seen) -> Guesses {
    often(seen, |own| own.checked_sub(1))
}

pub(super) fn often_of_the_last(seen: &Seen) -> Guesses {
    often(seen, |own| Some(own + 1))
}

/// The line that stands on the receipts of one of the observer's own more often than by chance is
/// that of who came beside them in the cut: `beside` tells whom, by the place in it.
fn often(seen: &Seen, beside: fn(usize) -> Option<usize>) -> Guesses {
    let mut counts: BTreeMap<usize, (u32, HashMap<&str, u32>)> = BTreeMap::new();
    for receipt in &seen.receipts {
        let (asked, shown) = counts.entry(receipt.visitor).or_default();
        *asked += 1;
        for stamp in &receipt.stamps {
            *shown.entry(stamp).or_default() += 1;
        }
    }
    let own = seen.own();
    let mut guesses = vec![None; seen.visitors.len()];
    for (cut, visitors) in seen.cuts.iter().zip(seen.visitors_by_cut()) {
        for (place, at) in visitors.iter().enumerate() {
            let Some(line) = &seen.visitors[*at].own else { continue };
            let other = beside(place).and_then(|place| visitors.get(place));
            let other = other.filter(|other| seen.visitors[**other].own.is_none());
            let (Some(other), Some((asked, shown))) = (other, counts.get(at)) else { continue };
            let count = |line: &str| shown.get(stamp(line)).copied().unwrap_or_default();
            let excess = |other: &&String| excess(cut, other, (count(other), *asked));
            let others = cut.lines[0].iter().filter(|other| !own.contains(other));
            // Where the holder voted the same, no receipt of theirs draws.
            let drawn = others.filter(|other| say(other) != say(line));
            let most = drawn.max_by(|one, two| excess(one).total_cmp(&excess(two)));
            guesses[*other] = most.cloned();
        }
    }
    guesses
}

/// By how many standard deviations a line is drawn more often than one in those of its option.
fn excess(cut: &CutSeen, line: &str, (count, asked): (u32, u32)) -> f64 {
    let same = cut.lines[0].iter().filter(|other| say(other) == say(line)).count();
    let share = 1.0 / f64::from(u32::try_from(same).unwrap());
    let (mean, asked) = (f64::from(asked) * share, f64::from(asked));
    let deviation = (asked * share * (1.0 - share)).sqrt();
    if deviation > 0.0 { (f64::from(count) - mean) / deviation } else { 0.0 }
}
