//! Small files made with few calls of the operating system.
//!
//! ```text
//! openat(folder, O_TMPFILE)   a file without a name
//! write                       all of it
//! linkat                      its name, unless something stands there
//! ```
//!
//! So no reader ever sees a part of such a file, and a process that is killed leaves nothing
//! behind. Whatever these calls cannot do, be it a file system without files that have no name, a
//! folder that is not there or a name that is taken, is left to the object store, which writes to a
//! staging name first.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};
use rustix::io::Errno;

/// A folder of the local file system, in which files are made.
#[derive(Debug)]
pub(super) struct Files {
    root: File,
    /// Whether the file system has refused such a file. It would refuse the next one too.
    is_refused: AtomicBool,
}

/// The subfolder that the last file went into, held open while many of them are made.
#[derive(Debug, Default)]
pub(super) struct Subfolder<'p>(Option<(&'p str, OwnedFd)>);

/// What a system answers that has no files without a name, or no way to give them one.
const NEVER: [Errno; 6] =
    [Errno::OPNOTSUPP, Errno::ISDIR, Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::NOENT];

impl Files {
    pub(super) fn new(root: File) -> Self {
        Self { root, is_refused: AtomicBool::new(false) }
    }

    /// Makes a file at a path such as `artifact/00ff`; true if it stands there with these bytes. If
    /// not, nothing has changed.
    pub(super) fn create<'p>(&self, path: &'p str, bytes: &[u8], at: &mut Subfolder<'p>) -> bool {
        let parts =
            path.split_once('/').filter(|(folder, name)| is_plain(folder) && is_plain(name));
        let Some((folder, name)) = parts else { return false };
        if self.is_refused.load(Ordering::Relaxed) {
            return false;
        }
        let Some(folder) = at.open(&self.root, folder) else { return false };
        match create(folder, name, bytes) {
            Ok(()) => true,
            Err(error) => {
                // A full disk, say, tells nothing of the next file.
                if NEVER.iter().any(|never| Errno::from_io_error(&error) == Some(*never)) {
                    tracing::warn!(path, %error, "from now on files are made with staging names");
                    self.is_refused.store(true, Ordering::Relaxed);
                }
                false
            }
        }
    }
}

impl<'p> Subfolder<'p> {
    fn open(&mut self, root: &File, name: &'p str) -> Option<&OwnedFd> {
        if self.0.as_ref().is_none_or(|(opened, _)| *opened != name) {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            self.0 = Some((name, openat(root, name, flags, Mode::empty()).ok()?));
        }
        self.0.as_ref().map(|(_, folder)| folder)
    }
}

fn create(folder: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<()> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, ".", flags, Mode::from_raw_mode(0o666))?);
    file.write_all(bytes)?;
    match linkat(&file, "", folder, name, AtFlags::EMPTY_PATH) {
        // Before Linux 6.10 that is for the privileged only.
        Err(Errno::NOENT) => {
            let own = format!("/proc/self/fd/{}", file.as_raw_fd());
            Ok(linkat(CWD, own, folder, name, AtFlags::SYMLINK_FOLLOW)?)
        }
        result => Ok(result?),
    }
}

/// Letters and digits only, as in digests and the names of their folders: never a way out.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
