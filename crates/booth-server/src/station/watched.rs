//! A station that is asked by a program which goes on when the token hangs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::error::StationError;
use super::open::Opened;
use super::words::Screen;

/// For how long an answer is waited for. The code on a screen must not stay there any longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A station, asked by one at a time. A token that hangs keeps one thread, however often it is
/// asked, and whoever asks hears in time that it does not answer.
pub struct Watched {
    station: Arc<Opened>,
    patience: Duration,
    /// The question that is under way.
    asking: Mutex<Option<JoinHandle<Screen>>>,
}

impl Watched {
    /// With three seconds for an answer.
    pub fn new(station: Opened) -> Self {
        Self::with_patience(station, PATIENCE)
    }

    /// With another time.
    pub fn with_patience(station: Opened, patience: Duration) -> Self {
        Self { station: Arc::new(station), patience, asking: Mutex::new(None) }
    }

    /// What stands on the screen now.
    pub async fn screen(&self) -> Screen {
        let answer = tokio::time::timeout(self.patience, self.answer()).await;
        answer.unwrap_or_else(|_| Screen::of(Err(StationError::Silent)))
    }

    /// Where nobody waits any more, the question stays under way, and the next one waits for it.
    async fn answer(&self) -> Screen {
        let mut asking = self.asking.lock().await;
        if let Some(earlier) = asking.as_mut() {
            // Nobody waited for its answer, so that is old.
            let _ = earlier.await;
            *asking = None;
        }
        let station = Arc::clone(&self.station);
        let question = tokio::task::spawn_blocking(move || Screen::of(station.display()));
        let answer = asking.insert(question).await;
        *asking = None;
        // It fails where the program ends meanwhile, or where the token's module panics.
        answer.unwrap_or_else(|_| Screen::of(Err(StationError::Silent)))
    }
}
