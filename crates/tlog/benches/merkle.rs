//! How fast the tree is: node hashes, growth a leaf, and proofs of 24 levels.

use std::convert::Infallible;
use std::hint::black_box;

use canon::Digest;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sha2::Digest as _;
use tlog::merkle::{
    Frontier, NodeReader, check_consistency, check_inclusion, consistency_proof, inclusion_proof,
    leaf_hash, node_hash, root_at, root_of,
};
use tlog::tile::Edge;

/// Leaves of a tree of 24 levels whose right edge is ragged.
const SIZE: u64 = (1 << 24) - 1;

/// A tree whose leaves are all alike, so that all nodes of a level are: it needs no memory, and
/// its proofs cost what any others do.
struct Alike(Vec<Digest>);

impl Alike {
    fn new() -> Self {
        let leaf = leaf_hash(b"leaf");
        let levels = std::iter::successors(Some(leaf), |hash| Some(node_hash(hash, hash)));
        Self(levels.take(64).collect())
    }
}

impl NodeReader for Alike {
    type Error = Infallible;

    fn node(&self, level: u8, _: u64) -> Result<Digest, Infallible> {
        Ok(self.0[usize::from(level)])
    }
}

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn hashes(c: &mut Criterion) {
    let mut group = c.benchmark_group("hash");
    group.throughput(Throughput::Elements(1));
    let (left, right) = (Digest::of(b"left"), Digest::of(b"right"));
    group.bench_function("node", |b| {
        b.iter(|| node_hash(black_box(&left), black_box(&right)));
    });
    group.bench_function("leaf of 32 bytes", |b| {
        b.iter(|| leaf_hash(black_box(left.as_bytes())));
    });
    group.finish();
}

fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("growth");
    let entries: Vec<Digest> = leaves(65_536);
    group.throughput(Throughput::Elements(entries.len() as u64));
    group.sample_size(20);
    group.bench_function("leaf hash and frontier", |b| {
        b.iter(|| {
            let mut frontier = Frontier::new();
            for entry in &entries {
                frontier.push(leaf_hash(entry.as_bytes())).unwrap();
            }
            frontier.root()
        });
    });
    group.bench_function("frontier", |b| {
        b.iter(|| {
            let mut frontier = Frontier::new();
            for entry in &entries {
                frontier.push(*entry).unwrap();
            }
            frontier.root()
        });
    });
    group.bench_function("root of a slice", |b| {
        b.iter(|| root_of(black_box(&entries)));
    });
    group.bench_function("tiles", |b| {
        b.iter_batched(Edge::new, |mut edge| edge.grow(&entries), BatchSize::LargeInput);
    });
    group.finish();
}

fn proofs(c: &mut Criterion) {
    let tree = Alike::new();
    let root = root_at(SIZE, &tree).unwrap();
    let leaf = tree.0[0];
    let mut group = c.benchmark_group("proof of 24 levels");
    group.throughput(Throughput::Elements(1));
    let index = SIZE / 3;
    let proof = inclusion_proof(index, SIZE, &tree).unwrap();
    assert_eq!(proof.len(), 24);
    group.bench_function("check inclusion", |b| {
        b.iter(|| check_inclusion(black_box(&leaf), index, SIZE, &proof, &root).unwrap());
    });
    // The hashing alone, without the tree: what the check is to be compared with.
    let bytes = [0x01_u8; 65];
    group.bench_function("24 hashes of 65 bytes, for comparison", |b| {
        b.iter(|| (0..24).fold(leaf, |_, _| Digest::of(black_box(&bytes))));
    });
    group.bench_function("24 hashes of 65 bytes by sha2, for comparison", |b| {
        let hash = || Digest(sha2::Sha256::digest(black_box(&bytes)).into());
        b.iter(|| (0..24).fold(leaf, |_, _| hash()));
    });
    let old = index | 1;
    let old_root = root_at(old, &tree).unwrap();
    let between = consistency_proof(old, SIZE, &tree).unwrap();
    assert_eq!(between.len(), 25);
    group.bench_function("check consistency", |b| {
        b.iter(|| check_consistency(old, black_box(&old_root), SIZE, &root, &between).unwrap());
    });
    group.bench_function("make inclusion, nodes at hand", |b| {
        b.iter(|| inclusion_proof(black_box(index), SIZE, &tree).unwrap());
    });
    group.finish();
}

criterion_group!(benches, hashes, growth, proofs);
criterion_main!(benches);
