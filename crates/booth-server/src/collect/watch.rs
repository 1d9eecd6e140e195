//! The clock, and whether it can be believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use canon::Timestamp;
use service::clock::Clock;

/// A clock that is compared with the seconds that have passed.
///
/// By the time of day an instance opens and closes, judges P-UTC and computes codes, and all of
/// that cannot be taken back: a clock that jumps a day ahead would close the campaign. So nothing
/// is judged while the clock differs by more than a few seconds from what has passed since the
/// start. A clock that was wrong at the start and was put right looks the same: start the instance
/// again.
pub struct Watch {
    clock: Arc<dyn Clock>,
    start: (Timestamp, u64),
    step_s: u64,
    is_off: AtomicBool,
}

impl Watch {
    /// Believes the clock from now on, as long as it steps by at most `step_s` seconds.
    pub fn new(clock: Arc<dyn Clock>, step_s: u64) -> Self {
        let start = (clock.now(), clock.uptime_s());
        Self { clock, start, step_s, is_off: AtomicBool::new(false) }
    }

    /// Seconds that have passed, by a clock that nobody sets.
    pub fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }

    /// The time; `None` while the clock is off.
    pub fn now(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let passed = self.clock.uptime_s().saturating_sub(self.start.1);
        let expected = self.start.0.saturating_plus_seconds(passed);
        let step = now.unix_u64().abs_diff(expected.unix_u64());
        let is_off = step > self.step_s;
        if self.is_off.swap(is_off, Ordering::Relaxed) != is_off {
            if is_off {
                tracing::warn!(step, "the clock has stepped; nothing is taken until it is back");
            } else {
                tracing::info!("the clock is back");
            }
        }
        (!is_off).then_some(now)
    }
}
