//! The attack: whoever watches the door all day, and has everything that is shown, published or
//! lies open on a disk, guesses whose vote is whose.
//!
//! The observer knows who came, when and in which order, and every mandate; each state of the
//! published lists as soon as it is there, with its time and size; P-UTC, P-SIG, stamps and nonces;
//! the lists of the instances with their cuts; names, sizes and times of all files of instances and
//! publisher, looked at after each visitor; and receipts of people of their own.
//!
//! A guess is the line of a visitor's vote. In a batch of `k` votes one of `k` is right by chance.
//! How often they are right in all is held against a bound that chance alone passes once in a
//! million (see [`Verdict::limit`]), for each strategy. What sees nothing here has to succeed on
//! days on which something is wrong.

mod day;
mod guesses;
mod seen;

use std::collections::BTreeMap;

use self::day::{Plan, run};
use self::guesses::{ALL, Guesses, Strategy, together};
use self::seen::{Change, Day, vote};

/// How often chance alone may pass the bound of one strategy.
const FALSE_ALARM: f64 = 1e-6;

/// How often a strategy was right.
#[derive(Debug)]
struct Verdict {
    strategy: &'static str,
    guesses: u32,
    hits: u32,
    /// How many are right by chance: the sum of one in the votes of the batch.
    chance: f64,
}

impl Verdict {
    fn of(day: &Day, strategy: &'static str, has_own: bool, guesses: &Guesses) -> Self {
        let crowds = crowds(day, has_own);
        let mut verdict = Self { strategy, guesses: 0, hits: 0, chance: 0.0 };
        for (at, (guess, crowd)) in guesses.iter().zip(crowds).enumerate() {
            let is_known = has_own && day.seen.visitors[at].own.is_some();
            let Some(line) = guess.as_ref().filter(|_| !is_known) else { continue };
            verdict.guesses += 1;
            verdict.hits += u32::from(*line == day.truth[at]);
            verdict.chance += 1.0 / f64::from(crowd);
        }
        verdict
    }

    /// The least number of hits that is more than chance.
    ///
    /// Let X be the hits among `m` guesses in a batch of `c` votes whose order says nothing. Then
    /// E[X (X - 1) ... (X - r + 1)] is at most (m/c)^r for each r, as it is of a Poisson variable
    /// of that mean; hence E[e^(tX)] is at most that of this variable, and batches are independent.
    /// So Chernoff's bound for the sum is P(X >= x) <= exp(x - chance) (chance / x)^x.
    fn limit(&self) -> u32 {
        let bound = |hits: &u32| {
            let hits = f64::from(*hits);
            hits > self.chance
                && hits - self.chance + hits * (self.chance / hits).ln() <= FALSE_ALARM.ln()
        };
        (1..u32::MAX).find(bound).unwrap()
    }

    fn is_related(&self) -> bool {
        self.hits >= self.limit()
    }
}

/// How many votes each visitor's vote hides among: those of the batch with its stamp period,
/// without those that the observer knows; and never fewer than are promised.
fn crowds(day: &Day, has_own: bool) -> Vec<u32> {
    let seen = &day.seen;
    let mut batches: BTreeMap<&String, (usize, u64)> = BTreeMap::new();
    for (number, cut) in seen.cuts.iter().enumerate() {
        for line in &cut.lines[0] {
            batches.insert(line, (number, vote(line).platform.period.unix()));
        }
    }
    let crowd = |line: &String| {
        let own = batches.get(line)?;
        let others = batches.iter().filter(|(_, batch)| *batch == own);
        let all = others.clone().count().max(seen.k);
        let known = others.filter(|(line, _)| has_own && seen.is_own(line)).count();
        u32::try_from(all - known).ok()
    };
    let promised = u32::try_from(seen.k).unwrap();
    day.truth.iter().map(|line| crowd(line).unwrap_or(promised)).collect()
}

fn verdicts(day: &Day) -> Vec<Verdict> {
    let judge = |one: &Strategy| Verdict::of(day, one.name, one.has_own, &(one.guess)(&day.seen));
    let together = Verdict::of(day, "all of them together", true, &together(&day.seen));
    ALL.iter().map(judge).chain([together]).collect()
}

/// What finds something on a day.
fn found(day: &Day) -> Vec<&'static str> {
    let related = verdicts(day).into_iter().filter(Verdict::is_related);
    related.map(|verdict| verdict.strategy).collect()
}

/// A number that the environment may make larger.
fn visitors(least: usize) -> usize {
    let asked = std::env::var("SCRUTINEER_OBSERVED_VISITORS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(0).max(least)
}

/// The cuts of a day, changed by whoever cuts.
fn with_cuts(day: &Day, change: impl Fn(&Day, &[usize], [&mut Vec<String>; 2])) -> Day {
    let mut other = day.clone();
    for cut in &mut other.seen.cuts {
        let visitors = day.seen.visitors_of(cut);
        let [votes, voters] = &mut cut.lines;
        change(day, &visitors, [votes, voters]);
    }
    let of = |list: usize| other.seen.cuts.iter().flat_map(|cut| cut.lines[list].clone()).collect();
    other.seen.lists = [of(0), of(1)];
    other
}

/// The day that is promised, and days like it on which one thing is wrong.
#[test]
fn the_strongest_observer_relates_no_two_lines() {
    let honest = run(&Plan {
        visitors: visitors(480),
        k: 10,
        promised: 10,
        purpose: "test",
        stamp_period_s: 6 * 3_600,
        own: 5,
        is_counting: false,
    });
    for verdict in verdicts(&honest) {
        assert!(!verdict.is_related(), "{verdict:?}, and {} are too many", verdict.limit());
        assert!(verdict.guesses > 0, "{verdict:?}");
    }
    // Whoever cuts does not sort.
    for (is_reversed, name) in
        [(false, "the order in a cut"), (true, "the order in a cut, newest first")]
    {
        let unsorted = with_cuts(&honest, |day, visitors, [votes, _]| {
            *votes = visitors.iter().map(|at| day.truth[*at].clone()).collect();
            if is_reversed {
                votes.reverse();
            }
        });
        let wrong = found(&unsorted);
        assert!(wrong.contains(&name), "{name}: {wrong:?}");
    }
    // Or sorts pairs.
    let paired = with_cuts(&honest, |day, visitors, [votes, voters]| {
        let line = |mandate: &String| {
            let of = visitors.iter().find(|at| day.seen.visitors[**at].mandate == *mandate);
            day.truth[*of.unwrap()].clone()
        };
        *votes = voters.iter().map(line).collect();
    });
    let wrong = found(&paired);
    for name in [
        "the same place by hash in both lists of a cut",
        "the same place in both published lists",
        "all of them together",
    ] {
        assert!(wrong.contains(&name), "{name}: {wrong:?}");
    }
    // Records lie in the spool as they are.
    let mut unpadded = honest.clone();
    for (visitor, line) in unpadded.seen.visitors.iter_mut().zip(&honest.truth) {
        let (file, after) = ("collect-0/state/spool/0.spool".to_owned(), line.len() as u64);
        visitor.changes = vec![Change { file, before: 0, after }];
    }
    let wrong = found(&unpadded);
    assert!(wrong.contains(&"the growth of the spool"), "{wrong:?}");
}

/// A demonstration publishes one by one: then what goes by time and size finds nearly everybody.
#[test]
fn an_observer_relates_what_is_published_one_by_one() {
    let day = run(&Plan {
        visitors: 120,
        k: 0,
        promised: 10,
        purpose: "demonstration",
        stamp_period_s: 6 * 3_600,
        own: 2,
        is_counting: false,
    });
    let wrong = found(&day);
    let names = [
        "the order in the published list",
        "the snapshot after the visit",
        "the rate of arrival",
        "the bytes between two states",
        "lists that grow on the disks",
        "all of them together",
    ];
    for name in names {
        assert!(wrong.contains(&name), "{name}: {:?}", verdicts(&day));
    }
    // Receipts say it to those who see no disk.
    let mut outside = day;
    outside.seen.cuts.clear();
    let wrong = found(&outside);
    assert!(wrong.contains(&"receipts from before and after"), "{:?}", verdicts(&outside));
}

/// Devices and edges that count where they should draw, and stamp periods of a minute.
#[test]
fn an_observer_relates_what_was_counted_and_who_is_alone() {
    let day = run(&Plan {
        visitors: 120,
        k: 10,
        promised: 10,
        purpose: "demonstration",
        stamp_period_s: 60,
        own: 5,
        is_counting: true,
    });
    let wrong = found(&day);
    let names = [
        "nonces in order",
        "P-SIG in order",
        "stamps in order",
        "the stamp period",
        "the last cut",
        "all of them together",
    ];
    for name in names {
        assert!(wrong.contains(&name), "{name}: {:?}", verdicts(&day));
    }
}
