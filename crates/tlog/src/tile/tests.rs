//! Tiles against the published examples and `tlog_tiles` (whose paths have one part more:
//! `tile/8/…`).
#![allow(clippy::cast_possible_truncation, reason = "sizes in tests are small")]

mod edge;
mod path;
mod read;

use proptest::prelude::*;

use super::*;
use crate::merkle::Node;

fn tile(level: u8, index: u64, width: u16) -> TilePath {
    TilePath::new(level, index, width).unwrap()
}

/// The path as `tlog_tiles` writes it, in the form of C2SP.
fn c2sp(other: &tlog_tiles::Tile) -> String {
    format!("tile/{}", other.path().strip_prefix("tile/8/").unwrap())
}

#[test]
fn a_tree_of_70000_has_the_tiles_of_the_specification() {
    let tiles: Vec<_> = tiles_for_growth(0, 70_000).collect();
    let level = |level| tiles.iter().filter(move |path| path.level() == level);
    let numbers: Vec<_> = level(0).map(TilePath::index).collect();
    assert_eq!(numbers, (0..=273).collect::<Vec<_>>());
    assert_eq!(level(0).filter(|path| path.is_full()).count(), 273);
    assert_eq!(level(0).next_back(), Some(&tile(0, 273, 112)));
    assert_eq!(level(1).collect::<Vec<_>>(), [&tile(1, 0, 256), &tile(1, 1, 17)]);
    assert_eq!(level(2).collect::<Vec<_>>(), [&tile(2, 0, 1)]);
    assert_eq!(tiles.len(), 274 + 2 + 1);
}

#[test]
fn a_tree_of_256_has_a_full_tile_and_one_hash_above_it() {
    let tiles: Vec<_> = tiles_for_growth(0, 256).collect();
    assert_eq!(tiles, [tile(0, 0, 256), tile(1, 0, 1)]);
}

#[test]
fn no_growth_brings_no_tiles() {
    for (old, new) in [(0, 0), (70_000, 70_000), (70_000, 69_999), (u64::MAX, 0)] {
        assert_eq!(tiles_for_growth(old, new).count(), 0);
        assert_eq!(places_for_growth(old, new).count(), 0);
    }
}

#[test]
fn a_vast_growth_is_not_built_at_once() {
    let first: Vec<_> = tiles_for_growth(0, u64::MAX).take(2).collect();
    assert_eq!(first, [tile(0, 0, 256), tile(0, 1, 256)]);
    let last: Vec<_> = tiles_for_growth(u64::MAX - 1, u64::MAX).collect();
    assert_eq!(last, [tile(0, (1 << 56) - 1, 255)]);
    assert_eq!(Place::holding(u64::MAX - 1, u64::MAX).unwrap().end(), u64::MAX);
}

#[test]
fn a_node_is_found_in_its_tile_only_if_it_is_full() {
    let node = |level, index| Node { level, index };
    assert_eq!(tile_of_node(node(0, 69_999), 70_000), Some(tile(0, 273, 112)));
    assert_eq!(tile_of_node(node(0, 70_000), 70_000), None);
    assert_eq!(tile_of_node(node(7, 0), 70_000), Some(tile(0, 0, 256)));
    assert_eq!(tile_of_node(node(8, 272), 70_000), Some(tile(1, 1, 17)));
    assert_eq!(tile_of_node(node(8, 273), 70_000), None);
    assert_eq!(tile_of_node(node(16, 0), 70_000), Some(tile(2, 0, 1)));
    assert_eq!(tile_of_node(node(17, 0), 70_000), None);
    assert_eq!(tile_of_node(node(63, 0), u64::MAX), Some(tile(7, 0, 255)));
    assert_eq!(tile_of_node(node(63, 1), u64::MAX), None);
    assert_eq!(tile_of_node(node(64, 0), u64::MAX), None);
    assert_eq!(tile_of_node(node(255, 0), u64::MAX), None);
    assert_eq!(tile_of_node(node(0, u64::MAX), u64::MAX), None);
}

#[test]
fn a_tile_has_32_bytes_a_hash() {
    let path = tile(0, 0, 3);
    let bytes: Vec<u8> = (0..96).collect();
    let decoded = Tile::decode(path, &bytes).unwrap();
    assert_eq!(decoded.hashes().len(), 3);
    assert_eq!(decoded.hashes()[1].0[0], 32);
    assert_eq!((decoded.path(), decoded.to_bytes()), (path, bytes.clone()));
    for found in [0, 32, 64, 95, 97, 128, 8192] {
        let refused = Err(TileError::Length { expected: 96, found });
        assert_eq!(Tile::decode(path, &vec![0; found]), refused);
    }
    assert!(Tile::decode(path.full(), &[0; FULL_TILE_BYTES]).is_ok());
}

#[test]
fn entries_are_read_as_they_were_written() {
    let long = vec![7; MAX_ENTRY_BYTES];
    let entries: [&[u8]; 3] = [b"", b"ab", &long];
    let bytes = encode_entries(entries).unwrap();
    assert_eq!(bytes[..8], [0, 0, 0, 2, b'a', b'b', 0xff, 0xff]);
    assert_eq!(decode_entries(&bytes, 3).unwrap(), entries);
    assert_eq!(decode_entries(b"", 0).unwrap(), <[&[u8]; 0]>::default());
}

#[test]
fn a_bundle_is_neither_cut_nor_stretched() {
    let refused = TileError::EntryLength { found: 65_536 };
    assert_eq!(encode_entries([vec![0; 65_536]]), Err(refused));
    let bytes = encode_entries([b"one".as_slice(), b"two"]).unwrap();
    assert_eq!(decode_entries(&bytes, 1), Err(TileError::EntryExcess { extra: 5 }));
    assert_eq!(decode_entries(&bytes, 3), Err(TileError::EntryCut { entry: 2 }));
    for cut in 0..bytes.len() {
        let entry = cut / 5;
        assert_eq!(decode_entries(&bytes[..cut], 2), Err(TileError::EntryCut { entry }));
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(decode_entries(&longer, 2), Err(TileError::EntryExcess { extra: 1 }));
    let mut other_length = bytes;
    other_length[1] = 4;
    assert!(decode_entries(&other_length, 2).is_err());
}

#[test]
fn leaves_are_one_a_line() {
    let bytes = encode_leaves(["{\"a\":1}", "{}"]).unwrap();
    assert_eq!(bytes, b"{\"a\":1}\n{}\n");
    assert_eq!(decode_leaves(&bytes, 2).unwrap(), [b"{\"a\":1}".as_slice(), b"{}"]);
    assert_eq!(first_leaf(&bytes), Some(b"{\"a\":1}".as_slice()));
    assert_eq!((first_leaf(b"{}"), first_leaf(b"\n{}\n")), (None, None));
    assert_eq!(decode_leaves(&bytes, 1), Err(TileError::LeafExcess { extra: 3 }));
    for (bad, leaf) in [
        (b"{}\n{}".as_slice(), 1),
        (b"{}", 0),
        (b"", 0),
        (b"\n{}\n", 0),
        (b"{}\n\n", 1),
        (b"{}\n", 1),
    ] {
        assert_eq!(decode_leaves(bad, 2), Err(TileError::LeafLine { leaf }));
    }
    assert_eq!(encode_leaves(["{}", ""]), Err(TileError::LeafLine { leaf: 1 }));
    assert_eq!(encode_leaves(["{\n}"]), Err(TileError::LeafLine { leaf: 0 }));
}

proptest! {
    #[test]
    fn a_growth_brings_the_tiles_of_the_other_implementation(
        old in 0_u64..(1 << 56), grown in 0_u64..100_000,
    ) {
        let new = (old + grown).min((1 << 56) - 1);
        let ours: Vec<_> = tiles_for_growth(old, new).map(|path| path.to_string()).collect();
        let theirs: Vec<_> =
            tlog_tiles::Tile::new_tiles(8, old, new).iter().map(c2sp).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn places_cover_what_grew_and_nothing_else(old in any::<u64>(), grown in 1_u64..10_000) {
        let new = old.saturating_add(grown);
        prop_assume!(old < new);
        let places: Vec<_> = places_for_growth(old, new).collect();
        prop_assert!(places[0].first() <= old && old < places[0].end());
        prop_assert_eq!(places[places.len() - 1].end(), new);
        for pair in places.windows(2) {
            prop_assert!(pair[0].is_full());
            prop_assert_eq!(pair[0].end(), pair[1].first());
        }
    }

    #[test]
    fn the_place_that_holds_an_item_holds_it(count in any::<u64>(), at in any::<u64>()) {
        prop_assert_eq!(Place::holding(count, count), None);
        prop_assume!(count > 0);
        let index = at % count;
        let place = Place::holding(index, count).unwrap();
        prop_assert!(place.first() <= index && index < place.end() && place.end() <= count);
        prop_assert!(place.is_full() || place.end() == count);
        prop_assert_eq!(Place::new(place.number(), place.width()), Ok(place));
    }

    #[test]
    fn any_bundle_bytes_are_read_exactly_or_refused(
        bytes in prop::collection::vec(0_u8..4, 0..60), width in 0_u16..=256,
    ) {
        if let Ok(entries) = decode_entries(&bytes, width) {
            prop_assert_eq!(entries.len(), usize::from(width));
            prop_assert_eq!(encode_entries(entries).unwrap(), bytes);
        }
    }

    #[test]
    fn any_leaf_bundle_is_read_exactly_or_refused(
        bytes in prop::collection::vec(8_u8..12, 0..60), width in 0_u16..=20,
    ) {
        if let Ok(leaves) = decode_leaves(&bytes, width) {
            prop_assert_eq!(leaves.len(), usize::from(width));
            prop_assert_eq!(encode_leaves(leaves).unwrap(), bytes);
        }
    }

    #[test]
    fn any_entries_come_back(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..=256),
    ) {
        let bytes = encode_entries(&entries).unwrap();
        prop_assert_eq!(decode_entries(&bytes, entries.len() as u16).unwrap(), entries);
    }
}
