//! Paths read and written.

use proptest::prelude::*;
use serde::Deserialize;

use super::super::*;

#[derive(Deserialize)]
struct Paths {
    valid: Vec<Valid>,
    refused: Vec<String>,
}

#[derive(Deserialize)]
struct Valid {
    path: String,
    level: Option<u8>,
    number: u64,
    width: u16,
}

fn paths() -> Paths {
    serde_json::from_str(include_str!("../../../../../vectors/merkle/tile-paths.json")).unwrap()
}

#[test]
fn published_paths_mean_what_they_say() {
    let paths = paths();
    assert_eq!(paths.valid.len(), 15);
    for Valid { path, level, number, width } in paths.valid {
        let place = Place::new(number, width).unwrap();
        if let Some(level) = level {
            let tile = TilePath::new(level, number, width).unwrap();
            assert_eq!(path.parse(), Ok(tile));
            assert_eq!(tile.to_string(), path);
            assert_eq!((tile.level(), tile.index(), tile.width()), (level, number, width));
        } else if path.starts_with("tile/") {
            assert_eq!(path.parse(), Ok(EntriesPath(place)));
            assert_eq!(EntriesPath(place).to_string(), path);
        } else {
            assert_eq!(path.parse(), Ok(LeafPath(place)));
            assert_eq!(LeafPath(place).to_string(), path);
        }
    }
}

#[test]
fn other_texts_are_refused() {
    let paths = paths();
    assert!(paths.refused.len() > 80);
    for path in paths.refused {
        assert!(path.parse::<TilePath>().is_err(), "{path:?}");
        assert!(path.parse::<EntriesPath>().is_err(), "{path:?}");
        assert!(path.parse::<LeafPath>().is_err(), "{path:?}");
    }
}

#[test]
fn a_path_of_one_form_is_not_one_of_another() {
    assert!("tile/entries/000".parse::<TilePath>().is_err());
    assert!("leaf/000".parse::<EntriesPath>().is_err());
    assert!("tile/0/000".parse::<LeafPath>().is_err());
    assert!("tile/0/000".parse::<EntriesPath>().is_err());
}

#[test]
fn what_no_tree_reaches_is_refused() {
    assert_eq!(TilePath::new(64, 0, 1), Err(TileError::Level(64)));
    assert_eq!(TilePath::new(0, 1 << 56, 1), Err(TileError::Number(1 << 56)));
    assert_eq!(TilePath::new(0, 0, 0), Err(TileError::Width(0)));
    assert_eq!(TilePath::new(0, 0, 257), Err(TileError::Width(257)));
}

/// Texts that are paths or nearly so.
fn near_paths() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "tile", "leaf", "entries", "0", "63", "64", "00", "000", "001", "x001", "x000", "999",
        "x999", "000.p", "001.p", "1", "255", "256", "p", ".p", "x", "",
    ]);
    prop::collection::vec(part, 1..9).prop_map(|parts| parts.join("/"))
}

proptest! {
    #[test]
    fn a_path_is_read_as_it_is_written(
        level in 0_u8..=63, number in 0_u64..(1 << 56), shift in 0_u32..56, width in 1_u16..=256,
    ) {
        let path = TilePath::new(level, number >> shift, width).unwrap();
        prop_assert_eq!(path.to_string().parse(), Ok(path));
        let entries = EntriesPath(path.place());
        prop_assert_eq!(entries.to_string().parse(), Ok(entries));
        let leaf = LeafPath(path.place());
        prop_assert_eq!(leaf.to_string().parse(), Ok(leaf));
        let theirs = tlog_tiles::Tile::new(8, level, number >> shift, u32::from(width), false);
        prop_assert_eq!(super::c2sp(&theirs), path.to_string());
    }

    #[test]
    fn a_text_is_the_path_it_is_read_as_or_refused(
        text in prop_oneof![
            near_paths(),
            "tile/[0-9]{1,2}/(x[0-9]{3}/){0,6}[0-9]{3}(\\.p/[0-9]{1,3})?",
            ".{0,80}",
        ],
    ) {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text.as_str());
        }
        if let Ok(path) = text.parse::<EntriesPath>() {
            prop_assert_eq!(path.to_string(), text.as_str());
        }
        if let Ok(path) = text.parse::<LeafPath>() {
            prop_assert_eq!(path.to_string(), text.as_str());
        }
    }
}
