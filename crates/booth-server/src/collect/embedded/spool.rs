//! The sealed spool: what is accepted and not cut, in the order in which it came.
//!
//! Segments of one folder, each named by the number of its first record in 16 hexadecimal digits;
//! each a file of frames, a frame for each group of records that became durable together:
//!
//! ```text
//! 00000000000004d2.spool      frame:  0   8  number of the group's first record
//!                                     8      the records, sealed
//! ```
//!
//! A segment all of whose batches are cut is removed; the last one stays, so that a spool that is
//! gone is noticed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use booth::batch::BatchNumber;
use canon::Digest;
use service::disk::Disk;

use super::frames::{Frames, HEADER_BYTES, Kind, io};
use super::keys::Keys;
use super::seal::{NONCE_BYTES, Seal, Sealed, cipher, records};
use crate::collect::{LedgerError, Position, Record};

const MAGIC: &[u8; 16] = b"scrutineer-spl/1";

/// The spool, open for appending.
pub(super) struct Spool {
    disk: Arc<dyn Disk>,
    kind: Kind,
    seal: Seal,
    segments: VecDeque<Segment>,
    file: Frames,
    next: Position,
    segment_bytes: u64,
    body: Vec<u8>,
    stopped: bool,
}

/// A segment, and the batches in it that are not cut.
struct Segment {
    first: Position,
    batches: BTreeSet<BatchNumber>,
}

fn name_of(first: Position) -> String {
    format!("{first:016x}.spool")
}

fn number_of(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(".spool").filter(|digits| digits.len() == 16)?;
    Position::from_str_radix(digits, 16).ok()
}

/// What stands in a spool, read and not yet judged.
pub(super) struct Found {
    segments: VecDeque<Segment>,
    file: Option<Frames>,
    next: Position,
    pub(super) records: Vec<Sealed>,
}

impl Found {
    /// Whether there is a segment at all.
    pub(super) fn is_none(&self) -> bool {
        self.segments.is_empty()
    }
}

/// Reads all segments, and cuts off a write that was interrupted. Records of batches that are cut
/// are not kept.
///
/// With fewer records than were `known` to be durable the spool is damaged, and nothing is changed.
pub(super) fn read(
    disk: &Arc<dyn Disk>,
    ledger: Digest,
    known: Position,
    is_cut: impl Fn(BatchNumber) -> bool,
) -> Result<Found, LedgerError> {
    let kind = Kind { magic: MAGIC, ledger };
    let names = disk.names().map_err(io("list", "the spool"))?;
    let mut firsts: Vec<Position> = names.iter().filter_map(|name| number_of(name)).collect();
    firsts.sort_unstable();
    let next = firsts.first().copied().unwrap_or_default();
    let mut found = Found { segments: VecDeque::new(), file: None, next, records: Vec::new() };
    let last = firsts.last().copied();
    for first in firsts {
        let name = name_of(first);
        let bodies = if Some(first) == last {
            let judge = |bodies: &[Vec<u8>]| reach(first, bodies, known);
            let Some((file, content)) = Frames::open(disk, &name, kind, judge)? else { continue };
            if content.torn > 0 {
                tracing::warn!(name, bytes = content.torn, "cut off a write that was interrupted");
            }
            found.file = Some(file);
            content.bodies
        } else {
            Frames::read(&**disk, &name, kind)?
        };
        found.take(&name, first, &bodies, &is_cut)?;
    }
    disk.sync_names().map_err(io("sync", "the folder of the spool"))?;
    Ok(found)
}

/// Whether the frames of the last segment reach as far as is known.
fn reach(first: Position, bodies: &[Vec<u8>], known: Position) -> Result<(), LedgerError> {
    let last = bodies.last().and_then(|body| records(body));
    let there = last.map_or(first, |(number, records)| number + records.len() as u64);
    if there < known {
        return Err(LedgerError::Rotten { there, known });
    }
    Ok(())
}

impl Found {
    /// How many records there ever were.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    fn take(
        &mut self,
        name: &str,
        first: Position,
        bodies: &[Vec<u8>],
        is_cut: &impl Fn(BatchNumber) -> bool,
    ) -> Result<(), LedgerError> {
        let damaged = |what| LedgerError::Damaged { name: name.to_owned(), offset: 0, what };
        if first != self.next {
            return Err(damaged("records before this segment are missing"));
        }
        let mut batches = BTreeSet::new();
        for body in bodies {
            let (number, records) = records(body).ok_or_else(|| damaged("a frame's form"))?;
            if number != self.next {
                return Err(damaged("records between two frames are missing"));
            }
            self.next = self.next.saturating_add(records.len() as u64);
            let kept = records.into_iter().filter(|record| !is_cut(record.batch));
            for record in kept {
                batches.insert(record.batch);
                self.records.push(record);
            }
        }
        self.segments.push_back(Segment { first, batches });
        Ok(())
    }
}

impl Spool {
    /// The spool with what was found in it; begins one where there is none.
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        ledger: Digest,
        seal: Seal,
        segment_bytes: u64,
        found: Found,
    ) -> Result<Self, LedgerError> {
        let kind = Kind { magic: MAGIC, ledger };
        let Found { mut segments, file, next, .. } = found;
        let file = if let Some(file) = file {
            file
        } else {
            segments.push_back(Segment { first: next, batches: BTreeSet::new() });
            Frames::create(&*disk, &name_of(next), kind)?
        };
        let (body, stopped) = (Vec::new(), false);
        Ok(Self { disk, kind, seal, segments, file, next, segment_bytes, body, stopped })
    }

    /// How many records there ever were.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    /// Appends records: one write, one sync. Their batches have keys.
    pub(super) fn append(
        &mut self,
        keys: &Keys,
        after: Position,
        records: &[Record],
    ) -> Result<Position, LedgerError> {
        if self.stopped {
            return Err(LedgerError::Stopped);
        }
        if after != self.next {
            return Err(LedgerError::Behind { position: self.next });
        }
        self.stopped = true;
        self.begin_segment_if_full()?;
        self.seal(keys, records)?;
        self.file.append(&self.body)?;
        self.next = self.next.saturating_add(records.len() as u64);
        if let Some(segment) = self.segments.back_mut() {
            segment.batches.extend(records.iter().map(|record| record.batch));
        }
        self.stopped = false;
        Ok(self.next)
    }

    /// Makes the body of the frame.
    fn seal(&mut self, keys: &Keys, records: &[Record]) -> Result<(), LedgerError> {
        self.body.clear();
        self.body.reserve(8 + records.len() * self.seal.record_bytes());
        self.body.extend_from_slice(&self.next.to_be_bytes());
        let mut nonces = vec![[0; NONCE_BYTES]; records.len()];
        service::random::fill(nonces.as_flattened_mut());
        let mut ciphers = BTreeMap::new();
        for ((number, record), nonce) in (self.next..).zip(records).zip(nonces) {
            let batch = record.batch;
            let cipher = match ciphers.entry(batch) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(place) => {
                    let cipher = keys.with(batch, cipher);
                    let missing = LedgerError::KeysMissing { votes: 1, batches: vec![batch] };
                    place.insert(cipher.ok_or(missing)?)
                }
            };
            self.seal.seal(cipher, nonce, number, record, &mut self.body);
        }
        Ok(())
    }

    fn begin_segment_if_full(&mut self) -> Result<(), LedgerError> {
        let length = self.file.length();
        if length < self.segment_bytes || length <= HEADER_BYTES as u64 {
            return Ok(());
        }
        self.file = Frames::create(&*self.disk, &name_of(self.next), self.kind)?;
        self.segments.push_back(Segment { first: self.next, batches: BTreeSet::new() });
        Ok(())
    }

    /// Takes note that batches are cut; the segments that hold no others and are to be removed.
    /// That is left to the caller, for whoever appends waits while this is borrowed.
    pub(super) fn forget(&mut self, batches: &[BatchNumber]) -> Vec<Position> {
        for segment in &mut self.segments {
            for batch in batches {
                segment.batches.remove(batch);
            }
        }
        let mut gone = Vec::new();
        while self.segments.len() > 1
            && let Some(segment) = self.segments.pop_front_if(|first| first.batches.is_empty())
        {
            gone.push(segment.first);
        }
        gone
    }

    /// Nothing is appended any more.
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }
}

/// Removes segments, oldest first.
pub(super) fn remove(disk: &dyn Disk, segments: &[Position]) -> Result<(), LedgerError> {
    for first in segments {
        let name = name_of(*first);
        disk.remove(&name).map_err(io("remove", &name))?;
    }
    if segments.is_empty() {
        return Ok(());
    }
    disk.sync_names().map_err(io("sync", "the folder of the spool"))
}
