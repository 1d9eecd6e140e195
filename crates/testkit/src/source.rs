//! Bundles that are had in other ways than a folder.

use artifact::bundle::{MemorySource, Source, SourceError};

/// A bundle on a web site: it gives out what it is asked for, and does not tell what is there.
#[derive(Clone, Debug, Default)]
pub struct Unlisted(pub MemorySource);

impl Source for Unlisted {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "a web site".to_owned()
    }
}
