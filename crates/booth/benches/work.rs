//! The miner, against what a midstate allows: one bare compression of SHA-256 a try.
//!
//! Both in turns, on one thread and on all, for the speed of a shared machine drifts. Where the
//! processor has SHA instructions both use them; the first line says whether it has.
//!
//! ```text
//! cargo bench -p booth --bench work [-- ROUNDS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use booth::work::{Mining, Puzzle, mine};
use sha2::block_api::compress256;

/// Tries between two looks at the clock.
const TRIES: u32 = 16_384;

/// The time of each measurement.
const MEASURED: Duration = Duration::from_millis(500);

fn main() {
    let short = std::env::var_os("SCRUTINEER_BENCH_SHORT").is_some();
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let rounds = numbers.next().unwrap_or(if short { 3 } else { 15 });
    #[cfg(target_arch = "x86_64")]
    println!("SHA instructions: {}", std::arch::is_x86_feature_detected!("sha"));
    let all = thread::available_parallelism().map_or(1, usize::from);
    for threads in if all > 1 { vec![1, all] } else { vec![1] } {
        measured(threads, rounds);
    }
}

fn measured(threads: usize, rounds: usize) {
    let mut ratios = Vec::new();
    let (mut most_bare, mut most_mined) = (0.0_f64, 0.0_f64);
    for _ in 0..rounds {
        let (bare, mined) = (bare(threads), mined(threads));
        most_bare = most_bare.max(bare);
        most_mined = most_mined.max(mined);
        ratios.push(mined / bare);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "{threads} threads: {most_mined:.1} M tries/s at best, bare compressions {most_bare:.1}; \
         in {rounds} rounds in turns {:.2} to {:.2} of them, the median {:.3}",
        ratios[0],
        ratios[rounds - 1],
        ratios[rounds / 2],
    );
}

/// The puzzle of the first line of the prototype's list: 125 bytes, so the nonce crosses a block.
fn puzzle() -> Puzzle {
    Puzzle::new("1670365684", &[7; 64], "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G", "Humble Pluto")
}

/// What a midstate allows, in millions a second: from one state, a block that differs in its first
/// bytes.
fn bare(threads: usize) -> f64 {
    let begin = Instant::now();
    let done: u64 = thread::scope(|scope| {
        let strides = |number: u64| {
            let mut done = 0;
            while begin.elapsed() < MEASURED {
                black_box(compressions(number << 40 | done, TRIES));
                done += u64::from(TRIES);
            }
            done
        };
        let running = (0..threads as u64).map(|number| scope.spawn(move || strides(number)));
        let running: Vec<_> = running.collect();
        running.into_iter().map(|one| one.join().expect("a thread")).sum()
    });
    done as f64 / begin.elapsed().as_secs_f64() / 1e6
}

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

/// The miner as a voter's device runs it, in millions a second.
fn mined(threads: usize) -> f64 {
    let mining = Mining::new();
    let begin = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| mine(&puzzle(), 0x5eed, threads, None, &mining));
        while let Some(left) = MEASURED.checked_sub(begin.elapsed()) {
            thread::park_timeout(left);
        }
        mining.stop();
    });
    mining.tries() as f64 / begin.elapsed().as_secs_f64() / 1e6
}
