//! Nodes read out of tiles, and stores that lack some or hold wrong ones.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use super::super::*;
use super::tile;
use crate::merkle::tests::leaves;
use crate::merkle::{
    MemoryTree, NodeReader, TreeError, check_inclusion, consistency_proof, inclusion_proof, root_at,
};

pub(crate) type Store = BTreeMap<TilePath, Vec<u8>>;

/// A source that answers from a store.
pub(crate) fn source(
    store: &Store,
) -> impl Fn(&TilePath) -> Result<Option<Vec<u8>>, Infallible> + '_ {
    |path| Ok(store.get(path).cloned())
}

/// The store of a log that published once at each of these sizes.
pub(crate) fn published(sizes: &[usize]) -> (Store, MemoryTree) {
    let leaves = leaves(*sizes.last().unwrap() as u64);
    let mut edge = Edge::new();
    let mut store = Store::new();
    let mut start = 0;
    for size in sizes {
        let tiles = edge.grow(&leaves[start..*size]).unwrap();
        store.extend(tiles.iter().map(|tile| (tile.path(), tile.to_bytes())));
        start = *size;
    }
    (store, leaves.into_iter().collect())
}

#[test]
fn every_node_is_read_as_it_is() {
    for size in [1, 255, 256, 257, 70_000] {
        let (store, tree) = published(&[size as usize]);
        let reader = TileReader::new(source(&store), size);
        for level in 0..20 {
            for index in (0..size >> level).step_by(if size > 1000 { 97 } else { 1 }) {
                assert_eq!(reader.node(level, index), Ok(tree.node(level, index).unwrap()));
            }
            let beyond = TileReadError::Beyond { level, index: size >> level, size };
            assert_eq!(reader.node(level, size >> level), Err(beyond));
        }
    }
}

#[test]
fn proofs_from_tiles_are_those_from_memory() {
    let (store, tree) = published(&[300, 70_000]);
    for size in [300, 70_000] {
        let reader = TileReader::new(source(&store), size);
        for index in [0, 1, 127, 255, 256, 299] {
            let proof = inclusion_proof(index, size, &reader).unwrap();
            assert_eq!(proof, inclusion_proof(index, size, &tree).unwrap());
        }
        for old in [1, 2, 255, 256, 257, 299, 300] {
            let proof = consistency_proof(old, size, &reader).unwrap();
            assert_eq!(proof, consistency_proof(old, size, &tree).unwrap());
        }
        assert_eq!(root_at(size, &reader), Ok(root_at(size, &tree).unwrap()));
    }
}

#[test]
fn a_proof_reads_a_tile_once() {
    let (store, _) = published(&[70_000]);
    let reads = RefCell::new(Vec::new());
    let noting = |path: &TilePath| {
        reads.borrow_mut().push(*path);
        source(&store)(path)
    };
    inclusion_proof(12_345, 70_000, &TileReader::new(noting, 70_000)).unwrap();
    let mut read = reads.take();
    read.sort();
    let expected = [tile(0, 48, 256), tile(0, 273, 112), tile(1, 0, 256), tile(1, 1, 17)];
    assert_eq!(read, expected);
}

#[test]
fn a_partial_tile_that_was_dropped_is_taken_from_the_full_one() {
    let (mut store, tree) = published(&[100, 600]);
    let dropped = store.remove(&tile(0, 0, 100));
    assert!(dropped.is_some());
    let reader = TileReader::new(source(&store), 100);
    let proof = inclusion_proof(42, 100, &reader).unwrap();
    assert_eq!(proof, inclusion_proof(42, 100, &tree).unwrap());
    // What lies in the full tile beyond the tree's size stays unseen.
    let beyond = TileReadError::Beyond { level: 0, index: 100, size: 100 };
    assert_eq!(reader.node(0, 100), Err(beyond));
}

#[test]
fn a_tile_that_is_not_there_is_named() {
    let (mut store, _) = published(&[600]);
    store.remove(&tile(0, 1, 256));
    store.remove(&tile(0, 2, 88));
    let reader = TileReader::new(source(&store), 600);
    assert_eq!(reader.node(0, 300), Err(TileReadError::Missing(tile(0, 1, 256))));
    assert_eq!(reader.node(0, 599), Err(TileReadError::Missing(tile(0, 2, 88))));
    let missing = TreeError::Read(TileReadError::Missing(tile(0, 1, 256)));
    assert_eq!(inclusion_proof(257, 600, &reader), Err(missing));
}

#[test]
fn a_tile_of_another_length_is_refused() {
    let (store, _) = published(&[100, 600]);
    let fault = |path, expected, found| {
        Err(TileReadError::Fault { path, fault: TileError::Length { expected, found } })
    };
    let mut cut = store.clone();
    cut.get_mut(&tile(0, 0, 256)).unwrap().pop();
    let reader = TileReader::new(source(&cut), 600);
    assert_eq!(reader.node(0, 7), fault(tile(0, 0, 256), 8192, 8191));
    // Neither is a full tile taken under a partial path, nor the reverse.
    let mut wide = store.clone();
    wide.insert(tile(0, 0, 100), store[&tile(0, 0, 256)].clone());
    let reader = TileReader::new(source(&wide), 100);
    assert_eq!(reader.node(0, 7), fault(tile(0, 0, 100), 3200, 8192));
    let mut narrow = store.clone();
    narrow.remove(&tile(0, 0, 100));
    narrow.insert(tile(0, 0, 256), store[&tile(0, 0, 100)].clone());
    let reader = TileReader::new(source(&narrow), 100);
    assert_eq!(reader.node(0, 7), fault(tile(0, 0, 256), 8192, 3200));
}

#[test]
fn a_wrong_hash_leads_to_a_proof_that_fails() {
    let (mut store, tree) = published(&[600]);
    store.get_mut(&tile(0, 0, 256)).unwrap()[32 * 3] ^= 1;
    let reader = TileReader::new(source(&store), 600);
    let proof = inclusion_proof(2, 600, &reader).unwrap();
    let (leaf, root) = (tree.node(0, 2).unwrap(), root_at(600, &tree).unwrap());
    assert!(check_inclusion(&leaf, 2, 600, &proof, &root).is_err());
}

#[test]
fn a_failing_source_is_told_from_an_empty_one() {
    let failing = |_: &TilePath| Err::<Option<Vec<u8>>, _>(std::fmt::Error);
    let reader = TileReader::new(failing, 600);
    let failed = TileReadError::Source { path: tile(0, 2, 88), source: std::fmt::Error };
    assert_eq!(reader.node(0, 599), Err(failed));
    assert_eq!(reader.size(), 600);
}
