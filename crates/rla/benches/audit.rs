//! Tickets, draws and sample sizes per second.
#![allow(missing_docs, reason = "criterion_group makes public functions of its own")]

use std::fmt::Write as _;
use std::hint::black_box;

use canon::Digest;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rla::risk::{DilutedMargin, Discrepancies, Gamma, RiskLimit, sample_size};
use rla::sample::{ColoradoGenerator, Lowest, Tickets};

const SEED: &str = "53417960661093690826";
const CARDS: u64 = 10_000;

fn tickets(c: &mut Criterion) {
    let tickets = Tickets::new(&Digest::of(b"manifest"), SEED, "boulder-2024").unwrap();
    let mut group = c.benchmark_group("sample");
    group.throughput(Throughput::Elements(CARDS));
    group.bench_function("tickets, lowest 100", |b| {
        let mut card = String::new();
        b.iter(|| {
            let mut lowest = Lowest::new(100);
            for position in 0..CARDS {
                card.clear();
                write!(card, "101/218/{position}").unwrap();
                lowest.offer(tickets.ticket(&card), position);
            }
            lowest.into_ascending()
        });
    });
    group.bench_function("draws as Colorado", |b| {
        b.iter(|| {
            let generator = ColoradoGenerator::new(SEED, 1, 396_121).unwrap();
            generator.take(10_000).fold(0, |sum: u64, index| sum.wrapping_add(index))
        });
    });
    group.finish();
}

fn sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("risk");
    group.throughput(Throughput::Elements(CARDS));
    group.bench_function("sample sizes", |b| {
        let limit = RiskLimit::new(0.03).unwrap();
        let found = Discrepancies { one_over: 1, ..Discrepancies::NONE };
        b.iter(|| {
            for ballots in 50_000..50_000 + CARDS {
                let margin = DilutedMargin::new(37_549, black_box(ballots)).unwrap();
                let _ = black_box(sample_size(limit, Gamma::USUAL, margin, found));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, tickets, sizes);
criterion_main!(benches);
