//! Snapshots: what the two lists gain at one instant, from the cuts of all shards.
//!
//! Instances cut batches whenever `k` votes stand behind them; the world sees the lists only at a
//! *barrier*, every two minutes, say. What all shards have cut since the last one is put together
//! there and sorted anew, so that in the lists no vote stands with the shard it came from, nor with
//! its batch:
//!
//! ```text
//! shard 0   cut 0 | cut 1 | cut 2           cut 3
//! shard 1       cut 0     |     cut 1 cut 2
//!                         |                        time -->
//!             snapshot 7            snapshot 8
//!             0.0, 0.1, 1.0         0.2, 0.3, 1.1, 1.2   each sorted by SHA-256 of the line
//! ```
//!
//! Any two snapshots differ by whole cuts, so by none or at least `k` votes of a stamp period. The
//! last one is an exception: what is left at the close may be fewer. So the remainders of all
//! shards are published together, in one snapshot, when every shard has closed.
//!
//! - [`barrier`](barrier()): whether a snapshot can be taken now, from what the shards say;
//! - [`merge`](merge()): the lines it adds, judged before they are added;
//! - [`vote_of`] and [`voter_of`]: what a line of a list says, to whoever reads it;
//! - [`Results`] and [`Snapshots`]: what is told of the lists beside them, to whoever reads it;
//! - [`SnapshotSalt`]: what hides the lists' digests while interim results are not told.

mod barrier;
mod commitment;
mod merge;
mod results;
mod sorted;

pub use barrier::{Barrier, Cut, ShardReport, Share, barrier, most_of_a_cut};
pub use commitment::{List, SnapshotSalt};
pub use merge::{Added, MergeFault, Part, merge, vote_of, voter_of};
pub use results::{OptionVotes, Results, Snapshots};
pub use sorted::Sorted;

#[cfg(test)]
mod tests;
