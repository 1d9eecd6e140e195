//! Work with private keys that leaves nothing of them on the stack.

use std::hint::black_box;

use zeroize::Zeroize as _;

/// Words of the stack that are wiped behind the work: 16 KiB. The tests in `tests/stack.rs` look
/// for what lies deeper.
const WORDS: usize = 2048;

/// Does the work, then wipes the stack that it used, also when the work panics.
///
/// Libraries hand keys out by value, and each move leaves a copy where the value stood; wiping
/// a key that is dropped does not reach those. Both calls begin at the same depth, so the second
/// lies over what the first has left. Registers are not reached.
///
/// The result comes as a bare pointer: a value carries along, in the room that it does not use,
/// what lay there before.
pub(super) fn wiping<T>(work: impl FnOnce() -> Option<Box<T>>) -> Option<Box<T>> {
    let _wiped = Wiped;
    apart(work)
}

/// Wipes what lies below when it is dropped.
struct Wiped;

impl Drop for Wiped {
    /// One or two calls deeper than [`apart`], for which its margin is wide enough.
    fn drop(&mut self) {
        wipe();
    }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Whether a word of the secret lies in the 64 KiB below this frame.
    #[inline(never)]
    fn lies_below(secret: &[u8; 32]) -> bool {
        let here = std::ptr::from_ref(&secret).addr() as u64;
        let mut below = vec![0; 1 << 16];
        let memory = File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut below, here - (1 << 16)).unwrap();
        secret.chunks(8).any(|word| below.windows(8).any(|found| found == word))
    }

    /// Runs deep enough that looking does not overwrite what it left.
    #[inline(never)]
    fn deep<T>(work: impl FnOnce() -> T) -> T {
        let above = black_box([0_u8; 1 << 14]);
        let out = work();
        black_box(&above);
        out
    }

    #[test]
    fn a_panic_leaves_nothing_either() {
        let mut secret = Box::new([0; 32]);
        getrandom::fill(secret.as_mut()).unwrap();
        let work = || -> Option<Box<()>> {
            let copy = black_box(*secret);
            black_box(&copy);
            assert!(copy == [0; 32], "on purpose");
            None
        };
        // So that whatever lies on the stack is mapped.
        deep(|| deep(|| deep(|| deep(|| black_box([0_u8; 1 << 14])))));
        assert!(!lies_below(&secret));
        let ended = deep(|| catch_unwind(AssertUnwindSafe(|| wiping(work))).is_err());
        assert!(ended && !lies_below(&secret));
        let ended = deep(|| catch_unwind(AssertUnwindSafe(|| apart(work))).is_err());
        assert!(ended && lies_below(&secret), "without wiping it would be found");
    }
}
