//! The sequencer after a restart.

use canon::{Digest, Timestamp};

use super::{Sequencer, Stop};
use crate::merkle::{Frontier, Head};

/// Rebuilds a [`Sequencer`] from what was kept: the entries of the write-ahead log, and every
/// head that the log is known to have signed.
///
/// Give all heads that can be found: the stored checkpoint, the pending one, and those that
/// witnesses hold. Each must follow from the entries, or the log stops: a disk that went back
/// in time must not lead to a second root for a size.
///
/// ```text
/// Recovery::new(heads) -> replay(time, leaf) for every synced entry -> finish()
/// ```
#[derive(Clone, Debug)]
pub struct Recovery {
    tree: Frontier,
    last_leaf: Option<Timestamp>,
    /// The signed heads not reached yet, the smallest last.
    ahead: Vec<Head>,
    /// The largest signed head reached.
    signed: Head,
    last_head: Option<Timestamp>,
}

impl Recovery {
    /// Begins with the heads that were signed, each with the time of its signature, in any
    /// order.
    pub fn new(heads: impl IntoIterator<Item = (Head, Timestamp)>) -> Result<Self, Stop> {
        Self::after(Frontier::new(), None, heads)
    }

    /// Begins after entries that are no longer replayed, given as the tree over them and the
    /// time of the last one.
    ///
    /// Heads below that tree cannot be checked and are refused: give such a tree only with
    /// heads that are as large.
    pub fn after(
        tree: Frontier,
        last_leaf: Option<Timestamp>,
        heads: impl IntoIterator<Item = (Head, Timestamp)>,
    ) -> Result<Self, Stop> {
        let (mut ahead, times): (Vec<_>, Vec<_>) = heads.into_iter().unzip();
        ahead.sort_unstable_by(|a, b| b.cmp(a));
        let last_head = times.into_iter().max();
        let mut recovery = Self { tree, last_leaf, ahead, signed: Head::empty(), last_head };
        recovery.meet_heads()?;
        Ok(recovery)
    }

    /// Number of entries replayed so far, those before the start counted.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Takes the next entry.
    pub fn replay(&mut self, timestamp: Timestamp, leaf: Digest) -> Result<(), Stop> {
        if let Some(last) = self.last_leaf
            && timestamp < last
        {
            return Err(Stop::TimeDecreases { last, found: timestamp });
        }
        self.last_leaf = Some(timestamp);
        self.tree.push(leaf)?;
        self.meet_heads()
    }

    /// Ends the replay. Fails if a signed head covers more than was replayed.
    pub fn finish(self) -> Result<Sequencer, Stop> {
        match self.ahead.first() {
            Some(signed) => Err(Stop::Lost { signed: *signed, found: self.tree.size() }),
            None => Ok(Sequencer::resume(self.tree, self.last_leaf, self.last_head, self.signed)),
        }
    }

    /// Compares the tree with the heads of its size.
    fn meet_heads(&mut self) -> Result<(), Stop> {
        while let Some(head) = self.ahead.pop_if(|head| head.size <= self.tree.size()) {
            let found = self.tree.head();
            if found != head {
                return Err(Stop::Changed { signed: head, found });
            }
            self.signed = head;
        }
        Ok(())
    }
}
