//! Draws: the cards of a manifest that follow from a seed.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use rla::sample::{ColoradoGenerator, Lowest, SampleError};

use super::manifest::{BallotManifest, Card};

/// The most cards whose tickets are computed for one sample: 2^32. No election has so many, and at
/// a million tickets a second they take more than an hour.
pub const MAX_TICKETS: u64 = 1 << 32;

/// Cards whose tickets are computed in one go: 2^16.
const SHARE: u64 = 1 << 16;

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
    /// A sample by ticket from more cards than [`MAX_TICKETS`].
    #[error("the manifest has {cards} cards, tickets are computed for 2^32 at most")]
    TooManyCards {
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
            Self::TooManyCards { .. } => "check the numbers of ballots in the manifest",
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
/// Works on all cores. Memory grows with `count` and the number of cores, not with the cards.
/// `walked` is told now and then how many cards more have their tickets, for a progress bar.
///
/// # Errors
/// [`DrawError`] for a seed or an election id that is none, for more draws than there are cards,
/// and for more cards than [`MAX_TICKETS`].
pub fn hkdf<'a>(
    manifest: &'a BallotManifest,
    seed: &str,
    election_id: &str,
    count: u64,
    walked: impl Fn(u64) + Sync,
) -> Result<Vec<Draw<'a>>, DrawError> {
    let tickets = Tickets::new(manifest, seed, election_id)?;
    let cards = manifest.total();
    let nothing = tickets.selection(count)?;
    let shares = cards.div_ceil(SHARE);
    let shares = u32::try_from(shares).ok().filter(|_| cards <= MAX_TICKETS);
    let shares = shares.ok_or(DrawError::TooManyCards { cards })?;
    // So that there are never more than a few selections a core, however many the shares.
    let tasks = rayon::current_num_threads().saturating_mul(4).max(1);
    let least = usize::try_from(shares).unwrap_or(usize::MAX).div_ceil(tasks);
    let lowest = (0..shares)
        .into_par_iter()
        .with_min_len(least)
        .fold(
            || nothing.clone(),
            |mut lowest, share| {
                let before = u64::from(share).saturating_mul(SHARE);
                let last = before.saturating_add(SHARE).min(cards);
                tickets.offer(before.saturating_add(1)..=last, &mut lowest);
                walked(last.saturating_sub(before));
                lowest
            },
        )
        .reduce(
            || nothing.clone(),
            |mut one, other| {
                one.merge(other);
                one
            },
        );
    Ok(tickets.draws(lowest))
}

/// The tickets of a manifest's cards.
///
/// Any partition of the cards into ranges gives the same sample: [offer](Self::offer) each range
/// to a [selection](Self::selection), [merge](Lowest::merge) the selections, and ask for the
/// [draws](Self::draws).
struct Tickets<'a> {
    manifest: &'a BallotManifest,
    tickets: rla::sample::Tickets,
}

impl<'a> Tickets<'a> {
    /// The tickets that follow from the manifest's digest, a seed and an election.
    fn new(
        manifest: &'a BallotManifest,
        seed: &str,
        election_id: &str,
    ) -> Result<Self, SampleError> {
        let tickets = rla::sample::Tickets::new(&manifest.digest(), seed, election_id)?;
        Ok(Self { manifest, tickets })
    }

    /// A selection of `count` cards, to which none has been offered yet.
    fn selection(&self, count: u64) -> Result<Lowest<u64>, DrawError> {
        let cards = self.manifest.total();
        match usize::try_from(count) {
            Ok(size) if count <= cards => Ok(Lowest::new(size)),
            _ => Err(DrawError::TooMany { count, cards }),
        }
    }

    /// Offers the cards of a range of indices. The selection holds the indices of those with the
    /// lowest tickets; equal tickets are ordered by index.
    fn offer(&self, cards: RangeInclusive<u64>, lowest: &mut Lowest<u64>) {
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
    fn draws(&self, lowest: Lowest<u64>) -> Vec<Draw<'a>> {
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
