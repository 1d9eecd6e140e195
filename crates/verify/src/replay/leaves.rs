//! One leaf tile: its lines read, hashed, and laid beside the files that must follow from it.

use artifact::bundle::Source;
use artifact::leaf::{Leaf, MAX_LEAF_BYTES, entry_of};
use canon::Digest;
use tlog::merkle::{leaf_hash, root_of};
use tlog::tile::{EntriesPath, LeafPath, Place, TilePath, decode_leaves, encode_entries};

use super::files::{Files, Got, Row};
use super::tree::TileHashes;
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Rule, artifact as art, log};

/// The most bytes of a leaf tile.
pub(crate) const MAX_LEAF_TILE_BYTES: u64 = 256 * (MAX_LEAF_BYTES as u64 + 1);

/// The most bytes of an entry bundle: 256 entries of 32 bytes, each after its length.
const MAX_ENTRIES_BYTES: u64 = 256 * 34;

/// One entry as the log records it.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its index.
    pub(crate) index: u64,
    /// Its leaf; none if the line is not one.
    pub(crate) leaf: Option<Leaf>,
}

/// A leaf tile that was read.
#[derive(Debug)]
pub(crate) struct LeafTile {
    /// Its hashes, for the tree.
    pub(crate) hashes: TileHashes,
    /// The root over a full one.
    pub(crate) root: Option<Digest>,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
}

/// What came of one leaf tile.
#[derive(Debug, Default)]
pub(crate) struct TileOutcome {
    /// The tile; none if its lines could not be told apart.
    pub(crate) tile: Option<LeafTile>,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
    /// How many files were compared.
    pub(crate) compared: u64,
}

/// Reads the leaf tile at `place` and compares its hashes, entries and narrower copies.
pub(crate) fn read(
    source: &dyn Source,
    files: &Files,
    election_id: &str,
    place: Place,
) -> Result<TileOutcome, CouldNotCheck> {
    let mut outcome = TileOutcome::default();
    let path = LeafPath(place).to_string();
    let found = &mut outcome.findings;
    let bytes = match files.read(source, Row::Leaves, place, MAX_LEAF_TILE_BYTES, found)? {
        Got::Bytes(bytes) => bytes,
        Got::Unreadable => return Ok(outcome),
        Got::Nothing => {
            let expected = format!("leaves {} to {}", place.first(), last(place));
            found.push(Finding::new(&log::LEAVES_MISSING, path, expected, "no file"));
            return Ok(outcome);
        }
    };
    let lines = match decode_leaves(&bytes, place.width()) {
        Ok(lines) => lines,
        Err(error) => {
            let expected = format!("{} lines, each ended by a line feed", place.width());
            found.push(Finding::new(&log::LEAF_MALFORMED, path, expected, error.to_string()));
            return Ok(outcome);
        }
    };
    let mut entries = Vec::with_capacity(lines.len());
    let mut hashes = Vec::with_capacity(lines.len());
    let mut read = Vec::with_capacity(lines.len());
    for (index, line) in (place.first()..).zip(&lines) {
        let entry = entry_of(line);
        hashes.push(leaf_hash(&entry));
        entries.push(entry);
        read.push(Line { index, leaf: leaf(index, line, election_id, found) });
    }
    let root = place.is_full().then(|| root_of(&hashes));
    outcome.compare(source, files, place, &lines, &entries, &hashes)?;
    let hashes = TileHashes { place, hashes };
    outcome.tile = Some(LeafTile { hashes, root, lines: read });
    Ok(outcome)
}

impl TileOutcome {
    /// Compares every file that holds a part of this tile.
    fn compare(
        &mut self,
        source: &dyn Source,
        files: &Files,
        place: Place,
        lines: &[&[u8]],
        entries: &[[u8; 32]],
        hashes: &[Digest],
    ) -> Result<(), CouldNotCheck> {
        self.compared = self.compared.saturating_add(1);
        for place in files.copies(Row::Entries, place) {
            let width = usize::from(place.width());
            // Entries of 32 bytes always fit their length field.
            let wanted = encode_entries(entries.iter().take(width)).unwrap_or_default();
            let path = EntriesPath(place).to_string();
            match files.read(source, Row::Entries, place, MAX_ENTRIES_BYTES, &mut self.findings)? {
                Got::Nothing => self.missing(&log::ENTRIES_MISSING, path),
                Got::Bytes(bytes) => self.differs(&log::ENTRIES_DIFFER, path, &bytes, &wanted, 34),
                Got::Unreadable => {}
            }
        }
        for place in files.copies(Row::Hashes(0), place) {
            let wanted = concatenated(hashes, place);
            self.hash_tile(source, files, 0, place, &wanted)?;
        }
        for narrow in
            files.copies(Row::Leaves, place).filter(|narrow| narrow.width() < place.width())
        {
            let mut wanted = Vec::new();
            for line in lines.iter().take(usize::from(narrow.width())) {
                wanted.extend_from_slice(line);
                wanted.push(b'\n');
            }
            let path = LeafPath(narrow).to_string();
            let found = &mut self.findings;
            match files.read(source, Row::Leaves, narrow, MAX_LEAF_TILE_BYTES, found)? {
                Got::Nothing => self.missing(&log::LEAVES_MISSING, path),
                Got::Unreadable => {}
                Got::Bytes(bytes) if bytes == wanted => {
                    self.compared = self.compared.saturating_add(1);
                }
                Got::Bytes(_) => self.findings.push(Finding::new(
                    &log::LEAF_COPY_DIFFERS,
                    path,
                    format!("the first {} lines of {}", narrow.width(), LeafPath(place)),
                    "other bytes",
                )),
            }
        }
        Ok(())
    }

    /// Compares one tile of hashes.
    pub(crate) fn hash_tile(
        &mut self,
        source: &dyn Source,
        files: &Files,
        level: u8,
        place: Place,
        wanted: &[u8],
    ) -> Result<(), CouldNotCheck> {
        let Ok(path) = TilePath::at(level, place) else {
            return Ok(());
        };
        let limit = u64::try_from(tlog::tile::FULL_TILE_BYTES).unwrap_or(u64::MAX);
        match files.read(source, Row::Hashes(level), place, limit, &mut self.findings)? {
            Got::Nothing => self.missing(&log::TILE_MISSING, path.to_string()),
            Got::Unreadable => {}
            Got::Bytes(bytes) => {
                self.differs(&log::TILE_DIFFERS, path.to_string(), &bytes, wanted, 32);
            }
        }
        Ok(())
    }

    fn missing(&mut self, rule: &'static Rule, path: String) {
        self.findings.push(Finding::new(rule, path, "a file", "no file"));
    }

    /// Says at which item two files of items of one length part.
    fn differs(
        &mut self,
        rule: &'static Rule,
        path: String,
        bytes: &[u8],
        wanted: &[u8],
        item: usize,
    ) {
        self.compared = self.compared.saturating_add(1);
        if bytes == wanted {
            return;
        }
        let (expected, found) = if bytes.len() == wanted.len() {
            let same = bytes.iter().zip(wanted).take_while(|(one, other)| one == other).count();
            let place = same.checked_div(item).unwrap_or(0);
            let shown = |all: &[u8]| {
                let item = all.chunks(item).nth(place).unwrap_or_default();
                item.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
            };
            (format!("item {place}: {}", shown(wanted)), shown(bytes))
        } else {
            (format!("{} bytes", wanted.len()), format!("{} bytes", bytes.len()))
        };
        self.findings.push(Finding::new(rule, path, expected, found));
    }
}

/// The bytes of a tile over the first hashes of a row.
pub(crate) fn concatenated(hashes: &[Digest], place: Place) -> Vec<u8> {
    hashes.iter().take(usize::from(place.width())).flat_map(Digest::as_bytes).copied().collect()
}

fn last(place: Place) -> u64 {
    place.end().saturating_sub(1)
}

/// Reads one leaf and holds it against the election.
fn leaf(index: u64, line: &[u8], election_id: &str, findings: &mut Vec<Finding>) -> Option<Leaf> {
    match Leaf::parse(line) {
        Ok(leaf) => {
            if leaf.election_id != *election_id {
                let found = leaf.election_id.to_string();
                findings.push(Finding::entry(&log::LEAF_ELECTION, index, election_id, found));
            }
            Some(leaf)
        }
        Err(error) => {
            let (rule, found) = match other_version(line) {
                Some(version) => (&art::VERSION_UNKNOWN, version),
                None => (&log::LEAF_MALFORMED, error.to_string()),
            };
            findings.push(Finding::entry(rule, index, "a leaf of pvtl-x/leaf/v1", found));
            None
        }
    }
}

/// The form of a leaf that is canonical and of a later version.
fn other_version(line: &[u8]) -> Option<String> {
    canon::json::require_canonical(line).ok()?;
    let value = canon::json::parse(line).ok()?;
    let form = value.as_object()?.get("type")?.as_str()?;
    let version = form.strip_prefix("pvtl-x/leaf/v")?;
    let is_other = version != "1" && version.bytes().all(|byte| byte.is_ascii_digit());
    is_other.then(|| form.to_owned())
}
