//! The disks of the platform, as somebody reads them who opens no secret.
//!
//! Names, sizes and times of all files; and what is appended to those that lie there in plain: the
//! short forms, marks, records of cuts, lists, and the frames of the spool, of which only the
//! records are sealed. Of batch keys, which lie apart, only names, sizes and times.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use booth::mandate::Mandate;

use super::seen::vote;

/// Bytes of the header of a file of frames, and of that of a frame.
const HEADER_BYTES: usize = 64;
const FRAME_BYTES: usize = 16;

/// Bytes of an entry of a mark, and of a line's short form in each file.
const MARK_BYTES: usize = 12;
pub(super) const SHORT_BYTES: [usize; 2] = [53, 16];

/// A file of which the size or the time has changed.
#[derive(Clone)]
pub(super) struct Change {
    /// Its path below the folder of the platform.
    pub(super) file: String,
    pub(super) before: u64,
    pub(super) after: u64,
    /// What it was that was appended, where it is read.
    pub(super) added: Vec<u8>,
}

impl Change {
    /// The batch of a record that was added to the spool.
    pub(super) fn batch(&self) -> Option<u64> {
        let header = if self.before == 0 { HEADER_BYTES } else { 0 };
        let body = self.added.get(header + FRAME_BYTES..).filter(|_| self.is_of(".spool"))?;
        number(body.get(8..)?)
    }

    /// How many records there were, as the last entry of a mark says.
    pub(super) fn records(&self) -> Option<usize> {
        let (entries, _) = self.added.as_chunks::<MARK_BYTES>();
        let last = entries.last().filter(|_| self.is_of(".mark"))?;
        usize::try_from(number(last)?).ok()
    }

    fn is_of(&self, ending: &str) -> bool {
        self.file.ends_with(ending)
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// The batches that each cut of a `cuts.log` covers.
pub(super) fn covers(file: &[u8]) -> Vec<Vec<u64>> {
    let mut rest = &file[HEADER_BYTES..];
    let mut all = Vec::new();
    while let Some((header, body)) = rest.split_at_checked(FRAME_BYTES) {
        let length = u32::from_be_bytes(header[8..12].try_into().unwrap());
        let (mut body, behind) = body.split_at(usize::try_from(length).unwrap());
        while !body.is_empty() {
            let count = u32::from_be_bytes(body[101..105].try_into().unwrap());
            let (numbers, next) = body[105..].split_at(8 * usize::try_from(count).unwrap());
            all.push(numbers.chunks(8).filter_map(number).collect());
            body = next;
        }
        rest = behind;
    }
    all
}

/// The short forms of the lines of both lists: see [`lines_of`].
pub(super) fn shorts(lists: &[Vec<String>; 2]) -> [HashMap<Vec<u8>, &String>; 2] {
    let stamp = |line: &str| vote(line).stamp.bytes().to_vec();
    let mandate = |line: &str| {
        let digest = Mandate::from_voters_line(line).unwrap().id().digest();
        digest.0[..SHORT_BYTES[1]].to_vec()
    };
    let of = |list: usize, short: &dyn Fn(&str) -> Vec<u8>| {
        lists[list].iter().map(|line| (short(line), line)).collect()
    };
    [of(0, &stamp), of(1, &mandate)]
}

/// The lines for which a file of short forms stands, in its order.
pub(super) fn lines_of(bytes: &[u8], list: usize, by: &HashMap<Vec<u8>, &String>) -> Vec<String> {
    let length = [20, SHORT_BYTES[1]][list];
    let each = bytes.chunks_exact(SHORT_BYTES[list]);
    each.filter_map(|short| by.get(&short[..length]).map(|line| (*line).clone())).collect()
}

/// The files below some folders, each folder with what stands before the names.
pub(super) struct Disk {
    roots: Vec<(String, PathBuf)>,
    files: BTreeMap<String, (u64, SystemTime)>,
}

impl Disk {
    pub(super) fn new(roots: Vec<(String, PathBuf)>) -> Self {
        let mut disk = Self { roots, files: BTreeMap::new() };
        disk.changes();
        disk
    }

    /// What has changed since it was asked last.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        let mut files = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for (name, root) in &self.roots {
            look(name, root, &mut files, &mut paths);
        }
        let before = std::mem::replace(&mut self.files, files);
        let mut changes = Vec::new();
        for (file, now) in &self.files {
            let then = before.get(file);
            if then != Some(now) {
                let (before, after) = (then.map_or(0, |(bytes, _)| *bytes), now.0);
                let added = added(&paths[file], before);
                changes.push(Change { file: file.clone(), before, after, added });
            }
        }
        changes
    }
}

/// What a plain file has behind a place; nothing of any other one.
fn added(path: &Path, from: u64) -> Vec<u8> {
    let is_plain = path.extension().is_some_and(|ending| {
        ["seen", "mark", "spool", "log"].iter().any(|plain| ending == *plain)
    });
    let mut bytes = Vec::new();
    // It may be gone by now.
    if let Some(mut file) = std::fs::File::open(path).ok().filter(|_| is_plain) {
        file.seek(SeekFrom::Start(from)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
    }
    bytes
}

fn look(
    name: &str,
    folder: &Path,
    files: &mut BTreeMap<String, (u64, SystemTime)>,
    paths: &mut BTreeMap<String, PathBuf>,
) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // A segment or a key may go while this looks.
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        if metadata.is_dir() {
            look(&name, &path, files, paths);
        } else {
            files.insert(name.clone(), (metadata.len(), metadata.modified().unwrap()));
            paths.insert(name, path);
        }
    }
}
