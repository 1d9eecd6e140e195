//! One answer of the origin, asked for once and held.
//!
//! Whatever arrives at the edge, the origin is asked once, and not again before what it said has
//! ended; everybody who comes meanwhile waits for that one answer. That it failed is held too, for
//! a second.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use service::clock::Clock;
use tokio::sync::watch;

/// The shortest time for which an answer is held, in seconds, and the time for which a failure is.
const LEAST_S: u32 = 1;

/// What an origin said: a value and the seconds for which it may be held. `None`: it failed.
pub(super) type Fetched<T> = Option<(T, u32)>;

/// What the waiting see: nothing, while the origin is being asked; then a value or a failure.
type Landed<T> = Option<Option<T>>;

/// A value of the origin.
pub(super) struct Cached<T> {
    state: Mutex<State<T>>,
    clock: Arc<dyn Clock>,
    /// The longest time for which an answer is held, in seconds.
    most_s: u32,
}

struct State<T> {
    held: Option<Held<T>>,
    flight: Option<watch::Receiver<Landed<T>>>,
}

/// The last value or failure, and the seconds of the clock's uptime at which it was asked for and
/// at which it ends.
struct Held<T> {
    value: Option<T>,
    asked: u64,
    end: u64,
}

/// What is known without asking.
pub(super) enum Known<T> {
    /// This, and how many seconds ago it was asked for.
    Value(T, u64),
    /// The origin failed less than a second ago.
    Failed,
    /// Nothing, or nothing that still counts.
    Nothing,
}

impl<T: Clone + Send + Sync + 'static> Cached<T> {
    /// Nothing yet; later at most `most_s` seconds old.
    pub(super) fn new(clock: Arc<dyn Clock>, most_s: u32) -> Arc<Self> {
        let state = Mutex::new(State { held: None, flight: None });
        Arc::new(Self { state, clock, most_s })
    }

    /// What is known now. This is the way of nearly every request: one lock and one clone.
    pub(super) fn known(&self) -> Known<T> {
        self.state().known(self.clock.uptime_s())
    }

    /// Whether the last that was heard of the origin is that it failed.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state().held, Some(Held { value: None, .. }))
    }

    /// The value, asked for with `fetch` if nobody is asking already; `None` when the origin fails.
    ///
    /// The question goes on when those who wait for it go away: otherwise a client that comes and
    /// goes could have the origin asked as often as it likes.
    pub(super) async fn value<F>(self: &Arc<Self>, fetch: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = Fetched<T>> + Send + 'static,
    {
        let mut flight = {
            let mut state = self.state();
            match (state.known(self.clock.uptime_s()), &state.flight) {
                (Known::Value(value, _), _) => return Some(value),
                (Known::Failed, _) => return None,
                (Known::Nothing, Some(flight)) => flight.clone(),
                (Known::Nothing, None) => {
                    let (sender, flight) = watch::channel(None);
                    state.flight = Some(flight.clone());
                    tokio::spawn(Arc::clone(self).fly(fetch(), sender));
                    flight
                }
            }
        };
        let landed = flight.wait_for(Option::is_some).await.ok()?;
        landed.clone().flatten()
    }

    async fn fly<F>(self: Arc<Self>, fetch: F, sender: watch::Sender<Landed<T>>)
    where
        F: Future<Output = Fetched<T>> + Send,
    {
        // Counted from the question, so that two questions are never closer than the answer says.
        let asked = self.clock.uptime_s();
        // A question that panics has failed; it must not keep others from asking.
        let fetched = AssertUnwindSafe(fetch).catch_unwind().await.unwrap_or(None);
        let (value, end) = match fetched {
            Some((value, seconds)) => {
                let seconds = seconds.min(self.most_s).max(LEAST_S);
                (Some(value), asked.saturating_add(u64::from(seconds)))
            }
            None => (None, self.clock.uptime_s().saturating_add(u64::from(LEAST_S))),
        };
        {
            let mut state = self.state();
            state.held = Some(Held { value: value.clone(), asked, end });
            state.flight = None;
        }
        sender.send_replace(Some(value));
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> State<T> {
    fn known(&self, now: u64) -> Known<T> {
        match &self.held {
            Some(Held { value, asked, end }) if *end > now => match value {
                Some(value) => Known::Value(value.clone(), now.saturating_sub(*asked)),
                None => Known::Failed,
            },
            _ => Known::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
