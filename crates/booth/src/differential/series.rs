//! The series of snapshots that is analysed.

use std::collections::BTreeSet;

use canon::{Digest, JsonError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::campaign::{CampaignFault, is_label, option_faults};
use crate::totp::Station;

/// The most snapshots of a series: one a minute for two months.
pub const MAX_SNAPSHOTS: usize = 1 << 17;

/// The most stations of a series.
pub const MAX_STATIONS: usize = 1 << 14;

/// No count is larger: what doubles hold exactly.
const MAX_COUNT: u64 = 1 << 53;

/// A campaign and its snapshots, oldest first. All counts are totals since the opening.
///
/// ```text
/// { "campaign": "solar",
///   "options": ["Bold Jupiter", "Shiny Saturn"],    in the order of the ballot
///   "stations": ["8704-2A05-B259-1090"],            may be left out
///   "k": 50, "shards": 2, "stamp_period_s": 86400,  as the campaign has them
///   "closed": true,                                 the last snapshot is of after the close
///   "snapshots": [
///     { "time": "2026-11-03T07:00:00Z", "votes": 0, "voters": 0,
///       "by_option": [0, 0],                        may be left out, as the two below
///       "stamps": [0],                              genuine ones issued, by station
///       "check_ins": 0 }, … ] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The campaign's name.
    pub campaign: String,
    /// What can be voted for, in the order of the ballot.
    pub options: Vec<String>,
    /// The stations, in the order in which snapshots have their stamps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stations: Vec<String>,
    /// Votes that are published together, at least.
    pub k: u32,
    /// Shards, each of which cuts batches on its own.
    pub shards: u16,
    /// Seconds of a stamp period: votes of different periods wait apart.
    pub stamp_period_s: u64,
    /// The last snapshot holds what was still waiting at the close.
    pub closed: bool,
    /// The snapshots, oldest first.
    pub snapshots: Vec<Snapshot>,
}

/// What stood published at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// When the snapshot was made.
    pub time: Timestamp,
    /// Lines of the list of votes.
    pub votes: u64,
    /// Lines of the list of voters.
    pub voters: u64,
    /// Votes by option; left out while they are not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_option: Option<Vec<u64>>,
    /// Genuine stamps issued, by station.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamps: Option<Vec<u64>>,
    /// Voters checked in at the stations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_ins: Option<u64>,
}

/// Why a series cannot be analysed. Snapshots are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesFault {
    /// The bytes are no strict JSON of this form.
    #[error("{0}")]
    Json(JsonError),
    /// The name is none of a campaign.
    #[error("the campaign's name is not 1 to 63 lower-case letters, digits and dashes")]
    Name,
    /// Options that no ballot can have.
    #[error("{0}")]
    Options(CampaignFault),
    /// A station's name.
    #[error("station {number} has no name of 1 to 64 letters, digits and dashes, or another's")]
    Station {
        /// Counted from 1.
        number: usize,
    },
    /// More stations than are analysed.
    #[error("there are more than {MAX_STATIONS} stations")]
    Stations,
    /// No shards, or a stamp period of no length.
    #[error("shards and stamp_period_s are at least 1")]
    Zero,
    /// Nothing to compare, or too much.
    #[error("a series has 2 to {MAX_SNAPSHOTS} snapshots, found {found}")]
    Snapshots {
        /// The snapshots.
        found: usize,
    },
    /// A snapshot that is no later than the one before.
    #[error("snapshot {number} is not later than the one before it")]
    Order {
        /// The snapshot.
        number: usize,
    },
    /// A list that is not as long as the names that it counts for.
    #[error("snapshot {number} has another number of counts in {member} than there are names")]
    Length {
        /// The snapshot.
        number: usize,
        /// The member.
        member: &'static str,
    },
    /// A sum beyond what is counted exactly.
    #[error("the counts of snapshot {number} are larger than 2^53")]
    TooLarge {
        /// The snapshot.
        number: usize,
    },
}

impl SeriesFault {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Json(error) => error.hint(),
            Self::Name | Self::Options(_) | Self::Zero => "copy it from the campaign's rules",
            Self::Station { .. } | Self::Stations => "name each station once, as the rules have it",
            Self::Snapshots { .. } => "give the snapshots of the whole day in one series",
            Self::Order { .. } => "sort the snapshots by their time, and give each once",
            Self::Length { .. } => "give one count a name, in their order, or leave the list out",
            Self::TooLarge { .. } => "check the figures: no election is that large",
        }
    }
}

impl Series {
    /// Reads a series and checks its form; whether its counts hold is what the analysis says.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(bytes: &[u8]) -> Result<Self, SeriesFault> {
        let series: Self = canon::json::from_strict(bytes).map_err(SeriesFault::Json)?;
        series.check()?;
        Ok(series)
    }

    /// A series that a program has put together, where its form is right.
    ///
    /// # Errors
    /// The first fault.
    pub fn checked(self) -> Result<Self, SeriesFault> {
        self.check().map(|()| self)
    }

    fn check(&self) -> Result<(), SeriesFault> {
        if !is_label(&self.campaign) {
            return Err(SeriesFault::Name);
        }
        if let Some(fault) = option_faults(&self.options).into_iter().next() {
            return Err(SeriesFault::Options(fault));
        }
        if self.stations.len() > MAX_STATIONS {
            return Err(SeriesFault::Stations);
        }
        let mut names = BTreeSet::new();
        for (number, name) in (1..).zip(&self.stations) {
            if name.parse::<Station>().is_err() || !names.insert(name) {
                return Err(SeriesFault::Station { number });
            }
        }
        if self.shards == 0 || self.stamp_period_s == 0 {
            return Err(SeriesFault::Zero);
        }
        if !(2..=MAX_SNAPSHOTS).contains(&self.snapshots.len()) {
            return Err(SeriesFault::Snapshots { found: self.snapshots.len() });
        }
        let mut before = None;
        for (number, snapshot) in (1..).zip(&self.snapshots) {
            if before.is_some_and(|before| snapshot.time <= before) {
                return Err(SeriesFault::Order { number });
            }
            before = Some(snapshot.time);
            self.check_snapshot(number, snapshot)?;
        }
        Ok(())
    }

    fn check_snapshot(&self, number: usize, snapshot: &Snapshot) -> Result<(), SeriesFault> {
        let other = |list: &Option<Vec<u64>>, names: &[String]| {
            list.as_ref().is_some_and(|list| list.is_empty() || list.len() != names.len())
        };
        if other(&snapshot.by_option, &self.options) {
            return Err(SeriesFault::Length { number, member: "by_option" });
        }
        if other(&snapshot.stamps, &self.stations) {
            return Err(SeriesFault::Length { number, member: "stamps" });
        }
        let sums = [
            Some(snapshot.votes),
            Some(snapshot.voters),
            snapshot.check_ins,
            snapshot.votes_by_option(),
            snapshot.stamps_issued(),
        ];
        if sums.into_iter().flatten().any(|sum| sum > MAX_COUNT) {
            return Err(SeriesFault::TooLarge { number });
        }
        Ok(())
    }

    /// The digest of the series' canonical bytes.
    pub fn digest(&self) -> Result<Digest, JsonError> {
        canon::json::to_canonical(self).map(|bytes| Digest::of(&bytes))
    }

    /// The first and the last instant; the same one where there is no snapshot.
    pub(super) fn span(&self) -> (Timestamp, Timestamp) {
        let first = self.snapshots.first().map_or(Timestamp::MIN, |one| one.time);
        (first, self.snapshots.last().map_or(first, |one| one.time))
    }
}

impl Snapshot {
    /// The votes of all options together.
    pub fn votes_by_option(&self) -> Option<u64> {
        self.by_option.as_deref().map(sum)
    }

    /// The stamps of all stations together.
    pub fn stamps_issued(&self) -> Option<u64> {
        self.stamps.as_deref().map(sum)
    }
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}
