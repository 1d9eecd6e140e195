//! What an instance tells of itself: counts, and nothing about anybody.

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};
use service::metrics::Metrics;

/// The figures of `/metrics`.
pub(super) struct Figures {
    metrics: Metrics,
    /// Answers to votes, by status.
    pub(super) answers: IntCounterVec,
    /// Answers to claims of other shards, by status.
    pub(super) claims: IntCounterVec,
    /// Claims that are remembered.
    pub(super) claims_held: IntGauge,
    /// Votes recorded since the start.
    pub(super) recorded: IntCounter,
    /// Groups of records that became durable together.
    pub(super) groups: IntCounter,
    /// Groups of batches that were cut together.
    pub(super) cut_groups: IntCounter,
    /// Batches cut since the start.
    pub(super) cuts: IntCounter,
    /// Batches whose votes all agree.
    pub(super) unanimous: IntCounter,
    /// Stamp periods of which fewer than k votes were cut together.
    pub(super) small: IntCounter,
    /// What the votes that were cut took of their voters' machines.
    pub(super) work: IntCounter,
    /// Votes that are accepted and not cut.
    pub(super) pending: IntGauge,
    /// How long a group took to become durable.
    pub(super) stored: Histogram,
    /// Requests without the pass header.
    pub(super) strangers: IntCounter,
}

impl Figures {
    pub(super) fn new() -> Self {
        let metrics = Metrics::new();
        Self {
            answers: metrics.counters("collect_answers_total", "answers to votes", "status"),
            claims: metrics.counters(
                "collect_claims_total",
                "answers to claims of other shards",
                "status",
            ),
            claims_held: metrics.gauge("collect_claims", "claims of other shards remembered"),
            recorded: metrics.counter("collect_recorded_total", "votes recorded"),
            groups: metrics.counter("collect_groups_total", "groups of records, one sync each"),
            cut_groups: metrics
                .counter("collect_cut_groups_total", "groups of batches cut, three syncs each"),
            cuts: metrics.counter("collect_cuts_total", "batches cut"),
            unanimous: metrics
                .counter("collect_unanimous_total", "batches that tell how their voters voted"),
            small: metrics
                .counter("collect_small_groups_total", "stamp periods under k in a batch"),
            work: metrics
                .counter("collect_work_hashes_total", "hashes that the votes cut took, about"),
            pending: metrics.gauge("collect_pending", "votes accepted and not cut"),
            stored: metrics.seconds("collect_stored_seconds", "until a group is durable"),
            strangers: metrics.counter("collect_strangers_total", "requests without a pass"),
            metrics,
        }
    }

    pub(super) fn render(&self) -> Vec<u8> {
        self.metrics.render()
    }
}
