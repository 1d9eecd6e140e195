//! A campaign's rules, checked as a whole.
//!
//! ```toml
//! name = "solar"                        # a label of a host name
//! purpose = "demonstration"             # official, test, trial, demonstration
//! options = ["Bold Jupiter", "Shiny Saturn"]
//! authorities = ["<base64 of an Ed25519 public key>"]
//! start = "2026-11-03T07:00:00Z"
//! end = "2026-11-03T20:00:00Z"
//! stamp_period_s = 86400                # P-UTC tells no more than this of when somebody voted
//! k = 50                                # votes that are published together, at least
//! work_bits = 25                        # leading zero bits that a vote has to show
//! shards = 2                            # fixed for the campaign
//! stations = ["8704-2A05-B259-1090"]    # each has a seed of its own; none: one seed for all
//! stamps_per_code = 40                  # near what a booth can hold in 90 s; official: needed
//!
//! # What `scrutineer collect init` adds when it has drawn the keys:
//! receipt_keys = ["<base64>", "<base64>"]     # one a shard; signs acceptances and receipts
//! stamp_key_sha256 = "<64 hexadecimal digits>"    # of the 32 bytes of the stamps' public key,
//! decoy_key_sha256 = "<64 hexadecimal digits>"    # and of the decoys'; secret until the close
//! totp_seed_sha256 = "<64 hexadecimal digits>"        # of the seed of the booths' codes, and of
//! snapshot_salt_sha256 = "<64 hexadecimal digits>"    # what hides digests; revealed at the close
//!
//! # For a trial only, in which votes are not secret from these (see [`crate::link`]):
//! link_auditors = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
//!
//! # For the remote votes of another campaign alone, whose stamps take no code of a booth:
//! remote_of = "solar"
//! ```
//!
//! Secrets are not among the rules. All faults are named at once, since a campaign file is written
//! by hand.

use std::fmt;

use artifact::charter::Purpose;
use canon::{Algorithm, Digest, PublicKey, Timestamp};
use serde::Deserialize;

use crate::link::Auditor;
use crate::mandate::{Authorities, MandateId, VOTERS_LINE_BYTES};
use crate::text;
use crate::totp::Station;
use crate::vote::LINE_BYTES;

mod committed;
mod fault;
mod option;
mod published;

use committed::Committed;
pub use fault::CampaignFault;
pub(crate) use fault::is_label;
pub(crate) use option::faults as option_faults;
pub use option::{MAX_OPTION_BYTES, MAX_OPTIONS, OptionFault, from_header, to_header};

/// The shortest stamp period outside demonstrations, in seconds.
pub const MIN_STAMP_PERIOD_S: u64 = 3_600;

/// The start of a stamp period, in seconds since 1970: the header `P-UTC`, decimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(u64);

impl Period {
    /// The period that a header names, whether the campaign has it or not. Leading zeros and what
    /// lies beyond the year 9999 are refused.
    pub fn from_text(text: &str) -> Option<Self> {
        let latest = Timestamp::MAX.unix_u64();
        text::from_decimal(text).filter(|seconds| *seconds <= latest).map(Self)
    }

    /// The period that begins at an instant.
    pub const fn beginning(at: Timestamp) -> Self {
        Self(at.unix_u64())
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Period({})", self.0)
    }
}

/// The number of a shard, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub u16);

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A campaign as somebody wrote it down, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// A label of a host name: lower-case letters, digits, dashes.
    pub name: String,
    /// What the campaign is held for.
    pub purpose: Purpose,
    /// What can be voted for, in the order of the ballot.
    pub options: Vec<String>,
    /// The authorities' Ed25519 public keys, base64.
    pub authorities: Vec<String>,
    /// The first instant at which a vote counts.
    pub start: Timestamp,
    /// The first instant at which no vote is taken any more.
    pub end: Timestamp,
    /// Seconds of a stamp period; a day unless said otherwise.
    #[serde(default = "day")]
    pub stamp_period_s: u64,
    /// Votes that are published together, at least.
    #[serde(default = "fifty")]
    pub k: u32,
    /// Leading zero bits that a vote has to show: 0 to 256.
    #[serde(default = "twenty_five")]
    pub work_bits: u32,
    /// Shards that the mandates are spread over.
    #[serde(default = "one")]
    pub shards: u16,
    /// The stations, each with a seed of its own; none when one seed is in all of them.
    #[serde(default)]
    pub stations: Vec<String>,
    /// Genuine stamps that one code is good for, at one edge; an official campaign has to say it.
    #[serde(default)]
    pub stamps_per_code: Option<u32>,
    /// The Ed25519 public keys that sign acceptances and receipts, base64, one a shard; none while
    /// they are not drawn.
    #[serde(default)]
    pub receipt_keys: Vec<String>,
    /// SHA-256 of the 32 bytes of the key under which stamps are genuine, hexadecimal: committed
    /// before the opening, for the key stays secret until the close.
    #[serde(default)]
    pub stamp_key_sha256: Option<String>,
    /// The same of the decoys' key.
    #[serde(default)]
    pub decoy_key_sha256: Option<String>,
    /// SHA-256 of the 32 bytes of the seed of the booths' codes, hexadecimal.
    #[serde(default)]
    pub totp_seed_sha256: Option<String>,
    /// The same of what hides the digests of snapshots.
    #[serde(default)]
    pub snapshot_salt_sha256: Option<String>,
    /// The public keys of those who may read who voted how, as `age-keygen` shows them; for a trial
    /// only.
    #[serde(default)]
    pub link_auditors: Vec<String>,
    /// The campaign whose remote votes these are: its stamps take no code.
    #[serde(default)]
    pub remote_of: Option<String>,
}

const fn day() -> u64 {
    86_400
}

const fn fifty() -> u32 {
    50
}

const fn twenty_five() -> u32 {
    25
}

const fn one() -> u16 {
    1
}

/// A campaign whose rules fit together. They do not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    draft: Draft,
    authorities: Authorities,
    stations: Vec<Station>,
    committed: Committed,
    link_auditors: Vec<Auditor>,
}

impl Campaign {
    /// The campaign that somebody wrote down, or everything that is wrong with it.
    pub fn check(draft: Draft) -> Result<Self, Vec<CampaignFault>> {
        let mut faults = fault::of_rules(&draft);
        faults.extend(option::faults(&draft.options));
        let keys = authorities(&draft, &mut faults);
        let committed = committed::check(&draft, &keys, &mut faults);
        let stations = stations(&draft, &mut faults);
        let link_auditors = link_auditors(&draft, &mut faults);
        // Every key is of Ed25519, for it was read as one.
        match Authorities::new(keys) {
            Ok(authorities) if faults.is_empty() => {
                Ok(Self { draft, authorities, stations, committed, link_auditors })
            }
            _ => Err(faults),
        }
    }

    /// The name, which is also the label of its host.
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// What the campaign is held for.
    pub const fn purpose(&self) -> Purpose {
        self.draft.purpose
    }

    /// What can be voted for, in the order of the ballot.
    pub fn options(&self) -> &[String] {
        &self.draft.options
    }

    /// The place of an option on the ballot, from 0.
    pub fn position(&self, say: &str) -> Option<usize> {
        self.draft.options.iter().position(|option| option == say)
    }

    /// The lines of the answer to `/list`: `Say01` and so on, each with its option as a header
    /// carries it.
    pub fn list(&self) -> Vec<(String, String)> {
        let numbered = (1..).zip(&self.draft.options);
        numbered.map(|(number, option)| (format!("Say{number:02}"), to_header(option))).collect()
    }

    /// Whose mandates count.
    pub const fn authorities(&self) -> &Authorities {
        &self.authorities
    }

    /// The first instant at which a vote counts.
    pub const fn start(&self) -> Timestamp {
        self.draft.start
    }

    /// The first instant at which no vote is taken any more.
    pub const fn end(&self) -> Timestamp {
        self.draft.end
    }

    /// Seconds of a stamp period.
    pub const fn stamp_period_s(&self) -> u64 {
        self.draft.stamp_period_s
    }

    /// Votes that are published together, at least; 0 for one by one.
    pub const fn k(&self) -> u32 {
        self.draft.k
    }

    /// Leading zero bits that a vote has to show.
    pub const fn work_bits(&self) -> u32 {
        self.draft.work_bits
    }

    /// The stations, each with a seed of its own; none when one seed is in all of them.
    pub fn stations(&self) -> &[Station] {
        &self.stations
    }

    /// Genuine stamps that one code is good for, at one edge.
    pub const fn stamps_per_code(&self) -> Option<u32> {
        self.draft.stamps_per_code
    }

    /// The key that signs the acceptances and receipts of a shard, if the keys are drawn.
    pub fn receipt_key(&self, shard: Shard) -> Option<&PublicKey> {
        self.committed.receipt_keys.get(usize::from(shard.0))
    }

    /// The digest of the key under which stamps are genuine, if it is committed.
    pub const fn stamp_key_sha256(&self) -> Option<&Digest> {
        self.committed.stamp_key.as_ref()
    }

    /// The digest of the decoys' key, if it is committed.
    pub const fn decoy_key_sha256(&self) -> Option<&Digest> {
        self.committed.decoy_key.as_ref()
    }

    /// The digest of the seed of the booths' codes, if it is committed.
    pub const fn totp_seed_sha256(&self) -> Option<&Digest> {
        self.committed.totp_seed.as_ref()
    }

    /// The digest of what hides the digests of snapshots, if it is committed.
    pub const fn snapshot_salt_sha256(&self) -> Option<&Digest> {
        self.committed.snapshot_salt.as_ref()
    }

    /// Who may read who voted how; nobody, but in a trial.
    pub fn link_auditors(&self) -> &[Auditor] {
        &self.link_auditors
    }

    /// The campaign whose remote votes these are, if they are any: its stamps take no code.
    pub fn remote_of(&self) -> Option<&str> {
        self.draft.remote_of.as_deref()
    }

    /// In what a campaign for remote votes does not go with the one of the booths, so that nobody
    /// could put their counts together.
    pub fn differs_from(&self, booths: &Self) -> Option<&'static str> {
        let (own, other) = (&self.draft, &booths.draft);
        [
            (own.purpose != other.purpose, "purpose"),
            (own.options != other.options, "options"),
            ((own.start, own.end) != (other.start, other.end), "time"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }

    /// Bytes of the longest vote and voter that the two lists can get.
    pub fn longest_record(&self) -> usize {
        let option = self.draft.options.iter().map(String::len).max().unwrap_or_default();
        LINE_BYTES.saturating_add(option).saturating_add(VOTERS_LINE_BYTES)
    }

    /// How many shards there are.
    pub const fn shards(&self) -> u16 {
        self.draft.shards
    }

    /// The stamp period that an instant lies in; `None` while the campaign is not open.
    pub fn period_at(&self, now: Timestamp) -> Option<Period> {
        if now < self.draft.start || now >= self.draft.end {
            return None;
        }
        let start = self.draft.start.unix_u64();
        let since = now.unix_u64().saturating_sub(start);
        let into = since.checked_rem(self.draft.stamp_period_s)?;
        Some(Period(now.unix_u64().saturating_sub(into)))
    }

    /// Whether a period is one of this campaign's and has begun: `start <= P-UTC <= now`, before
    /// the end, and a whole number of periods after the start.
    pub fn has_begun(&self, period: Period, now: Timestamp) -> bool {
        let (start, end) = (self.draft.start.unix_u64(), self.draft.end.unix_u64());
        let since = period.0.checked_sub(start);
        let whole = since.and_then(|since| since.checked_rem(self.draft.stamp_period_s));
        whole == Some(0) && period.0 <= now.unix_u64() && period.0 < end
    }

    /// The shard of a mandate: the first eight bytes of its digest, as a big-endian number, modulo
    /// the number of shards.
    pub fn shard_of(&self, mandate: &MandateId) -> Shard {
        self.shard_of_digest(&mandate.digest())
    }

    /// All shards but this one.
    pub fn other_shards(&self, shard: Shard) -> impl Iterator<Item = Shard> + use<> {
        (0..self.draft.shards).map(Shard).filter(move |other| *other != shard)
    }

    /// The shard of a mandate by its digest.
    pub(crate) fn shard_of_digest(&self, mandate: &Digest) -> Shard {
        let first = mandate.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
        let number = u64::from_be_bytes(first).checked_rem(u64::from(self.draft.shards));
        Shard(number.and_then(|number| u16::try_from(number).ok()).unwrap_or_default())
    }
}

/// The authorities' keys, each once.
fn authorities(draft: &Draft, faults: &mut Vec<CampaignFault>) -> Vec<PublicKey> {
    let mut keys: Vec<PublicKey> = Vec::new();
    for (number, text) in (1..).zip(&draft.authorities) {
        match PublicKey::from_base64(Algorithm::Ed25519, text) {
            Ok(key) if keys.contains(&key) => {
                faults.push(CampaignFault::SameAuthority { number });
            }
            Ok(key) => keys.push(key),
            Err(reason) => faults.push(CampaignFault::Authority { number, reason }),
        }
    }
    keys
}

/// The stations, each once.
fn stations(draft: &Draft, faults: &mut Vec<CampaignFault>) -> Vec<Station> {
    let mut stations: Vec<Station> = Vec::new();
    for (number, text) in (1..).zip(&draft.stations) {
        match text.parse() {
            Ok(station) if !stations.contains(&station) => stations.push(station),
            _ => faults.push(CampaignFault::Station { number }),
        }
    }
    stations
}

/// The auditors of a trial, each once.
fn link_auditors(draft: &Draft, faults: &mut Vec<CampaignFault>) -> Vec<Auditor> {
    let mut auditors: Vec<Auditor> = Vec::new();
    for (number, text) in (1..).zip(&draft.link_auditors) {
        match text.parse() {
            Ok(auditor) if !auditors.contains(&auditor) => auditors.push(auditor),
            _ => faults.push(CampaignFault::LinkAuditor { number }),
        }
    }
    auditors
}

#[cfg(test)]
mod tests;
