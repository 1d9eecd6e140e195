//! What an edge counts, for `/metrics`. No figure holds a code, a stamp or a mandate.

use std::collections::BTreeMap;

use prometheus::{IntCounter, IntCounterVec, IntGaugeVec};
use service::metrics::Metrics;

/// The statuses that an edge answers with.
const STATUSES: [u16; 16] =
    [202, 204, 400, 421, 429, 481, 482, 483, 484, 485, 486, 487, 488, 489, 500, 503];

/// The figures of one edge, all its campaigns together unless a label says otherwise.
#[derive(Clone)]
pub(super) struct Figures {
    pub(super) metrics: Metrics,
    answers: BTreeMap<u16, IntCounter>,
    /// Requests turned away because too many were waiting to be examined.
    pub(super) turned_away: IntCounter,
    /// Questions to instances, by path.
    pub(super) asked: IntCounterVec,
    /// Of these, those without a useful answer.
    pub(super) failed: IntCounterVec,
    /// Votes that another shard refused a claim for.
    pub(super) claims_refused: IntCounter,
    /// Claims that were not put to an instance, for it was away.
    pub(super) claims_unasked: IntCounter,
    /// Codes beyond their number of stamps, by campaign and station, as of the last quarter of an
    /// hour.
    pub(super) excess: IntGaugeVec,
    /// Genuine stamps given since the start, by campaign and station, as of then.
    pub(super) stamps: IntGaugeVec,
    /// 1 for a shard whose instances record in different ledgers.
    pub(super) ledgers_differ: IntGaugeVec,
    /// Entries of the tables, by campaign and table.
    pub(super) remembered: IntGaugeVec,
}

impl Figures {
    pub(super) fn new() -> Self {
        let metrics = Metrics::new();
        let answers = metrics.counters("edge_answers_total", "answers, by status", "status");
        let answers = STATUSES
            .into_iter()
            .map(|status| (status, answers.with_label_values(&[&status.to_string()])));
        let answers = answers.collect();
        let turned_away = metrics.counter(
            "edge_turned_away_total",
            "votes answered 503 because too many were waiting to be examined",
        );
        let asked = metrics.counters("edge_origin_total", "questions to instances", "path");
        let failed = metrics.counters(
            "edge_origin_failures_total",
            "questions to instances without a useful answer",
            "path",
        );
        let claims_refused = metrics.counter(
            "edge_claims_refused_total",
            "claims of stamps that instances of other shards refused",
        );
        let claims_unasked = metrics.counter(
            "edge_claims_unasked_total",
            "claims that were made without an instance, because it was away",
        );
        let excess = metrics.gauges(
            "edge_stamps_excess_total",
            "right codes beyond the stamps that one code is good for, by the quarter of an hour",
            "station",
        );
        let stamps = metrics.gauges(
            "edge_stamps_genuine",
            "genuine stamps given since the edge started, by the quarter of an hour",
            "station",
        );
        let ledgers_differ = metrics.gauges(
            "edge_ledgers_differ",
            "1: the instances of a shard record in different ledgers, and no vote is cast there",
            "shard",
        );
        let remembered = metrics.gauges("edge_remembered", "entries of a table", "table");
        Self {
            metrics,
            answers,
            turned_away,
            asked,
            failed,
            claims_refused,
            claims_unasked,
            excess,
            stamps,
            ledgers_differ,
            remembered,
        }
    }

    /// Counts an answer.
    pub(super) fn answered(&self, status: u16) {
        if let Some(counter) = self.answers.get(&status) {
            counter.inc();
        }
    }
}
