//! A bundle as a zip.
//!
//! Programs disagree about zips that are not quite right: which of two files of one name is meant,
//! which of two directories counts, whose sizes are true. Evidence must look the same to everyone,
//! so this reader takes zips that have one reading and refuses the others: no comments, nothing
//! before, between and behind the files and the directory, no two files on the same bytes, local
//! headers that agree with the directory, no extra fields that could mean another name, files
//! stored or deflated, none encrypted.
//!
//! Checksums (CRC-32) are not compared: what counts is the digest of the bytes, and a file that
//! was changed within a zip is to be found and named like any other.
//!
//! Reading needs no lock and no shared position: one positioned read a file for zips made here.

mod at;
mod directory;
mod local;
mod write;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use flate2::read::DeflateDecoder;

use super::source::{plain, within};
use super::{PIECE_BYTES, Reading, Source, SourceError};

use at::{Bytes, Stretch};
use directory::{Directory, Entry};

pub use write::ZipSink;

/// What a zip may cost to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipLimits {
    /// Files.
    pub files: u64,
    /// Bytes of the directory at its end.
    pub directory_bytes: u64,
}

impl Default for ZipLimits {
    /// 32 million files, 4 GiB of directory.
    fn default() -> Self {
        Self { files: 32_000_000, directory_bytes: 4 * 1024 * 1024 * 1024 }
    }
}

/// Bytes of a local header before the name.
const LOCAL_BYTES: u64 = 30;

/// A bundle as a zip.
#[derive(Debug)]
pub struct ZipSource {
    name: String,
    bytes: Bytes,
    directory: Directory,
}

impl ZipSource {
    /// Opens a zip and reads its directory.
    pub fn open(path: impl AsRef<Path>, limits: ZipLimits) -> Result<Self, SourceError> {
        let name = path.as_ref().display().to_string();
        let io = |error| SourceError::Io { path: name.clone(), error };
        let file = File::open(path).map_err(io)?;
        let found = file.metadata().map_err(io)?;
        if !found.is_file() {
            return Err(SourceError::NotAFile { path: name });
        }
        Self::read_directory(name, Bytes::File { file, size: found.len() }, limits)
    }

    /// Opens a zip that is in memory.
    pub fn from_bytes(name: &str, bytes: Vec<u8>, limits: ZipLimits) -> Result<Self, SourceError> {
        Self::read_directory(name.to_owned(), Bytes::Memory(bytes), limits)
    }

    fn read_directory(name: String, bytes: Bytes, limits: ZipLimits) -> Result<Self, SourceError> {
        let directory = Directory::read(&name, &bytes, limits)?;
        Ok(Self { name, bytes, directory })
    }

    /// Where a file of at most `limit` bytes lies.
    fn entry(&self, path: &str, limit: u64) -> Result<Option<Entry>, SourceError> {
        plain(path)?;
        match self.directory.find(path) {
            (_, None) => Ok(None),
            (1, Some(entry)) => within(path, entry.size, limit).map(|()| Some(entry)),
            (times, Some(_)) => Err(SourceError::Twice { path: path.to_owned(), times }),
        }
    }

    /// One file of the directory, unpacked as it is read.
    fn unpacked(&self, path: &str, entry: &Entry) -> Result<Reading<'_>, SourceError> {
        let zip = |why| SourceError::Zip { path: path.to_owned(), why };
        let start = local::data_of(&self.bytes, path.as_bytes(), entry, &self.directory)
            .map_err(|stop| stop.told(path))?;
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or_else(|| zip("it ends beyond any file"));
        let packed = Stretch::bare(&self.bytes, start, sum(start, entry.packed)?);
        match entry.method {
            directory::STORED => Ok(Reading::plain(path, packed, entry.size)),
            directory::DEFLATED => {
                Ok(Reading::unpacked(path, DeflateDecoder::new(packed), entry.size))
            }
            _ => Err(zip("it is packed in a way other than deflate")),
        }
    }

    /// The bytes of one small file of the directory.
    fn extract(&self, path: &str, entry: &Entry) -> Result<Vec<u8>, SourceError> {
        let zip = |why| SourceError::Zip { path: path.to_owned(), why };
        let io = |error| SourceError::Io { path: path.to_owned(), error };
        let name_bytes = u64::try_from(path.len()).map_err(|_| zip("its name is too long"))?;
        let head = LOCAL_BYTES.saturating_add(name_bytes);
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or_else(|| zip("it ends beyond any file"));
        let length = usize::try_from(sum(head, entry.packed)?).map_err(|_| zip("too large"))?;
        // Header, name and data in one read; data behind an extra field is read on.
        let mut bytes = vec![0; length];
        self.bytes.read_exact_at(&mut bytes, entry.offset).map_err(io)?;
        let start = local::judge(&self.bytes, &bytes, path.as_bytes(), entry, &self.directory)
            .map_err(|stop| stop.told(path))?;
        let head = usize::try_from(head).map_err(|_| zip("its name is too long"))?;
        let mut packed = bytes.split_off(head.min(bytes.len()));
        if start != sum(entry.offset, LOCAL_BYTES.saturating_add(name_bytes))? {
            self.bytes.read_exact_at(&mut packed, start).map_err(io)?;
        }
        match entry.method {
            directory::STORED => Ok(packed),
            directory::DEFLATED => inflate(&packed, entry.size).map_err(zip),
            _ => Err(zip("it is packed in a way other than deflate")),
        }
    }
}

impl Source for ZipSource {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let small = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        match self.entry(path, limit)? {
            None => Ok(None),
            // What the directory says of a large file is believed as its bytes come.
            Some(entry) if entry.size > small => self.unpacked(path, &entry)?.rest().map(Some),
            Some(entry) => self.extract(path, &entry).map(Some),
        }
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        let entry = self.entry(path, limit)?;
        entry.map(|entry| self.unpacked(path, &entry)).transpose()
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.directory.each_path(see);
        Ok(true)
    }

    fn describe(&self) -> String {
        format!("zip {}", self.name)
    }
}

/// Unpacks to exactly `size` bytes, and never holds more.
fn inflate(packed: &[u8], size: u64) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    DeflateDecoder::new(packed)
        .take(size.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|_| "its deflated data are damaged")?;
    if u64::try_from(bytes.len()) == Ok(size) {
        Ok(bytes)
    } else {
        Err("it unpacks to another size than the directory says")
    }
}

#[cfg(test)]
mod tests;
