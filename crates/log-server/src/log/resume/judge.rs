//! What the leaves of a copy lead to, before anything is stored.

use artifact::admit::{self, MAX_ENVELOPE_BYTES};
use artifact::bundle::Source;
use artifact::leaf::{self, Leaf, MAX_LEAVES_BYTES};
use artifact::register::Register;
use artifact::role::EntryType;
use bytes::Bytes;
use canon::Digest;
use tlog::merkle::leaf_hash;
use tlog::sequence::{Recovery, Stop};
use tlog::tile::{LeafPath, Place, decode_leaves, places_for_growth};

use super::ResumeParts;
use super::heads::CopiedHeads;
use super::standing::Standing;
use crate::log::error::LogError;

/// Requests to a copy that are under way at one time: it may be far away.
const AT_ONE_TIME: usize = 8;

/// One bundle of leaves.
pub(super) struct Leaves {
    /// As it stands in the copy.
    pub(super) bytes: Bytes,
    /// Its lines, and what they say.
    pub(super) leaves: Vec<(Bytes, Leaf)>,
}

/// The register after all entries under the copy's largest head, which the leaves must lead to.
/// They must lead to the heads that stand in the store too.
///
/// Only what changes the register is looked at; the rest is judged as it is copied.
pub(super) fn register_of(
    parts: &ResumeParts<'_>,
    mut register: Register,
    copied: &CopiedHeads,
    standing: &Standing,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Register, LogError> {
    let contradiction = |stop: Stop| standing.contradiction(copied, &stop);
    let signed = copied.signed().chain(standing.signed());
    let mut recovery = Recovery::new(signed).map_err(contradiction)?;
    let size = copied.last.size;
    let places: Vec<Place> = places_for_growth(0, size).collect();
    for some in places.chunks(AT_ONE_TIME) {
        let read = at_one_time(some, |place| leaves_at(parts.source, *place))?;
        for (line, leaf) in read.into_iter().flat_map(|read| read.leaves) {
            let index = recovery.size();
            let hash = leaf_hash(&leaf::entry_of(&line));
            recovery.replay(leaf.timestamp, hash).map_err(contradiction)?;
            if matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close) {
                let bytes = artifact(parts.source, &leaf.artifact_sha256)?;
                admit::enact(&bytes, &mut register, index)
                    .map_err(|why| LogError::Copy { what: format!("entry {index}: {why}") })?;
            }
        }
        progress(some.last().map_or(size, Place::end), size);
    }
    recovery.finish().map_err(contradiction)?;
    Ok(register)
}

/// An artifact that is never withheld.
fn artifact(source: &dyn Source, digest: &Digest) -> Result<Vec<u8>, LogError> {
    let path = format!("artifact/{digest}");
    let bytes = source.read(&path, MAX_ENVELOPE_BYTES as u64)?;
    let bytes = bytes.ok_or_else(|| LogError::Copy { what: format!("{path} is missing") })?;
    if Digest::of(&bytes) == *digest {
        Ok(bytes)
    } else {
        Err(LogError::Copy { what: format!("{path} has another digest") })
    }
}

/// Reads one bundle of leaves.
pub(super) fn leaves_at(source: &dyn Source, place: Place) -> Result<Leaves, LogError> {
    let path = LeafPath(place).to_string();
    let damaged = |what: &str| LogError::Copy { what: format!("{path}: {what}") };
    let bytes = source.read(&path, MAX_LEAVES_BYTES)?;
    let bytes = Bytes::from(bytes.ok_or_else(|| damaged("it is missing"))?);
    let lines = decode_leaves(&bytes, place.width()).map_err(|e| damaged(&e.to_string()))?;
    let leaves = lines.into_iter().map(|line| {
        let leaf = Leaf::parse(line).map_err(|error| damaged(&error.to_string()))?;
        Ok((bytes.slice_ref(line), leaf))
    });
    let leaves = leaves.collect::<Result<Vec<_>, LogError>>()?;
    Ok(Leaves { bytes, leaves })
}

/// Does something for each item, several at a time, and gives the answers in their order.
pub(super) fn at_one_time<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, LogError> + Sync,
) -> Result<Vec<R>, LogError> {
    let share = items.len().div_ceil(AT_ONE_TIME).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Result<Vec<_>, _>>()))
            .collect();
        let mut all = Vec::with_capacity(items.len());
        for thread in threads {
            let part = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.extend(part?);
        }
        Ok(all)
    })
}
