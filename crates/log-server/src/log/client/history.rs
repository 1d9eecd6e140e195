//! Which keys and witnesses count: the charter and every amendment under a head.
//!
//! The leaves are read and hashed again, so a log cannot leave out an amendment that its head
//! covers. It could still call one something else; that is for the verifier, who reads every
//! artifact.

mod file;

use std::num::NonZero;
use std::thread;

use artifact::admit::{self, Founded, MAX_ENVELOPE_BYTES};
use artifact::leaf::{Leaf, entry_of};
use artifact::register::Register;
use artifact::role::EntryType;
use canon::Digest;
use tlog::checkpoint::Checkpoint;
use tlog::merkle::{Head, leaf_hash, root_of};
use tlog::policy::Policy;
use tlog::proof::TlogProofError;
use tlog::tile::{LeafPath, Place, decode_leaves};

use super::{Client, ClientError, Fault, MAX_ANSWER_BYTES};

pub use file::HistoryFileError;

/// The most entries whose leaves are read. Each costs about 300 bytes of traffic and 32 of
/// memory.
pub const MAX_ENTRIES: u64 = 1 << 24;

/// How many bundles of leaves are asked for at one time.
const AT_ONCE: usize = 8;

/// A bundle's place and its leaves.
type Bundle = (Place, Vec<Vec<u8>>);

/// The register of an election as far as a head of its log covers it.
#[derive(Clone, Debug)]
pub struct History {
    pub(super) register: Register,
    /// The leaf hashes under the head.
    pub(super) hashes: Vec<Digest>,
    /// What changed the register since the charter.
    changes: Vec<Change>,
}

/// An amendment or a close.
#[derive(Clone, Debug)]
struct Change {
    index: u64,
    artifact: Vec<u8>,
}

impl History {
    /// The charter alone, as before the first head.
    pub fn of_charter(founded: &Founded) -> Self {
        Self { register: founded.register.clone(), hashes: Vec::new(), changes: Vec::new() }
    }

    /// How many entries were read.
    pub fn size(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// Keys and witnesses.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The hash of a leaf that was read.
    pub(super) fn hash(&self, index: u64) -> Option<&Digest> {
        self.hashes.get(usize::try_from(index).ok()?)
    }

    /// Whose cosignatures make a head of this size.
    pub(super) fn policy(&self, size: u64) -> Result<&Policy, TlogProofError> {
        let policy = self.register.witness_policy_at(size);
        policy.map(|found| &found.policy).ok_or(TlogProofError::NoQuorum)
    }

    /// The root over the first `size` entries.
    fn root(&self, size: u64) -> Digest {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        root_of(self.hashes.get(..size).unwrap_or(&self.hashes))
    }

    fn judge(&self, size: u64, checkpoint: &[u8]) -> Result<(), TlogProofError> {
        let judgement = self.policy(size)?.judge(checkpoint)?;
        if judgement.quorum_met { Ok(()) } else { Err(TlogProofError::NoQuorum) }
    }

    /// Lets an amendment or a close change the register.
    fn enact(&mut self, index: u64, artifact: Vec<u8>) -> Result<(), admit::Refusal> {
        admit::enact(&artifact, &mut self.register, index)?;
        self.changes.push(Change { index, artifact });
        Ok(())
    }
}

impl Client {
    /// The charter with every amendment under the log's published head; the charter alone where
    /// no head is published yet.
    pub fn history(&self, founded: &Founded) -> Result<History, ClientError> {
        let mut history = History::of_charter(founded);
        self.extend(&mut history)?;
        Ok(history)
    }

    /// Goes on reading where a history ends, up to the log's published head, which must be one of
    /// the same tree.
    pub fn extend(&self, history: &mut History) -> Result<(), ClientError> {
        match self.get("/checkpoint") {
            Ok(checkpoint) => self.extend_to(history, &checkpoint).map(drop),
            Err(ClientError::Refused { status: 404, .. }) if history.size() == 0 => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Goes on reading up to a head, which is judged by the charter and every amendment under it.
    /// A fault names the checkpoint.
    ///
    /// A head that is older than the history is held against it.
    pub(super) fn extend_to(
        &self,
        history: &mut History,
        checkpoint: &[u8],
    ) -> Result<Head, ClientError> {
        let fault = |error: TlogProofError| Fault::Proof(error).of(checkpoint);
        let (head, note) =
            Checkpoint::parse_signed(checkpoint).map_err(|error| fault(error.into()))?;
        // Nothing is fetched for a head that the log has not signed.
        note.verify(&[&history.register.log_keys().checkpoint])
            .map_err(|error| fault(TlogProofError::Checkpoint(error.into())))?;
        let head = Head { size: head.size, root: head.root };
        if head.size > MAX_ENTRIES {
            return Err(ClientError::TooLong { size: head.size, most: MAX_ENTRIES });
        }
        let before = (history.register.clone(), history.hashes.len(), history.changes.len());
        let read = self.read_up_to(history, head, checkpoint);
        if read.is_err() {
            history.register = before.0;
            history.hashes.truncate(before.1);
            history.changes.truncate(before.2);
        }
        read.map(|()| head)
    }

    fn read_up_to(
        &self,
        history: &mut History,
        head: Head,
        checkpoint: &[u8],
    ) -> Result<(), ClientError> {
        while history.size() < head.size {
            for (place, lines) in self.next_bundles(history.size(), head.size)? {
                let known = history.size().saturating_sub(place.first());
                for line in lines.iter().skip(usize::try_from(known).unwrap_or(usize::MAX)) {
                    self.read_line(history, place, line, checkpoint)?;
                }
            }
        }
        if history.root(head.size) != head.root {
            return Err(Fault::Leaves { size: head.size }.of(checkpoint));
        }
        let judged = history.judge(head.size, checkpoint);
        judged.map_err(|error| Fault::Proof(error).of(checkpoint))
    }

    /// The next bundles of leaves from an index on, fetched side by side.
    fn next_bundles(&self, from: u64, size: u64) -> Result<Vec<Bundle>, ClientError> {
        let firsts = (from / 256..).map(|number| number.saturating_mul(256));
        let places = firsts.map_while(|first| Place::holding(first, size));
        let places: Vec<Place> = places.take(AT_ONCE).collect();
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let share = places.len().div_ceil(cores.clamp(2, AT_ONCE)).max(1);
        let read = |place: &Place| self.lines(*place).map(|lines| (*place, lines)).map_err(unread);
        thread::scope(|scope| {
            let parts: Vec<_> = places
                .chunks(share)
                .map(|part| scope.spawn(move || part.iter().map(read).collect::<Vec<_>>()))
                .collect();
            let parts = parts.into_iter().map(|part| part.join().expect("a thread that reads"));
            parts.flatten().collect()
        })
    }

    /// One more leaf, with the change of the register that it may stand for.
    fn read_line(
        &self,
        history: &mut History,
        place: Place,
        line: &[u8],
        checkpoint: &[u8],
    ) -> Result<(), ClientError> {
        let index = history.size();
        let leaf =
            Leaf::parse(line).map_err(|error| unread(self.malformed(&LeafPath(place), error)))?;
        if matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close) {
            let artifact = self.change(&leaf)?;
            history.enact(index, artifact).map_err(|refusal| {
                Fault::Amendment { index, refusal: Box::new(refusal) }.of(checkpoint)
            })?;
        }
        history.hashes.push(leaf_hash(&entry_of(line)));
        Ok(())
    }

    /// The artifact of an amendment or a close.
    fn change(&self, leaf: &Leaf) -> Result<Vec<u8>, ClientError> {
        let path = format!("artifact/{}", leaf.artifact_sha256);
        let most = MAX_ENVELOPE_BYTES as u64;
        let bytes = self.fetch(&format!("/{path}"), most).map_err(unread)?;
        if Digest::of(&bytes) != leaf.artifact_sha256 {
            return Err(unread(self.malformed(&path, "other bytes than the leaf names")));
        }
        Ok(bytes)
    }

    /// The leaf at an index that a history knows.
    pub(super) fn leaf(&self, history: &History, index: u64) -> Result<Option<Leaf>, ClientError> {
        let (Some(hash), Some(place)) =
            (history.hash(index), Place::holding(index, history.size()))
        else {
            return Ok(None);
        };
        let lines = self.lines(place).map_err(unread)?;
        let at = usize::try_from(index.saturating_sub(place.first())).unwrap_or(usize::MAX);
        let line = lines.get(at).filter(|line| leaf_hash(&entry_of(line)) == *hash);
        let malformed = |why: &dyn std::fmt::Display| unread(self.malformed(&LeafPath(place), why));
        let line = line.ok_or_else(|| malformed(&"another leaf than the tree has"))?;
        Leaf::parse(line).map(Some).map_err(|error| malformed(&error))
    }

    /// The lines of a place of the leaves, as many as it is wide.
    fn lines(&self, place: Place) -> Result<Vec<Vec<u8>>, ClientError> {
        let path = LeafPath(place);
        // A partial file may give way to the full one that begins with it.
        let (bytes, width) = match self.get(&format!("/{path}")) {
            Err(ClientError::Refused { status: 404, .. }) if !place.is_full() => {
                let full = place.full();
                (self.fetch(&format!("/{}", LeafPath(full)), MAX_ANSWER_BYTES)?, full.width())
            }
            answer => (answer?, place.width()),
        };
        let lines = decode_leaves(&bytes, width).map_err(|error| self.malformed(&path, error))?;
        Ok(lines.iter().take(usize::from(place.width())).map(|line| line.to_vec()).collect())
    }

    fn malformed(&self, path: &dyn std::fmt::Display, why: impl std::fmt::Display) -> ClientError {
        ClientError::Malformed { url: format!("{}/{path}", self.base), why: why.to_string() }
    }
}

fn unread(error: ClientError) -> ClientError {
    ClientError::Amendments(Box::new(error))
}
