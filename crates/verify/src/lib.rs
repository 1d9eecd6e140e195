//! Replays a bundle of evidence into a report.
