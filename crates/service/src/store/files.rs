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
    make: Make,
}

/// Makes a file with a name and all its bytes, or none; after an error it may stand there all the
/// same.
type Make = fn(&OwnedFd, &str, &[u8]) -> io::Result<()>;

/// The subfolder that the last file went into, held open while many of them are made.
#[derive(Debug, Default)]
pub(super) struct Subfolder<'p>(Option<(&'p str, OwnedFd)>);

/// What a system answers that has no files without a name, or no way to give them one.
const NEVER: [Errno; 6] =
    [Errno::OPNOTSUPP, Errno::ISDIR, Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::NOENT];

impl Files {
    pub(super) fn new(root: File) -> Self {
        Self { root, is_refused: AtomicBool::new(false), make }
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
        match (self.make)(folder, name, bytes) {
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

fn make(folder: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<()> {
    let file = nameless(folder, bytes)?;
    match linkat(&file, "", folder, name, AtFlags::EMPTY_PATH) {
        // Before Linux 6.10 that is for the privileged only.
        Err(Errno::NOENT) => name_by_proc(&file, folder, name),
        result => Ok(result?),
    }
}

/// A whole file that nobody sees.
fn nameless(folder: &OwnedFd, bytes: &[u8]) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, ".", flags, Mode::from_raw_mode(0o666))?);
    file.write_all(bytes)?;
    Ok(file)
}

fn name_by_proc(file: &File, folder: &OwnedFd, name: &str) -> io::Result<()> {
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, own, folder, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// Letters and digits only, as in digests and the names of their folders: never a way out.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn files(folder: &Path, make: Make) -> Files {
        std::fs::create_dir_all(folder.join("artifact")).unwrap();
        Files { make, ..Files::new(File::open(folder).unwrap()) }
    }

    fn names(folder: &Path) -> usize {
        std::fs::read_dir(folder.join("artifact")).unwrap().count()
    }

    #[test]
    fn what_a_system_cannot_do_is_asked_once_and_what_it_could_not_is_asked_again() {
        fn unknown(_: &OwnedFd, _: &str, _: &[u8]) -> io::Result<()> {
            Err(Errno::OPNOTSUPP.into())
        }
        fn full(_: &OwnedFd, _: &str, _: &[u8]) -> io::Result<()> {
            Err(Errno::NOSPC.into())
        }
        fn exhausted(_: &OwnedFd, _: &str, _: &[u8]) -> io::Result<()> {
            Err(Errno::MFILE.into())
        }
        let cases: [(Make, bool); 3] = [(unknown, true), (full, false), (exhausted, false)];
        for (make, is_refused) in cases {
            let folder = tempfile::tempdir().unwrap();
            let files = files(folder.path(), make);
            assert!(!files.create("artifact/aa", b"one", &mut Subfolder::default()));
            assert_eq!(files.is_refused.load(Ordering::Relaxed), is_refused);
            assert_eq!(names(folder.path()), 0);
        }
    }

    /// The write is done, and the answer says that it is not: the store compares then.
    #[test]
    fn a_file_that_stands_there_is_never_said_to_be_made() {
        fn done_but_failed(folder: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<()> {
            make(folder, name, bytes)?;
            Err(Errno::IO.into())
        }
        let folder = tempfile::tempdir().unwrap();
        let faulty = files(folder.path(), done_but_failed);
        assert!(!faulty.create("artifact/aa", b"one", &mut Subfolder::default()));
        assert_eq!(std::fs::read(folder.path().join("artifact/aa")).unwrap(), b"one");
        let sound = files(folder.path(), make);
        assert!(!sound.create("artifact/aa", b"two", &mut Subfolder::default()));
        assert_eq!(std::fs::read(folder.path().join("artifact/aa")).unwrap(), b"one");
        assert!(!sound.is_refused.load(Ordering::Relaxed));
    }

    /// As kernels before 6.10 do it, and a process that ends before there is a name.
    #[test]
    fn a_file_without_a_name_is_nothing_until_it_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("artifact")).unwrap();
        let at = OwnedFd::from(File::open(folder.path().join("artifact")).unwrap());
        drop(nameless(&at, b"lost").unwrap());
        assert_eq!(names(folder.path()), 0);
        let file = nameless(&at, b"one").unwrap();
        assert_eq!(names(folder.path()), 0);
        name_by_proc(&file, &at, "aa").unwrap();
        assert_eq!(std::fs::read(folder.path().join("artifact/aa")).unwrap(), b"one");
        let again = nameless(&at, b"two").unwrap();
        let taken = name_by_proc(&again, &at, "aa").unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    }
}
