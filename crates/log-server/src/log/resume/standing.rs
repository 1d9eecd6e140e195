//! The heads that stand in the store into which a lost log is resumed.
//!
//! The store may have outlived the write-ahead log, or a resumption may have broken off. Every head
//! there with our signature was signed and perhaps fetched, so the log must go on from all of them,
//! and nothing that they cover may be replaced.

use artifact::bundle::BundlePath;
use bytes::Bytes;
use canon::Timestamp;
use futures::{StreamExt, TryStreamExt, stream};
use service::store::{Store, StoreError};
use tlog::merkle::Head;
use tlog::note::MAX_NOTE_BYTES;
use tlog::sequence::Stop;

use super::heads::{CopiedHeads, Signed};
use super::{ResumeParts, contradiction};
use crate::log::error::LogError;
use crate::log::publish::{CHECKPOINT, PENDING};
use crate::log::unsettled::Unsettled;

/// Heads that are read at one time: a store may be far away.
const AT_ONE_TIME: usize = 64;

/// The heads with our signatures that stand in the store.
pub(super) struct Standing {
    all: Vec<Found>,
    /// The one at `checkpoint`, which had enough witnesses when it was put there.
    pub(super) checkpoint: Option<Signed>,
    /// The one at `checkpoint.pending`.
    pub(super) pending: Option<Signed>,
}

struct Found {
    path: String,
    head: Head,
    time: Timestamp,
}

/// Reads the heads of the store; refuses where one of them contradicts the copy's largest, or is
/// larger.
pub(super) async fn of_store(
    parts: &ResumeParts<'_>,
    copied: &CopiedHeads,
) -> Result<Standing, LogError> {
    let store = &parts.store;
    let mut heads = Vec::new();
    let (checkpoint, pending) = (latest(parts, CHECKPOINT).await?, latest(parts, PENDING).await?);
    for (path, signed) in [(CHECKPOINT, &checkpoint), (PENDING, &pending)] {
        let found =
            |signed: &Signed| Found { path: path.to_owned(), head: signed.head, time: signed.time };
        heads.extend(signed.as_ref().map(found));
    }
    let listed: Vec<(String, u64)> = store.list_below("checkpoints").try_collect().await?;
    let is_head =
        |path: &String| matches!(path.parse::<BundlePath>(), Ok(BundlePath::CheckpointAt(_)));
    let paths = listed.into_iter().map(|(path, _)| path).filter(is_head);
    // What is none of ours here was torn by a power cut.
    let found: Vec<Option<Found>> = stream::iter(paths.map(|path| at(parts, path)))
        .buffer_unordered(AT_ONE_TIME)
        .try_collect()
        .await?;
    heads.extend(found.into_iter().flatten());
    let last = copied.last;
    if let Some(ahead) = heads.iter().find(|found| found.head.size > last.size) {
        let (path, size) = (ahead.path.clone(), ahead.head.size);
        return Err(LogError::StoreAhead { path, size, copy: last.size });
    }
    let other = heads.iter().find(|found| found.head.size == last.size && found.head != last);
    other.map_or(Ok(()), |other| Err(other.forked()))?;
    Ok(Standing { all: heads, checkpoint, pending })
}

/// What stands at one of the two paths that are never torn. If it is none of ours, nobody knows
/// what it covers.
async fn latest(parts: &ResumeParts<'_>, path: &str) -> Result<Option<Signed>, LogError> {
    if parts.store.size(path).await?.is_none() {
        return Ok(None);
    }
    let bytes = read(&parts.store, path).await?;
    let foreign = || LogError::ForeignHead { path: path.to_owned() };
    let (head, time) = own(parts, &bytes).ok_or_else(foreign)?;
    Ok(Some(Signed { bytes, head, time }))
}

async fn at(parts: &ResumeParts<'_>, path: String) -> Result<Option<Found>, LogError> {
    let read = own(parts, &read(&parts.store, &path).await?);
    Ok(read.map(|(head, time)| Found { path, head, time }))
}

/// The head with our signatures that stands in the store at this path.
pub(super) async fn head_at(parts: &ResumeParts<'_>, path: &str) -> Result<Option<Head>, LogError> {
    Ok(own(parts, &read(&parts.store, path).await?).map(|(head, _)| head))
}

fn own(parts: &ResumeParts<'_>, bytes: &Bytes) -> Option<(Head, Timestamp)> {
    parts.keys.read_own(bytes).ok()
}

/// What stands there; nothing where that is too large for a head.
async fn read(store: &Store, path: &str) -> Result<Bytes, StoreError> {
    match store.get(path, MAX_NOTE_BYTES as u64).await {
        Err(StoreError::TooLarge { .. }) => Ok(Bytes::new()),
        bytes => Ok(bytes?.unwrap_or_default()),
    }
}

impl Found {
    fn forked(&self) -> LogError {
        let who = format!("the store here ({})", self.path);
        LogError::Forked { who, size: self.head.size }
    }
}

impl Standing {
    /// The heads with the times of their signatures.
    pub(super) fn signed(&self) -> impl Iterator<Item = (Head, Timestamp)> {
        self.all.iter().map(|found| (found.head, found.time))
    }

    /// What a resumption that broke off may have left: all that none of these heads covers.
    pub(super) fn unsettled(&self) -> Unsettled {
        Unsettled::after(self.all.iter().map(|found| found.head.size).max().unwrap_or(0))
    }

    /// The entries of the copy do not lead to a head that the log has signed.
    pub(super) fn contradiction(&self, copied: &CopiedHeads, stop: &Stop) -> LogError {
        let Stop::Changed { signed, .. } = stop else { return contradiction(stop) };
        let is_copied = copied.signed().any(|(head, _)| head == *signed);
        match self.all.iter().find(|found| found.head == *signed) {
            Some(found) if !is_copied => found.forked(),
            _ => contradiction(stop),
        }
    }
}
