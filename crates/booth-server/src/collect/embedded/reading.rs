//! What the lists say, from their short forms; and whether the lists are what was cut.
//!
//! The short forms are a sixth of the lists and bound to the cuts by checksums, so an instance
//! opens by them and asks of the lists only that they are long enough. Afterwards, while votes are
//! taken, [`Check`] compares every part of both lists with the digest that its cut recorded.

use std::io::Read;
use std::sync::Arc;

use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::receipt::Shelf;
use booth::vote::Vote;
use canon::Digest;
use service::disk::{Disk, DiskFile};

use super::cache::{self, Cache, KeptVote, STAMP_BYTES};
use super::cuts::CutRecord;
use super::frames::io;
use crate::collect::LedgerError;
use crate::collect::seen::{MANDATE_KEY_BYTES, Mandates, Stamps};

const STAMPS: &str = "stamps.seen";
const MANDATES: &str = "mandates.seen";

/// What the list of votes says, and its short form, open for appending.
pub(super) struct Votes {
    pub(super) stamps: Stamps,
    pub(super) shelf: Shelf,
    pub(super) file: Box<dyn DiskFile>,
}

/// The same of the list of voters.
pub(super) struct Voters {
    pub(super) mandates: Mandates,
    pub(super) file: Box<dyn DiskFile>,
}

/// Reads both, at the same time.
pub(super) fn read(
    disk: &Arc<dyn Disk>,
    campaign: &Campaign,
    [vote, auth]: &[String; 2],
    records: &[CutRecord],
) -> Result<(Votes, Voters), LedgerError> {
    let ends = records.last().map(|record| record.ends).unwrap_or_default();
    let (votes, voters) =
        (List::open(disk, vote, ends.votes)?, List::open(disk, auth, ends.voters)?);
    std::thread::scope(|scope| {
        let voters = scope.spawn(|| read_voters(disk, voters, records));
        let votes = read_votes(disk, votes, campaign, records);
        let voters = voters.join().unwrap_or(Err(LedgerError::Stopped));
        Ok((votes?, voters?))
    })
}

/// The number of votes of all cuts.
fn count(records: &[CutRecord]) -> usize {
    records.iter().map(|record| record.votes as usize).sum()
}

fn read_votes(
    disk: &Arc<dyn Disk>,
    mut list: List<'_>,
    campaign: &Campaign,
    records: &[CutRecord],
) -> Result<Votes, LedgerError> {
    let mut cache = Cache::open(disk, STAMPS)?;
    let (mut stamps, mut shelf) = (Stamps::with_room(count(records)), Shelf::new());
    let short = |line: &str| Some(cache::of_vote(campaign, &Vote::from_line(line).ok()?.into()));
    let mut from = 0;
    for record in records.iter().filter(|record| !record.is_given_up) {
        let to = record.ends.votes;
        let part = cache.part(record.votes as usize * STAMP_BYTES, record.stamps_crc, || {
            let lines = list.part(from, to, &record.votes_digest)?;
            shorten(&lines, short).ok_or_else(|| damaged(list.name, from, "a line is no vote"))
        })?;
        let kept: Vec<KeptVote> = part.as_chunks().0.iter().map(KeptVote::from).collect();
        if !kept.iter().all(|one| stamps.insert(&one.stamp, &one.digest, record.number)) {
            return Err(damaged(list.name, from, "a stamp stands in it twice"));
        }
        let options = kept.iter().filter_map(|one| Some((one.option?, one.stamp)));
        shelf.restore(record.number, &record.covers, options);
        from = to;
    }
    Ok(Votes { stamps, shelf, file: cache.end()? })
}

fn read_voters(
    disk: &Arc<dyn Disk>,
    mut list: List<'_>,
    records: &[CutRecord],
) -> Result<Voters, LedgerError> {
    let mut cache = Cache::open(disk, MANDATES)?;
    let mut mandates = Mandates::with_room(count(records));
    let short = |line: &str| Some(cache::of_voter(&Mandate::from_voters_line(line).ok()?.into()));
    let mut from = 0;
    for record in records.iter().filter(|record| !record.is_given_up) {
        let to = record.ends.voters;
        let length = record.votes as usize * MANDATE_KEY_BYTES;
        let part = cache.part(length, record.mandates_crc, || {
            let lines = list.part(from, to, &record.voters_digest)?;
            shorten(&lines, short).ok_or_else(|| damaged(list.name, from, "a line is no voter"))
        })?;
        let (keys, _) = part.as_chunks::<MANDATE_KEY_BYTES>();
        if !keys.iter().all(|key| mandates.insert(key)) {
            return Err(damaged(list.name, from, "somebody stands in it twice"));
        }
        from = to;
    }
    Ok(Voters { mandates, file: cache.end()? })
}

/// The short forms of all lines.
fn shorten<const N: usize>(
    bytes: &[u8],
    short: impl Fn(&str) -> Option<[u8; N]>,
) -> Option<Vec<u8>> {
    let mut all = Vec::with_capacity(bytes.len() / 2);
    for line in std::str::from_utf8(bytes).ok()?.split_inclusive('\n') {
        all.extend_from_slice(&short(line)?);
    }
    Some(all)
}

/// What is still to be compared: the parts of both lists that were there at the start.
pub(super) struct Check {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) names: [String; 2],
    pub(super) records: Vec<CutRecord>,
}

impl Check {
    /// Reads both lists as far as they were cut, and compares.
    pub(super) fn run(&self) -> Result<(), LedgerError> {
        let Self { disk, names: [vote, auth], records } = self;
        let ends = records.last().map(|record| record.ends).unwrap_or_default();
        let mut votes = List::open(disk, vote, ends.votes)?;
        let mut voters = List::open(disk, auth, ends.voters)?;
        for record in records.iter().filter(|record| !record.is_given_up) {
            votes.part(votes.at, record.ends.votes, &record.votes_digest)?;
            voters.part(voters.at, record.ends.voters, &record.voters_digest)?;
        }
        Ok(())
    }
}

/// A list whose parts are read in order, some of them or all.
struct List<'a> {
    disk: &'a Arc<dyn Disk>,
    name: &'a str,
    reader: Option<Box<dyn Read + Send>>,
    at: u64,
}

impl<'a> List<'a> {
    /// A list that is there, and is as long as its cuts say.
    fn open(disk: &'a Arc<dyn Disk>, name: &'a str, end: u64) -> Result<Self, LedgerError> {
        let there = disk.names().map_err(io("list", "the lists"))?;
        if !there.iter().any(|there| there == name) {
            return Err(LedgerError::Missing { name: name.to_owned() });
        }
        let length = disk.length(name).map_err(io("read", name))?;
        if length < end {
            return Err(damaged(name, length, SHORT));
        }
        Ok(Self { disk, name, reader: None, at: 0 })
    }

    /// The part that a cut wrote, if it is still what was cut.
    fn part(&mut self, from: u64, to: u64, digest: &Digest) -> Result<Vec<u8>, LedgerError> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(self.disk.read(self.name).map_err(io("read", self.name))?),
        };
        let ahead = from.checked_sub(self.at);
        let (Some(ahead), Some(length)) = (ahead, to.checked_sub(from)) else {
            return Err(damaged(self.name, from, "its cuts say that it shrinks"));
        };
        let mut bytes = Vec::new();
        std::io::copy(&mut reader.take(ahead), &mut std::io::sink())
            .and_then(|_| reader.take(length).read_to_end(&mut bytes))
            .map_err(io("read", self.name))?;
        self.at = to;
        if bytes.len() as u64 != length {
            return Err(damaged(self.name, from, SHORT));
        }
        if Digest::of(&bytes) != *digest {
            return Err(damaged(self.name, from, "these are not the lines that were cut"));
        }
        Ok(bytes)
    }
}

const SHORT: &str = "it is shorter than its cuts say";

fn damaged(name: &str, offset: u64, what: &'static str) -> LedgerError {
    LedgerError::Damaged { name: name.to_owned(), offset, what }
}
