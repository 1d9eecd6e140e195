//! A log's state after a restart, from the store and the write-ahead log.
//!
//! Everything is replayed from the first entry: the leaves in the store up to the last signed
//! head, then the write-ahead log. Each signed head that can be found must follow from the
//! entries; where it does not, the log refuses to start and says what to do. What was acknowledged
//! and not stored is stored again, byte for byte the same.

use std::sync::Arc;

use artifact::admit::{self, MAX_ENVELOPE_BYTES};
use artifact::charter::PublicationRules;
use artifact::leaf::{self, Leaf, MAX_LEAVES_BYTES};
use artifact::manifest::Manifest;
use artifact::register::Register;
use artifact::role::EntryType;
use bytes::Bytes;
use canon::{Digest, SignedBytes, Timestamp};
use futures::{StreamExt, stream};
use service::disk::Disk;
use tlog::merkle::{Head, leaf_hash};
use tlog::note::MAX_NOTE_BYTES;
use tlog::sequence::{Recovery, Sequencer};
use tlog::tile::{Edge, LeafPath, Place, decode_leaves, places_for_growth};

use super::entry;
use super::error::LogError;
use super::evidence::{self, Here};
use super::index::{Index, statement_of};
use super::keys::LogKeys;
use super::publish::{CHECKPOINT, PENDING};
use super::state::{Settings, Tail, TailLeaf};
use super::statements::{Remembered, Statements};
use super::storer::{Object, Stores, ToStore};
use super::wal::{Wal, WalSettings};
use super::witnesses::Witnesses;

/// What recovery needs.
pub(crate) struct Found<'a> {
    pub(crate) keys: &'a LogKeys,
    /// The configured charter's bytes.
    pub(crate) charter: &'a Bytes,
    pub(crate) disk: &'a Arc<dyn Disk>,
    pub(crate) stores: &'a Stores,
    pub(crate) witnesses: &'a Witnesses,
    pub(crate) settings: &'a Settings,
}

/// What it gives.
pub(crate) struct Recovered {
    pub(crate) sequencer: Sequencer,
    pub(crate) wal: Wal,
    pub(crate) register: Register,
    pub(crate) index: Index,
    pub(crate) tail: Tail,
    pub(crate) edge: Edge,
    /// The head at `checkpoint.pending`.
    pub(crate) pending: Option<Head>,
    /// The checkpoint at `checkpoint`.
    pub(crate) published: Option<Bytes>,
    pub(crate) statements: Statements,
    /// Entries whose objects may be missing from the store.
    pub(crate) to_store: Vec<ToStore>,
}

/// Entries replayed so far, and what follows from them.
struct Replay<'a> {
    from: &'a Found<'a>,
    recovery: Recovery,
    register: Register,
    index: Index,
    tail: Tail,
    edge: Edge,
    to_store: Vec<ToStore>,
    /// The size that the store holds under a signed head.
    stored: u64,
}

/// One entry to be replayed.
struct Entry {
    text: Bytes,
    leaf: Leaf,
    leaf_hash: Digest,
    statement: Digest,
    /// The artifact's bytes, where they change the register.
    change: Option<Bytes>,
}

pub(crate) async fn recover(from: Found<'_>) -> Result<Recovered, LogError> {
    let founded =
        admit::found(from.charter).map_err(|refusal| LogError::Charter(Box::new(refusal)))?;
    from.keys.check_heads(&founded.register)?;
    let pending = read_head(&from, PENDING).await?;
    let published = read_head(&from, CHECKPOINT).await?;
    let heads: Vec<_> =
        [&pending, &published].into_iter().flatten().map(|(_, head)| *head).collect();
    let stored = heads.iter().map(|(head, _)| head.size).max().unwrap_or(0);
    let (statements, remembered) = Statements::open(from.disk);
    let mut replay = Replay {
        recovery: Recovery::new(heads)?,
        register: founded.register,
        index: Index::default(),
        tail: Tail::default(),
        edge: Edge::new(),
        to_store: Vec::new(),
        stored,
        from: &from,
    };
    replay.stored_leaves(&remembered).await?;
    let wal = replay.write_ahead_log()?;
    // Amendments may have changed the key of promises.
    from.keys.check(&replay.register, replay.recovery.size())?;
    replay.ask_witnesses().await?;
    Ok(Recovered {
        sequencer: replay.recovery.finish()?,
        wal,
        register: replay.register,
        index: replay.index,
        tail: replay.tail,
        edge: replay.edge,
        pending: pending.map(|(_, (head, _))| head),
        published: published.map(|(bytes, _)| bytes),
        statements,
        to_store: replay.to_store,
    })
}

/// A stored checkpoint, which must carry both of our lines.
async fn read_head(
    from: &Found<'_>,
    path: &str,
) -> Result<Option<(Bytes, (Head, Timestamp))>, LogError> {
    let Some(bytes) = from.stores.public.get(path, MAX_NOTE_BYTES as u64).await? else {
        return Ok(None);
    };
    let head = from.keys.read_own(&bytes).map_err(|error| LogError::Damaged {
        what: format!("{path} is not a checkpoint of this log: {error}"),
    })?;
    Ok(Some((bytes, head)))
}

impl Replay<'_> {
    /// Holds what the witnesses of the present policy saw against what was replayed.
    async fn ask_witnesses(&self) -> Result<(), LogError> {
        let (from, size) = (self.from, self.recovery.size());
        let seen =
            evidence::ask(from.witnesses, &self.register, size, from.keys, from.settings).await?;
        let here = Here {
            store: &from.stores.public,
            edge: &self.edge,
            after: self.tail.range(self.edge.size(), size).map(|leaf| leaf.leaf_hash).collect(),
        };
        for (who, head) in seen {
            here.judge(&who, &head).await?;
        }
        Ok(())
    }

    /// Replays the leaves that the store holds under the last signed head.
    async fn stored_leaves(&mut self, remembered: &Remembered) -> Result<(), LogError> {
        let (stores, rules) = (self.from.stores, self.register.charter().publication.clone());
        let bundles = places_for_growth(0, self.stored)
            .map(|place| read_bundle(stores, &rules, place, remembered));
        let mut bundles = std::pin::pin!(stream::iter(bundles).buffered(8));
        while let Some(bundle) = bundles.next().await {
            for entry in bundle? {
                let index = self.recovery.size();
                self.entry(index, &entry)?;
                self.edge
                    .extend(&[entry.leaf_hash])
                    .map_err(|error| LogError::Damaged { what: error.to_string() })?;
                self.keep(entry);
                self.tail.trim(index + 1);
            }
        }
        Ok(())
    }

    /// Replays the write-ahead log behind them, or begins one for a new log.
    fn write_ahead_log(&mut self) -> Result<Wal, LogError> {
        let settings = WalSettings {
            segment_bytes: self.from.settings.segment_bytes,
            ..WalSettings::new(self.from.keys.log_id())
        };
        let wal = Wal::open(Arc::clone(self.from.disk), settings.clone(), |batch| {
            if batch.first > self.recovery.size() {
                let stored = self.recovery.size();
                return Err(LogError::WalAhead { stored, wal: batch.first });
            }
            let bytes = Bytes::copy_from_slice(batch.entries);
            let entries = entry::decode(bytes, batch.count)
                .map_err(|fault| LogError::Damaged { what: fault.to_string() })?;
            (batch.first..).zip(entries).try_for_each(|(index, entry)| self.logged(index, entry))
        })?;
        match wal {
            Some(wal) if wal.next() < self.stored => {
                Err(LogError::WalBehind { wal: wal.next(), size: self.stored })
            }
            Some(wal) if wal.next() > self.recovery.size() => {
                Err(LogError::WalAhead { stored: self.recovery.size(), wal: wal.next() })
            }
            Some(wal) => Ok(wal),
            None if self.stored > 0 => Err(LogError::NoWal { size: self.stored }),
            None => Ok(Wal::create(Arc::clone(self.from.disk), settings, 0)?),
        }
    }

    /// An entry of the write-ahead log: the same as the stored one, or a new one.
    fn logged(&mut self, index: u64, stored: entry::Stored) -> Result<(), LogError> {
        let damaged = |what: &str| LogError::Damaged {
            what: format!("entry {index} of the write-ahead log: {what}"),
        };
        let leaf = Leaf::parse(&stored.leaf).map_err(|error| damaged(&error.to_string()))?;
        if leaf.artifact_sha256 != Digest::of(&stored.artifact) {
            return Err(damaged("its artifact is not the one that its leaf names"));
        }
        let hash = leaf_hash(&leaf::entry_of(&stored.leaf));
        if index < self.stored {
            if self.index.leaf(&hash) == Some(index) {
                return Ok(());
            }
            return Err(damaged("another entry stands there in the store"));
        }
        let statement =
            statement_of(&stored.artifact).ok_or_else(|| damaged("it is no envelope"))?;
        let changes = matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close);
        let entry = Entry {
            change: changes.then(|| stored.artifact.clone()),
            text: stored.leaf,
            leaf,
            leaf_hash: hash,
            statement,
        };
        self.entry(index, &entry)?;
        let objects = self.objects(&entry.leaf, &stored.artifact, stored.files);
        self.to_store.push(ToStore { index, objects, room: None });
        self.keep(entry);
        Ok(())
    }

    /// What goes into the store for an entry. Files that no list names are kept back.
    fn objects(&self, leaf: &Leaf, artifact: &Bytes, files: Vec<Bytes>) -> Vec<Object> {
        let rules = &self.register.charter().publication;
        let manifest = SignedBytes::parse(artifact).ok();
        let listed = manifest.and_then(|envelope| envelope.payload_as::<Manifest>().ok());
        let listed = listed.map(|manifest| manifest.files).unwrap_or_default();
        let raw = files.into_iter().enumerate().map(|(at, bytes)| Object {
            digest: Digest::of(&bytes),
            is_withheld: listed
                .get(at)
                .is_none_or(|file| rules.withhold_file(file.r#type.as_str())),
            bytes,
        });
        let envelope = Object {
            digest: leaf.artifact_sha256,
            bytes: artifact.clone(),
            is_withheld: rules.withhold(leaf.entry_type),
        };
        raw.chain([envelope]).collect()
    }

    /// Checks an entry against the heads and the register, and remembers where it stands.
    fn entry(&mut self, index: u64, entry: &Entry) -> Result<(), LogError> {
        let digest = entry.leaf.artifact_sha256;
        if index == 0 && digest != Digest::of(self.from.charter) {
            return Err(LogError::OtherCharter);
        }
        self.recovery.replay(entry.leaf.timestamp, entry.leaf_hash)?;
        self.index.insert(index, digest, entry.statement, entry.leaf_hash);
        if let Some(change) = &entry.change {
            admit::enact(change, &mut self.register, index).map_err(|refusal| {
                LogError::Damaged { what: format!("entry {index}: {refusal}") }
            })?;
        }
        Ok(())
    }

    /// Keeps an entry for the bundles that are still to be stored.
    fn keep(&mut self, entry: Entry) {
        self.tail.leaves.push_back(TailLeaf {
            leaf: entry.text,
            leaf_hash: entry.leaf_hash,
            artifact: entry.leaf.artifact_sha256,
            statement: entry.statement,
            room: None,
        });
    }
}

/// Reads one bundle of leaves, and of the artifacts what is needed of them.
async fn read_bundle(
    stores: &Stores,
    rules: &PublicationRules,
    place: Place,
    remembered: &Remembered,
) -> Result<Vec<Entry>, LogError> {
    let path = LeafPath(place).to_string();
    let damaged = |what: &str| LogError::Damaged { what: format!("{path}: {what}") };
    let bytes = stores.public.get(&path, MAX_LEAVES_BYTES).await?;
    let bytes = bytes.ok_or_else(|| damaged("it is missing"))?;
    let lines = decode_leaves(&bytes, place.width()).map_err(|e| damaged(&e.to_string()))?;
    let mut entries = Vec::with_capacity(lines.len());
    for (index, line) in (place.first()..).zip(lines) {
        let leaf = Leaf::parse(line).map_err(|error| damaged(&error.to_string()))?;
        let artifact = leaf.artifact_sha256;
        let known = remembered.get(&index).filter(|(known, _)| *known == artifact);
        let changes = matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close);
        let content = if changes || known.is_none() {
            read_artifact(stores, &artifact, rules.withhold(leaf.entry_type)).await?
        } else {
            None
        };
        let statement = match (known, &content) {
            (Some((_, statement)), _) => Some(*statement),
            (None, Some(content)) => statement_of(content),
            // Withheld, and not here since the log was resumed from a copy: what it says is not
            // known, so nothing else can be told to say the same.
            (None, None) => Some(artifact),
        };
        entries.push(Entry {
            text: bytes.slice_ref(line),
            leaf_hash: leaf_hash(&leaf::entry_of(line)),
            leaf,
            statement: statement.ok_or_else(|| damaged("it names an artifact that is none"))?,
            change: content.filter(|_| changes),
        });
    }
    Ok(entries)
}

/// The artifact; `None` for one that is withheld and not here.
async fn read_artifact(
    stores: &Stores,
    digest: &Digest,
    is_withheld: bool,
) -> Result<Option<Bytes>, LogError> {
    let path = format!("artifact/{digest}");
    let store = if is_withheld { &stores.withheld } else { &stores.public };
    match store.get(&path, MAX_ENVELOPE_BYTES as u64).await? {
        Some(bytes) if Digest::of(&bytes) == *digest => Ok(Some(bytes)),
        Some(_) => Err(LogError::Damaged { what: format!("{path} has another digest") }),
        None if is_withheld => Ok(None),
        None => Err(LogError::Damaged { what: format!("{path} is missing") }),
    }
}
