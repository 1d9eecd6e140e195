//! What a publisher tells of itself: nothing that is not published anyway.

use prometheus::{IntCounter, IntCounterVec, IntGauge};
use service::metrics::Metrics;

/// The figures of `/metrics`.
#[derive(Clone)]
pub(super) struct Figures {
    metrics: Metrics,
    /// Snapshots since the start.
    pub(super) snapshots: IntCounter,
    /// Lines of each list.
    pub(super) records: IntGauge,
    /// Shards that added nothing, because they were not reached.
    pub(super) away: IntGauge,
    /// Barriers at which no snapshot was taken that should have been.
    pub(super) failures: IntCounter,
    /// Answers, by status.
    pub(super) answers: IntCounterVec,
}

impl Figures {
    pub(super) fn new() -> Self {
        let metrics = Metrics::new();
        Self {
            snapshots: metrics.counter("publish_snapshots_total", "snapshots since the start"),
            records: metrics.gauge("publish_records", "lines of each list"),
            away: metrics.gauge("publish_shards_away", "shards not reached at the last barrier"),
            failures: metrics
                .counter("publish_failures_total", "barriers at which nothing could be published"),
            answers: metrics.counters("publish_answers_total", "answers", "status"),
            metrics,
        }
    }

    pub(super) fn render(&self) -> Vec<u8> {
        self.metrics.render()
    }
}
