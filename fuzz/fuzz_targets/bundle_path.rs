//! Paths of a bundle, its list of heads, the leaves in its files, and zips of any bytes.
#![no_main]

use artifact::bundle::{BundlePath, Source as _, ZipLimits, ZipSource, encode_sizes, parse_sizes};
use artifact::leaf::{Leaf, entry_of};
use libfuzzer_sys::fuzz_target;
use tlog::tile::decode_leaves;

/// No file of a fuzzed zip is read beyond this.
const LIMIT: u64 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(path) = text.parse::<BundlePath>()
    {
        assert_eq!(path.to_string(), text, "one path, two spellings");
    }
    let feeds = bytes.split(|byte| *byte == b'\n').count() - 1;
    if let Ok(width) = u16::try_from(feeds)
        && let Ok(lines) = decode_leaves(bytes, width)
    {
        let length: usize = lines.iter().map(|line| line.len() + 1).sum();
        assert_eq!(length, bytes.len());
    }
    if let Ok(leaf) = Leaf::parse(bytes) {
        assert_eq!(leaf.to_bytes(), bytes, "one leaf, two spellings");
        assert_eq!(leaf.entry(), entry_of(bytes));
    }
    if let Ok(sizes) = parse_sizes(bytes) {
        assert_eq!(encode_sizes(sizes), bytes, "one list of sizes, two spellings");
    }
    zip(bytes);
});

/// A zip answers for the files that it lists, or says why not; never more than the limit.
fn zip(bytes: &[u8]) {
    let Ok(zip) = ZipSource::from_bytes("fuzzed.zip", bytes.to_vec(), ZipLimits::default()) else {
        return;
    };
    let Ok(Some(paths)) = zip.paths() else { return };
    for path in paths.iter().take(8) {
        if let Ok(Some(read)) = zip.read(path, LIMIT) {
            assert!(read.len() as u64 <= LIMIT);
        }
    }
}
