//! A thread that writes many objects to a folder, one after another.
//!
//! A file takes some 25 us when one thread makes them all. Handed to a pool one at a time, the
//! same files cost several times as much: threads wait for each other at the lock of the one
//! folder that all of them write into, and each object wakes two of them.

use std::fs::File;
use std::io;
use std::sync::{Arc, mpsc};

use futures::executor::block_on;
use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
use super::files::{Files, Subfolder};
use super::{FolderCalls, NewObject, Put, Store, StoreError};

/// Writes that are still to be done.
type Job = Box<dyn FnOnce(&Folder) + Send>;

/// The folder that the thread writes to.
struct Folder {
    #[cfg(target_os = "linux")]
    files: Files,
}

/// What became of objects.
type Answers = Vec<Result<Put, StoreError>>;

/// The thread. It ends when the last store that knows it is gone.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    #[cfg_attr(not(target_os = "linux"), expect(unused, reason = "the store makes all files"))]
    pub(super) fn start(root: File, calls: Arc<dyn FolderCalls>) -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel::<Job>();
        let folder = Folder {
            #[cfg(target_os = "linux")]
            files: Files::new(root, calls),
        };
        std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            while let Ok(job) = jobs.recv() {
                job(&folder);
            }
        })?;
        Ok(Self(sender))
    }

    /// Creates the objects on the thread; `None` if the thread has ended, which a panic does.
    pub(super) async fn put_all(&self, store: Store, objects: Vec<NewObject>) -> Option<Answers> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |folder| {
            let answers = folder.put_all(&store, &objects);
            // Whoever has the answer may open the folder anew, so nothing here may hold it.
            drop(store);
            // Who no longer waits has been cancelled; the objects are written all the same.
            let _ = answer.send(answers);
        });
        self.0.send(job).ok()?;
        done.await.ok()
    }
}

impl Folder {
    /// There is no asynchronous runtime here, so a local object store performs its file operations
    /// at once instead of handing them on.
    fn put_all(&self, store: &Store, objects: &[NewObject]) -> Answers {
        #[cfg(target_os = "linux")]
        let mut subfolder = Subfolder::default();
        let mut answers = Vec::with_capacity(objects.len());
        for object in objects {
            #[cfg(target_os = "linux")]
            if self.files.create(&object.path, &object.bytes, &mut subfolder) {
                answers.push(Ok(Put::Created));
                continue;
            }
            answers.push(block_on(store.put_new(object.clone())));
        }
        answers
    }
}
