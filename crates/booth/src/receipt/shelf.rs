//! The stamps of closed batches, from which receipts are drawn.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Place, Receipt};
use crate::Secret;
use crate::batch::{BatchNumber, Cut};
use crate::campaign::{Campaign, Shard};
use crate::stamp::VoterStamp;
use crate::vote::Vote;

/// The closed batches of a shard, in the order in which they were cut: 20 bytes a vote, and a few
/// for its part in the batch.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    closed: Vec<Closed>,
    /// Where on the shelf each number stands, those that a batch covers included.
    places: BTreeMap<BatchNumber, usize>,
    /// The batches in which somebody chose an option, by the option, in order.
    chosen: BTreeMap<usize, Vec<usize>>,
}

/// A closed batch.
#[derive(Debug, Clone)]
struct Closed {
    number: BatchNumber,
    /// The stamps of all options, one option behind the other, those of each in order.
    stamps: Box<[VoterStamp]>,
    /// The options that somebody chose, each with the end of its stamps.
    ends: Box<[(u32, u32)]>,
}

impl Closed {
    fn of(&self, option: usize) -> &[VoterStamp] {
        let range = || -> Option<Range<usize>> {
            let wanted = u32::try_from(option).ok()?;
            let at = self.ends.binary_search_by_key(&wanted, |(option, _)| *option).ok()?;
            let end = |at: usize| self.ends.get(at).map_or(0, |(_, end)| *end);
            let first = at.checked_sub(1).map_or(0, end);
            Some(usize::try_from(first).ok()?..usize::try_from(end(at)).ok()?)
        };
        range().and_then(|range| self.stamps.get(range)).unwrap_or_default()
    }
}

impl Shelf {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a batch onto the shelf, once it is on disk.
    pub fn put(&mut self, campaign: &Campaign, cut: &Cut) {
        let stamps = cut.votes.iter().map(|half| half.vote());
        let stamps = stamps.filter_map(|vote| Some((campaign.position(&vote.say)?, vote.stamp)));
        self.restore(cut.number, &cut.covers, stamps);
    }

    /// Puts a batch back onto the shelf from what a store kept of it: each vote's stamp, with its
    /// option's place on the ballot. Batches come in the order in which they were cut, for receipts
    /// are drawn by it.
    pub fn restore(
        &mut self,
        number: BatchNumber,
        covers: &[BatchNumber],
        votes: impl IntoIterator<Item = (usize, VoterStamp)>,
    ) {
        let at = self.closed.len();
        let mut votes: Vec<(usize, VoterStamp)> = votes.into_iter().collect();
        votes.sort_unstable();
        let mut ends: Vec<(u32, u32)> = Vec::new();
        for group in votes.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((option, _)) = group.first() else { continue };
            let before = ends.last().map_or(0, |(_, end)| *end);
            let more = u32::try_from(group.len()).unwrap_or(u32::MAX);
            ends.push((u32::try_from(*option).unwrap_or(u32::MAX), before.saturating_add(more)));
            self.chosen.entry(*option).or_default().push(at);
        }
        let (stamps, ends) = (votes.into_iter().map(|(_, stamp)| stamp).collect(), ends.into());
        self.places.extend(covers.iter().map(|number| (*number, at)));
        self.closed.push(Closed { number, stamps, ends });
    }

    /// Whether a batch, or one that covers its number, is on the shelf.
    pub fn holds(&self, batch: BatchNumber) -> bool {
        self.places.contains_key(&batch)
    }

    /// The receipt of a vote whose batch is on the shelf.
    ///
    /// For the other options it draws from the same batch; where nobody in it chose an option, from
    /// the latest earlier batch in which somebody did.
    ///
    /// Each answer is drawn anew, by a number that was never used before. A repeated request is
    /// recognised without knowing that its vote and its mandate belong together, and both are on
    /// public lists: were the draw a function of the two, whoever holds a receipt could ask for
    /// each record on it with each mandate, and would be given that very receipt for its holder's
    /// pair alone. What two receipts have in common is the record that was asked for, and anybody
    /// who has voted can ask for any.
    pub fn receipt(
        &self,
        campaign: &Campaign,
        draw_key: &Secret,
        shard: Shard,
        batch: BatchNumber,
        vote: &Vote,
        fresh: u128,
    ) -> Option<Receipt> {
        let at = *self.places.get(&batch)?;
        let number = self.closed.get(at)?.number;
        let own = campaign.position(&vote.say);
        let stamps = (0..campaign.options().len()).map(|option| {
            if own == Some(option) {
                Some(vote.stamp)
            } else {
                self.draw(draw_key, at, option, fresh)
            }
        });
        let place = Place { shard, batch: number };
        Some(Receipt::new(campaign, place, stamps.collect()))
    }

    fn draw(&self, key: &Secret, at: usize, option: usize, fresh: u128) -> Option<VoterStamp> {
        let chosen = self.chosen.get(&option)?;
        let until = chosen.partition_point(|place| *place <= at);
        let from = *chosen.get(until.checked_sub(1)?)?;
        let stamps = self.closed.get(from)?.of(option);
        let (place, option) = (u64::try_from(at).ok()?, u64::try_from(option).ok()?);
        let mac = key.mac(&[
            b"scrutineer/receipt-draw/v2\n",
            &place.to_be_bytes(),
            &option.to_be_bytes(),
            &fresh.to_be_bytes(),
        ]);
        let number = u64::from_be_bytes(mac.first_chunk::<8>().copied()?);
        let chosen = number.checked_rem(u64::try_from(stamps.len()).ok()?)?;
        stamps.get(usize::try_from(chosen).ok()?).copied()
    }
}
