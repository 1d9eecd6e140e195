//! What the log is told, on the publisher's disk.
//!
//! ```text
//! state/
//!     committed.log           a line for each artifact before it is sent, one when it is placed
//!     promise-<number>.json   the log's promise for it; promise-<number>-1.json another one
//!     evidence-<number>.json  an answer that does not hold; evidence-<number>-1.json another one
//! ```
//!
//! An artifact that was perhaps sent is sent again as it was, byte for byte, until the log says
//! where it stands: so it stands there once. Only then comes the next one.

use std::io::{self, Read as _};
use std::sync::Arc;

use artifact::charter::Purpose;
use artifact::payload::{Campaign, Promise};
use canon::{Digest, KeyId, SignedBytes, Timestamp};
use serde::{Deserialize, Serialize};
use service::disk::{Disk, DiskFile};

use super::lines;
use super::store::StoreError;

const LOG: &str = "committed.log";

/// The most answers of a kind that are kept for one artifact.
const MOST_KEPT: u32 = 100;

/// What an artifact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    /// The rules.
    Campaign,
    /// The snapshot with a number.
    Snapshot(u64),
    /// What was committed to.
    Reveal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    /// It may be sent from now on; one of the same number before it is not sent any more.
    Signed { number: u64, what: What, artifact: String },
    /// The log has it.
    Placed {
        number: u64,
        index: u64,
        promise: Digest,
        /// When it was logged, as the promise says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logged_at: Option<Timestamp>,
    },
}

/// Rules that the log has: which entry they are, and what they make of the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct RulesTold {
    /// The end that they name.
    end: Timestamp,
    /// The entry's index.
    entry: u64,
    /// Whether this end took the place of the one before: both were still to come, and an official
    /// campaign's moves to a later time only. Left out where they are the first, or the promise
    /// does not say when.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<bool>,
    /// When they were logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    logged_at: Option<Timestamp>,
}

/// An artifact that the log has to get.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) what: What,
    pub(super) artifact: Vec<u8>,
}

impl Pending {
    /// The key that has signed it.
    pub(super) fn key_id(&self) -> Option<KeyId> {
        let envelope = SignedBytes::parse(&self.artifact).ok()?;
        envelope.signatures.first().map(|one| one.key_id)
    }
}

/// How far the log has been told.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Artifacts that the log has.
    pub(super) placed: u64,
    /// The campaign as it was told last.
    pub(super) campaign: Option<Campaign>,
    /// All rules that the log has, in its order.
    pub(super) rules: Vec<RulesTold>,
    /// The artifact of it, signed.
    pub(super) campaign_artifact: Option<Vec<u8>>,
    /// Snapshots, from 0 without a gap.
    pub(super) snapshots: u64,
    /// Whether what was committed to is told.
    pub(super) is_revealed: bool,
    pub(super) pending: Option<Pending>,
}

impl Told {
    /// Takes a line, if it can stand here.
    fn take(&mut self, line: &Line) -> bool {
        match line {
            Line::Signed { number, what, artifact } => {
                let is_same = self.pending.as_ref().is_none_or(|before| before.what == *what);
                let is_next = match what {
                    What::Snapshot(number) => *number == self.snapshots,
                    What::Campaign | What::Reveal => true,
                };
                let artifact = artifact.clone().into_bytes();
                self.pending = Some(Pending { what: *what, artifact });
                *number == self.placed && is_same && is_next
            }
            Line::Placed { number, index, logged_at, .. } => {
                let Some(Pending { what, artifact }) = self.pending.take() else { return false };
                let is_next = *number == self.placed;
                self.placed = self.placed.saturating_add(1);
                match what {
                    What::Campaign => {
                        let envelope = SignedBytes::parse(&artifact).ok();
                        self.campaign = envelope.and_then(|one| one.payload_as().ok());
                        self.told_rules(*index, *logged_at);
                        self.campaign_artifact = Some(artifact);
                    }
                    What::Snapshot(_) => self.snapshots = self.snapshots.saturating_add(1),
                    What::Reveal => self.is_revealed = true,
                }
                is_next
            }
        }
    }
}

impl Told {
    /// The end that is in force by what the log was told; none before it was told of any.
    pub(super) fn end_in_force(&self) -> Option<Timestamp> {
        let mut told = self.rules.iter().rev();
        told.find(|one| one.in_force != Some(false)).map(|one| one.end)
    }

    /// Notes what the rules that were placed just now make of the end. Those that come when the end
    /// had come move nothing: the end before stays in force.
    fn told_rules(&mut self, entry: u64, logged_at: Option<Timestamp>) {
        let Some(campaign) = &self.campaign else { return };
        let (end, is_official) = (campaign.end, campaign.purpose == Purpose::Official);
        let before = self.rules.iter().rev().find(|one| one.in_force != Some(false));
        let in_force = before
            .zip(logged_at)
            .map(|(before, at)| at < before.end && at < end && (end >= before.end || !is_official));
        self.rules.push(RulesTold { end, entry, in_force, logged_at });
    }
}

/// The file, open to be written to.
pub(super) struct Outbox {
    disk: Arc<dyn Disk>,
    log: Box<dyn DiskFile>,
    told: Told,
}

fn failed(action: &'static str, name: &str) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io { action, name: name.to_owned(), source }
}

impl Outbox {
    /// Opens the file, cut off behind the last whole line, or begins it.
    pub(super) fn open(disk: &Arc<dyn Disk>) -> Result<Self, StoreError> {
        let there = disk.names().map_err(failed("list", "the lists"))?;
        if !there.iter().any(|name| name == LOG) {
            disk.create(LOG).map_err(failed("create", LOG))?;
        }
        let mut bytes = Vec::new();
        let reader = disk.read(LOG);
        let read = reader.and_then(|mut reader| reader.read_to_end(&mut bytes));
        read.map_err(failed("read", LOG))?;
        let mut told = Told::default();
        let what = "a line is not whole, or does not follow those before it";
        let (_, end) = lines::read(&bytes, |_, line| told.take(line))
            .map_err(|_| StoreError::Damaged { name: LOG.to_owned(), what })?;
        let mut log = disk.open(LOG, end).map_err(failed("open", LOG))?;
        disk.sync_names().map_err(failed("sync", "the folder of the lists"))?;
        log.sync().map_err(failed("sync", LOG))?;
        Ok(Self { disk: Arc::clone(disk), log, told })
    }

    pub(super) const fn told(&self) -> &Told {
        &self.told
    }

    /// Makes an artifact durable, before it is sent. After an error the file has to be opened anew.
    pub(super) fn sign(&mut self, what: What, artifact: Vec<u8>) -> Result<(), StoreError> {
        let number = self.told.placed;
        let artifact = String::from_utf8(artifact).map_err(|_| StoreError::Stopped)?;
        self.write(&Line::Signed { number, what, artifact })
    }

    /// Keeps the log's promise, and then that the artifact is placed. A promise that is there
    /// already came before a crash; if it is another one it stays, since either may be the broken
    /// one.
    pub(super) fn place(&mut self, index: u64, promise: &[u8]) -> Result<(), StoreError> {
        let number = self.told.placed;
        self.keep(&format!("promise-{number}"), promise)?;
        let said = SignedBytes::parse(promise).ok();
        let said = said.and_then(|said| said.payload_as::<Promise>().ok());
        let logged_at = said.map(|said| said.timestamp);
        self.write(&Line::Placed { number, index, promise: Digest::of(promise), logged_at })
    }

    /// Keeps an answer that does not hold, beside those that are kept already.
    pub(super) fn keep_evidence(&self, answer: &[u8]) -> Result<(), StoreError> {
        self.keep(&format!("evidence-{}", self.told.placed), answer)
    }

    /// Keeps an answer durably, beside others of the same name; one that is there already is not
    /// kept again, and none takes the place of another.
    fn keep(&self, name: &str, answer: &[u8]) -> Result<(), StoreError> {
        let there = self.disk.names().map_err(failed("list", "the lists"))?;
        for copy in 0..MOST_KEPT {
            let ending = if copy == 0 { String::new() } else { format!("-{copy}") };
            let name = format!("{name}{ending}.json");
            if !there.contains(&name) {
                let file = self.disk.create(&name).map_err(failed("create", &name))?;
                return self.fill(file, &name, answer);
            }
            let mut before = Vec::new();
            let reader = self.disk.read(&name);
            let read = reader.and_then(|mut reader| reader.read_to_end(&mut before));
            read.map_err(failed("read", &name))?;
            // The same, which is perhaps not durable, or its beginning, where an end came between.
            if let Some(rest) = answer.strip_prefix(&*before) {
                let file = self.disk.open(&name, before.len() as u64);
                return self.fill(file.map_err(failed("open", &name))?, &name, rest);
            }
        }
        Ok(())
    }

    fn fill(
        &self,
        mut file: Box<dyn DiskFile>,
        name: &str,
        answer: &[u8],
    ) -> Result<(), StoreError> {
        file.append(answer).and_then(|()| file.sync()).map_err(failed("write", name))?;
        self.disk.sync_names().map_err(failed("sync", "the folder of the lists"))
    }

    fn write(&mut self, line: &Line) -> Result<(), StoreError> {
        let bytes = lines::line(line).ok_or(StoreError::Stopped)?;
        self.log.append(&bytes).map_err(failed("write", LOG))?;
        self.log.sync().map_err(failed("sync", LOG))?;
        let follows = self.told.take(line);
        debug_assert!(follows, "what is written follows what was written");
        Ok(())
    }
}
