//! A station at work.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use booth::station::{Display, Keys, Pace, Token};
use canon::Timestamp;
use service::clock::Clock;

use super::config::StationConfig;
use super::error::StationError;
use super::state::{self, State};

/// How often the time is noted down: a station that is switched off and on again with another time
/// can go back by so much.
pub(super) const NOTE_S: u64 = 60;

/// A station with its token, which can show codes.
pub struct Opened {
    folder: PathBuf,
    token: Box<dyn Token>,
    clock: Arc<dyn Clock>,
    loaded: Mutex<Option<Loaded>>,
}

/// What the file of the secret held when it was last looked at.
struct Loaded {
    bytes: Vec<u8>,
    state: State,
    keys: Keys,
    /// The latest time shown, in this process.
    latest: Timestamp,
    /// The clock since the first code that was shown after it was compared.
    pace: Option<Pace>,
}

impl Opened {
    /// Opens the token, and unwraps the secret.
    pub fn open(config: &StationConfig, clock: Arc<dyn Clock>) -> Result<Self, StationError> {
        Self::with(config, config.open_token()?, clock)
    }

    /// The same with a token of the caller's, in the place of the configuration's.
    pub fn with(
        config: &StationConfig,
        token: Box<dyn Token>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StationError> {
        let opened = Self { folder: config.file(""), token, clock, loaded: Mutex::new(None) };
        opened.display()?;
        Ok(opened)
    }

    /// What is shown now. An update that was made meanwhile is taken up.
    ///
    /// Fails, and then no code is to be shown, also when the time cannot be noted down: a clock
    /// that was set back could not be told otherwise.
    pub fn display(&self) -> Result<Display, StationError> {
        let bytes = State::bytes(&self.folder)?.ok_or(StationError::NeverUpdated)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match loaded.take() {
            Some(found) if found.bytes == bytes => loaded.insert(found),
            before => {
                let mut found = self.load(bytes)?;
                // An update that compared nothing says nothing about the clock.
                let same = before.filter(|before| before.state.clock == found.state.clock);
                found.pace = same.and_then(|before| before.pace);
                loaded.insert(found)
            }
        };
        let noted = state::latest(&self.folder)?;
        let (now, uptime_s) = (self.clock.now(), self.clock.uptime_s());
        let known = found.state.known(noted.max(found.latest));
        let mut display = Display::of(&known, &found.keys, self.token.protection(), now);
        if display.code.is_ok() {
            let pace = found.pace.get_or_insert(Pace::new(now, uptime_s));
            if let Err(refused) = pace.hold(now, uptime_s) {
                display.code = Err(refused);
            }
        }
        if display.code.is_ok() && now > found.latest {
            found.latest = now;
            if now.seconds_since(noted) >= NOTE_S.cast_signed() {
                state::write_latest(&self.folder, now)?;
            }
        }
        Ok(display)
    }

    fn load(&self, bytes: Vec<u8>) -> Result<Loaded, StationError> {
        let state = State::read(&self.folder, &bytes)?;
        let keys = Keys::unwrap(self.token.as_ref(), &state.wraps)?;
        Ok(Loaded { bytes, state, keys, latest: Timestamp::MIN, pace: None })
    }
}
