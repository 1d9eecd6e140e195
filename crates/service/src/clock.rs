//! The time of day, as something that is handed in.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use canon::Timestamp;

/// Tells the time in whole seconds UTC, and how much of it has passed.
pub trait Clock: Send + Sync {
    /// The time now. It may step back: who needs order must keep it.
    fn now(&self) -> Timestamp;
    /// Seconds since some fixed moment, by a clock that nobody sets. It tells a step of the other
    /// one from time that has passed.
    fn uptime_s(&self) -> u64;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let seconds = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .ok()
            .and_then(|passed| i64::try_from(passed.as_secs()).ok())
            .and_then(|seconds| Timestamp::from_unix(seconds).ok());
        // A machine that believes it is before 1970 gets the earliest time there is. Nothing is
        // signed with it: a head must not be older than the one before.
        seconds.unwrap_or(Timestamp::MIN)
    }

    /// Since the machine was started, while it was suspended too.
    #[cfg(target_os = "linux")]
    fn uptime_s(&self) -> u64 {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        u64::try_from(time.tv_sec).unwrap_or(0)
    }

    /// Since this was first asked. Time for which the machine was suspended may be missing.
    #[cfg(not(target_os = "linux"))]
    fn uptime_s(&self) -> u64 {
        static FIRST: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        FIRST.elapsed().as_secs()
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(Mutex<(Timestamp, u64)>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new((start, 0)))
    }

    /// Shows `time` from now on, earlier or later: a step, during which no time passes.
    pub fn set(&self, time: Timestamp) {
        self.both().0 = time;
    }

    /// Lets `seconds` pass, at most until the last time that can be written.
    pub fn advance(&self, seconds: u64) {
        let mut both = self.both();
        both.0 = both.0.saturating_plus_seconds(seconds);
        both.1 = both.1.saturating_add(seconds);
    }

    fn both(&self) -> MutexGuard<'_, (Timestamp, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.both().0
    }

    fn uptime_s(&self) -> u64 {
        self.both().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_clock_moves_only_when_told() {
        let start = Timestamp::from_unix(1_000).unwrap();
        let clock = ManualClock::new(start);
        assert_eq!(clock.now(), start);
        clock.advance(5);
        assert_eq!((clock.now().unix(), clock.uptime_s()), (1_005, 5));
        clock.set(start);
        assert_eq!((clock.now(), clock.uptime_s()), (start, 5));
    }

    /// `/proc/uptime` counts what the machine slept, as `proc(5)` says.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_uptime_is_that_of_the_machine() {
        let told = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            text.split('.').next().unwrap().parse::<u64>().unwrap()
        };
        let before = told();
        let uptime = SystemClock.uptime_s();
        assert!((before..=told()).contains(&uptime), "{before} {uptime}");
    }

    #[test]
    fn the_system_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.now().unix() > 1_790_000_000);
    }
}
