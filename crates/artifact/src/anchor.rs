//! The anchor: what one must know from outside the bundle.
//!
//! A wholly forged election, with its own charter and keys, is as consistent as a true one. What
//! tells them apart comes another way: from the newspaper, the wall of the county building, a
//! witness. The charter's digest is enough, since the charter itself names the log's keys and the
//! witness policy, and every later change is signed by keys that lead back to it. So the poster
//! has the digest alone, in lines that can be read aloud, and the file repeats what the charter
//! says, so that a client can check a checkpoint before it has the charter.
//!
//! ```text
//! # Hinsdale County, general election of 5 November 2024: audit records
//! election_id = "hinsdale-2024-general"
//! charter = "<64 hex>"
//!
//! [log]
//! origin = "…"
//! checkpoint_key = "<vkey, type 0x01>"
//! timestamp_key = "<vkey, type 0x04>"
//!
//! [witnesses]
//! threshold = 2
//!
//! [[witnesses.list]]
//! name = "…"
//! organisation = "…"
//! key = "<vkey, type 0x04>"
//! ```
//!
//! The poster has the title, the election's id and the digest in four numbered lines of eight
//! bytes, each with a check symbol over its number and its symbols:
//!
//! ```text
//! Hinsdale County, general election of 5 November 2024: audit records
//! election hinsdale-2024-general
//! 01 A1B2-C3D4-E5F6-G *
//! 02 …
//! 03 …
//! 04 …
//! ```

mod poster;

use canon::Digest;
use serde::{Deserialize, Serialize};

use crate::charter::Charter;
use crate::form::present;
use crate::id::{ElectionId, KeyName, Name, OrganisationId, VkeyText};

pub use poster::{LineError, PosterError};

/// The largest anchor that is read, in bytes.
pub const MAX_ANCHOR_BYTES: usize = 1024 * 1024;

/// The log as an anchor names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorLog {
    /// The first line of its checkpoints.
    pub origin: KeyName,
    /// The verifier key of its plain signature, type 0x01.
    pub checkpoint_key: VkeyText,
    /// The verifier key of its timestamped signature, type 0x04.
    pub timestamp_key: VkeyText,
}

/// A witness as an anchor names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorWitness {
    /// Its name in reports.
    pub name: KeyName,
    /// Who runs it.
    pub organisation: OrganisationId,
    /// Its verifier key, type 0x04.
    pub key: VkeyText,
}

/// The witness policy as an anchor names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorWitnesses {
    /// Distinct organisations needed.
    pub threshold: u64,
    /// The witnesses of the charter.
    pub list: Vec<AnchorWitness>,
}

/// What a verifier is told from outside the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The election.
    pub election_id: ElectionId,
    /// The digest of the charter's artifact.
    pub charter: Digest,
    /// For people: the election's title. Nothing depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub title: Option<Name>,
    /// The log; a poster has none, the charter names it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub log: Option<AnchorLog>,
    /// The witnesses; a poster has none, the charter names them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub witnesses: Option<AnchorWitnesses>,
}

/// Why a text is no anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// More bytes than an anchor may have.
    #[error("the anchor has {found} bytes, at most {MAX_ANCHOR_BYTES} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("the anchor is not utf-8 text")]
    NotText,
    /// Not TOML, or not an anchor.
    #[error("not an anchor file: {message}")]
    Toml {
        /// What is wrong, with its place.
        message: String,
    },
    /// The lines of a poster do not hold.
    #[error(transparent)]
    Poster(#[from] PosterError),
}

/// One thing that a charter says otherwise than the anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The member of the anchor.
    pub member: &'static str,
    /// What the anchor says.
    pub expected: String,
    /// What the charter says.
    pub found: String,
}

impl Anchor {
    /// The anchor of a charter whose artifact has this digest.
    pub fn from_charter(charter: &Charter, digest: Digest) -> Self {
        let witnesses = charter.witnesses.list.iter().map(|witness| AnchorWitness {
            name: witness.name.clone(),
            organisation: witness.organisation.clone(),
            key: witness.key.clone(),
        });
        Self {
            election_id: charter.election_id.clone(),
            charter: digest,
            title: Some(charter.title.clone()),
            log: Some(AnchorLog {
                origin: charter.log.origin.clone(),
                checkpoint_key: charter.log.checkpoint_key.clone(),
                timestamp_key: charter.log.timestamp_key.clone(),
            }),
            witnesses: Some(AnchorWitnesses {
                threshold: charter.witnesses.threshold,
                list: witnesses.collect(),
            }),
        }
    }

    /// Reads an anchor in either form.
    pub fn parse(bytes: &[u8]) -> Result<Self, AnchorError> {
        if bytes.len() > MAX_ANCHOR_BYTES {
            return Err(AnchorError::TooLarge { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| AnchorError::NotText)?;
        if poster::looks_like_poster(text) {
            return Ok(poster::parse(text)?);
        }
        Self::from_toml(text)
    }

    /// Reads the file form.
    pub fn from_toml(text: &str) -> Result<Self, AnchorError> {
        toml::from_str(text).map_err(|error| AnchorError::Toml { message: place(text, &error) })
    }

    /// The file form.
    pub fn to_toml(&self) -> Result<String, AnchorError> {
        toml::to_string(self).map_err(|error| AnchorError::Toml { message: error.to_string() })
    }

    /// Reads the poster form.
    pub fn from_poster(text: &str) -> Result<Self, PosterError> {
        poster::parse(text)
    }

    /// The poster form.
    pub fn to_poster(&self) -> String {
        poster::write(self)
    }

    /// The first symbols of the poster's first line, by which people recognise the charter.
    pub fn short(&self) -> String {
        poster::short(&self.charter)
    }

    /// What a charter with this digest says otherwise; empty when it is the anchored one.
    ///
    /// A poster's anchor compares election and digest; the digest settles the rest.
    pub fn compare(&self, charter: &Charter, digest: Digest) -> Vec<Disagreement> {
        let mut differ = Vec::new();
        let mut compare = |member, expected: String, found: String| {
            if expected != found {
                differ.push(Disagreement { member, expected, found });
            }
        };
        compare("election_id", self.election_id.to_string(), charter.election_id.to_string());
        compare("charter", self.charter.to_string(), digest.to_string());
        if let Some(log) = &self.log {
            let other = &charter.log;
            compare("log.origin", log.origin.to_string(), other.origin.to_string());
            let (ours, theirs) = (&log.checkpoint_key, &other.checkpoint_key);
            compare("log.checkpoint_key", ours.to_string(), theirs.to_string());
            let (ours, theirs) = (&log.timestamp_key, &other.timestamp_key);
            compare("log.timestamp_key", ours.to_string(), theirs.to_string());
        }
        if let Some(witnesses) = &self.witnesses {
            let other = Self::from_charter(charter, digest).witnesses;
            let threshold = other.as_ref().map_or(0, |other| other.threshold);
            compare("witnesses.threshold", witnesses.threshold.to_string(), threshold.to_string());
            let listed = |list: &[AnchorWitness]| {
                let mut lines: Vec<_> = list
                    .iter()
                    .map(|one| format!("{} ({}) {}", one.name, one.organisation, one.key))
                    .collect();
                lines.sort_unstable();
                lines.join(", ")
            };
            let theirs = other.as_ref().map_or(String::new(), |other| listed(&other.list));
            compare("witnesses.list", listed(&witnesses.list), theirs);
        }
        differ
    }
}

/// The longest message about a file that is no anchor, in characters.
const MAX_MESSAGE: usize = 200;

/// What is wrong and where. The line itself is not shown: a file that was given by mistake may hold
/// a secret.
fn place(text: &str, error: &toml::de::Error) -> String {
    let message: String = error.message().chars().take(MAX_MESSAGE).collect();
    let before = error.span().and_then(|span| text.get(..span.start));
    let Some(before) = before else { return message };
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    format!("line {line}, column {}: {message}", column.saturating_add(1))
}

#[cfg(test)]
mod tests;
