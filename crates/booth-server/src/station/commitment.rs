//! Whether a map is the one that its campaign has committed to on the log.
//!
//! The campaign is the platform's signed `campaign/v1`, as the publisher serves it or as a file
//! that somebody has brought. The charter, which was put beside `station.toml` when the station
//! was made, says by which keys a platform signs. So whoever has the map's server, but not the
//! platform's key, cannot give a station another map.

use std::path::PathBuf;

use artifact::admit;
use artifact::payload::Payload;
use canon::Digest;
use serde::Deserialize;

use super::config::StationConfig;
use super::error::StationError;
use super::update::{Fetched, fetch_from};

/// The longest campaign that is read.
const MAX_CAMPAIGN_BYTES: u64 = 1024 * 1024;

/// The index at which signatures are judged: by the keys that the charter itself names.
const AFTER_CHARTER: u64 = 1;

/// The table `[commitment]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitmentTable {
    /// An address, or a file.
    pub(super) campaign: String,
    /// The signed charter of the election.
    charter: PathBuf,
}

/// Holds a map against what its campaign has committed to; the campaign's name, and nothing where
/// the station is not told of any.
pub(super) fn hold(config: &StationConfig, map: &Fetched) -> Result<Option<String>, StationError> {
    let Some(table) = &config.commitment else { return Ok(None) };
    let path = config.file("").join(&table.charter);
    let charter =
        std::fs::read(&path).map_err(|source| StationError::File { path: path.clone(), source })?;
    let founded = admit::found(&charter)
        .map_err(|why| StationError::Charter { path, why: why.to_string() })?;
    let fetched = campaign(config, table)?;
    let from = fetched.from;
    let refused = |why: String| StationError::Campaign { from: from.clone(), why };
    let admitted = admit::judge(&fetched.bytes, &founded.register, AFTER_CHARTER)
        .map_err(|why| refused(why.to_string()))?;
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
