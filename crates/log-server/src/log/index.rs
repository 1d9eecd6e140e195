//! Where things stand: by artifact, by statement, by leaf hash.

use std::collections::HashMap;

use canon::{Digest, SignedBytes};

/// Where every sequenced entry stands. It may name entries that are not durable yet.
#[derive(Debug, Default)]
pub(crate) struct Index {
    artifacts: HashMap<Digest, u64>,
    statements: HashMap<Digest, u64>,
    leaves: HashMap<Digest, u64>,
}

/// What the index says about a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Neither the artifact nor its statement stands in the log.
    New,
    /// The very artifact stands at this index.
    Same(u64),
    /// The same statement stands at this index, under other signatures.
    OtherSignatures(u64),
}

impl Index {
    pub(crate) fn insert(&mut self, index: u64, artifact: Digest, statement: Digest, leaf: Digest) {
        self.artifacts.entry(artifact).or_insert(index);
        self.statements.entry(statement).or_insert(index);
        self.leaves.entry(leaf).or_insert(index);
    }

    pub(crate) fn seen(&self, artifact: &Digest, statement: &Digest) -> Seen {
        match (self.artifacts.get(artifact), self.statements.get(statement)) {
            (Some(index), _) => Seen::Same(*index),
            (None, Some(index)) => Seen::OtherSignatures(*index),
            (None, None) => Seen::New,
        }
    }

    pub(crate) fn artifact(&self, artifact: &Digest) -> Option<u64> {
        self.artifacts.get(artifact).copied()
    }

    pub(crate) fn leaf(&self, leaf_hash: &Digest) -> Option<u64> {
        self.leaves.get(leaf_hash).copied()
    }
}

/// The digest of what an envelope says, whoever signed it: SHA-256 of the bytes that its
/// signatures are over. `None` for bytes that are no envelope.
pub(crate) fn statement_of(artifact: &[u8]) -> Option<Digest> {
    SignedBytes::parse(artifact).ok().map(|envelope| envelope.statement())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_artifact_and_the_same_statement_are_told_apart() {
        let [one, other] = [Digest::of(b"one"), Digest::of(b"other")];
        let [said, unsaid] = [Digest::of(b"said"), Digest::of(b"unsaid")];
        let leaf = Digest::of(b"leaf");
        let mut index = Index::default();
        index.insert(7, one, said, leaf);
        assert_eq!(index.seen(&one, &said), Seen::Same(7));
        assert_eq!(index.seen(&other, &said), Seen::OtherSignatures(7));
        assert_eq!(index.seen(&other, &unsaid), Seen::New);
        assert_eq!(index.artifact(&one), Some(7));
        assert_eq!((index.leaf(&leaf), index.leaf(&one)), (Some(7), None));
    }
}
