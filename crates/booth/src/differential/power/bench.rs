//! Simulated days of a view, and what is found on them.

use core::ops::Range;

use canon::Digest;

use super::super::fit::{Fit, Spread};
use super::super::number::{floor, length};
use super::super::random::Stream;
use super::super::test::Test;
use super::super::view::{Tested, View};
use super::super::window::Counts;
use super::change::{self, Pair, pair};
use super::{Burst, Manipulation, Rate, Slow, Smallest, When};

/// The power that is asked for.
const POWER: f64 = 0.8;

/// Steps of a bisection: the size is told to a part in 64.
const STEPS: u32 = 7;

/// Simulated days to try manipulations on.
pub(super) struct Bench<'a> {
    fit: &'a Fit,
    /// The tests that count.
    pub tests: Vec<&'a Tested>,
    days: Vec<Day>,
    pair: Option<Pair>,
    has_stations: bool,
}

/// A simulated day, and where something is done on it.
pub(super) struct Day {
    counts: Counts,
    window: usize,
    station: usize,
    /// All windows, shuffled.
    order: Vec<usize>,
}

impl<'a> Bench<'a> {
    /// Of a view that was judged.
    pub(super) fn new(view: &'a View, seed: &Digest, days: u32) -> Option<Self> {
        let judged = view.judged.as_ref().ok()?;
        let of = |test: Test| judged.tests.iter().find(|tested| tested.measure.test == test);
        let spread = |test: Test| of(test).map_or(1.0, |tested| tested.made.spread.max(1.0));
        let unrest =
            |test: Test| of(test).map_or(0.0, |tested| tested.measure.unrest(tested.made.spread));
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
        // Two windows at either end of a run are left out, so that all neighbours are there.
        let inner = |run: &Range<usize>| run.start.saturating_add(2)..run.end.saturating_sub(2);
        let inner: Vec<usize> = judged.windows.runs.iter().flat_map(inner).collect();
        let all: Vec<usize> = judged.windows.runs.iter().flat_map(Clone::clone).collect();
        let day = |number: u64| {
            let mut stream = Stream::new(seed, "power", number);
            let counts = judged.fit.draw(spread, &mut stream);
            let pick = |stream: &mut Stream, from: &[usize]| {
                from.get(stream.below(from.len())).copied().unwrap_or_default()
            };
            let (window, station) = (pick(&mut stream, &inner), pick(&mut stream, &stations));
            Day { counts, window, station, order: shuffled(&all, &mut stream) }
        };
        let counting = judged.tests.iter().filter(|tested| tested.measure.test.counts());
        Some(Self {
            fit: &judged.fit,
            tests: counting.collect(),
            days: (0..u64::from(days)).map(day).collect(),
            pair: judged.windows.counts.options.as_deref().and_then(pair),
            has_stations: !stations.is_empty(),
        })
    }

    /// Whether the campaign has what a manipulation touches.
    pub(super) fn can(&self, manipulation: Manipulation) -> bool {
        match manipulation {
            Manipulation::MovedAtOnce | Manipulation::MovedInBursts | Manipulation::MovedSlowly => {
                self.pair.is_some()
            }
            Manipulation::AddedAtAStation => self.has_stations,
            _ => true,
        }
    }

    /// On how many days any of the tests finds something after `change`.
    pub(super) fn rate(&self, tests: &[&Tested], change: impl Fn(&Day, &mut Counts)) -> Rate {
        let mut rate = Rate { found: 0, days: 0 };
        for day in &self.days {
            let mut counts = day.counts.clone();
            change(day, &mut counts);
            let finds = |tested: &&Tested| {
                let values = tested.measure.values(self.fit, &counts);
                let critical = tested.reference.critical(tested.made.level);
                tested.reference.greatest(&values) > critical
            };
            rate.days = rate.days.saturating_add(1);
            rate.found = rate.found.saturating_add(u32::from(tests.iter().any(finds)));
        }
        rate
    }

    pub(super) fn smallest(&self, manipulation: Manipulation, tested: &Tested) -> Smallest {
        let test = tested.measure.test;
        let rate = |votes: f64| {
            self.rate(&[tested], |day, counts| {
                let place = (day.window, day.station);
                change::at_once(manipulation, votes, counts, place, self.pair);
            })
        };
        let (votes, rate) = least(8.0, self.votes(), rate);
        Smallest { manipulation, test, votes, rate }
    }

    /// Equal bursts in many windows.
    pub(super) fn burst(&self, manipulation: Manipulation, when: When) -> Burst {
        let rate = |votes: f64| {
            self.rate(&self.tests, |day, counts| {
                let windows = self.windows(day, when);
                let each = votes / length(windows.len().max(1));
                let (mut due, mut done) = (0.0_f64, 0.0);
                for window in windows {
                    due += each;
                    let here = due.round() - done;
                    done += here;
                    match (manipulation, self.pair) {
                        (Manipulation::MovedInBursts, Some(pair)) => {
                            change::moved(counts, here, window, pair);
                        }
                        _ => change::added(counts, here, window, self.pair),
                    }
                }
            })
        };
        let (votes, rate) = least(32.0, self.votes(), rate);
        Burst { manipulation, when, votes, rate }
    }

    /// The windows of bursts, in the order of the day.
    fn windows(&self, day: &Day, when: When) -> Vec<usize> {
        let mut windows: Vec<usize> = match when {
            When::Every(period) => {
                // Which phase is as random as which window.
                let place = |at: usize| self.fit.places.get(at).copied().unwrap_or_default();
                let phase = place(day.window).checked_rem(period);
                let all = day.order.iter().copied();
                all.filter(|at| place(*at).checked_rem(period) == phase).collect()
            }
            When::Percent(percent) => {
                let part = f64::from(percent) / 100.0;
                let count = floor((length(day.order.len()) * part).round());
                day.order.iter().copied().take(count).collect()
            }
        };
        windows.sort_unstable();
        windows
    }

    fn votes(&self) -> f64 {
        self.fit.votes.iter().sum()
    }

    pub(super) fn slow(&self, manipulation: Manipulation, share: f64) -> Slow {
        let rate = self.rate(&self.tests, |_, counts| {
            for window in 0..counts.votes.len() {
                let votes = (share * counts.votes.get(window).unwrap_or(&0.0)).round();
                if let (Manipulation::MovedSlowly, Some(pair)) = (manipulation, self.pair) {
                    change::moved(counts, votes, window, pair);
                } else {
                    change::added(counts, votes, window, self.pair);
                }
            }
        });
        let votes = u64::try_from(floor((self.votes() * share).round())).unwrap_or_default();
        Slow { manipulation, share, votes, rate }
    }
}

/// The least number of votes, from `least` to `most`, that is found with the power asked for, and
/// how often; by doubling and then by bisection.
fn least(least: f64, most: f64, rate: impl Fn(f64) -> Rate) -> (Option<u64>, Rate) {
    let mut high = least;
    let mut found = rate(high);
    while found.share() < POWER && high < most {
        high = (high * 2.0_f64).min(most);
        found = rate(high);
    }
    if found.share() < POWER {
        return (None, found);
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
    (u64::try_from(floor(high)).ok(), found)
}

/// All of them in random order (Fisher and Yates 1938).
fn shuffled(all: &[usize], stream: &mut Stream) -> Vec<usize> {
    let mut order = all.to_vec();
    for left in (1..order.len()).rev() {
        order.swap(left, stream.below(left.saturating_add(1)));
    }
    order
}
