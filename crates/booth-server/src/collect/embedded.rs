//! The ledger of an instance that is alone: append-only files of its own machine.
//!
//! ```text
//! state/                         the state folder
//!     spool/<number>.spool       accepted and not cut, sealed                  embedded::spool
//!     solar-vote.log             the list of votes: cut batches, each sorted   embedded::lists
//!     solar-auth.log             the list of voters
//!     cuts.log                   what stands in the lists                      embedded::cuts
//!     stamps.seen, mandates.seen the lists in short, to open fast              embedded::cache
//! /dev/shm/scrutineer-solar-0/   apart from the spool
//!     <batch>.key                the keys of batches that are not cut          embedded::keys
//!     <number>.mark              how many records are durable                  embedded::mark
//! ```
//!
//! In what order things become durable, and what an end in between leaves:
//!
//! ```text
//! accept   key of a new batch, its name        a key that sealed nothing: destroyed at the start
//!          a group of records, one sync        a frame that is not whole: cut off
//!          the mark                            one that says less
//! cut      both lists, then cuts.log           lines behind the last cut: cut off
//!          the keys: overwritten, removed      keys of cut batches: destroyed at the start
//! ```
//!
//! Opening reads cuts.log and the short forms, cuts off of both lists what no cut covers, opens the
//! records of batches that are not cut, and has them in memory as they were. A record
//! whose key is gone cannot be opened by anybody: the start is refused, until the operator says
//! that those votes are lost. Whether the lists are what was cut is compared afterwards.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use booth::batch::{BatchNumber, Batches, Cut, Halves};
use booth::campaign::{Campaign, Shard};
use booth::collect::{Register as _, Standing};
use booth::publish::List;
use canon::Digest;
use service::disk::Disk;

use super::ledger::{Cuts, Ledger, LedgerError, LedgerId, Position, Record, Recovered};
use super::seen::Seen;

mod cache;
mod cuts;
mod frames;
mod keys;
mod lists;
mod mark;
mod reading;
mod seal;
mod spool;

pub(super) use frames::io;
use keys::Keys;
use lists::Lists;
use mark::Mark;
use reading::Check;
use seal::{Seal, Sealed};
use spool::Spool;

/// Where the files of a ledger lie.
#[derive(Clone)]
pub struct Disks {
    /// The lists, and what is beside them.
    pub lists: Arc<dyn Disk>,
    /// The spool.
    pub spool: Arc<dyn Disk>,
    /// The batch keys: another file system than the spool's.
    pub keys: Arc<dyn Disk>,
}

/// How a ledger is opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Bytes after which a new segment of the spool is begun.
    pub segment_bytes: u64,
    /// Whether votes whose keys are gone are given up.
    pub pending_votes_are_lost: bool,
    /// Votes after which the short forms of the lists are synced. So many at the most have to be
    /// read from the lists after a power cut.
    pub sync_short_every: usize,
}

impl Default for Opening {
    /// Segments of 16 MiB, and nothing is given up. A fiftieth of three million votes is read in a
    /// fiftieth of the time, and two syncs for so many cost nothing beside three a cut.
    fn default() -> Self {
        let sync_short_every = 50_000;
        Self { segment_bytes: 16 << 20, pending_votes_are_lost: false, sync_short_every }
    }
}

/// The ledger of an instance that is alone.
pub struct Embedded {
    keys: Keys,
    spool: Mutex<Spool>,
    spool_disk: Arc<dyn Disk>,
    mark: Mutex<Mark>,
    lists: Mutex<Lists>,
    lists_disk: Arc<dyn Disk>,
    /// What is still to be compared, until somebody does.
    check: Mutex<Option<Check>>,
    /// What was found amiss meanwhile, for whoever writes next.
    amiss: Mutex<Option<LedgerError>>,
    id: LedgerId,
}

/// Records that were opened, with the numbers of their batches.
type Opened = Vec<(BatchNumber, Halves)>;

impl Embedded {
    /// Opens the ledger of a shard, or begins it where there is none.
    pub fn open(
        disks: Disks,
        campaign: &Campaign,
        shard: Shard,
        opening: Opening,
    ) -> Result<(Self, Recovered), LedgerError> {
        let ledger = id(campaign, shard);
        let found = lists::read(&disks.lists, ledger)?;
        let covered = found.records.iter().flat_map(|record| &record.covers).copied();
        let cut: HashSet<BatchNumber> = covered.collect();
        let mut mark = Mark::open(Arc::clone(&disks.keys), ledger)?;
        let known = if opening.pending_votes_are_lost { 0 } else { mark.known() };
        let spooled = spool::read(&disks.spool, ledger, known, |batch| cut.contains(&batch))?;
        if found.is_begun() && spooled.is_none() {
            return Err(LedgerError::Missing { name: "the spool".to_owned() });
        }
        if !found.is_begun() && !spooled.records.is_empty() {
            return Err(LedgerError::Missing { name: "cuts.log".to_owned() });
        }
        let gone = mark.known().saturating_sub(spooled.next());
        if gone > 0 && !opening.pending_votes_are_lost {
            return Err(LedgerError::Rotten { there: spooled.next(), known });
        }
        let keys = Keys::open(disks.keys)?;
        let seal = Seal::new(ledger, campaign);
        let (opened, lost) = open_records(&keys, &seal, &spooled.records)?;
        let votes = lost.values().sum::<u64>() + gone;
        let given_up: Vec<BatchNumber> = lost.into_keys().collect();
        if !given_up.is_empty() && !opening.pending_votes_are_lost {
            return Err(LedgerError::KeysMissing { votes, batches: given_up });
        }
        let used = cut.iter().chain(&given_up).max().map_or(0, |last| last.saturating_add(1));
        // The spool is begun before the lists: where there are lists there has to be a spool.
        let bytes = opening.segment_bytes;
        let mut spool = Spool::begin(Arc::clone(&disks.spool), ledger, seal, bytes, spooled)?;
        let (mut lists, mut seen, shelf, check) =
            Lists::open(&disks.lists, campaign, ledger, (found, opening.sync_short_every))?;
        lists.give_up(given_up.clone())?;
        spool::remove(&*disks.spool, &spool.forget(&given_up))?;
        keys.keep_only(&opened.iter().map(|(batch, _)| *batch).collect::<BTreeSet<_>>())?;
        record(&mut seen, &opened)?;
        let (batches, due) = Batches::restore(campaign.k(), used, opened)?;
        let position = spool.next();
        mark.begin(position)?;
        let recovered = Recovered { seen, batches, due, shelf, position, lost: votes };
        let id = lists.id();
        let opened = Self {
            keys,
            spool: Mutex::new(spool),
            spool_disk: disks.spool,
            mark: Mutex::new(mark),
            lists: Mutex::new(lists),
            lists_disk: disks.lists,
            id,
            check: Mutex::new(Some(check)),
            amiss: Mutex::default(),
        };
        Ok((opened, recovered))
    }

    /// Compares the lists as they were at the start with what was cut, and tells what is amiss. It
    /// reads all of them, while votes are taken; after damage nothing is written any more.
    pub fn check_lists(&self) -> Result<(), String> {
        let Some(check) = held(&self.check).take() else { return Ok(()) };
        let Err(error) = check.run() else { return Ok(()) };
        let what = error.to_string();
        *held(&self.amiss) = Some(error);
        self.spool().stop();
        self.lists().stop();
        Err(what)
    }

    /// Sees to it that the keys of what is pending are where the next start looks for them. A
    /// failure is told and left at that: this process has the keys, and votes go on.
    pub fn keep_keys(&self) {
        let kept = self.keys.keep().and_then(|()| held(&self.mark).keep());
        if let Err(error) = kept {
            tracing::error!(%error, "an end now would lose the pending votes");
        }
    }

    /// What was found amiss, told once.
    fn judge(&self) -> Result<(), LedgerError> {
        held(&self.amiss).take().map_or(Ok(()), Err)
    }

    fn spool(&self) -> MutexGuard<'_, Spool> {
        held(&self.spool)
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        held(&self.lists)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The id of a shard's ledger, which its files carry: a digest of the shard and of all rules that
/// are fixed for the campaign. With another number of shards, say, mandates that have voted in one
/// would belong to another. Only the end may move.
fn id(campaign: &Campaign, shard: Shard) -> Digest {
    let mut text = format!(
        "scrutineer/ledger/v1\n{}\n{} of {}\n{}\n{}\n{}\n{}\n",
        campaign.name(),
        shard,
        campaign.shards(),
        campaign.purpose(),
        campaign.start(),
        campaign.stamp_period_s(),
        campaign.k(),
    );
    for key in campaign.authorities().keys() {
        text.push_str(&key.to_base64());
        text.push('\n');
    }
    for option in campaign.options() {
        text.push_str(option);
        text.push('\n');
    }
    Digest::of(text.as_bytes())
}

/// Opens all records; the batches whose keys are gone, with the number of their votes.
fn open_records(
    keys: &Keys,
    seal: &Seal,
    records: &[Sealed],
) -> Result<(Opened, BTreeMap<BatchNumber, u64>), LedgerError> {
    let (mut opened, mut lost) = (Vec::with_capacity(records.len()), BTreeMap::new());
    for record in records {
        match keys.with(record.batch, |key| seal.open(key, record)) {
            None => *lost.entry(record.batch).or_default() += 1,
            Some(Some(halves)) => opened.push((record.batch, halves)),
            Some(None) => {
                let (name, offset) = ("the spool".to_owned(), record.number);
                let what = "a record does not open under its batch's key";
                return Err(LedgerError::Damaged { name, offset, what });
            }
        }
    }
    Ok((opened, lost))
}

/// Records in memory what was opened. Nobody is in it twice, and nobody who is in the list.
fn record(seen: &mut Seen, opened: &Opened) -> Result<(), LedgerError> {
    for (batch, halves) in opened {
        let Halves { vote, voter } = halves;
        let is_new = seen.standing(&vote.vote().stamp, vote.digest()) == Standing::New;
        if !is_new || seen.has_voted(voter.id()) {
            let (name, what) = ("the spool".to_owned(), "a mandate or stamp is recorded twice");
            return Err(LedgerError::Damaged { name, offset: 0, what });
        }
        seen.record(halves, *batch);
    }
    Ok(())
}

impl Ledger for Embedded {
    fn id(&self) -> LedgerId {
        self.id
    }

    fn append(&self, after: Position, records: &[Record]) -> Result<Position, LedgerError> {
        self.judge()?;
        self.keys.make(records.iter().map(|record| record.batch))?;
        let position = self.spool().append(&self.keys, after, records)?;
        held(&self.mark).set(position).inspect_err(|_| self.spool().stop())?;
        Ok(position)
    }

    fn cut(&self, cuts: &[Cut]) -> Result<(), LedgerError> {
        self.judge()?;
        self.keep_keys();
        self.lists().cut(cuts)?;
        let covers: Vec<BatchNumber> = cuts.iter().flat_map(|cut| cut.covers.clone()).collect();
        self.keys.destroy(covers.iter().copied())?;
        let gone = self.spool().forget(&covers);
        spool::remove(&*self.spool_disk, &gone).inspect_err(|_| self.spool().stop())
    }

    fn cuts(&self, from: u64, most: usize) -> Result<Cuts, LedgerError> {
        let lists = self.lists();
        let all = lists.described();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(all.len());
        let cuts = all.iter().skip(from).take(most).copied().collect();
        Ok(Cuts { cuts, total: all.len() as u64 })
    }

    fn part(&self, list: List, range: Range<u64>) -> Result<Option<Vec<u8>>, LedgerError> {
        // What is cut stays, so nothing is held while it is read.
        let (name, end) = self.lists().end_of(list);
        let Some(length) = range.end.checked_sub(range.start).filter(|_| range.end <= end) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let reader = self.lists_disk.read_from(&name, range.start).map_err(io("read", &name))?;
        reader.take(length).read_to_end(&mut bytes).map_err(io("read", &name))?;
        Ok((bytes.len() as u64 == length).then_some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Python's hashlib over the lines of docs/spec/booth.md.
    #[test]
    fn a_ledger_is_known_by_the_rules_that_are_fixed() {
        let text = include_str!("../../../../vectors/booth/campaign.toml");
        let campaign = Campaign::check(toml::from_str(text).unwrap()).unwrap();
        let expected = "57f8336bbb58c860603f5d61c4496b5c43be8d188affa2f3906e5d47d3e1ed89";
        assert_eq!(id(&campaign, Shard(0)).to_string(), expected);
    }
}
