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

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use booth::batch::BatchNumber;
use canon::Digest;
use service::disk::Disk;

use super::frames::{Frames, HEADER_BYTES, Kind, io};
use super::keys::Keys;
use super::seal::{Seal, Sealed, records};
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

/// Reads all segments, and cuts off a write that was interrupted.
/// Records of batches that are cut are not kept.
pub(super) fn read(
    disk: &Arc<dyn Disk>,
    ledger: Digest,
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
            let Some((file, content)) = Frames::open(disk, &name, kind)? else { continue };
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

impl Found {
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
        self.body.clear();
        self.body.extend_from_slice(&self.next.to_be_bytes());
        for (number, Record { batch, request }) in (self.next..).zip(records) {
            let seal = |key: &_| self.seal.seal(key, number, *batch, request, &mut self.body);
            keys.with(*batch, seal)
                .ok_or(LedgerError::KeysMissing { votes: 1, batches: vec![*batch] })?;
        }
        self.file.append(&self.body)?;
        self.next = self.next.saturating_add(records.len() as u64);
        if let Some(segment) = self.segments.back_mut() {
            segment.batches.extend(records.iter().map(|record| record.batch));
        }
        self.stopped = false;
        Ok(self.next)
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

    /// Removes the segments all of whose batches are cut. After an error nothing is appended.
    pub(super) fn forget(&mut self, batches: &[BatchNumber]) -> Result<(), LedgerError> {
        for segment in &mut self.segments {
            for batch in batches {
                segment.batches.remove(batch);
            }
        }
        let mut any = false;
        while let Some(segment) = self.segments.front()
            && segment.batches.is_empty()
            && self.segments.len() > 1
        {
            let name = name_of(segment.first);
            let removed = self.disk.remove(&name).map_err(io("remove", &name));
            self.stopped |= removed.is_err();
            removed?;
            self.segments.pop_front();
            any = true;
        }
        if any {
            let synced = self.disk.sync_names().map_err(io("sync", "the folder of the spool"));
            self.stopped |= synced.is_err();
            synced?;
        }
        Ok(())
    }
}
