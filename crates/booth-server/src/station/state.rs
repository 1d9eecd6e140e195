//! What a station remembers, in two small files.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use booth::station::{Ahead, ClockCheck, Known, Wrapped, Wraps};
use booth::totp::{Day, Station};
use canon::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use service::disk;

use super::error::StationError;

const SECRET_FILE: &str = "secret.json";
const LATEST_FILE: &str = "latest";
const FORM: &str = "scrutineer/station/v1";

/// The station's part of the map, and the last comparison of its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) station: Station,
    pub(super) map_sha256: Digest,
    pub(super) updated: Timestamp,
    pub(super) wraps: Wraps,
    pub(super) clock: Option<ClockCheck>,
    pub(super) ahead: Option<Ahead>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(rename = "form")]
    written_as: String,
    station: String,
    map_sha256: Digest,
    updated: Timestamp,
    /// The one day is `all` where all days have one secret.
    secrets: BTreeMap<String, String>,
    clock: Option<ClockForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ahead: Option<AheadForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AheadForm {
    until: Timestamp,
    known_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockForm {
    at: Timestamp,
    offset_ms: i64,
    agreed: u16,
    asked: u16,
}

const ALL: &str = "all";

impl State {
    /// The bytes on the disk, if the station was ever updated.
    pub(super) fn bytes(folder: &Path) -> Result<Option<Vec<u8>>, StationError> {
        let path = folder.join(SECRET_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StationError::File { path, source }),
        }
    }

    pub(super) fn read(folder: &Path, bytes: &[u8]) -> Result<Self, StationError> {
        decoded(bytes).ok_or_else(|| StationError::State(folder.join(SECRET_FILE)))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), StationError> {
        let secrets = match &self.wraps {
            Wraps::Same(wrapped) => BTreeMap::from([(ALL.to_owned(), wrapped.to_string())]),
            Wraps::Daily(days) => {
                days.iter().map(|(day, found)| (day.to_string(), found.to_string())).collect()
            }
        };
        let clock = self.clock.map(|check| {
            let ClockCheck { at, offset_ms, agreed, asked } = check;
            ClockForm { at, offset_ms, agreed, asked }
        });
        let form = Form {
            written_as: FORM.into(),
            station: self.station.to_string(),
            map_sha256: self.map_sha256,
            updated: self.updated,
            secrets,
            clock,
            ahead: self.ahead.map(|Ahead { until, known_at }| AheadForm { until, known_at }),
        };
        let bytes = serde_json::to_vec(&form).expect("texts and numbers");
        write(folder, SECRET_FILE, &bytes)
    }

    /// With the latest time that was believed in.
    pub(super) fn known(&self, latest: Timestamp) -> Known {
        let Self { station, updated, clock, ahead, .. } = self.clone();
        Known { station, updated, latest, clock, ahead }
    }
}

fn decoded(bytes: &[u8]) -> Option<State> {
    let form: Form =
        serde_json::from_slice(bytes).ok().filter(|form: &Form| form.written_as == FORM)?;
    let wraps = match form.secrets.get(ALL) {
        Some(one) if form.secrets.len() == 1 => Wraps::Same(one.parse().ok()?),
        _ => {
            let days = form.secrets.iter();
            let days =
                days.map(|(day, found)| Some((day.parse::<Day>().ok()?, found.parse().ok()?)));
            Wraps::Daily(days.collect::<Option<BTreeMap<Day, Wrapped>>>()?)
        }
    };
    let clock = form.clock.map(|form| {
        let ClockForm { at, offset_ms, agreed, asked } = form;
        ClockCheck { at, offset_ms, agreed, asked }
    });
    Some(State {
        station: form.station.parse().ok()?,
        map_sha256: form.map_sha256,
        updated: form.updated,
        wraps,
        clock,
        ahead: form.ahead.map(|AheadForm { until, known_at }| Ahead { until, known_at }),
    })
}

/// The latest time that was believed in; where there is none yet, the earliest there is.
pub(super) fn latest(folder: &Path) -> Result<Timestamp, StationError> {
    let path = folder.join(LATEST_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => text.trim_end().parse().map_err(|_| StationError::State(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Timestamp::MIN),
        Err(source) => Err(StationError::File { path, source }),
    }
}

pub(super) fn write_latest(folder: &Path, latest: Timestamp) -> Result<(), StationError> {
    write(folder, LATEST_FILE, format!("{latest}\n").as_bytes())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StationError> {
    let path = folder.join(name);
    disk::write_durably(&path, bytes).map_err(|source| StationError::File { path, source })
}
