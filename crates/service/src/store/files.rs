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
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use super::FolderCalls;

/// A folder of the local file system, in which files are made.
#[derive(Debug)]
pub(super) struct Files {
    root: File,
    /// Whether the file system has refused such a file. It would refuse the next one too.
    is_refused: AtomicBool,
    /// Whether the last one failed for another reason, which is told once until one succeeds.
    is_failing: AtomicBool,
    calls: Arc<dyn FolderCalls>,
}

/// The subfolder that the last file went into, held open while many of them are made.
#[derive(Debug, Default)]
pub(super) struct Subfolder<'p>(Option<(&'p str, File)>);

/// What a system answers that has no files without a name, or no way to give them one.
const NEVER: [Errno; 6] =
    [Errno::OPNOTSUPP, Errno::ISDIR, Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::NOENT];

impl Files {
    pub(super) fn new(root: File, calls: Arc<dyn FolderCalls>) -> Self {
        let (is_refused, is_failing) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { root, is_refused, is_failing, calls }
    }

    /// Makes a file at a path such as `artifact/00ff`; true if it stands there with these bytes. If
    /// not, nothing has changed.
    pub(super) fn create<'p>(&self, path: &'p str, bytes: &[u8], at: &mut Subfolder<'p>) -> bool {
        let parts =
            path.split_once('/').filter(|(folder, name)| is_plain(folder) && is_plain(name));
        let Some((folder, _)) = parts else { return false };
        if self.is_refused.load(Ordering::Relaxed) {
            return false;
        }
        let Some(folder) = at.open(&self.root, folder) else { return false };
        match self.make(folder, path, bytes) {
            Ok(()) => {
                self.is_failing.store(false, Ordering::Relaxed);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => {
                // A full disk, say, tells nothing of the next file.
                if NEVER.iter().any(|never| Errno::from_io_error(&error) == Some(*never)) {
                    tracing::warn!(path, %error, "from now on files are made with staging names");
                    self.is_refused.store(true, Ordering::Relaxed);
                } else if !self.is_failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(path, %error, "tried again with a staging name");
                }
                false
            }
        }
    }

    /// Makes a file with a name and all its bytes, or none; after an error it may stand there all
    /// the same.
    fn make(&self, folder: &File, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.calls.open_nameless(folder, path)?;
        self.calls.write(&mut file, path, bytes)?;
        self.calls.link(&file, folder, path)
    }
}

impl<'p> Subfolder<'p> {
    fn open(&mut self, root: &File, name: &'p str) -> Option<&File> {
        if self.0.as_ref().is_none_or(|(opened, _)| *opened != name) {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            self.0 = Some((name, openat(root, name, flags, Mode::empty()).ok()?.into()));
        }
        self.0.as_ref().map(|(_, folder)| folder)
    }
}

/// Letters and digits only, as in digests and the names of their folders: never a way out.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use object_store::ObjectStore;

    use super::*;
    use crate::store::SystemCalls;

    /// The calls of the system, of which the last is answered with an error: before it is made, or
    /// when it is done.
    #[derive(Debug)]
    struct Failing {
        error: Errno,
        is_done: bool,
    }

    impl FolderCalls for Failing {
        fn objects(&self, _: &Path, _: bool) -> object_store::Result<Arc<dyn ObjectStore>> {
            unreachable!("files are made past the object store")
        }

        fn one_sync_is_enough(&self, _: &File, _: &Path) -> io::Result<bool> {
            Ok(true)
        }

        fn sync(&self, folder: &File) -> io::Result<()> {
            SystemCalls.sync(folder)
        }

        fn open_nameless(&self, subfolder: &File, path: &str) -> io::Result<File> {
            SystemCalls.open_nameless(subfolder, path)
        }

        fn write(&self, file: &mut File, path: &str, bytes: &[u8]) -> io::Result<()> {
            SystemCalls.write(file, path, bytes)
        }

        fn link(&self, file: &File, subfolder: &File, path: &str) -> io::Result<()> {
            if self.is_done {
                SystemCalls.link(file, subfolder, path)?;
            }
            Err(self.error.into())
        }
    }

    fn files(folder: &Path, calls: impl FolderCalls + 'static) -> Files {
        std::fs::create_dir_all(folder.join("artifact")).unwrap();
        Files::new(File::open(folder).unwrap(), Arc::new(calls))
    }

    #[test]
    fn what_a_system_cannot_do_is_asked_once_and_what_it_could_not_is_asked_again() {
        for (error, is_refused) in
            [(Errno::OPNOTSUPP, true), (Errno::NOSPC, false), (Errno::MFILE, false)]
        {
            let folder = tempfile::tempdir().unwrap();
            let files = files(folder.path(), Failing { error, is_done: false });
            assert!(!files.create("artifact/aa", b"one", &mut Subfolder::default()));
            assert_eq!(files.is_refused.load(Ordering::Relaxed), is_refused);
            assert_eq!(files.is_failing.load(Ordering::Relaxed), !is_refused);
            assert_eq!(std::fs::read_dir(folder.path().join("artifact")).unwrap().count(), 0);
        }
    }

    /// The write is done, and the answer says that it is not: the store compares then.
    #[test]
    fn a_file_that_stands_there_is_never_said_to_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let faulty = files(folder.path(), Failing { error: Errno::IO, is_done: true });
        assert!(!faulty.create("artifact/aa", b"one", &mut Subfolder::default()));
        assert_eq!(std::fs::read(folder.path().join("artifact/aa")).unwrap(), b"one");
        let sound = files(folder.path(), SystemCalls);
        assert!(!sound.create("artifact/aa", b"two", &mut Subfolder::default()));
        assert_eq!(std::fs::read(folder.path().join("artifact/aa")).unwrap(), b"one");
        assert!(!sound.is_refused.load(Ordering::Relaxed));
    }
}
