//! The two lists, and the record of what stands in them.

use std::io::Read;
use std::sync::Arc;

use booth::batch::{BatchNumber, Cut};
use booth::campaign::Campaign;
use booth::publish::{self, List};
use booth::receipt::Shelf;
use canon::Digest;
use service::disk::{Disk, DiskFile};

use super::cache::{self, Short};
use super::cuts::{self, CutRecord, Ends};
use super::frames::{Frames, Kind, io};
use super::reading::{self, Check};
use crate::collect::seen::Seen;
use crate::collect::{LedgerError, LedgerId};

const MAGIC: &[u8; 16] = b"scrutineer-cut/1";
const CUTS: &str = "cuts.log";

/// The lists of a ledger, open for cuts.
pub(super) struct Lists {
    campaign: Campaign,
    votes: (String, Box<dyn DiskFile>),
    voters: (String, Box<dyn DiskFile>),
    cuts: Frames,
    ends: Ends,
    /// The cuts as a publisher is told of them.
    described: Vec<publish::Cut>,
    /// The short forms; none after one of them could not be written.
    short: Option<Short>,
    stopped: bool,
}

/// What stands in `cuts.log`.
pub(super) struct Found {
    file: Option<Frames>,
    pub(super) records: Vec<CutRecord>,
}

impl Found {
    /// Whether a ledger was begun here.
    pub(super) const fn is_begun(&self) -> bool {
        self.file.is_some()
    }
}

const fn kind(ledger: Digest) -> Kind {
    Kind { magic: MAGIC, ledger }
}

/// Reads which cuts there are.
pub(super) fn read(disk: &Arc<dyn Disk>, ledger: Digest) -> Result<Found, LedgerError> {
    let names = disk.names().map_err(io("list", "the lists"))?;
    let opened = if names.iter().any(|name| name == CUTS) {
        Frames::open(disk, CUTS, kind(ledger), |_| Ok(()))?
    } else {
        None
    };
    let Some((file, content)) = opened else {
        return Ok(Found { file: None, records: Vec::new() });
    };
    let damaged = || LedgerError::Damaged { name: CUTS.into(), offset: 0, what: "a record's form" };
    let mut records = Vec::new();
    for body in &content.bodies {
        records.extend(cuts::records(body).ok_or_else(damaged)?);
    }
    Ok(Found { file: Some(file), records })
}

impl Lists {
    /// The lists, cut off behind the last batch that is complete in both, and what they say. Begins
    /// them where there are none.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        campaign: &Campaign,
        ledger: Digest,
        (found, sync_short_every): (Found, usize),
    ) -> Result<(Self, Seen, Shelf, Check), LedgerError> {
        let names = ["vote", "auth"].map(|list| format!("{}-{list}.log", campaign.name()));
        let Found { file, records } = found;
        let cuts = match file {
            Some(file) => file,
            None => begin(disk, &names, ledger)?,
        };
        let ends = records.last().map_or(Ends::default(), |record| record.ends);
        let described = cuts::described(&records);
        let (votes, voters) = reading::read(disk, campaign, &names, &records)?;
        let seen = Seen::new(voters.mandates, votes.stamps);
        let short = Short::new(disk, (votes.file, voters.file), sync_short_every);
        let (shelf, short) = (votes.shelf, Some(short));
        let check = Check { disk: Arc::clone(disk), names, records };
        let [votes, voters] = &check.names;
        let opened = |name: &String, end| match disk.open(name, end) {
            Ok(file) => Ok((name.clone(), file)),
            Err(error) => Err(io("open", name)(error)),
        };
        let lists = Self {
            campaign: campaign.clone(),
            votes: opened(votes, ends.votes)?,
            voters: opened(voters, ends.voters)?,
            cuts,
            ends,
            described,
            short,
            stopped: false,
        };
        Ok((lists, seen, shelf, check))
    }

    /// The ledger's id: that of `cuts.log`, which is made once.
    pub(super) fn id(&self) -> LedgerId {
        self.cuts.ledger_id()
    }

    /// Appends batches to both lists, durably. After an error nothing more can be appended.
    pub(super) fn cut(&mut self, cuts: &[Cut]) -> Result<(), LedgerError> {
        if self.stopped {
            return Err(LedgerError::Stopped);
        }
        self.stopped = true;
        let mut group = Group { ends: self.ends, ..Group::default() };
        for cut in cuts {
            group.add(&self.campaign, cut);
        }
        for ((name, file), part) in
            [(&mut self.votes, &group.votes), (&mut self.voters, &group.voters)]
        {
            file.append(part).map_err(io("write", name))?;
            file.sync().map_err(io("sync", name))?;
        }
        self.cuts.append(&group.records)?;
        self.ends = group.ends;
        self.described.extend_from_slice(&group.described);
        self.shorten(&group);
        self.stopped = false;
        Ok(())
    }

    /// Nothing is cut any more.
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Records that batches will never be cut, because nobody can open their records.
    pub(super) fn give_up(&mut self, batches: Vec<BatchNumber>) -> Result<(), LedgerError> {
        let Some(record) = CutRecord::given_up(batches, self.ends) else { return Ok(()) };
        let mut body = Vec::new();
        record.write(&mut body);
        self.cuts.append(&body)?;
        self.described.push(record.described(0));
        Ok(())
    }

    /// All cuts, in their order.
    pub(super) fn described(&self) -> &[publish::Cut] {
        &self.described
    }

    /// The file of a list, and where its last cut ends.
    pub(super) fn end_of(&self, list: List) -> (String, u64) {
        match list {
            List::Votes => (self.votes.0.clone(), self.ends.votes),
            List::Voters => (self.voters.0.clone(), self.ends.voters),
        }
    }

    /// Writes the short forms. They can be made anew, so a failure is no reason to stop.
    fn shorten(&mut self, group: &Group) {
        let Some(short) = &mut self.short else { return };
        if let Err(error) = short.append(&group.stamps, &group.mandates) {
            tracing::warn!(%error, "cannot write the short forms; the next start makes them anew");
            self.short = None;
        }
    }
}

/// Makes both lists, empty, and then the record of cuts.
fn begin(disk: &Arc<dyn Disk>, names: &[String; 2], ledger: Digest) -> Result<Frames, LedgerError> {
    let there = disk.names().map_err(io("list", "the lists"))?;
    for name in names {
        if !there.contains(name) {
            disk.create(name).map_err(io("create", name))?;
            continue;
        }
        let mut byte = [0];
        let mut reader = disk.read(name).map_err(io("read", name))?;
        if reader.read(&mut byte).map_err(io("read", name))? > 0 {
            return Err(LedgerError::Missing { name: CUTS.to_owned() });
        }
    }
    disk.sync_names().map_err(io("sync", "the folder of the lists"))?;
    Frames::create(&**disk, CUTS, kind(ledger))
}

/// The bytes of some cuts.
#[derive(Default)]
struct Group {
    ends: Ends,
    votes: Vec<u8>,
    voters: Vec<u8>,
    stamps: Vec<u8>,
    mandates: Vec<u8>,
    records: Vec<u8>,
    described: Vec<publish::Cut>,
}

impl Group {
    fn add(&mut self, campaign: &Campaign, cut: &Cut) {
        let (votes, voters) = (self.votes.len(), self.voters.len());
        let (stamps, mandates) = (self.stamps.len(), self.mandates.len());
        for vote in &cut.votes {
            self.votes.extend_from_slice(vote.line().as_bytes());
            self.stamps.extend_from_slice(&cache::of_vote(campaign, vote));
        }
        for voter in &cut.voters {
            self.voters.extend_from_slice(voter.line().as_bytes());
            self.mandates.extend_from_slice(&cache::of_voter(voter));
        }
        let (votes, voters) = (&self.votes[votes..], &self.voters[voters..]);
        self.ends.votes = self.ends.votes.saturating_add(votes.len() as u64);
        self.ends.voters = self.ends.voters.saturating_add(voters.len() as u64);
        let record = CutRecord {
            is_given_up: false,
            number: cut.number,
            ends: self.ends,
            votes: u32::try_from(cut.votes.len()).unwrap_or(u32::MAX),
            votes_digest: Digest::of(votes),
            voters_digest: Digest::of(voters),
            stamps_crc: crc32c::crc32c(&self.stamps[stamps..]),
            mandates_crc: crc32c::crc32c(&self.mandates[mandates..]),
            covers: cut.covers.clone(),
        };
        record.write(&mut self.records);
        self.described.push(record.described(votes.len() as u64));
    }
}
