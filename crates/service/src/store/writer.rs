//! A thread that writes many objects to a folder, one after another.
//!
//! A file takes some 25 us when one thread makes them all. Handed to a pool one at a time, the
//! same files cost several times as much: threads wait for each other at the lock of the one
//! folder that all of them write into, and each object wakes two of them.

use std::fs::File;
use std::io;
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
use super::files::{Files, Subfolder};
use super::{FolderCalls, NewObject};

/// Writes that are still to be done.
type Job = Box<dyn FnOnce(&Folder) + Send>;

/// The folder that the thread writes to.
struct Folder {
    #[cfg(target_os = "linux")]
    files: Files,
}

/// The objects, and whether each was created. If not, nothing has changed.
type Answers = Vec<(NewObject, bool)>;

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
    pub(super) async fn create_all(&self, objects: Vec<NewObject>) -> Option<Answers> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |folder| {
            // Who no longer waits has been cancelled; the objects are written all the same.
            let _ = answer.send(folder.create_all(objects));
        });
        self.0.send(job).ok()?;
        done.await.ok()
    }
}

impl Folder {
    fn create_all(&self, objects: Vec<NewObject>) -> Answers {
        #[cfg(target_os = "linux")]
        {
            let mut subfolder = Subfolder::default();
            let made: Vec<bool> = objects
                .iter()
                .map(|object| self.files.create(&object.path, &object.bytes, &mut subfolder))
                .collect();
            objects.into_iter().zip(made).collect()
        }
        #[cfg(not(target_os = "linux"))]
        objects.into_iter().map(|object| (object, false)).collect()
    }
}
