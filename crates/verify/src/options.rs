//! What a replay is asked for.

use artifact::anchor::Anchor;

/// The questions put to a bundle.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What is known from outside the bundle. Without it the verdict is at best
    /// [`crate::report::Verdict::NotAuthenticated`].
    pub anchor: Option<Anchor>,
    /// The bytes of an older signed head of the same log.
    pub since: Option<Vec<u8>>,
    /// The bytes of promises that the log made.
    pub promises: Vec<Vec<u8>>,
    /// The bytes of artifacts that the charter withholds from the bundle.
    pub artifacts: Vec<Vec<u8>>,
    /// How many threads; 0 for one a core.
    pub threads: usize,
}

/// Told how far a replay has come. All methods may be called from any thread.
pub trait Progress: Sync {
    /// A stage begins: `"entries"`, `"heads"`, `"audit"`.
    fn stage(&self, _name: &'static str) {}
    /// So many of so many entries are done.
    fn entries(&self, _done: u64, _total: u64) {}
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
