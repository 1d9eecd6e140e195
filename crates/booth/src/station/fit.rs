//! Whether a deployment map and a campaign go together.
//!
//! Where they do not, nobody sees it before the first voter: every code of every booth is answered
//! with a decoy, or with nothing.

use std::collections::BTreeSet;
use std::fmt;

use canon::{Digest, Timestamp};

use super::{Field, Wraps};
use crate::campaign::Campaign;
use crate::secret::Secret;
use crate::totp::{Day, Station};

/// In what a map and a campaign do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Stamps of remote votes take no code.
    #[error("the campaign is for remote votes, which have no stations")]
    Remote,
    /// Nothing shows codes.
    #[error("the map has no station")]
    NoStation,
    /// A station whose voters would be refused.
    #[error("the map has the station {0}, and the campaign has not")]
    NotOfCampaign(Station),
    /// A station that would never get a secret.
    #[error("the campaign has the station {0}, and the map has not")]
    NotOnMap(Station),
    /// All codes would be answered with decoys.
    #[error("the campaign's stations have seeds of their own, and the map has one seed for all")]
    OneSeed,
    /// All codes would be answered with decoys.
    #[error("the map has seeds for each station, and the campaign names no stations")]
    OwnSeeds,
    /// A station that shows nothing while people vote.
    #[error("the map has no seed for any day of the campaign, {days}, at the station {station}")]
    NoDay {
        /// The station.
        station: Station,
        /// The campaign's days.
        days: Days,
    },
    /// A station that has to be given more seeds before the campaign is over.
    #[error("the map has no seed for {lacking} at the station {station}")]
    SomeDays {
        /// The station.
        station: Station,
        /// From the first day that is missing to the last.
        lacking: Days,
    },
    /// All codes would be answered with decoys.
    #[error("the seed of the map is not the one that the campaign commits to")]
    Seed,
}

/// Days from one to another, both among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub first: Day,
    /// The last.
    pub last: Day,
}

impl Days {
    /// The days of a campaign, in UTC.
    pub fn of(campaign: &Campaign) -> Self {
        // The end is the first instant that does not count.
        let end = campaign.end();
        let last = Timestamp::from_unix(end.unix().saturating_sub(1)).unwrap_or(end);
        Self { first: Day::of(campaign.start()), last: Day::of(last) }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{} to {}", self.first, self.last)
    }
}

impl Misfit {
    /// Whether a map that is published later can still mend it before anybody is turned away.
    pub const fn is_for_later(&self) -> bool {
        matches!(self, Self::SomeDays { .. })
    }

    /// What a seed and a campaign say of each other; `None` also where the campaign commits to
    /// none, as before its keys are drawn.
    pub fn of_seed(seed: &Secret, campaign: &Campaign) -> Option<Self> {
        let committed = campaign.totp_seed_sha256()?;
        (Digest::of(seed.bytes()) != *committed).then_some(Self::Seed)
    }
}

impl Field {
    /// All in which the map does not go with a campaign, as far as it can be told without secrets:
    /// the names of the stations, the kind of their secrets, and the days.
    pub fn misfits(&self, campaign: &Campaign) -> Vec<Misfit> {
        if campaign.remote_of().is_some() {
            return vec![Misfit::Remote];
        }
        let mut misfits = Vec::new();
        if self.generators().next().is_none() {
            misfits.push(Misfit::NoStation);
        }
        misfits.extend(self.other_names(campaign));
        let is_daily = |wraps: &Wraps| matches!(wraps, Wraps::Daily(_));
        // A map has one kind of secret.
        match self.generators().next().map(|(_, one)| is_daily(&one.wraps)) {
            Some(false) if !campaign.stations().is_empty() => misfits.push(Misfit::OneSeed),
            Some(true) if campaign.stations().is_empty() => misfits.push(Misfit::OwnSeeds),
            _ => {}
        }
        let days = Days::of(campaign);
        misfits.extend(self.generators().filter_map(|(_, one)| lacking(one, days)));
        misfits
    }

    fn other_names(&self, campaign: &Campaign) -> Vec<Misfit> {
        let named: BTreeSet<&Station> = campaign.stations().iter().collect();
        if named.is_empty() {
            return Vec::new();
        }
        let mapped: BTreeSet<&Station> = self.generators().map(|(_, one)| &one.station).collect();
        let foreign = mapped.difference(&named).map(|one| Misfit::NotOfCampaign((*one).clone()));
        let missing = named.difference(&mapped).map(|one| Misfit::NotOnMap((*one).clone()));
        foreign.chain(missing).collect()
    }
}

/// What a station with seeds of its own lacks of a campaign's days.
fn lacking(generator: &super::Generator, days: Days) -> Option<Misfit> {
    let Wraps::Daily(seeds) = &generator.wraps else { return None };
    let station = || generator.station.clone();
    if seeds.range(days.first..).next().is_none_or(|(day, _)| *day > days.last) {
        return Some(Misfit::NoDay { station: station(), days });
    }
    // As many steps as the map has seeds: a campaign may say that it lasts for ages.
    let is_there = |day: &Day| seeds.contains_key(day);
    let first = successors(days.first, |day| day.plus(1)).find(|day| !is_there(day))?;
    if first > days.last {
        return None;
    }
    let last = successors(days.last, |day| day.minus(1)).find(|day| !is_there(day))?;
    Some(Misfit::SomeDays { station: station(), lacking: Days { first, last } })
}

fn successors(from: Day, next: impl Fn(Day) -> Day) -> impl Iterator<Item = Day> {
    std::iter::successors(Some(from), move |day| Some(next(*day)))
}
