//! SHA-256 of bytes that come piece by piece, and which implementation computes it.
//!
//! A log and its verifiers do little else than hash, and processors without SHA instructions are
//! still common. On those, `aws-lc-rs` takes little more than half the time of `sha2`; with the
//! instructions the two are alike. TLS brings it in any case. For other processors, and in the
//! browser, the implementation is `sha2` (`docs/decisions/0006-aws-lc.md`).

use super::Digest;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod machine {
    use aws_lc_rs::digest::{self, SHA256};

    pub(super) use aws_lc_rs::digest::Context as State;

    pub(super) fn begin() -> State {
        State::new(&SHA256)
    }

    pub(super) fn update(state: &mut State, bytes: &[u8]) {
        state.update(bytes);
    }

    pub(super) fn finish(state: State) -> [u8; 32] {
        array(state.finish())
    }

    pub(super) fn of(bytes: &[u8]) -> [u8; 32] {
        array(digest::digest(&SHA256, bytes))
    }

    fn array(digest: digest::Digest) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod machine {
    use sha2::Digest as _;

    pub(super) use sha2::Sha256 as State;

    pub(super) fn begin() -> State {
        State::new()
    }

    pub(super) fn update(state: &mut State, bytes: &[u8]) {
        sha2::Digest::update(state, bytes);
    }

    pub(super) fn finish(state: State) -> [u8; 32] {
        state.finalize().into()
    }

    pub(super) fn of(bytes: &[u8]) -> [u8; 32] {
        State::digest(bytes).into()
    }
}

/// The digest of bytes that come piece by piece, such as those of a file.
#[derive(Clone)]
pub struct Hasher(machine::State);

impl Hasher {
    /// The digest of nothing yet.
    pub fn new() -> Self {
        Self(machine::begin())
    }

    /// Adds bytes at the end.
    pub fn update(&mut self, bytes: &[u8]) {
        machine::update(&mut self.0, bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        Digest(machine::finish(self.0))
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

/// The digest of bytes that are there.
pub(super) fn of(bytes: &[u8]) -> Digest {
    Digest(machine::of(bytes))
}
