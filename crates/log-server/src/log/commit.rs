//! The committer: one thread that gives every entry its place and makes it durable.
//!
//! ```text
//! queue -> place: index, time, leaf -> one write and one sync a batch -> answers
//! ```
//!
//! While one batch is being synced the next one gathers in the queue, and for a moment after, so
//! the number of syncs follows the disk, not the number of submissions.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use artifact::admit::{self, Admitted};
use artifact::leaf::{Leaf, LeafType, entry_of};
use artifact::register::Register;
use artifact::role::EntryType;
use bytes::Bytes;
use canon::{Digest, Timestamp};
use tlog::merkle::leaf_hash;
use tlog::sequence::{self, Input};
use tlog::witness;
use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::entry;
use super::error::LogError;
use super::index::Seen;
use super::state::{Shared, TailLeaf};
use super::storer::{Object, ToStore};
use super::wal::Wal;

/// How long the committer of a busy log lets entries gather after a sync. A sync costs as
/// much of the processor as judging a few artifacts. A log that one alone asks does not wait.
const GATHER: Duration = Duration::from_millis(2);

/// What the committer is asked to do.
pub(crate) enum Job {
    /// To place an artifact.
    Place(Box<Placing>),
    /// To remove segments whose entries a stored head covers.
    Forget(u64),
}

/// An artifact that was judged under a register and is to be placed.
pub(crate) struct Placing {
    /// The number of that register.
    pub(crate) epoch: u64,
    pub(crate) admitted: Admitted,
    pub(crate) statement: Digest,
    pub(crate) artifact: Bytes,
    pub(crate) files: Vec<Object>,
    /// Room for the leaf and for the bytes.
    pub(crate) room: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What became of it. Whatever an answer names is durable.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It stands at this index.
    Placed(Place),
    /// It stood at this index before.
    Same(u64),
    /// What it says stands at this index under other signatures.
    OtherSignatures(u64),
    /// The register has changed: judge it again.
    Stale,
    /// It is refused at the index that it would have had.
    Refused(admit::Refusal),
    /// The clock has stepped, so no time can be given to it.
    Clock(witness::Refusal),
    /// No key at hand is in force for its promise at this index.
    NoPromiseKey(u64),
    /// The log has stopped.
    Stopped,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) index: u64,
    pub(crate) leaf: Bytes,
    pub(crate) leaf_hash: Digest,
    pub(crate) timestamp: Timestamp,
}

/// The committer's own state.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    wal: Wal,
    jobs: Receiver<Job>,
    to_store: UnboundedSender<Vec<ToStore>>,
}

/// Entries placed and answers owed, until the next sync.
#[derive(Default)]
struct Batch {
    first: u64,
    timestamp: Option<Timestamp>,
    bytes: usize,
    placed: Vec<Placed>,
    owed: Vec<(oneshot::Sender<Answer>, Answer)>,
    forget: Option<u64>,
}

struct Placed {
    place: Place,
    placing: Placing,
}

impl Committer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        wal: Wal,
        jobs: Receiver<Job>,
        to_store: UnboundedSender<Vec<ToStore>>,
    ) -> Self {
        Self { shared, wal, jobs, to_store }
    }

    /// Works until nobody can send any more jobs.
    pub(crate) fn run(mut self) {
        let mut gather_until = Instant::now();
        while let Some(job) = self.jobs.blocking_recv() {
            // Nobody unparks it: there is no event to wait for, only more entries.
            thread::park_timeout(gather_until.saturating_duration_since(Instant::now()));
            let mut batch = Batch { first: self.wal.next(), ..Batch::default() };
            self.take(job, &mut batch);
            while batch.bytes < self.shared.settings.batch_bytes
                && batch.placed.len() < self.shared.settings.batch_entries
                && let Ok(job) = self.jobs.try_recv()
            {
                self.take(job, &mut batch);
            }
            let is_lost = self.shared.stopped().is_some();
            let result = if is_lost { Ok(false) } else { self.commit(&mut batch) };
            let is_durable = result.unwrap_or_else(|error| {
                self.shared.stop(&error);
                false
            });
            if batch.placed.len() > 1 {
                gather_until = Instant::now() + GATHER;
            }
            batch.answer(is_durable);
        }
    }

    fn take(&self, job: Job, batch: &mut Batch) {
        match job {
            Job::Forget(size) => batch.forget = batch.forget.max(Some(size)),
            Job::Place(placing) => match self.judge(&placing, batch) {
                Ok(timestamp) => self.place(*placing, timestamp, batch),
                Err(answer) => batch.owed.push((placing.answer, answer)),
            },
        }
    }

    /// The time of the place that an artifact gets, or the answer to one that gets none.
    fn judge(&self, placing: &Placing, batch: &Batch) -> Result<Timestamp, Answer> {
        let (digest, statement) = (&placing.admitted.digest, &placing.statement);
        match self.shared.read_index(|index| index.seen(digest, statement)) {
            Seen::New => {}
            Seen::Same(index) => return Err(Answer::Same(index)),
            Seen::OtherSignatures(index) => return Err(Answer::OtherSignatures(index)),
        }
        let timestamp = if let Some(timestamp) = batch.timestamp {
            timestamp
        } else {
            let now = self.shared.clocks.now().map_err(Answer::Clock)?;
            self.shared.sequencer().stamp(now)
        };
        let epoch = self.shared.epoch();
        match placing.admitted.entry_type {
            // These depend on the very index, so they are judged here and nowhere else.
            EntryType::Amendment | EntryType::Close => {
                let register = epoch.register.clone();
                let index = batch.first + batch.placed.len() as u64;
                // The entry before it may have revoked the key.
                if self.shared.keys.promise_at(&register, index).is_none() {
                    return Err(Answer::NoPromiseKey(index));
                }
                self.enact(&placing.artifact, register, index).map_err(Answer::Refused)?;
            }
            _ if placing.epoch != epoch.number => return Err(Answer::Stale),
            _ => {}
        }
        Ok(timestamp)
    }

    fn enact(
        &self,
        artifact: &[u8],
        mut register: Register,
        index: u64,
    ) -> Result<(), admit::Refusal> {
        admit::enact(artifact, &mut register, index)?;
        self.shared.next_epoch(register);
        Ok(())
    }

    fn place(&self, placing: Placing, timestamp: Timestamp, batch: &mut Batch) {
        batch.timestamp = Some(timestamp);
        let index = batch.first + batch.placed.len() as u64;
        let epoch = self.shared.epoch();
        let leaf = Leaf {
            artifact_sha256: placing.admitted.digest,
            artifact_size: placing.admitted.size,
            election_id: epoch.register.election_id().clone(),
            entry_type: placing.admitted.entry_type,
            originator: placing.admitted.originator.clone(),
            timestamp,
            r#type: LeafType::V1,
        };
        let leaf = Bytes::from(leaf.to_bytes());
        let leaf_hash = leaf_hash(&entry_of(&leaf));
        let (digest, statement) = (placing.admitted.digest, placing.statement);
        self.shared.write_index(|map| map.insert(index, digest, statement, leaf_hash));
        let files = placing.files.iter().map(|file| file.bytes.len()).sum::<usize>();
        batch.bytes += leaf.len() + placing.artifact.len() + files;
        let place = Place { index, leaf, leaf_hash, timestamp };
        batch.placed.push(Placed { place, placing });
    }

    /// Makes the batch durable.
    fn commit(&mut self, batch: &mut Batch) -> Result<bool, LogError> {
        if let Some(timestamp) = batch.timestamp {
            let leaves = batch.placed.iter().map(|placed| placed.place.leaf_hash).collect();
            self.step(Input::Accept { timestamp, leaves }, timestamp)?;
            let count = u32::try_from(batch.placed.len()).unwrap_or(u32::MAX);
            let timer = self.shared.figures.sync_seconds.start_timer();
            let size = self.wal.append(count, |out| write_entries(&batch.placed, out))?;
            timer.observe_duration();
            // First the leaves, then the size: the publisher looks for what the size covers.
            self.hand_on(batch);
            self.step(Input::Durable { size }, timestamp)?;
            self.shared.set_durable(size);
            self.shared.figures.batches.inc();
            self.shared.figures.entries.inc_by(u64::from(count));
        }
        if let Some(size) = batch.forget {
            self.wal.forget(size)?;
        }
        Ok(true)
    }

    fn step(&self, input: Input, now: Timestamp) -> Result<(), sequence::Stop> {
        self.shared.sequencer().step(input, now).map(|_| ())
    }

    /// Gives leaves to the publisher and bytes to the store.
    fn hand_on(&self, batch: &mut Batch) {
        let epoch = self.shared.epoch();
        let rules = &epoch.register.charter().publication;
        let mut to_store = Vec::with_capacity(batch.placed.len());
        let mut tail = self.shared.tail();
        for Placed { place, placing } in &mut batch.placed {
            let (leaf_room, room) = placing.room.take().unzip();
            tail.leaves.push_back(TailLeaf {
                leaf: place.leaf.clone(),
                leaf_hash: place.leaf_hash,
                artifact: placing.admitted.digest,
                statement: placing.statement,
                room: leaf_room,
            });
            let mut objects = std::mem::take(&mut placing.files);
            objects.push(Object {
                digest: placing.admitted.digest,
                bytes: std::mem::take(&mut placing.artifact),
                is_withheld: rules.withhold(placing.admitted.entry_type),
            });
            to_store.push(ToStore { index: place.index, objects, room });
        }
        drop(tail);
        // Without a receiver the log is being closed; the next start stores what is missing.
        let _ = self.to_store.send(to_store);
    }
}

impl Batch {
    /// Tells everybody what became of their artifact.
    fn answer(self, is_durable: bool) {
        let placed = self
            .placed
            .into_iter()
            .map(|placed| (placed.placing.answer, Answer::Placed(placed.place)));
        for (answer, text) in self.owed.into_iter().chain(placed) {
            // Who has gone away learns it by asking again: submissions are idempotent.
            let _ = answer.send(if is_durable { text } else { Answer::Stopped });
        }
    }
}

fn write_entries(placed: &[Placed], out: &mut Vec<u8>) {
    for Placed { place, placing } in placed {
        let files: Vec<Bytes> = placing.files.iter().map(|file| file.bytes.clone()).collect();
        entry::encode(&place.leaf, &placing.artifact, &files, out);
    }
}
