//! Honest days, vote by vote. They share no code with the null model: people come in groups that
//! tend to vote alike, use their stamps a little later, and are batched first come, first cut.

use canon::{Digest, Timestamp};

use super::super::number::floor;
use super::super::random::Stream;
use super::super::{Series, Snapshot};

/// Snapshots, five minutes apart, of thirteen hours.
const STEPS: usize = 156;

/// What a day is like.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub votes: f64,
    pub k: u32,
    pub shards: u16,
}

pub(super) const USUAL: Kind = Kind { votes: 9000.0, k: 20, shards: 2 };

/// The rate at a time of the day: a morning and an evening peak over a quiet noon.
fn rate(step: usize) -> f64 {
    let hour = 7.0 + f64::from(u32::try_from(step).unwrap()) / 12.0;
    let peak = |at: f64, width: f64| (-(hour - at) * (hour - at) / (2.0 * width * width)).exp();
    0.5 + 1.1 * peak(8.8, 1.2) + 1.6 * peak(17.6, 1.4)
}

/// What was done by the end of each step.
#[derive(Default, Clone)]
struct Totals {
    votes: [u64; 3],
    stamps: [u64; 4],
    check_ins: u64,
}

pub(super) fn honest(number: u64, kind: Kind) -> Series {
    let mut stream = Stream::new(&Digest::of(b"honest days of the tests"), "day", number);
    let whole: f64 = (0..STEPS).map(rate).sum();
    // One vote an entry: its option. What came in a step, and what comes in the next.
    let mut late: Vec<usize> = Vec::new();
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); usize::from(kind.shards)];
    let mut totals = Totals::default();
    let mut snapshots = vec![snapshot(0, &totals)];
    for step in 0..STEPS {
        let mut now = std::mem::take(&mut late);
        // A group has 1.4 members on average.
        let groups = stream.poisson(kind.votes * rate(step) / whole / 1.4);
        for _ in 0..floor(groups) {
            group(&mut stream, step, &mut totals, &mut now, &mut late);
        }
        for option in now {
            let shard = &mut waiting[stream.below(usize::from(kind.shards))];
            shard.push(option);
            let k = usize::try_from(kind.k).unwrap();
            while shard.len() >= (2 * k).max(1) {
                shard.drain(..k.max(1)).for_each(|option| totals.votes[option] += 1);
            }
        }
        if step + 1 == STEPS {
            let rest = waiting.iter_mut().flat_map(std::mem::take).chain(late.clone());
            rest.for_each(|option| totals.votes[option] += 1);
        }
        snapshots.push(snapshot(step + 1, &totals));
    }
    Series {
        campaign: "solar".to_owned(),
        options: ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"].map(str::to_owned).to_vec(),
        stations: ["ST-1", "ST-2", "ST-3", "ST-4"].map(str::to_owned).to_vec(),
        k: kind.k,
        shards: kind.shards,
        stamp_period_s: 86_400,
        closed: true,
        snapshots,
    }
}

/// Friends that check in at one station; half of them vote as the first does.
fn group(
    stream: &mut Stream,
    step: usize,
    totals: &mut Totals,
    now: &mut Vec<usize>,
    late: &mut Vec<usize>,
) {
    let size = if stream.uniform() < 0.8 { 1 } else { 2 + stream.below(3) };
    let part = f64::from(u32::try_from(step).unwrap()) / 156.0;
    let choose = |stream: &mut Stream| {
        let drawn = stream.uniform();
        // The leading option loses four in a hundred over the day.
        if drawn < 0.52 - 0.04 * part { 0 } else { 1 + usize::from(drawn > 0.9) }
    };
    let drawn = stream.uniform();
    let station = [0.4 + 0.05 * part, 0.7, 0.9].iter().filter(|edge| drawn >= **edge).count();
    let first = choose(stream);
    for _ in 0..size {
        totals.check_ins += 1;
        if stream.uniform() < 0.01 {
            continue;
        }
        totals.stamps[station] += 1;
        while stream.uniform() < 0.03 {
            totals.stamps[station] += 1;
        }
        let option = if stream.uniform() < 0.5 { first } else { choose(stream) };
        if stream.uniform() < 0.8 { now.push(option) } else { late.push(option) }
    }
}

fn snapshot(step: usize, totals: &Totals) -> Snapshot {
    // 2026-11-03T07:00:00Z.
    let opening = Timestamp::from_unix(1_793_689_200).unwrap();
    let votes = totals.votes.iter().sum();
    Snapshot {
        time: opening.plus_seconds(u64::try_from(step).unwrap() * 300).unwrap(),
        votes,
        voters: votes,
        by_option: Some(totals.votes.to_vec()),
        stamps: Some(totals.stamps.to_vec()),
        check_ins: Some(totals.check_ins),
    }
}

/// Adds votes for an option to a snapshot and all that follow.
pub(super) fn add(series: &mut Series, from: usize, option: usize, votes: u64) {
    for one in &mut series.snapshots[from..] {
        one.votes += votes;
        one.voters += votes;
        one.by_option.as_mut().unwrap()[option] += votes;
    }
}

/// Takes votes of an option out of a snapshot and all that follow.
pub(super) fn take(series: &mut Series, from: usize, option: usize, votes: u64) {
    for one in &mut series.snapshots[from..] {
        one.votes -= votes;
        one.voters -= votes;
        one.by_option.as_mut().unwrap()[option] -= votes;
    }
}

/// Moves votes from an option to another, in a snapshot and all that follow.
pub(super) fn shift(series: &mut Series, from: usize, options: [usize; 2], votes: u64) {
    for one in &mut series.snapshots[from..] {
        let counts = one.by_option.as_mut().unwrap();
        counts[options[0]] -= votes;
        counts[options[1]] += votes;
    }
}
