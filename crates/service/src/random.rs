//! Randomness from the operating system, in the shape that `canon` asks for.

use rand_core::{CryptoRng, Rng, UnwrapErr};

/// The operating system's random generator.
///
/// # Panics
/// Filling bytes from it panics when the operating system has no randomness to give: no key may
/// be made then.
pub fn system() -> impl CryptoRng + Send {
    UnwrapErr(getrandom::SysRng)
}

/// So many random bytes.
///
/// # Panics
/// As [`system`].
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Random bytes in the place of what is there: one call of the operating system for many draws.
///
/// # Panics
/// As [`system`].
pub fn fill(bytes: &mut [u8]) {
    system().fill_bytes(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>(), bytes::<32>());
    }
}
