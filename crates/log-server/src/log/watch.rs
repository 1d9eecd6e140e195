//! Watching over the tasks of a log: where one of them ends before its time, the log stops, for
//! nothing would be published any more and nobody would be told.

use std::sync::Arc;

use tokio::task::{self, JoinHandle};

use super::state::Shared;

/// Runs a task, and stops the log when it panics.
pub(crate) fn spawn(
    shared: &Arc<Shared>,
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    task::spawn(async move {
        if let Err(error) = task::spawn(work).await {
            shared.stop(&format!("the {name} has ended: {error}"));
        }
    })
}

/// Stops the log when the thread that holds it panics.
pub(crate) struct OnThread {
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: &'static str,
}

impl Drop for OnThread {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.stop(&format!("the {} has panicked", self.name));
        }
    }
}
