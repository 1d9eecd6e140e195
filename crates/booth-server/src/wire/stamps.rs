//! What a publisher asks an edge.
//!
//! ```text
//! GET /stamps/<campaign>    -> 200, [`StampsSaid`] as JSON
//! ```
//!
//! On the edge's internal address, with a pass of its own.

use serde::{Deserialize, Serialize};

/// The path, before the campaign's name.
pub const STAMPS_PATH: &str = "/stamps/";

/// The most bytes of an answer: 1024 stations.
pub const STAMPS_BYTES: usize = 256 * 1024;

/// Genuine stamps that an edge has given out since it started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StampsSaid {
    /// Drawn when the edge started, 32 hexadecimal digits: its counts begin anew with it.
    pub boot: String,
    /// The campaign.
    pub campaign: String,
    /// By station; one that has given none may be missing.
    pub stamps: Vec<StationSaid>,
}

/// What one station's codes have got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationSaid {
    /// Genuine stamps; the number never falls.
    pub stamps: u64,
    /// The station; absent where all have one seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
}
