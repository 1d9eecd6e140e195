//! The time of day, held against a clock that nobody sets.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use canon::Timestamp;
use service::clock::{Clock, SystemClock};
use tlog::witness::{ClockRule, ClockWatch, Refusal};

/// Seconds since some fixed moment of this process.
type Uptime = dyn Fn() -> u64 + Send + Sync;

/// A witness's two clocks. The time of day is signed; the other one only tells how much time has
/// passed, so that a step of the first is seen.
pub struct Clocks {
    day: Arc<dyn Clock>,
    uptime: Box<Uptime>,
    watch: Mutex<ClockWatch>,
}

impl Clocks {
    /// Clocks of one's own, for tests and simulations.
    pub fn new(
        rule: ClockRule,
        day: Arc<dyn Clock>,
        uptime: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self { day, uptime: Box::new(uptime), watch: Mutex::new(ClockWatch::new(rule)) }
    }

    /// The operating system's clocks.
    pub fn system(rule: ClockRule) -> Self {
        let start = Instant::now();
        Self::new(rule, Arc::new(SystemClock), move || start.elapsed().as_secs())
    }

    /// The time of day, and whether it may be signed.
    pub fn read(&self) -> (Timestamp, Result<(), Refusal>) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.day.now();
        (now, watch.observe(now, (self.uptime)()).map(|_| ()))
    }
}
