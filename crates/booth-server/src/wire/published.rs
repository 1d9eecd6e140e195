//! What a publisher asks an instance.
//!
//! ```text
//! GET /cuts        From: N                 -> 200, [`CutsSaid`] as JSON
//! GET /cut-votes   Range: bytes=a-b        -> 206, that range of the list of votes; 416 beyond the
//! GET /cut-voters  Range: bytes=a-b           last cut, or for more than [`PART_BYTES`]
//! ```
//!
//! Each shows the publisher's own pass header.

use booth::publish::Cut;
use canon::Digest;
use serde::{Deserialize, Serialize};

/// The cuts.
pub const CUTS_PATH: &str = "/cuts";
/// The list of votes, as far as it is cut.
pub const CUT_VOTES_PATH: &str = "/cut-votes";
/// The list of voters, as far as it is cut.
pub const CUT_VOTERS_PATH: &str = "/cut-voters";
/// What the publisher alone may ask.
pub const PUBLISHER_PATHS: [&str; 3] = [CUTS_PATH, CUT_VOTES_PATH, CUT_VOTERS_PATH];

/// The number of the first cut that is asked for, in decimal digits.
pub const FROM: axum::http::HeaderName = axum::http::HeaderName::from_static("from");

/// The most cuts of one answer.
pub const MOST_CUTS: usize = 10_000;
/// The most bytes of a list in one answer.
pub const PART_BYTES: u64 = 16 << 20;

/// What an instance says of its cuts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutsSaid {
    /// Those that were asked for, in their order, at most [`MOST_CUTS`].
    pub cuts: Vec<CutSaid>,
    /// Whether the campaign is over and nothing is left to cut.
    pub is_closed: bool,
    /// The ledger, 32 hexadecimal digits.
    pub ledger: String,
    /// The shard.
    pub shard: u16,
    /// How many cuts there are in all.
    pub total: u64,
}

/// A cut. One that was given up has no records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutSaid {
    /// Votes, and voters.
    pub records: u64,
    /// Bytes of its part of the list of votes.
    pub vote_bytes: u64,
    /// SHA-256 of its part of the list of voters.
    pub voters: Digest,
    /// SHA-256 of its part of the list of votes.
    pub votes: Digest,
}

impl From<Cut> for CutSaid {
    fn from(cut: Cut) -> Self {
        let Cut { records, vote_bytes, votes_sha256: votes, voters_sha256: voters } = cut;
        Self { records, vote_bytes, voters, votes }
    }
}

impl From<CutSaid> for Cut {
    fn from(said: CutSaid) -> Self {
        let CutSaid { records, vote_bytes, voters, votes } = said;
        Self { records, vote_bytes, votes_sha256: votes, voters_sha256: voters }
    }
}
