//! What the tree is held against: the definitions of RFC 6962 §2.1 as they are written, and
//! the crates `ct-merkle` and `tlog_tiles`.

use canon::Digest;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use tlog_tiles::{Hash, HashReader};

/// The recursive definitions, on leaf hashes.
pub(crate) struct Definition;

impl Definition {
    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    /// MTH(D\[n\])
    pub(crate) fn root(d: &[Digest]) -> Digest {
        match d {
            [] => Digest::of(b""),
            [leaf] => *leaf,
            _ => {
                let (left, right) = d.split_at(Self::split(d.len()));
                let mut bytes = vec![1];
                bytes.extend_from_slice(Self::root(left).as_bytes());
                bytes.extend_from_slice(Self::root(right).as_bytes());
                Digest::of(&bytes)
            }
        }
    }

    /// PATH(m, D\[n\])
    pub(crate) fn path(m: usize, d: &[Digest]) -> Vec<Digest> {
        if d.len() == 1 {
            return Vec::new();
        }
        let k = Self::split(d.len());
        let (left, right) = d.split_at(k);
        let (mut path, sibling) = if m < k {
            (Self::path(m, left), Self::root(right))
        } else {
            (Self::path(m - k, right), Self::root(left))
        };
        path.push(sibling);
        path
    }

    /// PROOF(m, D\[n\])
    pub(crate) fn consistency(m: usize, d: &[Digest]) -> Vec<Digest> {
        Self::subproof(m, d, true)
    }

    fn subproof(m: usize, d: &[Digest], b: bool) -> Vec<Digest> {
        if m == d.len() {
            return if b { Vec::new() } else { vec![Self::root(d)] };
        }
        let k = Self::split(d.len());
        let (left, right) = d.split_at(k);
        let (mut proof, sibling) = if m <= k {
            (Self::subproof(m, left, b), Self::root(right))
        } else {
            (Self::subproof(m - k, right, false), Self::root(left))
        };
        proof.push(sibling);
        proof
    }
}

/// A tree of `ct-merkle` over the entries of [`super::leaves`].
pub(crate) struct Other(MemoryBackedTree<Sha256, Vec<u8>>);

impl Other {
    pub(crate) fn new() -> Self {
        Self(MemoryBackedTree::new())
    }

    pub(crate) fn of(size: u64) -> Self {
        let mut tree = Self::new();
        (0..size).for_each(|entry| tree.push(entry));
        tree
    }

    pub(crate) fn push(&mut self, entry: u64) {
        self.0.push(entry.to_be_bytes().to_vec());
    }

    pub(crate) fn root(&self) -> Digest {
        Digest((*self.0.root().as_bytes()).into())
    }

    pub(crate) fn inclusion(&self, index: u64) -> Vec<Digest> {
        digests(self.0.prove_inclusion(index as usize).as_bytes())
    }

    pub(crate) fn consistency(&self, old: u64) -> Vec<Digest> {
        let added = self.0.len() - old;
        digests(self.0.prove_consistency(added as usize).as_bytes())
    }
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    assert!(rest.is_empty());
    hashes.iter().copied().map(Digest).collect()
}

/// The hashes of `tlog_tiles`, in its own storage order.
pub(crate) struct Sumdb(Vec<Hash>);

impl HashReader for Sumdb {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|i| self.0[*i as usize]).collect())
    }
}

impl Sumdb {
    pub(crate) fn of(leaves: &[Digest]) -> Self {
        let mut stored = Self(Vec::new());
        for (index, leaf) in leaves.iter().enumerate() {
            let hash = Hash(leaf.0);
            let more = tlog_tiles::stored_hashes_for_record_hash(index as u64, hash, &stored);
            stored.0.extend(more.unwrap());
        }
        stored
    }

    pub(crate) fn root(&self, size: u64) -> Digest {
        Digest(tlog_tiles::tree_hash(size, self).unwrap().0)
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Vec<Digest> {
        let proof = tlog_tiles::prove_record(size, index, self).unwrap();
        proof.into_iter().map(|hash| Digest(hash.0)).collect()
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> Vec<Digest> {
        let proof = tlog_tiles::prove_tree(new, old, self).unwrap();
        proof.into_iter().map(|hash| Digest(hash.0)).collect()
    }

    pub(crate) fn takes_inclusion(
        proof: &[Digest],
        size: u64,
        root: &Digest,
        index: u64,
        leaf: &Digest,
    ) -> bool {
        let proof = Self::hashes(proof);
        tlog_tiles::check_record(&proof, size, Hash(root.0), index, Hash(leaf.0)).is_ok()
    }

    pub(crate) fn takes_consistency(
        proof: &[Digest],
        new: u64,
        new_root: &Digest,
        old: u64,
        old_root: &Digest,
    ) -> bool {
        let proof = Self::hashes(proof);
        tlog_tiles::check_tree(&proof, new, Hash(new_root.0), old, Hash(old_root.0)).is_ok()
    }

    fn hashes(proof: &[Digest]) -> Vec<Hash> {
        proof.iter().map(|hash| Hash(hash.0)).collect()
    }
}
