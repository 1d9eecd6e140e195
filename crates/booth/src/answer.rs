//! Answers: the status codes of the prototype, and what comes with them.

use crate::mandate::Unauthorised;
use crate::request::RequestError;

/// Whom an answer is for: a number that the server gave to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Why a request is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400.
    #[error("this is no request of a campaign")]
    NotHere,
    /// 486.
    #[error("the request is malformed")]
    Malformed,
    /// 489.
    #[error("the work is below the threshold")]
    Work,
    /// 487: not an edge's of this campaign, too old, or in use with other fields.
    #[error("the voter stamp is not genuine, too old, or belongs to another request")]
    VoterStamp,
    /// 484.
    #[error("the mandate's authority is not one of this campaign")]
    Authority,
    /// 483.
    #[error("the mandate's signature does not hold")]
    Signature,
    /// 488: told only to a valid mandate.
    #[error("the platform stamp is not genuine")]
    PlatformStamp,
    /// 429.
    #[error("too many stamps with this mandate; wait {wait_s} seconds")]
    TooMany {
        /// Seconds to wait.
        wait_s: u32,
    },
    /// 485.
    #[error("the platform stamp's time is not in this campaign's past")]
    Time,
    /// 482.
    #[error("the option is not on the ballot")]
    NotOnBallot,
    /// 481.
    #[error("the mandate has voted")]
    Voted,
    /// 421: between edge and instance only.
    #[error("the mandate belongs to another shard")]
    OtherShard,
    /// 503.
    #[error("too busy to judge the request")]
    Busy,
}

impl Refusal {
    /// The status code.
    pub const fn status(self) -> u16 {
        match self {
            Self::NotHere => 400,
            Self::OtherShard => 421,
            Self::TooMany { .. } => 429,
            Self::Voted => 481,
            Self::NotOnBallot => 482,
            Self::Signature => 483,
            Self::Authority => 484,
            Self::Time => 485,
            Self::Malformed => 486,
            Self::VoterStamp => 487,
            Self::PlatformStamp => 488,
            Self::Work => 489,
            Self::Busy => 503,
        }
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Path => Self::NotHere,
            _ => Self::Malformed,
        }
    }
}

impl From<Unauthorised> for Refusal {
    fn from(error: Unauthorised) -> Self {
        match error {
            Unauthorised::BadAuthority => Self::Authority,
            Unauthorised::BadSignature => Self::Signature,
        }
    }
}

/// An answer as it goes over the wire: no body, all in status and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Headers, `Cache-Control` and `Retry-After` left out.
    pub headers: Vec<(String, String)>,
    /// Seconds for which the same request gets the same answer; `None` for `no-store`.
    pub max_age_s: Option<u32>,
    /// Seconds after which it makes sense to ask again.
    pub retry_after_s: Option<u32>,
}

impl Answer {
    /// 204, with nothing to say.
    pub const fn granted() -> Self {
        Self { status: 204, headers: Vec::new(), max_age_s: None, retry_after_s: None }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let retry_after_s = match refusal {
            Refusal::TooMany { wait_s } => Some(wait_s),
            Refusal::Busy => Some(1),
            _ => None,
        };
        // What will not change: the mandate has voted, the option does not come onto the ballot.
        let lasting = matches!(refusal, Refusal::Voted | Refusal::NotOnBallot);
        Self {
            status: refusal.status(),
            headers: Vec::new(),
            max_age_s: lasting.then_some(300),
            retry_after_s,
        }
    }
}
