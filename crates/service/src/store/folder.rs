//! A folder of the local file system as a store.
//!
//! Objects are written to a staging name, or to none, and linked into place, so that no reader sees
//! half an object. On Linux a barrier is one `syncfs` of the folder's file system, which makes
//! files and names durable together; a thousand objects then cost one journal commit instead of two
//! thousand. Put the folder on a file system of its own, or the barrier also waits for what others
//! write. On other systems each write syncs its file and its folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use tokio::sync::Semaphore;

use super::writer::Writer;
use super::{AT_ONE_TIME, Barrier, Before, Store, StoreError};

/// Opens the folder.
pub(super) fn open(path: &Path, before: Before) -> Result<Store, StoreError> {
    let folder = File::open(path)?;
    lock(&folder, path)?;
    // Only now: what another process is writing must stay.
    if before == Before::MayBeKilled {
        remove_staged(path)?;
    }
    // Opened anew, and not locked: the writer may close it a moment after the store is gone.
    let root = File::open(path)?;
    let wrap = |source| super::wrap(&path.display().to_string(), source);
    let durable = LocalFileSystem::new_with_prefix(path).map_err(wrap)?.with_fsync(true);
    let objects = LocalFileSystem::new_with_prefix(path)
        .map_err(wrap)?
        .with_fsync(!cfg!(target_os = "linux"));
    Ok(Store {
        objects: Arc::new(objects),
        durable: Arc::new(durable),
        places: Arc::new(Semaphore::new(AT_ONE_TIME)),
        writer: Some(Arc::new(Writer::start(root)?)),
        barrier: Arc::new(FileSystem(folder)),
    })
}

/// Locks the folder itself (`flock`), so that nothing lies beside the objects; until it is closed.
/// A file system without such locks is told of, and used.
fn lock(folder: &File, path: &Path) -> Result<(), StoreError> {
    match folder.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::Held { path: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => {
            let path = path.display();
            tracing::warn!(%path, %error, "it cannot be locked: let no other process write there");
            Ok(())
        }
    }
}

/// Removes the staging names that a killed process left: `<name>#<number>`. The store does not
/// list them, but whoever reads the folder itself would find strange files.
fn remove_staged(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_staged(&entry.path())?;
        } else if is_staged(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_staged(name: &str) -> bool {
    let number = name.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The folder, held open: the operating system reports a failed write-back to every file
/// descriptor that was open when it happened, so this one must not be reopened.
struct FileSystem(File);

impl Barrier for FileSystem {
    fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&self.0)?;
        Ok(())
    }

    fn can_tear(&self) -> bool {
        cfg!(target_os = "linux")
    }
}
