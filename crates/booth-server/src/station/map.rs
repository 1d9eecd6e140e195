//! Building the deployment map.
//!
//! ```text
//! totp_seed = { file = "totp-seed" }               # the campaign's, as the instances have it
//! each_day = { from = "2026-11-22", days = 3 }     # seeds of their own; without: one for all
//!
//! [[stations]]
//! location = "Flying Demo"
//! station = "8704-2A05-B259-1090"
//! wrapping_key = { file = "keys/8704-2A05-B259-1090" }
//! ```

use std::path::{Path, PathBuf};

use booth::Secret as Seed;
use booth::campaign::Campaign;
use booth::station::{Field, Generator, Location, Misfit, Place, WrappingKey, Wraps};
use booth::totp::{Day, Station};
use serde::Deserialize;
use service::config::{self, Secret};

use super::config::seed;
use super::error::StationError;

/// The most days for which seeds are wrapped at once.
const MAX_DAYS: u64 = 62;

/// What a map is built from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapConfig {
    totp_seed: Secret,
    each_day: Option<EachDay>,
    stations: Vec<Entry>,
    #[serde(skip)]
    base: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EachDay {
    from: String,
    days: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    location: String,
    station: String,
    wrapping_key: Secret,
}

impl MapConfig {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, StationError> {
        let mut config: Self = config::load(path, &[])?;
        config.base = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(config)
    }
}

/// A map, and how it goes with the campaign.
#[derive(Clone, Debug)]
pub struct Built {
    /// The map: each station's secret under its own key.
    pub field: Field,
    /// In what it does not go with the campaign, where there is one to go with.
    pub misfits: Vec<Misfit>,
}

/// Builds the map, and holds it against a campaign: its stations, the kind of their seeds, the
/// days, and the seed that it commits to.
pub fn build_map(config: &MapConfig, campaign: Option<&Campaign>) -> Result<Built, StationError> {
    let master = seed(&config.base, "totp_seed", &config.totp_seed)?;
    let field = wrapped(config, &master)?;
    let misfits = campaign.map_or_else(Vec::new, |campaign| {
        let mut misfits = field.misfits(campaign);
        misfits.extend(Misfit::of_seed(&master, campaign));
        misfits
    });
    Ok(Built { field, misfits })
}

fn wrapped(config: &MapConfig, master: &Seed) -> Result<Field, StationError> {
    let days = config.each_day.as_ref().map(days).transpose()?;
    let mut places: Vec<Place> = Vec::new();
    for entry in &config.stations {
        let value = |key, problem: &dyn std::fmt::Display| StationError::Value {
            key,
            problem: format!("{:?}: {problem}", entry.station),
        };
        let station: Station =
            entry.station.parse().map_err(|error| value("stations.station", &error))?;
        let location: Location =
            entry.location.parse().map_err(|error| value("stations.location", &error))?;
        let key = WrappingKey::new(seed(&config.base, "wrapping_key", &entry.wrapping_key)?);
        let wraps = match &days {
            None => Wraps::Same(key.wrap(master)),
            Some(days) => Wraps::Daily(
                days.iter().map(|day| (*day, key.wrap(&station.seed_of(master, *day)))).collect(),
            ),
        };
        let generator = Generator { station, wraps };
        match places.iter_mut().find(|place| place.location == location) {
            Some(place) => place.generators.push(generator),
            None => places.push(Place { location, generators: vec![generator] }),
        }
    }
    Field::new(places).map_err(|error| StationError::Value {
        key: "stations",
        problem: error.problem.to_string(),
    })
}

fn days(table: &EachDay) -> Result<Vec<Day>, StationError> {
    let value = |problem: String| StationError::Value { key: "each_day", problem };
    let from: Day = table.from.parse().map_err(|_| value("a day is written 2026-11-22".into()))?;
    if !(1..=MAX_DAYS).contains(&table.days) {
        return Err(value(format!("from 1 to {MAX_DAYS} days")));
    }
    Ok((0..table.days).map(|later| from.plus(later)).collect())
}

/// A wrapping key in its file.
pub fn read_wrapping_key(path: &Path) -> Result<WrappingKey, StationError> {
    let secret = Secret::File(path.to_path_buf());
    seed(Path::new(""), "the wrapping key", &secret).map(WrappingKey::new)
}
