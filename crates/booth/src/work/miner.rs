//! One thread's search for a nonce.
//!
//! What does not change from try to try is compressed once (the midstate). The nonce is eight bytes
//! at the end of the message; where it crosses from one block of 64 bytes into the next, its
//! first bytes stay fixed as long as the last ones run, so that a try mostly costs one
//! compression. Only where the padding needs a block of its own does it cost two.

use canon::Digest;
use sha2::block_api::compress256;

use super::{Best, NONCE_BYTES, Nonce, Puzzle, zeros};

const BLOCK: usize = 64;

/// FIPS 180-4, 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A search through nonces of eight bytes, one after the other, that keeps the best it has met.
#[derive(Debug, Clone)]
pub struct Miner {
    puzzle: Puzzle,
    tail: Tail,
    next: u64,
    best: Option<Best>,
}

impl Miner {
    /// A search that begins at a nonce: a random one, so that what is published tells neither
    /// when the search began nor how fast the device is.
    pub fn new(puzzle: Puzzle, start: u64) -> Self {
        let tail = Tail::new(&puzzle, start);
        Self { puzzle, tail, next: start, best: None }
    }

    /// Tries some more nonces.
    pub fn run(&mut self, tries: u32) {
        let least = self.best.map_or(0, |best| best.score.saturating_add(1));
        let mut least = least;
        for _ in 0..tries {
            if self.tail.is_past(self.next) {
                self.tail = Tail::new(&self.puzzle, self.next);
            }
            let state = self.tail.compress(self.next);
            // The first word decides nearly always.
            if state[0].leading_zeros() >= least.min(u32::BITS) {
                let score = zeros(&digest(&state));
                if score >= least {
                    self.best = Some(Best { nonce: Nonce::from(self.next), score });
                    least = score.saturating_add(1);
                }
            }
            self.next = self.next.wrapping_add(1);
        }
    }

    /// The best so far; `None` before the first try.
    pub const fn best(&self) -> Option<Best> {
        self.best
    }
}

fn digest(state: &[u32; 8]) -> Digest {
    let mut bytes = [0; 32];
    for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    Digest(bytes)
}

/// Bytes before the first block, so that a nonce that crosses into it is written whole.
const LEAD: usize = NONCE_BYTES;

/// The state before the block in which the nonce ends, and what comes after that state.
#[derive(Debug, Clone)]
struct Tail {
    state: [u32; 8],
    /// The block in which the nonce ends, and perhaps a second one with padding, after `LEAD`
    /// bytes.
    bytes: [u8; LEAD + 2 * BLOCK],
    /// Where the nonce begins in `bytes`. What is before `LEAD` belongs to the state already.
    at: usize,
    /// Blocks in use, one or two.
    used: usize,
    /// The bits of the nonce that belong to the state already, and which bits those are.
    fixed: u64,
    mask: u64,
}

impl Tail {
    fn new(puzzle: &Puzzle, nonce: u64) -> Self {
        let mut message = puzzle.bytes().to_vec();
        message.extend_from_slice(&nonce.to_be_bytes());
        let end = message.len();
        // The last byte of the nonce is the last byte of the message.
        let done = end.saturating_sub(1) / BLOCK;
        let within = end.saturating_sub(done.saturating_mul(BLOCK));
        message.push(0x80);
        while message.len() % BLOCK != BLOCK.saturating_sub(8) {
            message.push(0);
        }
        message.extend_from_slice(&(end as u64).wrapping_mul(8).to_be_bytes());

        let (all, _) = message.as_chunks::<BLOCK>();
        let (before, rest) = all.split_at(done.min(all.len()));
        let mut state = INITIAL;
        compress256(&mut state, before);
        let mut bytes = [0; LEAD + 2 * BLOCK];
        let after = rest.as_flattened();
        bytes.iter_mut().skip(LEAD).zip(after).for_each(|(to, from)| *to = *from);
        let running = u32::try_from(within.min(NONCE_BYTES)).unwrap_or_default();
        let mask = u64::MAX.checked_shl(running.saturating_mul(8)).unwrap_or_default();
        Self { state, bytes, at: within, used: rest.len(), fixed: nonce & mask, mask }
    }

    /// True when a nonce has other fixed bits, so that another state is needed.
    const fn is_past(&self, nonce: u64) -> bool {
        nonce & self.mask != self.fixed
    }

    /// The final state for a nonce with the fixed bits.
    #[inline]
    fn compress(&mut self, nonce: u64) -> [u32; 8] {
        if let Some(place) = self.bytes.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = nonce.to_be_bytes();
        }
        let mut state = self.state;
        let (blocks, _) = self.bytes.split_at(LEAD).1.as_chunks::<BLOCK>();
        compress256(&mut state, blocks.get(..self.used).unwrap_or(blocks));
        state
    }
}
