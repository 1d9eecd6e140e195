//! What can be wrong with a manifest.

use std::fmt;

/// The columns that a manifest must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The tabulator that scanned a batch, or else the container that holds it.
    Tabulator,
    /// The batch.
    Batch,
    /// The number of ballot cards in the batch.
    Count,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tabulator => "tabulator",
            Self::Batch => "batch",
            Self::Count => "number of ballots",
        })
    }
}

/// One fault, and the line of the file where it is, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Fault {
    /// The line.
    pub line: u64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Some bytes are not UTF-8.
    #[error("the text is not UTF-8: save the file as CSV in UTF-8")]
    Encoding,
    /// No column bears the name of one that is needed.
    #[error("no column for the {0}: the first line must name the columns")]
    MissingColumn(Column),
    /// Two columns could be meant.
    #[error("columns {first} and {second} could both be the {column}: rename one")]
    TwoColumns {
        /// What both could be.
        column: Column,
        /// The earlier column, from 1.
        first: usize,
        /// The later column, from 1.
        second: usize,
    },
    /// A row without a field, or with an empty one.
    #[error("the {0} is missing")]
    MissingField(Column),
    /// A name that would make card numbers ambiguous.
    #[error("the {column} {name:?} holds a slash or a control character")]
    Name {
        /// Which of the names.
        column: Column,
        /// The name.
        name: String,
    },
    /// A count that is no number of cards.
    #[error("the number of ballots is {0:?}: it must be a whole number from 1")]
    Count(String),
    /// More cards than can be counted.
    #[error("with this batch there are more than 2^53 - 1 cards: check the number of ballots")]
    TooMany,
    /// A batch that stands there twice, or whose card numbers read like another's.
    #[error("batch {batch} is on line {earlier} too: give each batch one line")]
    Duplicate {
        /// Tabulator and batch as they stand in card numbers.
        batch: String,
        /// Where it stands first.
        earlier: u64,
    },
    /// A quoted field that does not end on its line.
    #[error("a quotation mark is not closed on its line")]
    Quotation,
    /// A header and nothing below.
    #[error("there are no batches")]
    NoBatches,
}

/// Why a manifest was refused: all its faults in the order of lines, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    pub(super) faults: Vec<Fault>,
    pub(super) more: usize,
}

impl ManifestError {
    /// The faults, at most 1000 of them.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What to do about them.
    pub const fn hint(&self) -> &'static str {
        "mend the manifest at its source and publish it anew: its digest decides the sample"
    }

    /// How many faults there are, those beyond the first 1000 too.
    pub fn count(&self) -> usize {
        self.faults.len().saturating_add(self.more)
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count() {
            1 => write!(f, "the ballot manifest has a fault")?,
            count => write!(f, "the ballot manifest has {count} faults")?,
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if self.more > 0 {
            write!(f, "\n  and {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestError {}
