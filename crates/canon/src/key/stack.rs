//! Work with private keys that leaves nothing of them on the stack.

use std::hint::black_box;

use zeroize::Zeroize as _;

/// Words of the stack that are wiped behind the work: 16 KiB. The tests in `tests/stack.rs` look
/// for what lies deeper.
const WORDS: usize = 2048;

/// Does the work, then wipes the stack that it used.
///
/// Libraries hand keys out by value, and each move leaves a copy where the value stood; wiping
/// a key that is dropped does not reach those. Both calls begin at the same depth, so the second
/// lies over what the first has left. Registers are not reached.
///
/// The result comes as a bare pointer: a value carries along, in the room that it does not use,
/// what lay there before.
pub(super) fn wiping<T>(work: impl FnOnce() -> Option<Box<T>>) -> Option<Box<T>> {
    let out = apart(work);
    wipe();
    out
}

/// The margin keeps the work below whatever a call puts on top of its own variables, where
/// [`wipe`] does not reach.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    let margin = black_box([0_u64; 64]);
    let out = work();
    black_box(&margin);
    out
}

#[inline(never)]
fn wipe() {
    let mut below = [0_u64; WORDS];
    below.zeroize();
    black_box(&below);
}
