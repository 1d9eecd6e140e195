//! A folder of the local file system as a store.
//!
//! Objects are written to a staging name, or to none, and linked into place, so that no reader sees
//! half an object. On Linux a barrier is one `syncfs` of the folder's file system, which makes
//! files and names durable together; a thousand objects then cost one journal commit instead of two
//! thousand. Put the folder on a file system of its own, or the barrier also waits for what others
//! write. Where `syncfs` is not known to tell the truth, and on other systems, each write syncs its
//! file and its folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::writer::Writer;
use super::{Barrier, Before, FolderCalls, Store, StoreError};

/// Opens the folder.
pub(super) fn open(
    path: &Path,
    before: Before,
    calls: Arc<dyn FolderCalls>,
) -> Result<Store, StoreError> {
    let folder = File::open(path)?;
    lock(&folder, path)?;
    // Only now: what another process is writing must stay.
    if before == Before::MayBeKilled {
        remove_staged(path)?;
    }
    // Opened anew, and not locked: the writer may close it a moment after the store is gone.
    let root = File::open(path)?;
    let one_sync = calls.one_sync_is_enough(&folder, path)?;
    let wrap = |source| super::wrap(&path.display().to_string(), source);
    let durable = calls.objects(path, true).map_err(wrap)?;
    let objects = calls.objects(path, !one_sync).map_err(wrap)?;
    let writer = one_sync.then(|| Writer::start(root, Arc::clone(&calls))).transpose()?;
    let barrier = Arc::new(FileSystem { folder, one_sync, calls });
    Ok(Store { writer: writer.map(Arc::new), ..Store::over(objects, durable, barrier) })
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
struct FileSystem {
    folder: File,
    /// Whether a sync of all is wanted, or each write has synced itself.
    one_sync: bool,
    calls: Arc<dyn FolderCalls>,
}

impl Barrier for FileSystem {
    fn sync(&self) -> io::Result<()> {
        if self.one_sync { self.calls.sync(&self.folder) } else { Ok(()) }
    }

    fn can_tear(&self) -> bool {
        self.one_sync
    }
}
