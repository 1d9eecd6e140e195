//! Looks for one's own vote and mandate in the published lists.

use std::collections::BTreeSet;

use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::vote::{Found, Vote, find};
use booth::work::Total;

use super::end::Lie;
use super::record::Record;

/// Lines that are kept of either list. A list that has more of one stamp or one mandate has it
/// twice, however many more there are.
const KEPT: usize = 1_000;

/// What somebody looks for, while the lines of the lists go by: they can be larger than memory.
#[derive(Debug)]
pub struct Finder {
    own: Vote,
    mandate: Mandate,
    /// The stamps of the own record and of the receipt's lines.
    stamps: BTreeSet<String>,
    votes: Vec<String>,
    voters: Vec<Mandate>,
    sizes: (u64, u64),
    work_bits: u32,
    work: Work,
}

/// What the lines of the list of votes show of work: anybody who has the list can count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// All of them together.
    pub total: Total,
    /// Votes that show less than the campaign asks for.
    pub short: u64,
    /// Lines that are no votes.
    pub unread: u64,
}

impl Work {
    fn add(&mut self, line: &str, least: u32) {
        let Ok(vote) = Vote::from_line(line) else {
            self.unread = self.unread.saturating_add(1);
            return;
        };
        let score = vote.score();
        self.total.add(score);
        self.short = self.short.saturating_add(u64::from(score < least));
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The vote: the whole record, nonce included.
    pub vote: Found,
    /// The mandate: the whole line; changed if its signature is another.
    pub mandate: Found,
    /// Lines of the receipt that are not listed; others' may be among them.
    pub missing: Vec<String>,
    /// Lines of the lists of votes and of voters.
    pub sizes: (u64, u64),
    /// What the votes took.
    pub work: Work,
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Vote and mandate stand in the lists as they were cast.
    Holds,
    /// They do not, and should.
    Fails(Box<Lie>),
    /// They are not there, and nobody promised that they would be by now.
    Untold,
}

impl Finder {
    /// Looks for a record's vote and mandate; `None` if it was never whole.
    pub fn new(campaign: &Campaign, record: &Record) -> Option<Self> {
        let own = record.vote()?;
        let receipt = held_receipt(campaign, record);
        let stamps = receipt.and_then(|receipt| receipt.stamps(campaign).ok()).unwrap_or_default();
        let stamps = stamps.into_iter().flatten().chain([own.stamp]);
        let stamps = stamps.map(|stamp| stamp.to_string()).collect();
        Some(Self {
            own,
            mandate: record.mandate?,
            stamps,
            votes: Vec::new(),
            voters: Vec::new(),
            sizes: (0, 0),
            work_bits: campaign.work_bits(),
            work: Work::default(),
        })
    }

    /// Takes a line of the list of votes.
    pub fn vote_line(&mut self, line: &str) {
        self.sizes.0 = self.sizes.0.saturating_add(1);
        self.work.add(line, self.work_bits);
        let stamp = line.split(' ').nth(2).unwrap_or_default();
        if self.stamps.contains(stamp) && self.votes.len() < KEPT {
            self.votes.push(line.to_owned());
        }
    }

    /// Takes a line of the list of voters.
    pub fn voter_line(&mut self, line: &str) {
        self.sizes.1 = self.sizes.1.saturating_add(1);
        let found = Mandate::from_voters_line(line).ok();
        let own = found.filter(|found| found.id() == self.mandate.id());
        self.voters.extend(own.filter(|_| self.voters.len() < KEPT));
    }

    /// What was found, when all lines have gone by.
    pub fn finish(self, campaign: &Campaign, record: &Record) -> Sight {
        let vote = find(&self.own, self.votes.iter().map(String::as_str));
        let mandate = match self.voters.as_slice() {
            [] => Found::Missing,
            [one] if *one == self.mandate => Found::AsCast,
            [_] => Found::Changed,
            _ => Found::Twice,
        };
        let listed: BTreeSet<(String, String)> = self
            .votes
            .iter()
            .filter_map(|line| Vote::from_line(line).ok())
            .map(|vote| (vote.stamp.to_string(), vote.say))
            .collect();
        let missing = held_receipt(campaign, record).and_then(|receipt| {
            let is_listed = |stamp: &booth::stamp::VoterStamp, say: &str| {
                listed.contains(&(stamp.to_string(), say.to_owned()))
            };
            receipt.missing(campaign, is_listed).ok()
        });
        let missing = missing.unwrap_or_default().into_iter().map(str::to_owned).collect();
        Sight { vote, mandate, missing, sizes: self.sizes, work: self.work }
    }
}

/// The receipt of a record, if its signature holds: a file can be changed.
fn held_receipt<'a>(
    campaign: &Campaign,
    record: &'a Record,
) -> Option<&'a booth::receipt::SignedReceipt> {
    let key = campaign.receipt_key(record.shard(campaign)?)?;
    let vote = record.vote()?;
    record.receipt.as_ref().filter(|receipt| receipt.check(campaign, key, &vote).is_ok())
}

impl Sight {
    /// Whether the lists have neither vote nor mandate, as where their shard was left out.
    pub fn is_absent(&self) -> bool {
        [self.vote, self.mandate] == [Found::Missing; 2]
    }

    /// What it means. `is_final` says that the campaign is over and all batches are published;
    /// until then a vote may still wait for its batch.
    pub fn meaning(&self, campaign: &Campaign, record: &Record, is_final: bool) -> Meaning {
        let both = [self.vote, self.mandate];
        if both == [Found::AsCast; 2] && self.missing.is_empty() {
            return Meaning::Holds;
        }
        let receipt = held_receipt(campaign, record);
        let key = record.shard(campaign).and_then(|shard| campaign.receipt_key(shard));
        let accepted = record
            .acceptance
            .as_ref()
            .filter(|accepted| key.is_some_and(|key| accepted.check(key, &record.stamp).is_ok()));
        let is_wrong = both.iter().any(|found| matches!(found, Found::Changed | Found::Twice));
        // Both halves of a batch are published together.
        let is_half = both.contains(&Found::AsCast);
        let is_due = receipt.is_some() || (accepted.is_some() && is_final);
        if !is_wrong && !is_half && !is_due {
            return Meaning::Untold;
        }
        Meaning::Fails(Box::new(Lie::NotListed {
            accepted: accepted.cloned(),
            receipt: receipt.cloned(),
            missing: self.missing.clone(),
        }))
    }
}
