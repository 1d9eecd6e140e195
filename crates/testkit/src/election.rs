//! Small elections, whole and in memory: keys, charter, witnesses, log and artifacts.
//!
//! Everything follows from a seed, so an election is the same in every run. No server runs; the
//! tree and its tiles come from `tlog`, signatures from `canon`. What a real log refuses can be
//! built here too: entries of any bytes, leaves that say something else, heads that lack a line.
//!
//! ```
//! use testkit::election::{Election, Plan};
//!
//! let mut election = Election::new(Plan::default());
//! election.software("scanner firmware");
//! election.head();
//! election.close();
//! assert_eq!(election.entries.len(), 3);
//! assert!(election.bundle().contains("checkpoint"));
//! ```
#![allow(
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "a test that asks for what cannot be made is to panic"
)]

use std::collections::BTreeMap;

use artifact::charter::Charter;
use artifact::leaf::{Leaf, LeafType, Originator};
use artifact::payload::{CitedHead, PayloadType};
use artifact::role::{EntryType, Role};
use canon::{Digest, PrivateKey, Signer, Timestamp};
use tlog::merkle::Frontier;

mod audit;
mod bundle;
mod charter;
mod heads;
mod keys;
pub mod large;
mod payloads;

pub use audit::{HINSDALE_SEED, small_manifest};
pub use bundle::Bundle;
pub use charter::{Plan, WitnessPlan};
pub use heads::HeadPlan;
pub use keys::Keys;

/// One entry of the log and the artifact behind it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The canonical leaf.
    pub leaf: Vec<u8>,
    /// The artifact's bytes.
    pub artifact: Vec<u8>,
    /// Where the artifact stands: the digest of its bytes when it was submitted.
    pub digest: Digest,
}

/// What a submission got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The entry's index.
    pub index: u64,
    /// The artifact's digest.
    pub digest: Digest,
}

/// An election under way.
pub struct Election {
    /// Its keys, by holder.
    pub keys: Keys,
    /// The charter.
    pub charter: Charter,
    /// The entries so far.
    pub entries: Vec<Entry>,
    /// Raw files, by digest.
    pub raw: BTreeMap<Digest, Vec<u8>>,
    /// The heads to be made.
    pub heads: Vec<HeadPlan>,
    /// The log's time: each entry takes it, [`Election::wait`] moves it on.
    pub now: Timestamp,
    sequence: u64,
    /// Witnesses with a new key, and the size of head from which on they sign with it.
    rotated: BTreeMap<String, u64>,
}

impl Election {
    /// An election with its charter as entry 0 and a head over it.
    pub fn new(plan: Plan) -> Self {
        let keys = Keys::new(plan.seed);
        let charter = plan.charter(&keys);
        let mut election = Self {
            keys,
            now: charter.created,
            charter,
            entries: Vec::new(),
            raw: BTreeMap::new(),
            heads: Vec::new(),
            sequence: 0,
            rotated: BTreeMap::new(),
        };
        let charter = election.charter.clone();
        election.submit(&charter, &["clerk"]);
        election.head();
        election
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.saturating_plus_seconds(seconds);
    }

    /// Signs and logs a payload. The first of the holders is the originator.
    pub fn submit<P: PayloadType>(&mut self, payload: &P, holders: &[&str]) -> Placed {
        let bytes = self.sign(P::KIND.as_str(), payload, holders);
        let entry_type = P::KIND.entry_type().expect("a kind that is logged");
        self.append(bytes, entry_type, holders.first().expect("a signer"))
    }

    /// The envelope's bytes, whatever the payload.
    pub fn sign<P: serde::Serialize>(&self, kind: &str, payload: &P, holders: &[&str]) -> Vec<u8> {
        let keys: Vec<PrivateKey> = holders.iter().map(|holder| self.keys.key(holder)).collect();
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let kind = kind.parse().expect("a kind");
        canon::envelope::sign_to_bytes(&kind, payload, &signers).expect("an envelope")
    }

    /// Logs any bytes as an artifact of this type and holder.
    pub fn append(&mut self, bytes: Vec<u8>, entry_type: EntryType, holder: &str) -> Placed {
        let leaf = Leaf {
            artifact_sha256: Digest::of(&bytes),
            artifact_size: bytes.len() as u64,
            election_id: self.charter.election_id.clone(),
            entry_type,
            originator: Originator {
                id: holder.parse().expect("a holder id"),
                role: self.role_of(holder),
            },
            timestamp: self.now,
            r#type: LeafType::V1,
        };
        let digest = leaf.artifact_sha256;
        let index = self.size();
        self.entries.push(Entry { leaf: leaf.to_bytes(), artifact: bytes, digest });
        self.wait(1);
        Placed { index, digest }
    }

    /// The role of a holder; audit for one that the charter does not know.
    pub fn role_of(&self, holder: &str) -> Role {
        let known = self.charter.keys.iter().find(|key| key.holder == *holder);
        known.map_or(Role::Audit, |key| key.role)
    }

    /// Changes the leaf of an entry.
    pub fn change_leaf(&mut self, index: u64, change: impl FnOnce(&mut Leaf)) {
        let entry = self.entry_mut(index);
        let mut leaf = Leaf::parse(&entry.leaf).expect("a leaf");
        change(&mut leaf);
        entry.leaf = leaf.to_bytes();
    }

    /// One entry.
    pub fn entry_mut(&mut self, index: u64) -> &mut Entry {
        let index = usize::try_from(index).expect("an index in memory");
        self.entries.get_mut(index).expect("an entry of that index")
    }

    /// The hash of an entry's leaf in the tree.
    pub fn leaf_hash(&self, index: u64) -> Digest {
        let entry = usize::try_from(index).ok().and_then(|index| self.entries.get(index));
        let leaf = &entry.expect("an entry of that index").leaf;
        tlog::merkle::leaf_hash(&artifact::leaf::entry_of(leaf))
    }

    /// The root over the first entries.
    pub fn root(&self, size: u64) -> Digest {
        let mut frontier = Frontier::new();
        for index in 0..size {
            frontier.push(self.leaf_hash(index)).expect("a small tree");
        }
        frontier.root()
    }

    /// Publishes a head over all entries so far, and says how to cite it.
    pub fn head(&mut self) -> CitedHead {
        let tree_size = self.size();
        self.heads.push(HeadPlan::at(tree_size, self.now));
        CitedHead { root_hash: self.root(tree_size), tree_size }
    }
}
