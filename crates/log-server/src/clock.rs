//! The time of day, held against a clock that nobody sets.
//!
//! A clock that steps makes a liar of whoever signs times by it, and what is signed stands for
//! good. So both the log and the witness sign nothing while theirs is off.

use std::sync::{Arc, Mutex, PoisonError};

use canon::Timestamp;
use service::clock::{Clock, SystemClock};
use tlog::witness::{ClockRule, ClockWatch, Refusal};

/// A clock with a watch over its steps.
pub struct Clocks {
    clock: Arc<dyn Clock>,
    watch: Mutex<ClockWatch>,
}

impl Clocks {
    /// A clock of one's own, for tests and simulations.
    pub fn new(rule: ClockRule, clock: Arc<dyn Clock>) -> Self {
        Self { clock, watch: Mutex::new(ClockWatch::new(rule)) }
    }

    /// The operating system's clock.
    pub fn system(rule: ClockRule) -> Self {
        Self::new(rule, Arc::new(SystemClock))
    }

    /// The time of day, and whether it may be signed.
    pub fn read(&self) -> (Timestamp, Result<(), Refusal>) {
        let (now, uptime_s) = (self.clock.now(), self.clock.uptime_s());
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        (now, watch.observe(now, uptime_s).map(|_| ()))
    }

    /// Seconds that the machine has run: what nobody sets.
    pub(crate) fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }

    /// The time of day, if it may be signed.
    pub fn now(&self) -> Result<Timestamp, Refusal> {
        let (now, sound) = self.read();
        sound.map(|()| now)
    }
}
