//! How many votes are examined at one time.
//!
//! To examine a vote takes a tenth of a millisecond, nearly all of it for two signatures. No more
//! are examined at one time than there are processors; the others wait outside of the runtime's
//! queue. So in the runtime's queue a request for the options stands behind as many examinations
//! as there are processors, however many votes have come.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};

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
pub(super) struct Places(Arc<Inner>);

struct Inner {
    looking: Semaphore,
    waiting: Semaphore,
}

/// A place, until this is dropped.
pub(super) struct Place<'a>(#[expect(dead_code, reason = "held, not read")] SemaphorePermit<'a>);

impl Places {
    pub(super) fn new(bounds: &Examinations) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let looking = bounds.at_once.unwrap_or(processors).max(1);
        let waiting = bounds.waiting.unwrap_or(4096).saturating_sub(looking);
        let (looking, waiting) = (Semaphore::new(looking), Semaphore::new(waiting));
        Self(Arc::new(Inner { looking, waiting }))
    }

    /// A place, once there is one; `None` when too many wait already. Nobody waits, and nothing is
    /// counted, while there is a free one.
    pub(super) async fn take(&self) -> Option<Place<'_>> {
        let Inner { looking, waiting } = &*self.0;
        if let Ok(place) = looking.try_acquire() {
            return Some(Place(place));
        }
        let _waiting = waiting.try_acquire().ok()?;
        looking.acquire().await.ok().map(Place)
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
