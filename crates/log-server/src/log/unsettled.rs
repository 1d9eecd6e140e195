//! What a power cut may have left in the store.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use service::disk::Disk;
use service::store::NewObject;
use tlog::tile::{Tile, TilePath};

use super::error::LogError;

/// An empty file beside the write-ahead log of a log that was resumed.
const RESUMED: &str = "resumed";

/// The entries whose objects a process before this one may have written, and that no signed head
/// covers: from the size of the last signed head to the end of the write-ahead log at the start.
///
/// Nothing rests on these objects, and no barrier covered them. Whatever stands in their place is
/// replaced by what the write-ahead log says. Every other object is created where nothing stands,
/// or stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Unsettled(Range<u64>);

impl Unsettled {
    pub(crate) fn new(signed: u64, logged: u64) -> Self {
        Self(signed..logged)
    }

    /// At a start of the log whose write-ahead log stands here: from the last signed head to its
    /// end, or without end where the log was resumed.
    pub(crate) fn at_start(disk: &dyn Disk, signed: u64, logged: u64) -> Result<Self, LogError> {
        let is_resumed = disk.names().map_err(failed)?.iter().any(|name| name == RESUMED);
        Ok(if is_resumed { Self::after(signed) } else { Self::new(signed, logged) })
    }

    /// Writes down that the log was resumed, before its new write-ahead log is begun. The store may
    /// hold what the lost process stored and put under no head, and nobody knows how far that goes.
    pub(crate) fn tell_resumed(disk: &dyn Disk) -> Result<(), LogError> {
        if !disk.names().map_err(failed)?.iter().any(|name| name == RESUMED) {
            disk.create(RESUMED).map_err(failed)?;
        }
        disk.sync_names().map_err(failed)
    }

    /// Those of a store that holds heads of up to `signed` entries, and that any process may have
    /// written to.
    pub(crate) fn after(signed: u64) -> Self {
        Self(signed..u64::MAX)
    }

    /// From which size to which, where the last is known.
    pub(crate) fn bounds(&self) -> Option<(u64, u64)> {
        (self.0.end != u64::MAX).then_some((self.0.start, self.0.end))
    }

    /// Whether what follows from the entries below `end` is unsettled.
    pub(crate) fn has(&self, end: u64) -> bool {
        self.0.start < end && end <= self.0.end
    }

    /// An object that follows from the entries below `end`, and from none that is later.
    pub(crate) fn object(&self, path: String, bytes: Bytes, end: u64) -> NewObject {
        NewObject { path, bytes, may_replace: self.has(end) }
    }

    pub(crate) fn tile(&self, tile: &Tile) -> NewObject {
        let path = tile.path();
        self.object(path.to_string(), tile.to_bytes().into(), end_of_tile(path))
    }
}

/// The size of the smallest log that has this tile.
pub(crate) fn end_of_tile(path: TilePath) -> u64 {
    // A hash of a level stands for 256 of the level below.
    path.place().end().checked_shl(8 * u32::from(path.level())).unwrap_or(0)
}

fn failed(source: io::Error) -> LogError {
    LogError::File { path: RESUMED.into(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_replace(unsettled: &Unsettled, end: u64) -> bool {
        unsettled.object("leaf/000".to_owned(), Bytes::new(), end).may_replace
    }

    #[test]
    fn what_a_head_covers_and_what_nobody_can_have_written_stays() {
        let unsettled = Unsettled::new(5, 8);
        let ends: Vec<u64> = (0..12).filter(|end| may_replace(&unsettled, *end)).collect();
        assert_eq!(ends, [6, 7, 8]);
        assert!(!may_replace(&Unsettled::new(5, 5), 5) && !may_replace(&Unsettled::new(5, 5), 6));
        assert!(!may_replace(&Unsettled::after(5), 5) && may_replace(&Unsettled::after(5), 6));
    }

    #[test]
    fn a_tile_of_a_higher_level_is_of_all_entries_below_it() {
        let hash = canon::Digest::of(b"leaf");
        let tiles = tlog::tile::Edge::new().grow(&vec![hash; 600]).unwrap();
        let of_level_1 = tiles.iter().find(|tile| tile.path().level() == 1).unwrap();
        for (signed, is_covered) in [(511, false), (512, true)] {
            let object = Unsettled::new(signed, 600).tile(of_level_1);
            assert_eq!(object.path, "tile/1/000.p/2");
            assert_eq!(object.may_replace, !is_covered);
        }
    }
}
