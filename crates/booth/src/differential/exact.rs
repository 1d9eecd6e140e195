//! What is compared exactly: these never raise a false alarm.

use serde::Serialize;

use super::series::{Series, Snapshot};

/// A rule that every snapshot keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// As many votes as voters.
    Sizes,
    /// The options' votes add up to all votes.
    Sums,
    /// No count falls.
    Shrinkage,
    /// Never more votes than stamps issued.
    VotesAboveStamps,
    /// Never more votes than check-ins.
    VotesAboveCheckIns,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sizes,
        Self::Sums,
        Self::Shrinkage,
        Self::VotesAboveStamps,
        Self::VotesAboveCheckIns,
    ];

    /// Its name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Sizes => "sizes",
            Self::Sums => "sums",
            Self::Shrinkage => "shrinkage",
            Self::VotesAboveStamps => "votes-above-stamps",
            Self::VotesAboveCheckIns => "votes-above-check-ins",
        }
    }

    /// What it compares.
    pub const fn compares(self) -> &'static str {
        match self {
            Self::Sizes => "as many votes as voters",
            Self::Sums => "options add up to all votes",
            Self::Shrinkage => "no count ever falls",
            Self::VotesAboveStamps => "never more votes than stamps",
            Self::VotesAboveCheckIns => "never more votes than check-ins",
        }
    }

    /// How many snapshots it can look at.
    pub(super) fn looked_at(self, series: &Series) -> usize {
        let has = |one: &&Snapshot| match self {
            Self::Sizes | Self::Shrinkage => true,
            Self::Sums => one.by_option.is_some(),
            Self::VotesAboveStamps => one.stamps.is_some(),
            Self::VotesAboveCheckIns => one.check_ins.is_some(),
        };
        series.snapshots.iter().filter(has).count()
    }

    /// The snapshots, counted from 0, that break it, each with what is wrong.
    pub(super) fn broken(self, series: &Series) -> Vec<(usize, String)> {
        if self == Self::Shrinkage {
            return shrinkage(series);
        }
        let broken = |(at, one): (usize, &Snapshot)| {
            let words = match self {
                Self::Sizes if one.votes != one.voters => {
                    format!("{} votes and {} voters", one.votes, one.voters)
                }
                Self::Sums => {
                    let sum = one.votes_by_option().filter(|sum| *sum != one.votes)?;
                    format!("{} votes, and the options add up to {sum}", one.votes)
                }
                Self::VotesAboveStamps => {
                    let stamps = one.stamps_issued().filter(|stamps| one.votes > *stamps)?;
                    format!("{} votes and {stamps} stamps issued", one.votes)
                }
                Self::VotesAboveCheckIns => {
                    let check_ins = one.check_ins.filter(|check_ins| one.votes > *check_ins)?;
                    format!("{} votes and {check_ins} check-ins", one.votes)
                }
                Self::Sizes | Self::Shrinkage => return None,
            };
            Some((at, words))
        };
        series.snapshots.iter().enumerate().filter_map(broken).collect()
    }
}

/// Every count that is lower than the last one published of it.
fn shrinkage(series: &Series) -> Vec<(usize, String)> {
    let mut broken = Vec::new();
    let mut column = |name: &str, count: &dyn Fn(&Snapshot) -> Option<u64>| {
        let mut before = 0;
        for (at, one) in series.snapshots.iter().enumerate() {
            let Some(count) = count(one) else { continue };
            if count < before {
                broken.push((at, format!("{name} fell from {before} to {count}")));
            }
            before = count;
        }
    };
    column("votes", &|one| Some(one.votes));
    column("voters", &|one| Some(one.voters));
    for (at, option) in series.options.iter().enumerate() {
        column(option, &|one| one.by_option.as_ref()?.get(at).copied());
    }
    for (at, station) in series.stations.iter().enumerate() {
        let name = format!("stamps of {station}");
        column(&name, &|one| one.stamps.as_ref()?.get(at).copied());
    }
    column("check-ins", &|one| one.check_ins);
    broken.sort();
    broken
}
