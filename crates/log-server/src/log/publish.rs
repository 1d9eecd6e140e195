//! The publisher: stores what a head covers, signs the head, and asks the witnesses.
//!
//! ```text
//! every interval, or when asked
//!   artifacts stored?  leaves, entries, tiles stored      store
//!   one barrier                                           everything is durable
//!   proof from the stored tiles; the stored head is ours  sequencer: sign, or stop for good
//!   sign                                                  checkpoint.pending
//!   ask the witnesses                                     threshold met?
//!   checkpoints/<size>, checkpoints/sizes, checkpoint     published
//! ```
//!
//! Accepting entries never waits for any of this, except that entries which wait for a head take
//! room, and room is bounded.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canon::{Digest, Timestamp};
use service::store::{NewObject, StoreError};
use tlog::merkle::Head;
use tlog::note::MAX_NOTE_BYTES;
use tlog::sequence::{Input, Output};
use tlog::tile::{Edge, EntriesPath, LeafPath, Place, encode_entries, places_for_growth};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::commit::Job;
use super::cosign::SignedHead;
use super::error::LogError;
use super::prove;
use super::state::{Published, Shared, Tail, gauge};
use super::statements::Statements;
use super::storer::Progress;
use super::witnesses::Witnesses;
use sizes::Sizes;

pub(crate) mod sizes;
pub(crate) mod witness;

/// What a publication came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The head that was signed.
    pub head: Head,
    /// Whether it met its threshold and stands at `checkpoint`; otherwise it stands at
    /// `checkpoint.pending`.
    pub is_witnessed: bool,
}

/// A request to publish now.
pub(crate) type Wish = oneshot::Sender<Result<Publication, LogError>>;

/// How long a head that could not be stored is not tried again because room runs short.
const REST: Duration = Duration::from_secs(1);

pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const PENDING: &str = "checkpoint.pending";

/// The publisher's own state.
pub(crate) struct Publisher {
    pub(crate) shared: Arc<Shared>,
    pub(crate) witnesses: Witnesses,
    pub(crate) sizes: Sizes,
    /// The right edge of the tree that is stored.
    pub(crate) edge: Edge,
    /// Sizes beyond it through which the log grows once more.
    pub(crate) left_over: BTreeSet<u64>,
    /// The heads of which one must stand at `checkpoint.pending`: more than one after a write
    /// that failed.
    pub(crate) pending: Vec<Option<Head>>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) statements: Statements,
    pub(crate) jobs: mpsc::Sender<Job>,
}

impl Publisher {
    /// Publishes every interval and on every wish until nobody can wish any more, and once then.
    pub(crate) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        let interval = self.shared.settings.head_interval;
        let mut ticks = tokio::time::interval_at(Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut rest_until = Instant::now();
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let _ = self.publish().await;
                }
                // Entries that wait for a head take room: when it runs short, the head comes early.
                () = self.shared.pressure.notified() => {
                    // Every refused submission tells of it, also while nothing can be stored.
                    let is_due = Instant::now() >= rest_until;
                    if is_due && self.shared.durable() > self.edge.size() {
                        if self.publish().await.is_err() {
                            rest_until = Instant::now() + REST;
                        }
                        ticks.reset();
                    }
                }
                wish = wishes.recv() => match wish {
                    Some(wish) => {
                        let _ = wish.send(self.publish().await);
                        ticks.reset();
                    }
                    None => break,
                },
            }
        }
        // Also what is signed and short of its witnesses: they may be back.
        let published = self.shared.published().map_or(0, |published| published.head.size);
        if self.shared.durable() > published {
            let _ = self.publish().await;
        }
    }

    /// Publishes once. A fault of the store is tried again at the next time; anything that could
    /// end in a fork stops the log.
    pub(crate) async fn publish(&mut self) -> Result<Publication, LogError> {
        if let Some(reason) = self.shared.stopped() {
            return Err(LogError::Stopped(reason.to_owned()));
        }
        let result = self.try_publish().await;
        if let Err(error) = &result {
            self.shared.figures.failures.inc();
            match error {
                LogError::Store(StoreError::Object { .. } | StoreError::TooLarge { .. })
                | LogError::Clock(_) => {
                    tracing::warn!(%error, "no head this time; it will be tried again");
                }
                _ => self.shared.stop(error),
            }
        }
        result
    }

    async fn try_publish(&mut self) -> Result<Publication, LogError> {
        let signed = self.store_and_sign().await?;
        let published = self.ask_witnesses(&signed).await?;
        let is_witnessed = published.is_some();
        if let Some(published) = published {
            self.serve(published).await?;
        }
        Ok(Publication { head: signed.head, is_witnessed })
    }

    /// Stores the growth and signs a head over it, which then stands at `checkpoint.pending`.
    async fn store_and_sign(&mut self) -> Result<SignedHead, LogError> {
        let timer = self.shared.figures.store_seconds.start_timer();
        let Output::Store { old, new, signed } = self.step(Input::Publish, self.now()?)? else {
            unreachable!("publishing asks for a growth")
        };
        tokio::select! {
            biased;
            // Nobody stores any more; nobody is left to tell that everything is stored.
            reason = self.shared.until_stopped() => return Err(LogError::Stopped(reason)),
            reached = self.progress.reach(new, &self.shared.stores) => reached?,
        }
        let edge = self.store_growth(old, new).await?;
        self.shared.stores.withheld.barrier().await?;
        self.shared.stores.public.barrier().await?;
        timer.observe_duration();
        self.check_pending().await?;
        let proof = match prove::consistency(&self.shared.stores.public, signed, new).await {
            Ok(proof) => proof,
            Err(prove::ProveError::Store(error)) => return Err(error.into()),
            Err(error) => {
                return Err(LogError::Damaged { what: error.to_string() });
            }
        };
        // Read at the very last, for this is the time that is signed.
        let output = self.step(Input::Stored { size: new, proof }, self.now()?)?;
        let Output::Sign { head, timestamp } = output else {
            unreachable!("a stored growth is signed")
        };
        self.edge = edge;
        self.left_over.retain(|size| *size > head.size);
        let damaged = |error: &dyn std::fmt::Display| LogError::Damaged { what: error.to_string() };
        let checkpoint =
            self.shared.keys.sign(&head, timestamp).map_err(|error| damaged(&error))?;
        self.pending.push(Some(head));
        self.shared.stores.public.put_mutable(PENDING, checkpoint.clone().into()).await?;
        self.pending = vec![Some(head)];
        self.step(Input::Signed { head }, timestamp)?;
        self.shared.figures.signed_size.set(gauge(head.size));
        self.release(head.size).await;
        Ok(SignedHead { head, checkpoint })
    }

    /// The time, if it may be signed.
    fn now(&self) -> Result<Timestamp, LogError> {
        Ok(self.shared.clocks.now()?)
    }

    fn step(&self, input: Input, now: Timestamp) -> Result<Output, LogError> {
        Ok(self.shared.sequencer().step(input, now)?)
    }

    /// Stores leaves, entries and tiles of the growth; gives the edge of the grown tree.
    async fn store_growth(&self, old: u64, new: u64) -> Result<Edge, LogError> {
        let mut edge = self.edge.clone();
        let mut objects = Vec::new();
        {
            let tail = self.shared.tail();
            let through = self.left_over.iter().filter(|size| (old..new).contains(size));
            let mut from = old;
            for to in through.copied().chain([new]) {
                objects.extend(self.growth(&tail, &mut edge, from, to)?);
                from = to;
            }
        }
        let count = objects.len();
        for put in self.shared.stores.public.put_all_new(objects).await {
            put?;
        }
        tracing::debug!(old, new, objects = count, "stored a growth");
        Ok(edge)
    }

    /// What a growth adds, after which the edge is that of the grown tree.
    fn growth(
        &self,
        tail: &Tail,
        edge: &mut Edge,
        old: u64,
        new: u64,
    ) -> Result<Vec<NewObject>, LogError> {
        let damaged = |error: &dyn std::fmt::Display| LogError::Damaged { what: error.to_string() };
        let unsettled = &self.progress.unsettled;
        let mut objects = Vec::new();
        for place in places_for_growth(old, new) {
            let (path, leaves) = (LeafPath(place).to_string(), leaves_at(tail, place));
            objects.push(unsettled.object(path, leaves, place.end()));
            let entries = tail
                .range(place.first(), place.end())
                .map(|leaf| artifact::leaf::entry_of(&leaf.leaf));
            let entries = encode_entries(entries).map_err(|error| damaged(&error))?;
            let path = EntriesPath(place).to_string();
            objects.push(unsettled.object(path, entries.into(), place.end()));
        }
        let hashes: Vec<Digest> = tail.range(old, new).map(|leaf| leaf.leaf_hash).collect();
        let tiles = edge.grow(&hashes).map_err(|error| damaged(&error))?;
        objects.extend(tiles.iter().map(|tile| unsettled.tile(tile)));
        Ok(objects)
    }

    /// Refuses to sign when the stored head is not the one that this process stored last: then
    /// somebody else writes here.
    async fn check_pending(&self) -> Result<(), LogError> {
        let bytes = self.shared.stores.public.get(PENDING, MAX_NOTE_BYTES as u64).await?;
        let found = bytes.map(|bytes| self.shared.keys.read_own(&bytes)).transpose();
        let found = found.map_err(|error| LogError::Damaged {
            what: format!("{PENDING} is not a checkpoint of this log: {error}"),
        })?;
        let head = found.map(|(head, _)| head);
        if self.pending.contains(&head) {
            return Ok(());
        }
        Err(LogError::OtherWriter { found: head.map_or(0, |head| head.size) })
    }

    /// Gives back what the stored head made superfluous.
    async fn release(&mut self, size: u64) {
        {
            let mut tail = self.shared.tail();
            let first = tail.first;
            let entries = (first..size).zip(&tail.leaves);
            self.statements
                .append(entries.map(|(index, leaf)| (index, &leaf.artifact, &leaf.statement)));
            tail.trim(size);
        }
        // A committer that has ended needs no telling.
        let _ = self.jobs.send(Job::Forget(size)).await;
    }

    /// Puts a head that met its threshold where clients look.
    async fn serve(&mut self, published: Published) -> Result<(), LogError> {
        let store = &self.shared.stores.public;
        let head = published.head;
        let path = format!("{CHECKPOINT}s/{}", head.size);
        match store.put_immutable_durably(&path, published.checkpoint.clone()).await {
            Ok(_) => {}
            // A head that is signed anew without growth keeps the first record of its size.
            Err(StoreError::Different { .. }) => {
                let first = store.get(&path, MAX_NOTE_BYTES as u64).await?.unwrap_or_default();
                match self.shared.keys.read_own(&first) {
                    Ok((found, _)) if found == head => {}
                    _ => {
                        return Err(LogError::Damaged { what: format!("{path} is another head") });
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        self.sizes.add(store, head.size).await?;
        store.put_mutable(CHECKPOINT, published.checkpoint.clone()).await?;
        tracing::info!(size = head.size, root = %head.root, "published a head");
        self.shared.set_published(published);
        Ok(())
    }
}

/// The canonical leaves of a bundle, one a line.
fn leaves_at(tail: &Tail, place: Place) -> Bytes {
    let mut bytes = Vec::new();
    for leaf in tail.range(place.first(), place.end()) {
        bytes.extend_from_slice(&leaf.leaf);
        bytes.push(b'\n');
    }
    bytes.into()
}
