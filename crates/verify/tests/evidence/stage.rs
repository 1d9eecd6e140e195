//! What every test here needs: an election's anchor, its bundle as a source, a replay.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use artifact::anchor::Anchor;
use artifact::bundle::{MemorySource, Source, SourceError};
use artifact::payload::{Campaign, PayloadType};
use artifact::role::Role;
use canon::Digest;
use serde_json::{Value, json};
use testkit::election::{Bundle, Election, Plan};
use verify::{Options, Report, Silent, replay};

/// The anchor of an election's charter.
pub(crate) fn anchor(election: &Election) -> Anchor {
    let artifact = &election.entries[0].artifact;
    let charter = canon::SignedBytes::parse(artifact).unwrap().payload_as().unwrap();
    Anchor::from_charter(&charter, Digest::of(artifact))
}

/// A bundle in memory.
pub(crate) fn memory(bundle: &Bundle) -> MemorySource {
    let mut source = MemorySource::new();
    for (path, bytes) in &bundle.files {
        source.insert(path.clone(), bytes.clone());
    }
    source
}

/// The report on a bundle.
pub(crate) fn replayed(bundle: &Bundle, anchor: Option<Anchor>) -> Report {
    let options = Options { anchor, ..Options::default() };
    replay(&memory(bundle), &options, &Silent).unwrap()
}

/// A whole small election in which everything holds.
pub(crate) fn whole() -> Election {
    Election::new(Plan::default()).complete()
}

/// An election with a key of the booth path's platform.
pub(crate) fn with_platform() -> Plan {
    let mut plan = Plan::default();
    plan.holders.push(("platform-1", "county", Role::Platform));
    plan
}

/// The payload of a vector, as one of this election.
pub(crate) fn of_election<P: PayloadType>(election: &Election, file: &str) -> P {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/artifacts/");
    let bytes = std::fs::read(format!("{folder}{}/{file}.json", P::KIND.row().name)).unwrap();
    let mut payload: Value = serde_json::from_slice(&bytes).unwrap();
    payload["election_id"] = json!(election.charter.election_id);
    serde_json::from_value(payload).unwrap()
}

/// The campaign of the vectors, as one of this election.
pub(crate) fn campaign(election: &Election) -> Campaign {
    Campaign { purpose: election.charter.purpose, ..of_election(election, "valid-official") }
}

/// Changes one byte in the middle of a file.
pub(crate) fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
}

/// Changes what was read at a path for the nth time, counted from 0.
type Change = Box<dyn Fn(&str, u64, &mut Vec<u8>) + Send + Sync>;

/// An address whose answers change.
pub(crate) struct Fickle {
    files: MemorySource,
    change: Change,
    /// How often each path was asked for.
    times: Mutex<BTreeMap<String, u64>>,
}

impl Fickle {
    /// Serves a bundle with a change to each answer.
    pub(crate) fn new(
        bundle: &Bundle,
        change: impl Fn(&str, u64, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        let times = Mutex::new(BTreeMap::new());
        Self { files: memory(bundle), change: Box::new(change), times }
    }

    /// How often a path was asked for.
    pub(crate) fn times(&self, path: &str) -> u64 {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(path).copied().unwrap_or(0)
    }
}

impl Source for Fickle {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let before = self.times(path);
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.insert(path.to_owned(), before + 1);
        drop(times);
        let mut bytes = self.files.read(path, limit)?;
        if let Some(bytes) = &mut bytes {
            (self.change)(path, before, bytes);
        }
        Ok(bytes)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "fickle".to_owned()
    }
}
