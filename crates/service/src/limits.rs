//! The figures that keep one client from hurting the others.

use std::time::Duration;

use serde::Deserialize;

/// Bounds on connections and requests. Every field may stand in the `[limits]` table of a
/// server's configuration; what is left out keeps its default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections served at one time; in further ones only `/healthz` is answered.
    pub connections: usize,
    /// Of these, connections of one address (of one /64 for IPv6); a quarter by default. Behind a
    /// proxy every client has the proxy's address.
    pub connections_per_peer: Option<usize>,
    /// Requests served on one connection before it is closed.
    pub requests_per_connection: u64,
    /// Time to send the head of a request, counted from the connection or from the answer
    /// before; so it bounds idle keep-alive too. Milliseconds.
    pub header_ms: u64,
    /// Bytes of the request line and all headers.
    pub header_bytes: usize,
    /// Time to send a body of any size. Milliseconds.
    pub body_ms: u64,
    /// What a body, or taking an answer, may take longer for the bytes that have come or gone: one
    /// second for so many.
    pub body_bytes_per_s: u64,
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Bytes of all bodies that are held at one time.
    pub all_bodies_bytes: usize,
    /// Time for which a connection's answers may wait to be taken, all waits together, beside
    /// what `body_bytes_per_s` gives. Milliseconds.
    pub write_ms: u64,
    /// Time that running requests have to end once the server was asked to stop. Milliseconds.
    pub drain_ms: u64,
}

/// Time to ask and to take the answer where only `/healthz` is answered. Milliseconds.
const KEPT_MS: u64 = 2_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_peer: None,
            requests_per_connection: 1_000_000,
            header_ms: 15_000,
            header_bytes: 16 * 1024,
            body_ms: 15_000,
            body_bytes_per_s: 64 * 1024,
            body_bytes: 64 * 1024 * 1024,
            all_bodies_bytes: 512 * 1024 * 1024,
            write_ms: 30_000,
            drain_ms: 10_000,
        }
    }
}

impl Limits {
    /// Connections of one address.
    pub fn per_peer(&self) -> usize {
        self.connections_per_peer.unwrap_or(self.connections / 4).max(1)
    }

    /// The limits of a connection that is not one of the places: one short request.
    pub(crate) fn of_a_kept_place(&self) -> Self {
        Self {
            requests_per_connection: 1,
            header_ms: self.header_ms.min(KEPT_MS),
            write_ms: self.write_ms.min(KEPT_MS),
            ..self.clone()
        }
    }

    /// Time to send the head of a request.
    pub fn header_time(&self) -> Duration {
        Duration::from_millis(self.header_ms)
    }

    /// Time to send a body of which `bytes` bytes have come.
    pub fn body_time(&self, bytes: u64) -> Duration {
        Duration::from_millis(self.body_ms.saturating_add(self.time_for(bytes)))
    }

    /// Time for which answers may wait on a connection that has taken `bytes` bytes.
    pub fn write_time(&self, bytes: u64) -> Duration {
        Duration::from_millis(self.write_ms.saturating_add(self.time_for(bytes)))
    }

    /// Milliseconds for so many bytes at the lowest rate.
    fn time_for(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(1000) / self.body_bytes_per_s.max(1)
    }

    /// Time for running requests to end at a stop.
    pub fn drain_time(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_body_may_take_longer() {
        let limits = Limits { body_ms: 1_000, body_bytes_per_s: 100, ..Limits::default() };
        assert_eq!(limits.body_time(0), Duration::from_secs(1));
        assert_eq!(limits.body_time(250), Duration::from_millis(3_500));
        let none = Limits { body_bytes_per_s: 0, ..limits };
        assert_eq!(none.body_time(1), Duration::from_secs(2));
    }
}
