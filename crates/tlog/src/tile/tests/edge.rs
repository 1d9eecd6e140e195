//! The tiles of a growing tree.

use proptest::prelude::*;

use super::super::*;
use super::read::{Store, published, source};
use super::tile;
use crate::merkle::tests::{Sumdb, leaves};
use crate::merkle::{Frontier, Head, MemoryTree, NodeReader};

/// The bytes of a tile by definition: one node of the tree for each hash.
fn by_definition(path: &TilePath, tree: &MemoryTree) -> Vec<u8> {
    let first = path.place().first();
    let hashes = (first..path.place().end()).map(|i| tree.node(path.level() * 8, i).unwrap());
    hashes.flat_map(|hash| hash.0).collect()
}

#[test]
fn tiles_of_70000_leaves_are_those_of_the_other_implementation() {
    let (store, _) = published(&[70_000]);
    let sumdb = Sumdb::of(&leaves(70_000));
    let theirs: Store = tlog_tiles::Tile::new_tiles(8, 0, 70_000)
        .iter()
        .map(|tile| (super::c2sp(tile).parse().unwrap(), tile.read_data(&sumdb).unwrap()))
        .collect();
    assert_eq!(store.len(), 277);
    assert_eq!(store, theirs);
}

#[test]
fn an_edge_is_read_back_from_what_is_stored() {
    let (mut store, tree) = published(&[100, 200, 256, 70_000]);
    // A partial tile that was dropped is the beginning of the full one.
    assert!(store.remove(&tile(0, 0, 100)).is_some());
    for size in [0, 100, 200, 256, 70_000] {
        let head = tree.head_at(size).unwrap();
        let edge = Edge::read(&head, &source(&store)).unwrap();
        assert_eq!(edge.size(), size);
        assert_eq!(edge.frontier(), Frontier::read(size, &tree).unwrap());
    }
}

#[test]
fn an_edge_with_another_root_is_refused() {
    let (mut store, tree) = published(&[300]);
    let head = tree.head_at(300).unwrap();
    let other = Head { root: Digest([1; 32]), ..head };
    let refused = EdgeError::Root { expected: other.root, found: head.root };
    assert_eq!(Edge::read(&other, &source(&store)), Err(refused));
    store.get_mut(&tile(0, 1, 44)).unwrap()[0] ^= 1;
    assert!(matches!(Edge::read(&head, &source(&store)), Err(EdgeError::Root { .. })));
    store.remove(&tile(0, 1, 44));
    let missing = EdgeError::Read(TileReadError::Missing(tile(0, 1, 44)));
    assert_eq!(Edge::read(&head, &source(&store)), Err(missing));
    let empty = Head { size: 0, root: head.root };
    assert!(matches!(Edge::read(&empty, &source(&store)), Err(EdgeError::Root { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn growth_by_any_steps_stores_the_tiles_that_it_should(
        steps in prop::collection::vec(prop_oneof![0_usize..5, 0_usize..700, Just(256)], 1..8),
        restart in any::<prop::sample::Index>(),
    ) {
        let leaves = leaves(steps.iter().sum::<usize>() as u64);
        let tree: MemoryTree = leaves.iter().copied().collect();
        let mut edge = Edge::new();
        let mut store = Store::new();
        let mut size = 0;
        for (step, grown) in steps.iter().enumerate() {
            if step == restart.index(steps.len()) {
                let head = tree.head_at(size as u64).unwrap();
                prop_assert_eq!(&Edge::read(&head, &source(&store)).unwrap(), &edge);
            }
            let (old, new) = (size as u64, (size + grown) as u64);
            let tiles = edge.grow(&leaves[size..size + grown]).unwrap();
            let paths: Vec<_> = tiles.iter().map(Tile::path).collect();
            prop_assert_eq!(paths, tiles_for_growth(old, new).collect::<Vec<_>>());
            for tile in &tiles {
                prop_assert_eq!(tile.to_bytes(), by_definition(&tile.path(), &tree));
                // Nothing that was stored is ever stored with other bytes.
                let before = store.insert(tile.path(), tile.to_bytes());
                prop_assert!(before.is_none());
            }
            size += grown;
            prop_assert_eq!(edge.frontier().head(), tree.head_at(new).unwrap());
        }
    }
}
