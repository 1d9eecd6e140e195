//! Which keys and witnesses count: the charter and every amendment under a head.
//!
//! The leaves are read and hashed again, so a log cannot leave out an amendment that its head
//! covers. It could still call one something else; that is for the verifier, who reads every
//! artifact.

use artifact::admit::{self, Founded, MAX_ENVELOPE_BYTES};
use artifact::leaf::{Leaf, entry_of};
use artifact::register::Register;
use artifact::role::EntryType;
use canon::Digest;
use tlog::checkpoint::Checkpoint;
use tlog::merkle::{Frontier, leaf_hash};
use tlog::policy::Policy;
use tlog::proof::TlogProofError;
use tlog::tile::{LeafPath, Place, decode_leaves};

use super::{Client, ClientError, Fault, MAX_ANSWER_BYTES};

/// The most entries whose leaves are read. Each costs about 300 bytes of traffic and 32 of
/// memory.
pub const MAX_ENTRIES: u64 = 1 << 20;

/// The register of an election as far as a head of its log covers it.
#[derive(Clone, Debug)]
pub struct History {
    pub(super) register: Register,
    /// The leaf hashes under the head.
    pub(super) hashes: Vec<Digest>,
}

impl History {
    /// The charter alone, as before the first head.
    pub fn of_charter(founded: &Founded) -> Self {
        Self { register: founded.register.clone(), hashes: Vec::new() }
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

    fn judge(&self, checkpoint: &[u8]) -> Result<(), TlogProofError> {
        let judgement = self.policy(self.size())?.judge(checkpoint)?;
        if judgement.quorum_met { Ok(()) } else { Err(TlogProofError::NoQuorum) }
    }
}

impl Client {
    /// The charter with every amendment under the log's published head; the charter alone where
    /// no head is published yet.
    pub fn history(&self, founded: &Founded) -> Result<History, ClientError> {
        match self.get("/checkpoint") {
            Ok(checkpoint) => Ok(self.history_under(founded, &checkpoint, None)?.0),
            Err(ClientError::Refused { status: 404, .. }) => Ok(History::of_charter(founded)),
            Err(error) => Err(error),
        }
    }

    /// The charter with every amendment under a head, which is judged by them, and the leaf at
    /// one index. A fault names the checkpoint.
    pub(super) fn history_under(
        &self,
        founded: &Founded,
        checkpoint: &[u8],
        wanted: Option<u64>,
    ) -> Result<(History, Option<Leaf>), ClientError> {
        let fault = |error: TlogProofError| Fault::Proof(error).of(checkpoint);
        let (head, note) =
            Checkpoint::parse_signed(checkpoint).map_err(|error| fault(error.into()))?;
        // Nothing is fetched for a head that the log has not signed.
        note.verify(&[&founded.register.log_keys().checkpoint])
            .map_err(|error| fault(TlogProofError::Checkpoint(error.into())))?;
        if head.size > MAX_ENTRIES {
            return Err(ClientError::TooLong { size: head.size, most: MAX_ENTRIES });
        }
        let mut history = History::of_charter(founded);
        let mut found = None;
        let mut frontier = Frontier::new();
        while let Some(place) = Place::holding(history.size(), head.size) {
            for line in self.lines(place).map_err(unread)? {
                let index = history.size();
                let hash = leaf_hash(&entry_of(&line));
                let leaf = Leaf::parse(&line)
                    .map_err(|error| unread(self.malformed(&LeafPath(place), error)))?;
                self.enact(&leaf, index, &mut history.register, checkpoint)?;
                frontier.push(hash).map_err(|error| self.malformed(&LeafPath(place), error))?;
                history.hashes.push(hash);
                if wanted == Some(index) {
                    found = Some(leaf);
                }
            }
        }
        if frontier.root() != head.root {
            return Err(Fault::Leaves { size: head.size }.of(checkpoint));
        }
        history.judge(checkpoint).map_err(fault)?;
        Ok((history, found))
    }

    /// Lets an amendment or the close change the register.
    fn enact(
        &self,
        leaf: &Leaf,
        index: u64,
        register: &mut Register,
        checkpoint: &[u8],
    ) -> Result<(), ClientError> {
        if !matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close) {
            return Ok(());
        }
        let path = format!("artifact/{}", leaf.artifact_sha256);
        let most = MAX_ENVELOPE_BYTES as u64;
        let bytes = self.fetch(&format!("/{path}"), most).map_err(unread)?;
        if Digest::of(&bytes) != leaf.artifact_sha256 {
            return Err(unread(self.malformed(&path, "other bytes than the leaf names")));
        }
        admit::enact(&bytes, register, index).map_err(|refusal| {
            Fault::Amendment { index, refusal: Box::new(refusal) }.of(checkpoint)
        })?;
        Ok(())
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
