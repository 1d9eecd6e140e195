//! All twelve lines together.

use super::{LINE_BYTES, LINES, LineFault, read_line, write_line};
use crate::mandate::{MANDATE_BYTES, Mandate};

/// Why twelve lines are no mandate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Too few or too many lines.
    #[error("a card has 12 lines, found {found}")]
    Lines {
        /// Lines found, empty ones left out.
        found: usize,
    },
    /// Lines that are wrong in themselves: each with its number, from 1.
    #[error("{} of the 12 lines cannot be right", .0.len())]
    Faults(Vec<(usize, LineFault)>),
    /// Each line is right, but two stand in each other's place.
    #[error("lines {0} and {1} stand in each other's place")]
    Swapped(usize, usize),
    /// Each line is right, and together they are no mandate.
    #[error("every line is right in itself, but together they are no mandate")]
    Signature,
}

impl CardError {
    /// What the person who types can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Lines { .. } => "type every line of the card, one after the other".to_owned(),
            Self::Faults(faults) => {
                let said: Vec<String> = faults
                    .iter()
                    .map(|(at, fault)| format!("line {at}: {}", fault.hint()))
                    .collect();
                said.join("\n")
            }
            Self::Swapped(one, other) => format!("type lines {one} and {other} again"),
            Self::Signature => "compare the lines with the numbers on the card: one may be from \
                                another card, or the order is wrong. If all are right, the card \
                                is not genuine: ask for another"
                .to_owned(),
        }
    }
}

/// The twelve lines of a mandate's card, without their numbers.
pub fn write(mandate: &Mandate) -> Vec<String> {
    let bytes = mandate.to_bytes();
    bytes.as_chunks::<LINE_BYTES>().0.iter().map(write_line).collect()
}

/// The mandate of a card, its lines one after the other; empty lines are skipped.
///
/// Every wrong line is named, not only the first. Whether the authority is one of the campaign's is
/// not judged here.
pub fn read(text: &str) -> Result<Mandate, CardError> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() != LINES {
        return Err(CardError::Lines { found: lines.len() });
    }
    let mut chunks: Vec<[u8; LINE_BYTES]> = Vec::with_capacity(LINES);
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(lines) {
        match read_line(line, number) {
            Ok(bytes) => chunks.push(bytes),
            Err(fault) => faults.push((number, fault)),
        }
    }
    if faults.is_empty() {
        faults = repeated(&chunks);
    }
    if !faults.is_empty() {
        return Err(CardError::Faults(faults));
    }
    let mandate = joined(&chunks)?;
    if mandate.holds() { Ok(mandate) } else { Err(misplaced(chunks)) }
}

/// Lines that are the same as an earlier one. Two equal lines on one card are as likely as
/// guessing 80 bits.
fn repeated(chunks: &[[u8; LINE_BYTES]]) -> Vec<(usize, LineFault)> {
    let later = (1..).zip(chunks);
    let again = later.filter_map(|(number, chunk)| {
        let first = chunks.iter().position(|one| one == chunk)?.saturating_add(1);
        (first < number).then_some((number, LineFault::Repeated { of: first }))
    });
    again.collect()
}

fn joined(chunks: &[[u8; LINE_BYTES]]) -> Result<Mandate, CardError> {
    let bytes: Vec<u8> = chunks.concat();
    debug_assert_eq!(bytes.len(), MANDATE_BYTES, "twelve lines of ten bytes");
    Mandate::from_bytes(&bytes).map_err(|_| CardError::Lines { found: chunks.len() })
}

/// The two lines that have to change places, if that is all that is wrong: 66 signatures to judge.
fn misplaced(mut chunks: Vec<[u8; LINE_BYTES]>) -> CardError {
    for one in 0..chunks.len() {
        for other in one.saturating_add(1)..chunks.len() {
            chunks.swap(one, other);
            if joined(&chunks).is_ok_and(|mandate| mandate.holds()) {
                return CardError::Swapped(one.saturating_add(1), other.saturating_add(1));
            }
            chunks.swap(one, other);
        }
    }
    CardError::Signature
}
