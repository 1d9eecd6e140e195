//! The ballot manifest: which batches of paper there are, and how many cards are in each.
//!
//! ```text
//! County,Tabulator,Batch,# of Ballots,Location
//! Hinsdale,102,1,25,Bin #1
//! Hinsdale,102,2,25,Bin #1
//! ```
//!
//! The form is that of Colorado's audits. Offices name and order the columns differently, put a
//! byte order mark in front and spaces behind; all this is read. What would change the sample is
//! never guessed: a manifest with any fault is refused, with every fault named.
//!
//! The cards are numbered from 1 through the whole manifest, batch by batch in the order of the
//! lines. They are never held in memory, only the batches are.

mod fault;
mod read;

use std::fmt;
use std::ops::RangeInclusive;

use canon::Digest;

pub use fault::{Column, Fault, FaultKind, ManifestError};

/// The most cards that a manifest may have: what canonical JSON can count, 2^53-1.
pub const MAX_CARDS: u64 = (1 << 53) - 1;

/// A ballot manifest that has been read and found without fault.
#[derive(Clone, PartialEq, Eq)]
pub struct BallotManifest {
    digest: Digest,
    /// The names of all batches, tabulator and batch in turn, without separators.
    names: String,
    rows: Vec<Row>,
}

/// One batch: where its names end, and where its cards do.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row {
    /// Index of the batch's last card; that of the first follows from the row before.
    last: u64,
    /// Offset in `names` at which the tabulator's name ends and the batch's begins.
    middle: usize,
    /// Offset in `names` at which the batch's name ends.
    end: usize,
}

/// A batch of cards, kept together in the order in which they were scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The tabulator that scanned it, or the container that holds it.
    pub tabulator: &'a str,
    /// Its name among the batches of that tabulator.
    pub name: &'a str,
    /// The index of its first card in the manifest, from 1.
    pub first: u64,
    /// How many cards are in it, at least 1.
    pub count: u64,
}

/// One card and the place where it lies.
///
/// As text (`Display`) the number that tabulators print on cards: `102-23-5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card<'a> {
    /// The tabulator or container.
    pub tabulator: &'a str,
    /// The batch.
    pub batch: &'a str,
    /// Its place in the batch, from 1.
    pub position: u64,
    /// Its place in the manifest, from 1.
    pub index: u64,
}

impl Card<'_> {
    /// The card id that tickets are drawn by, `container/batch/position`: `102/23/5`.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.tabulator, self.batch, self.position)
    }
}

impl fmt::Display for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.tabulator, self.batch, self.position)
    }
}

impl BallotManifest {
    /// Reads a manifest from the raw bytes of its CSV file.
    ///
    /// # Errors
    /// [`ManifestError`] names every fault with its line.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        read::read(bytes)
    }

    /// SHA-256 over the raw bytes of the file, byte order mark and all.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// How many cards there are, at least 1.
    pub fn total(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.last)
    }

    /// The card of an index from 1 to the [total](Self::total); `None` beyond.
    pub fn card_at(&self, index: u64) -> Option<Card<'_>> {
        if index == 0 {
            return None;
        }
        let batch = self.batch(self.rows.partition_point(|row| row.last < index))?;
        let position = index.checked_sub(batch.first)?.checked_add(1)?;
        Some(Card { tabulator: batch.tabulator, batch: batch.name, position, index })
    }

    /// The batches in the order of the manifest.
    pub fn batches(&self) -> impl ExactSizeIterator<Item = Batch<'_>> {
        let batch = |row| self.batch(row).unwrap_or(NOTHING);
        (0..self.rows.len()).map(batch)
    }

    /// Each batch that has cards in a range of indices, with the positions in it: to walk a part
    /// of the cards, as when several cores share the walk.
    pub fn parts(
        &self,
        cards: RangeInclusive<u64>,
    ) -> impl Iterator<Item = (Batch<'_>, RangeInclusive<u64>)> {
        let (from, to) = (*cards.start(), *cards.end());
        let start = self.rows.partition_point(|row| row.last < from);
        (start..self.rows.len())
            .map_while(|row| self.batch(row))
            .take_while(move |batch| batch.first <= to)
            .map(move |batch| {
                let position = |index: u64| index.saturating_sub(batch.first).saturating_add(1);
                let last = position(to).min(batch.count);
                (batch, position(from.max(batch.first))..=last)
            })
    }

    fn batch(&self, number: usize) -> Option<Batch<'_>> {
        let row = self.rows.get(number)?;
        let before = number.checked_sub(1).and_then(|number| self.rows.get(number));
        let (start, last_before) = before.map_or((0, 0), |row| (row.end, row.last));
        Some(Batch {
            tabulator: self.names.get(start..row.middle)?,
            name: self.names.get(row.middle..row.end)?,
            first: last_before.checked_add(1)?,
            count: row.last.checked_sub(last_before)?,
        })
    }
}

/// Stands where no batch can be: the number asked for is always one of the rows'.
const NOTHING: Batch<'static> = Batch { tabulator: "", name: "", first: 0, count: 0 };

impl fmt::Debug for BallotManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BallotManifest")
            .field("digest", &self.digest)
            .field("batches", &self.rows.len())
            .field("cards", &self.total())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
