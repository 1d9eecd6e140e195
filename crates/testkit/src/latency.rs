//! Whether the time of an answer tells of which of two kinds it is.
//!
//! Times of a shared machine have a long tail: now and then something else runs, and one such time
//! weighs more than a thousand differences of the kind that is looked for. So, as is usual for such
//! tests (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017), the slowest
//! times are left out before the means are compared by Welch's t. The cut is one for both kinds,
//! taken over all times together: one for each kind would hide a kind that is often slow. What is
//! left out is counted by kind instead, so a difference that is only in the tail shows too.
//!
//! ```text
//! times of kind 0   ..:::||||||::.. .   .       .  |  left out: how many
//! times of kind 1    ..:::||||||::.. .   .     .   |  left out: how many
//!                      means: Welch's t           cut
//! ```

use std::time::Duration;

/// Of all times, the share that is left out for being slow: one in so many.
const SLOWEST: usize = 10;

/// Where nothing is to be told, `t` and `slow` are beyond this in one of 15,000 runs each.
pub const BOUND: f64 = 4.0;

/// The times of answers of two kinds.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    /// In nanoseconds.
    times: [Vec<u32>; 2],
}

/// How the kinds differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Times above this were left out of the means.
    pub cut: Duration,
    /// The mean of each kind, in microseconds.
    pub means: [f64; 2],
    /// Welch's t of the means: near a standard normal where there is no difference.
    pub t: f64,
    /// By how many standard deviations the shares that were left out differ.
    pub slow: f64,
}

impl Comparison {
    /// Whether the time tells the kinds apart.
    pub fn tells(&self) -> bool {
        self.t.abs() >= BOUND || self.slow.abs() >= BOUND
    }
}

impl Latencies {
    /// Takes the time of an answer of a kind, 0 or 1; four seconds and more are as four seconds.
    ///
    /// # Panics
    /// If there is no such kind.
    pub fn add(&mut self, kind: usize, time: Duration) {
        self.times[kind].push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
    }

    /// Compares the kinds; `None` with fewer than a hundred times of each.
    pub fn compare(&self) -> Option<Comparison> {
        if self.times.iter().any(|times| times.len() < 100) {
            return None;
        }
        let mut all: Vec<u32> = self.times.iter().flatten().copied().collect();
        let at = all.len() - all.len() / SLOWEST - 1;
        let (_, cut, _) = all.select_nth_unstable(at);
        let cut = *cut;
        let [zero, one] = [0, 1].map(|kind| Kind::below(&self.times[kind], cut));
        let spread = (zero.variance / zero.count + one.variance / one.count).sqrt();
        let left_out = (zero.left_out + one.left_out) / (zero.all() + one.all());
        let chance = left_out * (1.0 - left_out) * (1.0 / zero.all() + 1.0 / one.all());
        let shares = [&zero, &one].map(|kind| kind.left_out / kind.all());
        Some(Comparison {
            cut: Duration::from_nanos(cut.into()),
            means: [zero.mean, one.mean],
            t: ratio(one.mean - zero.mean, spread),
            slow: ratio(shares[1] - shares[0], chance.sqrt()),
        })
    }
}

/// A difference in units of its spread; none is none, however narrow the spread.
fn ratio(difference: f64, spread: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / spread }
}

/// The times of one kind, those up to the cut in microseconds.
struct Kind {
    count: f64,
    left_out: f64,
    mean: f64,
    variance: f64,
}

impl Kind {
    fn below(times: &[u32], cut: u32) -> Self {
        let kept = || times.iter().filter(|time| **time <= cut).map(|time| f64::from(*time) / 1e3);
        let (mut count, mut sum) = (0.0, 0.0);
        for time in kept() {
            count += 1.0;
            sum += time;
        }
        let mean = sum / count;
        let squares = kept().map(|time| (time - mean).powi(2)).sum::<f64>();
        let left_out = times.iter().filter(|time| **time > cut).map(|_| 1.0).sum();
        Self { count, left_out, mean, variance: squares / (count - 1.0) }
    }

    fn all(&self) -> f64 {
        self.count + self.left_out
    }
}

#[cfg(test)]
mod tests {
    use canon::Digest;

    use super::*;

    /// Answers that take 40 to 80 us, and one in a hundred 5 ms more; `late` is what an answer of
    /// kind 1 takes besides, by its number.
    fn answers(late: impl Fn(u64) -> u64) -> Comparison {
        let mut latencies = Latencies::default();
        for number in 0..20_000_u64 {
            for kind in [0, 1] {
                let drawn = Digest::of(format!("{kind} {number}").as_bytes()).0;
                let noise: u64 = drawn[..16].iter().map(|byte| u64::from(*byte) * 10).sum();
                let other = if drawn[16] < 3 { 5_000_000 } else { 0 };
                let late = if kind == 1 { late(number) } else { 0 };
                latencies.add(kind, Duration::from_nanos(40_000 + noise + other + late));
            }
        }
        latencies.compare().unwrap()
    }

    #[test]
    fn times_of_one_kind_tell_nothing() {
        let comparison = answers(|_| 0);
        assert!(!comparison.tells(), "{comparison:?}");
        assert!(comparison.cut < Duration::from_micros(100), "{comparison:?}");
    }

    /// The means of all times would not show it: 5 ms one time in a hundred are much louder.
    #[test]
    fn a_microsecond_is_found() {
        let comparison = answers(|_| 1_000);
        assert!(comparison.t > BOUND, "{comparison:?}");
        let [zero, one] = comparison.means;
        assert!((0.5..1.5).contains(&(one - zero)), "{comparison:?}");
    }

    #[test]
    fn what_is_seldom_late_is_found_among_the_slow() {
        let comparison = answers(|number| if number % 20 == 0 { 500_000 } else { 0 });
        assert!(comparison.slow > BOUND, "{comparison:?}");
    }

    #[test]
    fn a_few_times_are_not_compared() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.compare(), None);
        for _ in 0..100 {
            latencies.add(0, Duration::from_micros(1));
            latencies.add(1, Duration::from_micros(1));
        }
        let comparison = latencies.compare().unwrap();
        assert_eq!((comparison.t, comparison.slow), (0.0, 0.0));
    }
}
