//! Heads of a small election: made when the bundle is, from whatever the entries are then.

use canon::{Digest, Timestamp};
use tlog::checkpoint::Checkpoint;
use tlog::cosignature;
use tlog::note::KeyType;

use super::{Election, Keys};

/// A head to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadPlan {
    /// How many entries it covers.
    pub size: u64,
    /// When the log and the witnesses sign it.
    pub time: Timestamp,
    /// Another root than that of the entries.
    pub root: Option<Digest>,
    /// Another origin than the charter's.
    pub origin: Option<String>,
    /// Whether the log signs it.
    pub signed: bool,
    /// Whether the log puts its time on it.
    pub timed: bool,
    /// The witnesses that sign it; all of the charter's if none is named here.
    pub witnesses: Option<Vec<String>>,
    /// Whether it is published under `checkpoints/`.
    pub published: bool,
}

impl HeadPlan {
    /// An honest head.
    pub fn at(size: u64, time: Timestamp) -> Self {
        Self {
            size,
            time,
            root: None,
            origin: None,
            signed: true,
            timed: true,
            witnesses: None,
            published: true,
        }
    }
}

impl Election {
    /// The bytes of a head.
    pub fn head_bytes(&self, plan: &HeadPlan) -> Vec<u8> {
        let charter_origin = self.charter.log.origin.as_str();
        let root = plan.root.unwrap_or_else(|| self.root(plan.size));
        let origin = plan.origin.as_deref().unwrap_or(charter_origin);
        let witnesses = match &plan.witnesses {
            Some(names) => names.clone(),
            None => self.witness_names(),
        };
        let signed = plan.signed.then_some(charter_origin);
        let timed = plan.timed.then_some(charter_origin);
        let head = Checkpoint::new(origin, plan.size, root).expect("a head");
        note(&self.keys, &head, signed, timed, &witnesses, plan.time)
    }

    /// The key names of the charter's witnesses.
    pub fn witness_names(&self) -> Vec<String> {
        let list = &self.charter.witnesses.list;
        list.iter().map(|witness| witness.name.to_string()).collect()
    }
}

/// Signs a checkpoint by the log under these names, if any, and by the witnesses.
pub(super) fn note(
    keys: &Keys,
    head: &Checkpoint,
    signed: Option<&str>,
    timed: Option<&str>,
    witnesses: &[String],
    time: Timestamp,
) -> Vec<u8> {
    let mut note = head.to_note().expect("a checkpoint");
    let text = note.text().to_owned();
    if let Some(name) = signed {
        let line = keys.note(name, KeyType::Ed25519).sign(&text).expect("a signature");
        note.add(line).expect("room for a line");
    }
    for name in timed.into_iter().chain(witnesses.iter().map(String::as_str)) {
        let key = keys.note(name, KeyType::Cosignature);
        let line = cosignature::sign(&key, &text, time).expect("a cosignature");
        note.add(line).expect("room for a line");
    }
    note.to_bytes()
}
