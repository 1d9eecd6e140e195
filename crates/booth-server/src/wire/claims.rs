//! Claims between an edge and the instances of other shards.

use axum::http::{HeaderMap, HeaderValue};
use booth::campaign::Shard;
use booth::stamp::VoterStamp;

use super::{LOOK, SHARD, VOTER, WireError, number, one};

/// What an edge asks before it sends a vote to its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The stamp of the vote.
    pub stamp: VoterStamp,
    /// The shard of the vote.
    pub shard: Shard,
    /// Whether nothing is claimed, for the request can only be a repeated one.
    pub look_only: bool,
}

/// The headers of a claim.
pub fn claim_to_headers(claim: &Claim) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    // Symbols and dashes.
    if let Ok(mut stamp) = HeaderValue::from_str(&claim.stamp.to_string()) {
        stamp.set_sensitive(true);
        headers.insert(VOTER, stamp);
    }
    headers.insert(SHARD, HeaderValue::from(claim.shard.0));
    if claim.look_only {
        headers.insert(LOOK, HeaderValue::from_static("1"));
    }
    headers
}

/// The claim that headers make: the other side of [`claim_to_headers`].
pub fn claim_from_headers(headers: &HeaderMap) -> Result<Claim, WireError> {
    let stamp = one(headers, &VOTER)?.to_str().ok().and_then(|text| text.parse().ok());
    let stamp = stamp.ok_or(WireError { header: VOTER })?;
    let shard = number(one(headers, &SHARD)?).ok_or(WireError { header: SHARD })?;
    let look_only = match headers.contains_key(LOOK) {
        false => false,
        true if one(headers, &LOOK)? == "1" => true,
        true => return Err(WireError { header: LOOK }),
    };
    Ok(Claim { stamp, shard: Shard(shard), look_only })
}
