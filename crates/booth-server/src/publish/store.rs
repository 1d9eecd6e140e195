//! The lists of the world on a disk.
//!
//! ```text
//! state/
//!     solar-vote.log, solar-auth.log          the lists
//!     solar-vote.log.gz, solar-auth.log.gz    their parts compressed, without head and tail
//!     snapshots.log                           one record a snapshot: what of them was published
//! ```
//!
//! The four files are appended to and synced, and then the record. What stands behind the last
//! record is of a snapshot that nobody was shown: it is cut off at the start, when everything
//! before it was read and compared with its digest.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use booth::campaign::Campaign;
use booth::publish::{Added, List, SnapshotSalt};
use canon::{Digest, Hasher, Timestamp};
use service::disk::{Disk, DiskFile};
use service::http::gzip;

use super::grown::{Grown, GrownList};
use super::lines;
use super::record::{self, Boots, FileState, LeftOut, Record, Taken};

const LOG: &str = "snapshots.log";

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// Why lists cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error("cannot {action} {name}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is not what was published.
    #[error("{name} is damaged: {what}")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// A file that has to be there is not.
    #[error("{name} is not there, and the files beside it say that it was")]
    Missing {
        /// The file.
        name: String,
    },
    /// The lists are of another campaign.
    #[error("the lists belong to another campaign, or to one with other rules")]
    OtherCampaign,
    /// An earlier write failed.
    #[error("an earlier write failed")]
    Stopped,
}

pub(super) fn failed(action: &'static str, name: &str) -> impl FnOnce(io::Error) -> StoreError {
    let name = name.to_owned();
    move |source| StoreError::Io { action, name, source }
}

/// The names of the four files of a campaign.
pub(super) fn names(campaign: &str) -> [String; 4] {
    let [votes, voters] = List::BOTH.map(|list| list.file_name(campaign));
    [votes.clone(), voters.clone(), format!("{votes}.gz"), format!("{voters}.gz")]
}

/// The lists, open for snapshots.
pub struct Store {
    campaign: Digest,
    lists: [GrownList; 2],
    log: Box<dyn DiskFile>,
    records: Vec<Record>,
    stopped: bool,
}

/// What a snapshot adds.
pub(super) struct Addition<'a> {
    pub(super) added: Added<'a>,
    /// What hides the digests; none where they are told.
    pub(super) salt: Option<SnapshotSalt>,
    pub(super) stamps: Boots,
    pub(super) shards: Vec<Taken>,
    pub(super) taken_at: Timestamp,
    pub(super) is_last: bool,
    /// The shards that it is without.
    pub(super) without: Vec<LeftOut>,
}

impl Store {
    /// Opens the lists of a campaign, cut off behind the last snapshot, or begins them.
    pub fn open(disk: &Arc<dyn Disk>, campaign: &Campaign) -> Result<Self, StoreError> {
        let names = names(campaign.name());
        let there = disk.names().map_err(failed("list", "the lists"))?;
        let is_begun = there.iter().any(|name| name == LOG);
        let (records, end) = if is_begun { read_log(&**disk)? } else { (Vec::new(), 0) };
        let rules = record::rules(campaign);
        if records.last().is_some_and(|last| last.campaign != rules) {
            return Err(StoreError::OtherCampaign);
        }
        if !is_begun {
            begin(&**disk, &names, &there)?;
        }
        let nothing = FileState { bytes: 0, digest: Digest::of(b"") };
        let states = records.last().map_or([nothing; 4], |last| last.files);
        // Everything is compared before anything is cut off.
        let (sums, read) = compare_all(&**disk, &names, &states)?;
        let mut files = Vec::new();
        for ((name, state), hasher) in names.into_iter().zip(&states).zip(read) {
            let file = disk.open(&name, state.bytes).map_err(failed("open", &name))?;
            files.push(Grown { name, file, bytes: state.bytes, hasher });
        }
        let mut log = disk.open(LOG, end).map_err(failed("open", LOG))?;
        // A record that was read is one that stays, and so does the name of its file.
        disk.sync_names().map_err(failed("sync", "the folder of the lists"))?;
        log.sync().map_err(failed("sync", LOG))?;
        let files = <[Grown; 4]>::try_from(files).map_err(|_| StoreError::Stopped)?;
        let [votes, voters, packed_votes, packed_voters] = files;
        let [vote_sum, voter_sum] = sums;
        let votes = GrownList { plain: votes, packed: packed_votes, sum: vote_sum };
        let voters = GrownList { plain: voters, packed: packed_voters, sum: voter_sum };
        Ok(Self { campaign: rules, lists: [votes, voters], log, records, stopped: false })
    }

    /// All snapshots, in their order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The tails of both lists as gzip bodies.
    pub(super) fn tails(&self) -> [[u8; 10]; 2] {
        self.lists.each_ref().map(|list| list.sum.tail())
    }

    /// Adds a snapshot, durably. After an error nothing more is added; opening again tells whether
    /// it was.
    pub(super) fn add(&mut self, addition: Addition<'_>) -> Result<&Record, StoreError> {
        if self.stopped {
            return Err(StoreError::Stopped);
        }
        self.stopped = true;
        let Addition { added, salt, stamps, shards, taken_at, is_last, without } = addition;
        let last = self.records.last();
        let number = last.map_or(0, |last| last.number.saturating_add(1));
        let records = last.map_or(0, |last| last.records).saturating_add(added.records);
        let doubled = last.map_or(0, |last| last.doubled).saturating_add(added.doubled);
        let taken_at = last.map_or(taken_at, |last| last.taken_at.max(taken_at));
        let counts = match last {
            None => added.counts,
            Some(last) => {
                let both = last.counts.iter().zip(&added.counts);
                both.map(|(one, other)| one.saturating_add(*other)).collect()
            }
        };
        let [votes, voters] = &mut self.lists;
        let [[votes, packed_votes], [voters, packed_voters]] = thread::scope(|scope| {
            let votes = scope.spawn(|| votes.add(&added.votes));
            let voters = voters.add(&added.voters);
            Ok::<_, StoreError>([votes.join().map_err(|_| StoreError::Stopped)??, voters?])
        })?;
        let files = [votes, voters, packed_votes, packed_voters];
        let campaign = self.campaign;
        let both = [(List::Votes, votes.digest), (List::Voters, voters.digest)];
        let commit =
            |salt: &SnapshotSalt| both.map(|(list, digest)| salt.commit(number, list, &digest));
        let commitments = salt.as_ref().map(commit);
        let record = Record {
            campaign,
            commitments,
            counts,
            doubled,
            files,
            is_last,
            number,
            records,
            shards,
            stamps,
            taken_at,
            without,
        };
        let line = lines::line(&record).ok_or(StoreError::Stopped)?;
        self.log.append(&line).map_err(failed("write", LOG))?;
        self.log.sync().map_err(failed("sync", LOG))?;
        self.stopped = false;
        self.records.push(record);
        self.records.last().ok_or(StoreError::Stopped)
    }
}

/// All snapshots, as a program beside the publisher sees them: what stands behind the last whole
/// record is perhaps being written.
pub(super) fn records(disk: &dyn Disk) -> Result<Vec<Record>, StoreError> {
    let there = disk.names().map_err(failed("list", "the lists"))?;
    let is_begun = there.iter().any(|name| name == LOG);
    Ok(if is_begun { read_log(disk)?.0 } else { Vec::new() })
}

fn read_log(disk: &dyn Disk) -> Result<(Vec<Record>, u64), StoreError> {
    let mut bytes = Vec::new();
    let mut reader = disk.read(LOG).map_err(failed("read", LOG))?;
    reader.read_to_end(&mut bytes).map_err(failed("read", LOG))?;
    let what = "a record is not whole, or does not follow the one before it";
    record::read(&bytes).map_err(|_| StoreError::Damaged { name: LOG.to_owned(), what })
}

/// Makes the lists, empty, and then the record of snapshots.
fn begin(disk: &dyn Disk, names: &[String; 4], there: &[String]) -> Result<(), StoreError> {
    for name in names {
        if !there.contains(name) {
            disk.create(name).map_err(failed("create", name))?;
        } else if disk.length(name).map_err(failed("read", name))? > 0 {
            return Err(StoreError::Missing { name: LOG.to_owned() });
        }
    }
    let sync = |()| disk.sync_names().map_err(failed("sync", "the folder of the lists"));
    sync(())?;
    disk.create(LOG).map_err(failed("create", LOG))?;
    sync(())
}

/// How much is read of what a start reads.
struct Progress {
    total: u64,
    read: AtomicU64,
}

/// Bytes below which nothing is told: they take less than a second or two.
const QUICK: u64 = 256 << 20;

impl Progress {
    const fn of(total: u64) -> Self {
        Self { total, read: AtomicU64::new(0) }
    }

    /// Adds what was read; the tens of percent, whenever they are more than before.
    fn add(&self, bytes: u64) -> Option<u64> {
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        let tens = |read: u64| read.saturating_mul(10).checked_div(self.total).unwrap_or(10);
        let (before, now) = (tens(before), tens(before.saturating_add(bytes)));
        (self.total >= QUICK && now > before).then(|| now.saturating_mul(10))
    }
}

/// Reads the four files at the same time, and compares them; what the tails say of the lists, and
/// the digests.
fn compare_all(
    disk: &dyn Disk,
    names: &[String; 4],
    states: &[FileState; 4],
) -> Result<([gzip::Sum; 2], Vec<Hasher>), StoreError> {
    let mut sums = [gzip::Sum::default(), gzip::Sum::default()];
    let [votes, voters] = &mut sums;
    let of_files = [Some(votes), Some(voters), None, None];
    let progress = Progress::of(states.iter().map(|state| state.bytes).sum());
    let progress = &progress;
    let read = thread::scope(|scope| {
        let files = names.iter().zip(states).zip(of_files);
        let all: Vec<_> = files
            .map(|((name, state), sum)| {
                scope.spawn(move || compare(disk, (name, state), sum, progress))
            })
            .collect();
        let read = all.into_iter().map(|one| one.join().map_err(|_| StoreError::Stopped)?);
        read.collect::<Result<Vec<_>, _>>()
    })?;
    Ok((sums, read))
}

/// Reads a file as far as it was published, and compares.
fn compare(
    disk: &dyn Disk,
    (name, state): (&str, &FileState),
    mut sum: Option<&mut gzip::Sum>,
    progress: &Progress,
) -> Result<Hasher, StoreError> {
    let damaged = |what| StoreError::Damaged { name: name.to_owned(), what };
    let names = disk.names().map_err(failed("list", "the lists"))?;
    if !names.iter().any(|there| there == name) {
        return Err(StoreError::Missing { name: name.to_owned() });
    }
    let mut reader = disk.read(name).map_err(failed("read", name))?.take(state.bytes);
    let (mut hasher, mut piece, mut bytes) = (Hasher::new(), vec![0; PIECE], 0_u64);
    loop {
        let count = reader.read(&mut piece).map_err(failed("read", name))?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        hasher.update(read);
        if let Some(sum) = &mut sum {
            sum.update(read);
        }
        bytes = bytes.saturating_add(count as u64);
        if let Some(percent) = progress.add(count as u64) {
            let of_mib = progress.total >> 20;
            tracing::info!(percent, of_mib, "reading what was published");
        }
    }
    if bytes < state.bytes {
        return Err(damaged("it is shorter than was published"));
    }
    if hasher.clone().finish() != state.digest {
        return Err(damaged("these are not the bytes that were published"));
    }
    Ok(hasher)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gigabytes are told of ten times, whatever the pieces; a little is not.
    #[test]
    fn a_long_start_tells_how_far_it_is() {
        for piece in [1 << 20, 7 << 20, 64 << 20] {
            let progress = Progress::of(3 << 30);
            let pieces = (3_u64 << 30).div_ceil(piece);
            let told: Vec<u64> = (0..pieces).filter_map(|_| progress.add(piece)).collect();
            assert_eq!(told, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], "{piece}");
        }
        let little = Progress::of(1 << 20);
        assert_eq!(little.add(1 << 20), None);
        assert_eq!(Progress::of(0).add(0), None);
    }
}
