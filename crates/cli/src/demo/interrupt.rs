//! Ctrl-C during the demonstration.
//!
//! The first ends it between two steps, and its folder is removed on the way out. The second ends
//! it at once; its folder is removed even then.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use service::stop::{self, Stop};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::message::Failure;

/// Signals, heard from the moment that this is made.
pub(crate) struct Interrupt {
    /// Where they are heard.
    _runtime: Runtime,
    /// Whether one has come.
    pub(super) asked: Stop,
    temporary: Arc<Mutex<Option<PathBuf>>>,
}

impl Interrupt {
    /// Hears signals from now on.
    pub(crate) fn hear() -> Result<Self, Failure> {
        let no_signals = |error: io::Error| {
            Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
        };
        let runtime = Runtime::new().map_err(no_signals)?;
        let temporary = Arc::new(Mutex::new(None::<PathBuf>));
        let made = Arc::clone(&temporary);
        let last = move || held(&made).as_deref().map_or((), remove);
        let asked =
            runtime.block_on(async { stop::on_signals_then(tell, last) }).map_err(no_signals)?;
        Ok(Self { _runtime: runtime, asked, temporary })
    }

    /// Makes a temporary folder, which is removed before a second signal ends the process.
    pub(crate) fn temporary_folder(&self) -> io::Result<TempDir> {
        // Held while it is made: a signal that comes meanwhile waits for its name.
        let mut made = held(&self.temporary);
        let folder = tempfile::Builder::new().prefix("scrutineer-demo-").tempdir()?;
        *made = Some(folder.path().to_owned());
        Ok(folder)
    }
}

/// Says that the first signal was heard.
fn tell() {
    // Nobody is left to tell if this fails.
    let _ = writeln!(
        anstream::stderr(),
        "the demonstration ends after this step; a second Ctrl-C ends it at once"
    );
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the folder while the demonstration still writes into it.
///
/// Whoever removes it beside those threads can be overtaken: they make files and folders anew. So
/// another program takes the place of this one, with all its threads, and that removes it. It is
/// the `rm` of `PATH`, for systems differ in where that stands.
fn remove(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let script = "rm -rf -- \"$1\"; exit 130";
        // Comes back only where there is no shell.
        let _ = std::process::Command::new("/bin/sh").args(["-c", script, "sh"]).arg(folder).exec();
    }
    let _ = std::fs::remove_dir_all(folder);
}
