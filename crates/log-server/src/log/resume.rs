//! Continuing a lost log from a copy of what it had published.
//!
//! First the leaves and the amendments are read and held against the copy's heads and those that
//! stand in the store already, and nothing is stored. A store that holds a larger head of ours than
//! the copy, or another root of a size, is no place to go on from that copy. The amendments tell
//! which witnesses are in force. Those are asked what they last saw: if any of them holds a head
//! with our signature that covers more, the log must not go on, for it would sign a second root for
//! sizes that it has signed already. Then everything that the copy's head covers is read, checked
//! and stored; tiles and entries are made anew from the leaves, those of each earlier head too.
//! Only when all of that is done a new write-ahead log is begun, so a resumption that broke off is
//! simply started again.
//!
//! The copy must be whole: everything under its largest head, and at `checkpoint` a head that the
//! charter's threshold of witnesses has cosigned. A head of ours that too few witnesses have
//! cosigned yet may stand at `checkpoint.pending`; it was signed, so the log goes on from it.
//!
//! What was signed, served at `checkpoint.pending` and seen by no witness is known only to those
//! who fetched it. A copy without that file may hide such a head, so it is taken only where the
//! caller says that such heads are lost.
//!
//! Entries that were acknowledged and not yet under the copy's head are lost; their promises are
//! the proof of it.

mod copying;
mod heads;
mod judge;
mod partials;
mod standing;

use std::collections::BTreeSet;
use std::sync::Arc;

use artifact::admit;
use artifact::bundle::Source;
use service::disk::{Disk, FolderDisk};
use service::lock::FolderLock;
use service::store::{Before, Store};
use tlog::merkle::Head;
use tlog::sequence::Stop;
use tokio::runtime::Handle;

use super::config::LogConfig;
use super::cosign::Reach;
use super::error::LogError;
use super::keys::LogKeys;
use super::unsettled::Unsettled;
use super::wal::{Wal, WalSettings};

/// What a lost log is continued with.
pub struct ResumeParts<'a> {
    /// The three keys, from their backup.
    pub keys: &'a LogKeys,
    /// The charter's envelope.
    pub charter: &'a [u8],
    /// The copy.
    pub source: &'a dyn Source,
    /// Where the write-ahead log will stand.
    pub disk: Arc<dyn Disk>,
    /// Where everything is published; may hold some of it already.
    pub store: Store,
    /// Where artifacts stand that the charter withholds.
    pub withheld: Store,
    /// Where the witnesses are reached.
    pub reach: Arc<dyn Reach>,
    /// What the operator takes upon himself.
    pub risks: Risks<'a>,
}

/// What whoever resumes a log goes on without. Each may hide a head that the log has signed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Risks<'a> {
    /// Witnesses that are left out when they cannot be asked, by name.
    pub without: &'a [String],
    /// Whether the copy may lack a `checkpoint.pending` as new as its `checkpoint`.
    pub pending_is_lost: bool,
}

/// What was resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// The head that the log goes on from.
    pub head: Head,
    /// Files that the log reaches and the copy does not have, because the charter withholds
    /// them.
    pub withheld: u64,
    /// Witnesses that were left out because they could not be asked, by name.
    pub left_out: Vec<String>,
}

/// Continues the log of a configuration from a copy. Blocks; must not be called from within a
/// tokio runtime. `progress` is told entries done and entries in all, first as they are read and
/// then as they are copied.
pub fn resume(
    config: &LogConfig,
    source: &dyn Source,
    risks: Risks<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Resumed, LogError> {
    let file = |path: &std::path::Path| {
        let path = path.to_path_buf();
        move |source| LogError::File { path, source }
    };
    let (charter, founded) = config.charter()?;
    let wal = config.path(&config.wal);
    let disk = FolderDisk::open(&wal).map_err(file(&wal))?;
    let _lock = FolderLock::take(&wal)?;
    let passphrase = config.passphrase.read(&config.base)?;
    let origin = founded.register.log_keys().checkpoint.name();
    let keys = LogKeys::load(&config.path(&config.keys), origin, &passphrase)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .map_err(file(&wal))?;
    let parts = ResumeParts {
        keys: &keys,
        charter: &charter,
        source,
        disk: Arc::new(disk),
        store: Store::folder(&config.path(&config.store), Before::MayBeKilled)?,
        withheld: Store::private_folder(&config.path(&config.withheld), Before::MayBeKilled)?,
        reach: Arc::new(config.addresses()?),
        risks,
    };
    resume_parts(&parts, runtime.handle(), progress)
}

/// The same with parts that a test chooses. Blocks; `runtime` runs the stores.
pub fn resume_parts(
    parts: &ResumeParts<'_>,
    runtime: &Handle,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Resumed, LogError> {
    let settings = WalSettings::new(parts.keys.log_id());
    let found = Wal::open(Arc::clone(&parts.disk), settings.clone(), |_| Ok::<_, LogError>(()))?;
    if let Some(wal) = found {
        return Err(LogError::WalThere { next: wal.next() });
    }
    let founded = admit::found(parts.charter).map_err(|why| LogError::Charter(Box::new(why)))?;
    parts.keys.check_heads(&founded.register)?;
    let copied = heads::of_copy(parts)?;
    let head = copied.last;
    let standing = runtime.block_on(standing::of_store(parts, &copied))?;
    let register =
        judge::register_of(parts, founded.register.clone(), &copied, &standing, progress)?;
    // Amendments may have changed the key of promises.
    parts.keys.check(&register, head.size)?;
    let asked = heads::of_witnesses(parts, runtime, &register, head)?;
    let signed = copied.signed().chain(standing.signed()).chain(asked.heads);
    let unsettled = standing.unsettled();
    let to = Target { parts, runtime, unsettled: &unsettled };
    let done = copying::copy(&to, founded.register, signed, head, progress)?;
    let heads = heads::to_keep(parts, runtime, &copied, &done)?;
    let sizes: BTreeSet<u64> = heads.iter().map(|(head, _)| head.size).collect();
    runtime.block_on(async {
        partials::restore(&parts.store, &unsettled, &sizes, head.size).await?;
        parts.withheld.barrier().await?;
        heads::keep(parts, &unsettled, (&copied, &standing), &heads).await
    })?;
    Unsettled::tell_resumed(&*parts.disk)?;
    Wal::create(Arc::clone(&parts.disk), settings, head.size)?;
    Ok(Resumed { head, withheld: done.withheld, left_out: asked.left_out })
}

/// Where everything is stored.
#[derive(Clone, Copy)]
struct Target<'a> {
    parts: &'a ResumeParts<'a>,
    runtime: &'a Handle,
    unsettled: &'a Unsettled,
}

/// The entries of the copy do not lead to a head that the log has signed.
fn contradiction(stop: &Stop) -> LogError {
    LogError::Copy { what: stop.to_string() }
}
