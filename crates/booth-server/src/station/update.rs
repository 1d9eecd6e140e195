//! Taking the secret from the map, and comparing the clock, when staff put the station online.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use booth::station::{Ahead, ClockCheck, Field, Keys, Wraps};
use booth::totp::Day;
use canon::{Digest, Timestamp};
use service::agent::agent;
use service::clock::Clock;

use super::commitment;
use super::config::StationConfig;
use super::error::StationError;
use super::ntp::{self, NtpError};
use super::open::NOTE_S;
use super::state::{self, State};

/// The longest map that is read.
const MAX_MAP_BYTES: u64 = 16 * 1024 * 1024;

/// For how long a map may take.
const MAP_PATIENCE: Duration = Duration::from_mins(1);

/// For how long time servers may take, all at once.
const NTP_PATIENCE: Duration = Duration::from_secs(5);

/// How far the time that the map's server tells over TLS may be from that of the time servers.
const MAX_APART: Duration = Duration::from_mins(1);

/// Where the map is taken from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The address in the configuration.
    Address,
    /// A file that somebody has brought.
    File(PathBuf),
}

/// What an update has done.
#[derive(Debug)]
pub struct Updated {
    /// Where the station stands, by the map.
    pub location: String,
    /// The digest of the map.
    pub map_sha256: Digest,
    /// The campaign that has committed to this map; nothing where the station holds it against
    /// none.
    pub committed_by: Option<String>,
    /// Whether the secret is the one that was there before.
    pub is_same_secret: bool,
    /// What the station has now.
    pub wraps: Wraps,
    /// When, as the station will show it.
    pub updated: Timestamp,
    /// What came of comparing the clock.
    pub clock: Result<ClockCheck, NtpError>,
    /// Codes of today, or of later, that the station has shown before their time.
    pub ahead: Option<Ahead>,
}

/// Takes the secret from the map, tries it in the token, compares the clock, and keeps both.
///
/// A map that is not the one that was committed to is refused before anything is read of it. A
/// secret that the token refuses is not kept; the one that was there before stays. The clock's
/// failure does not keep a new secret back.
pub fn update(
    config: &StationConfig,
    source: &Source,
    clock: &dyn Clock,
) -> Result<Updated, StationError> {
    let fetched = fetch(config, source)?;
    let committed_by = commitment::hold(config, &fetched)?;
    let from = fetched.from;
    let text = std::str::from_utf8(&fetched.bytes).unwrap_or("\u{fffd}");
    let field: Field = text.parse().map_err(|source| StationError::Map { from, source })?;
    let station = config.station();
    let (location, wraps) =
        field.find(station).ok_or_else(|| StationError::NotOnMap(station.clone()))?;
    drop(Keys::unwrap(config.open_token()?.as_ref(), wraps)?);

    let folder = config.file("");
    let before = match State::bytes(&folder)? {
        // One that cannot be read is replaced: that is what is wanted.
        Some(bytes) => State::read(&folder, &bytes).ok(),
        None => None,
    };
    let compared = ntp::compare(&config.time_servers, NTP_PATIENCE)
        .and_then(|check| agrees(check, fetched.date));
    // Before the notes are written anew: they are all that tells of a clock that was ahead.
    let ahead = ahead(&folder, before.as_ref(), wraps, compared.as_ref().ok());
    // A time that servers told holds whatever was noted before: a clock that was ahead once is
    // right again.
    let latest = match &compared {
        Ok(check) => check.at,
        Err(_) => state::latest(&folder)?.max(clock.now()),
    };
    let updated = latest;
    let clock = match &compared {
        Ok(check) => Some(*check),
        Err(_) => before.as_ref().and_then(|before| before.clock),
    };
    let is_same_secret = before.is_some_and(|before| before.wraps == *wraps);
    let map_sha256 = Digest::of(&fetched.bytes);
    let state =
        State { station: station.clone(), map_sha256, updated, wraps: wraps.clone(), clock, ahead };
    state::write_latest(&folder, latest)?;
    state.write(&folder)?;
    Ok(Updated {
        location: location.to_string(),
        map_sha256,
        committed_by,
        is_same_secret,
        wraps: state.wraps,
        updated,
        clock: compared,
        ahead: state.ahead,
    })
}

/// What is known of codes that were shown before their time, while it matters: until the last of
/// their days is over, or the map brings other secrets for them.
fn ahead(
    folder: &Path,
    before: Option<&State>,
    wraps: &Wraps,
    compared: Option<&ClockCheck>,
) -> Option<Ahead> {
    let kept = before.and_then(|before| before.ahead);
    // Notes that cannot be read are written anew; they say nothing.
    let noted = state::latest(folder).unwrap_or(Timestamp::MIN);
    // In the last minute that was not noted yet, codes were shown too.
    let found = compared
        .and_then(|check| check.ahead(noted))
        .map(|found| Ahead { until: found.until.saturating_plus_seconds(NOTE_S), ..found });
    let ahead = match (kept, found) {
        (Some(kept), Some(found)) => Ahead { until: kept.until.max(found.until), ..kept },
        (kept, found) => kept.or(found)?,
    };
    let is_over = compared.is_some_and(|check| !ahead.matters_on(Day::of(check.at)));
    let is_same = before.is_none_or(|before| ahead.concerns(&before.wraps, wraps));
    (is_same && !is_over).then_some(ahead)
}

pub(super) struct Fetched {
    pub(super) from: String,
    pub(super) bytes: Vec<u8>,
    /// What a server told over TLS, which whoever has the network cannot change.
    pub(super) date: Option<SystemTime>,
}

fn fetch(config: &StationConfig, source: &Source) -> Result<Fetched, StationError> {
    if let Source::File(path) = source {
        let bytes = std::fs::read(path)
            .map_err(|source| StationError::File { path: path.clone(), source })?;
        return Ok(Fetched { from: path.display().to_string(), bytes, date: None });
    }
    fetch_from(&config.map, MAX_MAP_BYTES)
}

/// What stands at an address.
pub(super) fn fetch_from(url: &str, most: u64) -> Result<Fetched, StationError> {
    let failed = |why: String| StationError::Fetch { url: url.to_owned(), why };
    let answer = agent(MAP_PATIENCE).get(url).call();
    let mut answer = answer.map_err(|error| failed(error.to_string()))?;
    if answer.status().as_u16() != 200 {
        return Err(failed(format!("status {}, not 200", answer.status().as_u16())));
    }
    let date = answer.headers().get("date").and_then(|found| found.to_str().ok());
    let date = date.and_then(|text| httpdate::parse_http_date(text).ok());
    let date = date.filter(|_| url.starts_with("https://"));
    let body = answer.body_mut().with_config().limit(most).read_to_vec();
    let bytes = body.map_err(|error| failed(error.to_string()))?;
    Ok(Fetched { from: url.to_owned(), bytes, date })
}

/// Whether the time servers agree with the map's server.
fn agrees(check: ClockCheck, date: Option<SystemTime>) -> Result<ClockCheck, NtpError> {
    let Some(date) = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok()) else {
        return Ok(check);
    };
    let apart = Duration::from_secs(check.at.unix_u64().abs_diff(date.as_secs()));
    if apart > MAX_APART {
        Err(NtpError::Contradicted { seconds: apart.as_secs() })
    } else {
        Ok(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attack: whoever has the network answers for all time servers. They cannot answer for
    /// the map's server, which speaks TLS.
    #[test]
    fn time_servers_that_all_lie_are_contradicted() {
        let at = Timestamp::from_unix(1_800_000_000).unwrap();
        let check = ClockCheck { at, offset_ms: 0, agreed: 3, asked: 3 };
        let date = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(agrees(check, None), Ok(check));
        assert_eq!(agrees(check, date(1_800_000_060)), Ok(check));
        let contradicted = Err(NtpError::Contradicted { seconds: 61 });
        assert_eq!(agrees(check, date(1_800_000_061)), contradicted);
        assert_eq!(agrees(check, date(1_799_999_939)), contradicted);
    }
}
