//! What the tests are able to find, by simulation: honest days of this campaign with something
//! put in or taken out.
//!
//! The days vary as much as the campaign itself does. A size is found by doubling and then by
//! bisection, on the same simulated days throughout, so that a greater manipulation is not found
//! less often by chance.

use canon::Digest;
use serde::Serialize;

use super::number::{floor, length};
use super::report::decimal;
use super::series::Series;
use super::test::Test;
use super::text::ordinal;
use super::view::{Tested, View};

mod bench;
mod change;

use bench::Bench;

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
    /// Votes of several windows are changed from the leading option to the next.
    MovedInBursts,
    /// Votes are added in several windows, without stamps and check-ins.
    AddedInBursts,
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
            Self::MovedInBursts => "votes moved",
            Self::AddedInBursts => "votes added",
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
            Self::MovedInBursts | Self::AddedInBursts | Self::MovedSlowly | Self::AddedSlowly => {
                &[]
            }
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

/// In which windows bursts are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In every n-th window.
    Every(usize),
    /// In so many of a hundred windows, drawn at random.
    Percent(u32),
}

impl When {
    /// What is looked at.
    const ALL: [Self; 11] = [
        Self::Every(2),
        Self::Every(3),
        Self::Every(4),
        Self::Every(5),
        Self::Every(6),
        Self::Every(7),
        Self::Every(8),
        Self::Percent(10),
        Self::Percent(20),
        Self::Percent(30),
        Self::Percent(50),
    ];

    /// What it is, for people.
    pub fn text(self) -> String {
        match self {
            Self::Every(period) => format!("every {} window", ordinal(period)),
            Self::Percent(percent) => format!("{percent} % of windows"),
        }
    }
}

/// The smallest manipulation in bursts that any of the tests finds with 80 % power.
#[derive(Debug, Clone, Serialize)]
pub struct Burst {
    /// What is done.
    pub manipulation: Manipulation,
    /// In which windows.
    pub when: When,
    /// Votes in all bursts together; `None` where no number of them is found so often.
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
    /// Smallest manipulations found in bursts.
    pub bursts: Vec<Burst>,
    /// Slow manipulations.
    pub slow: Vec<Slow>,
    /// What is found without statistics.
    pub limits: Vec<Limit>,
}

/// What the tests of all views are able to find. Whatever any of several tests may find is looked
/// for by the view with the most tests.
pub(super) fn power(
    views: &[View],
    series: &Series,
    seed: &Digest,
    days: u32,
    done: &mut dyn FnMut(u64, u64),
) -> Option<Power> {
    let benches: Vec<Bench> =
        views.iter().filter_map(|view| Bench::new(view, seed, days)).collect();
    let most = benches.iter().max_by_key(|bench| bench.tests.len())?;
    let tasks: Vec<(&Bench, Manipulation, &Tested)> =
        benches.iter().flat_map(|bench| at_once(bench)).collect();
    let bursts = [Manipulation::MovedInBursts, Manipulation::AddedInBursts];
    let bursts = bursts.into_iter().filter(|manipulation| most.can(*manipulation));
    let bursts: Vec<(Manipulation, When)> =
        bursts.flat_map(|manipulation| When::ALL.map(|when| (manipulation, when))).collect();
    let slow = [Manipulation::MovedSlowly, Manipulation::AddedSlowly];
    let slow = slow.into_iter().filter(|manipulation| most.can(*manipulation));
    let slow: Vec<(Manipulation, f64)> =
        slow.flat_map(|manipulation| SLOW.map(|share| (manipulation, share))).collect();
    let all = length(tasks.len()) + length(bursts.len()) + length(slow.len()) + 1.0;
    let mut made = 0_u64;
    let mut step = || {
        made = made.saturating_add(1);
        done(made, u64::try_from(floor(all)).unwrap_or_default());
    };
    let mut power = Power {
        honest: Vec::new(),
        any: most.rate(&most.tests, |_, _| {}),
        smallest: Vec::new(),
        bursts: Vec::new(),
        slow: Vec::new(),
        limits: limits(series),
    };
    for bench in &benches {
        let honest = |tested: &&Tested| (tested.measure.test, bench.rate(&[*tested], |_, _| {}));
        power.honest.extend(bench.tests.iter().map(honest));
    }
    power.honest.sort_by_key(|(test, _)| *test);
    step();
    for (bench, manipulation, tested) in tasks {
        power.smallest.push(bench.smallest(manipulation, tested));
        step();
    }
    for (manipulation, when) in bursts {
        power.bursts.push(most.burst(manipulation, when));
        step();
    }
    for (manipulation, share) in slow {
        power.slow.push(most.slow(manipulation, share));
        step();
    }
    Some(power)
}

/// What is done in one window, with each test of a view that could notice it.
fn at_once<'a>(bench: &'a Bench<'a>) -> Vec<(&'a Bench<'a>, Manipulation, &'a Tested)> {
    let once = [
        Manipulation::AddedAtOnce,
        Manipulation::WithheldAtOnce,
        Manipulation::MovedAtOnce,
        Manipulation::AddedAtAStation,
    ];
    let able = once.into_iter().filter(|manipulation| bench.can(*manipulation));
    let tasks = able.flat_map(|manipulation| {
        let notices =
            move |tested: &&&Tested| manipulation.noticed_by().contains(&tested.measure.test);
        bench.tests.iter().filter(notices).map(move |tested| (bench, manipulation, *tested))
    });
    tasks.collect()
}

/// How many votes fit into the stamps and the check-ins that no vote stands for.
fn limits(series: &Series) -> Vec<Limit> {
    let Some(last) = series.snapshots.last() else { return Vec::new() };
    let rest = |whole: Option<u64>| whole.map(|whole| whole.saturating_sub(last.votes));
    let limit = |(of, rest): (&'static str, Option<u64>)| rest.map(|votes| Limit { of, votes });
    let sides = [("stamps", rest(last.stamps_issued())), ("check-ins", rest(last.check_ins))];
    sides.into_iter().filter_map(limit).collect()
}
