//! One of the two files of a record.

use std::collections::BTreeMap;
use std::path::Path;

use canon::Timestamp;
use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use tlog::note::VerifierKey;
use tlog::witness::Recorded;

use super::RecordError;

const CHECKPOINTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("checkpoints");
const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");
const KEY: &str = "key";
const LAST_SIGNED: &str = "last_signed";
const HALTED: &str = "halted";

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) checkpoints: BTreeMap<String, Recorded>,
    pub(super) last_signed: Option<Timestamp>,
    pub(super) halted: Option<String>,
}

/// An open file.
pub(super) struct Copy {
    name: String,
    database: Database,
}

impl Copy {
    /// Makes a file that holds nothing but the witness's key.
    pub(super) fn create(path: &Path, own: &VerifierKey) -> Result<(), RecordError> {
        let name = path.display().to_string();
        let opened = Database::create(path);
        let database = opened.map_err(|error| storage(&name, error))?;
        Self { name, database }.found(own)
    }

    /// Opens a file that is there. Every page is checked, which also clears up after a crash.
    pub(super) fn open(path: &Path) -> Result<Self, RecordError> {
        let name = path.display().to_string();
        let opened = Database::builder().set_check_integrity_on_open(true).open(path);
        let database = opened.map_err(|error| storage(&name, error))?;
        Ok(Self { name, database })
    }

    /// A file on a storage of one's own.
    #[cfg(test)]
    pub(super) fn on(name: &str, backend: impl redb::StorageBackend) -> Result<Self, RecordError> {
        let opened = Database::builder()
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)
            .map_err(|error| storage(name, error))?;
        Ok(Self { name: name.to_owned(), database: opened })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Writes the witness's key into an empty file.
    pub(super) fn found(&self, own: &VerifierKey) -> Result<(), RecordError> {
        let decision = self.begin()?;
        decision.fact(KEY, own.to_string().as_bytes())?;
        decision.open_checkpoints()?;
        decision.commit()
    }

    /// Everything in the file, each checkpoint verified.
    pub(super) fn contents(&self, own: &VerifierKey) -> Result<Contents, RecordError> {
        let read = self.database.begin_read().map_err(|e| self.failed(e))?;
        let facts = read.open_table(FACTS).map_err(|e| self.failed(e))?;
        let found = fact(&facts, KEY).map_err(|e| self.failed(e))?.unwrap_or_default();
        let expected = own.to_string();
        if found != expected.as_bytes() {
            let found = String::from_utf8_lossy(&found).into_owned();
            return Err(RecordError::OtherKey { found, expected });
        }
        let table = read.open_table(CHECKPOINTS).map_err(|e| self.failed(e))?;
        let mut checkpoints = BTreeMap::new();
        for entry in table.iter().map_err(|e| self.failed(e))? {
            let (origin, bytes) = entry.map_err(|e| self.failed(e))?;
            let origin = origin.value().to_owned();
            let recorded = verified(&origin, bytes.value(), own)?;
            checkpoints.insert(origin, recorded);
        }
        let halted = fact(&facts, HALTED).map_err(|e| self.failed(e))?;
        let stored = fact(&facts, LAST_SIGNED).map_err(|e| self.failed(e))?;
        let halted = halted.map(|reason| String::from_utf8_lossy(&reason).into_owned());
        let mut contents = Contents { checkpoints, last_signed: None, halted };
        contents.last_signed = stored.and_then(|b| time(&b)).max(contents.latest_record());
        Ok(contents)
    }

    /// Puts other contents in the place of these.
    pub(super) fn replace(&self, contents: &Contents) -> Result<(), RecordError> {
        let decision = self.begin()?;
        for (origin, recorded) in &contents.checkpoints {
            decision.put(origin, recorded)?;
        }
        if let Some(time) = contents.last_signed {
            decision.fact(LAST_SIGNED, &time.unix_u64().to_be_bytes())?;
        }
        decision.commit()
    }

    /// Begins a transaction, alone.
    pub(super) fn begin(&self) -> Result<Decision<'_>, RecordError> {
        let mut write = self.database.begin_write().map_err(|e| self.failed(e))?;
        write.set_durability(Durability::Immediate).map_err(|e| self.failed(e))?;
        write.set_two_phase_commit(true);
        Ok(Decision { copy: self, write })
    }

    fn failed(&self, error: impl Into<redb::Error>) -> RecordError {
        storage(&self.name, error)
    }
}

/// A transaction on a file. Dropped without [`Decision::commit`], it has changed nothing.
pub(super) struct Decision<'c> {
    copy: &'c Copy,
    write: WriteTransaction,
}

impl Decision<'_> {
    /// The record of a log.
    pub(super) fn recorded(
        &self,
        origin: &str,
        own: &VerifierKey,
    ) -> Result<Option<Recorded>, RecordError> {
        let table = self.write.open_table(CHECKPOINTS).map_err(|e| self.copy.failed(e))?;
        let bytes = table.get(origin).map_err(|e| self.copy.failed(e))?;
        bytes.map(|bytes| verified(origin, bytes.value(), own)).transpose()
    }

    /// The latest time signed for any log.
    pub(super) fn last_signed(&self) -> Result<Option<Timestamp>, RecordError> {
        let facts = self.write.open_table(FACTS).map_err(|e| self.copy.failed(e))?;
        let stored = fact(&facts, LAST_SIGNED).map_err(|e| self.copy.failed(e))?;
        Ok(stored.and_then(|bytes| time(&bytes)))
    }

    /// Writes the record of a log and its time.
    pub(super) fn put(&self, origin: &str, recorded: &Recorded) -> Result<(), RecordError> {
        let mut table = self.write.open_table(CHECKPOINTS).map_err(|e| self.copy.failed(e))?;
        table.insert(origin, recorded.checkpoint.as_slice()).map_err(|e| self.copy.failed(e))?;
        self.fact(LAST_SIGNED, &recorded.time.unix_u64().to_be_bytes())
    }

    /// Writes that this witness must never sign again.
    pub(super) fn halt(&self, reason: &str) -> Result<(), RecordError> {
        self.fact(HALTED, reason.as_bytes())
    }

    fn fact(&self, name: &str, value: &[u8]) -> Result<(), RecordError> {
        let mut facts = self.write.open_table(FACTS).map_err(|e| self.copy.failed(e))?;
        facts.insert(name, value).map_err(|e| self.copy.failed(e))?;
        Ok(())
    }

    fn open_checkpoints(&self) -> Result<(), RecordError> {
        self.write.open_table(CHECKPOINTS).map_err(|e| self.copy.failed(e))?;
        Ok(())
    }

    /// Makes the transaction durable.
    pub(super) fn commit(self) -> Result<(), RecordError> {
        let copy = self.copy;
        self.write.commit().map_err(|e| copy.failed(e))
    }
}

fn fact(
    facts: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<Option<Vec<u8>>, redb::StorageError> {
    Ok(facts.get(name)?.map(|value| value.value().to_vec()))
}

fn time(bytes: &[u8]) -> Option<Timestamp> {
    let seconds = u64::from_be_bytes(bytes.try_into().ok()?);
    Timestamp::from_unix(i64::try_from(seconds).ok()?).ok()
}

fn verified(origin: &str, bytes: &[u8], own: &VerifierKey) -> Result<Recorded, RecordError> {
    Recorded::from_checkpoint(bytes, own)
        .map_err(|source| RecordError::Damaged { origin: origin.to_owned(), source })
}

fn storage(what: &str, error: impl Into<redb::Error>) -> RecordError {
    RecordError::Storage { what: what.to_owned(), source: Box::new(error.into()) }
}
