//! The log, as the publisher's server speaks to it: `log_server`'s client behind
//! [`booth_server::publish::Log`], since servers do not know each other.

use std::sync::{Mutex, PoisonError};

use booth_server::publish::{Log, LogTarget, Placed, Unplaced};
use bytes::Bytes;
use log_server::log::Submission;
use log_server::log::client::{Client, ClientError, History};

/// Statuses that say to come again.
const AGAIN: [u16; 2] = [408, 429];

/// A log over HTTP, with what was read of it.
pub(crate) struct HttpLog {
    client: Client,
    /// Keys that count: the charter and the amendments that the log has published.
    history: Mutex<History>,
}

impl HttpLog {
    pub(crate) fn new(target: &LogTarget) -> Self {
        let client = Client::new(&target.url, target.patience);
        Self { client, history: Mutex::new(History::of_charter(&target.founded)) }
    }
}

impl Log for HttpLog {
    fn add(&self, artifact: &[u8]) -> Result<Placed, Unplaced> {
        let submission =
            Submission { artifact: Bytes::copy_from_slice(artifact), files: Vec::new() };
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        self.client.extend(&mut history).map_err(unplaced)?;
        let receipt = self.client.add(&submission, Some(&history)).map_err(unplaced)?;
        Ok(Placed { index: receipt.index, promise: receipt.promise })
    }
}

fn unplaced(error: ClientError) -> Unplaced {
    match error {
        ClientError::Refused { status, error, message, .. }
            if status < 500 && !AGAIN.contains(&status) =>
        {
            Unplaced::Refused { word: error, why: message }
        }
        ClientError::Evidence(evidence) => {
            Unplaced::Evidence { why: evidence.fault.to_string(), answer: evidence.answer }
        }
        error => Unplaced::Away { why: error.to_string() },
    }
}
