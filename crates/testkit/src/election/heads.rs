//! Heads of a small election: made when the bundle is, from whatever the entries are then.

use std::collections::BTreeMap;
use std::ops::RangeBounds;

use canon::{Digest, Timestamp};
use tlog::checkpoint::Checkpoint;
use tlog::cosignature;
use tlog::note::{KeyType, NoteSigner};

use super::Election;

/// A head to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each says one thing that a test can leave out")]
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
    /// When a witness signs it, by its name, where that is not at `time`.
    pub witness_times: BTreeMap<String, Timestamp>,
    /// Whether witnesses whose keys were rotated sign with the old ones all the same.
    pub old_keys: bool,
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
            witness_times: BTreeMap::new(),
            old_keys: false,
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
        let mut note = head.to_note().expect("a checkpoint");
        let text = note.text().to_owned();
        if let Some(name) = signed {
            let line = self.keys.note(name, KeyType::Ed25519).sign(&text).expect("a signature");
            note.add(line).expect("room for a line");
        }
        let log = timed.map(|name| (self.keys.note(name, KeyType::Cosignature), plan.time));
        let witnesses = witnesses.iter().map(|name| {
            let time = plan.witness_times.get(name).copied().unwrap_or(plan.time);
            (self.witness_key(name, plan), time)
        });
        for (key, time) in log.into_iter().chain(witnesses) {
            let line = cosignature::sign(&key, &text, time).expect("a cosignature");
            note.add(line).expect("room for a line");
        }
        note.to_bytes()
    }

    /// The key by which a witness signs a head.
    fn witness_key(&self, name: &str, plan: &HeadPlan) -> NoteSigner {
        let rotated = self.rotated.get(name).is_some_and(|from| plan.size >= *from);
        if rotated && !plan.old_keys {
            return self.keys.rotated_note(name, KeyType::Cosignature);
        }
        self.keys.note(name, KeyType::Cosignature)
    }

    /// Lets every witness sign these heads, by position, so many seconds after the time that the
    /// log puts on them.
    pub fn date_back(&mut self, heads: impl RangeBounds<usize>, seconds: u64) {
        let names = self.witness_names();
        let bounds = (heads.start_bound().cloned(), heads.end_bound().cloned());
        for head in self.heads.get_mut(bounds).expect("heads") {
            let time = head.time.saturating_plus_seconds(seconds);
            head.witness_times = names.iter().map(|name| (name.clone(), time)).collect();
        }
    }

    /// The key names of the charter's witnesses.
    pub fn witness_names(&self) -> Vec<String> {
        let list = &self.charter.witnesses.list;
        list.iter().map(|witness| witness.name.to_string()).collect()
    }
}
