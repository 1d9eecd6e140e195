//! The miner, against what a midstate allows: one bare compression of SHA-256 a try.
//!
//! Both run in one process, on one thread and on all. With SHA instructions both use them.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use booth::work::{Miner, Mining, Puzzle, mine};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sha2::block_api::compress256;

/// Tries between two looks at the clock.
const TRIES: u32 = 16_384;

/// The puzzle of the first line of the prototype's list: 125 bytes, so the nonce crosses a block.
fn puzzle() -> Puzzle {
    Puzzle::new("1670365684", &[7; 64], "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G", "Humble Pluto")
}

/// What a midstate allows: from one state, a block that differs in its first bytes.
fn compressions(first: u64, tries: u32) -> u32 {
    let state = black_box([7_u32; 8]);
    let mut block = [0_u8; 64];
    let mut zeros = 0;
    for nonce in first..first + u64::from(tries) {
        block[..8].copy_from_slice(&nonce.to_be_bytes());
        let mut end = state;
        compress256(&mut end, std::slice::from_ref(&block));
        zeros = zeros.max(end[0].leading_zeros());
    }
    zeros
}

fn one_thread(c: &mut Criterion) {
    let mut group = c.benchmark_group("work, one thread");
    group.throughput(Throughput::Elements(u64::from(TRIES)));
    group.bench_function("bare compressions", |b| {
        let mut first = 0;
        b.iter(|| {
            first += u64::from(TRIES);
            compressions(first, TRIES)
        });
    });
    group.bench_function("miner", |b| {
        let mut miner = Miner::new(puzzle(), 0x5eed);
        b.iter(|| {
            miner.run(TRIES);
            miner.best()
        });
    });
    group.finish();
}

/// The time that all threads together take for some strides.
fn together(threads: usize, strides: u64, work: impl Fn(u64) + Sync) -> Duration {
    let begin = Instant::now();
    thread::scope(|scope| {
        for number in 0..threads as u64 {
            let work = &work;
            scope.spawn(move || (0..strides).for_each(|stride| work(number << 40 | stride << 20)));
        }
    });
    begin.elapsed()
}

fn all_cores(c: &mut Criterion) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut group = c.benchmark_group(format!("work, {threads} threads"));
    group.throughput(Throughput::Elements(u64::from(TRIES) * threads as u64));
    group.bench_function("bare compressions", |b| {
        b.iter_custom(|strides| {
            together(threads, strides, |first| {
                black_box(compressions(first, TRIES));
            })
        });
    });
    group.bench_function("miner", |b| {
        b.iter_custom(|strides| {
            let enough = strides * u64::from(TRIES) * threads as u64;
            let mining = Mining::new();
            let begin = Instant::now();
            thread::scope(|scope| {
                scope.spawn(|| mine(&puzzle(), 0x5eed, threads, None, &mining));
                while mining.tries() < enough {
                    thread::yield_now();
                }
                mining.stop();
            });
            // What was tried beyond the number asked for is taken off.
            let took = begin.elapsed().as_nanos() * u128::from(enough);
            Duration::from_nanos_u128(took / u128::from(mining.tries()))
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    targets = one_thread, all_cores
}
criterion_main!(benches);
