//! Counts and times of a run, kept without locks.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cast::Kind;
use crate::voter::client::{ClientError, Errand, Meter};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// `/list`.
    List,
    /// `/stamp`.
    Stamp,
    /// The search for a nonce.
    Work,
    /// A vote request, to its answer.
    Cast,
    /// From the voter's arrival, or from the first round of asking, to the receipt.
    Receipt,
}

impl Step {
    /// All of them, in the order of the way.
    pub const ALL: [Self; 5] = [Self::List, Self::Stamp, Self::Work, Self::Cast, Self::Receipt];

    /// What to call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Stamp => "stamp",
            Self::Work => "work",
            Self::Cast => "cast",
            Self::Receipt => "receipt",
        }
    }
}

/// Buckets of a factor of two.
const FINE: usize = 16;

/// Factors of two: from a microsecond to half an hour.
const COARSE: usize = 32;

/// Times in buckets, each at most a sixteenth wider than the last: what is read from it is too
/// large by no more than that, and never too small.
#[derive(Debug)]
pub struct Histogram {
    buckets: Vec<AtomicU64>,
    longest: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = (0..FINE * COARSE).map(|_| AtomicU64::new(0)).collect();
        Self { buckets, longest: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Takes a time.
    pub fn add(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(place(micros)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.longest.fetch_max(micros, Ordering::Relaxed);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum()
    }

    /// The time that so many of a hundred stay within.
    pub fn percentile(&self, of_hundred: u64) -> Duration {
        let wanted = self.count().saturating_mul(of_hundred).div_ceil(100).max(1);
        let mut seen = 0_u64;
        for (at, bucket) in self.buckets.iter().enumerate() {
            seen = seen.saturating_add(bucket.load(Ordering::Relaxed));
            if seen >= wanted {
                return Duration::from_micros(end(at)).min(self.max());
            }
        }
        self.max()
    }

    /// How many times there were in each factor of two, with the longest time of each: from the
    /// first that is not empty to the last.
    pub fn octaves(&self) -> Vec<(Duration, u64)> {
        let rows = self.buckets.chunks(FINE).enumerate().map(|(row, buckets)| {
            let count = buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum();
            (Duration::from_micros(end(row * FINE + FINE - 1)), count)
        });
        let mut rows: Vec<(Duration, u64)> = rows.skip_while(|(_, count)| *count == 0).collect();
        let last = rows.iter().rposition(|(_, count)| *count > 0);
        rows.truncate(last.map_or(0, |last| last + 1));
        rows
    }

    /// The longest time, exactly.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.longest.load(Ordering::Relaxed))
    }
}

/// The bucket of a time: below 16 one a microsecond, then 16 to each factor of two.
fn place(micros: u64) -> usize {
    let fine = FINE as u64;
    if micros < fine {
        return usize::try_from(micros).unwrap_or_default();
    }
    let shift = micros.ilog2() - fine.ilog2();
    let within = usize::try_from((micros >> shift) - fine).unwrap_or_default();
    let row = usize::try_from(shift).unwrap_or_default() + 1;
    (row * FINE + within).min(FINE * COARSE - 1)
}

/// The longest time of a bucket.
const fn end(at: usize) -> u64 {
    let (row, within) = ((at / FINE) as u64, (at % FINE) as u64);
    if row == 0 {
        return within;
    }
    ((within + 1 + FINE as u64) << (row - 1)) - 1
}

/// How a kind of hostile voter fared.
#[derive(Debug, Default)]
struct Fared {
    as_expected: AtomicU64,
    otherwise: AtomicU64,
}

/// The counts of a run.
#[derive(Debug)]
pub struct Tally {
    times: [Histogram; 5],
    statuses: Vec<AtomicU64>,
    unanswered: AtomicU64,
    served: AtomicU64,
    failed: AtomicU64,
    fared: [Fared; 8],
    ends: Mutex<BTreeMap<&'static str, u64>>,
    surprises: Mutex<BTreeMap<(Kind, String), u64>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            times: Default::default(),
            statuses: (0..1_000).map(|_| AtomicU64::new(0)).collect(),
            unanswered: AtomicU64::new(0),
            served: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            fared: Default::default(),
            ends: Mutex::default(),
            surprises: Mutex::default(),
        }
    }
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The times of a step.
    pub const fn times(&self, step: Step) -> &Histogram {
        &self.times[step as usize]
    }

    /// Answers by status, those that came.
    pub fn statuses(&self) -> Vec<(u16, u64)> {
        let all = (0..).zip(&self.statuses);
        let counts = all.map(|(status, count)| (status, count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Requests that nobody answered.
    pub fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Voters whose turn is over.
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// Honest voters whose vote was not accepted.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// How the ways of honest votes ended that were not accepted.
    pub fn ends(&self) -> BTreeMap<&'static str, u64> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Of a kind of hostile voters, those who met what they should have, and the others.
    pub fn fared(&self, kind: Kind) -> (u64, u64) {
        let Fared { as_expected, otherwise } = &self.fared[kind.place()];
        (as_expected.load(Ordering::Relaxed), otherwise.load(Ordering::Relaxed))
    }

    /// What hostile voters met that they should not have.
    pub fn surprises(&self) -> BTreeMap<(Kind, String), u64> {
        self.surprises.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn took_step(&self, step: Step, time: Duration) {
        self.times(step).add(time);
    }

    pub(super) fn count_served(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_end(&self, name: &'static str) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        *ends.entry(name).or_default() += 1;
    }

    pub(super) fn count_fared(&self, kind: Kind, met: Result<(), String>) {
        let fared = &self.fared[kind.place()];
        match met {
            Ok(()) => fared.as_expected.fetch_add(1, Ordering::Relaxed),
            Err(what) => {
                let mut all = self.surprises.lock().unwrap_or_else(PoisonError::into_inner);
                *all.entry((kind, what)).or_default() += 1;
                fared.otherwise.fetch_add(1, Ordering::Relaxed)
            }
        };
    }
}

impl Meter for Tally {
    fn took(&self, errand: Errand, ended: Result<u16, &ClientError>, time: Duration) {
        let step = match errand {
            Errand::List => Step::List,
            Errand::Stamp => Step::Stamp,
            Errand::Cast => Step::Cast,
        };
        match ended {
            Ok(status) => {
                self.times(step).add(time);
                if let Some(count) = self.statuses.get(usize::from(status)) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(_) => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_at_most_a_sixteenth_too_long() {
        for micros in (0..100_000).chain([1 << 20, (1 << 30) + 12_345, 1 << 34]) {
            let end = end(place(micros));
            assert!(end >= micros, "{micros}");
            assert!(end - micros <= micros / 16, "{micros} {end}");
        }
    }

    #[test]
    fn octaves_are_factors_of_two_from_the_first_time_to_the_last() {
        let histogram = Histogram::default();
        assert_eq!(histogram.octaves(), []);
        for micros in [40, 63, 64, 300, 511] {
            histogram.add(Duration::from_micros(micros));
        }
        let found: Vec<_> = histogram.octaves();
        let expected = [(63, 2), (127, 1), (255, 0), (511, 2)];
        assert_eq!(found, expected.map(|(end, count)| (Duration::from_micros(end), count)));
    }

    #[test]
    fn percentiles_are_those_of_a_sorted_list() {
        let histogram = Histogram::default();
        assert_eq!((histogram.count(), histogram.percentile(50)), (0, Duration::ZERO));
        let numbers = (1..=1_000).map(|number| number * 7_919 % 100_003);
        let mut times: Vec<Duration> = numbers.map(Duration::from_micros).collect();
        for time in &times {
            histogram.add(*time);
        }
        times.sort_unstable();
        for (of_hundred, at) in [(50, 499), (90, 899), (99, 989), (100, 999)] {
            let (exact, found) = (times[at], histogram.percentile(of_hundred));
            assert!((exact..=exact + exact / 16).contains(&found), "{of_hundred}");
        }
        assert_eq!(histogram.max(), *times.last().unwrap());
    }
}
