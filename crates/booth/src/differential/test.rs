//! The tests, by name.

use serde::Serialize;

/// What is compared by statistics. What is compared exactly is the business of another module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Jumps and stalls of the growth, in total and by option.
    Growth,
    /// Jumps and stalls of the stamps issued, by station.
    Stations,
    /// Jumps and falls of the stamps that no vote stands for.
    Stamps,
    /// Jumps and falls of the check-ins that no vote stands for.
    CheckIns,
    /// Shifts of the options' shares from one window to the next.
    Mixture,
    /// How much more the day varies than groups of voters explain.
    Spread,
    /// Bursts in every n-th window.
    Rhythm,
    /// Bursts in a part of the windows, always to the same option's good.
    Lean,
    /// A drift of the options' shares over the day. It is noted and never held against anybody:
    /// at different hours different people vote.
    Drift,
}

/// What a snapshot tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All votes, which every snapshot has.
    Votes,
    /// Votes by option.
    Options,
    /// Stamps issued, by station.
    Stamps,
    /// Voters checked in.
    CheckIns,
}

impl Test {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Growth,
        Self::Stations,
        Self::Stamps,
        Self::CheckIns,
        Self::Mixture,
        Self::Spread,
        Self::Rhythm,
        Self::Lean,
        Self::Drift,
    ];

    /// Its name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Growth => "growth",
            Self::Stations => "stations",
            Self::Stamps => "stamps",
            Self::CheckIns => "check-ins",
            Self::Mixture => "mixture",
            Self::Spread => "spread",
            Self::Rhythm => "rhythm",
            Self::Lean => "lean",
            Self::Drift => "drift",
        }
    }

    /// The statistic, with its source.
    pub const fn statistic(self) -> &'static str {
        match self {
            Self::Mixture => "likelihood ratio G of adjacent windows (Wilks 1938)",
            Self::Spread => "index of dispersion (Fisher 1925) against groups (Kish 1965)",
            Self::Rhythm => "Student's t of the folded day (Leahy and others 1983)",
            Self::Lean => "ratio of semivariances (Markowitz 1959)",
            Self::Drift => "linear trend of shares (Cochran 1954, Armitage 1955)",
            _ => "deleted residual of a local cubic (Savitzky and Golay 1964), quasi-Poisson",
        }
    }

    /// Whether it is held against the campaign, or only noted.
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Drift)
    }

    /// What a snapshot has to tell of for it.
    pub(super) const fn needs(self) -> Part {
        match self {
            Self::Growth | Self::Spread | Self::Rhythm => Part::Votes,
            Self::Stations | Self::Stamps => Part::Stamps,
            Self::CheckIns => Part::CheckIns,
            Self::Mixture | Self::Lean | Self::Drift => Part::Options,
        }
    }

    /// Whether the scale of its values is taken from the day itself.
    pub(super) const fn is_scaled(self) -> bool {
        !matches!(self, Self::Spread | Self::Rhythm | Self::Lean | Self::Drift)
    }
}
