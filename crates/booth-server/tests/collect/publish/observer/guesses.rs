//! How the observer guesses whose vote is whose.

use booth::vote::Vote;

use super::seen::{CutSeen, Seen, State, Visitor, vote};

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

/// All of them, but for [`together`].
pub(super) const ALL: [Strategy; 16] = [
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
    strategy("lists that grow on the disks", growth),
    strategy("the growth of the spool", spool),
    Strategy { name: "receipts from before and after", guess: receipts, has_own: true },
];

/// Guesses in each cut by itself: pairs of a visitor and a line.
fn in_cuts<'a>(
    seen: &'a Seen,
    guess: impl Fn(&'a CutSeen, Vec<usize>) -> Vec<(usize, &'a String)>,
) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    for cut in &seen.cuts {
        for (visitor, line) in guess(cut, seen.visitors_of(cut)) {
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
    in_cuts(seen, |cut, mut visitors| {
        let place =
            |at: &usize| cut.lines[1].iter().position(|line| *line == seen.visitors[*at].mandate);
        visitors.sort_by_key(place);
        visitors.into_iter().zip(&cut.lines[0]).collect()
    })
}

fn whole_places(seen: &Seen) -> Guesses {
    let line = |mandate: &String| {
        let place = seen.lists[1].iter().position(|line| line == mandate)?;
        seen.lists[0].get(place).cloned()
    };
    seen.visitors.iter().map(|visitor| line(&visitor.mandate)).collect()
}

fn sorted(seen: &Seen, key: fn(&Vote) -> Vec<u8>) -> Guesses {
    in_cuts(seen, |cut, visitors| {
        let mut lines: Vec<&String> = cut.lines[0].iter().collect();
        lines.sort_by_key(|line| key(&vote(line)));
        visitors.into_iter().zip(lines).collect()
    })
}

/// Lines of the period of the visit; whoever is alone in it is found.
fn periods(seen: &Seen) -> Guesses {
    in_cuts(seen, |cut, visitors| by_period(seen, cut, &visitors))
}

fn by_period<'a>(seen: &Seen, cut: &'a CutSeen, visitors: &[usize]) -> Vec<(usize, &'a String)> {
    let mut left: Vec<&String> = cut.lines[0].iter().collect();
    let mut pairs = Vec::new();
    for at in visitors {
        let period = seen.visitors[*at].period;
        let place = left.iter().position(|line| vote(line).platform.period.unix() == period);
        pairs.extend(place.map(|place| (*at, left.remove(place))));
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
        for (visitor, line) in (from..seen.came_before(state)).zip(state.added.clone()) {
            guesses[visitor] = Some(seen.lists[0][line].clone());
        }
        from = seen.came_before(state);
    }
    guesses
}

/// Those who came since the lists grew last are the lines by which they grow next, the last ones
/// first.
fn rates(seen: &Seen) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    let mut from = 0;
    for state in seen.states.iter().filter(|state| !state.added.is_empty()) {
        for (visitor, line) in (from..seen.came_before(state)).rev().zip(state.added.clone().rev())
        {
            guesses[visitor] = Some(seen.lists[0][line].clone());
        }
        from = seen.came_before(state);
    }
    guesses
}

/// The bytes by which the list grew after a visit say how long the line is.
fn sizes(seen: &Seen) -> Guesses {
    let guess = |at: usize| {
        let after = seen.states.iter().position(|state| seen.came_before(state) > at)?;
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

/// The line at the place where an instance's list of votes grew when somebody came.
fn growth(seen: &Seen) -> Guesses {
    let guess = |visitor: &Visitor| {
        let file = format!("collect-{}/state/solar-vote.log", visitor.shard);
        let change = visitor.changes.iter().find(|change| change.file == file)?;
        let of = |cut: &&CutSeen| cut.shard == visitor.shard && cut.from == change.before;
        seen.cuts.iter().find(of)?.lines[0].first().cloned()
    };
    seen.visitors.iter().map(guess).collect()
}

/// The more the spool grew when somebody came, the longer their line.
fn spool(seen: &Seen) -> Guesses {
    let grown = |at: usize| -> u64 {
        let changes = seen.visitors[at].changes.iter();
        let spools = changes.filter(|change| change.file.contains(".spool"));
        spools.map(|change| change.after.saturating_sub(change.before)).sum()
    };
    in_cuts(seen, |cut, mut visitors| {
        visitors.sort_by_key(|at| grown(*at));
        let mut lines: Vec<&String> = cut.lines[0].iter().collect();
        lines.sort_by_key(|line| line.len());
        visitors.into_iter().zip(lines).collect()
    })
}

/// What the receipt of somebody after a visit shows, and that of somebody before it did not: the
/// last lines of them, in the order of the visitors.
fn receipts(seen: &Seen) -> Guesses {
    let guess = |at: usize| {
        let shard = seen.visitors[at].shard;
        let own = |other: usize| {
            let visitor = &seen.visitors[other];
            Some((other, visitor.own.as_ref().filter(|_| visitor.shard == shard)?))
        };
        let after = (at..seen.visitors.len()).find_map(own);
        let before = (0..at).rev().find_map(own);
        let cut = seen.cut_of(at);
        let may_be = |line: &&String| {
            !seen.is_own(line) && cut.is_none_or(|cut| cut.lines[0].contains(line))
        };
        let newest = after.and_then(|(after, own)| {
            let is_new =
                |stamp: &&String| before.is_none_or(|(_, own)| !own.receipt.contains(stamp));
            let new: Vec<&String> = own.receipt.iter().filter(is_new).collect();
            let is_shown = |line: &&String| new.iter().any(|stamp| line.contains(stamp.as_str()));
            let between = seen.visitors[at + 1..after].iter().filter(|one| one.shard == shard);
            seen.lists[0].iter().rev().filter(is_shown).filter(may_be).nth(between.count())
        });
        newest.or_else(|| cut?.lines[0].iter().find(may_be)).cloned()
    };
    let is_own = |at: usize| seen.visitors[at].own.is_some();
    (0..seen.visitors.len()).map(|at| if is_own(at) { None } else { guess(at) }).collect()
}

/// What most of the others say.
pub(super) fn together(seen: &Seen) -> Guesses {
    let all: Vec<Guesses> = ALL.iter().map(|one| (one.guess)(seen)).collect();
    let most = |at: usize| {
        let said: Vec<&String> = all.iter().filter_map(|one| one.get(at)?.as_ref()).collect();
        let times = |line: &&&String| said.iter().filter(|other| other == line).count();
        said.iter().rev().max_by_key(times).map(|line| (*line).clone())
    };
    (0..seen.visitors.len()).map(most).collect()
}
