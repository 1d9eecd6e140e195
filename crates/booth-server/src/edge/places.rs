//! How many votes are examined at one time.
//!
//! To examine a vote takes a tenth of a millisecond, nearly all of it for two signatures. No more
//! are examined at one time than there are processors; the others wait outside of the runtime's
//! queue. So in the runtime's queue a request for the options stands behind as many examinations
//! as there are processors, however many votes have come.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds on examinations: the table `[examinations]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examinations {
    /// Votes that are examined at one time; as many as there are processors by default.
    pub at_once: Option<usize>,
    /// Votes that are examined or wait for it; further ones are told to come back. 4096 by
    /// default.
    pub waiting: Option<usize>,
}

/// The places of an edge, for all its campaigns.
#[derive(Clone)]
pub(super) struct Places {
    waiting: Arc<Semaphore>,
    looking: Arc<Semaphore>,
}

/// A place, until this is dropped.
pub(super) struct Place {
    _looking: OwnedSemaphorePermit,
    _waiting: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(bounds: &Examinations) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let looking = bounds.at_once.unwrap_or(processors).max(1);
        let waiting = bounds.waiting.unwrap_or(4096).max(looking);
        Self {
            waiting: Arc::new(Semaphore::new(waiting)),
            looking: Arc::new(Semaphore::new(looking)),
        }
    }

    /// A place, once there is one; `None` when too many wait already.
    pub(super) async fn take(&self) -> Option<Place> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let looking = Arc::clone(&self.looking).acquire_owned().await.ok()?;
        Some(Place { _looking: looking, _waiting: waiting })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn so_many_are_examined_and_so_many_wait() {
        let bounds = Examinations { at_once: Some(1), waiting: Some(2) };
        let places = Places::new(&bounds);
        let first = places.take().await.unwrap();
        let mut second = Box::pin(places.take());
        assert!(second.as_mut().now_or_never().is_none(), "one is examined");
        assert!(places.take().await.is_none(), "no room to wait");
        drop(first);
        assert!(second.await.is_some());
        assert!(places.take().await.is_some());
    }
}
