//! A station at work.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use booth::station::{Display, Keys, Token};
use canon::Timestamp;
use service::clock::Clock;

use super::config::StationConfig;
use super::error::StationError;
use super::state::{self, State};

/// How often the time is noted down: a station that is switched off and on again with another time
/// can go back by so much.
const NOTE_S: i64 = 60;

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
}

impl Opened {
    /// Opens the token, and unwraps the secret.
    pub fn open(config: &StationConfig, clock: Arc<dyn Clock>) -> Result<Self, StationError> {
        let (folder, token) = (config.file(""), config.open_token()?);
        let opened = Self { folder, token, clock, loaded: Mutex::new(None) };
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
        let found = match loaded.take().filter(|found| found.bytes == bytes) {
            Some(found) => loaded.insert(found),
            None => loaded.insert(self.load(bytes)?),
        };
        let noted = state::latest(&self.folder)?;
        let now = self.clock.now();
        let known = found.state.known(noted.max(found.latest));
        let display = Display::of(&known, &found.keys, self.token.protection(), now);
        if display.code.is_ok() && now > found.latest {
            found.latest = now;
            if now.seconds_since(noted) >= NOTE_S {
                state::write_latest(&self.folder, now)?;
            }
        }
        Ok(display)
    }

    fn load(&self, bytes: Vec<u8>) -> Result<Loaded, StationError> {
        let state = State::read(&self.folder, &bytes)?;
        let keys = Keys::unwrap(self.token.as_ref(), &state.wraps)?;
        Ok(Loaded { bytes, state, keys, latest: Timestamp::MIN })
    }
}
