//! A bundle in memory.

use std::collections::BTreeMap;

use super::source::within;
use super::{BundlePath, Reading, Sink, SinkError, Source, SourceError};

/// A bundle in memory, for tests and for browsers.
#[derive(Clone, Debug, Default)]
pub struct MemorySource {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemorySource {
    /// An empty bundle.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts bytes at a path, legal or not; what stood there gives way.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// Takes a path away.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.files.remove(path)
    }

    /// The bytes at a path.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The bytes at a path, to be changed.
    pub fn bytes_mut(&mut self, path: &str) -> Option<&mut Vec<u8>> {
        self.files.get_mut(path)
    }

    /// Every path with its bytes, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

impl Source for MemorySource {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(bytes) = self.files.get(path) else {
            return Ok(None);
        };
        within(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX), limit)?;
        Ok(Some(bytes.clone()))
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        let Some(bytes) = self.files.get(path) else {
            return Ok(None);
        };
        within(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX), limit)?;
        Ok(Some(Reading::plain(path, bytes.as_slice(), limit)))
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.files.keys().for_each(|path| see(path));
        Ok(true)
    }

    fn describe(&self) -> String {
        format!("{} files in memory", self.files.len())
    }
}

/// Collects a bundle in memory.
#[derive(Debug, Default)]
pub struct MemorySink {
    bundle: MemorySource,
}

impl MemorySink {
    /// An empty bundle.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bundle collected.
    pub fn into_source(self) -> MemorySource {
        self.bundle
    }
}

impl Sink for MemorySink {
    fn write(&mut self, path: &BundlePath, bytes: &[u8]) -> Result<(), SinkError> {
        self.bundle.insert(path.to_string(), bytes);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}
