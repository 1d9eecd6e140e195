//! The time of day, as something that is handed in.

use std::sync::Mutex;
use std::time::SystemTime;

use canon::Timestamp;

/// Tells the time in whole seconds UTC.
pub trait Clock: Send + Sync {
    /// The time now. It may step back: who needs order must keep it.
    fn now(&self) -> Timestamp;
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
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Shows `time` from now on, earlier or later.
    pub fn set(&self, time: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = time;
    }

    /// Moves on by `seconds`, at most to the last time that can be written.
    pub fn advance(&self, seconds: u64) {
        let mut time = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *time = time.saturating_plus_seconds(seconds);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
        assert_eq!(clock.now().unix(), 1_005);
        clock.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn the_system_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.now().unix() > 1_790_000_000);
    }
}
