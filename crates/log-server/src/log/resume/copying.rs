//! Copying everything under a head: read, judged as the log did, and stored.

use std::collections::BTreeSet;

use artifact::admit::{self, MAX_ENVELOPE_BYTES};
use artifact::bundle::{MAX_FILE_BYTES, Source};
use artifact::leaf::{self, Leaf};
use artifact::payload::Payload;
use artifact::register::Register;
use bytes::Bytes;
use canon::{Digest, Timestamp};
use service::store::{NewObject, Store};
use tlog::merkle::{Head, leaf_hash};
use tlog::sequence::Recovery;
use tlog::tile::{Edge, EntriesPath, LeafPath, Place, encode_entries, places_for_growth};

use super::judge::{self, Leaves};
use super::{Target, contradiction};
use crate::log::error::LogError;

/// What was copied.
pub(super) struct Done {
    /// With all amendments.
    pub(super) register: Register,
    pub(super) edge: Edge,
    /// Files that the charter withholds and the copy does not have.
    pub(super) withheld: u64,
    /// Sizes of the heads that artifacts cite.
    pub(super) cited: BTreeSet<u64>,
}

/// Copies everything under `head`, which must lead to all these signed heads. Durable after the
/// next barriers.
pub(super) fn copy(
    to: &Target<'_>,
    register: Register,
    signed: impl IntoIterator<Item = (Head, Timestamp)>,
    head: Head,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Done, LogError> {
    let mut copy = Copying {
        to: *to,
        recovery: Recovery::new(signed).map_err(|stop| contradiction(&stop))?,
        done: Done { register, edge: Edge::new(), withheld: 0, cited: BTreeSet::new() },
    };
    for place in places_for_growth(0, head.size) {
        copy.bundle(place)?;
        progress(place.end(), head.size);
    }
    let Copying { recovery, done, .. } = copy;
    recovery.finish().map_err(|stop| contradiction(&stop))?;
    for tile in done.edge.partial() {
        to.store(to.unsettled.tile(&tile))?;
    }
    Ok(done)
}

/// A copy under way.
struct Copying<'a> {
    to: Target<'a>,
    recovery: Recovery,
    done: Done,
}

/// An artifact or raw file that was read; none where the charter withholds it.
struct Fetched {
    digest: Digest,
    bytes: Option<Bytes>,
    is_withheld: bool,
}

impl Target<'_> {
    /// Creates a public object.
    fn store(&self, object: NewObject) -> Result<(), LogError> {
        self.put(&self.parts.store, object)
    }

    /// Creates an object by the store's own writer, where it has one.
    fn put(&self, to: &Store, object: NewObject) -> Result<(), LogError> {
        let answers = self.runtime.block_on(to.put_all_new(vec![object]));
        Ok(answers.into_iter().try_for_each(|put| put.map(drop))?)
    }
}

impl Copying<'_> {
    /// Copies one bundle of leaves with everything that they name.
    fn bundle(&mut self, place: Place) -> Result<(), LogError> {
        let path = LeafPath(place).to_string();
        let damaged = |what: &str| LogError::Copy { what: format!("{path}: {what}") };
        let Leaves { bytes, leaves } = judge::leaves_at(self.to.parts.source, place)?;
        let lines: Vec<_> = leaves.iter().map(|(line, _)| line.clone()).collect();
        let leaves: Vec<_> = leaves.into_iter().map(|(_, leaf)| leaf).collect();
        let fetched = self.fetch_all(&leaves)?;
        for (line, (leaf, envelope)) in lines.iter().zip(leaves.iter().zip(fetched)) {
            let hash = leaf_hash(&leaf::entry_of(line));
            let index = self.recovery.size();
            self.recovery.replay(leaf.timestamp, hash).map_err(|stop| contradiction(&stop))?;
            let files = self.admit(index, leaf, &envelope)?;
            self.put(index, vec![envelope])?;
            self.put(index, files)?;
            let full =
                self.done.edge.extend(&[hash]).map_err(|error| damaged(&error.to_string()))?;
            for tile in full {
                self.to.store(self.to.unsettled.tile(&tile))?;
            }
        }
        let entries = encode_entries(lines.iter().map(|line| leaf::entry_of(line)));
        let entries = entries.map_err(|error| damaged(&error.to_string()))?;
        let entries_path = EntriesPath(place).to_string();
        for (path, bytes) in [(entries_path, entries.into()), (path, bytes)] {
            self.to.store(self.to.unsettled.object(path, bytes, place.end()))?;
        }
        Ok(())
    }

    /// The envelopes of some leaves, several at a time: a copy may be far away.
    fn fetch_all(&self, leaves: &[Leaf]) -> Result<Vec<Fetched>, LogError> {
        let rules = &self.done.register.charter().publication;
        judge::at_one_time(leaves, |leaf: &Leaf| {
            let is_withheld = rules.withhold(leaf.entry_type);
            let most = MAX_ENVELOPE_BYTES as u64;
            fetch(self.to.parts.source, leaf.artifact_sha256, most, is_withheld)
        })
    }

    /// Judges an envelope as the log did, and fetches the raw files that it lists.
    fn admit(
        &mut self,
        index: u64,
        leaf: &Leaf,
        envelope: &Fetched,
    ) -> Result<Vec<Fetched>, LogError> {
        let Some(bytes) = &envelope.bytes else {
            self.done.withheld += 1;
            return Ok(Vec::new());
        };
        let refused =
            |why: &dyn std::fmt::Display| LogError::Copy { what: format!("entry {index}: {why}") };
        let admitted =
            admit::enact(bytes, &mut self.done.register, index).map_err(|why| refused(&why))?;
        if admitted.entry_type != leaf.entry_type || admitted.originator != leaf.originator {
            return Err(refused(&"its leaf says something else"));
        }
        let manifest = match &admitted.payload {
            Payload::Manifest(manifest) => manifest,
            Payload::SeedReveal(reveal) => {
                self.done.cited.insert(reveal.head.tree_size);
                return Ok(Vec::new());
            }
            Payload::Close(close) => {
                self.done.cited.insert(close.head.tree_size);
                return Ok(Vec::new());
            }
            _ => return Ok(Vec::new()),
        };
        let rules = &self.done.register.charter().publication;
        let mut files = Vec::new();
        for file in &manifest.files {
            let is_withheld = rules.withhold_file(file.r#type.as_str());
            files.push(fetch(self.to.parts.source, file.sha256, MAX_FILE_BYTES, is_withheld)?);
        }
        self.done.withheld += files.iter().filter(|file| file.bytes.is_none()).count() as u64;
        Ok(files)
    }

    /// Stores what an entry names.
    fn put(&self, index: u64, objects: Vec<Fetched>) -> Result<(), LogError> {
        for object in objects {
            let Some(bytes) = object.bytes else { continue };
            let parts = self.to.parts;
            let to = if object.is_withheld { &parts.withheld } else { &parts.store };
            let path = format!("artifact/{}", object.digest);
            self.to.put(to, self.to.unsettled.object(path, bytes, index + 1))?;
        }
        Ok(())
    }
}

fn fetch(
    source: &dyn Source,
    digest: Digest,
    most: u64,
    is_withheld: bool,
) -> Result<Fetched, LogError> {
    let path = format!("artifact/{digest}");
    let bytes = source.read(&path, most)?.map(Bytes::from);
    match &bytes {
        Some(bytes) if Digest::of(bytes) != digest => {
            Err(LogError::Copy { what: format!("{path} has another digest") })
        }
        None if !is_withheld => Err(LogError::Copy { what: format!("{path} is missing") }),
        _ => Ok(Fetched { digest, bytes, is_withheld }),
    }
}
