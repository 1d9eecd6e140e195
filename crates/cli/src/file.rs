//! Files, read and written whole.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use service::disk;

use crate::message::Failure;

/// The bytes of a file, or of stdin for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|error| cannot_read(path, &error))?;
        return Ok(bytes);
    }
    fs::read(path).map_err(|error| cannot_read(path, &error))
}

/// Opens a file, or stdin for `-`, to be read piece by piece.
pub(crate) fn open(path: &Path) -> Result<Box<dyn io::Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
    Ok(Box::new(file))
}

/// What to call a file in a message.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".into() } else { path.display().to_string() }
}

/// The message for a file that cannot be read.
pub(crate) fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format_args!("cannot read {}: {error}", name(path)))
        .hint("check the name and that you may read it; - is stdin")
}

/// Writes a new file that only its owner may read, and sees it safely on disk. A file that is
/// there already is left alone.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::write_private(path, bytes).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        _ => cannot_write(path, &error),
    })
}

/// Keeps bytes in a new file, and sees it safely on disk; gives its name. Where other bytes stand
/// under that name, `.2` and so on is put behind it; where the very bytes stand, they are kept
/// already.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
    for number in 1..=MOST_KEPT {
        let mut name = path.as_os_str().to_owned();
        if number > 1 {
            name.push(format!(".{number}"));
        }
        let path = PathBuf::from(name);
        match disk::write_private(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(cannot_write(&path, &error));
            }
            Err(_) if holds(&path, bytes) => return Ok(path),
            Err(_) => {}
        }
    }
    Err(Failure::new(format_args!("{} and {MOST_KEPT} like it are there", path.display()))
        .hint("move them elsewhere: what was kept once is never overwritten"))
}

/// Writes a file anew, whatever stood there before: it is there whole, or as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    disk::write_durably(path, bytes).map_err(|error| cannot_write(path, &error))
}

/// The same for a file that only its owner may read.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut staged = path.as_os_str().to_owned();
    staged.push(".new");
    let staged = PathBuf::from(staged);
    // One that a process left behind when it died.
    let written = match fs::remove_file(&staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => disk::write_private(&staged, bytes),
    };
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    written
        .and_then(|()| fs::rename(&staged, path))
        .and_then(|()| disk::sync_folder(parent))
        .map_err(|error| cannot_write(path, &error))
}

/// How many files of one name are kept.
const MOST_KEPT: u32 = 1000;

fn holds(path: &Path, bytes: &[u8]) -> bool {
    let is_as_long = fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64);
    is_as_long && fs::read(path).is_ok_and(|found| found == bytes)
}

/// The message for a private key that would have to be overwritten.
pub(crate) fn there_already(path: &Path) -> Failure {
    Failure::new(format_args!("{} is there already", path.display()))
        .hint("choose another name: a private key is never overwritten")
}

/// The message for a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format_args!("cannot write {}: {error}", path.display()))
        .hint("check the folder, your rights in it, and the room on that disk")
}
