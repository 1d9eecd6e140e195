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
    /// A drift of the options' shares over the day. It is noted and never held against anybody:
    /// at different hours different people vote.
    Drift,
}

impl Test {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Growth, Self::Stations, Self::Stamps, Self::CheckIns, Self::Mixture, Self::Drift];

    /// Its name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Growth => "growth",
            Self::Stations => "stations",
            Self::Stamps => "stamps",
            Self::CheckIns => "check-ins",
            Self::Mixture => "mixture",
            Self::Drift => "drift",
        }
    }

    /// The statistic, with its source.
    pub const fn statistic(self) -> &'static str {
        match self {
            Self::Mixture => "likelihood ratio G of adjacent windows (Wilks 1938)",
            Self::Drift => "linear trend of shares (Cochran 1954, Armitage 1955)",
            _ => "deleted residual of a local cubic (Savitzky and Golay 1964), quasi-Poisson",
        }
    }

    /// What was not there where the test could not be made.
    pub const fn missing(self) -> &'static str {
        match self {
            Self::Growth => "no votes",
            Self::Stations => "not every snapshot has stamps by station, or too few a window",
            Self::Stamps => "not every snapshot has the stamps issued",
            Self::CheckIns => "not every snapshot has the check-ins",
            Self::Mixture | Self::Drift => "not every snapshot has the votes by option",
        }
    }

    /// Whether it is held against the campaign, or only noted.
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Drift)
    }

    /// Whether the scale of its values is taken from the day itself.
    pub(super) const fn is_scaled(self) -> bool {
        !matches!(self, Self::Drift)
    }
}
