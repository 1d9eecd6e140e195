//! How often a guess may be right, and what is found by that.

use std::collections::{BTreeMap, HashMap};

use super::guesses::{ALL, Guesses, together};
use super::seen::{Day, vote};
use super::voters::Draw;

/// How often chance alone may pass the bound of one strategy.
const FALSE_ALARM: f64 = 1e-6;

/// How often a strategy was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) strategy: &'static str,
    pub(super) hits: u32,
    /// Guesses, by the votes among which each hides.
    pub(super) guesses: BTreeMap<u32, u32>,
}

impl Verdict {
    fn of(day: &Day, (strategy, has_own): (&'static str, bool), guesses: &Guesses) -> Self {
        let crowds = crowds(day, has_own);
        let mut verdict = Self { strategy, hits: 0, guesses: BTreeMap::new() };
        for (at, (guess, crowd)) in guesses.iter().zip(crowds).enumerate() {
            let is_known = has_own && day.seen.visitors[at].own.is_some();
            let Some(line) = guess.as_ref().filter(|_| !is_known) else { continue };
            verdict.hits += u32::from(*line == day.truth[at]);
            *verdict.guesses.entry(crowd).or_default() += 1;
        }
        verdict
    }

    pub(super) fn guesses(&self) -> u32 {
        self.guesses.values().sum()
    }

    /// How many are right by chance: the sum of one in the votes of the batch.
    pub(super) fn chance(&self) -> f64 {
        self.guesses.iter().map(|(crowd, count)| f64::from(*count) / f64::from(*crowd)).sum()
    }

    /// The least number of hits that is more than chance.
    ///
    /// Let X be the hits among `m` guesses in a batch of `c` votes whose order says nothing. Then
    /// E[X (X - 1) ... (X - r + 1)] is at most (m/c)^r for each r, as it is of a Poisson variable
    /// of that mean; hence E[e^(tX)] is at most that of this variable, and batches are independent.
    /// So Chernoff's bound for the sum is P(X >= x) <= exp(x - chance) (chance / x)^x.
    pub(super) fn limit(&self) -> u32 {
        let chance = self.chance();
        let bound = |hits: &u32| {
            let hits = f64::from(*hits);
            hits > chance && hits - chance + hits * (chance / hits).ln() <= FALSE_ALARM.ln()
        };
        (1..u32::MAX).find(bound).unwrap()
    }

    pub(super) fn is_related(&self) -> bool {
        self.hits >= self.limit()
    }

    /// With what probability it is found that this share of the votes is given away for certain,
    /// and the others not at all: that as many hits come as the limit has, each guess by itself.
    pub(super) fn power(&self, share: f64) -> f64 {
        let mut hits = vec![1.0];
        for (crowd, count) in &self.guesses {
            let right = share + (1.0 - share) / f64::from(*crowd);
            hits = sum(&hits, &binomial(*count, right));
        }
        hits.iter().skip(usize::try_from(self.limit()).unwrap()).sum()
    }

    /// The smallest share, in thousandths, that is found with this probability.
    pub(super) fn smallest(&self, power: f64) -> u32 {
        let (mut low, mut high) = (0, 1_000);
        while low < high {
            let middle = u32::midpoint(low, high);
            let is_found = self.power(f64::from(middle) / 1_000.0) >= power;
            (low, high) = if is_found { (low, middle) } else { (middle + 1, high) };
        }
        low
    }
}

/// The probability of each number of hits among so many guesses.
fn binomial(guesses: u32, right: f64) -> Vec<f64> {
    let (wrong, mut ways) = (1.0 - right, 0.0);
    let at = |hits: u32| {
        let rest = f64::from(guesses - hits);
        let powers =
            f64::from(hits) * right.ln() + if rest > 0.0 { rest * wrong.ln() } else { 0.0 };
        let probability = (ways + powers).exp();
        ways += (rest / f64::from(hits + 1)).ln();
        probability
    };
    (0..=guesses).map(at).collect()
}

/// The probabilities of the sum of two numbers, but for what is beyond all measure.
fn sum(one: &[f64], other: &[f64]) -> Vec<f64> {
    let of = |all: &[f64]| -> Vec<(usize, f64)> {
        all.iter().copied().enumerate().filter(|(_, chance)| *chance > 1e-18).collect()
    };
    let (many, few) = (of(one), of(other));
    let mut both = vec![0.0; one.len() + other.len() - 1];
    for (at, chance) in &many {
        for (more, other) in &few {
            both[at + more] += chance * other;
        }
    }
    both
}

/// How many votes each visitor's vote hides among: those of the batch with its stamp period,
/// without those that the observer knows; and never fewer than are promised.
fn crowds(day: &Day, has_own: bool) -> Vec<u32> {
    let (seen, own) = (&day.seen, day.seen.own());
    let mut batches: HashMap<&String, (usize, u64)> = HashMap::new();
    let mut sizes: HashMap<(usize, u64), [usize; 2]> = HashMap::new();
    for (number, cut) in seen.cuts.iter().enumerate() {
        for line in &cut.lines[0] {
            let batch = (number, vote(line).platform.period.unix());
            batches.insert(line, batch);
            let [all, known] = sizes.entry(batch).or_default();
            *all += 1;
            *known += usize::from(has_own && own.contains(line));
        }
    }
    let crowd = |line: &String| {
        let [all, known] = batches.get(line).map_or([0, 0], |batch| sizes[batch]);
        u32::try_from(all.max(seen.k) - known).unwrap()
    };
    day.truth.iter().map(crowd).collect()
}

/// How often each strategy was right, and all of them together.
pub(super) fn verdicts(day: &Day) -> Vec<Verdict> {
    let all: Vec<Guesses> = ALL.iter().map(|one| (one.guess)(&day.seen)).collect();
    let judge = |(one, guesses)| Verdict::of(day, one, guesses);
    let each = ALL.iter().map(|one| (one.name, one.has_own)).zip(&all).map(judge);
    let most = together(&all);
    each.chain([judge((("all of them together", true), &most))]).collect()
}

/// What finds something on a day.
pub(super) fn found(day: &Day) -> Vec<&'static str> {
    let related = verdicts(day).into_iter().filter(Verdict::is_related);
    related.map(|verdict| verdict.strategy).collect()
}

/// Guesses of a day whose batches all have as many votes.
fn even(guesses: u32, crowd: u32) -> Verdict {
    Verdict { strategy: "", hits: 0, guesses: BTreeMap::from([(crowd, guesses)]) }
}

/// The power is held against days on which a share of the votes is given away, and the guess of
/// each other one is drawn without putting back from those of its batch.
#[test]
fn the_power_is_that_of_simulated_days() {
    let verdict = even(480, 10);
    let limit = verdict.limit();
    let mut draw = Draw(2 << 32);
    for share in [80, 100, 120] {
        let mut found = 0;
        for _ in 0..DAYS {
            let mut hits = 0;
            for _ in 0..48 {
                let mut guesses: Vec<usize> = (0..10).collect();
                for at in 0..10_usize {
                    let other = usize::try_from(draw.below(10 - at as u64)).unwrap();
                    guesses.swap(at, at + other);
                }
                let right = |(at, guess): (usize, usize)| at == guess || draw.below(1_000) < share;
                hits += guesses.into_iter().enumerate().map(right).map(u32::from).sum::<u32>();
            }
            found += u32::from(hits >= limit);
        }
        let share = f64::from(u32::try_from(share).unwrap()) / 1_000.0;
        let (expected, days) = (verdict.power(share), f64::from(DAYS));
        let deviation = (expected * (1.0 - expected) / days).sqrt();
        let off = (f64::from(found) / days - expected).abs();
        assert!(off < 4.0 * deviation, "{share}: {found} of {DAYS} days, {expected} expected");
    }
}

/// Days that are simulated for a share.
const DAYS: u32 = 400;

/// What the documents say of the limit and of the leak that is found.
#[test]
fn what_so_many_visitors_find() {
    let of = |guesses, crowd| {
        let verdict = even(guesses, crowd);
        (verdict.limit(), verdict.smallest(0.8), verdict.smallest(0.99))
    };
    assert_eq!(of(960, 10), (152, 76, 97));
    assert_eq!(of(20_000, 10), (2_240, 16, 20));
    assert_eq!(of(16_000, 8), (2_240, 20, 25));
}
