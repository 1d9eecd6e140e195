//! What every server of this binary needs around it: a runtime, and its diary on stderr.

use std::future::Future;
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::message::{Failure, Outcome};

/// Runs a server to its end. `RUST_LOG` says how much it tells.
pub(crate) fn run(server: impl Future<Output = Outcome>) -> Outcome {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(format_args!("cannot start the server's threads: {error}"))
            .hint("check the limits on processes and memory")
    })?;
    runtime.block_on(server)
}
