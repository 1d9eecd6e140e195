//! A clock that steps makes a liar of whoever signs times by it.

use canon::Timestamp;

use super::Refusal;

/// How far a clock may step before nothing is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockRule {
    /// Seconds that a step may have, back or forward.
    pub bound_s: u64,
}

impl Default for ClockRule {
    /// One minute: more than a leap second or a correction by NTP, less than a wrong hour.
    fn default() -> Self {
        Self { bound_s: 60 }
    }
}

impl ClockRule {
    /// The time to sign, which never goes back: `now`, or the latest time signed if the clock is
    /// behind it by no more than the bound.
    pub fn time_to_sign(
        self,
        now: Timestamp,
        last_signed: Option<Timestamp>,
    ) -> Result<Timestamp, Refusal> {
        let Some(last) = last_signed else {
            return Ok(now);
        };
        let off_s = now.seconds_since(last);
        if off_s < 0 && off_s.unsigned_abs() > self.bound_s {
            return Err(Refusal::ClockStepped { off_s, bound_s: self.bound_s });
        }
        Ok(now.max(last))
    }
}

/// How far a clock may be, at the start of a process, from the last time that was signed or from
/// what others say it is.
pub const START_BOUND_S: u64 = 300;

/// Whether a process that has signed nothing yet may sign as of `now`. No step is seen between two
/// processes, so the clock has to be near the latest time signed, or near the time `told` by
/// somebody else. Where there is neither, there is nothing to hold it against.
pub fn check_start(
    now: Timestamp,
    last_signed: Option<Timestamp>,
    told: Option<Timestamp>,
) -> Result<(), Refusal> {
    let off_s = |time: Timestamp| now.seconds_since(time);
    let known = [told, last_signed].into_iter().flatten().map(off_s);
    match known.min_by_key(|off_s| off_s.unsigned_abs()) {
        Some(off_s) if off_s.unsigned_abs() > START_BOUND_S => {
            Err(Refusal::ClockUnchecked { off_s, bound_s: START_BOUND_S })
        }
        _ => Ok(()),
    }
}

/// Watches the clock against the seconds that have passed, so that a step forward is seen too.
///
/// It compares each reading with its first one, so that many small steps add up to a large one.
/// Beyond the bound it refuses until the clock comes back to where it would be without the steps,
/// or a person starts the witness anew.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    rule: ClockRule,
    first: Option<(Timestamp, u64)>,
}

impl ClockWatch {
    /// A watch that has seen no reading yet.
    pub fn new(rule: ClockRule) -> Self {
        Self { rule, first: None }
    }

    /// Takes a reading: the time of day, and the seconds since some fixed moment by a clock that
    /// nobody sets. Gives the time of day back if it has not stepped.
    pub fn observe(&mut self, now: Timestamp, uptime_s: u64) -> Result<Timestamp, Refusal> {
        let (then, since) = *self.first.get_or_insert((now, uptime_s));
        let expected = then.saturating_plus_seconds(uptime_s.saturating_sub(since));
        let off_s = now.seconds_since(expected);
        if off_s.unsigned_abs() > self.rule.bound_s {
            return Err(Refusal::ClockStepped { off_s, bound_s: self.rule.bound_s });
        }
        Ok(now)
    }
}
