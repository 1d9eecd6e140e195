//! The short forms of the two lists, which make opening fast.
//!
//! ```text
//! mandates.seen   a line of the list of voters is 16 bytes: the first of the mandate's digest
//! stamps.seen     a line of the list of votes is 53 bytes:
//!                   0  20  the stamp
//!                  20  32  SHA-256 of the line
//!                  52   1  the option's place on the ballot, from 0
//! ```
//!
//! Both are in the order of their list, and written with the cut: they say nothing that the lists
//! do not. The record of each cut has the CRC-32C of its part. From the first part on that is
//! missing or another one, a file is made anew from its list. They are synced now and then, so that
//! a power cut takes a part of them that is soon made anew: see [`Short`].

use std::io::Read;
use std::sync::Arc;

use booth::batch::{VoteHalf, VoterHalf};
use booth::campaign::Campaign;
use booth::stamp::VoterStamp;
use canon::Digest;
use service::disk::{Disk, DiskFile};

use super::frames::io;
use crate::collect::LedgerError;
use crate::collect::seen::{MandateKey, key_of};

/// Bytes of a vote in `stamps.seen`.
pub(super) const STAMP_BYTES: usize = 53;

/// Stands for an option that is not on the ballot (any more).
const NO_OPTION: u8 = u8::MAX;

/// What is kept of a voter.
pub(super) fn of_voter(voter: &VoterHalf) -> MandateKey {
    key_of(voter.id())
}

/// What is kept of a vote.
pub(super) fn of_vote(campaign: &Campaign, half: &VoteHalf) -> [u8; STAMP_BYTES] {
    let vote = half.vote();
    let option = campaign.position(&vote.say).and_then(|option| u8::try_from(option).ok());
    let mut bytes = [option.unwrap_or(NO_OPTION); STAMP_BYTES];
    bytes[..20].copy_from_slice(vote.stamp.bytes());
    bytes[20..52].copy_from_slice(&half.digest().0);
    bytes
}

/// A vote as it is kept.
pub(super) struct KeptVote {
    pub(super) stamp: VoterStamp,
    pub(super) digest: Digest,
    pub(super) option: Option<usize>,
}

/// The votes of some parts.
pub(super) fn votes(bytes: &[u8]) -> impl Iterator<Item = KeptVote> {
    bytes.as_chunks().0.iter().map(KeptVote::from)
}

impl From<&[u8; STAMP_BYTES]> for KeptVote {
    fn from(bytes: &[u8; STAMP_BYTES]) -> Self {
        let (mut stamp, mut digest) = ([0; 20], [0; 32]);
        stamp.copy_from_slice(&bytes[..20]);
        digest.copy_from_slice(&bytes[20..52]);
        let option = Some(bytes[52]).filter(|option| *option != NO_OPTION).map(usize::from);
        Self { stamp: VoterStamp::from_bytes(stamp), digest: Digest(digest), option }
    }
}

/// The two files, open for cuts.
pub(super) struct Short {
    disk: Arc<dyn Disk>,
    stamps: Box<dyn DiskFile>,
    mandates: Box<dyn DiskFile>,
    /// After so many votes both are synced.
    every: usize,
    /// Votes that were written since; more than that at the start, for nobody knows what a process
    /// before this one has synced, or whether the names are durable.
    unsynced: usize,
}

impl Short {
    pub(super) fn new(
        disk: &Arc<dyn Disk>,
        (stamps, mandates): (Box<dyn DiskFile>, Box<dyn DiskFile>),
        every: usize,
    ) -> Self {
        Self { disk: Arc::clone(disk), stamps, mandates, every, unsynced: usize::MAX }
    }

    /// Writes the parts of some cuts. The syncs are for every so many votes, behind those of the
    /// lists and of their cuts.
    pub(super) fn append(&mut self, stamps: &[u8], mandates: &[u8]) -> std::io::Result<()> {
        self.stamps.append(stamps)?;
        self.mandates.append(mandates)?;
        self.unsynced = self.unsynced.saturating_add(stamps.len() / STAMP_BYTES);
        if self.unsynced < self.every {
            return Ok(());
        }
        self.stamps.sync()?;
        self.mandates.sync()?;
        if self.unsynced == usize::MAX {
            self.disk.sync_names()?;
        }
        self.unsynced = 0;
        Ok(())
    }
}

/// A file that is read as far as it is right, and written from there on.
pub(super) struct Cache<'a> {
    disk: &'a Arc<dyn Disk>,
    name: &'static str,
    is_there: bool,
    state: State,
}

enum State {
    Right { reader: Box<dyn Read + Send>, bytes: u64 },
    Written(Box<dyn DiskFile>),
}

impl<'a> Cache<'a> {
    pub(super) fn open(disk: &'a Arc<dyn Disk>, name: &'static str) -> Result<Self, LedgerError> {
        let is_there = disk.names().map_err(io("list", name))?.iter().any(|there| there == name);
        let reader: Box<dyn Read + Send> = if is_there {
            disk.read(name).map_err(io("read", name))?
        } else {
            Box::new(std::io::empty())
        };
        Ok(Self { disk, name, is_there, state: State::Right { reader, bytes: 0 } })
    }

    /// Adds the part of a cut to `bytes`: from the file, or from the list if the file is wrong.
    pub(super) fn part(
        &mut self,
        length: usize,
        crc: u32,
        bytes: &mut Vec<u8>,
        from_list: impl FnOnce() -> Result<Vec<u8>, LedgerError>,
    ) -> Result<(), LedgerError> {
        let from = bytes.len();
        if let State::Right { reader, bytes: right } = &mut self.state {
            bytes.resize(from.saturating_add(length), 0);
            let part = &mut bytes[from..];
            if reader.read_exact(part).is_ok() && crc32c::crc32c(part) == crc {
                *right = right.saturating_add(length as u64);
                return Ok(());
            }
            tracing::info!(name = self.name, "made anew from its list");
            bytes.truncate(from);
            let right = *right;
            self.state = State::Written(self.cut_to(right)?);
        }
        let part = from_list()?;
        if let State::Written(file) = &mut self.state {
            file.append(&part).map_err(io("write", self.name))?;
        }
        bytes.extend_from_slice(&part);
        Ok(())
    }

    /// The file, to append to.
    pub(super) fn end(self) -> Result<Box<dyn DiskFile>, LedgerError> {
        match self.state {
            State::Right { bytes, .. } => self.cut_to(bytes),
            State::Written(file) => Ok(file),
        }
    }

    fn cut_to(&self, length: u64) -> Result<Box<dyn DiskFile>, LedgerError> {
        if self.is_there {
            self.disk.open(self.name, length).map_err(io("open", self.name))
        } else {
            self.disk.create(self.name).map_err(io("create", self.name))
        }
    }
}
