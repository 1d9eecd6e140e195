//! Canonical JSON, envelopes and signatures: the work per artifact of a log and a verifier.

use std::hint::black_box;
use std::time::Duration;

use canon::{Algorithm, Digest, Kind, PrivateKey, SignedBytes, Signer, derive, envelope, json};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;

/// A payload of about 700 bytes, such as a small cast vote record.
fn payload() -> serde_json::Value {
    let digest = Digest::of(b"definition").to_string();
    let votes: Vec<_> = (0..8)
        .map(|contest| json!({"contest": format!("contest-{contest}"), "votes": [contest, 1]}))
        .collect();
    json!({
        "election_id": "hinsdale-2024-11-05",
        "ballot_definition": digest,
        "batch": "103-12",
        "recorded": "2024-11-05T19:00:00Z",
        "salt": digest,
        "cards": votes,
        "note": "The scanner's own claim \u{2013} see custody record",
    })
}

fn json_text(c: &mut Criterion) {
    let small = json::to_canonical(&payload()).unwrap();
    let large = json::to_canonical(&vec![payload(); 1_000]).unwrap();
    let pretty = serde_json::to_vec_pretty(&payload()).unwrap();
    for (size, bytes) in [("one artifact", &small), ("1000 artifacts", &large)] {
        let mut group = c.benchmark_group(format!("json, {size} of {} bytes", bytes.len()));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("require_canonical", |b| {
            b.iter(|| json::require_canonical(black_box(bytes)).unwrap());
        });
        group.bench_function("parse", |b| {
            b.iter(|| json::parse(black_box(bytes)).unwrap());
        });
        group.finish();
    }
    let mut group = c.benchmark_group("json, layout");
    group.throughput(Throughput::Bytes(pretty.len() as u64));
    group.bench_function("canonicalize a pretty text", |b| {
        b.iter(|| json::canonicalize(black_box(&pretty)).unwrap());
    });
    let value = payload();
    group.bench_function("to_canonical", |b| {
        b.iter(|| json::to_canonical(black_box(&value)).unwrap());
    });
    group.bench_function("serde_json_canonicalizer, for comparison", |b| {
        b.iter(|| serde_json_canonicalizer::to_vec(black_box(&value)).unwrap());
    });
    group.finish();
}

fn signed(c: &mut Criterion) {
    let mut group = c.benchmark_group("envelope");
    for alg in [Algorithm::Ed25519, Algorithm::EcdsaP256] {
        let key = PrivateKey::from_seed(alg, &[7; 32]).unwrap();
        let kind: Kind = "cvr/v1".parse().unwrap();
        let bytes = envelope::sign_to_bytes(&kind, &payload(), &[&key]).unwrap();
        if alg == Algorithm::Ed25519 {
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_function("parse", |b| {
                b.iter(|| SignedBytes::parse(black_box(&bytes)).unwrap());
            });
            group.bench_function("digest", |b| b.iter(|| Digest::of(black_box(&bytes))));
        }
        let signed = SignedBytes::parse(&bytes).unwrap();
        let public = key.public_key();
        group.bench_function(format!("verify {alg}"), |b| {
            b.iter(|| signed.verify(0, black_box(&public)).unwrap());
        });
        group.bench_function(format!("sign {alg}"), |b| {
            b.iter(|| key.sign(black_box(signed.payload)).unwrap());
        });
    }
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let text = [1; 150];
    let signature = ed25519_dalek::Signer::sign(&stranger, &text);
    let stranger = stranger.verifying_key();
    group.bench_function("verify_strict of ed25519_dalek, for comparison", |b| {
        b.iter(|| stranger.verify_strict(black_box(&text), &signature).unwrap());
    });
    group.finish();
}

fn expand(c: &mut Criterion) {
    let prk = derive::extract(b"manifest digest", b"53417960661093690826");
    let mut group = c.benchmark_group("hkdf");
    group.throughput(Throughput::Elements(1));
    group.bench_function("expand_32 of 60 bytes", |b| {
        b.iter(|| {
            prk.expand_32(black_box(&[
                b"scrutineer/ticket/v1\0",
                b"hinsdale-2024-11-05\0",
                b"102/23/12345",
            ]))
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    targets = json_text, signed, expand
}
criterion_main!(benches);
