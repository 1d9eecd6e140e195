//! What an earlier head reaches and a later one does not: partial tiles and partial bundles.
//!
//! C2SP tlog-tiles asks for the partial tiles of every published size until the full one is there,
//! and caches have those of before. They follow from the leaves: each is the beginning of the tile
//! or bundle that the last head reaches at its place.

use std::collections::BTreeSet;

use bytes::Bytes;
use service::store::Store;
use tlog::tile::{EntriesPath, FULL_TILE_BYTES, LeafPath, Place, TileError, TilePath};

use crate::log::error::LogError;
use crate::log::unsettled::Unsettled;

/// What stands 256 to a place.
#[derive(Clone, Copy)]
enum Row {
    Leaves,
    Entries,
    /// The hashes of a tile level.
    Tiles(u8),
}

/// Tile levels of a tree of less than 2^64 leaves.
const LEVELS: u8 = 8;

/// A length and the digest of a leaf.
const ENTRY_BYTES: usize = 34;

/// Stores everything partial that heads of these sizes reach; everything that a head of `last`
/// reaches stands in the store. Durable after the next barrier.
pub(super) async fn restore(
    store: &Store,
    unsettled: &Unsettled,
    sizes: &BTreeSet<u64>,
    last: u64,
) -> Result<(), LogError> {
    let levels = (0..LEVELS).map(Row::Tiles);
    for row in [Row::Leaves, Row::Entries].into_iter().chain(levels) {
        let mut present: Option<Whole> = None;
        for size in sizes.range(..last) {
            let Some(part) = row.partial(*size) else { continue };
            let Some(place) = Place::holding(part.first(), row.count(last)) else { continue };
            if present.as_ref().is_none_or(|whole| whole.place != place) {
                if let Some(whole) = present.take() {
                    whole.store(store, unsettled).await?;
                }
                present = Some(Whole::read(store, row, place).await?);
            }
            if let Some(whole) = present.as_mut() {
                whole.cut(part)?;
            }
        }
        if let Some(whole) = present {
            whole.store(store, unsettled).await?;
        }
    }
    Ok(())
}

/// What the last head reaches at a place, and beginnings of it.
struct Whole {
    row: Row,
    place: Place,
    path: String,
    bytes: Bytes,
    /// Their paths and bytes, and the size of a log that has them first.
    parts: Vec<(String, Bytes, u64)>,
}

impl Whole {
    async fn read(store: &Store, row: Row, place: Place) -> Result<Self, LogError> {
        let path = row.path(place).map_err(|error| damaged(&error.to_string()))?;
        let bytes = store.get(&path, row.most()).await?;
        let bytes = bytes.ok_or_else(|| damaged(&format!("{path} is missing")))?;
        Ok(Self { row, place, path, bytes, parts: Vec::new() })
    }

    fn cut(&mut self, part: Place) -> Result<(), LogError> {
        let path = self.row.path(part).map_err(|error| damaged(&error.to_string()))?;
        let end = self.row.end(&self.bytes, part.width());
        let end = end.filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| damaged(&format!("{} is too short", self.path)))?;
        self.parts.push((path, self.bytes.slice(..end), self.row.entries(part.end())));
        Ok(())
    }

    async fn store(self, store: &Store, unsettled: &Unsettled) -> Result<(), LogError> {
        let parts = self.parts.into_iter();
        let objects = parts.map(|(path, bytes, end)| unsettled.object(path, bytes, end));
        for answer in store.put_all_new(objects.collect()).await {
            answer?;
        }
        Ok(())
    }
}

fn damaged(what: &str) -> LogError {
    LogError::Damaged { what: what.to_owned() }
}

impl Row {
    /// Items in a tree of `size` leaves.
    fn count(self, size: u64) -> u64 {
        match self {
            Self::Leaves | Self::Entries => size,
            Self::Tiles(level) => size >> (8 * u32::from(level)),
        }
    }

    /// Entries of the smallest tree with so many items.
    fn entries(self, count: u64) -> u64 {
        match self {
            Self::Leaves | Self::Entries => count,
            Self::Tiles(level) => count << (8 * u32::from(level)),
        }
    }

    /// The place of the last items there, unless it is full.
    fn partial(self, size: u64) -> Option<Place> {
        let count = self.count(size);
        Place::holding(count.checked_sub(1)?, count).filter(|place| !place.is_full())
    }

    fn path(self, place: Place) -> Result<String, TileError> {
        Ok(match self {
            Self::Leaves => LeafPath(place).to_string(),
            Self::Entries => EntriesPath(place).to_string(),
            Self::Tiles(level) => TilePath::at(level, place)?.to_string(),
        })
    }

    /// The most bytes at a place.
    fn most(self) -> u64 {
        match self {
            Self::Leaves => artifact::leaf::MAX_LEAVES_BYTES,
            Self::Entries => 256 * ENTRY_BYTES as u64,
            Self::Tiles(_) => FULL_TILE_BYTES as u64,
        }
    }

    /// Where the first `width` items end.
    fn end(self, bytes: &[u8], width: u16) -> Option<usize> {
        let width = usize::from(width);
        match self {
            Self::Leaves => {
                let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                ends.nth(width.checked_sub(1)?).map(|(at, _)| at + 1)
            }
            Self::Entries => Some(width * ENTRY_BYTES),
            Self::Tiles(_) => Some(width * 32),
        }
    }
}
