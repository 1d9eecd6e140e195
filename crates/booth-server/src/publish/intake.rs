//! Whether what the instances say agrees with what was published of it.
//!
//! What an instance said of its cuts is kept as a chain, `c(n+1) = SHA-256(c(n) cut(n))`. After a
//! start the publisher asks for all cuts, and afterwards for the last one that it has taken and
//! those behind it.

use booth::campaign::{Campaign, Shard};
use booth::mandate::VOTERS_LINE_BYTES;
use booth::publish::{Cut, List, MergeFault, Part, ShardReport, Share, most_of_a_cut};
use canon::{Digest, Timestamp};

use super::record::{Record, Taken};
use crate::collect::LedgerId;

/// The most bytes of a vote's line: an option of the greatest length, and the rest twice over.
const MOST_LINE: u64 = 2_048;

/// What an instance says that cannot be. Nothing of it is published, and the instance is asked no
/// more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// Another ledger.
    #[error("shard {shard}: it records in the ledger {now}, and what was published is of {before}")]
    OtherLedger {
        /// The shard.
        shard: Shard,
        /// The ledger before.
        before: String,
        /// The ledger now.
        now: String,
    },
    /// Fewer cuts than before.
    #[error("shard {shard}: it tells of {now} cuts, and {before} are published")]
    Fewer {
        /// The shard.
        shard: Shard,
        /// Cuts that are published.
        before: u64,
        /// Cuts now.
        now: u64,
    },
    /// A cut that was published is another one now.
    #[error("shard {shard}: what it says of cuts that are published has changed")]
    Changed {
        /// The shard.
        shard: Shard,
    },
    /// A cut that no votes can make.
    #[error("shard {shard}: a cut of {records} records has {vote_bytes} bytes of votes")]
    Size {
        /// The shard.
        shard: Shard,
        /// Its records.
        records: u64,
        /// Its bytes.
        vote_bytes: u64,
    },
    /// A cut that is larger than any of this campaign can be, and than what a barrier takes.
    #[error(
        "shard {shard}: a cut has {records} records of {vote_bytes} bytes, and none can have more \
         than {most}"
    )]
    TooLarge {
        /// The shard.
        shard: Shard,
        /// Its records.
        records: u64,
        /// Its bytes.
        vote_bytes: u64,
        /// The most records that are taken.
        most: u64,
    },
    /// Lines that no list may get.
    #[error(transparent)]
    Merge(#[from] MergeFault),
}

impl Lie {
    /// What to do.
    pub(super) const HINT: &str = "compare the instance, its disk and its address with what they \
         were; start the publisher again when it tells again what was published; after the end the \
         shard can be left out: scrutineer publish close";

    /// Whose it is.
    pub const fn shard(&self) -> Shard {
        match self {
            Self::OtherLedger { shard, .. }
            | Self::Fewer { shard, .. }
            | Self::Changed { shard }
            | Self::Size { shard, .. }
            | Self::TooLarge { shard, .. } => *shard,
            Self::Merge(fault) => fault.shard(),
        }
    }
}

/// The most fresh cuts that are asked for at a barrier.
const MOST_FRESH: u64 = 100_000;

/// How often the share of a shard is halved, at most.
const MOST_HALVED: u32 = 20;

/// What an instance says from a number on, as far as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) ledger: LedgerId,
    pub(super) from: u64,
    pub(super) cuts: Vec<Cut>,
    /// How many cuts there are in all.
    pub(super) total: u64,
    pub(super) is_closed: bool,
}

/// What is known of one shard.
#[derive(Debug, Clone)]
pub(super) struct Intake {
    shard: Shard,
    taken: Taken,
    /// The last cut that was taken, once this process has seen it.
    last: Option<Cut>,
    /// How often its share is halved, because its lines did not come in time.
    halved: u32,
}

/// Bytes of the two lists of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spans {
    pub(super) votes: std::ops::Range<u64>,
    pub(super) voters: std::ops::Range<u64>,
}

impl Intake {
    pub(super) const fn new(shard: Shard, taken: Taken) -> Self {
        Self { shard, taken, last: None, halved: 0 }
    }

    pub(super) const fn shard(&self) -> Shard {
        self.shard
    }

    pub(super) const fn taken(&self) -> &Taken {
        &self.taken
    }

    /// The number from which to ask.
    pub(super) const fn from(&self) -> u64 {
        if self.last.is_some() { self.taken.cuts.saturating_sub(1) } else { 0 }
    }

    /// The most cuts to ask for.
    pub(super) const fn most(&self) -> u64 {
        self.taken.cuts.saturating_sub(self.from()).saturating_add(MOST_FRESH)
    }

    /// Says whether its lines came. Where the way to it is slow a smaller part may come in time.
    pub(super) fn fetched(&mut self, has_come: bool) {
        self.halved = if has_come {
            self.halved.saturating_sub(1)
        } else {
            self.halved.saturating_add(1).min(MOST_HALVED)
        };
    }

    /// Compares with what was taken. A shard that says that it has closed before the campaign's
    /// end is `None`: its clock is off, and its remainder must not be told.
    pub(super) fn hear(
        &mut self,
        said: &Said,
        campaign: &Campaign,
        share: Share,
        now: Timestamp,
    ) -> Result<Option<ShardReport>, Lie> {
        let (shard, id) = (self.shard, said.ledger.to_string());
        if let Some(before) = self.taken.ledger.as_ref().filter(|before| **before != id) {
            return Err(Lie::OtherLedger { shard, before: before.clone(), now: id });
        }
        let total = said.total.min(said.from.saturating_add(said.cuts.len() as u64));
        if total < self.taken.cuts {
            return Err(Lie::Fewer { shard, before: self.taken.cuts, now: total });
        }
        let known =
            usize::try_from(self.taken.cuts.saturating_sub(said.from)).unwrap_or(usize::MAX);
        let (before, fresh) = said.cuts.split_at_checked(known).unwrap_or((&said.cuts, &[]));
        let is_same = match &self.last {
            Some(last) => before == [*last],
            None => before.iter().fold(Taken::default().chain, chained) == self.taken.chain,
        };
        if !is_same {
            return Err(Lie::Changed { shard });
        }
        // What a barrier takes anyway hurts nobody.
        let honest = most_of_a_cut(campaign);
        let most = honest.max(share.records);
        let most_bytes = honest.saturating_mul(MOST_LINE).max(share.bytes);
        for Cut { records, vote_bytes, .. } in fresh.iter().copied() {
            if vote_bytes > records.saturating_mul(MOST_LINE) {
                return Err(Lie::Size { shard, records, vote_bytes });
            }
            if records > most || vote_bytes > most_bytes {
                return Err(Lie::TooLarge { shard, records, vote_bytes, most });
            }
        }
        self.last = before.last().copied();
        if said.is_closed && now < campaign.end() {
            tracing::warn!(%shard, "it says that it has closed, and the campaign has not ended");
            return Ok(None);
        }
        let Share { records, bytes } = share;
        let share = Share { records: records >> self.halved, bytes: bytes >> self.halved };
        let (portion, rest) = fresh.split_at_checked(share.of(fresh)).unwrap_or((fresh, &[]));
        let is_more = !rest.is_empty() || total < said.total;
        Ok(Some(ShardReport { fresh: portion.to_vec(), is_more, is_closed: said.is_closed }))
    }

    /// Where the lines of fresh cuts stand in the shard's lists.
    pub(super) fn spans(&self, fresh: &[Cut]) -> Spans {
        let Taken { records, vote_bytes, .. } = self.taken;
        let of = |from: u64, bytes: u64| from..from.saturating_add(bytes);
        let sum = |each: fn(&Cut) -> u64| fresh.iter().map(each).fold(0, u64::saturating_add);
        let votes = of(vote_bytes, sum(|cut| cut.vote_bytes));
        let line = VOTERS_LINE_BYTES as u64;
        let voters = sum(|cut| cut.records).saturating_mul(line);
        Spans { votes, voters: of(records.saturating_mul(line), voters) }
    }

    /// What is taken with these cuts.
    pub(super) fn with(&self, ledger: LedgerId, fresh: &[Cut]) -> Taken {
        let mut taken = Taken { ledger: Some(ledger.to_string()), ..self.taken.clone() };
        for cut in fresh {
            taken.chain = chained(taken.chain, cut);
            taken.cuts = taken.cuts.saturating_add(1);
            taken.records = taken.records.saturating_add(cut.records);
            taken.vote_bytes = taken.vote_bytes.saturating_add(cut.vote_bytes);
        }
        taken
    }

    /// Says that cuts are published.
    pub(super) fn publish(&mut self, taken: Taken, fresh: &[Cut]) {
        self.taken = taken;
        self.last = fresh.last().copied().or(self.last);
    }
}

fn chained(before: Digest, cut: &Cut) -> Digest {
    Digest::of_parts(&[
        b"scrutineer/cuts/v1\n",
        before.as_bytes(),
        &cut.records.to_be_bytes(),
        &cut.vote_bytes.to_be_bytes(),
        cut.votes_sha256.as_bytes(),
        cut.voters_sha256.as_bytes(),
    ])
}

/// The parts of fresh cuts, of all lines that were fetched for them.
pub(super) fn parts<'a>(
    shard: Shard,
    fresh: &'a [Cut],
    mut votes: &'a [u8],
    mut voters: &'a [u8],
) -> Result<Vec<Part<'a>>, Lie> {
    let mut parts = Vec::with_capacity(fresh.len());
    for cut in fresh {
        let missing = |list| Lie::Merge(MergeFault::Digest { shard, list });
        let voter_bytes = cut.records.saturating_mul(VOTERS_LINE_BYTES as u64);
        let split = |list, from: &mut &'a [u8], bytes: u64| {
            let at = usize::try_from(bytes).map_err(|_| missing(list))?;
            let (part, rest) = from.split_at_checked(at).ok_or_else(|| missing(list))?;
            *from = rest;
            Ok::<_, Lie>(part)
        };
        let of_votes = split(List::Votes, &mut votes, cut.vote_bytes)?;
        let of_voters = split(List::Voters, &mut voters, voter_bytes)?;
        parts.push(Part { shard, cut, votes: of_votes, voters: of_voters });
    }
    Ok(parts)
}

/// What was taken of each shard, by the last record.
pub(super) fn of_records(campaign: &Campaign, records: &[Record]) -> Vec<Intake> {
    let shards = (0..campaign.shards()).map(Shard);
    let taken = |shard: Shard| {
        let taken = records.last().and_then(|last| last.shards.get(usize::from(shard.0)));
        taken.cloned().unwrap_or_default()
    };
    shards.map(|shard| Intake::new(shard, taken(shard))).collect()
}
