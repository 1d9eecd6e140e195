//! Opening a bundle by the word that a person gives for it.

use std::path::Path;

use artifact::bundle::{FolderSource, Source, ZipLimits, ZipSource};
#[cfg(feature = "url")]
use artifact::bundle::{UrlLimits, UrlSource};

use crate::error::CouldNotCheck;
use crate::options::Lists;

/// The bundle at a place: an address, a folder, or a zip.
pub fn open(place: &str) -> Result<Box<dyn Source + Send>, CouldNotCheck> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return open_url(place);
    }
    if Path::new(place).is_dir() {
        return Ok(Box::new(FolderSource::open(place)?));
    }
    // Whatever is neither file nor folder may keep a reader waiting for ever: a pipe, a terminal.
    let is_other = std::fs::metadata(place).is_ok_and(|there| !there.is_file());
    if is_other || place == "-" || place.contains("://") {
        return Err(CouldNotCheck::NoPlace { place: place.to_owned() });
    }
    Ok(Box::new(ZipSource::open(place, ZipLimits::default())?))
}

/// The lists at a place: a folder, or the address of their publisher.
pub fn open_lists(place: &str) -> Result<Lists, CouldNotCheck> {
    #[cfg(feature = "url")]
    if place.starts_with("http://") || place.starts_with("https://") {
        let limits = UrlLimits { file_s: LIST_S, ..UrlLimits::default() };
        return Ok(Lists::new(UrlSource::open(place, limits)?));
    }
    open(place).map(Lists::new)
}

/// Seconds that a list may take from first to last byte: its lines are judged as they come.
#[cfg(feature = "url")]
const LIST_S: u64 = 24 * 3600;

#[cfg(feature = "url")]
fn open_url(place: &str) -> Result<Box<dyn Source + Send>, CouldNotCheck> {
    Ok(Box::new(UrlSource::open(place, UrlLimits::default())?))
}

#[cfg(not(feature = "url"))]
fn open_url(place: &str) -> Result<Box<dyn Source + Send>, CouldNotCheck> {
    Err(CouldNotCheck::NoAddresses { place: place.to_owned() })
}
