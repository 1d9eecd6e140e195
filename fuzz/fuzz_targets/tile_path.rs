//! Paths of tiles, entry bundles and leaves; entry bundles; the tiles that a growth makes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::tile::{
    EntriesPath, LeafPath, TilePath, decode_entries, encode_entries, tiles_for_growth,
};

/// Sizes that are small enough to list the tiles of.
const SIZES: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
    let Some((numbers, rest)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let level = numbers[0];
    let width = u16::from_be_bytes([numbers[1], numbers[2]]);
    let index = u64::from_be_bytes(numbers[8..].try_into().expect("eight bytes"));
    if let Ok(path) = TilePath::new(level, index, width) {
        assert_eq!(path.to_string().parse(), Ok(path));
        assert!(path.full().is_full());
    }
    if let Ok(entries) = decode_entries(rest, width) {
        assert_eq!(entries.len(), usize::from(width));
        assert_eq!(encode_entries(entries).as_deref(), Ok(rest));
    }
    let (old, new) = (index % SIZES, (index >> 32) % SIZES);
    for path in tiles_for_growth(old, new).take(64) {
        assert_eq!(path.to_string().parse(), Ok(path));
    }
});

fn read(text: &str) {
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
        assert_eq!(TilePath::new(path.level(), path.index(), path.width()), Ok(path));
    }
    if let Ok(path) = text.parse::<EntriesPath>() {
        assert_eq!(path.to_string(), text);
    }
    if let Ok(path) = text.parse::<LeafPath>() {
        assert_eq!(path.to_string(), text);
    }
}
