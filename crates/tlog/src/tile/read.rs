//! Nodes of the tree, read out of tiles.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use canon::Digest;

use super::growth::locate;
use super::path::TilePath;
use super::{Tile, TileError};
use crate::merkle::{Node, NodeReader, root_of};

/// Where tiles come from: a folder, an object store's copy in memory, a web server.
///
/// Any `Fn(&TilePath) -> Result<Option<Vec<u8>>, E>` is one.
pub trait TileSource {
    /// Why the source could not answer.
    type Error: std::error::Error + 'static;

    /// The bytes of the tile at exactly this path; none if nothing is there.
    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, Self::Error>;
}

impl<F, E> TileSource for F
where
    F: Fn(&TilePath) -> Result<Option<Vec<u8>>, E>,
    E: std::error::Error + 'static,
{
    type Error = E;

    fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, E> {
        self(path)
    }
}

/// Why a node could not be read out of tiles.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileReadError<E: std::error::Error + 'static> {
    /// The node is not a full subtree of this tree.
    #[error("node {level}.{index} is not full in a tree of {size}")]
    Beyond {
        /// The node's height.
        level: u8,
        /// The node's position in its level.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// Neither the tile nor, for a partial one, the full tile that replaced it is there.
    #[error("{0} is missing")]
    Missing(TilePath),
    /// The tile's bytes are not a tile of its width.
    #[error("{path}: {fault}")]
    Fault {
        /// The tile.
        path: TilePath,
        /// What is wrong with it.
        fault: TileError,
    },
    /// The source failed.
    #[error("{path} could not be read")]
    Source {
        /// The tile.
        path: TilePath,
        /// Why.
        #[source]
        source: E,
    },
}

/// Reads the nodes of the tree of a given size out of its tiles.
///
/// A tile that is partial at this size is asked for by its partial path first; when it is gone,
/// the full tile is taken in its place, for a log may drop partial tiles once the full one
/// exists. Every tile read is kept, so a proof costs one read a tile: make one reader a proof
/// or a few of them.
///
/// Lengths are checked, hashes are not: what follows from them must be checked against a root.
#[derive(Debug)]
pub struct TileReader<S> {
    source: S,
    size: u64,
    kept: RefCell<BTreeMap<TilePath, Tile>>,
}

impl<S: TileSource> TileReader<S> {
    /// A reader of the tree of `size` leaves.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size, kept: RefCell::default() }
    }

    /// The size of the tree.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl<S: TileSource> NodeReader for TileReader<S> {
    type Error = TileReadError<S::Error>;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        let beyond = || TileReadError::Beyond { level, index, size: self.size };
        let (path, range) = locate(Node { level, index }, self.size).ok_or_else(beyond)?;
        let mut kept = self.kept.borrow_mut();
        let tile = match kept.entry(path) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => place.insert(fetch(&self.source, path)?),
        };
        tile.hashes().get(range).map(root_of).ok_or_else(beyond)
    }
}

/// The tile at `path`, or the first hashes of the full tile when only that is there.
pub(super) fn fetch<S: TileSource>(
    source: &S,
    path: TilePath,
) -> Result<Tile, TileReadError<S::Error>> {
    let read = |path: TilePath| {
        let answer = source.tile(&path);
        answer.map_err(|source| TileReadError::Source { path, source })
    };
    let decode = |path: TilePath, bytes: &[u8]| {
        Tile::decode(path, bytes).map_err(|fault| TileReadError::Fault { path, fault })
    };
    if let Some(bytes) = read(path)? {
        return decode(path, &bytes);
    }
    if path.is_full() {
        return Err(TileReadError::Missing(path));
    }
    let bytes = read(path.full())?.ok_or(TileReadError::Missing(path))?;
    let mut tile = decode(path.full(), &bytes)?;
    tile.hashes.truncate(usize::from(path.width()));
    tile.path = path;
    Ok(tile)
}
