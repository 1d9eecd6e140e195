//! A source of which some files are known already.

use std::collections::BTreeMap;

use super::source::within;
use super::{Reading, Source, SourceError};

/// A source that answers for some paths with given bytes, and asks another for the rest.
pub(super) struct Overlay<'a> {
    under: &'a dyn Source,
    files: BTreeMap<String, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// The source as it is.
    pub(super) fn over(under: &'a dyn Source) -> Self {
        Self { under, files: BTreeMap::new() }
    }

    /// Has these bytes at a path.
    pub(super) fn insert(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        self.files.insert(path.into(), bytes);
    }
}

impl Source for Overlay<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(bytes) = self.files.get(path) else {
            return self.under.read(path, limit);
        };
        within(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX), limit)?;
        Ok(Some(bytes.clone()))
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        match self.files.get(path) {
            Some(bytes) => Ok(Some(Reading::plain(path, bytes.as_slice(), limit))),
            None => self.under.reader(path, limit),
        }
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.under.each_path(see)
    }

    fn describe(&self) -> String {
        self.under.describe()
    }
}
