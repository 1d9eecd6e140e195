//! A thread that writes many objects to a folder, one after another.
//!
//! A file takes some 25 us when one thread makes them all. Handed to a pool one at a time, the
//! same files cost several times as much: threads wait for each other at the lock of the one
//! folder that all of them write into, and each object wakes two of them.

use std::io;
use std::sync::mpsc;

use futures::executor::block_on;
use tokio::sync::oneshot;

/// Writes that are still to be done.
type Job = Box<dyn FnOnce() + Send>;

/// The thread. It ends when the last store that knows it is gone.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel::<Job>();
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            while let Ok(job) = jobs.recv() {
                job();
            }
        })?;
        Ok(Self(sender))
    }

    /// Does the work on the thread; `None` if the thread has ended, which a panic does.
    ///
    /// There is no asynchronous runtime there, so a local object store performs its file
    /// operations at once instead of handing them on.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Who no longer waits has been cancelled; the objects are written all the same.
            let _ = answer.send(block_on(work));
        });
        self.0.send(job).ok()?;
        done.await.ok()
    }
}
