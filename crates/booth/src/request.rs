//! Vote requests: one GET, whose path is the nonce and whose headers are all the rest.
//!
//! ```text
//! GET /8000000054e12cba
//! P-UTC: 1669632645              start of a stamp period
//! P-SIG: <base64, 64 bytes>      the platform's stamp
//! auth-pkey: <base64, 32 bytes>
//! auth-sig: <base64, 64 bytes>   the mandate
//! auth-id: <base64, 24 bytes>
//! voter: AAKQ-YAJ6-...           the voter's stamp, 39 characters
//! say: Bold Jupiter              the option; what is not ASCII percent-encoded
//! ```
//!
//! Each header comes exactly once; other headers are passed over. Every field has one spelling, so
//! that one request cannot be had in two forms.

use std::fmt;

use canon::Digest;

use crate::campaign::{Period, from_header, to_header};
use crate::mandate::Mandate;
use crate::stamp::PlatformStamp;
use crate::text;
use crate::vote::Vote;

/// The headers of a vote request.
pub const HEADERS: [&str; 7] =
    ["P-UTC", "P-SIG", "auth-pkey", "auth-sig", "auth-id", "voter", "say"];

/// A vote and the mandate that it is cast by: together only here, on their way. Neither is shown by
/// `Debug`, so that no line of a diary, an assertion or a panic can tell who voted how.
#[derive(Clone, PartialEq, Eq)]
pub struct VoteRequest {
    /// What goes to the list of votes.
    pub vote: Vote,
    /// What goes to the list of voters.
    pub mandate: Mandate,
}

/// Why something is no vote request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The path is no nonce: this is no vote request at all. Status 400.
    #[error("the path is no nonce of 8 to 32 bytes in lower-case hexadecimal digits")]
    Path,
    /// A header is not there. Status 486.
    #[error("the header {header} is missing")]
    Missing {
        /// Its name.
        header: &'static str,
    },
    /// A header comes twice. Status 486.
    #[error("the header {header} comes twice")]
    Twice {
        /// Its name.
        header: &'static str,
    },
    /// A header does not hold what it should. Status 486.
    #[error("the header {header} does not have its form")]
    Form {
        /// Its name.
        header: &'static str,
    },
}

impl fmt::Debug for VoteRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoteRequest(..)")
    }
}

impl VoteRequest {
    /// The request with a path and some headers, in any order.
    pub fn parse<'a>(
        path: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, RequestError> {
        Self::with_nonce(path.strip_prefix('/').ok_or(RequestError::Path)?, headers)
    }

    /// The request with a nonce in hexadecimal digits and some headers, in any order.
    pub fn with_nonce<'a>(
        nonce: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, RequestError> {
        let nonce = nonce.parse().map_err(|_| RequestError::Path)?;
        let [utc, signature, key, auth, id, voter, say] = values(headers)?;
        let platform = PlatformStamp {
            period: field("P-UTC", Period::from_text(utc))?,
            signature: field("P-SIG", text::from_base64(signature))?,
        };
        let mandate = Mandate::from_parts(
            field("auth-pkey", text::from_base64(key))?,
            field("auth-sig", text::from_base64(auth))?,
            field("auth-id", text::from_base64(id))?,
        );
        let stamp = field("voter", voter.parse().ok())?;
        let say = from_header(say).filter(|say| !say.is_empty() && !say.contains(is_unfit));
        let vote = Vote { platform, stamp, nonce, say: field("say", say)? };
        Ok(Self { vote, mandate })
    }

    /// The path, from the root.
    pub fn path(&self) -> String {
        format!("/{}", self.vote.nonce)
    }

    /// The headers, in the order of [`HEADERS`].
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let platform = &self.vote.platform;
        let [key, signature, id] = self.mandate.fields();
        let (utc, stamp) = (platform.period.to_string(), self.vote.stamp.to_string());
        let say = to_header(&self.vote.say);
        let values = [utc, platform.signature_text(), key, signature, id, stamp, say];
        HEADERS.into_iter().zip(values).collect()
    }

    /// The digest of all fields. Never written down, for it ties a
    /// vote to a mandate.
    pub fn digest(&self) -> Digest {
        let (vote, voter) = (self.vote.line(), self.mandate.voters_line());
        Digest::of_parts(&[b"scrutineer/request/v1\n", vote.as_bytes(), voter.as_bytes()])
    }
}

/// What no line of a list can carry.
fn is_unfit(found: char) -> bool {
    found.is_control() || found == '"'
}

fn field<T>(header: &'static str, value: Option<T>) -> Result<T, RequestError> {
    value.ok_or(RequestError::Form { header })
}

/// The value of each header, once.
fn values<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<[&'a str; 7], RequestError> {
    let mut found: [Option<&'a [u8]>; 7] = [None; 7];
    for (name, value) in headers {
        let places = HEADERS.into_iter().zip(found.iter_mut());
        for (header, place) in places.filter(|(header, _)| header.eq_ignore_ascii_case(name)) {
            if place.replace(value).is_some() {
                return Err(RequestError::Twice { header });
            }
        }
    }
    let mut values = [""; 7];
    for ((header, value), found) in HEADERS.into_iter().zip(values.iter_mut()).zip(found) {
        let bytes = found.ok_or(RequestError::Missing { header })?;
        *value = field(header, std::str::from_utf8(bytes).ok())?;
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
