//! The search on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;

use super::{Best, Miner, Puzzle};

/// Nonces between two looks at whether to stop, as a power of two: well under a tenth of a second
/// on any device. Fewer where less is enough.
const STRIDE_BITS: u32 = 14;

/// A search that runs, as its owner sees it from another thread.
#[derive(Debug)]
pub struct Mining {
    stop: AtomicBool,
    enough: AtomicU32,
    tries: AtomicU64,
    best: Mutex<Option<Best>>,
}

/// No score is enough: the search goes on until it is told to stop.
const NEVER: u32 = u32::MAX;

impl Default for Mining {
    fn default() -> Self {
        Self {
            stop: AtomicBool::new(false),
            enough: AtomicU32::new(NEVER),
            tries: AtomicU64::new(0),
            best: Mutex::new(None),
        }
    }
}

impl Mining {
    /// A search that nobody has begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the search to stop; it does within a few milliseconds.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// From now on so many bits suffice: the search stops within a few milliseconds if it has them,
    /// or else as soon as it does. For when the voter no longer has to wait for anything else.
    pub fn suffice(&self, bits: u32) {
        self.enough.store(bits, Ordering::Relaxed);
    }

    /// Nonces tried so far.
    pub fn tries(&self) -> u64 {
        self.tries.load(Ordering::Relaxed)
    }

    /// The best so far.
    pub fn best(&self) -> Option<Best> {
        *self.best.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn offer(&self, found: Option<Best>) -> Option<Best> {
        let mut best = self.best.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if found.map(|one| one.score) > best.map(|one| one.score) {
            *best = found;
        }
        *best
    }
}

/// Searches on some threads until told to stop, or until the work suffices; then gives the best.
///
/// The threads begin at places that lie evenly apart from `start`, a random number. Without
/// `enough` the search goes on and keeps the best, for as long as the voter has to wait anyhow;
/// [`Mining::suffice`] ends it.
pub fn mine(
    puzzle: &Puzzle,
    start: u64,
    threads: usize,
    enough: Option<u32>,
    mining: &Mining,
) -> Option<Best> {
    if let Some(bits) = enough {
        mining.suffice(bits);
    }
    let threads = threads.max(1) as u64;
    let apart = u64::MAX.checked_div(threads).unwrap_or(u64::MAX);
    thread::scope(|scope| {
        for number in 0..threads {
            let first = start.wrapping_add(apart.wrapping_mul(number));
            scope.spawn(move || search(Miner::new(puzzle.clone(), first), mining));
        }
    });
    mining.best()
}

fn search(mut miner: Miner, mining: &Mining) {
    while !mining.stop.load(Ordering::Relaxed) {
        let enough = mining.enough.load(Ordering::Relaxed);
        let stride = 1_u32 << enough.min(STRIDE_BITS);
        miner.run(stride);
        mining.tries.fetch_add(u64::from(stride), Ordering::Relaxed);
        if mining.offer(miner.best()).is_some_and(|best| best.score >= enough) {
            mining.stop();
        }
    }
}
