//! The log's figures, for `/metrics`.

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};
use service::metrics::Metrics;

/// What a log counts about itself.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// Everything, to be rendered.
    pub(crate) all: Metrics,
    /// Submissions by outcome.
    pub(crate) submissions: IntCounterVec,
    /// Entries acknowledged by this process.
    pub(crate) entries: IntCounter,
    /// Batches made durable.
    pub(crate) batches: IntCounter,
    /// Time of one batch: write and sync.
    pub(crate) sync_seconds: Histogram,
    /// Entries that are durable.
    pub(crate) durable_size: IntGauge,
    /// Entries under the last signed head.
    pub(crate) signed_size: IntGauge,
    /// Entries under the last head that met its threshold.
    pub(crate) published_size: IntGauge,
    /// The time of that head.
    pub(crate) published_time: IntGauge,
    /// Time of one publication, without the witnesses.
    pub(crate) store_seconds: Histogram,
    /// Answers of witnesses, by name and whether it was a cosignature.
    pub(crate) cosignatures: IntCounterVec,
    /// Publications that failed.
    pub(crate) failures: IntCounter,
    /// 1 while heads are signed, 0 once the log has stopped.
    pub(crate) signing: IntGauge,
}

impl Figures {
    pub(crate) fn new(all: Metrics) -> Self {
        let figures = Self {
            submissions: all.counters(
                "log_submissions_total",
                "Submissions, by outcome.",
                "outcome",
            ),
            entries: all.counter("log_entries_total", "Entries acknowledged by this process."),
            batches: all.counter("log_batches_total", "Batches made durable, one sync each."),
            sync_seconds: all.seconds("log_sync_seconds", "Time to write and sync one batch."),
            durable_size: all.gauge("log_durable_size", "Entries that are durable."),
            signed_size: all.gauge("log_signed_size", "Entries under the last signed head."),
            published_size: all
                .gauge("log_published_size", "Entries under the last head that met its threshold."),
            published_time: all.gauge(
                "log_published_time_seconds",
                "Time of the last head that met its threshold, in seconds since 1970.",
            ),
            store_seconds: all.seconds(
                "log_store_seconds",
                "Time to store what a head covers and make it durable.",
            ),
            cosignatures: all.counters(
                "log_cosignatures_total",
                "Answers of witnesses, by witness and outcome.",
                "answer",
            ),
            failures: all.counter(
                "log_publication_failures_total",
                "Publications that failed and will be tried again.",
            ),
            signing: all.gauge("log_signing", "1 while heads are signed, 0 once stopped."),
            all,
        };
        figures.signing.set(1);
        figures
    }
}
