//! Long work beside the runtime's threads.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task;

use super::submit::SubmitError;

/// Bytes of a submission above which it is judged aside. Below, handing the work over and back
/// costs more than it takes.
pub(crate) const ASIDE_BYTES: usize = 64 << 10;

/// Places for long work on the threads that the runtime keeps for it.
///
/// There are as many as the machine has processors: disks and witnesses use the same threads, and
/// a crowd of large submissions must leave some to them.
#[derive(Clone, Debug)]
pub(crate) struct Aside(Arc<Semaphore>);

impl Aside {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))))
    }

    /// Does the work when there is a place for it. A place is taken until the work is done, even
    /// when nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let internal = |error: &dyn std::fmt::Display| SubmitError::Internal(error.to_string());
        let place = Arc::clone(&self.0).acquire_owned().await.map_err(|error| internal(&error))?;
        let work = move || {
            let _place = place;
            work()
        };
        task::spawn_blocking(work).await.map_err(|error| internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_takes_a_place_until_it_is_done() {
        let aside = Aside::new();
        let places = aside.0.available_permits();
        assert!(places > 0);
        let inner = aside.clone();
        let during = aside.run(move || inner.0.available_permits()).await.unwrap();
        assert_eq!((during, aside.0.available_permits()), (places - 1, places));
        let panicked = aside.run(|| panic!("as a test")).await;
        assert!(matches!(panicked, Err(SubmitError::Internal(_))));
        assert_eq!(aside.0.available_permits(), places);
    }

    #[tokio::test]
    async fn work_without_a_place_waits() {
        let aside = Aside(Arc::new(Semaphore::new(0)));
        let mut waiting = std::pin::pin!(aside.run(|| 7));
        assert!(futures::poll!(&mut waiting).is_pending());
        aside.0.add_permits(1);
        assert_eq!(waiting.await.unwrap(), 7);
    }
}
