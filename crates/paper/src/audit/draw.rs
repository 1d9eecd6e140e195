//! Draws: the cards of a manifest that follow from a seed.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use rla::sample::{ColoradoGenerator, Lowest, SampleError};

use super::manifest::{BallotManifest, Card};

/// One draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw<'a> {
    /// Its number in the sample, from 1.
    pub draw: u64,
    /// The index of the card in the manifest, from 1.
    pub index: u64,
    /// The card.
    pub card: Card<'a>,
}

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The seed or the election id is none.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// A sample without replacement that is larger than the whole.
    #[error("{count} cards are wanted of the {cards} in the manifest")]
    TooMany {
        /// Cards wanted.
        count: u64,
        /// Cards there are.
        cards: u64,
    },
}

impl DrawError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Sample(error) => error.hint(),
            Self::TooMany { .. } => "look at every card: that is a full count by hand",
        }
    }
}

/// Draws as Colorado does, with replacement, repeats kept, without end: take as many as needed.
///
/// # Errors
/// [`SampleError::Seed`] unless the seed is decimal digits.
pub fn colorado<'a>(
    manifest: &'a BallotManifest,
    seed: &str,
) -> Result<impl Iterator<Item = Draw<'a>> + use<'a>, SampleError> {
    let indices = ColoradoGenerator::new(seed, 1, manifest.total())?;
    Ok((1..).zip(indices).map_while(|(draw, index)| draw_of(manifest, draw, index)))
}

/// Draws by ticket, without replacement: the `count` cards with the lowest tickets, in order.
///
/// # Errors
/// [`DrawError`] for a seed or an election id that is none, and for more cards than there are.
pub fn hkdf<'a>(
    manifest: &'a BallotManifest,
    seed: &str,
    election_id: &str,
    count: u64,
) -> Result<Vec<Draw<'a>>, DrawError> {
    let tickets = Tickets::new(manifest, seed, election_id)?;
    let mut lowest = tickets.selection(count)?;
    tickets.offer(1..=manifest.total(), &mut lowest);
    Ok(tickets.draws(lowest))
}

/// The tickets of a manifest's cards, for callers that share the work among cores.
///
/// Any partition of the cards into ranges gives the same sample: [offer](Self::offer) each range
/// to a [selection](Self::selection), [merge](Lowest::merge) the selections, and ask for the
/// [draws](Self::draws).
#[derive(Clone)]
pub struct Tickets<'a> {
    manifest: &'a BallotManifest,
    tickets: rla::sample::Tickets,
}

impl<'a> Tickets<'a> {
    /// The tickets that follow from the manifest's digest, a seed and an election.
    ///
    /// # Errors
    /// [`SampleError`] for a seed or an election id that is none.
    pub fn new(
        manifest: &'a BallotManifest,
        seed: &str,
        election_id: &str,
    ) -> Result<Self, SampleError> {
        let tickets = rla::sample::Tickets::new(&manifest.digest(), seed, election_id)?;
        Ok(Self { manifest, tickets })
    }

    /// A selection of `count` cards, to which none has been offered yet.
    ///
    /// # Errors
    /// [`DrawError::TooMany`] if the manifest has fewer cards.
    pub fn selection(&self, count: u64) -> Result<Lowest<u64>, DrawError> {
        let cards = self.manifest.total();
        match usize::try_from(count) {
            Ok(size) if count <= cards => Ok(Lowest::new(size)),
            _ => Err(DrawError::TooMany { count, cards }),
        }
    }

    /// Offers the cards of a range of indices. The selection holds the indices of those with the
    /// lowest tickets; equal tickets are ordered by index.
    pub fn offer(&self, cards: RangeInclusive<u64>, lowest: &mut Lowest<u64>) {
        let mut id = String::new();
        for (batch, positions) in self.manifest.parts(cards) {
            id.clear();
            id.extend([batch.tabulator, "/", batch.name, "/"]);
            let head = id.len();
            for position in positions {
                id.truncate(head);
                // Writing to a string does not fail.
                let _ = write!(id, "{position}");
                let index = batch.first.saturating_add(position.saturating_sub(1));
                lowest.offer(self.tickets.ticket(&id), index);
            }
        }
    }

    /// The draws that the lowest tickets make, in their order.
    pub fn draws(&self, lowest: Lowest<u64>) -> Vec<Draw<'a>> {
        (1..)
            .zip(lowest.into_ascending())
            .map_while(|(draw, (_, index))| draw_of(self.manifest, draw, index))
            .collect()
    }
}

fn draw_of(manifest: &BallotManifest, draw: u64, index: u64) -> Option<Draw<'_>> {
    manifest.card_at(index).map(|card| Draw { draw, index, card })
}

#[cfg(test)]
mod tests;
