//! The station: the device in a booth that shows codes.
//!
//! In scope: its folder, its token, fetching the deployment map, comparing the clock with time
//! servers, and the page for a kiosk. Out of scope: what is shown and when it is not
//! ([`booth::station`]), and the terminal.
//!
//! ```text
//! station.toml    what it is told                                [`StationConfig`]
//! secret.json     its wrapped secret, since when, and the last comparison of the clock
//! latest          the latest time that it had reason to believe in
//! ```
//!
//! Nothing in the folder is a secret, but where it stands in for a token during development.

mod commitment;
mod config;
mod error;
mod init;
mod map;
pub mod ntp;
mod open;
mod page;
mod state;
#[cfg(test)]
mod tests;
mod update;
mod watched;
mod words;

pub use config::{CONFIG_FILE, StationConfig};
pub use error::StationError;
pub use init::{NewStation, Socket, init};
pub use map::{Built, MapConfig, build_map, read_wrapping_key};
pub use open::Opened;
pub use page::serve;
pub use update::{Source, Updated, update};
pub use watched::Watched;
pub use words::{Screen, known_ahead};
