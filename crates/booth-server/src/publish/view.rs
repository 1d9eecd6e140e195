//! What is shown of the snapshots: the one place that decides what is told before the close.

use std::sync::Arc;

use artifact::payload::Snapshot;
use artifact::payload::platform::{self, ListState, StationStamps};
use booth::publish::{List, OptionVotes, Results};
use canon::Timestamp;

use super::config::Rules;
use super::page::Page;
use super::record::{ByStation, FileState, LeftOut, Record};
use super::store::{self, Store};
use super::texts::Texts;

/// Everything that is answered from until the next snapshot.
pub(super) struct View {
    last: Option<Record>,
    /// The lists; none of them while they are not told.
    lists: Option<[ListView; 2]>,
    pub(super) results: Option<Page>,
    pub(super) snapshots: Page,
    /// What `snapshots` has: what the log is told.
    payloads: Arc<[Arc<Snapshot>]>,
    /// Since when this is shown.
    shown_at: Timestamp,
    /// Whether the snapshot before was taken in the same second.
    is_second: bool,
}

/// A list as far as it is published.
#[derive(Clone)]
pub(super) struct ListView {
    /// The file's name, also of the one that is served.
    pub(super) name: String,
    pub(super) plain: FileState,
    /// The name of its compressed parts.
    pub(super) gzip_name: String,
    pub(super) gzip: FileState,
    pub(super) tail: [u8; 10],
}

impl View {
    /// What is shown of a store. The texts are those of its snapshots, or of the first of them.
    pub(super) fn of(rules: &Rules, store: &Store, texts: &mut Texts, now: Timestamp) -> Self {
        let records = store.records();
        let fresh = records.get(texts.count()..).unwrap_or_default();
        for record in fresh {
            texts.push(snapshot(rules, record));
        }
        let last = records.last().cloned();
        let before = records.iter().rev().nth(1).map(|before| before.taken_at);
        let is_second = before.is_some_and(|at| last.as_ref().is_some_and(|it| it.taken_at == at));
        let told = last.as_ref().filter(|last| last.commitments.is_none());
        let lists = told.map(|last| lists(rules, last, store.tails()));
        Self {
            lists,
            results: last.as_ref().map(|last| results(rules, last)),
            snapshots: texts.page(),
            payloads: texts.payloads(),
            shown_at: now,
            is_second,
            last,
        }
    }

    /// Whether the last snapshot is taken.
    pub(super) fn is_last(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.is_last)
    }

    /// What the log is told of each snapshot.
    pub(super) fn payloads(&self) -> &[Arc<Snapshot>] {
        &self.payloads
    }

    /// The record of the snapshot.
    pub(super) const fn record(&self) -> Option<&Record> {
        self.last.as_ref()
    }

    /// Lines of each list.
    pub(super) fn records(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.records)
    }

    /// Votes whose stamp another shard's vote has too.
    pub(super) fn doubled(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.doubled)
    }

    /// When the snapshot was taken.
    pub(super) fn taken_at(&self) -> Option<Timestamp> {
        self.last.as_ref().map(|last| last.taken_at)
    }

    /// Whether whoever looked at this time has seen this: they name the time that they were told,
    /// or a later one at which it was shown. Times are whole seconds, and a snapshot is shown some
    /// while after it was taken; so in between it is not known what they have seen.
    pub(super) fn is_from(&self, since: Timestamp) -> bool {
        let is_told = self.taken_at() == Some(since) && !self.is_second;
        self.last.is_some() && (is_told || self.shown_at < since)
    }

    /// A list; `None` while it is not told.
    pub(super) fn list(&self, list: List) -> Option<&ListView> {
        let [votes, voters] = self.lists.as_ref()?;
        Some(match list {
            List::Votes => votes,
            List::Voters => voters,
        })
    }
}

fn lists(rules: &Rules, last: &Record, tails: [[u8; 10]; 2]) -> [ListView; 2] {
    let [vote_name, voter_name, vote_gzip, voter_gzip] = store::names(rules.campaign.name());
    let [votes, voters, votes_gzip, voters_gzip] = last.files;
    let view = |name, plain, gzip_name, gzip, tail| ListView { name, plain, gzip_name, gzip, tail };
    [
        view(vote_name, votes, vote_gzip, votes_gzip, tails[0]),
        view(voter_name, voters, voter_gzip, voters_gzip, tails[1]),
    ]
}

fn states(record: &Record) -> [ListState; 2] {
    let [votes, voters, ..] = record.files;
    let records = record.records;
    let told = |file: FileState| {
        let (bytes, digest) = (Some(file.bytes), Some(file.digest));
        ListState { bytes, commitment: None, digest, records }
    };
    let hidden = |commitment| {
        let commitment = Some(commitment);
        ListState { bytes: None, commitment, digest: None, records }
    };
    record.commitments.map_or_else(|| [votes, voters].map(told), |both| both.map(hidden))
}

/// Stamps by station, of all edges. A name that no artifact can carry is of no campaign.
fn stamps_issued(record: &Record) -> Vec<StationStamps> {
    let mut sums = ByStation::new();
    for (station, stamps) in record.stamps.values().flatten() {
        let sum = sums.entry(station.clone()).or_default();
        *sum = sum.saturating_add(*stamps);
    }
    let each = sums
        .into_iter()
        .map(|(station, stamps)| StationStamps { stamps, station: station.parse().ok() });
    each.collect()
}

/// The payload by which a log is told of the snapshot: it follows from the record, and does not
/// change at the close.
fn snapshot(rules: &Rules, record: &Record) -> Snapshot {
    let [votes, voters] = states(record);
    Snapshot {
        campaign: rules.name.clone(),
        election_id: rules.election_id.clone(),
        is_last: record.is_last,
        number: record.number,
        stamps_issued: stamps_issued(record),
        taken_at: record.taken_at,
        voters,
        votes,
        without: record.without.iter().map(left_out).collect(),
    }
}

fn left_out(one: &LeftOut) -> platform::LeftOut {
    let LeftOut { reason, records, shard } = one;
    platform::LeftOut { reason: reason.clone(), records: *records, shard: u64::from(*shard) }
}

fn results(rules: &Rules, last: &Record) -> Page {
    let [votes, voters] = states(last);
    let options = rules.campaign.options().iter().zip(&last.counts);
    let counts =
        options.map(|(option, votes)| OptionVotes { option: option.clone(), votes: *votes });
    Page::of(&Results {
        campaign: rules.name.clone(),
        counts: if last.commitments.is_none() { counts.collect() } else { Vec::new() },
        doubled_stamps: Some(last.doubled).filter(|doubled| *doubled > 0),
        is_last: last.is_last,
        number: last.number,
        purpose: rules.campaign.purpose(),
        records: last.records,
        taken_at: last.taken_at,
        voters,
        votes,
        without: last.without.iter().map(left_out).collect(),
    })
}
