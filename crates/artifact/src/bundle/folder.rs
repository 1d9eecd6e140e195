//! A bundle as a folder.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use super::source::{plain, within};
use super::{BundlePath, CopyError, PIECE_BYTES, Reading, Sink, SinkError, Source, SourceError};

/// The most folders within folders that are listed; a bundle's own paths need eight.
const MAX_DEPTH: usize = 16;

/// A bundle as a folder. Symbolic links within it are not followed.
#[derive(Debug)]
pub struct FolderSource {
    root: PathBuf,
    /// Folders of the bundle that are known to be folders, so that each is looked at once.
    folders: RwLock<HashSet<String>>,
}

impl FolderSource {
    /// Opens a folder.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, SourceError> {
        let root = root.as_ref();
        let path = || root.display().to_string();
        let found = fs::metadata(root).map_err(|error| SourceError::Io { path: path(), error })?;
        if !found.is_dir() {
            return Err(SourceError::NotAFile { path: path() });
        }
        Ok(Self { root: root.to_owned(), folders: RwLock::default() })
    }

    /// Whether every folder above a path is a real folder, no link.
    fn in_real_folders(&self, path: &str) -> Result<bool, SourceError> {
        let Some((parent, _)) = path.rsplit_once('/') else {
            return Ok(true);
        };
        let known = |folders: &HashSet<String>| folders.contains(parent);
        if self.folders.read().is_ok_and(|folders| known(&folders)) {
            return Ok(true);
        }
        if !self.in_real_folders(parent)? {
            return Ok(false);
        }
        match fs::symlink_metadata(self.root.join(parent)) {
            Ok(found) if found.is_dir() => {
                if let Ok(mut folders) = self.folders.write() {
                    folders.insert(parent.to_owned());
                }
                Ok(true)
            }
            Ok(found) if found.is_symlink() => {
                Err(SourceError::NotAFile { path: parent.to_owned() })
            }
            Ok(_) => Ok(false),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(SourceError::Io { path: parent.to_owned(), error }),
        }
    }

    /// Opens a plain file of at most `limit` bytes; the bytes it says it has.
    fn file(&self, path: &str, limit: u64) -> Result<Option<(fs::File, u64)>, SourceError> {
        plain(path)?;
        let io = |error| SourceError::Io { path: path.to_owned(), error };
        if !self.in_real_folders(path)? {
            return Ok(None);
        }
        let place = self.root.join(path);
        let found = match fs::symlink_metadata(&place) {
            Ok(found) => found,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        if !found.is_file() {
            return Err(SourceError::NotAFile { path: path.to_owned() });
        }
        within(path, found.len(), limit)?;
        Ok(Some((fs::File::open(&place).map_err(io)?, found.len())))
    }

    fn list(
        &self,
        folder: &str,
        depth: usize,
        see: &mut dyn FnMut(&str),
    ) -> Result<(), SourceError> {
        let io = |error| SourceError::Io { path: folder.to_owned(), error };
        for entry in fs::read_dir(self.root.join(folder)).map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if folder.is_empty() { name.into() } else { format!("{folder}/{name}") };
            if entry.file_type().map_err(io)?.is_dir() {
                if depth == 0 {
                    return Err(SourceError::Path { path });
                }
                self.list(&path, depth.saturating_sub(1), see)?;
            } else {
                see(&path);
            }
        }
        Ok(())
    }
}

impl Source for FolderSource {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some((file, size)) = self.file(path, limit)? else {
            return Ok(None);
        };
        // What a file says of its size is believed up to a piece; a sparse one costs nothing.
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(PIECE_BYTES);
        let mut bytes = Vec::with_capacity(size);
        // The file may have grown since: no more than the limit, and one byte to see it.
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| SourceError::Io { path: path.to_owned(), error })?;
        within(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX), limit)?;
        Ok(Some(bytes))
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        let file = self.file(path, limit)?;
        Ok(file.map(|(file, _)| Reading::plain(path, file, limit)))
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.list("", MAX_DEPTH, see)?;
        Ok(true)
    }

    fn describe(&self) -> String {
        format!("folder {}", self.root.display())
    }
}

/// Whether nothing is there; a file where a folder would be is nothing too.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Writes a bundle into a folder that is empty or not there yet.
#[derive(Debug)]
pub struct FolderSink {
    root: PathBuf,
    folders: HashSet<PathBuf>,
}

impl FolderSink {
    /// Makes the folder.
    pub fn create(root: impl AsRef<Path>) -> Result<Self, SinkError> {
        let root = root.as_ref().to_owned();
        let io = |error| SinkError::Io { path: root.display().to_string(), error };
        fs::create_dir_all(&root).map_err(io)?;
        if fs::read_dir(&root).map_err(io)?.next().is_some() {
            return Err(SinkError::NotEmpty { path: root.display().to_string() });
        }
        Ok(Self { root, folders: HashSet::new() })
    }
}

impl FolderSink {
    /// Makes a file, and the folders above it.
    fn file(&mut self, place: &Path) -> Result<fs::File, SinkError> {
        let io = |error| SinkError::Io { path: place.display().to_string(), error };
        if let Some(folder) = place.parent()
            && !self.folders.contains(folder)
        {
            fs::create_dir_all(folder).map_err(io)?;
            self.folders.insert(folder.to_owned());
        }
        fs::File::create_new(place).map_err(io)
    }
}

impl Sink for FolderSink {
    fn write(&mut self, path: &BundlePath, bytes: &[u8]) -> Result<(), SinkError> {
        let place = self.root.join(path.to_string());
        let io = |error| SinkError::Io { path: place.display().to_string(), error };
        self.file(&place)?.write_all(bytes).map_err(io)
    }

    fn write_from(
        &mut self,
        path: &BundlePath,
        mut reading: Reading<'_>,
    ) -> Result<u64, CopyError> {
        let place = self.root.join(path.to_string());
        let io = |error| SinkError::Io { path: place.display().to_string(), error };
        let mut file = self.file(&place)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut written = 0_u64;
        loop {
            let count = reading.next(&mut piece)?;
            if count == 0 {
                return Ok(written);
            }
            file.write_all(piece.get(..count).unwrap_or_default()).map_err(io)?;
            written = written.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}
