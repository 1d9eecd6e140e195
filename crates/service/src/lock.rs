//! Keeping two processes out of one folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Why a folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds the lock.
    #[error("{} is in use by another process", .path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
    },
    /// The lock file could not be made or locked.
    #[error("cannot lock {}: {source}", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// An exclusive lock on a folder, held until it is dropped or the process ends, however it ends.
///
/// The lock is the operating system's (`flock`), on a file named `lock`; the file stays. It
/// holds the process id of its last holder, until that says that it ends in good order.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
    ended_in_order: bool,
}

impl FolderLock {
    /// Locks `folder`, without waiting.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join("lock");
        let wrap = |source| LockError::Io { path: path.clone(), source };
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(wrap)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { path }),
            Err(TryLockError::Error(source)) => return Err(wrap(source)),
        }
        let mut holder = String::new();
        file.read_to_string(&mut holder).map_err(wrap)?;
        let ended_in_order = !is_new && holder.is_empty();
        file.set_len(0).map_err(wrap)?;
        file.rewind().map_err(wrap)?;
        writeln!(file, "{}", std::process::id()).map_err(wrap)?;
        // Before anything is written that the next holder would have to look for.
        file.sync_all().map_err(wrap)?;
        Ok(Self { file, ended_in_order })
    }

    /// Whether there was a holder before, and the last one said that it left nothing half done.
    pub fn ended_in_order(&self) -> bool {
        self.ended_in_order
    }

    /// Ends the lock and says so. If that cannot be written the next holder looks for what is half
    /// done, and finds nothing.
    pub fn end_in_order(self) {
        if let Err(error) = self.file.set_len(0) {
            tracing::warn!(%error, "the next start looks for what was left half done");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let refused = FolderLock::take(folder.path()).unwrap_err();
        assert!(matches!(refused, LockError::Held { .. }));
        drop(first);
        FolderLock::take(folder.path()).unwrap();
    }

    #[test]
    fn only_a_holder_that_says_so_ended_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let take = || FolderLock::take(folder.path()).unwrap();
        assert!(!take().ended_in_order(), "there was none");
        assert!(!take().ended_in_order(), "it was dropped, or killed");
        take().end_in_order();
        let third = take();
        assert!(third.ended_in_order());
        drop(third);
        assert!(!take().ended_in_order());
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = FolderLock::take(&folder.path().join("none")).unwrap_err();
        assert!(matches!(error, LockError::Io { .. }));
    }
}
