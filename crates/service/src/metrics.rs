//! Figures of a running server, for `/metrics`.

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

/// The figures of one server. Nothing is global, so tests can run servers side by side.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    fn keep<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>, name: &str) -> C {
        let collector = match made {
            Ok(collector) => collector,
            Err(error) => panic!("metric {name} cannot be made: {error}"),
        };
        if let Err(error) = self.registry.register(Box::new(collector.clone())) {
            panic!("metric {name} cannot be registered: {error}");
        }
        collector
    }

    /// A number that only grows.
    ///
    /// # Panics
    /// When the name is malformed or taken; names are written in the source, so a test finds it.
    pub fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.keep(IntCounter::new(name, help), name)
    }

    /// Numbers that only grow, one for each value of the label.
    ///
    /// # Panics
    /// As [`Metrics::counter`].
    pub fn counters(&self, name: &str, help: &str, label: &str) -> IntCounterVec {
        self.keep(IntCounterVec::new(Opts::new(name, help), &[label]), name)
    }

    /// A number that goes up and down.
    ///
    /// # Panics
    /// As [`Metrics::counter`].
    pub fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.keep(IntGauge::new(name, help), name)
    }

    /// Numbers that go up and down, one for each value of the label.
    ///
    /// # Panics
    /// As [`Metrics::counter`].
    pub fn gauges(&self, name: &str, help: &str, label: &str) -> IntGaugeVec {
        self.keep(IntGaugeVec::new(Opts::new(name, help), &[label]), name)
    }

    /// How long things took, in seconds: 20 buckets from 50 microseconds to 26 seconds, each
    /// twice the one before.
    ///
    /// # Panics
    /// As [`Metrics::counter`].
    pub fn seconds(&self, name: &str, help: &str) -> Histogram {
        let buckets = (0..20).map(|power| 50e-6 * f64::from(1u32 << power)).collect();
        self.keep(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets)), name)
    }

    /// All figures in Prometheus's text form.
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::warn!(%error, "metrics could not be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn figures_are_rendered_as_text() {
        let metrics = Metrics::new();
        metrics.counter("seen_total", "things seen").inc_by(3);
        metrics.gauge("size", "entries").set(-2);
        metrics.gauges("sizes", "entries", "table").with_label_values(&["seen"]).set(4);
        metrics.counters("answers_total", "answers", "code").with_label_values(&["200"]).inc();
        metrics.seconds("wait_seconds", "waits").observe(0.001);
        let text = String::from_utf8(metrics.render()).unwrap();
        assert!(text.contains("# TYPE seen_total counter\nseen_total 3\n"), "{text}");
        assert!(text.contains("size -2\n"), "{text}");
        assert!(text.contains("sizes{table=\"seen\"} 4\n"), "{text}");
        assert!(text.contains("answers_total{code=\"200\"} 1\n"), "{text}");
        assert!(text.contains("wait_seconds_bucket{le=\"0.0016\"} 1\n"), "{text}");
        assert!(text.contains("wait_seconds_bucket{le=\"0.0008\"} 0\n"), "{text}");
    }

    #[test]
    fn a_name_used_twice_is_found() {
        let metrics = Metrics::new();
        metrics.counter("seen_total", "things seen").inc();
        let again = AssertUnwindSafe(|| metrics.counter("seen_total", "things seen"));
        let panic = catch_unwind(again).unwrap_err();
        let message = panic.downcast::<String>().unwrap();
        assert!(message.starts_with("metric seen_total cannot be registered"), "{message}");
        let text = String::from_utf8(metrics.render()).unwrap();
        assert!(text.contains("\nseen_total 1\n"), "{text}");
    }
}
