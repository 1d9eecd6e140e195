//! Folders that nobody else has had a hand in.
//!
//! A folder that is made here is for its owner only. One that is there already may have been made
//! by somebody who keeps a right to it: whoever owns a folder can remove what others write into it,
//! and a link can be pointed elsewhere. For secrets such a folder is refused, not repaired.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk;

/// Why a folder is not fit for secrets.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be looked at or made.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A link, or no folder at all.
    #[error("{} is a link or no folder: name the folder itself", .path.display())]
    Link {
        /// What was named.
        path: PathBuf,
    },
    /// Another user can remove what is in it.
    #[error("{} belongs to another user: name a folder that this user has made", .path.display())]
    OtherOwner {
        /// The folder.
        path: PathBuf,
    },
    /// Others can look into it or write.
    #[error("others have rights to {}: take them away (chmod 0700)", .path.display())]
    Open {
        /// The folder.
        path: PathBuf,
    },
}

/// Makes a folder of mode 0700 and its missing parents, or takes one that is there: no link, this
/// user's, without a right for anybody else. Whose it is can be told on Linux only, and the mode on
/// Unix.
pub fn make_own(path: &Path) -> Result<(), FolderError> {
    let io = |source| FolderError::Io { path: path.to_path_buf(), source };
    // Looked at only after it was made: whoever was quicker is seen.
    disk::make_private_folder(path).map_err(io)?;
    let metadata = std::fs::symlink_metadata(path).map_err(io)?;
    if !metadata.is_dir() {
        return Err(FolderError::Link { path: path.to_path_buf() });
    }
    if !is_ours(&metadata) {
        return Err(FolderError::OtherOwner { path: path.to_path_buf() });
    }
    if disk::is_open_to_others(path).map_err(io)? {
        return Err(FolderError::Open { path: path.to_path_buf() });
    }
    Ok(())
}

/// Whether a file or folder belongs to this process's user. Elsewhere than on Linux it is believed.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "nobody is asked"))]
pub fn is_ours(metadata: &std::fs::Metadata) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt as _;
        metadata.uid() == rustix::process::geteuid().as_raw()
    }
    #[cfg(not(target_os = "linux"))]
    true
}

/// Whether what is in a folder lies in memory alone: tmpfs or ramfs. Elsewhere than on Linux nobody
/// can tell, so it is taken for a disk.
pub fn is_in_memory(path: &Path) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    {
        // linux/magic.h
        const TMPFS: rustix::fs::FsWord = 0x0102_1994;
        const RAMFS: rustix::fs::FsWord = 0x8584_58f6;
        let kind = rustix::fs::statfs(path)?.f_type;
        Ok([TMPFS, RAMFS].contains(&kind))
    }
    #[cfg(not(target_os = "linux"))]
    std::fs::metadata(path).map(|_| false)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// The attack: somebody makes the folder before the server does.
    #[test]
    fn a_folder_that_others_have_a_hand_in_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        make_own(&path("own/keys")).unwrap();
        make_own(&path("own/keys")).unwrap();
        let mode = std::fs::metadata(path("own/keys")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        for mode in [0o777, 0o750, 0o701] {
            std::fs::set_permissions(path("own/keys"), PermissionsExt::from_mode(mode)).unwrap();
            assert!(
                matches!(make_own(&path("own/keys")), Err(FolderError::Open { .. })),
                "{mode:o}"
            );
        }
        std::fs::set_permissions(path("own/keys"), PermissionsExt::from_mode(0o700)).unwrap();
        symlink(path("own/keys"), path("link")).unwrap();
        assert!(matches!(make_own(&path("link")), Err(FolderError::Link { .. })));
        std::fs::write(path("file"), "").unwrap();
        assert!(make_own(&path("file")).is_err());
    }

    /// A test cannot make a folder for somebody else, unless it is the superuser.
    #[test]
    fn a_folder_of_another_user_is_refused() {
        use std::os::unix::fs::chown;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        make_own(&path).unwrap();
        let given_away = chown(&path, Some(65_534), None).is_ok();
        assert_eq!(matches!(make_own(&path), Err(FolderError::OtherOwner { .. })), given_away);
    }

    #[test]
    fn what_lies_in_memory() {
        assert!(is_in_memory(Path::new("/dev/shm")).unwrap());
        assert!(!is_in_memory(Path::new("/proc")).unwrap());
    }
}
