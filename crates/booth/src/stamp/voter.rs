//! Voter stamps.

use std::fmt;
use std::str::FromStr;

use canon::{Timestamp, base32};
use subtle::{Choice, ConstantTimeEq as _};

use super::PlatformStamp;
use crate::secret::{BegunMac, Secret};

/// Characters of a voter stamp: eight groups of four symbols, seven dashes.
pub const STAMP_CHARS: usize = 39;

/// Seconds of a slot.
pub const SLOT_S: u64 = 300;

/// Seconds for which a voter stamp is taken, at least; up to one slot more.
pub const WINDOW_S: u64 = 1_800;

const RANDOM: usize = 16;
const TAG: usize = 4;

/// A voter stamp: 20 bytes that name one vote, in the list and on the receipt.
///
/// ```text
/// AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G
/// ```
///
/// The text has one spelling: upper case, eight groups of four, dashes between.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoterStamp([u8; 20]);

/// Why a text is no voter stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a voter stamp is eight groups of four symbols, upper case, with dashes between")]
pub struct StampError;

impl VoterStamp {
    /// A new stamp, bound to a platform stamp and to the present slot of five minutes.
    ///
    /// The slot is not published: only who has the edge key can tell when a stamp was made.
    pub fn issue(
        edge_key: &Secret,
        random: [u8; RANDOM],
        platform: &PlatformStamp,
        now: Timestamp,
    ) -> Self {
        let tag = tag(begun(edge_key, &random, platform), slot(now));
        let mut bytes = [0; 20];
        bytes.iter_mut().zip(random.iter().chain(&tag)).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }

    /// Whether an edge of this campaign made the stamp for this platform stamp within the last 30
    /// minutes. All slots are tried, and how long it takes says nothing.
    pub fn is_genuine(&self, edge_key: &Secret, platform: &PlatformStamp, now: Timestamp) -> bool {
        let Some((random, given)) = self.0.split_first_chunk::<RANDOM>() else { return false };
        let last = slot(now);
        let first = last.saturating_sub(WINDOW_S / SLOT_S);
        let begun = begun(edge_key, random, platform);
        let fits = (first..=last).fold(Choice::from(0), |fits, slot| {
            fits | tag(begun.clone(), slot).as_slice().ct_eq(given)
        });
        fits.into()
    }

    /// The 20 bytes.
    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The stamp of 20 bytes, as a store keeps them.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }
}

const fn slot(now: Timestamp) -> u64 {
    now.unix_u64() / SLOT_S
}

/// All of a stamp's HMAC but the slot.
fn begun(key: &Secret, random: &[u8], platform: &PlatformStamp) -> BegunMac {
    let utc = platform.period.to_string();
    // All but the digits have fixed lengths, so nothing has to stand between the parts.
    key.begin(&[random, utc.as_bytes(), &platform.signature])
}

fn tag(begun: BegunMac, slot: u64) -> [u8; TAG] {
    let mac = begun.end(&[&slot.to_be_bytes()]);
    mac.first_chunk::<TAG>().copied().unwrap_or_default()
}

impl fmt::Display for VoterStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(STAMP_CHARS);
        for (at, symbol) in base32::encode(&self.0).chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(symbol);
        }
        f.pad(&text)
    }
}

impl fmt::Debug for VoterStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VoterStamp({self})")
    }
}

impl FromStr for VoterStamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        base32::decode_groups(text).map(Self).ok_or(StampError)
    }
}
