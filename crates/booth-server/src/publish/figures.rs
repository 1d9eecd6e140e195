//! What a publisher tells of itself: nothing that is not published anyway.

use prometheus::{IntCounter, IntCounterVec, IntGauge};
use service::metrics::Metrics;

use super::view::View;

/// The figures of `/metrics`.
#[derive(Clone)]
pub(super) struct Figures {
    metrics: Metrics,
    /// Snapshots since the start.
    pub(super) snapshots: IntCounter,
    /// Lines of each list.
    pub(super) records: IntGauge,
    /// Votes whose stamp another shard's vote has too.
    pub(super) doubled: IntGauge,
    /// Shards that added nothing, because they were not reached.
    pub(super) away: IntGauge,
    /// Shards of which nothing is taken any more, because all their instances lied.
    pub(super) stopped: IntGauge,
    /// Instances that lied since the start.
    pub(super) lies: IntCounter,
    /// Barriers at which no snapshot was taken that should have been.
    pub(super) failures: IntCounter,
    /// Artifacts that the log has.
    pub(super) log_placed: IntGauge,
    /// Artifacts that wait for the log.
    pub(super) log_waiting: IntGauge,
    /// Attempts to tell the log that failed.
    pub(super) log_failures: IntCounter,
    /// Edges that did not tell of stamps.
    pub(super) edges_away: IntGauge,
    /// Answers, by status.
    pub(super) answers: IntCounterVec,
}

impl Figures {
    pub(super) fn new() -> Self {
        let metrics = Metrics::new();
        Self {
            snapshots: metrics.counter("publish_snapshots_total", "snapshots since the start"),
            records: metrics.gauge("publish_records", "lines of each list"),
            doubled: metrics
                .gauge("publish_doubled_stamps", "votes whose stamp another shard recorded too"),
            away: metrics.gauge("publish_shards_away", "shards not reached at the last barrier"),
            stopped: metrics.gauge(
                "publish_shards_stopped",
                "shards of which nothing is taken any more, for what their instances told",
            ),
            lies: metrics.counter("publish_lies_total", "instances that told what cannot be"),
            failures: metrics
                .counter("publish_failures_total", "barriers at which nothing could be published"),
            log_placed: metrics.gauge("publish_log_placed", "artifacts that the log has"),
            log_waiting: metrics.gauge("publish_log_waiting", "artifacts that wait for the log"),
            log_failures: metrics
                .counter("publish_log_failures_total", "attempts to tell the log that failed"),
            edges_away: metrics
                .gauge("publish_edges_away", "edges that did not tell of stamps when last asked"),
            answers: metrics.counters("publish_answers_total", "answers", "status"),
            metrics,
        }
    }

    /// What is shown now.
    pub(super) fn show(&self, view: &View) {
        self.records.set(i64::try_from(view.records()).unwrap_or(i64::MAX));
        self.doubled.set(i64::try_from(view.doubled()).unwrap_or(i64::MAX));
    }

    pub(super) fn render(&self) -> Vec<u8> {
        self.metrics.render()
    }
}
