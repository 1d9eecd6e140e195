//! Proofs, made from the tiles as they stand in the store.

use std::collections::BTreeMap;
use std::convert::Infallible;

use canon::Digest;
use service::store::{Store, StoreError};
use tlog::merkle::{
    Node, ProofError, TreeError, consistency_nodes, consistency_proof, inclusion_nodes,
    inclusion_proof,
};
use tlog::tile::{FULL_TILE_BYTES, TilePath, TileReadError, TileReader, tile_of_node};

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    /// There is no such proof.
    #[error(transparent)]
    Bounds(#[from] ProofError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A tile is missing or malformed.
    #[error(transparent)]
    Tile(#[from] TileReadError<Infallible>),
}

impl From<TreeError<TileReadError<Infallible>>> for ProveError {
    fn from(error: TreeError<TileReadError<Infallible>>) -> Self {
        match error {
            TreeError::Bounds(fault) => Self::Bounds(fault),
            TreeError::Read(fault) => Self::Tile(fault),
        }
    }
}

/// The proof that the tree of `old` entries is the beginning of the tree of `new`, whose tiles
/// are stored.
pub(crate) async fn consistency(
    store: &Store,
    old: u64,
    new: u64,
) -> Result<Vec<Digest>, ProveError> {
    consistency_within(store, old, new, new).await
}

/// The same from the tiles of a tree of `held` entries, at least `new`: there are none of a size
/// that was no head's.
pub(crate) async fn consistency_within(
    store: &Store,
    old: u64,
    new: u64,
    held: u64,
) -> Result<Vec<Digest>, ProveError> {
    let tiles = fetch(store, &consistency_nodes(old, new)?, held).await?;
    Ok(consistency_proof(old, new, &reader(tiles, held))?)
}

/// The proof that entry `index` stands in the tree of `size` entries, from the tiles of a tree of
/// `held` entries, at least `size`.
pub(crate) async fn inclusion(
    store: &Store,
    index: u64,
    size: u64,
    held: u64,
) -> Result<Vec<Digest>, ProveError> {
    let tiles = fetch(store, &inclusion_nodes(index, size)?, held).await?;
    Ok(inclusion_proof(index, size, &reader(tiles, held))?)
}

type Tiles = BTreeMap<TilePath, Vec<u8>>;

/// Reads the tiles that hold some nodes of the tree of `size` entries; for a partial tile that
/// is not there, the full one that replaced it.
async fn fetch(store: &Store, nodes: &[Node], size: u64) -> Result<Tiles, StoreError> {
    let mut tiles = Tiles::new();
    for path in nodes.iter().filter_map(|node| tile_of_node(*node, size)) {
        if tiles.contains_key(&path) || tiles.contains_key(&path.full()) {
            continue;
        }
        for path in [path, path.full()] {
            let most = FULL_TILE_BYTES as u64;
            if let Some(bytes) = store.get(&path.to_string(), most).await? {
                tiles.insert(path, bytes.into());
                break;
            }
        }
    }
    Ok(tiles)
}

fn reader(
    tiles: Tiles,
    size: u64,
) -> TileReader<impl Fn(&TilePath) -> Result<Option<Vec<u8>>, Infallible>> {
    TileReader::new(move |path: &TilePath| Ok(tiles.get(path).cloned()), size)
}
