//! Progress on a terminal's standard error: one line that is written over.

use std::io::{IsTerminal, Write as _, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use verify::Progress;

/// Between two writings of the line.
const STEP: Duration = Duration::from_millis(200);

/// Says on standard error how far the replay has come, if that is a terminal.
pub(crate) struct Bar {
    begun: Instant,
    shown: Mutex<Option<Instant>>,
    on: bool,
}

impl Bar {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), shown: Mutex::new(None), on: stderr().is_terminal() }
    }

    /// How long it has taken.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        let shown = self.shown.lock().is_ok_and(|shown| shown.is_some());
        if shown {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }
}

impl Progress for Bar {
    fn entries(&self, done: u64, total: u64) {
        let now = Instant::now();
        let Ok(mut shown) = self.shown.lock() else {
            return;
        };
        let due = now.duration_since(shown.unwrap_or(self.begun)) >= STEP;
        if !self.on || !due {
            return;
        }
        *shown = Some(now);
        let _ = write!(stderr(), "\r\u{1b}[K{}", line(done, total, self.begun.elapsed()));
    }
}

/// `12,000 of 27,000 entries, 31,000 a second, 1 s left`
fn line(done: u64, total: u64, elapsed: Duration) -> String {
    let thousandfold = u128::from(done).saturating_mul(1000);
    let rate = thousandfold.checked_div(elapsed.as_millis()).unwrap_or(thousandfold);
    let left = u128::from(total.saturating_sub(done)).checked_div(rate).unwrap_or(0);
    format!(
        "{} of {} entries, {} a second, {left} s left",
        grouped(done.into()),
        grouped(total.into()),
        grouped(rate)
    )
}

/// The number with a comma before each three digits.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_rate_and_time_left() {
        let line = line(12_000, 27_000, Duration::from_secs(2));
        assert_eq!(line, "12,000 of 27,000 entries, 6,000 a second, 2 s left");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(999), "999");
    }
}
