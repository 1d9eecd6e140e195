//! The bundle of a small election: every file by its path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use canon::Digest;
use tlog::tile::{Edge, EntriesPath, LeafPath, Place, encode_entries, places_for_growth};

use super::Election;

/// The files of a bundle, which a test may change at will.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The files by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// True if there is a file at this path.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The file at this path.
    pub fn file(&mut self, path: &str) -> &mut Vec<u8> {
        self.files.get_mut(path).expect("a file of the bundle")
    }

    /// The sizes of the heads under `checkpoints/`, ascending.
    pub fn sizes(&self) -> Vec<u64> {
        let heads = self.files.keys().filter_map(|path| path.strip_prefix("checkpoints/"));
        let mut sizes: Vec<u64> = heads.filter_map(|size| size.parse().ok()).collect();
        sizes.sort_unstable();
        sizes
    }

    /// The bytes of a zip with these files in this order; a name may come twice.
    ///
    /// No honest program writes a name twice, so the second is written under another of the same
    /// length and then changed in the bytes.
    pub fn zip_of<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        let mut seen = BTreeSet::new();
        let mut doubles = Vec::new();
        for (path, bytes) in files {
            let mut name = path.to_owned();
            if !seen.insert(path) {
                name.replace_range(..1, "~");
                doubles.push((name.clone(), path));
            }
            zip.start_file(name, options).expect("a file in a zip");
            zip.write_all(bytes).expect("bytes in a zip");
        }
        let mut bytes = zip.finish().expect("a zip").into_inner();
        for (name, path) in doubles {
            for at in 0..bytes.len().saturating_sub(name.len()) {
                if bytes[at..].starts_with(name.as_bytes()) {
                    bytes[at..at + name.len()].copy_from_slice(path.as_bytes());
                }
            }
        }
        bytes
    }

    /// The bytes of a zip of the bundle.
    pub fn to_zip(&self) -> Vec<u8> {
        Self::zip_of(self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
    }

    /// Writes the bundle into a folder.
    pub fn write_to(&self, folder: &Path) {
        for (path, bytes) in &self.files {
            let target = folder.join(path);
            fs::create_dir_all(target.parent().expect("a folder")).expect("folders");
            fs::write(target, bytes).expect("a file");
        }
    }
}

impl Election {
    /// The whole bundle, as a log publishes it: with the partial tiles of every head's size.
    pub fn bundle(&self) -> Bundle {
        let mut bundle = Bundle::default();
        let files = &mut bundle.files;
        for entry in &self.entries {
            files.insert(format!("artifact/{}", entry.digest), entry.artifact.clone());
        }
        for (digest, bytes) in &self.raw {
            files.insert(format!("artifact/{digest}"), bytes.clone());
        }
        let mut sizes: Vec<u64> = self.heads.iter().map(|head| head.size).collect();
        sizes.push(self.size());
        sizes.sort_unstable();
        sizes.dedup();
        self.tree(&sizes, files);
        for head in &self.heads {
            let bytes = self.head_bytes(head);
            if head.published {
                files.insert(format!("checkpoints/{}", head.size), bytes.clone());
            }
            files.insert("checkpoint".to_owned(), bytes);
        }
        bundle
    }

    /// Tiles, entries and leaves of a tree that was published at these sizes.
    fn tree(&self, sizes: &[u64], files: &mut BTreeMap<String, Vec<u8>>) {
        let mut edge = Edge::new();
        for &size in sizes.iter().filter(|size| **size <= self.size()) {
            let old = edge.size();
            let hashes: Vec<Digest> = (old..size).map(|index| self.leaf_hash(index)).collect();
            for tile in edge.grow(&hashes).expect("a small tree") {
                files.insert(tile.path().to_string(), tile.to_bytes());
            }
            for place in places_for_growth(old, size) {
                files.insert(EntriesPath(place).to_string(), self.entries_at(place));
                files.insert(LeafPath(place).to_string(), self.leaves_at(place));
            }
        }
    }

    fn lines(&self, place: Place) -> impl Iterator<Item = &Vec<u8>> {
        let first = usize::try_from(place.first()).expect("a small tree");
        let lines = self.entries.iter().skip(first).take(usize::from(place.width()));
        lines.map(|entry| &entry.leaf)
    }

    fn entries_at(&self, place: Place) -> Vec<u8> {
        encode_entries(self.lines(place).map(|line| artifact::leaf::entry_of(line)))
            .expect("entries of 32 bytes")
    }

    fn leaves_at(&self, place: Place) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in self.lines(place) {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes
    }
}
