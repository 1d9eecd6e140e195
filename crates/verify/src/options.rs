//! What a replay is asked for.

use std::sync::Arc;

use artifact::anchor::Anchor;
use artifact::bundle::Source;

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
    /// The lists of the booth path's campaigns.
    pub lists: Option<Lists>,
    /// The bytes of files with the look-up strings of void mandates, one a line.
    pub voided: Vec<Vec<u8>>,
    /// The bytes of voters' records, with receipts and acceptances.
    pub receipts: Vec<Vec<u8>>,
    /// How many threads; 0 for one a core.
    pub threads: usize,
}

/// Where the two lists of each campaign are: `<campaign>-vote.log` and `<campaign>-auth.log`, in a
/// folder or as their publisher serves them.
#[derive(Clone)]
pub struct Lists(Arc<dyn Source + Send>);

impl Lists {
    /// The lists at a source.
    pub fn new(source: impl Source + Send + 'static) -> Self {
        Self(Arc::new(source))
    }

    pub(crate) fn source(&self) -> &dyn Source {
        &*self.0
    }
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lists({})", self.0.describe())
    }
}

/// Told how far a replay has come. All methods may be called from any thread.
pub trait Progress: Sync {
    /// A stage begins: `"entries"`, `"heads"`, `"audit"`, `"lists"`.
    fn stage(&self, _name: &'static str) {}
    /// So many of so many entries, or lines of a list, are done.
    fn entries(&self, _done: u64, _total: u64) {}
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
