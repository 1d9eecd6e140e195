//! Continuing a lost log from a copy of what it had published.
//!
//! Everything that the copy's head covers is read, checked against that head and the charter, and
//! stored; tiles and entries are made anew from the leaves. Then the witnesses are asked what
//! they last saw: if any of them holds a head with our signature that covers more, the log must
//! not go on, for it would sign a second root for sizes that it has signed already. Only when
//! all of that is done a new write-ahead log is begun, so a resumption that broke off is simply
//! started again.
//!
//! Entries that were acknowledged and not yet under the copy's head are lost; their promises are
//! the proof of it.

use std::sync::Arc;

use artifact::admit::{self, MAX_ENVELOPE_BYTES};
use artifact::bundle::{MAX_FILE_BYTES, Source, head_sizes};
use artifact::leaf::{self, Leaf, MAX_LEAVES_BYTES};
use artifact::payload::Payload;
use artifact::register::Register;
use bytes::Bytes;
use canon::{Digest, Timestamp};
use service::disk::{Disk, FolderDisk};
use service::lock::FolderLock;
use service::store::{Store, StoreError};
use tlog::merkle::{Head, leaf_hash};
use tlog::note::MAX_NOTE_BYTES;
use tlog::sequence::Recovery;
use tlog::tile::{Edge, EntriesPath, LeafPath, Place, encode_entries, places_for_growth};
use tokio::runtime::Handle;

use super::config::LogConfig;
use super::cosign::Cosigner;
use super::error::LogError;
use super::evidence::Here;
use super::keys::LogKeys;
use super::publish::{CHECKPOINT, PENDING};
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
    /// The witnesses.
    pub cosigners: Vec<Arc<dyn Cosigner>>,
    /// Witnesses that are left out when they cannot be asked, by the names of their keys.
    pub without: &'a [String],
}

/// What was resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// The head that the log goes on from.
    pub head: Head,
    /// Files that the log reaches and the copy does not have, because the charter withholds
    /// them.
    pub withheld: u64,
}

/// Continues the log of a configuration from a copy. Blocks; must not be called from within a
/// tokio runtime. `progress` is told entries done and entries in all.
pub fn resume(
    config: &LogConfig,
    source: &dyn Source,
    without: &[String],
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
        store: Store::folder(&config.path(&config.store))?,
        withheld: Store::folder(&config.path(&config.withheld))?,
        cosigners: config.cosigners(&founded.register)?,
        without,
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
    parts.keys.check(&founded.register, 0)?;
    let (bytes, head, time) = last_head(parts)?;
    let mut heads = vec![(head, time)];
    for (who, seen) in ask(parts)? {
        if seen.size > head.size {
            return Err(LogError::Behind { who, size: seen.size, here: head.size });
        }
        heads.push((seen, Timestamp::MIN));
    }
    let mut copy = Copying {
        parts,
        runtime,
        recovery: Recovery::new(heads)?,
        register: founded.register,
        edge: Edge::new(),
        withheld: 0,
    };
    for place in places_for_growth(0, head.size) {
        copy.bundle(place)?;
        progress(place.end(), head.size);
    }
    let Copying { recovery, register, edge, withheld, .. } = copy;
    recovery.finish()?;
    let store = &parts.store;
    runtime.block_on(async {
        for tile in edge.partial() {
            let path = tile.path().to_string();
            store.put_immutable(&path, tile.to_bytes().into()).await?;
        }
        parts.withheld.barrier().await?;
        store.barrier().await
    })?;
    heads_again(parts, runtime, &register, &bytes, &edge)?;
    Wal::create(Arc::clone(&parts.disk), settings, head.size)?;
    Ok(Resumed { head, withheld })
}

/// The largest head of ours that the copy holds, witnessed or pending.
fn last_head(parts: &ResumeParts<'_>) -> Result<(Bytes, Head, Timestamp), LogError> {
    let mut last: Option<(Bytes, Head, Timestamp)> = None;
    for path in [CHECKPOINT, PENDING] {
        let Some(bytes) = parts.source.read(path, MAX_NOTE_BYTES as u64)? else {
            continue;
        };
        let (head, time) = parts.keys.read_own(&bytes).map_err(|error| LogError::Damaged {
            what: format!("{path} of the copy is not a checkpoint of this log: {error}"),
        })?;
        if last.as_ref().is_none_or(|(_, last, _)| head.size > last.size) {
            last = Some((bytes.into(), head, time));
        }
    }
    last.ok_or_else(|| LogError::Damaged { what: "the copy has no checkpoint".to_owned() })
}

/// The heads with our signature that the witnesses hold.
fn ask(parts: &ResumeParts<'_>) -> Result<Vec<(String, Head)>, LogError> {
    let origin = parts.keys.checkpoint.verifier().name();
    let mut heads = Vec::new();
    for cosigner in &parts.cosigners {
        let name = cosigner.name().to_owned();
        match cosigner.last_seen(origin) {
            Ok(seen) => {
                heads
                    .extend(seen.and_then(|seen| Some((name, parts.keys.read_plain(&seen).ok()?))));
            }
            Err(error) if parts.without.contains(&name) => {
                tracing::warn!(witness = name, %error, "left out");
            }
            Err(error) => {
                return Err(LogError::Unasked { name, why: error.to_string() });
            }
        }
    }
    Ok(heads)
}

/// Stores the heads: those of the copy, then the one that the log goes on from.
fn heads_again(
    parts: &ResumeParts<'_>,
    runtime: &Handle,
    register: &Register,
    last: &Bytes,
    edge: &Edge,
) -> Result<(), LogError> {
    let most = MAX_NOTE_BYTES as u64;
    let told = head_sizes(parts.source)?;
    let here = Here { store: &parts.store, edge, after: Vec::new() };
    let mut earlier = Vec::new();
    for size in told.into_iter().flatten().filter(|size| *size <= edge.size()) {
        let path = format!("checkpoints/{size}");
        if let Some(bytes) = parts.source.read(&path, most)? {
            let head = witnessed_head(parts, register, &path, &bytes)?;
            if head.size != size {
                let what = format!("{path} of the copy is a head of {} entries", head.size);
                return Err(LogError::Damaged { what });
            }
            runtime.block_on(here.judge(&path, &head))?;
            earlier.push((path, Bytes::from(bytes)));
        }
    }
    let witnessed = parts.source.read(CHECKPOINT, most)?;
    if let Some(bytes) = &witnessed {
        let head = witnessed_head(parts, register, CHECKPOINT, bytes)?;
        runtime.block_on(here.judge(CHECKPOINT, &head))?;
        earlier.push((format!("checkpoints/{}", head.size), Bytes::copy_from_slice(bytes)));
    }
    runtime.block_on(async {
        for (path, bytes) in earlier {
            match parts.store.put_immutable(&path, bytes).await {
                // The first record of a size stands.
                Ok(_) | Err(StoreError::Different { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        parts.store.barrier().await?;
        parts.store.put_mutable(PENDING, last.clone()).await?;
        match witnessed {
            Some(bytes) => parts.store.put_mutable(CHECKPOINT, bytes.into()).await,
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// A head of the copy: with our own signatures, and with enough witnesses' for its size.
fn witnessed_head(
    parts: &ResumeParts<'_>,
    register: &Register,
    path: &str,
    bytes: &[u8],
) -> Result<Head, LogError> {
    let damaged = |what: &str| LogError::Damaged { what: format!("{path} of the copy {what}") };
    let (head, _) = parts
        .keys
        .read_own(bytes)
        .map_err(|error| damaged(&format!("is not a checkpoint of this log: {error}")))?;
    let policy = register.witness_policy_at(head.size);
    let judged = policy.map(|policy| policy.judge(bytes));
    if judged.is_some_and(|judged| judged.is_ok_and(|judged| judged.quorum_met)) {
        Ok(head)
    } else {
        Err(damaged("does not meet the threshold"))
    }
}

/// A copy under way.
struct Copying<'a> {
    parts: &'a ResumeParts<'a>,
    runtime: &'a Handle,
    recovery: Recovery,
    register: Register,
    edge: Edge,
    withheld: u64,
}

/// An artifact or raw file that was read; none where the charter withholds it.
struct Fetched {
    digest: Digest,
    bytes: Option<Bytes>,
    is_withheld: bool,
}

impl Copying<'_> {
    /// Copies one bundle of leaves with everything that they name.
    fn bundle(&mut self, place: Place) -> Result<(), LogError> {
        let path = LeafPath(place).to_string();
        let damaged =
            |what: &str| LogError::Damaged { what: format!("{path} of the copy: {what}") };
        let bytes = self.parts.source.read(&path, MAX_LEAVES_BYTES)?;
        let bytes = Bytes::from(bytes.ok_or_else(|| damaged("it is missing"))?);
        let lines = leaf::lines(&bytes).unwrap_or_default();
        if lines.len() != usize::from(place.width()) {
            return Err(damaged("it does not hold as many leaves as its path says"));
        }
        let leaves = lines.iter().map(|line| Leaf::parse(line)).collect::<Result<Vec<_>, _>>();
        let leaves = leaves.map_err(|error| damaged(&error.to_string()))?;
        let fetched = self.fetch_all(&leaves)?;
        for (line, (leaf, envelope)) in lines.iter().zip(leaves.iter().zip(fetched)) {
            let hash = leaf_hash(&leaf::entry_of(line));
            let index = self.recovery.size();
            self.recovery.replay(leaf.timestamp, hash)?;
            let files = self.admit(index, leaf, &envelope)?;
            self.put(vec![envelope])?;
            self.put(files)?;
            let full = self.edge.extend(&[hash]).map_err(|error| damaged(&error.to_string()))?;
            for tile in full {
                self.store(&tile.path().to_string(), tile.to_bytes().into())?;
            }
        }
        let entries = encode_entries(lines.iter().map(|line| leaf::entry_of(line)));
        let entries = entries.map_err(|error| damaged(&error.to_string()))?;
        self.store(&EntriesPath(place).to_string(), entries.into())?;
        self.store(&path, bytes)
    }

    /// The envelopes of some leaves, several at a time: a copy may be far away.
    fn fetch_all(&self, leaves: &[Leaf]) -> Result<Vec<Fetched>, LogError> {
        const AT_ONE_TIME: usize = 8;
        let rules = &self.register.charter().publication;
        let fetch = |leaf: &Leaf| {
            let is_withheld = rules.withhold(leaf.entry_type);
            let most = MAX_ENVELOPE_BYTES as u64;
            fetch(self.parts.source, leaf.artifact_sha256, most, is_withheld)
        };
        let share = leaves.len().div_ceil(AT_ONE_TIME).max(1);
        std::thread::scope(|scope| {
            let threads: Vec<_> = leaves
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || part.iter().map(fetch).collect::<Result<Vec<_>, _>>())
                })
                .collect();
            let mut all = Vec::with_capacity(leaves.len());
            for thread in threads {
                let part = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                all.extend(part?);
            }
            Ok(all)
        })
    }

    /// Judges an envelope as the log did, and fetches the raw files that it lists.
    fn admit(
        &mut self,
        index: u64,
        leaf: &Leaf,
        envelope: &Fetched,
    ) -> Result<Vec<Fetched>, LogError> {
        let Some(bytes) = &envelope.bytes else {
            self.withheld += 1;
            return Ok(Vec::new());
        };
        let refused = |why: &dyn std::fmt::Display| LogError::Damaged {
            what: format!("entry {index} of the copy: {why}"),
        };
        let admitted =
            admit::enact(bytes, &mut self.register, index).map_err(|why| refused(&why))?;
        if admitted.entry_type != leaf.entry_type || admitted.originator != leaf.originator {
            return Err(refused(&"its leaf says something else"));
        }
        let Payload::Manifest(manifest) = &admitted.payload else {
            return Ok(Vec::new());
        };
        let rules = &self.register.charter().publication;
        let mut files = Vec::new();
        for file in &manifest.files {
            let is_withheld = rules.withhold_file(file.r#type.as_str());
            files.push(fetch(self.parts.source, file.sha256, MAX_FILE_BYTES, is_withheld)?);
        }
        self.withheld += files.iter().filter(|file| file.bytes.is_none()).count() as u64;
        Ok(files)
    }

    fn put(&self, objects: Vec<Fetched>) -> Result<(), LogError> {
        for object in objects {
            let Some(bytes) = object.bytes else { continue };
            let to = if object.is_withheld { &self.parts.withheld } else { &self.parts.store };
            let path = format!("artifact/{}", object.digest);
            self.runtime.block_on(to.put_immutable(&path, bytes))?;
        }
        Ok(())
    }

    fn store(&self, path: &str, bytes: Bytes) -> Result<(), LogError> {
        self.runtime.block_on(self.parts.store.put_immutable(path, bytes))?;
        Ok(())
    }
}

fn fetch(
    source: &dyn Source,
    digest: Digest,
    most: u64,
    is_withheld: bool,
) -> Result<Fetched, LogError> {
    let path = format!("artifact/{digest}");
    let bytes = source.read(&path, most)?.map(Bytes::from);
    match &bytes {
        Some(bytes) if Digest::of(bytes) != digest => {
            Err(LogError::Damaged { what: format!("{path} of the copy has another digest") })
        }
        None if !is_withheld => {
            Err(LogError::Damaged { what: format!("{path} of the copy is missing") })
        }
        _ => Ok(Fetched { digest, bytes, is_withheld }),
    }
}
