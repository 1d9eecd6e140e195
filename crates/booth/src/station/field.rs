//! The deployment map `field.yml`: which station stands where, and its wrapped secret.
//!
//! ```text
//! # Voting Stations and Platform TOTP generators
//!
//! Flying Demo:
//!   8704-2A05-B259-1090: wIZsDEbX+QZgn3Sh9hiwkANPmbD1BjcDxpTCPoI5d51Y0yjr9DSJbw==
//!
//! 411 5th Street North:
//!   8704-2A05-B259-1091:
//!     "2026-11-22": 40 bytes in base64    stations with seeds of their own: one a day
//!     "2026-11-23": 40 bytes in base64
//! ```
//!
//! It is YAML, and any reader of YAML finds the same names and values in it. This one reads only
//! this form: no tabs, no anchors, no other indentation, no second spelling of a name. A name that
//! a reader of YAML would take for a number, a date or a truth value stands in double quotes; no
//! other does. Lines that begin with `#` and empty lines are passed over.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::Wraps;
use crate::totp::Station;

mod name;
mod reading;

/// The most bytes of a map: some hundred thousand stations.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most characters of a location.
const MAX_CHARS: usize = 100;

/// The first line of a map that is written here, as in the prototype's.
const TITLE: &str = "# Voting Stations and Platform TOTP generators";

/// A deployment map. No two places have one name, and no two generators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    places: Vec<Place>,
}

/// A place where people vote, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What people call it.
    pub location: Location,
    /// None yet, one, or several.
    pub generators: Vec<Generator>,
}

/// A station on the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    /// Its name, which it shows.
    pub station: Station,
    /// What it unwraps.
    pub wraps: Wraps,
}

/// What people call a place: 1 to 100 characters without `"`, `\` and control characters, and
/// without white space at its ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location(String);

/// Why a text is no location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a location has 1 to 100 characters, none of them \" or \\, and no space at its ends")]
pub struct LocationError;

/// Why a map is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FieldError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a line of a map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// More bytes than a map has.
    #[error("the map has more than 16 MiB")]
    Long,
    /// Not the form of the map.
    #[error("not a location, a generator below it, or a day below that")]
    Form,
    /// A name that does not stand as it is written here.
    #[error("this name is not written as a map writes it")]
    Name,
    /// Not a wrapped secret.
    #[error("a generator has 40 bytes in base64, or days below it")]
    Secret,
    /// A generator or day with nothing below.
    #[error("nothing stands below the line before")]
    Nothing,
    /// A place twice.
    #[error("the location {0:?} stands here twice")]
    LocationTwice(String),
    /// A generator twice, wherever.
    #[error("the generator {0} stands here twice")]
    GeneratorTwice(Station),
    /// A day twice.
    #[error("a day stands here twice")]
    DayTwice,
    /// Two ways of giving out seeds in one map.
    #[error("some generators have one secret and others one a day: a map has one kind")]
    Mixed,
    /// Nothing but remarks.
    #[error("the map has no locations")]
    Empty,
}

impl Field {
    /// A map of these places. The line in an error counts places.
    pub fn new(places: Vec<Place>) -> Result<Self, FieldError> {
        let (mut locations, mut stations) = (BTreeSet::new(), BTreeSet::new());
        let mut is_daily = None;
        for (index, place) in places.iter().enumerate() {
            let at = |problem| FieldError { line: index.saturating_add(1), problem };
            if !locations.insert(&place.location) {
                return Err(at(Problem::LocationTwice(place.location.0.clone())));
            }
            for generator in &place.generators {
                if !stations.insert(&generator.station) {
                    return Err(at(Problem::GeneratorTwice(generator.station.clone())));
                }
                let daily = matches!(&generator.wraps, Wraps::Daily(_));
                if *is_daily.get_or_insert(daily) != daily {
                    return Err(at(Problem::Mixed));
                }
                if matches!(&generator.wraps, Wraps::Daily(days) if days.is_empty()) {
                    return Err(at(Problem::Nothing));
                }
            }
        }
        if places.is_empty() {
            return Err(FieldError { line: 1, problem: Problem::Empty });
        }
        Ok(Self { places })
    }

    /// The places, in their order.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// A station's place and its secrets.
    pub fn find(&self, station: &Station) -> Option<(&Location, &Wraps)> {
        let mut all = self.generators();
        all.find(|(_, found)| found.station == *station)
            .map(|(location, found)| (location, &found.wraps))
    }

    /// All stations with their places.
    pub fn generators(&self) -> impl Iterator<Item = (&Location, &Generator)> {
        self.places
            .iter()
            .flat_map(|place| place.generators.iter().map(move |one| (&place.location, one)))
    }
}

impl FromStr for Field {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        reading::read(text)
    }
}

impl fmt::Display for Field {
    /// The file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}")?;
        for place in &self.places {
            writeln!(f, "\n{}:", name::written(place.location.as_str()))?;
            for generator in &place.generators {
                let station = name::written(generator.station.as_str());
                match &generator.wraps {
                    Wraps::Same(wrapped) => writeln!(f, "  {station}: {wrapped}")?,
                    Wraps::Daily(days) => {
                        writeln!(f, "  {station}:")?;
                        for (day, wrapped) in days {
                            writeln!(f, "    \"{day}\": {wrapped}")?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Location {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let fits = (1..=MAX_CHARS).contains(&text.chars().count())
            && text.trim() == text
            && text.chars().all(name::is_allowed);
        if fits { Ok(Self(text.to_owned())) } else { Err(LocationError) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({:?})", self.0)
    }
}
