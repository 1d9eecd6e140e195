//! What every server needs: HTTP, limits, clock, metrics, storage.
//!
//! In scope: everything a server does that has nothing to do with elections. Out of scope: the
//! rules of any role. The roles are state machines without I/O; this crate hands them the clock,
//! randomness, disk and network, so that a test can hand them others.
//!
//! - [`http`] accepts connections, bounds them, and turns every error into one JSON form;
//! - [`agent`] asks other servers over HTTP;
//! - [`tls`] reads the certificates and keys that connections are encrypted by;
//! - [`limits`] are the figures that keep a slow or greedy client from hurting the others;
//! - [`store`] holds published objects: created once, never changed;
//! - [`disk`] is the handful of file operations that a write-ahead log makes;
//! - [`dumps`] keeps what a process holds in memory off the disk when it crashes;
//! - [`folder`] makes folders for secrets, and refuses those that others have a hand in;
//! - [`lock`] keeps two processes out of one folder;
//! - [`config`] reads one strict TOML file, [`clock`], [`random`], [`metrics`] and [`stop`] are
//!   what their names say.

pub mod agent;
pub mod clock;
pub mod config;
pub mod disk;
pub mod dumps;
pub mod folder;
pub mod http;
pub mod limits;
pub mod lock;
pub mod metrics;
pub mod random;
pub mod stop;
pub mod store;
pub mod tls;
