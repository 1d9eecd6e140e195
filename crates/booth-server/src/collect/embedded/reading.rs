//! What the lists say, from their short forms; and whether the lists are what was cut.
//!
//! The short forms are a sixth of the lists and bound to the cuts by checksums, so an instance
//! opens by them and asks of the lists only that they are long enough. Afterwards, while votes are
//! taken, [`Check`] compares every part of both lists with the digest that its cut recorded.

use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::receipt::Shelf;
use booth::vote::Vote;
use canon::Digest;
use service::disk::{Disk, DiskFile};

use super::cache::{self, Cache, STAMP_BYTES, votes};
use super::cuts::{CutRecord, Ends};
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

/// Bytes of short forms that are handed from one thread to the next at once.
const HANDED: usize = 256 << 10;

/// Reads both at the same time: one thread for the voters, one that reads the votes and lays them
/// onto the shelf, and one that records them.
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

/// The cuts that stand in the lists, each with the places where its parts of them begin.
fn cuts(records: &[CutRecord]) -> impl Iterator<Item = (Ends, &CutRecord)> {
    let mut from = Ends::default();
    records
        .iter()
        .filter(|record| !record.is_given_up)
        .map(move |record| (std::mem::replace(&mut from, record.ends), record))
}

fn read_votes(
    disk: &Arc<dyn Disk>,
    list: List<'_>,
    campaign: &Campaign,
    records: &[CutRecord],
) -> Result<Votes, LedgerError> {
    let name = list.name;
    // What is read and not yet recorded is bounded.
    let (hand, handed) = sync_channel(8);
    std::thread::scope(|scope| {
        let stamps = scope.spawn(move || record_votes(name, records, &handed));
        let read = shelve_votes(disk, list, campaign, records, &hand);
        drop(hand);
        // Who records ends first only where the list is wrong, and that is to be told.
        let stamps = stamps.join().unwrap_or(Err(LedgerError::Stopped))?;
        let (shelf, file) = read?;
        Ok(Votes { stamps, shelf, file })
    })
}

/// Reads the short form of the votes, lays them onto the shelf and hands them on.
fn shelve_votes(
    disk: &Arc<dyn Disk>,
    mut list: List<'_>,
    campaign: &Campaign,
    records: &[CutRecord],
    hand: &SyncSender<Vec<u8>>,
) -> Result<(Shelf, Box<dyn DiskFile>), LedgerError> {
    let (mut cache, mut shelf) = (Cache::open(disk, STAMPS)?, Shelf::new());
    let short = |line: &str| Some(cache::of_vote(campaign, &Vote::from_line(line).ok()?.into()));
    let mut bytes = Vec::with_capacity(HANDED * 2);
    for (Ends { votes: from, .. }, record) in cuts(records) {
        let before = bytes.len();
        let length = record.votes as usize * STAMP_BYTES;
        cache.part(length, record.stamps_crc, &mut bytes, || {
            let lines = list.part(from, record.ends.votes, &record.votes_digest)?;
            let all = shorten(&lines, short)
                .ok_or_else(|| damaged(list.name, from, "a line is no vote"))?;
            counted(all, length, list.name, from)
        })?;
        let options = votes(&bytes[before..]).filter_map(|one| Some((one.option?, one.stamp)));
        shelf.restore(record.number, &record.covers, options);
        if bytes.len() >= HANDED {
            let full = std::mem::replace(&mut bytes, Vec::with_capacity(HANDED * 2));
            hand.send(full).map_err(|_| LedgerError::Stopped)?;
        }
    }
    hand.send(bytes).map_err(|_| LedgerError::Stopped)?;
    Ok((shelf, cache.end()?))
}

/// Records what is handed over: parts of whole cuts, in order.
fn record_votes(
    name: &str,
    records: &[CutRecord],
    handed: &Receiver<Vec<u8>>,
) -> Result<Stamps, LedgerError> {
    let mut stamps = Stamps::with_room(count(records));
    let mut cuts = cuts(records);
    for bytes in handed {
        let mut rest = &bytes[..];
        while !rest.is_empty()
            && let Some((Ends { votes: from, .. }, record)) = cuts.next()
        {
            let (part, behind) = rest.split_at(record.votes as usize * STAMP_BYTES);
            rest = behind;
            if !stamps.insert_all(votes(part).map(|one| (one.stamp, one.digest)), record.number) {
                return Err(damaged(name, from, "a stamp stands in it twice"));
            }
        }
    }
    Ok(stamps)
}

fn read_voters(
    disk: &Arc<dyn Disk>,
    mut list: List<'_>,
    records: &[CutRecord],
) -> Result<Voters, LedgerError> {
    let mut cache = Cache::open(disk, MANDATES)?;
    let mut mandates = Mandates::with_room(count(records));
    let short = |line: &str| Some(cache::of_voter(&Mandate::from_voters_line(line).ok()?.into()));
    let mut bytes = Vec::new();
    for (Ends { voters: from, .. }, record) in cuts(records) {
        let length = record.votes as usize * MANDATE_KEY_BYTES;
        bytes.clear();
        cache.part(length, record.mandates_crc, &mut bytes, || {
            let lines = list.part(from, record.ends.voters, &record.voters_digest)?;
            let all = shorten(&lines, short)
                .ok_or_else(|| damaged(list.name, from, "a line is no voter"))?;
            counted(all, length, list.name, from)
        })?;
        if !mandates.insert_all(bytes.as_chunks().0) {
            return Err(damaged(list.name, from, "somebody stands in it twice"));
        }
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

/// The short forms of a cut, if they are of as many lines as it counts.
fn counted(all: Vec<u8>, length: usize, name: &str, from: u64) -> Result<Vec<u8>, LedgerError> {
    if all.len() != length {
        return Err(damaged(name, from, "it has not as many lines as its cut says"));
    }
    Ok(all)
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
            none => {
                self.at = from;
                none.insert(self.disk.read_from(self.name, from).map_err(io("read", self.name))?)
            }
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

#[cfg(test)]
mod tests;
