//! The stamps of closed batches, from which receipts are drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::{Place, Receipt};
use crate::Secret;
use crate::batch::{BatchNumber, Cut};
use crate::campaign::{Campaign, Shard};
use crate::mandate::MandateId;
use crate::stamp::VoterStamp;
use crate::vote::Vote;

/// The closed batches of a shard, in the order in which they were cut.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// The stamps of each batch, by the option's place on the ballot.
    closed: Vec<(BatchNumber, BTreeMap<usize, Vec<VoterStamp>>)>,
    /// Where on the shelf each number stands, those that a batch covers included.
    places: BTreeMap<BatchNumber, usize>,
    /// The batches in which somebody chose an option.
    chosen: BTreeMap<usize, BTreeSet<usize>>,
}

impl Shelf {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a batch onto the shelf, once it is on disk.
    pub fn put(&mut self, campaign: &Campaign, cut: &Cut) {
        let stamps = cut.votes.iter();
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
        let mut stamps: BTreeMap<usize, Vec<VoterStamp>> = BTreeMap::new();
        for (option, stamp) in votes {
            stamps.entry(option).or_default().push(stamp);
        }
        for (option, stamps) in &mut stamps {
            stamps.sort_unstable();
            self.chosen.entry(*option).or_default().insert(at);
        }
        self.places.extend(covers.iter().map(|number| (*number, at)));
        self.closed.push((number, stamps));
    }

    /// Whether a batch, or one that covers its number, is on the shelf.
    pub fn holds(&self, batch: BatchNumber) -> bool {
        self.places.contains_key(&batch)
    }

    /// The receipt of a vote whose batch is on the shelf.
    ///
    /// For the other options it draws from the same batch; where nobody in it chose an option, from
    /// the latest earlier batch in which somebody did. What is drawn depends on the vote and its
    /// voter and on nothing that happens later, so that asking again shows nothing new.
    ///
    /// The voter counts because a repeated request is recognised without knowing that its vote and
    /// its mandate belong together. Were the draw the vote's alone, whoever has voted could ask for
    /// the receipt of each record that a holder's receipt shows, and would be given that very
    /// receipt for the holder's own.
    pub fn receipt(
        &self,
        campaign: &Campaign,
        draw_key: &Secret,
        shard: Shard,
        batch: BatchNumber,
        vote: &Vote,
        voter: &MandateId,
    ) -> Option<Receipt> {
        let at = *self.places.get(&batch)?;
        let (number, _) = self.closed.get(at)?;
        let own = campaign.position(&vote.say);
        let stamps = (0..campaign.options().len()).map(|option| {
            if own == Some(option) {
                Some(vote.stamp)
            } else {
                self.draw(draw_key, at, option, (vote, voter))
            }
        });
        let place = Place { shard, batch: *number };
        Some(Receipt::new(campaign, place, stamps.collect()))
    }

    fn draw(
        &self,
        key: &Secret,
        at: usize,
        option: usize,
        (vote, voter): (&Vote, &MandateId),
    ) -> Option<VoterStamp> {
        let from = *self.chosen.get(&option)?.range(..=at).next_back()?;
        let stamps = self.closed.get(from)?.1.get(&option)?;
        let (place, option) = (u64::try_from(at).ok()?, u64::try_from(option).ok()?);
        let mac = key.mac(&[
            b"scrutineer/receipt-draw/v1\n",
            &place.to_be_bytes(),
            &option.to_be_bytes(),
            vote.stamp.bytes(),
            voter.digest().as_bytes(),
        ]);
        let number = u64::from_be_bytes(mac.first_chunk::<8>().copied()?);
        let chosen = number.checked_rem(u64::try_from(stamps.len()).ok()?)?;
        stamps.get(usize::try_from(chosen).ok()?).copied()
    }
}
