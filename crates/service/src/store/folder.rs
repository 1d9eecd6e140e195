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
    let one_sync = one_sync_is_enough(&folder, path)?;
    let wrap = |source| super::wrap(&path.display().to_string(), source);
    let durable = LocalFileSystem::new_with_prefix(path).map_err(wrap)?.with_fsync(true);
    let objects = LocalFileSystem::new_with_prefix(path).map_err(wrap)?.with_fsync(!one_sync);
    Ok(Store {
        objects: Arc::new(objects),
        durable: Arc::new(durable),
        places: Arc::new(Semaphore::new(AT_ONE_TIME)),
        writer: one_sync.then(|| Writer::start(root)).transpose()?.map(Arc::new),
        barrier: Arc::new(FileSystem { folder, one_sync }),
    })
}

/// Whether one `syncfs` makes durable what was written before, and tells if it could not.
#[cfg(target_os = "linux")]
fn one_sync_is_enough(folder: &File, path: &Path) -> io::Result<bool> {
    let kind = rustix::fs::fstatfs(folder)?.f_type;
    let system = rustix::system::uname();
    let holds = syncfs_tells(&system.release().to_string_lossy(), kind);
    if !holds {
        let path = path.display();
        tracing::warn!(%path, "each file is synced for itself: this file system, or a kernel \
                        before 5.8, is not known to tell when it could not write");
    }
    Ok(holds)
}

#[cfg(not(target_os = "linux"))]
fn one_sync_is_enough(_: &File, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Since Linux 5.8 `syncfs` reports failed writes (syncfs(2)). Only file systems are named that
/// write all there is when they are asked: on most of FUSE nobody asks them.
#[cfg(target_os = "linux")]
fn syncfs_tells(release: &str, kind: rustix::fs::FsWord) -> bool {
    const EXT4: rustix::fs::FsWord = 0xef53;
    const XFS: rustix::fs::FsWord = 0x5846_5342;
    const BTRFS: rustix::fs::FsWord = 0x9123_683e;
    const F2FS: rustix::fs::FsWord = 0xf2f5_2010;
    const TMPFS: rustix::fs::FsWord = 0x0102_1994;
    let mut numbers = release.split(|part: char| !part.is_ascii_digit());
    let mut number = || numbers.next().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    (number(), number()) >= (5, 8) && [EXT4, XFS, BTRFS, F2FS, TMPFS].contains(&kind)
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
}

impl Barrier for FileSystem {
    fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if self.one_sync {
            rustix::fs::syncfs(&self.folder)?;
        }
        Ok(())
    }

    fn can_tear(&self) -> bool {
        self.one_sync
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::syncfs_tells;

    #[test]
    fn one_sync_is_believed_only_where_it_tells_of_failures() {
        let ext4 = 0xef53;
        for (release, tells) in [
            ("6.18.5", true),
            ("5.8.0-1-amd64", true),
            ("10.0", true),
            ("5.7.19", false),
            ("4.18.0-553.el8_10.x86_64", false),
            ("", false),
        ] {
            assert_eq!(syncfs_tells(release, ext4), tells, "{release}");
        }
        let (fuse, nfs) = (0x6573_5546, 0x6969);
        assert!(!syncfs_tells("6.18.5", fuse) && !syncfs_tells("6.18.5", nfs));
    }
}
