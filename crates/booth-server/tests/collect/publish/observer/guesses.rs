//! How the observer guesses whose vote is whose.

mod entries;
mod files;
mod receipts;

use std::collections::HashMap;

use booth::vote::Vote;

use super::seen::{CutSeen, Seen, State, vote};

/// For each visitor a line of the list of votes.
pub(super) type Guesses = Vec<Option<String>>;

/// A way to guess.
pub(super) struct Strategy {
    pub(super) name: &'static str,
    pub(super) guess: fn(&Seen) -> Guesses,
    /// Whether it needs people of the observer's own. Their votes hide nobody.
    pub(super) has_own: bool,
}

const fn strategy(name: &'static str, guess: fn(&Seen) -> Guesses) -> Strategy {
    Strategy { name, guess, has_own: false }
}

const fn with_own(name: &'static str, guess: fn(&Seen) -> Guesses) -> Strategy {
    Strategy { name, guess, has_own: true }
}

/// All of them, but for [`together`].
pub(super) const ALL: [Strategy; 26] = [
    strategy("the order in a cut", order),
    strategy("the order in a cut, newest first", newest_first),
    strategy("the order in the published list", whole_order),
    strategy("the same place by hash in both lists of a cut", places),
    strategy("the same place in both published lists", whole_places),
    strategy("nonces in order", |seen| sorted(seen, |vote| vote.nonce.bytes().to_vec())),
    strategy("P-SIG in order", |seen| sorted(seen, |vote| vote.platform.signature.to_vec())),
    strategy("stamps in order", |seen| sorted(seen, |vote| vote.stamp.bytes().to_vec())),
    strategy("the stamp period", periods),
    strategy("the last cut", last_cut),
    strategy("the snapshot after the visit", snapshots),
    strategy("the rate of arrival", rates),
    strategy("the bytes between two states", sizes),
    strategy("the entry on the log after the visit", entries::after_the_visit),
    strategy("stations that grew between two entries", entries::stations),
    strategy("lists that grow on the disks", files::growth),
    strategy("the growth of the spool", files::spool),
    strategy("the order of stamps.seen", files::order),
    strategy("the same place in stamps.seen and mandates.seen", files::places),
    strategy("what stamps.seen grew by at the visit", files::written),
    strategy("the order that marks tell, in stamps.seen", files::marks),
    strategy("batches of the spool, in the order of cuts.log", files::batches),
    with_own("receipts from before and after", receipts::sandwich),
    with_own("what receipts show first after the visit", receipts::first_shown),
    with_own("stamps that the next one's receipts show often", receipts::often_of_the_next),
    with_own("stamps that the last one's receipts show often", receipts::often_of_the_last),
];

/// Guesses in each cut by itself: pairs of a visitor and a line.
fn in_cuts<'a>(
    seen: &'a Seen,
    guess: impl Fn(&'a CutSeen, Vec<usize>) -> Vec<(usize, &'a String)>,
) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    for (cut, visitors) in seen.cuts.iter().zip(seen.visitors_by_cut()) {
        for (visitor, line) in guess(cut, visitors) {
            guesses[visitor] = Some(line.clone());
        }
    }
    guesses
}

fn order(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| visitors.into_iter().zip(&cut.lines[0]).collect())
}

fn newest_first(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| visitors.into_iter().zip(cut.lines[0].iter().rev()).collect())
}

fn whole_order(seen: &Seen) -> Guesses {
    seen.lists[0].iter().map(|line| Some(line.clone())).collect()
}

fn places(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| by_place(seen, visitors, &cut.lines[1], &cut.lines[0]))
}

/// The visitors as their mandates stand in one list, beside the lines of another.
fn by_place<'a>(
    seen: &Seen,
    mut visitors: Vec<usize>,
    mandates: &[String],
    lines: &'a [String],
) -> Vec<(usize, &'a String)> {
    visitors.sort_by_key(|at| mandates.iter().position(|line| *line == seen.visitors[*at].mandate));
    visitors.into_iter().zip(lines).collect()
}

fn whole_places(seen: &Seen) -> Guesses {
    let pairs: HashMap<_, _> = seen.lists[1].iter().zip(&seen.lists[0]).collect();
    let line = |mandate| pairs.get(mandate).map(|line| (*line).clone());
    seen.visitors.iter().map(|visitor| line(&visitor.mandate)).collect()
}

fn sorted(seen: &Seen, key: fn(&Vote) -> Vec<u8>) -> Guesses {
    in_cuts(seen, |cut, visitors| {
        let mut lines: Vec<&String> = cut.lines[0].iter().collect();
        lines.sort_by_cached_key(|line| key(&vote(line)));
        visitors.into_iter().zip(lines).collect()
    })
}

/// Lines of the period of the visit; whoever is alone in it is found.
fn periods(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| by_period(seen, cut, &visitors))
}

fn by_period<'a>(seen: &Seen, cut: &'a CutSeen, visitors: &[usize]) -> Vec<(usize, &'a String)> {
    let period = |line: &'a String| (line, vote(line).platform.period.unix());
    let mut left: Vec<_> = cut.lines[0].iter().map(period).collect();
    let mut pairs = Vec::new();
    for at in visitors {
        let period = seen.visitors[*at].period;
        let place = left.iter().position(|(_, of)| *of == period);
        pairs.extend(place.map(|place| (*at, left.remove(place).0)));
    }
    pairs
}

/// Those who came last, in the last cut of their shard.
fn last_cut(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, mut visitors| {
        let last = seen.cuts.iter().rfind(|other| other.shard == cut.shard);
        if last.is_none_or(|last| last.from != cut.from) {
            return Vec::new();
        }
        visitors.reverse();
        by_period(seen, cut, &visitors)
    })
}

/// Those who came between two snapshots are the lines that the second one adds.
fn snapshots(seen: &Seen) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    let mut from = 0;
    for state in &seen.states {
        let until = seen.came_before(state.at);
        for (visitor, line) in (from..until).zip(state.added.clone()) {
            guesses[visitor] = Some(seen.lists[0][line].clone());
        }
        from = until;
    }
    guesses
}

/// Those who came since the lists grew last are the lines by which they grow next, the last ones
/// first.
fn rates(seen: &Seen) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    let mut from = 0;
    for state in seen.states.iter().filter(|state| !state.added.is_empty()) {
        let until = seen.came_before(state.at);
        for (visitor, line) in (from..until).rev().zip(state.added.clone().rev()) {
            guesses[visitor] = Some(seen.lists[0][line].clone());
        }
        from = until;
    }
    guesses
}

/// The bytes by which the list grew after a visit say how long the line is.
fn sizes(seen: &Seen) -> Guesses {
    let came: Vec<usize> = seen.states.iter().map(|state| seen.came_before(state.at)).collect();
    let guess = |at: usize| {
        let after = came.partition_point(|came| *came <= at);
        let grown = |place: usize| !seen.states[place].added.is_empty();
        let place = (after..seen.states.len()).find(|place| grown(*place))?;
        let before = place.checked_sub(1).map_or(0, |before| seen.states[before].vote_bytes);
        let State { added, vote_bytes, .. } = &seen.states[place];
        let mean = (vote_bytes - before) / added.len() as u64;
        let lines = &seen.lists[0][added.clone()];
        lines.iter().min_by_key(|line| (line.len() as u64).abs_diff(mean)).cloned()
    };
    (0..seen.visitors.len()).map(guess).collect()
}

/// What most of the others say.
pub(super) fn together(all: &[Guesses]) -> Guesses {
    let most = |at: usize| {
        let said: Vec<&String> = all.iter().filter_map(|one| one.get(at)?.as_ref()).collect();
        let times = |line: &&&String| said.iter().filter(|other| other == line).count();
        said.iter().rev().max_by_key(times).map(|line| (*line).clone())
    };
    (0..all.first().map_or(0, Vec::len)).map(most).collect()
}
