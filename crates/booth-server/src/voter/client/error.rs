//! Why there is no answer, or no client.

use std::time::Duration;

use hyper_util::client::legacy;
use service::tls::TlsError;

/// Why there is no answer of the interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The address is none of an edge.
    #[error("{0:?} is not the address of an edge")]
    Address(String),
    /// Nobody answered: no such host, no connection, or it broke.
    #[error("the edge could not be reached: {0}")]
    Unreachable(String),
    /// The time for an answer was over.
    #[error("the edge did not answer within {} seconds", .0.as_secs_f32())]
    TimedOut(Duration),
    /// A status that the interface does not have here.
    #[error("the edge answered with status {0}, which means nothing here")]
    Status(u16),
    /// An answer that does not have its form, or is too large.
    #[error("the edge's answer does not have the form of {0}")]
    Form(&'static str),
}

impl ClientError {
    /// Whether it may help to ask again: nobody has judged the request.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TimedOut(_) => true,
            Self::Status(status) => *status >= 500 || *status == 408,
            Self::Address(_) | Self::Form(_) => false,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is none of an edge.
    #[error("{0:?} is not the address of an edge")]
    Address(String),
    /// The roots cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// This build's cryptography does not fit its TLS.
    #[error("TLS cannot be had: {0}")]
    Crypto(#[from] rustls::Error),
}

/// An answer that is too large is not one that never came: asking again would bring it again.
pub(super) fn because(error: &legacy::Error) -> ClientError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
        let is_answer = cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
        if is_answer {
            return ClientError::Form("an answer");
        }
    }
    ClientError::Unreachable(cause.to_string())
}
