//! Files, read and written whole.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

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

/// The message for a file that would have to be overwritten.
pub(crate) fn there_already(path: &Path) -> Failure {
    Failure::new(format_args!("{} is there already", path.display()))
        .hint("choose another name: a private key is never overwritten")
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format_args!("cannot write {}: {error}", path.display()))
        .hint("check the folder, your rights in it, and the room on that disk")
}
