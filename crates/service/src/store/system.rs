//! What a store asks of the operating system to change a folder.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

/// The calls by which a folder's objects are written and made durable: those of the operating
/// system, [`SystemCalls`], or in a test others that fail.
///
/// `path` is that of an object, such as `artifact/00ff`; it tells one call from another.
pub trait FolderCalls: fmt::Debug + Send + Sync {
    /// Reads objects, and writes those for which the calls below are not made. A write is durable
    /// when it returns if `is_durable`, and after the next [`FolderCalls::sync`] otherwise.
    fn objects(
        &self,
        folder: &Path,
        is_durable: bool,
    ) -> object_store::Result<Arc<dyn ObjectStore>>;

    /// Whether one [`FolderCalls::sync`] makes durable what was written before, and tells if it
    /// could not.
    fn one_sync_is_enough(&self, folder: &File, path: &Path) -> io::Result<bool>;

    /// Makes durable what was written to the folder's file system (`syncfs`).
    fn sync(&self, folder: &File) -> io::Result<()>;

    /// Opens a file without a name in a subfolder (`openat` with `O_TMPFILE`).
    fn open_nameless(&self, subfolder: &File, path: &str) -> io::Result<File>;

    /// Writes all of an object into its file.
    fn write(&self, file: &mut File, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Gives an object's file its name, unless something stands there (`linkat`).
    fn link(&self, file: &File, subfolder: &File, path: &str) -> io::Result<()>;
}

/// The calls of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemCalls;

impl FolderCalls for SystemCalls {
    fn objects(
        &self,
        folder: &Path,
        is_durable: bool,
    ) -> object_store::Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(is_durable)))
    }

    fn one_sync_is_enough(&self, folder: &File, path: &Path) -> io::Result<bool> {
        let holds = platform::syncs_all(folder)?;
        if cfg!(target_os = "linux") && !holds {
            let path = path.display();
            tracing::warn!(%path, "each file is synced for itself: this file system, or a kernel \
                            before 5.8, is not known to tell when it could not write");
        }
        Ok(holds)
    }

    fn sync(&self, folder: &File) -> io::Result<()> {
        platform::sync(folder)
    }

    fn open_nameless(&self, subfolder: &File, _: &str) -> io::Result<File> {
        platform::open_nameless(subfolder)
    }

    fn write(&self, file: &mut File, _: &str, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(file, bytes)
    }

    fn link(&self, file: &File, subfolder: &File, path: &str) -> io::Result<()> {
        let name = path.rsplit('/').next().unwrap_or(path);
        platform::link(file, subfolder, name)
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, FsWord, Mode, OFlags, fstatfs, linkat, openat, syncfs};
    use rustix::io::Errno;

    pub(super) fn syncs_all(folder: &File) -> io::Result<bool> {
        let kind = fstatfs(folder)?.f_type;
        let system = rustix::system::uname();
        Ok(syncfs_tells(&system.release().to_string_lossy(), kind))
    }

    /// Since Linux 5.8 `syncfs` reports failed writes (syncfs(2)). Only file systems are named that
    /// write all there is when they are asked: on most of FUSE nobody asks them.
    pub(super) fn syncfs_tells(release: &str, kind: FsWord) -> bool {
        const EXT4: FsWord = 0xef53;
        const XFS: FsWord = 0x5846_5342;
        const BTRFS: FsWord = 0x9123_683e;
        const F2FS: FsWord = 0xf2f5_2010;
        const TMPFS: FsWord = 0x0102_1994;
        let mut numbers = release.split(|part: char| !part.is_ascii_digit());
        let mut number = || numbers.next().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        (number(), number()) >= (5, 8) && [EXT4, XFS, BTRFS, F2FS, TMPFS].contains(&kind)
    }

    pub(super) fn sync(folder: &File) -> io::Result<()> {
        Ok(syncfs(folder)?)
    }

    pub(super) fn open_nameless(folder: &File) -> io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        Ok(File::from(openat(folder, ".", flags, Mode::from_raw_mode(0o666))?))
    }

    pub(super) fn link(file: &File, folder: &File, name: &str) -> io::Result<()> {
        match linkat(file, "", folder, name, AtFlags::EMPTY_PATH) {
            // Before Linux 6.10 that is for the privileged only.
            Err(Errno::NOENT) => link_by_proc(file, folder, name),
            result => Ok(result?),
        }
    }

    pub(super) fn link_by_proc(file: &File, folder: &File, name: &str) -> io::Result<()> {
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(linkat(CWD, own, folder, name, AtFlags::SYMLINK_FOLLOW)?)
    }
}

/// Elsewhere each write syncs its file and its folder, and the object store makes all files.
#[cfg(not(target_os = "linux"))]
mod platform {
    use std::fs::File;
    use std::io;

    pub(super) fn syncs_all(_: &File) -> io::Result<bool> {
        Ok(false)
    }

    pub(super) fn sync(_: &File) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn open_nameless(_: &File) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn link(_: &File, _: &File, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::platform::*;
    use super::*;

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

    /// As kernels before 6.10 do it, and a process that ends before there is a name.
    #[test]
    fn a_file_without_a_name_is_nothing_until_it_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let at = File::open(folder.path()).unwrap();
        let nameless = |bytes: &[u8]| {
            let mut file = SystemCalls.open_nameless(&at, "aa").unwrap();
            SystemCalls.write(&mut file, "aa", bytes).unwrap();
            file
        };
        drop(nameless(b"lost"));
        assert_eq!(names(), 0);
        let file = nameless(b"one");
        assert_eq!(names(), 0);
        link_by_proc(&file, &at, "aa").unwrap();
        assert_eq!(std::fs::read(folder.path().join("aa")).unwrap(), b"one");
        let taken = link_by_proc(&nameless(b"two"), &at, "aa").unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    }
}
