//! Whether a map is the one that its campaign has committed to on the log.
//!
//! The campaign is the platform's signed `campaign/v1`, as the publisher serves it or as a file
//! that somebody has brought. The charter, which was put beside `station.toml` when the station
//! was made, says by which keys a platform signs, and amendments beside it say which keys came and
//! went since. So whoever has the map's server, but not the platform's key, cannot give a station
//! another map; nor can who has a key that was revoked.

use std::path::PathBuf;

use artifact::admit::{self, Founded};
use artifact::kind::ArtifactKind;
use artifact::payload::Payload;
use canon::Digest;
use serde::Deserialize;

use super::config::StationConfig;
use super::error::StationError;
use super::update::{Fetched, fetch_from};

/// The longest campaign that is read.
const MAX_CAMPAIGN_BYTES: u64 = 1024 * 1024;

/// The table `[commitment]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitmentTable {
    /// An address, or a file.
    pub(super) campaign: String,
    /// The signed charter of the election.
    charter: PathBuf,
    /// Its signed amendments, all of them, in the order of the log.
    #[serde(default)]
    amendments: Vec<PathBuf>,
}

/// Holds a map against what its campaign has committed to; the campaign's name, and nothing where
/// the station is not told of any.
pub(super) fn hold(config: &StationConfig, map: &Fetched) -> Result<Option<String>, StationError> {
    let Some(table) = &config.commitment else { return Ok(None) };
    let founded = founded(config, table)?;
    let fetched = campaign(config, table)?;
    let from = fetched.from;
    let refused = |why: String| StationError::Campaign { from: from.clone(), why };
    let admitted = founded.judge(&fetched.bytes).map_err(|why| refused(why.to_string()))?;
    let Payload::Campaign(campaign) = &admitted.payload else {
        return Err(refused(format!("it is {}, not the rules of a campaign", admitted.kind)));
    };
    let found = Digest::of(&map.bytes);
    match campaign.deployment_map {
        None => Err(refused("it commits to no deployment map".to_owned())),
        Some(committed) if committed != found => {
            Err(StationError::OtherMap { committed, found, campaign: campaign.name.to_string() })
        }
        Some(_) => Ok(Some(campaign.name.to_string())),
    }
}

/// The charter, and what was amended since.
fn founded(config: &StationConfig, table: &CommitmentTable) -> Result<Founded, StationError> {
    let read = |name: &PathBuf| {
        let path = config.file("").join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(source) => Err(StationError::File { path, source }),
        }
    };
    let (path, charter) = read(&table.charter)?;
    let mut founded = admit::found(&charter)
        .map_err(|why| StationError::Charter { path, why: why.to_string() })?;
    for name in &table.amendments {
        let (path, amendment) = read(name)?;
        let refused = |path, why| StationError::Amendment { path, why };
        match founded.enact(&amendment) {
            Ok(admitted) if admitted.kind == ArtifactKind::Amendment => {}
            Ok(admitted) => return Err(refused(path, format!("it is {}", admitted.kind))),
            Err(why) => return Err(refused(path, why.to_string())),
        }
    }
    Ok(founded)
}

fn campaign(config: &StationConfig, table: &CommitmentTable) -> Result<Fetched, StationError> {
    let campaign = &table.campaign;
    if campaign.starts_with("https://") || campaign.starts_with("http://") {
        return fetch_from(campaign, MAX_CAMPAIGN_BYTES);
    }
    let path = config.file("").join(campaign);
    let bytes =
        std::fs::read(&path).map_err(|source| StationError::File { path: path.clone(), source })?;
    Ok(Fetched { from: path.display().to_string(), bytes, date: None })
}
