//! What the tests are able to find, by simulation: honest days of this campaign with something
//! put in or taken out.
//!
//! The days vary as much as the campaign itself does. A size is found by doubling and then by
//! bisection, on the same simulated days throughout, so that a greater manipulation is not found
//! less often by chance.

use canon::Digest;
use serde::Serialize;

use super::fit::{Fit, Spread, overall};
use super::number::{floor, length, mean};
use super::random::Stream;
use super::report::decimal;
use super::series::Series;
use super::test::Test;
use super::window::Counts;
use super::{Judged, Tested};

/// The power that is asked for.
const POWER: f64 = 0.8;

/// Steps of a bisection: the size is told to a part in 64.
const STEPS: u32 = 7;

/// Shares of the votes that the slow manipulations move.
const SLOW: [f64; 3] = [0.01, 0.05, 0.2];

/// What a manipulator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manipulation {
    /// Votes are added within one window, without stamps and check-ins.
    AddedAtOnce,
    /// Votes of one window never appear.
    WithheldAtOnce,
    /// Votes of one window are changed from the leading option to the next.
    MovedAtOnce,
    /// Votes are added within one window with stamps of one station, without check-ins.
    AddedAtAStation,
    /// The same share of every window's votes is changed from the leading option to the next.
    MovedSlowly,
    /// The same share of every window's votes is added, without stamps and check-ins.
    AddedSlowly,
}

impl Manipulation {
    /// What it is, for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::AddedAtOnce => "votes added at once",
            Self::WithheldAtOnce => "votes withheld at once",
            Self::MovedAtOnce => "votes moved at once",
            Self::AddedAtAStation => "votes with a station's stamps",
            Self::MovedSlowly => "votes moved evenly all day",
            Self::AddedSlowly => "votes added evenly all day",
        }
    }

    /// The tests that could notice it.
    const fn noticed_by(self) -> &'static [Test] {
        match self {
            Self::AddedAtOnce => &[Test::Growth, Test::Stamps, Test::CheckIns, Test::Mixture],
            Self::WithheldAtOnce => &[Test::Growth, Test::Stamps, Test::CheckIns],
            Self::MovedAtOnce => &[Test::Growth, Test::Mixture],
            Self::AddedAtAStation => &[Test::Growth, Test::Stations, Test::CheckIns],
            Self::MovedSlowly | Self::AddedSlowly => &[],
        }
    }
}

/// On how many simulated days of how many something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Days on which it was found.
    pub found: u32,
    /// Days.
    pub days: u32,
}

impl Rate {
    /// The share of the days.
    pub fn share(self) -> f64 {
        f64::from(self.found) / f64::from(self.days.max(1))
    }

    /// The standard error of that share. Where nothing or everything was found it is that of
    /// half a day more or less.
    pub fn error(self) -> f64 {
        let days = f64::from(self.days.max(1));
        let share = self.share().clamp(0.5 / days, 1.0 - 0.5 / days);
        (share * (1.0 - share) / days).sqrt()
    }
}

/// The smallest manipulation of a kind that a test finds with 80 % power.
#[derive(Debug, Clone, Serialize)]
pub struct Smallest {
    /// What is done.
    pub manipulation: Manipulation,
    /// The test.
    pub test: Test,
    /// Votes; `None` where no number of them is found so often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<u64>,
    /// How often that many were found.
    pub rate: Rate,
}

/// How often a slow manipulation is found.
#[derive(Debug, Clone, Serialize)]
pub struct Slow {
    /// What is done.
    pub manipulation: Manipulation,
    /// The share of the votes.
    #[serde(serialize_with = "decimal")]
    pub share: f64,
    /// About how many votes that is.
    pub votes: u64,
    /// How often any test that counts found something.
    pub rate: Rate,
}

/// From how many added votes on a rule is broken, however they are added.
#[derive(Debug, Clone, Serialize)]
pub struct Limit {
    /// What is used up.
    pub of: &'static str,
    /// The votes that can be added without breaking it.
    pub votes: u64,
}

/// What the tests are able to find.
#[derive(Debug, Clone, Serialize)]
pub struct Power {
    /// Honest days on which each test found something: its false-alarm rate.
    pub honest: Vec<(Test, Rate)>,
    /// The same for all tests that count together.
    pub any: Rate,
    /// Smallest manipulations found.
    pub smallest: Vec<Smallest>,
    /// Slow manipulations.
    pub slow: Vec<Slow>,
    /// What is found without statistics.
    pub limits: Vec<Limit>,
}

/// A simulated day, and where something is done on it.
struct Day {
    counts: Counts,
    window: usize,
    station: usize,
}

/// The two options that votes are moved between.
#[derive(Clone, Copy)]
struct Pair {
    leading: usize,
    next: usize,
}

pub(super) fn power(
    judged: &Judged,
    series: &Series,
    seed: &Digest,
    days: u32,
    done: &mut dyn FnMut(u64, u64),
) -> Power {
    let bench = Bench::new(judged, seed, days);
    let counting = || judged.tests.iter().filter(|tested| tested.measure.test.counts());
    let once = [
        Manipulation::AddedAtOnce,
        Manipulation::WithheldAtOnce,
        Manipulation::MovedAtOnce,
        Manipulation::AddedAtAStation,
    ];
    let tasks: Vec<(Manipulation, &Tested)> = once
        .into_iter()
        .flat_map(|manipulation| {
            let notices =
                move |tested: &&Tested| manipulation.noticed_by().contains(&tested.measure.test);
            counting().filter(notices).map(move |tested| (manipulation, tested))
        })
        .filter(|(manipulation, _)| bench.can(*manipulation))
        .collect();
    let slow: Vec<(Manipulation, f64)> = [Manipulation::MovedSlowly, Manipulation::AddedSlowly]
        .into_iter()
        .filter(|manipulation| bench.can(*manipulation))
        .flat_map(|manipulation| SLOW.map(|share| (manipulation, share)))
        .collect();
    let all = length(tasks.len()) + length(slow.len()) + 1.0;
    let mut made = 0_u64;
    let mut step = || {
        made = made.saturating_add(1);
        done(made, u64::try_from(floor(all)).unwrap_or_default());
    };
    let honest =
        counting().map(|tested| (tested.measure.test, bench.rate(&[tested], |_| {}))).collect();
    let tests: Vec<&Tested> = counting().collect();
    let any = bench.rate(&tests, |_| {});
    step();
    let mut smallest = Vec::new();
    for (manipulation, tested) in tasks {
        smallest.push(bench.smallest(manipulation, tested));
        step();
    }
    let mut slowly = Vec::new();
    for (manipulation, share) in slow {
        slowly.push(bench.slow(manipulation, share, &tests));
        step();
    }
    Power { honest, any, smallest, slow: slowly, limits: limits(series) }
}

/// Simulated days to try manipulations on.
struct Bench<'a> {
    fit: &'a Fit,
    days: Vec<Day>,
    pair: Option<Pair>,
    has_stations: bool,
}

impl<'a> Bench<'a> {
    fn new(judged: &'a Judged, seed: &Digest, days: u32) -> Self {
        let spread = |test: Test| {
            let tested = judged.tests.iter().find(|tested| tested.measure.test == test);
            tested.map_or(1.0, |tested| tested.made.spread.max(1.0))
        };
        let unrest = |test: Test| {
            let tested = judged.tests.iter().find(|tested| tested.measure.test == test);
            tested.map_or(0.0, |tested| tested.measure.unrest(tested.made.spread))
        };
        let spread = Spread {
            votes: spread(Test::Growth),
            mixture: spread(Test::Mixture),
            stations: spread(Test::Stations),
            unused: unrest(Test::Stamps),
            absent: unrest(Test::CheckIns),
        };
        let stations: Vec<usize> = judged
            .tests
            .iter()
            .filter(|tested| tested.measure.test == Test::Stations)
            .flat_map(|tested| tested.measure.numbers())
            .collect();
        let day = |number: u64| {
            let mut stream = Stream::new(seed, "power", number);
            let counts = judged.fit.draw(spread, &mut stream);
            // Two windows at either end are left out, so that all neighbours are there.
            let window = stream.below(judged.windows.count().saturating_sub(4)).saturating_add(2);
            let station = stations.get(stream.below(stations.len())).copied().unwrap_or_default();
            Day { counts, window, station }
        };
        let options = judged.windows.counts.options.as_deref();
        Self {
            fit: &judged.fit,
            days: (0..u64::from(days)).map(day).collect(),
            pair: options.and_then(pair),
            has_stations: !stations.is_empty(),
        }
    }

    /// Whether the campaign has what a manipulation touches.
    fn can(&self, manipulation: Manipulation) -> bool {
        match manipulation {
            Manipulation::MovedAtOnce | Manipulation::MovedSlowly => self.pair.is_some(),
            Manipulation::AddedAtAStation => self.has_stations,
            _ => true,
        }
    }

    /// On how many days any of the tests finds something after `change`.
    fn rate(&self, tests: &[&Tested], change: impl Fn(&mut Day)) -> Rate {
        let mut rate = Rate { found: 0, days: 0 };
        for day in &self.days {
            let mut day =
                Day { counts: day.counts.clone(), window: day.window, station: day.station };
            change(&mut day);
            let finds = |tested: &&Tested| {
                let values = tested.measure.values(self.fit, &day.counts);
                let critical = tested.reference.critical(tested.made.level);
                tested.reference.greatest(&values) > critical
            };
            rate.days = rate.days.saturating_add(1);
            rate.found = rate.found.saturating_add(u32::from(tests.iter().any(finds)));
        }
        rate
    }

    fn smallest(&self, manipulation: Manipulation, tested: &Tested) -> Smallest {
        let test = tested.measure.test;
        let rate =
            |votes: f64| self.rate(&[tested], |day| at_once(manipulation, votes, day, self.pair));
        let most = mean(&self.fit.votes) * length(self.fit.votes.len());
        let mut high = 8.0;
        let mut found = rate(high);
        while found.share() < POWER && high < most {
            high = (high * 2.0_f64).min(most);
            found = rate(high);
        }
        if found.share() < POWER {
            return Smallest { manipulation, test, votes: None, rate: found };
        }
        let mut low = high / 2.0;
        for _ in 0..STEPS {
            let middle = (f64::midpoint(low, high)).ceil();
            if middle >= high {
                break;
            }
            let here = rate(middle);
            if here.share() < POWER {
                low = middle;
            } else {
                (high, found) = (middle, here);
            }
        }
        let votes = u64::try_from(floor(high)).ok();
        Smallest { manipulation, test, votes, rate: found }
    }

    fn slow(&self, manipulation: Manipulation, share: f64, tests: &[&Tested]) -> Slow {
        let rate = self.rate(tests, |day| {
            for window in 0..day.counts.votes.len() {
                let votes = (share * day.counts.votes.get(window).unwrap_or(&0.0)).round();
                if let (Manipulation::MovedSlowly, Some(pair)) = (manipulation, self.pair) {
                    moved(&mut day.counts, votes, window, pair);
                } else {
                    added(&mut day.counts, votes, window, self.pair);
                }
            }
        });
        let votes = mean(&self.fit.votes) * length(self.fit.votes.len()) * share;
        let votes = u64::try_from(floor(votes.round())).unwrap_or_default();
        Slow { manipulation, share, votes, rate }
    }
}

/// The two options with the most votes.
fn pair(options: &[Vec<f64>]) -> Option<Pair> {
    let mut order: Vec<(usize, f64)> = overall(options).into_iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    match order.as_slice() {
        [(leading, _), (next, _), ..] => Some(Pair { leading: *leading, next: *next }),
        _ => None,
    }
}

fn at_once(manipulation: Manipulation, votes: f64, day: &mut Day, pair: Option<Pair>) {
    let (counts, window) = (&mut day.counts, day.window);
    match (manipulation, pair) {
        (Manipulation::MovedAtOnce, Some(pair)) => moved(counts, votes, window, pair),
        (Manipulation::WithheldAtOnce, _) => withheld(counts, votes, window),
        (Manipulation::AddedAtAStation, _) => {
            added(counts, votes, window, pair);
            let row = counts.stations.as_mut().and_then(|rows| rows.get_mut(day.station));
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
fn added(counts: &mut Counts, votes: f64, window: usize, pair: Option<Pair>) {
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

fn moved(counts: &mut Counts, votes: f64, window: usize, pair: Pair) {
    let Some(rows) = counts.options.as_mut() else { return };
    let there = rows.get(pair.leading).and_then(|row| row.get(window)).copied();
    let votes = votes.min(there.unwrap_or_default());
    put(rows.get_mut(pair.leading), window, -votes);
    put(rows.get_mut(pair.next), window, votes);
}

/// How many votes fit into the stamps and the check-ins that no vote stands for.
fn limits(series: &Series) -> Vec<Limit> {
    let Some(last) = series.snapshots.last() else { return Vec::new() };
    let rest = |whole: Option<u64>| whole.map(|whole| whole.saturating_sub(last.votes));
    let limit = |(of, rest): (&'static str, Option<u64>)| rest.map(|votes| Limit { of, votes });
    let sides = [("stamps", rest(last.stamps_issued())), ("check-ins", rest(last.check_ins))];
    sides.into_iter().filter_map(limit).collect()
}
